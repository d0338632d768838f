"""The generated JavaScript of every formula, refined or not, against exact arithmetic, in a browser."""

import math

import pytest

from napkin import INPUTS, evaluate
from napkin.language.graph import BOOK
from tests.oracle import FACES, base_inputs, exact, random_scenario


@pytest.fixture
def blank(chromium):
    """An empty page."""
    page = chromium.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("part", range(4))
def test_every_formula_in_javascript(blank, chance, part):
    for name, flags in FACES[part::4]:
        names = base_inputs([name], flags)
        guards = BOOK.under({**dict.fromkeys(names), **flags}).guards(name)
        names = base_inputs([name, *guards], flags)
        view = BOOK.under({**dict.fromkeys(names), **flags})
        scenarios = [{**random_scenario(names, chance), **flags} for _ in range(20)]
        source = view.javascript(name)
        found = blank.evaluate(f"(all) => all.map((v) => String(({source})(v).{name}))", scenarios)
        for scenario, text in zip(scenarios, found):
            if any(exact(guard, scenario)[0] <= 0 for guard in view.guards(name)):
                continue
            value, error = exact(name, scenario)
            number = math.nan if text == "NaN" else float(text)
            assert abs(number - value) <= error, (name, scenario)


def test_flags_left_open_are_decided_by_their_value(blank, chance):
    """A page whose controls are switches computes what the formulas compute for the switches as they stand."""
    flags = {"count_weights", "count_caches", "count_formats", "count_attention", "count_vectors"}
    names = base_inputs(["step_seconds", "room_for_batch", "sequences_that_fit"], dict.fromkeys(flags, 1))
    view = BOOK.under({**dict.fromkeys(names), **dict.fromkeys(flags, 1)}, undecided=flags)
    source = view.javascript("step_seconds")
    for _ in range(60):
        scenario = {**random_scenario(names, chance), **{flag: chance.choice([0, 1]) for flag in flags}}
        if any(exact(guard, scenario)[0] <= 0 for guard in BOOK.under(scenario).guards("step_seconds")):
            continue
        value, error = exact("step_seconds", scenario)
        assert abs(blank.evaluate(f"(v) => ({source})(v).step_seconds", scenario) - value) <= error, scenario


def test_what_is_left_open_is_taken_where_it_is_given(blank, chance):
    """One program for the whole book: any input or result may be given, and what is not is computed."""
    from napkin.page.knowledge import OPEN

    names = ("users", "tokens_per_second", "cost_per_user_month", "time_to_first_token")
    source = OPEN.javascript(*names)
    base = {name: known.default for name, known in INPUTS.items() if not known.computed and not known.flag}
    given = [
        {},
        {"batch": 5},
        {"sequences_that_fit": 40, "duty_cycle": 0.2},
        {"users": 300},
        {"prompt": 7000},
        {"count_weights": 1, "context": 3000},
        {"active_parameters": 3e9, "count_weights": 1},
        {"tensor_parallel": 8, "context": 40_000},
        {"context": 10**6 * 2},
        {"batch": 7},
    ]
    for one in given:
        found = blank.evaluate(f"(v) => ({source})(v)", {**base, **one})
        expected = evaluate(names, one)
        for name in names:
            if expected[name] != expected[name]:
                assert found[name] is None or math.isnan(found[name])
            else:
                assert found[name] == pytest.approx(expected[name], rel=1e-12), (name, one)
