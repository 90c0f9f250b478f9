"""The pages: well-formed, closed against what students write, and no more on them than may be read there."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser

import pytest
from graded import NAMES, NASTY, a_class, checks, mistake, nasty, not_gradable, not_graded, right, wrong
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from planted import faults

from compare.grade.result import CHECKS, EQUATIONS, Graded
from compare.grade.telling import clean as cleaning
from compare.grade.telling import environment, heatmap, tally
from compare.grade.telling.class_page import GROUPS, ROWS, class_page
from compare.grade.telling.clean import line, number, plain, times
from compare.grade.telling.curves import histogram, trajectory
from compare.grade.telling.names import link
from compare.grade.telling.student_page import student_page

TITLE = "Exercise 4"
VOID = {"meta", "br", "img", "link", "input", "hr"}
EVERY = {"right": right, "wrong": wrong, "not gradable": not_gradable, "not graded": not_graded, "nasty": nasty}
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=40)
catches, test_a_planted_fault_is_caught = faults("compare.grade")


class Page(HTMLParser):
    """What a browser makes of it: its tags, their attributes, and the text; fails where a tag is not closed."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.words, self._open = set(), [], [], []
        self.feed(html)
        self.close()
        assert not self._open
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += attributes
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open and self._open[-1] != "style":
            self.words.append(data)


def unsafe(environment):
    """The same templates, with nothing escaped."""
    other = Environment(loader=environment.loader, autoescape=False, trim_blocks=True, lstrip_blocks=True)
    other.filters |= environment.filters
    return other


def with_names(result, **changed):
    """A slip: the names are taken for what may be shown."""
    return dataclasses.replace(result, shown=[mistake.name for mistake in result.mistakes])


@pytest.mark.parametrize("of", EVERY)
def test_a_students_page_is_well_formed_and_loads_and_runs_nothing(of):
    html = student_page(EVERY[of](), TITLE)
    page = Page(html)
    assert not page.tags & {"script", "link", "iframe", "img", "object", "form", "base"}
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "src"]
    assert all(value.startswith("#") for name, value in page.attributes if name == "href")
    assert len(html.encode()) < 100_000


@catches("autoescape is off", "telling.environment.ENVIRONMENT", unsafe(environment.ENVIRONMENT))
def test_hostile_text_is_text_and_nothing_else():
    for words in NASTY:
        page, harmless = Page(student_page(nasty(words), TITLE)), Page(student_page(nasty("harmless"), TITLE))
        assert page.tags <= harmless.tags
        assert line(words) in page.text


@catches("autoescape is off", "telling.environment.ENVIRONMENT", unsafe(environment.ENVIRONMENT))
def test_hostile_text_is_text_on_the_page_of_the_class_too():
    page = Page(class_page([nasty(words) for words in NASTY], NASTY[0]))
    assert page.tags <= Page(class_page([nasty("harmless")], TITLE)).tags
    assert all(line(words) in page.text for words in NASTY)


@catches("escape sequences stay", "telling.clean.ANSI", re.compile("(?!)"))
@catches("cursor movements stay", "telling.clean.plain", lambda words: words)
def test_text_is_printable_and_without_escape_sequences():
    assert plain("\x1b[31mred\x1b[0m") == "red"
    assert plain("\x1b]0;title\x07seen\x1b]8;;unfinished") == "seen"
    assert plain("a\r\nb\rc\td\x00\u202e\ud800") == "a\nb\nc   d   "
    assert line(" a\n\tb \x1b[2K") == "a b"


@given(ANYTHING)
def test_whatever_comes_is_printable_afterwards(words):
    assert all(c.isprintable() or c == "\n" for c in plain(words))
    assert line(words).isprintable()
    plain(words).encode()


@given(ANYTHING)
def test_the_page_is_well_formed_whatever_the_students_text(words):
    assert line(words) in Page(student_page(nasty(words), words)).text


@catches("the names are shown", "telling.student_page.replace", with_names)
def test_no_name_of_a_mistake_is_on_a_students_page_that_may_not_show_it():
    html = student_page(wrong(shown=[], mistakes=[mistake(name) for name in NAMES]), TITLE)
    for name in NAMES:
        assert name not in html
        assert mistake(name).explanation not in html
        assert mistake(name).hint not in html


def test_what_may_be_shown_is_on_the_page():
    assert "a factor of BP1 is missing" in Page(student_page(wrong(), TITLE)).text


def test_each_check_has_its_light_in_words_its_equation_its_points_and_its_reason():
    page = Page(student_page(wrong(), TITLE))
    for check in wrong().checks:
        assert f"{check.name} {EQUATIONS[check.name]} {check.status}" in page.text
        assert check.reason in page.text
        assert f"{number(check.points)} of {number(check.max_points)}" in page.text
    lights = [value for name, value in page.attributes if name == "href"]
    assert lights == [f"#{check.status.split()[0]}" for check in wrong().checks]
    assert page.text.count("credit carried forward") == 2
    assert "12 of 19 points" in page.text


def test_a_result_that_was_not_graded_has_no_score_and_no_word_of_the_graders_fault():
    text = Page(student_page(dataclasses.replace(wrong(), status="not graded", message="no memory"), TITLE)).text
    assert "tell your teacher" in text
    assert "not your fault" in text
    assert not re.search(r"\d+ of \d+|points:|no memory", text)


def test_a_file_that_cannot_be_run_has_the_reason_and_what_to_do():
    text = Page(student_page(not_gradable(), TITLE)).text
    assert "0 of 19 points: not gradable" in text
    assert "line 12: SyntaxError: '(' was never closed" in text
    assert "What to do: run the file" in text


def test_points_and_sizes_are_written_as_people_write_them():
    assert [number(p) for p in (2.0, 0.1 + 0.2, 1 / 3, 0.0)] == ["2", "0.3", "0.3333", "0"]
    assert times(0.5) == times(1.0) == "within what rounding can do"
    assert times(12.0) == "about 12 times what rounding allows"
    assert times(3e12) == "about 10¹² times what rounding allows"
    assert times(float("inf")) == "beyond all measure"


@catches("too generous", "telling.heatmap.DECADES", (1, 3, 6, 9, 12))
@catches("what did not come is green", "telling.heatmap.NOTHING", 0)
def test_a_colour_tells_rounding_from_error_and_error_from_nothing():
    assert [heatmap.colour(r) for r in (0.0, 1.0, 1.01, 1e3, 1e4, 1e7, 1e10, 1e13)] == [0, 0, 1, 1, 2, 3, 4, 5]
    assert heatmap.colour(5.0) == 1
    assert heatmap.colour(None) == len(heatmap.LEGEND) - 1


def colour_with_one_decade_less(r):
    return 6 if r is None else 0 if r <= 10 else 5


@catches("errors up to ten are green", "telling.heatmap.colour", colour_with_one_decade_less)
def test_a_heatmap_has_a_square_for_each_element_in_its_colour():
    (picture,) = heatmap.pictures({"nabla_w[1]": [[0.5, 5.0, 1e20], [None, 1.0, 1e20]]})
    drawn = {k: path.count("M") for k, path in re.findall(r'class="r(\d)" d="([^"]*)"', picture.drawing)}
    assert drawn == {"0": 2, "1": 1, "5": 2, "6": 1}
    assert picture.name == "∂C/∂w, layer 1"
    assert picture.sentence == (
        "3 of 6 elements wrong, the worst at [1, 2]: about 10²⁰ times what rounding allows; no number for 1"
    )


def test_a_large_tensor_is_drawn_small_and_its_worst_element_is_seen():
    cells = [[0.1] * 500 for _ in range(300)]
    cells[217][333] = 1e7
    (picture,) = heatmap.pictures({"nabla_w[1]": cells})
    assert len(picture.drawing) < 40_000
    assert picture.drawing.count('class="r3" d="M') == 1
    assert "the worst at [217, 333]" in picture.sentence


def test_the_trajectory_has_both_curves_and_a_gap_where_there_is_no_number():
    drawing = trajectory([0.5, None, 0.7], [0.5, 0.4, 0.3])
    own = re.search(r'class="own" d="([^"]*)"', drawing)[1]
    assert own.count("M") == 2
    assert re.search(r'class="expected" d="([^"]*)"', drawing)[1].count("L") == 2
    assert drawing.count("<circle") == 2
    assert not trajectory([None], [])


@given(st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), max_size=30))
def test_any_trajectory_can_be_drawn(costs):
    assert not re.search("nan|inf", trajectory(costs, [0.1]))


@given(st.lists(st.lists(st.none() | st.floats(0, allow_infinity=True), max_size=4), max_size=4))
def test_any_heatmap_can_be_drawn(cells):
    Page(student_page(wrong(heatmaps={"nabla_w[1]": cells}), TITLE))


@pytest.mark.parametrize("size", [0, 1, 84, ROWS + 1])
def test_the_class_page_is_well_formed_and_links_to_every_student(size):
    results = a_class(size)
    page = Page(class_page(results, TITLE))
    links = {value for name, value in page.attributes if name == "href"}
    assert links == {link(result.student) for result in results}
    assert not page.tags & {"script", "link", "img"}
    assert f"{size} handed in" in page.text


def few_know_it(count, size):
    """A class in which that many left out σ′, two transposed ∇w, and the others are right."""
    made = [[mistake()] * (k < count) + [mistake(NAMES[1], 0.5)] * (k < 2) for k in range(size)]
    return [wrong(f"s{k}", mistakes=made[k]) if made[k] else right(f"s{k}") for k in range(size)]


@catches("every explanation is taken for sure", "telling.tally.Made.unsure", 0)
def test_mistakes_are_told_by_frequency_and_with_their_names():
    text = Page(class_page(few_know_it(31, 84), TITLE)).text
    assert "31 of 84 σ′ left out of BP1" in text
    assert "2 of 84 ∇w transposed (BP4) – one of several explanations each time" in text
    assert text.index("31 of 84 σ′") < text.index("2 of 84 ∇w")


def test_a_rare_mistake_that_few_share_is_told_with_care():
    text = Page(class_page(few_know_it(31, 84), TITLE)).text
    assert "The same rare mistake" in text
    assert "It proves nothing" in text
    assert "2 of 84 ∇w transposed : s0 , s1" in text


@catches("any two", "telling.tally.ONE_IN", 1)
@catches("any number", "telling.tally.FEW", 99)
def test_what_two_share_in_a_small_class_is_not_rare():
    made = tally.mistakes(few_know_it(2, 9))
    assert not tally.rare(made, 9)
    assert not tally.rare(tally.mistakes(few_know_it(5, 100))[:1], 100)
    assert len(tally.rare(made, 20)) == 2


def test_a_mistake_of_all_but_a_few_is_not_rare():
    assert not tally.rare(tally.mistakes(few_know_it(4, 12)), 12)[1:]


def counting_all(results):
    return {"lowest": min(result.score for result in results), "median": 0.0, "mean": 0.0, "highest": 0.0}


@catches("a fault of the grader counts as zero", "telling.tally.spread", lambda graded: counting_all([not_graded()]))
def test_what_was_not_graded_is_in_no_number():
    text = Page(class_page([right("a"), right("b"), not_graded("c"), not_gradable("d")], TITLE)).text
    assert "4 handed in 2 graded 1 not gradable 1 not graded 19 lowest 19 median 19 mean 19 highest (of 19)" in text
    assert "c not graded the worker could not be started" in text


def test_checks_are_counted_over_the_class():
    found = {check.name: check for check in tally.per_check([right("a"), wrong("b"), wrong("c")])}
    assert list(found) == list(CHECKS)
    assert (found["BP1"].passed, found["BP1"].failed, found["BP1"].not_run) == (1, 2, 0)
    assert found["trajectory"].parts == [("passed", 1, pytest.approx(100 / 3)), ("not run", 2, pytest.approx(200 / 3))]
    assert [c.name for c in tally.per_check([wrong(checks=[Graded("extra", "passed", 1, 1)]), right()])][-1] == "extra"


def test_a_large_class_is_shown_in_groups():
    text = Page(class_page(few_know_it(0, ROWS + 1)[:2] + few_know_it(31, 1000)[2:], TITLE)).text
    assert "too many for a row each" in text
    assert len(re.findall(r"\d+ to \d+ ", text)) >= GROUPS


def test_the_histogram_has_everybody_and_the_full_score_in_its_last_bar():
    counts = [
        int(n)
        for n in re.findall(r'<text class="x" x="[\d.]+" y="-?[\d.]+">(\d+)</text>', histogram([10, 10, 9.5, 0, 4], 10))
    ]
    assert [counts[k] for k in range(3)] == [1, 1, 3]


def test_the_best_stand_first_and_those_without_a_score_last():
    names = [result.student for result in tally.in_order([not_graded(), not_gradable(), wrong(), right()])]
    assert names == ["ada", "bob", "eve", "mallory"]


def test_a_result_without_points_or_checks_has_a_page():
    Page(student_page(dataclasses.replace(right(), checks=[], trajectory={}, heatmaps={}), ""))
    Page(class_page([dataclasses.replace(right(), checks=[])], ""))
    assert cleaning.clean(dataclasses.replace(right("\x00"), checks=checks())).student == "(no name)"
