"""Somebody's own implementation, as the harness sees it: started, asked about cases, and closed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from types import TracebackType

import numpy as np

from compare.diagnosis.case import Case, Fault, Observed
from compare.submission.answers import Answer
from compare.submission.asking import ask
from compare.submission.conventions import NIELSEN, ConventionError, Conventions
from compare.submission.host import Host, SubmissionError
from compare.submission.network_class import METHODS
from compare.submission.observing import Observation


class Submission:
    """A file in a process of its own. It is a context manager, which closes it; ``start`` makes one."""

    def __init__(self, host: Host, conventions: Conventions) -> None:
        self._host, self.conventions = host, conventions

    @classmethod
    def start(
        cls,
        path: str | Path,
        adapter: str | Path | None = None,
        conventions: Conventions | None = None,
        seconds: float = 10.0,
    ) -> Submission:
        """Load the file, and its adapter if it has one; no call, nor the loading, may take more than ``seconds``.

        The conventions are those given here, else those that the adapter or the file states, else Nielsen's for a
        class Network, else the canonical ones. Raises SubmissionError if the file cannot be run at all, ValueError if
        ``seconds`` is not above 0 and at most a day.
        """
        host = Host(Path(path), None if adapter is None else Path(adapter), seconds)
        try:
            return cls(host, conventions or own_conventions(host))
        except ConventionError as e:
            host.close()
            raise SubmissionError(str(e), str(adapter or path)) from e

    @property
    def offers(self) -> frozenset[str]:
        """The functions that it has, as far as is known: one that is not written is seen when it is called."""
        return frozenset(self._host.offers)

    @property
    def network(self) -> str:
        """The name of the class that its functions are the methods of; "" if there is none."""
        return self._host.network

    @property
    def warnings(self) -> tuple[str, ...]:
        """What Python and NumPy warned of in its calls, each text once."""
        return tuple(self._host.warnings)

    @property
    def printed(self) -> str:
        """The last 2,000 characters of what its process printed, to either stream."""
        return self._host.worker.printed

    def with_conventions(self, conventions: Conventions) -> Submission:
        """The same process, asked in another form. Closing one of them closes both."""
        return Submission(self._host, conventions)

    def observe(self, case: Case, functions: Collection[str] | None = None) -> Observed:
        """All that it shows of the case, by ``functions`` only if given.

        What is wrong is among the faults, and left out of the trace. Raises ConventionError if the case cannot be put
        in the stated form, SubmissionError if the file, once killed, no longer starts, ValueError after ``close``.
        """
        observation = Observation(self._host, self.conventions, case)
        for name in METHODS:
            if name in self.offers and (functions is None or name in functions):
                getattr(observation, name)()
        return observation.observed

    def call(self, name: str, z: np.ndarray) -> tuple[np.ndarray | None, list[Fault]]:
        """sigmoid or sigmoid_prime of an array: one of the same shape, None if it gives none; and the faults."""
        faults: list[Fault] = []
        if name not in self.offers:
            return None, faults
        values = self._called(name, z, faults)
        if values is None and z.ndim == 1 and any(fault.kind == "raised" for fault in faults):
            return next(filter(_tells, self._otherwise(name, z)), (None, faults))
        return values, faults

    def _otherwise(self, name: str, z: np.ndarray) -> Iterator[tuple[np.ndarray | None, list[Fault]]]:
        """It may be written for columns, as those that a class Network passes on, or for one number at a time."""
        faults: list[Fault] = []
        column = self._called(name, z[:, None], faults)
        yield (None if column is None else column[:, 0]), faults
        numbers, faults = [], []
        for one in z:
            if (value := self._called(name, one, faults)) is None:
                break
            numbers.append(value)
        yield (np.array(numbers) if len(numbers) == len(z) else None), faults

    def _called(self, name: str, z: np.ndarray | np.generic, faults: list[Fault]) -> np.ndarray | None:
        finite, place = bool(np.isfinite(z).all()), self._host.offers[name]
        answer = Answer(name, z.dtype, place, "an array of the shape of z", finite=finite, faults=faults)
        returned = ask(self._host, answer, {"z": z})
        if returned is None:
            return None
        if returned.shares:
            answer.fault("views", f"{name} returned a view of its argument; return a new array")
        return answer.array(returned.value, f"{name}(z)", z.shape)

    def close(self) -> None:
        """End the process, and all that it started."""
        self._host.close()

    def __enter__(self) -> Submission:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _tells(answer: tuple[np.ndarray | None, list[Fault]]) -> bool:
    """Whether there are values, or would be but for an overflow."""
    values, faults = answer
    return values is not None or any(fault.overflow for fault in faults)


def own_conventions(host: Host) -> Conventions:
    """Those that the file states, else Nielsen's for a class Network, else canonical ones. Raises ConventionError."""
    return Conventions.parse(_mapping(host.stated), NIELSEN if host.network else Conventions())


def _mapping(stated: object) -> dict[str, object]:
    """What the file states, as far as it came over. Raises ConventionError if its keys are no strings."""
    if stated is not None and not isinstance(stated, dict):
        raise ConventionError("the dict `conventions` has keys that are no strings")
    return stated or {}
