"""How a log ends: with the run, with a Ctrl-C, and where the disk is full or the folder gone."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from logged_runs import (
    PROBLEM,
    SETS,
    SIDES,
    At,
    Recorder,
    curve,
    lists,
    logged,
    near,
    read,
    recorded,
    run,
    table,
)
from planted import faults

from compare.evaluate import Evaluation, Score
from compare.key import keys
from compare.listener import Moment
from compare.report.tensorboard import TensorBoardLog
from torch_ref.events import Events
from torch_ref.folder import LogError
from torch_ref.network import SigmoidMLP

catches, test_a_planted_fault_is_caught = faults("compare.report")


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
