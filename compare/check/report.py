"""What a check found, in the form that the terminal, JSON and the exit code are made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from compare.check.elementwise import Elementwise
from compare.check.evidence import FORWARD as WAY_FORWARD
from compare.check.evidence import unseen
from compare.check.examine import Examination
from compare.check.naming import Diagnosis
from compare.check.parts import Part
from compare.check.subject import FORM, FORWARD, GRADIENT, UPDATE
from compare.diagnosis.case import Case, Fault, Observed
from compare.diagnosis.emit import Form
from compare.diagnosis.hypotheses import Made
from compare.diagnosis.instruments import Finding
from compare.diagnosis.mistake import Mistake
from compare.verdict import Outcome

NO_ANSWER = FORM | {"endless", "died", "size", "depth", "network"}
OWN = "given its own values"
ROWS = {
    "a = σ(z)": (FORWARD, ("z = wa + b", "a = σ(z)")),
    "BP1": (GRADIENT, ("BP1",)),
    "BP2": (GRADIENT, ("BP2",)),
    "BP3": (GRADIENT, ("BP3",)),
    "BP4": (GRADIENT, ("BP4",)),
    "SGD": (UPDATE, ("SGD",)),
}


@dataclass(frozen=True)
class Named:
    """One mistake of one explanation. ``confidence`` is one over the number of explanations, of which this is one."""

    name: str
    equation: str
    layer: int | None
    explanation: str
    hint: str
    confidence: float


@dataclass(frozen=True)
class Check:
    """One line of the table: an equation, its verdict, the worst ratio and the smallest relative error caught."""

    equation: str
    verdict: str  # right, wrong, no answer, not shown
    note: str = ""
    worst: float | None = None
    caught: float | None = None


@dataclass
class CheckReport:
    """All that is known at the end of a check. ``conventions`` are sentences: what is meant otherwise than stated."""

    name: str
    offers: frozenset[str]
    examination: Examination
    elementwise: list[Elementwise]
    diagnosis: Diagnosis
    faults: list[Fault]
    findings: list[Finding] = field(default_factory=list)
    conventions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    smallest: tuple[Case, Observed] | None = None
    form: Form | None = None
    strict: bool = False
    seconds: float = 0.0

    @property
    def outcome(self) -> Outcome:
        """Mismatch is proof of a mistake, or a fault; with ``strict``, a convention that was not stated, too."""
        wrong = self.faults or not self.examination.right or not all(e.right for e in self.elementwise)
        if wrong or (self.strict and self.conventions):
            return Outcome.MISMATCH
        powers = self.examination.powers.values()
        if not (self.elementwise or self.examination.parts) or any(power.vacuous for power in powers):
            return Outcome.INCONCLUSIVE
        return Outcome.MATCH

    @property
    def checks_made(self) -> bool:
        """Whether there is anything to show in the table."""
        return bool(self.examination.asked) and any(check.verdict != "not shown" for check in self.checks)

    @property
    def explanations(self) -> list[list[Named]]:
        """Each of them explains what was observed by itself: one mistake, or two."""
        found = [[(made.mistake, self._layer(made)) for made in hypothesis] for hypothesis in self.diagnosis.hypotheses]
        if not found:
            found = [[(mistake, None)] for e in self.elementwise for mistake in e.mistakes]
        return [[_named(mistake, layer, 1 / len(found)) for mistake, layer in made] for made in found]

    def _layer(self, made: Made) -> int | None:
        """The only layer that it is made in, if there is only one."""
        layers = made.mistake.layers(next(iter(self.examination.asked.values()))[0].L)
        return layers[0] if len(layers) == 1 else made.layer

    @property
    def checks(self) -> list[Check]:
        """The table, in the order of computation."""
        return [*map(_of_function, self.elementwise), *self._equations()]

    def _equations(self) -> Iterator[Check]:
        parts, blamed = self.examination.parts, self._blamed()
        for equation, (function, names) in ROWS.items():
            read_off = function == GRADIENT and GRADIENT not in parts  # off the update, which is all that is shown
            if (part := parts.get(UPDATE if read_off else function)) is None:
                yield Check(equation, "no answer" if function in self._broken() else "not shown")
                continue
            worst = [r for key, r in part.worst.items() if key.equation in names]
            caught = [power.smallest for key, power in self.examination.powers.items() if key.equation in names]
            wrong = part.function in self.examination.wrong and (
                bool(blamed & set(names)) or self._unseen(equation, part)
            )
            note = _note(part, wrong, read_off)
            r = max(worst, default=None)
            r = None if note == OWN and not (r or 0.0) <= 1 else r  # it is that of values which are wrong before it
            yield Check(equation, "wrong" if wrong else "right", note, r, max(caught, default=None))

    def _unseen(self, equation: str, part: Part) -> bool:
        """Whether nothing shows that it holds, where another equation of the function is charged."""
        charged = self._blamed()
        if self.examination.of_single_precision:  # of which backprop alone may be made by differences
            return not WAY_FORWARD & charged and unseen(equation, part, (), self.examination.asked)
        return bool(charged) and unseen(equation, part, charged, self.examination.asked)

    def _broken(self) -> set[str]:
        """The functions that gave nothing that could be judged."""
        return {fault.function for fault in self.faults if fault.kind in NO_ANSWER}

    def _blamed(self) -> set[str]:
        """The equations that are charged; of a function that is wrong without a charge, the first that differs."""
        found = {charge.key.equation for charge in self.diagnosis.charges}
        for part in self.examination.parts.values():
            if part.function in self.examination.wrong and not found:
                found |= {part.divergence[1].key.equation} if part.divergence else set(names_of(part))
        return found


def names_of(part: Part) -> list[str]:
    """The equations of a function."""
    return [name for function, names in ROWS.values() if function == part.function for name in names]


def _note(part: Part, wrong: bool, read_off: bool) -> str:
    if not part.fits and not wrong:
        return OWN
    return "read off the update" if read_off else ""


def _of_function(found: Elementwise) -> Check:
    name = {"sigmoid": "σ(z)", "sigmoid_prime": "σ′(z)"}[found.name]
    note = "of the activation: a(1 − a)" if found.of_a else ""
    return Check(name, "right" if found.right else "wrong", note, None if found.of_a else found.worst)


def _named(mistake: Mistake, layer: int | None, confidence: float) -> Named:
    return Named(mistake.name, mistake.equation, layer, mistake.explanation, mistake.hint, confidence)
