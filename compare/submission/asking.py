"""One call of somebody's function: what went wrong with the call itself, and the value if it returned one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from compare.submission.answers import Answer
from compare.submission.host import Host
from compare.submission.network_class import UPDATE
from compare.submission.process import Endless, Silence

NO_INPUT = ("EOFError", "EOF when reading a line")  # of input(), where standard input is at its end


class Returned(NamedTuple):
    """A value, and which arrays of it, by their indices, share memory with which argument."""

    value: Any
    shares: list[tuple[list[int], str]]


def ask(host: Host, answer: Answer, arguments: dict[str, Any], sizes: tuple[int, ...] = ()) -> Returned | None:
    """What the function returns, or None where there is nothing, and ``answer`` has the fault.

    A function that is not written is no fault; it leaves the host's offers.
    """
    request = {"function": answer.function, "arguments": arguments, "sizes": list(sizes)}
    if (reply := _reply(host, answer, request)) is None:
        return None
    _tell_edits(answer, reply["modified"])
    value = _value(reply)
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
    answer.fault(
        _kind(error, request["arguments"]),
        _sentence(answer.function, error, bool(host.network), list(request["arguments"])),
        place=error["place"],
    )
    return None


def _kind(error: dict[str, Any], arguments: Collection[str]) -> str:
    """That of the worker, or what the error tells: "input", or "signature" if the call could not be made."""
    if error["kind"] != "raised":
        return str(error["kind"])
    if error["type"] == "TypeError" and error["place"] is None and " argument" in error["message"]:
        return "signature"
    if _in_another_order(error, arguments):
        return "signature"
    return "input" if (error["type"], error["message"]) == NO_INPUT else "raised"


def _in_another_order(error: dict[str, Any], arguments: Collection[str]) -> bool:
    taken = error.get("parameters", [])[: len(arguments)]
    return taken != list(arguments) and sorted(taken) == sorted(arguments)


def _sentence(function: str, error: dict[str, Any], network: bool, arguments: list[str]) -> str:
    message, kind = one_line(error["message"]), _kind(error, arguments)
    if kind == "signature":
        return _of_signature(function, error, network, arguments)
    if kind == "input":
        return f"{function} asks for input, and there is nobody to type it; give the value as a constant or an argument"
    if error["kind"] == "network":
        return message
    if error["kind"] == "size":
        return f"{function} returned more than can be taken: {message}"
    return f"{function} raised {one_line(error['type'])}" + (f": {message}" if message else "")


def _of_signature(function: str, error: dict[str, Any], network: bool, arguments: list[str]) -> str:
    why = one_line(error["message"])
    if _in_another_order(error, arguments):
        why = f"it takes {', '.join(error['parameters'])}"
    called = [name for name in arguments if name not in ("weights", "biases")] if network else arguments
    called = ["mini_batch", "eta"] if network and function == UPDATE else called
    way_out = "as in Nielsen's Network" if network else "as in `backproof template`"
    return (
        f"{function} is called as {function}({', '.join(called)}), but {why}; "
        f"write it {way_out}, or give --adapter a file with one that calls yours"
    )


def one_line(words: str) -> str:
    """Somebody's words as they can be shown: without line breaks, and without what moves a terminal's cursor."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())


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
