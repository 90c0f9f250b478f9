"""TensorBoard's own reader finds the curves and histograms that the run told of; checks of it reject planted faults."""

from __future__ import annotations

import numpy as np
import pytest
from logged_runs import (
    SETS,
    SIDES,
    curve,
    forgets,
    forgets_biases,
    lists,
    logged,
    near,
    swapped,
    swapped_scores,
    told_before,
    write_histogram,
)
from planted import faults

import compare.report.tensorboard as log_module
from compare.key import keys

catches, test_a_planted_fault_is_caught = faults("compare.report")


@catches("a curve on one side only", "tensorboard.Events.scalars", forgets("gradient norm/layer 2"))
@catches("a histogram on one side only", "tensorboard.Events.histogram", forgets_biases)
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
@catches("a curve forgotten", "tensorboard.Events.scalars", forgets("gradient norm/layer 2"))
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
@catches("a curve forgotten", "tensorboard.Events.scalars", forgets("accuracy/test"))
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


@catches(
    "a sample only", "tensorboard.Events.histogram", lambda e, tag, x, step: write_histogram(e, tag, x.flat[:9], step)
)
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
