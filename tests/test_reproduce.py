"""make reproduce, on a few examples: it trains both sides, goes on where it broke off, and says where a figure lies."""

from __future__ import annotations

import csv

import pytest

from compare.reproduce import __main__ as command
from compare.reproduce.curves import Curves
from compare.reproduce.published import NETWORKS, Published
from compare.reproduce.table import place, table
from torch_ref.data import Dataset, load


@pytest.fixture
def few(monkeypatch):
    """MNIST, cut short."""
    data = load("mnist")
    short = Dataset(data.name, data.training.head(40), data.validation.head(20), data.test.head(20))
    monkeypatch.setattr(command, "load", lambda name: short)


def reproduce(folder):
    return command.main(["--seeds", "2", "--epochs", "2", "--work", str(folder / "work"), "--out", str(folder / "out")])


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


def test_every_network_is_trained_on_both_sides_from_each_seed(few, tmp_path, capsys):
    assert reproduce(tmp_path) == 0
    found = rows(tmp_path / "out" / "reproduced.csv")
    assert {tuple(row[:3]) for row in found} == {
        (network.name, side, seed) for network in NETWORKS for side in ("scratch", "torch_ref") for seed in "01"
    }
    assert all(len(row) == 3 + 2 for row in found)
    out = capsys.readouterr().out
    assert all(network.name in out for network in NETWORKS), "no name is cut"


def test_what_is_trained_is_not_trained_again_and_what_broke_off_goes_on(few, tmp_path, monkeypatch):
    add, calls = Curves.add, []

    def interrupted(self, *curve):
        calls.append(curve)
        if len(calls) == 11:
            raise KeyboardInterrupt
        add(self, *curve)

    monkeypatch.setattr(Curves, "add", interrupted)
    assert reproduce(tmp_path) == 130
    assert not (tmp_path / "out").exists()
    assert reproduce(tmp_path) == 0
    assert len(calls) == 11 + 6, "of 16 curves 10 were there"


def test_both_sides_start_from_the_same_weights(few):
    from compare.reproduce.sides import DTYPE, _start  # noqa: PLC0415
    from torch_ref.device import pick_device  # noqa: PLC0415
    from torch_ref.training.settings import DTYPES, Settings  # noqa: PLC0415
    from torch_ref.training.training import Training  # noqa: PLC0415

    side_by_side = Training(Settings((5,), replicas=3), command.load("mnist"), pick_device("cpu", DTYPES[DTYPE]))
    alone = _start((784, 5, 10), seed=2)
    for l, w in enumerate(side_by_side.net.weights):
        assert (alone.weights[l] == w[2].detach().numpy()).all()


def test_a_published_figure_lies_above_below_or_within_ours():
    network = Published("a network", (), 1.0, 0.91, 0.92)
    assert place(network, [0.80, 0.90]) == "above all of ours"
    assert place(network, [0.93, 0.95]) == "below all of ours"
    assert place(network, [0.90, 0.915]) == "within ours"
    assert place(network, []) == ""


def test_the_figure_is_of_the_best_or_of_the_last_epoch():
    assert Published("", (), 1.0, 0.9, 0.9).figure([0.1, 0.3, 0.2]) == 0.3
    assert Published("", (), 1.0, 0.9, 0.9, at_its_best=False).figure([0.1, 0.3, 0.2]) == 0.2


def test_a_table_without_curves_has_its_rows(tmp_path):
    assert table(Curves(tmp_path / "none.csv")).row_count == len(NETWORKS)
