"""A δ that comes divided by m is a convention, and hides no mistake."""

from __future__ import annotations

import pytest
from rewritten import OF_Z, PRIME, TEXTBOOK, edited

from compare.verdict import Outcome

pytestmark = pytest.mark.usefixtures("without_shapes", "warm_workers")


NOT_AFTER = [
    ("/ (over or len(x)) for d, a_l in zip(deltas, a)]", "for d, a_l in zip(deltas, a)]"),
    ("d.sum(axis=0) / (over or len(x)) for", "d.sum(axis=0) for"),
]
SHARED = [*NOT_AFTER, ("factor * (a[-1] - y)", "factor / len(x) * (a[-1] - y)")]
OF_Z_SHARED = [
    (old.replace("factor *", "factor / len(x) *"), new.replace("factor *", "factor / len(x) *")) for old, new in OF_Z
]
TOLD = "δ comes divided by m in every layer"


@pytest.mark.parametrize(
    "more", [[], [("factor=1,", "factor=2,")], [(PRIME, TEXTBOOK), *OF_Z_SHARED]], ids=["half", "full", "NaN far out"]
)
def test_a_delta_that_is_divided_by_m_is_a_convention(report_of, more):
    report = report_of(edited(*SHARED, *more))
    assert report.outcome is Outcome.MATCH
    assert any(TOLD in sentence for sentence in report.conventions)
    assert report_of(edited(*SHARED, *more), strict=True).outcome is Outcome.MISMATCH


def test_a_delta_divided_by_m_in_one_layer_only_is_wrong(report_of):
    after = ("    nabla_w = [d.T", "    nabla = [d.sum(axis=0) / (over or len(x)) for d in deltas]\n    nabla_w = [d.T")
    returned = "    return nabla_w, [d.sum(axis=0) / (over or len(x)) for d in deltas], deltas"
    one = (returned, "    deltas[-1] = deltas[-1] / len(x)\n    return nabla_w, nabla, deltas")
    report = report_of(edited(after, one))
    assert report.outcome is Outcome.MISMATCH
    assert not any(TOLD in sentence for sentence in report.conventions)


@pytest.mark.parametrize(
    ("edit", "name"),
    [
        (("deltas[0] @ w * a_l * (1 - a_l)", "deltas[0] @ w"), "σ′ left out of BP2"),
        (("b - eta * nb", "b + eta * nb"), "b updated with + in place of −"),
    ],
)
def test_another_mistake_beside_such_a_delta_is_named_alone(report_of, edit, name):
    report = report_of(edited(*SHARED, edit))
    assert [[one.name for one in named] for named in report.explanations] == [[name]]
    assert any(TOLD in sentence for sentence in report.conventions)
    assert not any("other bits" in finding.sentence for finding in report.findings)
