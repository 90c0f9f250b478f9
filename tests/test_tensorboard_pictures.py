"""TensorBoard's own reader finds the pictures, the graph and the hyperparameters of a run."""

from __future__ import annotations

import io
import tempfile
import warnings
from contextlib import nullcontext
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import torch
from logged_runs import (
    PROBLEM,
    SIDES,
    curve,
    logged,
    near,
    read,
    recorded,
    swapped,
    swapped_scores,
    table,
    told_before,
    write_graph,
    write_hyperparameters,
)
from PIL import Image
from planted import faults
from torch.utils.tensorboard import SummaryWriter

from compare.report.tensorboard import TensorBoardLog
from torch_ref import pictures
from torch_ref.network import SigmoidMLP

catches, test_a_planted_fault_is_caught = faults("compare.report")
catches_there, test_a_planted_fault_in_torch_ref_is_caught = faults("torch_ref")


def decoded(accumulator, tag):
    """The shades of its pictures, at their steps."""
    found = {}
    for image in accumulator.Images(tag):
        picture = Image.open(io.BytesIO(image.encoded_image_string))
        assert picture.size == (image.width, image.height)
        found[image.step] = np.array(picture.convert("RGB"))
    return found


@catches("a scale for each side", "tensorboard.white", lambda sides: pictures.white(sides[:1]))
@catches_there("each neuron turned over", "pictures.shades", lambda w, white: right_shades(w[:, ::-1], white))
@catches_there("no lines between", "pictures.LINE", 127)
@catches("the sides swapped", "tensorboard.TensorBoardLog.trained", swapped)
@catches("the step before", "tensorboard.TensorBoardLog.evaluated", told_before("evaluated"))
def test_pictures_show_the_first_layer_of_both_sides_on_the_same_scale_once_an_epoch():
    recorder, folders = logged()
    for what, less in (("weights", 0), ("learned", PROBLEM.start().weights[0])):
        shown = {side: decoded(folders[side], f"first layer/{what}") for side in SIDES}
        scales = curve(folders["compare"], f"first layer/white of {what}")
        assert list(scales) == list(recorder.evaluated_at)
        for step, (moments, _) in recorder.evaluated_at.items():
            layers = [moments[side].weights[0] - less for side in SIDES]
            assert scales[step] == near(np.percentile(np.abs(layers), 99.5))
            for side, layer in zip(SIDES, layers, strict=True):
                assert list(shown[side]) == list(recorder.evaluated_at)
                assert_shows(shown[side][step], layer / scales[step])


def assert_shows(picture, layer):
    """Seven tiles of 28 x 28 in three columns, −1 black, 0 grey, 1 white, blue lines around."""
    assert picture.shape == (3 * 29 + 1, 3 * 29 + 1, 3)
    assert (picture[::29] == (30, 60, 140)).all()
    assert (picture[:, ::29] == (30, 60, 140)).all()
    for i, tile in enumerate(np.clip(layer, -1, 1).reshape(-1, 28, 28)):
        top, left = 29 * (i // 3) + 1, 29 * (i % 3) + 1
        assert abs(picture[top : top + 28, left : left + 28] - (127.5 + 127.5 * tile[..., None])).max() < 2


right_shades = pictures.shades


def test_zero_is_mid_grey_and_what_is_not_finite_is_shown_as_zero():
    weights = np.array([[-2.0, -1.0, 0.0, 1.0, 2.0, np.nan, np.inf]])
    assert pictures.shades(weights, 1.0).tolist() == [[0, 0, 127, 254, 254, 127, 127]]
    greys = np.frombuffer(pictures.PALETTE[:765], np.uint8).reshape(255, 3)
    assert greys[[0, 127, 254]].tolist() == [[0] * 3, [128] * 3, [255] * 3]


@pytest.mark.parametrize("fill", [0.0, np.nan, np.inf, 1e-300], ids=str)
def test_a_layer_without_a_range_still_has_a_picture(fill):
    layer = np.full((1, 784), fill)
    assert pictures.grid(layer, pictures.white([layer, layer])).shape == (30, 30)


def test_a_hundred_neurons_are_shown_at_most():
    assert pictures.grid(np.zeros((5000, 784)), 1.0).shape == (291, 291)


def trace_the_net_itself(self, net, x):
    """A fault: the hooks of the net are run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        self.add_graph(net, torch.tensor(x))


def hide_warnings(self, net, x):
    """A fault: they stay hidden."""
    write_graph(self, net, x)
    warnings.simplefilter("ignore")


@catches("the net itself is traced", "tensorboard.Events.graph", trace_the_net_itself)
@catches("the warnings stay hidden", "tensorboard.Events.graph", hide_warnings)
@catches_there("random numbers are taken", "events.torch.random.fork_rng", lambda devices: nullcontext())
@catches("no graph", "tensorboard.Events.graph", lambda self, net, x: None)
def test_the_graph_is_logged_and_the_net_does_not_notice():
    net, x, calls = SigmoidMLP([784, 7, 10], dtype=torch.float64), np.zeros((1, 784)), []
    for module in net.modules():
        module.register_forward_hook(lambda *told: calls.append(told))
    before = deepcopy(net.state_dict()), torch.get_rng_state()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        filters = warnings.filters.copy()
        TensorBoardLog(Path(folder), PROBLEM).start(10, net, x)
        assert warnings.filters == filters
        compare = read(Path(folder))["compare"]
    assert compare.Tags()["graph"]
    assert {node.op for node in compare.Graph().node} >= {"aten::linear", "aten::sigmoid"}
    assert not calls
    assert torch.equal(torch.get_rng_state(), before[1])
    assert all(torch.equal(value, before[0][name]) for name, value in net.state_dict().items())
    assert all(p.requires_grad and p.grad is None for p in net.parameters())
    assert net.training


def in_a_folder_of_its_own(self, settings, metrics):
    """A fault: what SummaryWriter.add_hparams does."""
    write_hyperparameters(self, settings, metrics)
    SummaryWriter(self.log_dir).add_hparams({"eta": settings["eta"]}, dict.fromkeys(metrics, 0.0))


@catches("by add_hparams", "tensorboard.Events.hyperparameters", in_a_folder_of_its_own)
@catches("the sides swapped", "tensorboard.TensorBoardLog.evaluated", swapped_scores)
@catches("the smallest ratio", "tensorboard.largest", lambda old, r: float(np.minimum(old, r.min())))
def test_the_hyperparameters_stand_beside_the_final_metrics_in_the_same_folder():
    with tempfile.TemporaryDirectory() as folder:
        (recorder := recorded()).tell_again(TensorBoardLog(Path(folder), PROBLEM))
        assert len(files := list(Path(folder).rglob("*"))) == 6  # three folders, with a file in each
        assert sum(path.is_dir() for path in files) == 3
        compare = read(Path(folder))["compare"]
    settings, metrics, ended = table(compare)
    assert ended
    assert settings == {**PROBLEM.as_dict(), "hidden": "7", "limit": "50", "tf32": "False"}
    _, last = recorder.evaluated_at[10]
    found = {tag: curve(compare, tag) for tag in metrics}
    assert found == {
        "final/accuracy of scratch": {10: near(last["test"].scratch.accuracy)},
        "final/accuracy of torch_ref": {10: near(last["test"].torch_ref.accuracy)},
        "final/worst ratio": {10: near(max(r for found in recorder.checked_at.values() for r in found.values()))},
        "final/drift": {10: near(recorder.trained_at[10][1])},
    }
