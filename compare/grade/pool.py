"""Some processes that grade, each with a sandbox of its own; a fault of one is a result that says so, and no zero."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from compare.grade.assignment import Assignment
from compare.grade.result import Result
from compare.grade.submitted import Submitted

TOGETHER = 16  # submissions at most whose right answers are worked out at once
AHEAD = 2  # such lots for each process, one of which waits
SECONDS = 1.0  # after which no more of a lot are begun: what is done is soon told, and kept
TRIES = 2  # of a submission in whose company a process was lost
START = "spawn"  # torch is never forked

_mine: dict[str, Any] = {}  # the grader of this process, in the processes that grade


def usual_processes() -> int:
    """One more than there are processors: while one waits for its submission, another judges (``make bench``)."""
    return 1 + (os.cpu_count() or 1)


def results(
    submissions: Sequence[Submitted], assignment: Assignment, processes: int, unsafe: bool
) -> Iterator[tuple[Submitted, Result]]:
    """Each as it comes.

    Where a process is lost, those that were under way are tried again, one by one: whoever loses two is not graded.
    """
    tries = dict.fromkeys(range(len(submissions)), 0)
    while tries:
        suspects = [number for number, times in tries.items() if times]
        together = 1 if suspects else min(TOGETHER, 1 + len(tries) // (processes * AHEAD))
        round_ = _Round(submissions, assignment, unsafe, 1 if suspects else processes, together)
        for number, text in round_.graded(suspects or list(tries)):
            del tries[number]
            yield submissions[number], Result.from_json(text)
        for number in round_.lost:
            tries[number] += 1
            if tries[number] == TRIES:
                del tries[number]
                yield submissions[number], not_graded(submissions[number], "the process that graded it was lost, twice")


@dataclass
class _Round:
    """Grades until a process is lost; ``lost``: what was under way then."""

    submissions: Sequence[Submitted]
    assignment: Assignment
    unsafe: bool
    processes: int
    together: int
    lost: list[int] = field(default_factory=list)

    def graded(self, numbers: Sequence[int]) -> Iterator[tuple[int, str]]:
        """The numbers of submissions, and their results."""
        context = multiprocessing.get_context(START)
        begin = (self.assignment.model_dump_json(), self.unsafe)
        pool = ProcessPoolExecutor(self.processes, context, _begin, begin)
        under_way: dict[Future[list[str]], list[int]] = {}
        try:
            yield from self._with(pool, deque(numbers), under_way)
        except BrokenProcessPool:
            self.lost += chain(*under_way.values())
        finally:
            if under_way:  # it was broken off: nobody waits for what is under way
                for process in multiprocessing.active_children():
                    process.terminate()
            pool.shutdown(cancel_futures=True)

    def _with(
        self, pool: ProcessPoolExecutor, left: deque[int], under_way: dict[Future[list[str]], list[int]]
    ) -> Iterator[tuple[int, str]]:
        most = 1 if self.processes == 1 else self.processes * AHEAD
        while True:
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # for a process that is started now
            while left and len(under_way) < most:
                lot = [left.popleft() for _ in range(min(self.together, len(left)))]
                under_way[pool.submit(_grade, [vars(self.submissions[number]) for number in lot])] = lot
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            if not under_way:
                return
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                texts = future.result()
                lot = under_way.pop(future)
                left.extendleft(reversed(lot[len(texts) :]))  # there was no time for them in that lot
                yield from zip(lot, texts, strict=False)


def _begin(assignment: str, unsafe: bool) -> None:
    """In each process: the grader, with its own warm process for submissions."""
    import torch  # noqa: PLC0415 - in the processes that grade only, as the next two

    from compare.grade.judging.grader import Grader  # noqa: PLC0415
    from compare.grade.sandbox import Sandbox  # noqa: PLC0415

    def end(*_: object) -> None:
        sandbox.close()
        os._exit(1)

    torch.set_num_threads(1)
    sandbox = Sandbox(unsafe=unsafe)
    threading.Thread(target=_end_with_parent, args=(end,), daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the first process's to answer
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, end)
    _mine["grader"] = Grader(Assignment.model_validate_json(assignment), sandbox)
    gc.freeze()  # torch's own objects stay, and need not be looked through


def _end_with_parent(end: Callable[[], None]) -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        end()


def _grade(lot: list[dict[str, Any]]) -> list[str]:
    """The results of the first of them, as JSON: of as many as there is time for together, and at least one."""
    several = [Submitted(**one) for one in lot]
    try:
        return [result.as_json() for result in _mine["grader"].results(several, SECONDS)]
    except Exception:
        return [_alone(one).as_json() for one in several]  # so it is seen whose grading goes wrong


def _alone(one: Submitted) -> Result:
    """Whatever goes wrong with the grader itself is told in the result."""
    try:
        result: Result = _mine["grader"].result(one)
    except Exception as e:
        frame = traceback.extract_tb(e.__traceback__)[-1]
        where = f"{frame.filename.rpartition('/')[2]}, line {frame.lineno}"
        return not_graded(one, f"{type(e).__name__}: {' '.join(str(e).split())[:200]} ({where})")
    return result


def not_graded(submitted: Submitted, why: str) -> Result:
    """A fault of the grader's own."""
    return Result(submitted.student, "not graded", [], f"not graded, tell the teacher: the grader broke off ({why})")
