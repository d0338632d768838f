"""Turned around and ranked, in the page against the package."""

import pytest

from napkin import INPUTS, NapkinError, Ranking, TurnAround, estimate, sensitivity, solve_for
from napkin.page.knowledge import CHAT
from tests import node
from tests.browser import Watched

NAMED = [
    {},
    {"model": "Qwen3-32B"},
    {"gpu": "H200 SXM"},
    {"model": "gpt-oss-120b", "gpu": "B200 SXM"},
    {"model": "Llama-3.1-8B", "gpu": "H100 SXM"},
]
SETS = [
    {},
    {"context": 5_000},
    {"context": 300_000},
    {"kv_bits": 16, "gpu_hour_price": 2.5},
    {"tensor_parallel": 4, "memory_utilisation": 0.9},
]


@pytest.fixture(scope="module")
def index(chromium, book):
    with Watched(chromium, book["http"], viewport={"width": 1280, "height": 900}) as watched:
        watched.page.goto(f"{book['http']}/chapters/index.html")
        yield watched.page
        assert not watched.faults, watched.faults


def test_what_few_conversations_cost_is_met_to_the_cent():
    """With one conversation the quotient says half as much again."""
    for gpu_hour_price in (4, 2.5):
        month = estimate(count="article", **{**CHAT, "context": 800_000}, gpu_hour_price=gpu_hour_price)["cost_per_user_month"]
        found = node.run(
            "scenario solving",
            """({ Scenario, book, solve }, month) => solve(new Scenario(book, { given: { context: 800000 } }).case(), "gpu_hour_price", "cost_per_user_month", month).value""",
            month,
        )
        assert found == pytest.approx(gpu_hour_price, rel=1e-9)


def test_the_reader_turns_it_around(index):
    index.wait_for_load_state("networkidle")
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
    assert turn.locator(".napkin-turn-refused").inner_text() == "The rent for a user-month must be a number above 0, got “many”."
    index.wait_for_timeout(300)  # what the scenario set in motion before does not wipe the refusal away
    assert "got “many”" in turn.locator(".napkin-turn-refused").inner_text()
    field.fill("0.0000001")
    field.press("Tab")
    assert "No value of context brings the rent for a user-month to" in turn.locator(".napkin-turn-refused").inner_text()
    assert answer.text_content() == ""
    index.evaluate("napkinStore.replace({})")


def test_the_card_offers_what_can_help_and_says_what_rounding_leaves(index):
    index.evaluate("napkinStore.replace({})")
    index.reload()
    turn = index.locator("figure.napkin-turn")
    wanted, free = turn.get_by_label("I want"), turn.get_by_label("What should this be?")
    wanted.select_option("tokens_per_second")
    offered = free.locator("option:not([disabled])").evaluate_all("all => all.map((one) => one.value)")
    assert offered == ["context", "memory", "bandwidth", "parameters", "n_kv_heads"] and free.input_value() == "context"
    for each in offered:
        assert (
            estimate(count="article", **CHAT)["tokens_per_second"]
            != estimate(count="article", **{**CHAT, each: {"context": 21_000, "n_kv_heads": 16}.get(each, INPUTS[each].default * 1.1)})[
                "tokens_per_second"
            ]
        )
    wanted.select_option("cost_per_user_month")
    field = turn.get_by_label("to be", exact=True)
    field.fill("5")
    field.press("Tab")
    free.select_option("context")
    at = solve_for("context", count="article", duty_cycle=0.2, cost_per_user_month=5)
    comes = estimate(count="article", duty_cycle=0.2, context=int(at)).text("cost_per_user_month")
    assert ("nearest whole context" in turn.locator(".napkin-turn-then").inner_text()) == (comes != "$5.00")
    free.select_option("n_kv_heads")
    refused = turn.locator(".napkin-turn-refused").inner_text()
    for heads in (1, 2, 4, 8, 16, 32, 64):
        assert f"{heads} it is {estimate(count='article', **CHAT, n_kv_heads=heads).text('cost_per_user_month')}" in refused


def test_the_card_follows_the_last_of_several_quick_changes(index):
    turn = index.locator("figure.napkin-turn")
    turn.get_by_label("What should this be?").select_option("gpu_hour_price")
    index.evaluate("napkinStore.change({ context: 30000 }); setTimeout(() => napkinStore.change({ context: 40000 }), 50)")
    expected = solve_for("gpu_hour_price", count="article", context=40_000, duty_cycle=0.2, cost_per_user_month=5)
    index.wait_for_function(
        "(value) => Math.abs(document.querySelector('.napkin-answer').dataset.value / value - 1) < 1e-9", arg=float(expected)
    )
    index.evaluate("napkinStore.change({ context: 30000 }); document.querySelector('.napkin-put').click()")  # before the card has followed
    expected = solve_for("gpu_hour_price", count="article", context=30_000, duty_cycle=0.2, cost_per_user_month=5)
    assert index.evaluate("napkinStore.scenario.given.gpu_hour_price") == pytest.approx(float(expected), rel=1e-9)
    index.evaluate("napkinStore.replace({})")


def ranked(page):
    return page.eval_on_selector_all(
        ".napkin-ranking li:not([hidden])", "all => all.map((one) => [one.dataset.name, Number(one.dataset.value)])"
    )


@pytest.mark.parametrize("named", NAMED)
def test_the_ranking_is_that_of_the_package(index, named):
    for given in SETS:
        index.evaluate("(one) => napkinStore.replace(one)", {"model": "", "gpu": "", **named, "given": given})
        expected = sensitivity("cost_per_user_month", **named, count="all" if named else "article", **{**CHAT, **given})
        found = ranked(index)
        assert len(found) == min(8, len(expected))
        for (name, slope), largest in zip(found, expected.values()):
            assert slope == pytest.approx(expected[name], rel=1e-9, abs=1e-12), (name, named, given)
            assert abs(slope) == pytest.approx(abs(largest), rel=1e-9), "the largest come first"
    index.evaluate("napkinStore.replace({})")


def test_a_ranking_of_nothing_says_why(index):
    index.evaluate("napkinStore.replace({ model: 'DeepSeek-V3', gpu: 'H100 SXM', given: {} })")
    assert ranked(index) == []
    assert "Nothing to rank: does not fit: needs" in index.locator(".napkin-ranking-why").inner_text()
    index.evaluate("napkinStore.replace({ model: '', gpu: '', given: { memory: 38.0e9, parameters: 32e9 } })")
    expected = sensitivity("cost_per_user_month", count="article", **CHAT, memory=38.0e9, parameters=32e9)
    assert max(map(abs, expected.values())) > 5, "a steep slope"
    for name, slope in ranked(index):
        assert slope == pytest.approx(expected[name], rel=1e-9, abs=1e-12)
    index.evaluate("napkinStore.replace({})")
    assert index.locator(".napkin-ranking-why").inner_text() == ""


def test_the_cost_chapter_ranks_too(chromium, book):
    with Watched(chromium, book["http"]) as watched:
        watched.page.goto(f"{book['http']}/chapters/06_cost.html#model=Qwen3-32B&context=5000")
        expected = sensitivity("cost_per_user_month", "Qwen3-32B", context=5_000, duty_cycle=0.2)
        for name, slope in ranked(watched.page):
            assert slope == pytest.approx(expected[name], abs=1e-5)
        assert not watched.faults, watched.faults


def test_the_finished_faces_hold_the_answer():
    turn = TurnAround(["cost_per_user_month"], ["gpu_hour_price", "context"], ("cost_per_user_month", 5), "gpu_hour_price", at=CHAT)
    assert (
        f"rent for a GPU-hour: {solve_for('gpu_hour_price', count='article', **CHAT, cost_per_user_month=5).text}"
        in turn._faces()["text/html"]
    )
    ranking = Ranking("cost_per_user_month", at=CHAT)
    assert ranking._faces()["text/html"].count("<li") == 8 == len(repr(ranking).splitlines())


def test_bad_input_gets_one_sentence():
    with pytest.raises(NapkinError, match="there is no input called 'price'"):
        TurnAround(["users"], ["price"], ("users", 5), "price")
    with pytest.raises(NapkinError, match="weight_bytes does not depend on context here"):
        TurnAround(["weight_bytes"], ["context"], ("weight_bytes", 5), "context")
    with pytest.raises(NapkinError, match="target and free must be among"):
        TurnAround(["users"], ["context"], ("users", 5), "memory")
    with pytest.raises(NapkinError, match="stays between"):
        TurnAround(["cost_per_user_month"], ["duty_cycle"], ("cost_per_user_month", 10**9), "duty_cycle")
    with pytest.raises(NapkinError, match="has no value"):
        Ranking("users", at={"memory": 1e9})
