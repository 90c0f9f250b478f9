"""Steps that a CUDA graph can hold are the usual ones, to the bit; only their recording needs a card."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import torch
from command_line import in_process as backproof  # noqa: F401 - a fixture
from planted import faults
from tiny_runs import dataset
from torch.utils._python_dispatch import TorchDispatchMode

from torch_ref.device import DeviceError
from torch_ref.training import graph, order, state, training, unrolled
from torch_ref.training.checkpoint import load
from torch_ref.training.examples import Examples
from torch_ref.training.replicas import Replicas
from torch_ref.training.saving import Saving
from torch_ref.training.settings import Settings
from torch_ref.training.training import Diverged, Training
from torch_ref.training.unrolled import Piece, Unrolled

catches, test_a_planted_fault_is_caught = faults("torch_ref.training")

CPU, META = torch.device("cpu"), torch.device("meta")
SMALL = Settings(hidden=(5, 4), epochs=3, batch_size=5, eta=0.5, dtype="float64", replicas=3)
gpu = pytest.mark.gpu
no_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
take, begin, take_piece, one_step = Unrolled.take, Unrolled.begin, Piece.take, Piece._step
captured, mean_squares, tensors = graph.captured, unrolled.mean_squares, state.tensors


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """An epoch of 11 steps has blocks of 7 and 4: two pieces of 3 steps and one of 1; one of 3, and the last."""
    monkeypatch.setattr(training, "BLOCK", 7)
    monkeypatch.setattr(unrolled, "UNROLLED", 3)


def started(settings=SMALL, graph=True, n=53, device=CPU):
    """11 steps an epoch, the last with 3 examples."""
    return Training(settings, dataset(n), device, graph=graph)


def to_the_end(run, after_block=lambda: None):
    while run.reason_to_stop is None:
        run.run_epoch(after_block)
    return run


def bits(run):
    found = {name: values.cpu().numpy().tobytes() for name, values in state.tensors(run).items()}
    return found, state.facts(run)


def first_epoch_again(steps, permutation):
    steps.again = getattr(steps, "again", permutation)
    begin(steps, steps.again)


def all_but_the_last(steps, first, last):
    return torch.cat([take(steps, first, min(last, 10)), steps.costs[10:last]])


def doubled(piece, x, y, error):
    one_step(piece, x, y, error)
    one_step(piece, x, y, error)


USUAL = {"replicas": 3, "batch_size": 5, "dtype": "float64", "hidden": (5, 4), "cost": "half"}


@catches("the place forgotten", "unrolled.Piece.take", lambda piece, place: take_piece(piece, 0), **USUAL)
@catches("the order of the first epoch", "unrolled.Unrolled.begin", first_epoch_again, **USUAL)
@catches("the last mini-batch left out", "unrolled.Unrolled.take", all_but_the_last, **USUAL)
@catches("a step twice", "unrolled.Piece._step", doubled, **USUAL)
@catches("the rehearsal counts", "graph.rehearse", lambda function, state: function(), **USUAL)
@catches("the cost's factor", "unrolled.mean_squares", lambda e, f, m: 2 * mean_squares(e, f, m), **USUAL)
@pytest.mark.parametrize("replicas", [1, 3])
@pytest.mark.parametrize("batch_size", [1, 5, 53])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("hidden", "cost"), [((5, 4), "half"), ((), "full")], ids=str)
def test_steps_for_a_graph_end_with_the_bits_of_the_usual_ones(replicas, batch_size, dtype, hidden, cost):
    settings = replace(SMALL, replicas=replicas, batch_size=batch_size, dtype=dtype, hidden=hidden, cost=cost, epochs=2)
    assert bits(to_the_end(started(settings))) == bits(to_the_end(started(settings, graph=False)))


def with_the_order_after(run):
    return {**tensors(run), "random_state": run.order._states()}


class Stop(Exception):
    """The run is cut off here."""


def resumed(path):
    checkpoint = load(path)
    run = started(state.settings_of(checkpoint, path))
    state.restore(run, checkpoint, path)
    return run


@catches("the order begun anew", "order.Order.go_back", lambda *_: None, blocks=3)
@catches("the order after the next", "saving.tensors", with_the_order_after, blocks=3)
@pytest.mark.parametrize("blocks", range(1, 6))
def test_a_run_that_was_cut_off_ends_with_the_same_bits_as_the_usual_one(blocks):
    left = iter(range(blocks - 1))
    with TemporaryDirectory() as folder:
        saving = Saving(run := started(), Path(folder), 0)

        def after_block():
            if next(left, None) is None:
                saving.save()
                raise Stop

        with pytest.raises(Stop):
            to_the_end(run, after_block)
        assert bits(to_the_end(resumed(saving.path))) == bits(to_the_end(started(graph=False)))


@catches("the order after the next", "order.Order.state", lambda order: order._states())
def test_a_run_saved_between_two_epochs_goes_on_although_the_next_order_is_drawn():
    with TemporaryDirectory() as folder:
        run = started()
        run.run_epoch(lambda: None)
        run.order._next.result()  # so that the second thread is done with it
        (saving := Saving(run, Path(folder), seconds=0)).save()
        assert bits(to_the_end(resumed(saving.path))) == bits(to_the_end(run))


def test_an_order_drawn_ahead_is_the_same_order():
    orders = [order.Order(50, order.generators(0, 2), CPU, ahead) for ahead in (False, True)]
    for _ in range(3):
        one, other = (o.next_epoch() for o in orders)
        assert torch.equal(one, other)
        assert torch.equal(orders[0].drawn_from, orders[1].drawn_from)
        assert torch.equal(orders[0].state(), orders[1].state())


@catches(
    "costs of other steps", "unrolled.mean_squares", lambda e, f, m: mean_squares(e, f, m).flip(0), step=3, replicas=1
)
@catches(
    "no costs", "unrolled.mean_squares", lambda e, f, m: 0 * mean_squares(torch.ones_like(e), f, m), step=3, replicas=1
)
@pytest.mark.parametrize("replicas", [1, 3])
@pytest.mark.parametrize("step", [1, 3, 7, 8, 10, 11])
def test_a_run_that_is_no_longer_finite_stops_at_the_step_and_the_network(step, replicas):
    """An example of that step of the first network has a NaN in it, and another network may come to it before."""
    run = started(replace(SMALL, replicas=replicas))
    order = started(run.settings, graph=False).order.next_epoch()
    example = order[0, 5 * (step - 1)]
    run.training.x[example, 2] = torch.nan
    met = [(int((of == example).nonzero()) // 5 + 1, r) for r, of in enumerate(order)]
    with pytest.raises(Diverged) as told:
        run.run_epoch(lambda: None)
    assert (told.value.step, told.value.replica) == min(met)


def elsewhere(piece, x, y, error):
    one_step(piece, x, y, error)
    if error.sum() < 0:
        raise Diverged(0, 0)


def on_the_host(piece, x, y, error):
    one_step(piece, x, y + torch.zeros(y.shape, dtype=y.dtype), error)


@catches("a look at a value", "unrolled.Piece._step", elsewhere)
@catches("a tensor on the host", "unrolled.Piece._step", on_the_host)
def test_nothing_is_asked_of_the_device_and_no_tensor_is_elsewhere():
    """On ``meta``, which has no values to look at."""
    empty = torch.empty
    examples = Examples(empty(23, 6, device=META), empty(23, 10, device=META), empty(23, dtype=int, device=META))
    net = Replicas([empty(2, 10, 6, device=META)], [empty(2, 10, device=META)])
    steps = Unrolled(net, torch.optim.SGD(net.parameters(), lr=1.0), examples, 5, 1.0)
    try:
        steps.begin(empty(2, 23, dtype=int, device=META))
        assert steps.take(0, 5).shape == (5, 2)
    except (RuntimeError, NotImplementedError) as e:
        pytest.fail(str(e))


def new_parameters(piece, x, y, error):
    one_step(piece, x, y, error)
    for p in piece.of.net.parameters():
        p.data = p.data.clone()


def new_order(steps, permutation):
    steps.whole = steps.whole.clone()
    begin(steps, permutation)


@catches("parameters that move", "unrolled.Piece._step", new_parameters)
@catches("an order that moves", "unrolled.Unrolled.begin", new_order)
def test_what_a_graph_reads_and_writes_stays_where_it_is():
    run = started()
    run.run_epoch(lambda: None)
    before = addresses(run)
    with TemporaryDirectory() as folder:
        (saving := Saving(run, Path(folder), 0)).save()
        run.run_epoch(lambda: None)
        state.restore(run, load(saving.path), saving.path)
    run.run_epoch(lambda: None)
    assert addresses(run) == before


def addresses(run):
    steps = run.unrolled
    pieces = [t for piece in steps._pieces.values() for t in (piece.place, piece.order, piece.errors, piece.costs)]
    kept = [*run.net.parameters(), run.training.x, run.training.y, steps.whole, steps.rest, *pieces]
    return [tensor.data_ptr() for tensor in kept]


NO_LAUNCH = {"view", "t", "transpose", "expand", "detach", "slice", "select", "unbind", "as_strided", "_unsafe_view"}
NO_LAUNCH |= {"unsqueeze", "squeeze", "alias", "empty", "split"}


class Launches(TorchDispatchMode):
    """Counts the operations that are a kernel or more on a GPU; the steps of all parameters are one there."""

    def __init__(self):
        super().__init__()
        self.names = []

    def __torch_dispatch__(self, operation, types, arguments=(), named=None):
        self.names.append(operation._schema.name)
        return operation(*arguments, **(named or {}))

    def __len__(self):
        return sum(name.startswith("aten::") and name[6:] not in NO_LAUNCH for name in self.names)


def launches(run, steps):
    rows = run.next_order()
    run.steps(rows, 0, steps)
    with Launches() as counted:
        run.steps(rows, 0, steps)
    return len(counted) / steps


def test_a_step_for_a_graph_has_few_more_than_half_of_the_usual_operations(monkeypatch):
    """Of 784-30-10: two products forward, three back, and what no product does."""
    monkeypatch.setattr(unrolled, "UNROLLED", 16)
    settings = Settings(replicas=1)
    assert launches(started(settings, n=160), 16) <= 18
    assert launches(started(settings, graph=False, n=160), 16) >= 30


@pytest.mark.parametrize(("gathered", "steps"), [(1, 64), (2**19, 64), (2**20, 32), (2**25, 1), (2**40, 1)])
def test_a_graph_has_no_more_steps_than_gather_what_a_cache_holds(monkeypatch, gathered, steps):
    monkeypatch.setattr(unrolled, "UNROLLED", 64)
    assert unrolled.steps_at_once(gathered) == steps


# The recording itself, where there is a card; and the order of its parts, where there is none


CHOICES = [
    (None, "cpu", 1, False),
    (None, "cuda", 1, True),
    (None, "cuda", 2, False),
    ("graph", "cuda", 1, True),
    ("eager", "cuda", 1, False),
    ("eager", "cpu", 1, False),
    ("graph", "cpu", 1, "cpu has no graphs"),
    ("graph", "mps", 1, "mps has no graphs"),
    ("graph", "cuda", 2, "2 processes exchange gradients"),
]


@pytest.mark.parametrize(("asked", "device", "processes", "expected"), CHOICES)
def test_the_graph_is_the_way_where_there_is_one(asked, device, processes, expected):
    if isinstance(expected, bool):
        assert graph.chosen(asked, torch.device(device), processes) is expected
        return
    with pytest.raises(DeviceError, match=expected):
        graph.chosen(asked, torch.device(device), processes)


def test_a_graph_that_cannot_be_had_is_one_line_and_exit_code_2(backproof, tmp_path):  # noqa: F811
    code, out, err = backproof("train", "--steps", "graph", "--limit", "20")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "--steps graph is for one process on CUDA, and cpu has no graphs: leave it out" in err
    assert not list(tmp_path.iterdir())


def test_on_the_cpu_either_way_is_the_usual_one(backproof, tmp_path):  # noqa: F811
    assert backproof("train", "--steps", "eager", "--limit", "20", "--epochs", "1")[0] == 0
    assert "CUDA graph" not in backproof("train", "--limit", "20", "--epochs", "1")[1]


class Card:
    """In the place of torch.cuda: writes down what is asked of it, and records and replays as a card does."""

    def __init__(self):
        self.asked, self.streams, self.recording = [], ["here"], None

    def current_stream(self):
        return Stream(self, self.streams[-1])

    def Stream(self):
        return Stream(self, "side")

    def CUDAGraph(self):
        return Recorded(self)

    @contextmanager
    def device(self, device):
        self.asked.append(str(device))
        yield

    @contextmanager
    def stream(self, stream):
        self.streams.append(stream.name)
        yield
        self.streams.pop()

    @contextmanager
    def graph(self, recorded, stream):
        with self.stream(stream):
            self.recording = recorded
            try:
                yield
            finally:
                self.recording = None

    def call(self):
        """The function that is captured."""
        if self.recording:
            self.recording.calls += 1
        self.asked.append(f"{'recorded' if self.recording else 'called'} on {self.streams[-1]}")


class Stream:
    def __init__(self, card, name):
        self.card, self.name = card, name

    def wait_stream(self, other):
        self.card.asked.append(f"{self.name} waits for {other.name}")


class Recorded:
    def __init__(self, card):
        self.card, self.calls = card, 0

    def replay(self):
        self.card.asked.append(f"replayed {self.calls}")


def without_a_rehearsal(function, state):
    """What a library does in its first call would be recorded, or forbidden."""


@catches("no rehearsal", "graph.rehearse", without_a_rehearsal)
def test_it_is_rehearsed_on_a_side_stream_recorded_once_and_then_replayed():
    card = Card()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graph.torch, "cuda", card)
        replay = graph.captured(card.call, [], torch.device("cuda:1"))
    replay()
    rehearsal = ["side waits for here", *["called on side"] * 3, "here waits for side"]
    assert card.asked == ["cuda:1", *rehearsal, "recorded on side", "replayed 1"]


def refusing(error, then=None):
    """A function that cannot be recorded, and a card that is left with another error at the end of the recording."""
    card = Card()
    record = card.graph

    def call():
        card.call()
        if card.recording:
            raise error

    @contextmanager
    def broken(recorded, stream):
        try:
            with record(recorded, stream):
                yield
        finally:
            if then:
                raise then

    card.graph = broken
    return card, call


REFUSED = {
    "not permitted": (RuntimeError("not permitted\nmore"), None, DeviceError, r"graph \(not permitted\): give --steps"),
    "no memory": (torch.OutOfMemoryError("no room"), None, torch.OutOfMemoryError, "no room"),
    "the end hides it": (torch.OutOfMemoryError("no room"), RuntimeError("end"), torch.OutOfMemoryError, "no room"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_card_will_not_record_is_one_sentence_and_no_memory_is_what_it_is(name, monkeypatch):
    error, then, kind, words = REFUSED[name]
    card, call = refusing(error, then)
    monkeypatch.setattr(graph.torch, "cuda", card)
    with pytest.raises(kind, match=words):
        graph.captured(call, [], torch.device("cuda:1"))


@catches("nothing is put back", "graph.rehearse", lambda function, state: function())
def test_a_rehearsal_leaves_no_trace():
    values = torch.ones(3)
    graph.captured(lambda: values.mul_(2), [values], CPU)
    assert torch.equal(values, torch.ones(3))


@gpu
@no_cuda
@pytest.mark.parametrize("replicas", [1, 3])
@pytest.mark.parametrize("batch_size", [5, 53])
def test_on_a_gpu_the_graph_trains_as_the_usual_steps_do(replicas, batch_size):
    settings, device = replace(SMALL, replicas=replicas, batch_size=batch_size), torch.device("cuda")
    ends = [to_the_end(started(settings, way, device=device)) for way in (True, False)]
    for a, b in zip(*(run.net.parameters() for run in ends), strict=True):
        assert torch.allclose(a, b, rtol=1e-9, atol=1e-11)
    assert [e.test for e in ends[0].history] == [e.test for e in ends[1].history]


@gpu
@no_cuda
def test_on_a_gpu_a_replay_reads_what_the_buffers_hold_now():
    device = torch.device("cuda")
    source, target = torch.ones(3, device=device), torch.zeros(3, device=device)
    replay = captured(lambda: target.add_(source), [target], device)
    assert not target.any()
    source.fill_(2)
    replay()
    replay()
    assert target.tolist() == [4.0] * 3


@gpu
@no_cuda
def test_on_a_gpu_a_run_that_goes_on_ends_with_the_same_bits(backproof, tmp_path):  # noqa: F811
    quick = ("train", "--device", "cuda", "--limit", "2005", "--hidden", "8", "--replicas", "2")
    assert backproof(*quick, "--epochs", "3", "--logdir", "whole")[0] == 0
    code, out, _ = backproof(*quick, "--epochs", "2", "--logdir", "cut")
    assert code == 0
    assert "steps from a CUDA graph, torch's deterministic algorithms demanded" in out
    (cut,) = (tmp_path / "cut").iterdir()
    assert backproof("train", "--device", "cuda", "--resume", str(cut), "--epochs", "3")[0] == 0
    (whole,) = (tmp_path / "whole").iterdir()
    one, other = (load(run / "checkpoint.safetensors").tensors for run in (whole, cut))
    assert all(torch.equal(values, other[name]) for name, values in one.items())
