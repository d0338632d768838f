"""Turned around and ranked, in the page against the package."""

import warnings

import pytest

from napkin import FORMULAS, NapkinError, Ranking, TurnAround, estimate, sensitivity, solve_for
from napkin.book import CHAT
from tests.browser import Watched, book, chromium  # noqa: F401  fixtures

RESULTS = ["cost_per_user_month", "users", "sequences_that_fit", "tokens_per_second", "tokens_per_second_per_user", "cost_per_million_output_tokens"]
INPUTS_ = ["gpu_hour_price", "context", "duty_cycle", "memory", "bandwidth", "parameters"]
NAMED = [{}, {"model": "Qwen3-32B"}, {"gpu": "H200 SXM"}, {"model": "gpt-oss-120b", "gpu": "B200 SXM"}, {"model": "Llama-3.1-8B", "gpu": "H100 SXM"}]
SETS = [{}, {"context": 5_000}, {"kv_bits": 16, "gpu_hour_price": 2.5}, {"tensor_parallel": 4, "memory_utilisation": 0.9}]


@pytest.fixture(scope="module")
def index(chromium, book):  # noqa: F811
    with Watched(chromium, book["http"], viewport={"width": 1280, "height": 900}) as watched:
        watched.page.goto(f"{book['http']}/chapters/index.html")
        yield watched.page
        assert not watched.faults, watched.faults


def python_of(free, result, target, named, given):
    """What the package says: a number, or None where it refuses."""
    given = {**CHAT, **given}
    given.pop(free, None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return float(solve_for(free, **named, count="all" if named else "article", **given, **{result: target}))
        except NapkinError:
            return None


def test_the_page_solves_as_the_package_does(index, chance):
    cases = []
    for _ in range(160):
        named, given = chance.choice(NAMED), chance.choice(SETS)
        result, free = chance.choice(RESULTS), chance.choice(INPUTS_)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            now = estimate(**named, count="all" if named else "article", **{**CHAT, **given})
        try:
            target = now[result] * chance.choice([0.5, 0.8, 0.97, 1.03, 1.5, 3, 1000])
        except NapkinError:
            continue
        target = max(1, round(target)) if FORMULAS[result].whole else target
        cases.append((free, result, target, named, given))
    found = index.evaluate(
        """(cases) => cases.map(([free, result, target, named, given]) => {
          const scenario = { model: "", gpu: "", ...named, given };
          const { inputs, unknown } = napkinResolve(napkinBook, scenario, napkinBook.start, new Set(Object.keys(napkinBook.names)));
          const { value, refused } = napkinSolve(napkinBook, inputs, unknown, free, result, target);
          return [value ?? null, refused ?? null];
        })""",
        cases,
    )
    solved = 0
    for case, (value, refused) in zip(cases, found):
        expected = python_of(*case)
        if expected is None:
            assert value is None and refused.endswith("."), (case, value)
            continue
        solved += 1
        assert value is not None, (case, refused, expected)
        if value == pytest.approx(expected, rel=1e-9):
            continue
        # Where a stretch of values gives the same whole result, either may name another of them, and both must be right.
        free, result, target, named, given = case
        assert value == pytest.approx(expected, rel=2e-4), case
        assert float(estimate(**named, count="all" if named else "article", **{**CHAT, **given, free: value})[result]) == pytest.approx(target, rel=1e-9), case
    assert solved >= 60 and len(cases) - solved >= 10


def test_the_reader_turns_it_around(index):
    index.reload()
    turn = index.locator("figure.napkin-turn")
    expected = solve_for("gpu_hour_price", count="article", **CHAT, cost_per_user_month=5)
    answer = turn.locator(".napkin-answer")
    assert float(answer.get_attribute("data-value")) == pytest.approx(float(expected), rel=1e-9)
    turn.get_by_label("What should this be?").select_option("context")
    expected = solve_for("context", count="article", duty_cycle=0.2, cost_per_user_month=5)
    assert float(answer.get_attribute("data-value")) == float(expected)
    assert expected.text in answer.inner_text() and answer.get_attribute("role") == "status"
    field = turn.get_by_label("to be", exact=True)
    field.fill("2.50")
    field.press("Tab")
    expected = solve_for("context", count="article", duty_cycle=0.2, cost_per_user_month=2.5)
    assert float(answer.get_attribute("data-value")) == float(expected)
    turn.get_by_role("button", name="put it into the scenario").click()
    assert index.evaluate("napkinStore.scenario.given.context") == float(expected)
    field.fill("many")
    field.press("Tab")
    assert turn.locator(".napkin-turn-refused").inner_text() == "cost_per_user_month must be a number above 0, got “many”"
    field.fill("0.0000001")
    field.press("Tab")
    assert "no context makes cost_per_user_month" in turn.locator(".napkin-turn-refused").inner_text()
    assert answer.text_content() == ""
    index.evaluate("napkinStore.replace(napkinNothing())")


def ranked(page):
    return page.eval_on_selector_all(".napkin-ranking li:not([hidden])", "all => all.map((one) => [one.dataset.name, Number(one.dataset.value)])")


@pytest.mark.parametrize("named", NAMED)
def test_the_ranking_is_that_of_the_package(index, named):
    for given in SETS:
        index.evaluate("(one) => napkinStore.replace(one)", {"model": "", "gpu": "", **named, "given": given})
        expected = sensitivity("cost_per_user_month", **named, count="all" if named else "article", **{**CHAT, **given})
        found = ranked(index)
        assert len(found) == min(8, len(expected))
        for (name, slope), largest in zip(found, expected.values()):
            assert slope == pytest.approx(expected[name], abs=1e-5), (name, named, given)
            assert abs(slope) == pytest.approx(abs(largest), abs=1e-5), "the largest come first"
    index.evaluate("napkinStore.replace(napkinNothing())")


def test_the_cost_chapter_ranks_too(chromium, book):  # noqa: F811
    with Watched(chromium, book["http"]) as watched:
        watched.page.goto(f"{book['http']}/chapters/06_cost.html#model=Qwen3-32B&context=5000")
        expected = sensitivity("cost_per_user_month", "Qwen3-32B", context=5_000, duty_cycle=0.2)
        for name, slope in ranked(watched.page):
            assert slope == pytest.approx(expected[name], abs=1e-5)
        assert not watched.faults, watched.faults


def test_the_finished_faces_hold_the_answer():
    turn = TurnAround(["cost_per_user_month"], ["gpu_hour_price", "context"], ("cost_per_user_month", 5), "gpu_hour_price", at=CHAT)
    assert f"rent an hour: {solve_for('gpu_hour_price', count='article', **CHAT, cost_per_user_month=5).text}" in turn._repr_html_()
    ranking = Ranking("cost_per_user_month", at=CHAT)
    assert ranking._repr_html_().count("<li") == 8 == len(repr(ranking).splitlines())


def test_bad_input_gets_one_sentence():
    with pytest.raises(NapkinError, match="there is no input called 'price'"):
        TurnAround(["users"], ["price"], ("users", 5), "price")
    with pytest.raises(NapkinError, match="cannot be typed as a target: its unit is byte"):
        TurnAround(["weight_bytes"], ["context"], ("weight_bytes", 5), "context")
    with pytest.raises(NapkinError, match="target and free must be among"):
        TurnAround(["users"], ["context"], ("users", 5), "memory")
    with pytest.raises(NapkinError, match="stays between"):
        TurnAround(["cost_per_user_month"], ["duty_cycle"], ("cost_per_user_month", 10**9), "duty_cycle")
    with pytest.raises(NapkinError, match="has no value"):
        Ranking("users", at={"memory": 1e9})
