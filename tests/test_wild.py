"""Programs as people write them are right as they stand, in any form; with one typical edit, the mistake is named."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from compare.check.forms import FORMS, SHAPES

pytestmark = pytest.mark.usefixtures("without_shapes")
WILD = Path(__file__).parent.parent / "examples" / "wild"
CHECKS = """
import json, sys
from pathlib import Path
from compare.check.check import Settings, check
from compare.report.check_json import as_dict
for line in sys.stdin:
    path, adapter, stated, strict = json.loads(line)
    report = check(Path(path), adapter and Path(adapter), Settings(stated, strict=strict))
    print(json.dumps(as_dict(report)), flush=True)
"""


@dataclass(frozen=True)
class Program:
    """What is known of a program.

    flags    its form, as options of the command line
    unsaid   what the report says of its cost where that is not stated
    finds    whether its form is found out where it is not stated: folded biases, and none, are not
    notes    how the note of the report begins
    shows    the equations that can be judged
    """

    flags: str = ""
    unsaid: str = ""
    finds: bool = True
    notes: str = ""
    shows: tuple[str, ...] = ("BP1", "BP2", "BP3", "BP4")

    @property
    def stated(self) -> dict[str, str]:
        words = self.flags.split()
        return {k[2:]: v.replace("-", " ").replace(",", ", ") for k, v in zip(words[::2], words[1::2], strict=True)}


TWO_LAYERS = "it was asked about networks of 2 layers of weights"
NEAR_ONE = "small activations have few right digits"
SUM, FULL, FULL_SUM = "C = ½ Σ‖y − a‖²", "C = 1/m · Σ‖y − a‖²", "C = Σ‖y − a‖²"
PROGRAMS = {
    "train_step": Program(shows=("SGD",)),
    "train_one": Program("--biases none --batch one", finds=False, notes=TWO_LAYERS, shows=("SGD",)),
    "bias_last_column": Program("--biases last-column --batch one", finds=False),
    "bias_first_row": Program("--weights in_out --biases first-row", finds=False),
    "no_bias": Program("--weights in_out --biases none --reduction sum", SUM, False, TWO_LAYERS, ("SGD",)),
    "one_vector": Program("--batch one"),
    "column_vectors": Program("--examples columns --biases column --batch one --cost full", FULL),
    "sum_of_squares": Program("--weights in_out --cost full --reduction sum", FULL_SUM, notes=TWO_LAYERS),
    "adds_the_step": Program("--weights in_out --sign minus", "gradients come negated, and the update adds them"),
    "prime_of_activation": Program(),
    "two_layers": Program("--weights in_out --biases row --reduction sum", SUM, notes=TWO_LAYERS),
    "params_dict": Program("--examples columns --biases column"),
    "book_network": Program(shows=("BP1", "BP2", "BP3", "BP4", "SGD")),
    "tanh_sigmoid": Program(notes=NEAR_ONE),
    "one_minus_sigmoid": Program("--examples columns --biases column", notes=NEAR_ONE),
    "stable_sigmoid": Program("--weights in_out"),
    "layer_objects": Program("--examples columns --biases column --cost full", FULL, shows=("SGD",)),
}
FOUND_OUT = [name for name, program in PROGRAMS.items() if program.flags and program.finds]


@dataclass(frozen=True)
class Twin:
    """A program with one edit: a mistake that explains it; or else the equations that are wrong, or what is a fault."""

    program: str
    old: str
    new: str
    named: str = ""
    wrong: tuple[str, ...] = ()
    fault: str = ""


TWINS = {
    "σ′ forgotten for the hidden layers": Twin(
        "train_step",
        "(delta @ self.weights[i]) * outputs[i] * (1 - outputs[i])",
        "delta @ self.weights[i]",
        "σ′ left out of BP2",
    ),
    "the sign of one of two updates": Twin(
        "train_one", "self.who = self.who + self.lr", "self.who = self.who - self.lr", "w updated with + in place of −"
    ),
    "σ′ forgotten, one example, folded biases": Twin(
        "bias_last_column",
        "(theta[:, :-1].T @ delta) * a * (1 - a)",
        "theta[:, :-1].T @ delta",
        "σ′ left out of BP2",
    ),
    "σ taken twice in its derivative": Twin(
        "no_bias", "return x * (1 - x)", "return nonlin(x) * (1 - nonlin(x))", "σ′ of a in place of z"
    ),
    "σ′ forgotten for the output": Twin(
        "no_bias", "l2_error * nonlin(l2, deriv=True)", "l2_error", "δ of the cross-entropy"
    ),
    "σ′ of the output in every layer, which does not fit": Twin(
        "one_vector", "sigmoid_prime(zs[layer])", "sigmoid_prime(zs[-1])", fault="backprop raised ValueError"
    ),
    "matrix not transposed, which does not fit": Twin(
        "column_vectors", "dA = weights[i].T @ dZ", "dA = weights[i] @ dZ", "w not transposed in BP2"
    ),
    "no half, and σ′ forgotten": Twin(
        "sum_of_squares", "grad_hidden = grad_h * h * (1 - h)", "grad_hidden = grad_h", "σ′ left out of BP2"
    ),
    "weights down, biases up": Twin("adds_the_step", "w + eta * dw", "w - eta * dw", "w updated with + in place of −"),
    "a sigmoid_prime of z that is given a": Twin(
        "prime_of_activation",
        "return a * (1.0 - a)",
        "return sigmoid(a) * (1.0 - sigmoid(a))",
        "σ′ of a in place of z",
    ),
    "mean for one of two biases": Twin(
        "two_layers",
        "self.db2 = np.sum(delta2, axis=0, keepdims=True)",
        "self.db2 = np.mean(delta2, axis=0, keepdims=True)",
        "∇b a mean in place of a sum",
    ),
    "dZ of the course's own cost": Twin(
        "params_dict",
        "        dZ = dA * A * (1 - A)",
        "        dZ = dA if l == L else dA * A * (1 - A)",
        "δ of the cross-entropy",
    ),
    "1/m forgotten for db": Twin(
        "params_dict", "1 / m * np.sum(dZ, axis=1", "np.sum(dZ, axis=1", "∇b not divided by m"
    ),
    "σ′ forgotten in the book's form": Twin(
        "book_network",
        "self.weights[-back + 1].T @ error * steps[-back] * (1 - steps[-back])",
        "self.weights[-back + 1].T @ error",
        "σ′ left out of BP2",
    ),
    "activations off by one, which does not fit": Twin(
        "book_network", "error @ steps[-back - 1].T", "error @ steps[-back].T", fault="nabla_w"
    ),
    "sum for the mean, with tanh": Twin("tanh_sigmoid", "delta.mean(0)", "delta.sum(0)", "∇b not divided by m"),
    "−z forgotten": Twin("one_minus_sigmoid", "1 / (1 + np.exp(z))", "1 / (1 + np.exp(-z))", "σ of −z"),
    "index of z off by one, which does not fit": Twin(
        "stable_sigmoid", "self.prime(l - 1)", "self.prime(l)", fault="backprop raised ValueError"
    ),
    "learns before it hands down": Twin(
        "layer_objects",
        """        below = self.w.T @ grad
        self.w = self.w - learning_rate * grad @ self.x.T
""",
        """        self.w = self.w - learning_rate * grad @ self.x.T
        below = self.w.T @ grad
""",
        "w already updated in BP2",
    ),
}
COST_UNSAID = ["σ taken twice in its derivative", "learns before it hands down"]


def adapter_of(name: str) -> Path | None:
    path = WILD / f"{name}_adapter.py"
    return path if path.exists() else None


@pytest.fixture(scope="module")
def checked(warm):
    """Checks a program, and gives its report as JSON has it: in a process without the tests' checks of shapes."""
    command, pipes = [sys.executable, "-c", warm.code + CHECKS], dict.fromkeys(("stdin", "stdout"), subprocess.PIPE)
    with subprocess.Popen(command, **pipes, text=True, cwd=WILD, pass_fds=[warm.fd]) as process:

        def check(name, stated, strict=False, path=None):
            adapter = adapter_of(name)
            asked = [str(path or WILD / f"{name}.py"), adapter and str(adapter), stated, strict]
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield check
        process.stdin.close()


def edited(twin: Twin, folder: Path) -> Path:
    source = (WILD / f"{twin.program}.py").read_text(encoding="utf-8")
    assert source.count(twin.old) == 1
    path = folder / f"{twin.program}.py"
    path.write_text(source.replace(twin.old, twin.new), encoding="utf-8")
    return path


def verdicts(report: dict, verdict: str) -> tuple[str, ...]:
    return tuple(check["equation"] for check in report["checks"] if check["verdict"] == verdict)


def names(report: dict) -> set[str]:
    return {mistake["name"] for mistake in report["mistakes"]}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_right_program_in_its_own_form_matches(checked, name):
    program, report = PROGRAMS[name], checked(name, PROGRAMS[name].stated)
    assert report["faults"] == []
    assert report["verdict"] == "match"
    assert report["conventions"] == [], "what is stated is no deviation"
    assert set(program.shows) <= set(verdicts(report, "right"))
    assert bool(program.notes) == bool(report["notes"])
    assert all(note.startswith(program.notes) for note in report["notes"])


@pytest.mark.parametrize("name", FOUND_OUT)
def test_a_form_that_is_not_stated_is_found_out_and_said(checked, name):
    program, report = PROGRAMS[name], checked(name, {})
    assert report["verdict"] == "match"
    layout = {key: value for key, value in program.stated.items() if key in FORMS}
    said = [FORMS[key].format(SHAPES.get(value, value)) for key, value in layout.items()]
    *of_layout, of_cost = report["conventions"] if program.unsaid else [*report["conventions"], ""]
    assert sorted(line.partition(", where ")[0] for line in of_layout) == sorted(said)
    assert of_cost.partition(", where ")[0].endswith(program.unsaid)


@pytest.mark.parametrize("name", ["two_layers", "adds_the_step"])
def test_with_strict_a_form_that_is_not_stated_is_a_mismatch(checked, name):
    assert checked(name, {}, strict=True)["verdict"] == "mismatch"


@pytest.mark.parametrize("name", ["two_layers", "adds_the_step"])
def test_with_strict_a_form_that_is_stated_matches(checked, name):
    assert checked(name, PROGRAMS[name].stated, strict=True)["verdict"] == "match"


@pytest.mark.parametrize("name", [name for name, program in PROGRAMS.items() if not program.finds])
def test_biases_in_the_weights_and_no_biases_are_found_out(checked, name):
    report = checked(name, {})
    assert report["verdict"] == "match"
    assert any(line.startswith("biases are ") for line in report["conventions"])


@pytest.mark.parametrize("what", TWINS)
def test_a_program_with_one_edit_is_a_mismatch_and_its_mistake_is_named(checked, what, tmp_path):
    twin = TWINS[what]
    report = checked(twin.program, PROGRAMS[twin.program].stated, path=edited(twin, tmp_path))
    assert report["verdict"] == "mismatch"
    assert not twin.named or twin.named in names(report)
    assert len({mistake["explanation_no"] for mistake in report["mistakes"]}) <= 3
    assert not twin.wrong or verdicts(report, "wrong") == twin.wrong
    assert not twin.fault or any(twin.fault in fault["sentence"] for fault in report["faults"])


@pytest.mark.parametrize("what", COST_UNSAID)
def test_a_mistake_is_named_where_the_cost_is_not_stated(checked, what, tmp_path):
    twin = TWINS[what]
    stated = {key: value for key, value in PROGRAMS[twin.program].stated.items() if key not in ("cost", "reduction")}
    report = checked(twin.program, stated, path=edited(twin, tmp_path))
    assert report["verdict"] == "mismatch"
    assert twin.named in names(report)


def test_a_wrong_gradient_that_only_the_update_shows_is_not_blamed_on_the_update(checked, tmp_path):
    """The hidden nodes get the error of the outputs, and not its product with σ′: a well-known tutorial has it so."""
    twin = Twin("train_one", "np.dot(self.who.T, output_grad)", "np.dot(self.who.T, output_errors)")
    report = checked("train_one", PROGRAMS["train_one"].stated, path=edited(twin, tmp_path))
    assert report["verdict"] == "mismatch"
    assert "SGD" not in verdicts(report, "wrong")


def test_float32_where_float64_is_given_is_a_fault_with_its_line(checked):
    report = checked("single_precision", {})
    assert report["verdict"] == "mismatch"
    assert {fault["function"]: fault["kind"] for fault in report["faults"]} == {
        "feedforward": "dtype",
        "backprop": "dtype",
    }
    assert all(fault["file"].endswith("single_precision.py") and fault["line"] for fault in report["faults"])


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_command_that_the_readme_gives_is_the_one_that_is_tested(name):
    adapter = f" --adapter {name}_adapter.py" if adapter_of(name) else ""
    flags = f" {PROGRAMS[name].flags}" if PROGRAMS[name].flags else ""
    command = f"backproof check {name}.py{adapter}{flags}"
    lines = (WILD / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if f"`{command}`" in line]
    if path := adapter_of(name):
        assert path.read_text(encoding="utf-8").startswith(f'"""{command}"""')


def test_every_program_of_the_folder_is_tested():
    programs = {path.stem for path in WILD.glob("*.py") if not path.stem.endswith("_adapter")}
    assert programs == {*PROGRAMS, "single_precision"}
