"""TensorBoard's own reader finds in the logs what the run told its listeners; checks of it reject planted faults."""

from __future__ import annotations

import errno
import inspect
import io
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from contextlib import nullcontext
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from planted import faults
from tensorboard.backend.event_processing.event_accumulator import STORE_EVERYTHING_SIZE_GUIDANCE, EventAccumulator
from tensorboard.plugins.hparams import metadata
from torch.utils.tensorboard import SummaryWriter

import compare.report.tensorboard as log_module
from compare.data import Dataset, Examples
from compare.evaluate import Evaluation, Score
from compare.listener import Moment
from compare.problem import Problem
from compare.report import pictures
from compare.report.events import Events
from compare.report.folder import LogError, new_run_folder
from compare.report.tensorboard import TensorBoardLog
from compare.run import Run
from compare.side import ScratchSide
from compare.trace import keys
from torch_ref.network import SigmoidMLP

catches, test_a_planted_fault_is_caught = faults("compare.report")
PROBLEM = Problem(hidden=(7,), epochs=2, batch_size=10, limit=50)  # a block of 5 steps in each epoch
SIDES, SETS = ("scratch", "torch_ref"), ("training", "validation", "test")


def examples(n):
    rng = np.random.default_rng(n)
    return Examples(rng.integers(0, 256, (n, 784), np.uint8), rng.integers(0, 10, n, np.uint8))


DATA = Dataset("random", examples(50), examples(30), examples(20))


class Recorder:
    """A second listener: it keeps what a run tells, and can tell it again."""

    def __init__(self):
        self.calls, self.trained_at, self.checked_at, self.evaluated_at = [], {}, {}, {}

    def start(self, total_steps, net, x):
        self.calls.append(("start", total_steps, net, x))

    def trained(self, step, scratch, torch_ref, drift):
        self.latest = deepcopy({"scratch": scratch, "torch_ref": torch_ref})
        self.calls.append(("trained", step, *self.latest.values(), drift))
        self.trained_at[step] = self.latest, drift

    def checked(self, step, ratios):
        self.calls.append(("checked", step, deepcopy(ratios)))
        self.checked_at[step] = {f"ratio/{key.name}[{key.layer}]": r.max() for key, r in ratios.items()}

    def evaluated(self, step, epoch, evaluations):
        self.calls.append(("evaluated", step, epoch, dict(evaluations)))
        self.evaluated_at[step] = self.latest, dict(evaluations)

    def close(self):
        self.calls.append(("close",))

    def tell_again(self, listener):
        for method, *told in self.calls:
            getattr(listener, method)(*told)


class Deaf:
    """A listener that does nothing."""

    def start(self, total_steps, net, x):
        pass

    def trained(self, step, scratch, torch_ref, drift):
        pass

    def checked(self, step, ratios):
        pass

    def evaluated(self, step, epoch, evaluations):
        pass

    def close(self):
        pass


class At(Deaf):
    """A listener that does something in the block that ends at that step."""

    def __init__(self, step, act):
        self.step, self.act = step, act

    def trained(self, step, scratch, torch_ref, drift):
        if step == self.step:
            self.act()


def run(*listeners):
    """A run whose scratch side learns faster, so that the sides can be told apart."""
    faster = ScratchSide(PROBLEM.start(), PROBLEM.quadratic_cost, 5 * PROBLEM.eta)
    Run(PROBLEM, DATA, listeners, faster).go()


@cache
def recorded():
    """What such a run tells its listeners."""
    run(recorder := Recorder())
    return recorder


def read(folder):
    """What TensorBoard reads from each folder below."""
    found = {path.name: EventAccumulator(str(path), STORE_EVERYTHING_SIZE_GUIDANCE) for path in folder.iterdir()}
    for accumulator in found.values():
        accumulator.Reload()
    return found


def logged(every=1):
    """The logs of the run that was recorded, folder by folder, and the recorder."""
    with tempfile.TemporaryDirectory() as folder:
        recorded().tell_again(TensorBoardLog(Path(folder), PROBLEM, every))
        return recorded(), read(Path(folder))


def curve(accumulator, tag):
    """Its values at their steps."""
    assert tag in lists(accumulator)["scalars"]
    points = accumulator.Scalars(tag)
    assert len({p.step for p in points}) == len(points)
    return {p.step: p.value for p in points}


def near(values):
    """As TensorBoard keeps them, in float32."""
    return pytest.approx(values, rel=1e-6, abs=1e-30, nan_ok=True)


def told_before(method):
    """A fault: the method is told of the step before the one that it is told of."""
    right = getattr(TensorBoardLog, method)
    return lambda log, step, *told: right(log, step - 1, *told)


def swapped(log, step, scratch, torch_ref, drift):
    """A fault: each side under the other's name."""
    trained(log, step, torch_ref, scratch, drift)


def swapped_scores(log, step, epoch, evaluations):
    """A fault: each side's accuracy under the other's name."""
    evaluated(
        log, step, epoch, {k: replace(e, scratch=e.torch_ref, torch_ref=e.scratch) for k, e in evaluations.items()}
    )


def forgets(tag):
    """A fault: one side does not log that curve, or that histogram."""

    def scalars(self, values, step):
        write_scalars(self, {k: v for k, v in values.items() if (k, Path(self.log_dir).name) != (tag, "scratch")}, step)

    return scalars


def forgets_biases(self, tag, values, step):
    """A fault: one side has no histogram of its biases."""
    if not (tag.startswith("biases") and self.log_dir.endswith("torch_ref")):
        write_histogram(self, tag, values, step)


trained, evaluated = TensorBoardLog.trained, TensorBoardLog.evaluated
write_scalars, write_histogram, write_graph = Events.scalars, Events.histogram, Events.graph
write_hyperparameters = Events.hyperparameters


@catches("a curve on one side only", "events.Events.scalars", forgets("gradient norm/layer 2"))
@catches("a histogram on one side only", "events.Events.histogram", forgets_biases)
def test_both_sides_have_the_same_tags():
    _, folders = logged()
    assert set(folders) == {*SIDES, "compare"}
    ours, theirs = ({kind: set(tags) for kind, tags in lists(folders[side]).items()} for side in SIDES)
    assert ours == theirs
    assert ours["scalars"] == {
        "cost/mini-batch",
        *(f"{what}/{on}" for what in ("cost", "accuracy") for on in SETS),
        *(f"gradient norm/{layer}" for layer in ("layer 1", "layer 2", "all layers")),
    }
    assert ours["histograms"] == {
        f"{name}/layer {l}" for name in ("weights", "biases", "nabla_w", "nabla_b") for l in (1, 2)
    }
    assert ours["images"] == {"first layer/weights", "first layer/learned"}


def lists(accumulator):
    """The tags of each kind of data that has a list of them."""
    return {kind: tags for kind, tags in accumulator.Tags().items() if isinstance(tags, list)}


@catches("the docstring without the drift", "tensorboard.__doc__", log_module.__doc__.replace("drift/", "distance/"))
def test_every_tag_stands_in_the_docstring_of_the_module():
    _, folders = logged()
    tags = {tag for accumulator in folders.values() for kind in lists(accumulator).values() for tag in kind}
    assert len(tags) > 40
    for tag in tags - {"step1"}:  # the graph's own
        group, _, name = tag.partition("/")
        known = tag if group in ("final", "first layer", "drift") else f"{group}/"
        assert known in log_module.__doc__
        assert name in log_module.__doc__ or name[-2:] in (" 2", "1]", "2]")


@catches("the sides swapped", "tensorboard.TensorBoardLog.trained", swapped)
@catches("the step before", "tensorboard.TensorBoardLog.trained", told_before("trained"))
@catches("a curve forgotten", "events.Events.scalars", forgets("gradient norm/layer 2"))
@catches("the norm of the squares", "tensorboard.norm", lambda arrays: sum(float((a**2).sum()) for a in arrays))
def test_each_block_logs_cost_and_gradient_norms_of_each_side_at_its_step():
    recorder, folders = logged()
    assert list(recorder.trained_at) == [5, 10]
    for side in SIDES:
        moments = {step: moments[side] for step, (moments, _) in recorder.trained_at.items()}
        assert curve(folders[side], "cost/mini-batch") == near({step: m.cost for step, m in moments.items()})
        for name, layers in (("layer 1", [0]), ("layer 2", [1]), ("all layers", [0, 1])):
            norms = {
                step: np.linalg.norm([x for l in layers for x in (*m.nabla_w[l].ravel(), *m.nabla_b[l])])
                for step, m in moments.items()
            }
            assert curve(folders[side], f"gradient norm/{name}") == near(norms)
    drifts = {step: drift for step, (_, drift) in recorder.trained_at.items()}
    assert curve(folders["compare"], "drift/relative distance") == near(drifts)
    assert min(drifts.values()) > 1e-4  # the two sides do differ


@catches("the sides swapped", "tensorboard.TensorBoardLog.evaluated", swapped_scores)
@catches("the step before", "tensorboard.TensorBoardLog.evaluated", told_before("evaluated"))
@catches("a curve forgotten", "events.Events.scalars", forgets("accuracy/test"))
def test_each_epoch_logs_accuracy_and_cost_of_each_side_on_all_data():
    recorder, folders = logged()
    for on in SETS:
        found = {step: evaluations[on] for step, (_, evaluations) in recorder.evaluated_at.items()}
        for side in SIDES:
            for what in ("accuracy", "cost"):
                values = {step: getattr(getattr(e, side), what) for step, e in found.items()}
                assert curve(folders[side], f"{what}/{on}") == near(values)
        assert curve(folders["compare"], f"different digits/{on}") == {step: e.different for step, e in found.items()}


@catches("the latest in place of the largest", "tensorboard.largest", lambda old, r: float(r.max()), every=6)
@catches("the step before", "tensorboard.TensorBoardLog.checked", told_before("checked"), every=1)
@catches("the points of all blocks but the last", "tensorboard.TensorBoardLog._due", lambda *told: False, every=1)
@pytest.mark.parametrize("every", [1, 6])
def test_the_ratios_of_every_tensor_are_logged_and_the_largest_is_never_lost(every):
    recorder, folders = logged(every=every)
    tags = [f"ratio/{key.name}[{key.layer}]" for key in keys(2)]
    assert {tag for tag in lists(folders["compare"])["scalars"] if tag.startswith("ratio/")} == set(tags)
    for tag in tags:
        ratios = {step: found[tag] for step, found in recorder.checked_at.items()}
        points = ratios if every == 1 else {10: max(ratios.values())}
        assert curve(folders["compare"], tag) == near(points)


@catches("a sample only", "events.Events.histogram", lambda e, tag, x, step: write_histogram(e, tag, x.flat[:9], step))
@catches("the sides swapped", "tensorboard.TensorBoardLog.trained", swapped)
@catches("the step before", "tensorboard.TensorBoardLog.evaluated", told_before("evaluated"))
def test_histograms_are_those_of_the_parameters_and_gradients_at_the_end_of_each_epoch():
    recorder, folders = logged()
    for side in SIDES:
        for name in ("weights", "biases", "nabla_w", "nabla_b"):
            for l in (1, 2):
                found = {e.step: e.histogram_value for e in folders[side].Histograms(f"{name}/layer {l}")}
                assert list(found) == list(recorder.evaluated_at)
                for step, (moments, _) in recorder.evaluated_at.items():
                    values, h = getattr(moments[side], name)[l - 1], found[step]
                    assert h.num == sum(h.bucket) == values.size
                    assert (h.min, h.max, h.sum) == pytest.approx((values.min(), values.max(), values.sum()))


def decoded(accumulator, tag):
    """The shades of its pictures, at their steps."""
    found = {}
    for image in accumulator.Images(tag):
        picture = Image.open(io.BytesIO(image.encoded_image_string))
        assert picture.size == (image.width, image.height)
        found[image.step] = np.array(picture.convert("RGB"))
    return found


@catches("a scale for each side", "tensorboard.white", lambda sides: pictures.white(sides[:1]))
@catches("each neuron turned over", "pictures.shades", lambda w, white: right_shades(w[:, ::-1], white))
@catches("no lines between", "pictures.LINE", 127)
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


@catches("the net itself is traced", "events.Events.graph", trace_the_net_itself)
@catches("the warnings stay hidden", "events.Events.graph", hide_warnings)
@catches("random numbers are taken", "events.torch.random.fork_rng", lambda devices: nullcontext())
@catches("no graph", "events.Events.graph", lambda self, net, x: None)
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


def table(accumulator):
    """What the HPARAMS table knows of the run: its settings, the tags of its metrics, and whether it has ended."""
    content = accumulator.PluginTagToContent("hparams")
    settings = metadata.parse_session_start_info_plugin_data(content["_hparams_/session_start_info"]).hparams
    experiment = metadata.parse_experiment_plugin_data(content["_hparams_/experiment"])
    settings = {name: value.string_value or value.number_value for name, value in settings.items()}
    return settings, {m.name.tag for m in experiment.metric_infos}, "_hparams_/session_end_info" in content


def in_a_folder_of_its_own(self, settings, metrics):
    """A fault: what SummaryWriter.add_hparams does."""
    write_hyperparameters(self, settings, metrics)
    SummaryWriter(self.log_dir).add_hparams({"eta": settings["eta"]}, dict.fromkeys(metrics, 0.0))


@catches("by add_hparams", "events.Events.hyperparameters", in_a_folder_of_its_own)
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


def interrupt():
    raise KeyboardInterrupt


def test_a_run_that_was_interrupted_has_its_last_ratios_and_metrics_but_is_not_marked_as_ended(tmp_path):
    run(TensorBoardLog(tmp_path, PROBLEM, every=40), recorder := Recorder(), At(10, interrupt))
    compare = read(tmp_path)["compare"]
    assert curve(compare, "ratio/cost[2]") == near({5: recorder.checked_at[5]["ratio/cost[2]"]})
    assert set(curve(compare, "final/worst ratio")) == {5}
    assert not table(compare)[2]


def test_a_run_that_was_interrupted_within_its_first_epoch_has_no_metrics(tmp_path):
    run(TensorBoardLog(tmp_path, PROBLEM), At(5, interrupt))
    assert not [tag for tag in lists(read(tmp_path)["compare"])["scalars"] if tag.startswith("final")]


def test_a_log_that_listens_to_the_run_itself_has_the_same_as_one_that_is_told_again(tmp_path):
    run(TensorBoardLog(tmp_path, PROBLEM, every=1))
    _, folders = logged()
    for name, direct in read(tmp_path).items():
        assert lists(direct) == lists(folders[name])
        for tag in lists(direct)["scalars"]:
            assert curve(direct, tag) == near(curve(folders[name], tag))
        for tag in lists(direct)["histograms"]:
            values = [[h.histogram_value for h in log.Histograms(tag)] for log in (direct, folders[name])]
            assert values[0] == values[1]


def test_close_does_nothing_the_second_time(tmp_path):
    recorded().tell_again(log := TensorBoardLog(tmp_path, PROBLEM))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*tfevents*")}
    log.close()
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*tfevents*")}


def test_close_is_safe_before_the_start(tmp_path):
    TensorBoardLog(tmp_path, PROBLEM).close()


@catches("every block is sampled", "tensorboard.TensorBoardLog._due", lambda *told: True)
def test_nothing_is_sampled_more_often_than_asked_for():
    _, folders = logged(every=6)
    assert list(curve(folders["scratch"], "cost/mini-batch")) == [10]
    assert list(curve(folders["compare"], "ratio/cost[2]")) == [10]


def test_other_inputs_than_images_of_784_pixels_have_no_pictures(tmp_path):
    log = TensorBoardLog(tmp_path, replace(PROBLEM, n_inputs=4))
    log.start(10, SigmoidMLP([4, 7, 10]), np.zeros((1, 4)))
    moment = Moment(0.1, [np.eye(7, 4), np.eye(10, 7)], [np.ones(7)] * 2, [np.eye(7, 4)] * 2, [np.ones(7)] * 2)
    log.trained(1, moment, moment, 0.0)
    log.evaluated(1, 1, {on: Evaluation(Score(0.5, 0.1), Score(0.5, 0.1), 0, 10) for on in SETS})
    log.close()
    assert lists(read(tmp_path)["scratch"])["images"] == []


NAN, INF = np.nan, np.inf
DISTRIBUTIONS = {
    "nothing": ([], None),
    "nothing finite": ([NAN, INF], None),
    "some finite": ([NAN, 1.0, INF, 2.0], 2),
    "a single value": ([5.0], 1),
    "near overflow": ([-1e308, 1e308], None),
    "closer than rounding": ([1.0, 1.0 + 2**-52], None),
}


@pytest.mark.parametrize(("values", "n"), DISTRIBUTIONS.values(), ids=DISTRIBUTIONS)
def test_a_histogram_has_what_is_finite_and_is_left_out_where_it_has_no_bins(tmp_path, values, n):
    Events(tmp_path / "a").histogram("x", np.array(values), 1)
    accumulator = read(tmp_path)["a"]
    assert ("x" in lists(accumulator)["histograms"]) == (n is not None)
    assert n is None or accumulator.Histograms("x")[0].histogram_value.num == n


def ratios_of(*values):
    return {key: np.array(values) for key in keys(2)}


def test_a_ratio_without_a_number_stays_in_sight(tmp_path):
    log = TensorBoardLog(tmp_path, PROBLEM, every=3)
    log.checked(1, ratios_of(0.5, NAN))
    log.checked(2, ratios_of(0.25, 0.5))
    log.close()
    assert curve(read(tmp_path)["compare"], "ratio/zs[1]") == near({2: NAN})


def full_disk(path):
    """From now on there is no room for what is written to that file."""
    path.unlink()
    path.symlink_to("/dev/full")


def gone(path):
    shutil.rmtree(path.parent)


needs_dev_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
BROKEN = pytest.mark.parametrize(
    ("break_it", "said"),
    [
        pytest.param(full_disk, "No space left on device", id="full disk", marks=needs_dev_full),
        pytest.param(gone, "No such file or directory", id="deleted folder"),
    ],
)


@BROKEN
@pytest.mark.parametrize("name", [*SIDES, "compare"])
def test_a_run_whose_log_breaks_ends_at_once_with_one_sentence(tmp_path, break_it, said, name, capfd):
    breaks, threads = At(5, lambda: break_it(next((tmp_path / name).iterdir()))), threading.enumerate()
    with pytest.raises(LogError) as caught:
        run(TensorBoardLog(tmp_path, PROBLEM, every=1), breaks)
    assert str(caught.value) == (
        f"the TensorBoard log in {tmp_path / name} cannot be written ({said}); "
        "give with --logdir a folder that has room and stays"
    )
    assert capfd.readouterr() == ("", "")
    assert threading.enumerate() == threads


@BROKEN
def test_a_log_that_breaks_at_the_very_end_says_so_at_close_and_once(tmp_path, break_it, said):
    log = TensorBoardLog(tmp_path, PROBLEM, every=100)
    log.checked(64, ratios_of(0.5))
    break_it(next((tmp_path / "compare").iterdir()))
    with pytest.raises(LogError, match=said):
        log.close()
    log.close()


def test_where_no_log_can_be_begun_the_sentence_says_so(tmp_path):
    (tmp_path / "scratch").write_text("")
    with pytest.raises(LogError, match=r"cannot be written \(a file is in the way\); give with --logdir"):
        TensorBoardLog(tmp_path, PROBLEM)


def looks_first(folder):
    """A fault: it looks whether the folder is there, and makes it a little later."""
    if there := folder.exists():
        return not there
    time.sleep(0.01)
    folder.mkdir(exist_ok=True)
    return True


RACE = """
import sys, time
from pathlib import Path
from compare.report.folder import new_run_folder
while not Path(sys.argv[1], "go").exists():
    time.sleep(0.001)
for _ in range(10):
    print(new_run_folder(Path(sys.argv[1], "runs"), "name"))
"""
PLANTED = f"import time\nimport compare.report.folder as f\n{inspect.getsource(looks_first)}\nf._made = looks_first\n"


def raced(tmp_path, planted=""):
    """The folders that four processes got, which all asked for ten of the same name."""
    command = [sys.executable, "-c", planted + RACE, str(tmp_path)]
    racers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    (tmp_path / "go").touch()
    return [line for racer in racers for line in racer.communicate(timeout=60)[0].splitlines()]


def test_processes_that_ask_at_once_get_different_folders(tmp_path):
    folders = raced(tmp_path)
    assert len(folders) == len(set(folders)) == 40
    assert set(folders) == {str(path) for path in (tmp_path / "runs").iterdir()}


def test_a_process_that_looks_before_it_makes_the_folder_loses_that_race(tmp_path):
    folders = raced(tmp_path, PLANTED)
    assert len(folders) == 40
    assert len(set(folders)) < 40


def test_a_run_never_gets_an_older_ones_folder(tmp_path):
    logdir = tmp_path / "not" / "yet"
    first = new_run_folder(logdir, "784-30-10_m10")
    (first / "kept").write_text("old")
    (logdir / "784-30-10_m10_3").write_text("a file")
    names = [new_run_folder(logdir, "784-30-10_m10").name for _ in range(2)]
    assert names == ["784-30-10_m10_2", "784-30-10_m10_4"]
    assert [path.name for path in first.iterdir()] == ["kept"]
    assert (logdir / "784-30-10_m10_3").read_text() == "a file"


@pytest.mark.parametrize("name", ["a/b", "/a", "..", ".", "", "a/", "a\0b"])
def test_a_name_that_is_no_folders_name_is_rejected(tmp_path, name):
    with pytest.raises(LogError) as caught:
        new_run_folder(tmp_path, name)
    assert str(caught.value) == (
        f"{name!r} cannot name the folder of a run; a name without a slash was expected: "
        "say with --logdir where the folder goes"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("below", [".", "below", "below/it"])
def test_a_file_in_the_way_is_told_in_one_sentence(tmp_path, below):
    (tmp_path / "runs").write_text("")
    logdir = tmp_path / "runs" / below
    with pytest.raises(LogError) as caught:
        new_run_folder(logdir, "name")
    assert str(caught.value) == (
        f"--logdir is {str(logdir)!r}, where no folder for the run can be made (a file is in the way); "
        "give with --logdir a folder that can be written to"
    )


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc on this system, where nobody can make a folder")
def test_a_folder_that_cannot_be_written_to_is_told_in_one_sentence():
    with pytest.raises(LogError, match="--logdir is '/proc/runs', where no folder for the run can be made"):
        new_run_folder(Path("/proc/runs"), "name")


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.ENAMETOOLONG], ids=os.strerror)
def test_what_the_system_says_is_in_the_sentence(tmp_path, monkeypatch, error):
    def mkdir(*path, **options):
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(Path, "mkdir", mkdir)
    with pytest.raises(LogError, match=os.strerror(error)):
        new_run_folder(tmp_path, "name")
