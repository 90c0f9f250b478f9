"""One call of somebody's function: what went wrong with the call itself, and the value if it returned one."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from compare.submission.answers import Answer
from compare.submission.host import Host
from compare.submission.network_class import UPDATE
from compare.submission.process import Endless, Silence

CLOSE = 2.0**10  # in units of the last place: an answer that is farther from another is another


class Returned(NamedTuple):
    """A value, and which arrays of it, by their indices, share memory with which argument."""

    value: Any
    shares: list[tuple[list[int], str]]


def ask(
    host: Host, answer: Answer, arguments: dict[str, Any], sizes: tuple[int, ...] = (), repeat: bool = False
) -> Returned | None:
    """What the function returns, or None where there is nothing, and ``answer`` has the fault.

    A function that is not written is no fault; it leaves the host's offers. With ``repeat`` it is called twice.
    """
    request = {"function": answer.function, "arguments": arguments, "sizes": list(sizes)}
    if (reply := _reply(host, answer, request)) is None:
        return None
    _tell_edits(answer, reply["modified"])
    value = _value(reply)
    if repeat and (again := _reply(host, answer, request)) is not None and not same(value, _value(again)):
        sentence = f"{answer.function}, called twice with the same arguments, gave two answers"
        answer.fault("state", f"{sentence}: it keeps something from call to call, or draws random numbers")
    if value is None:
        expected = f"expected {answer.expected}" if answer.expected else "expected an array"
        sentence = f"{answer.function} returned None; {expected}: is the return statement missing?"
        answer.fault("none", sentence)
        return None
    return Returned(value, [(list(path), argument) for path, argument in reply["shares"]])


def _reply(host: Host, answer: Answer, request: dict[str, Any]) -> dict[str, Any] | None:
    try:
        reply = host.ask(request)
    except Silence as e:
        _tell_silence(host, answer, e)
        return None
    if (error := reply.get("error")) is None:
        return reply
    if error["kind"] == "unwritten":
        host.offers.pop(answer.function, None)
        return None
    answer.fault(error["kind"], _sentence(answer.function, error), place=error["place"])
    return None


def _sentence(function: str, error: dict[str, Any]) -> str:
    if error["kind"] == "network":
        return str(error["message"])
    if error["kind"] == "size":
        return f"{function} returned more than can be taken: {error['message']}"
    return f"{function} raised {error['type']}" + (f": {error['message']}" if error["message"] else "")


def _tell_silence(host: Host, answer: Answer, silence: Silence) -> None:
    if isinstance(silence, Endless):
        limit = f"{answer.function} had not returned after {host.seconds:g} s"
        answer.fault("endless", f"{limit}; if it needs longer, give more with --seconds", place=silence.place)
    else:
        answer.fault("died", f"{answer.function} gave no answer: {silence}", place=silence.place)


def _tell_edits(answer: Answer, modified: list[str]) -> None:
    edited = [m for m in modified if answer.function != UPDATE or not m.startswith(("weights", "biases"))]
    if edited:
        sentence = f"{answer.function} edited its arguments in place ({', '.join(edited[:4])})"
        answer.fault("modified", f"{sentence}; work on copies")


def _value(reply: dict[str, Any]) -> Any:
    """The value; where there is none, the parameters that were edited in place."""
    edits = reply["edits"]
    return (edits["weights"], edits["biases"]) if edits else reply["value"]


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same but for the rounding of one sum taken in another order."""
    if isinstance(one, list | tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    if not isinstance(one, float | np.ndarray | np.generic):
        return bool(one == other)
    a, b = np.asarray(one), np.asarray(other)
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if not np.issubdtype(a.dtype, np.floating):
        return bool(np.array_equal(a, b))
    finite = np.isfinite(a)
    reach = CLOSE * np.finfo(a.dtype).eps * np.max(np.abs(a[finite]), initial=0)
    return bool(np.all((a == b) | (np.isnan(a) & np.isnan(b)) | (np.abs(a - b) <= reach)))
