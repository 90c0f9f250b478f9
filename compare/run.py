"""The main job: train both networks on the same mini-batches, judge every step, and tell how it went."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field

import numpy as np
import torch

from compare.contract import violations
from compare.drift import Drift
from compare.evaluate import Evaluation, evaluate
from compare.free_run import FreeRun, stacked
from compare.judge import Judge
from compare.listener import Listener, Moment
from compare.precision import PRECISIONS, TF32
from compare.problem import Problem
from compare.ratio import Ratios
from compare.reference import Reference
from compare.side import ScratchSide, Side
from compare.verdict import Verdict
from scratch.cost import one_hot
from scratch.network import Parameters, feedforward
from torch_ref.data import Dataset
from torch_ref.device import deterministic, pick_device, use_tf32
from torch_ref.network import COST_FACTORS
from torch_ref.processes import Processes
from torch_ref.threads import one_thread

JUDGED_SAMPLE = 100  # of these the outputs that accuracy is measured by are checked, too
TRAINING_SAMPLE = 10_000  # so many training examples the accuracy on training data is measured on


@dataclass
class Report:
    """All that is known at the end of a run."""

    problem: Problem
    total_steps: int
    verdict: Verdict
    drift: Drift
    epochs: list[dict[str, Evaluation]] = field(default_factory=list)
    seconds: float = 0.0
    interrupted: bool = False
    deterministic: bool = False  # whether torch was held to algorithms that give the same bits each time


class Run:
    """One run of a problem. ``side`` takes the place of the hand-written network, if it is given."""

    def __init__(
        self, problem: Problem, data: Dataset, listeners: Sequence[Listener] = (), side: Side | None = None
    ) -> None:
        """Raises ProblemError if the data do not suffice, DeviceError if the device is not there."""
        self.problem, self.data, self.listeners = problem, data, listeners
        self.training = problem.training(data)
        start, cost, dtype = problem.start(), problem.quadratic_cost, np.dtype(problem.dtype)
        device = pick_device(problem.device, torch.from_numpy(start.vector).dtype)
        use_tf32(problem.tf32)
        precision = PRECISIONS[problem.dtype]
        self.side = side or ScratchSide(start, cost, problem.eta)
        expected_precision = TF32 if problem.tf32 else precision
        self.free_run = FreeRun(problem, start, device, precision, expected_precision)
        self.judge = Judge(
            Reference(problem.sizes, COST_FACTORS[problem.cost], dtype, device),
            problem.eta,
            actual_precision=precision,
            expected_precision=expected_precision,
            latest=stacked(start.weights, start.biases),
        )
        self.judge.reference_start(stacked(*self.free_run.trainer.net.read_arrays()))
        steps = -(-len(self.training) // problem.batch_size) * problem.epochs
        self._latest: Moment  # the hand-written network after the last step of the latest block
        self.report = Report(problem, steps, self.judge.verdict, self.free_run.drift)

    def go(self) -> Report:
        """Train and judge to the end, to a Ctrl-C, or to the step where training is no longer finite.

        Raises LostError where one of several processes ends.
        """
        began = time.perf_counter()
        with ExitStack() as stack:
            for listener in self.listeners:
                stack.callback(listener.close)
            stack.enter_context(one_thread())
            stack.enter_context(deterministic(self.free_run.device))
            self.report.deterministic = torch.are_deterministic_algorithms_enabled()
            stack.enter_context(np.errstate(over="ignore", invalid="ignore"))  # the judge says what is not finite
            pool = ThreadPoolExecutor(1, initializer=torch.set_num_threads, initargs=(1,))
            try:
                if self.problem.processes > 1:
                    self.judge.reference = self._shared(stack)
                self._train(stack.enter_context(pool))
            except KeyboardInterrupt:
                self.report.interrupted = True
        self.report.seconds = time.perf_counter() - began
        return self.report

    def _shared(self, stack: ExitStack) -> Reference:
        sizes, factor, dtype = self.problem.sizes, COST_FACTORS[self.problem.cost], self.problem.dtype
        processes = stack.enter_context(closing(Processes(sizes, factor, dtype, self.problem.processes)))
        return Reference(sizes, factor, np.dtype(dtype), processes=processes)

    def _train(self, pool: ThreadPoolExecutor) -> None:
        """One block is judged while the next is trained."""
        for listener in self.listeners:
            listener.start(self.report.total_steps, self.free_run.trainer.net, self.training.head(1).images / 255)
        step, pending = 0, Future[Ratios]()
        pending.set_result({})
        for epoch, block in self.problem.blocks(self.training):
            if epoch > 1 + len(self.report.epochs):
                self._evaluate(step)
            before, trace = self.side.advance(block)
            self._collect(step, pending)
            if self.report.verdict.diverged_at is not None:
                return
            if any(violations(trace, "actual", before, block, self.problem.sizes)):
                self.judge.block(block, before, trace)
                return
            step += len(block.x)
            pending = pool.submit(self.judge.block, block, before, trace)
            self._latest, theirs = self.free_run.advance(block, step, trace)
            self.judge.reference_step(self.free_run.wrong)
            for listener in self.listeners:
                listener.trained(step, self._latest, theirs, self.report.drift.last)
        self._collect(step, pending)
        self._evaluate(step)

    def _collect(self, step: int, pending: Future[Ratios]) -> None:
        if found := pending.result():
            for listener in self.listeners:
                listener.checked(step, found)

    def _evaluate(self, step: int) -> None:
        """Both networks at the end of an epoch: on a sample of the training data, on validation and on test data."""
        parameters = Parameters.of(self._latest.weights, self._latest.biases)
        net, device = self.free_run.trainer.net, self.free_run.device

        def torch_ref(x: np.ndarray) -> np.ndarray:
            with torch.no_grad():
                return net(torch.from_numpy(x).to(device)).cpu().numpy()

        sets = {
            "training": self.training.head(TRAINING_SAMPLE),
            "validation": self.data.validation,
            "test": self.data.test,
        }
        cost, dtype = self.problem.quadratic_cost, np.dtype(self.problem.dtype)
        found = {
            name: evaluate(examples, lambda x: feedforward(parameters, x)[-1], torch_ref, cost, dtype)
            for name, examples in sets.items()
        }
        self._judge_output(parameters)
        self.report.epochs.append(found)
        for listener in self.listeners:
            listener.evaluated(step, len(self.report.epochs), found)

    def _judge_output(self, parameters: Parameters) -> None:
        """The hand-written way forward that accuracy is measured by, on a few examples."""
        few, dtype = self.training.head(JUDGED_SAMPLE), np.dtype(self.problem.dtype)
        x, y = np.divide(few.images, 255, dtype=dtype), one_hot(few.labels, dtype=dtype)
        latest, a = stacked(self._latest.weights, self._latest.biases), feedforward(parameters, x)[-1]
        expected = self.free_run.reference.trace(latest, x[None], y[None])  # the judge's may be at work
        self.judge.output(latest, x[None], y[None], a[None], expected)
