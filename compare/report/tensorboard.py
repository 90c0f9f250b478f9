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

and the graph of the torch network. Logging must not dominate the run (it takes 2 % of the default one): curves are
sampled once a block, and in small blocks every 32 steps; histograms and pictures are made once an epoch. Only the
ratios leave out no step.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from compare.drift import norm
from compare.evaluate import Evaluation
from compare.listener import Moment
from compare.problem import Problem
from compare.ratio import Ratios
from torch_ref.events import Events
from torch_ref.network import SigmoidMLP
from torch_ref.pictures import PIXELS, grid, white

METRICS = ("accuracy of scratch", "accuracy of torch_ref", "worst ratio", "drift")
EVERY = 32  # steps, half a full block: what is passed over is a short rest of an epoch, and blocks of large networks


class TensorBoardLog:
    """Listens to one run of ``problem`` and logs it under ``folder``, with ``every`` steps, at least, between points.

    Every method raises LogError where it cannot write, and nothing is written after that.
    """

    def __init__(self, folder: Path, problem: Problem, every: int = EVERY) -> None:
        """Makes the three event files."""
        self.problem, self.every = problem, every
        self._sides = {name: Events(folder / name) for name in ("scratch", "torch_ref")}
        self._compare = Events(folder / "compare")
        self._beginning = problem.start().weights[0] if problem.n_inputs == PIXELS else None
        self._moments: dict[str, Moment] = {}
        self._sampled = {"trained": 0, "checked": 0}  # the step of the latest point
        self._ratios: dict[str, float] = {}  # the largest since that point
        self._checked_to, self._epochs, self._closed = 0, 0, False
        self._final = {f"final/{name}": 0.0 for name in METRICS}

    def start(self, total_steps: int, net: SigmoidMLP, x: np.ndarray) -> None:
        """Log the graph, and the settings with the names of the final metrics."""
        self._compare.graph(net, x)
        settings = {**self.problem.as_dict(), "limit": str(self.problem.limit or "all")}  # text in every run's row
        self._compare.hyperparameters(settings, list(self._final))

    def trained(self, step: int, scratch: Moment, torch_ref: Moment, drift: float) -> None:
        """Remember both moments for the end of the epoch; sample costs, gradients and drift."""
        self._moments = {"scratch": scratch, "torch_ref": torch_ref}
        self._final["final/drift"] = drift
        if self._due("trained", step):
            for name, moment in self._moments.items():
                self._sides[name].scalars({"cost/mini-batch": moment.cost, **gradient_norms(moment)}, step)
            self._compare.scalars({"drift/relative distance": drift}, step)

    def checked(self, step: int, ratios: Ratios) -> None:
        """Keep the largest ratios until there is a sample of them."""
        self._checked_to = step
        for key, r in ratios.items():
            tag = f"ratio/{key.name}[{key.layer}]"
            self._ratios[tag] = largest(self._ratios.get(tag, 0.0), r)
            self._final["final/worst ratio"] = largest(self._final["final/worst ratio"], r)
        if self._due("checked", step):
            self._log_ratios()

    def evaluated(self, step: int, epoch: int, evaluations: Mapping[str, Evaluation]) -> None:
        """Log accuracies and costs on all data, and both networks as they are."""
        for name, events in self._sides.items():
            scores = {on: getattr(evaluation, name) for on, evaluation in evaluations.items()}
            events.scalars({f"accuracy/{on}": score.accuracy for on, score in scores.items()}, step)
            events.scalars({f"cost/{on}": score.cost for on, score in scores.items()}, step)
            self._final[f"final/accuracy of {name}"] = scores["test"].accuracy
            log_histograms(events, self._moments[name], step)
        self._compare.scalars({f"different digits/{on}": e.different for on, e in evaluations.items()}, step)
        self._log_pictures(step)
        self._epochs = epoch

    def close(self) -> None:
        """Log the last ratios and the final metrics. Nothing the second time, nor after a LogError."""
        if self._closed or any(events.failed for events in (*self._sides.values(), self._compare)):
            return
        self._closed = True
        self._log_ratios()
        if self._epochs:
            self._compare.scalars(self._final, self._checked_to)
        if self._epochs == self.problem.epochs:
            self._compare.finish()

    def _due(self, what: str, step: int) -> bool:
        """Whether it is time for another point; if so, that is remembered."""
        if step - self._sampled[what] < self.every:
            return False
        self._sampled[what] = step
        return True

    def _log_ratios(self) -> None:
        if self._ratios:
            self._compare.scalars(self._ratios, self._checked_to)
        self._ratios = {}

    def _log_pictures(self, step: int) -> None:
        """The first layer of both sides on one scale, as it is and less its beginning."""
        if self._beginning is None:
            return
        for what, less in (("weights", np.zeros(())), ("learned", self._beginning)):
            shown = {name: moment.weights[0] - less for name, moment in self._moments.items()}
            scale = white(list(shown.values()))
            self._compare.scalars({f"first layer/white of {what}": scale}, step)
            for name, weights in shown.items():
                self._sides[name].picture(f"first layer/{what}", grid(weights, scale), step)


def gradient_norms(moment: Moment) -> dict[str, float]:
    """Of each layer's weights and biases together, and of all of them."""
    layers = [norm(layer) for layer in zip(moment.nabla_w, moment.nabla_b, strict=True)]
    norms = {f"gradient norm/layer {l}": value for l, value in enumerate(layers, 1)}
    return {**norms, "gradient norm/all layers": norm([np.array(layers)])}


def log_histograms(events: Events, moment: Moment, step: int) -> None:
    """Of the weights, the biases and their gradients, layer by layer."""
    for name in ("weights", "biases", "nabla_w", "nabla_b"):
        for l, values in enumerate(getattr(moment, name), 1):
            events.histogram(f"{name}/layer {l}", values, step)


def largest(old: float, r: np.ndarray) -> float:
    """The largest of all; NaN if there is one."""
    return float(np.maximum(old, r.max()))
