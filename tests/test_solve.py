"""Backwards against forwards: what is solved for gives what was asked, and the closed form is the same number."""

import time

import pytest

from napkin import FORMULAS, INPUTS, NapkinError, solve_for
from napkin.questions.scenario import Scenario


def forwards(unknown, solution, result, **given):
    inputs = Scenario.of(**given).case.inputs
    return FORMULAS[result](**{**inputs, unknown: type(INPUTS[unknown].default)(solution) if INPUTS[unknown].whole else float(solution)})


QWEN = {"model": "Qwen3-32B", "gpu": "B200 SXM"}
MIXTRAL = {"model": "Mixtral-8x7B", "gpu": "H200 SXM", "n_gpus": 2}


@pytest.mark.parametrize(
    ("unknown", "result", "wanted", "given"),
    [
        ("gpu_hour_price", "cost_per_user_month", 5, {"context": 20_000, "duty_cycle": 0.2}),
        ("gpu_hour_price", "cost_per_million_output_tokens", 0.5, {**MIXTRAL, "context": 8000}),
        ("duty_cycle", "cost_per_user_month", 5, {"context": 20_000}),
        ("memory", "sequences_that_fit", 100, {"context": 20_000}),
        ("bandwidth", "tokens_per_second_per_user", 100, {"context": 20_000}),
        ("bandwidth", "step_seconds", 0.05, {**MIXTRAL, "batch": 32, "context": 8000}),
        ("peak_flops", "time_to_first_token", 2, {**QWEN, "context": 20_000}),
        ("prefix_hit", "time_to_first_token", 0.2, {**QWEN, "context": 20_000}),
        ("acceptance_rate", "tokens_per_step", 3, {"draft_length": 4}),
        ("memory_utilisation", "memory_for_cache", 120e9, {"context": 20_000}),
        ("link_latency", "step_seconds", 0.04, {**MIXTRAL, "context": 8000}),
        ("parameters", "weight_bytes", 70e9, {}),
    ],
)
def test_the_answer_gives_what_was_asked(unknown, result, wanted, given):
    answer = solve_for(unknown, **{result: wanted}, **given)
    assert forwards(unknown, answer, result, **given) == pytest.approx(wanted, rel=1e-8)
    assert answer.check[result] == pytest.approx(wanted, rel=1e-8)


@pytest.mark.parametrize("wanted", [5, 60, 300, 305])
def test_users_are_reached_at_a_whole_context(wanted):
    answer = solve_for("context", users=wanted, duty_cycle=0.2)
    assert answer == int(answer)
    assert FORMULAS["users"](context=int(answer), duty_cycle=0.2) == wanted


def test_a_whole_input_is_found_by_trying_them_all():
    """The longest context of 6 conversations, and the numbers of KV heads, one after the other."""
    fitting = max(n for n in range(190_000, 210_000) if FORMULAS["sequences_that_fit"](context=n) == 6)
    assert solve_for("context", sequences_that_fit=6) == pytest.approx(fitting, abs=1)
    heads = [n for n in (1, 2, 4, 8, 16) if FORMULAS["kv_bytes_per_token"](n_kv_heads=n) == 65_536]
    assert [solve_for("n_kv_heads", kv_bytes_per_token=65_536, count="article")] == heads
    assert solve_for("weight_bits", weight_bytes=64e9) == 16


def test_a_result_that_does_not_hang_on_the_unknown_is_given():
    assert solve_for("gpu_hour_price", users=300, cost_per_user_month=5) == pytest.approx(5 * 300 / 720)
    assert solve_for("hours_per_month", users=300, cost_per_user_month=9.6) == pytest.approx(720)


def test_two_results_are_met_together_or_not_at_all():
    given = {"duty_cycle": 0.2, "gpu_hour_price": 5 * 300 / 720}
    both = solve_for("context", users=300, cost_per_user_month=5, **given)
    assert both == solve_for("context", users=300, duty_cycle=0.2)
    with pytest.raises(NapkinError, match=r"no context gives all of these: where users is 300 users .* cost_per_user_month is \$9.60"):
        solve_for("context", users=300, cost_per_user_month=5)


def test_the_closed_form_is_the_same_number():
    for unknown, given in (
        ("gpu_hour_price", {"cost_per_user_month": 5, "users": 300}), ("memory", {"sequences_that_fit": 100, "context": 20_000}),
        ("kv_bits", {"kv_bytes_per_token": 65_536}), ("bandwidth", {"memory_seconds": 0.02, "batch": 6}),
        ("prompt", {"prefill_flops": 1e15, "count": "article"}),
    ):
        answer = solve_for(unknown, **given)
        assert answer.closed_form is not None or INPUTS[unknown].choices
        if answer.closed_form is None:
            continue
        inputs = Scenario.of(**{name: value for name, value in given.items() if name not in FORMULAS}).case.inputs
        values = {}
        for symbol in answer.closed_form.free_symbols:
            name = symbol.name
            values[symbol] = given.get(name, inputs.get(name, getattr(INPUTS.get(name), "default", None)))
        assert float(answer.closed_form.subs(values)) == pytest.approx(float(answer), rel=1e-4 if INPUTS[unknown].whole else 1e-9)
        assert answer._repr_latex_().startswith("$$")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ({"unknown": "contxt", "users": 3}, "there is no input called 'contxt'; did you mean 'context'?"),
        ({"unknown": "context"}, "give at least one result, as in solve_for('context', cost_per_user_month=5)"),
        ({"unknown": "context", "context": 5, "users": 3}, "context is what to solve for, so it cannot be given"),
        ({"unknown": "gpu_price", "users": 3}, "users does not depend on gpu_price here"),
        ({"unknown": "context", "step_seconds": 0.0239}, "no context makes step_seconds 23.9 ms: it stays between 24 ms and"),
        ({"unknown": "context", "users": 301, "duty_cycle": 0.2}, "no context makes users 301 users: it jumps from 300 users to 305 users"),
        ({"unknown": "parameters", "sequences_that_fit": 4000}, "no parameters makes sequences_that_fit 4,000 conversations"),
        ({"unknown": "context", "users": -3}, "users must be a finite number above 0, got -3"),
        ({"unknown": "context", "user": 3}, "there is no input called 'user'"),
        ({"unknown": "kv_bits", "kv_bytes_per_token": 5}, "no kv_bits makes kv_bytes_per_token 5 B: 4: 65.536 kB, 8: 131.072 kB"),
        ({"unknown": "bandwidth", "step_seconds": 1e-5, "batch": 6}, "for every bandwidth"),
        ({"unknown": "batch", "step_seconds": 0.03, "gpu": "A100", "model": "Llama-3.1-8B"}, "no fp8 rate is published for the A100 80GB SXM"),
    ],
)
def test_without_an_answer_there_is_one_plain_sentence(call, said):
    if call["unknown"] == "bandwidth":  # a step that multiplies for as long as this takes no notice of bandwidth
        call = {**call, "step_seconds": FORMULAS["compute_seconds"](batch=6), "count": "article"}
    with pytest.raises(NapkinError) as caught:
        solve_for(**call)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_more_than_one_answer_is_told():
    """Guessing ahead pays until the guesses cost more than they bring: most speeds are reached twice."""
    given = {"context": 20_000, "draft_cost": 0.1, "count": "article"}
    plain = FORMULAS["tokens_per_second"](context=20_000)
    with pytest.raises(NapkinError, match=r"more than one draft_length makes tokens_per_second .*: 2\.\d* and 5\.\d*"):
        solve_for("draft_length", tokens_per_second=1.94 * plain, **given)
    with pytest.raises(NapkinError, match="no draft_length makes tokens_per_second"):
        solve_for("draft_length", tokens_per_second=2.5 * plain, **given)


def test_every_answer_comes_within_a_second():
    """Not a matter of speed but of ending: no search hangs."""
    start = time.perf_counter()
    for unknown in ("context", "memory", "parameters", "kv_bits", "n_layers", "batch", "prompt", "gpu_hour_price"):
        for result in ("users", "cost_per_user_month", "time_to_first_token", "step_seconds"):
            try:
                solve_for(unknown, **{result: 0.777}) if result != "users" else solve_for(unknown, users=7)
            except NapkinError as error:
                assert "\n" not in str(error)
    assert time.perf_counter() - start < 60
