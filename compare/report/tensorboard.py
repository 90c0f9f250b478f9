"""Owns what a run logs to TensorBoard: three folders of curves, histograms and pictures.

``scratch`` and ``torch_ref`` have the same tags, so that their curves lie over each other:

    cost/mini-batch             of the latest mini-batch, before its step
    gradient norm/layer 1       ‖∂C/∂(w^l, b^l)‖ of that mini-batch, for each layer
    gradient norm/all layers
    accuracy/test               also /training (on a sample) and /validation, at the end of each epoch
    cost/test                   likewise
    weights/layer 1             histograms, for each layer, at the end of each epoch
    biases/layer 1
    nabla_w/layer 1
    nabla_b/layer 1
    first layer/weights         a picture: a tile for each neuron, 0 is mid-grey (only where images have 28 × 28 pixels)
    first layer/learned         likewise, less the weights at the start: what training has added

``compare`` has what lies between them:

    ratio/nabla_w[1]            the largest difference in units of its bound since the point before, for each tensor
    drift/relative distance     of the two networks, each training on its own
    different digits/test       how many examples the two name differently; also /training and /validation
    first layer/white of weights, first layer/white of learned   the weight that both sides' pictures show white
    final/accuracy of scratch, final/accuracy of torch_ref, final/worst ratio, final/drift   with the hyperparameters

and the graph of the torch network. Logging must not dominate the run: what is cheap is sampled once a block of steps,
but not more often than every ``every`` steps, what is not once an epoch. Only the ratios leave out no step.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from torch.utils.tensorboard.summary import hparams

from compare.drift import norm
from compare.evaluate import Evaluation
from compare.listener import Layers, Moment
from compare.problem import Problem
from compare.ratio import Ratios
from compare.report.events import Events
from compare.report.pictures import PIXELS, grid, white
from torch_ref.network import SigmoidMLP

EVERY = 32  # steps: half a full block, so that only the rest of an epoch is passed over, and blocks of large networks


class TensorBoardLog:
    """Listens to one run of ``problem`` and logs it under ``folder``. Every method raises LogError if it cannot."""

    def __init__(self, folder: Path, problem: Problem, every: int = EVERY) -> None:
        """Makes the three event files."""
        self.problem, self.every = problem, every
        self._sides = [Events(folder / name) for name in SIDES]
        self._compare = Events(folder / "compare")
        self._beginning = problem.start().weights[0] if problem.n_inputs == PIXELS else None
        self._moments: tuple[Moment, Moment] | None = None
        self._sampled = {"trained": 0, "checked": 0}  # the step of the latest point
        self._unsampled: tuple[int, dict[str, float]] = 0, {}  # the largest ratios since that point, up to a step
        self._final: dict[str, float] = dict.fromkeys(METRICS, math.nan)
        self._epochs = 0

    def start(self, total_steps: int, net: SigmoidMLP, x: np.ndarray) -> None:
        """Log the graph, and the hyperparameters with the names of the metrics that will come at the end."""
        self._compare.graph(net, x)
        experiment, session_start, self._session_end = hparams(hyperparameters(self.problem), self._final)
        for summary in (experiment, session_start):
            self._compare.add_summary(summary)

    def trained(self, step: int, scratch: Moment, torch_ref: Moment, drift: float) -> None:
        """Remember both moments for the end of the epoch; log costs, gradients and drift now and then."""
        self._moments = scratch, torch_ref
        self._final["final/drift"] = drift
        if self._due("trained", step):
            for events, moment in zip(self._sides, self._moments, strict=True):
                events.scalars({"cost/mini-batch": moment.cost, **gradient_norms(moment)}, step)
            self._compare.scalars({"drift/relative distance": drift}, step)

    def checked(self, step: int, ratios: Ratios) -> None:
        """Keep the largest ratios, and log them now and then."""
        found = {f"ratio/{key.name}[{key.layer}]": float(r.max()) for key, r in ratios.items()}
        old = self._unsampled[1]
        self._unsampled = step, {tag: largest(r, old.get(tag, 0.0)) for tag, r in found.items()}
        self._final["final/worst ratio"] = largest(self._final["final/worst ratio"], *found.values())
        if self._due("checked", step):
            self._log_ratios()

    def evaluated(self, step: int, epoch: int, evaluations: Mapping[str, Evaluation]) -> None:
        """Log accuracies and costs on all data, and the networks as they are."""
        for name, events in zip(SIDES, self._sides, strict=True):
            scores = {on: getattr(evaluation, name) for on, evaluation in evaluations.items()}
            events.scalars({f"accuracy/{on}": score.accuracy for on, score in scores.items()}, step)
