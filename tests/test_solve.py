"""Backwards against forwards: what is solved for gives what was asked, and the closed form is the same number."""

import copy
import doctest
import itertools
import pickle
import random
import re
import time
from dataclasses import replace

import numpy
import pytest

from napkin import FORMULAS, INPUTS, NapkinError, estimate, evaluate, gpu, model, solve_for
from napkin.language.graph import BOOK
from napkin.language.inputs import TOGETHER, check_together
from napkin.questions import solve
from napkin.questions.scenario import Scenario
from napkin.several_gpus import LAYOUT
from tests.oracle import random_value


def forwards(unknown, solution, result, **given):
    value = int(solution) if INPUTS[unknown].whole else float(solution)
    return estimate(**given, **{unknown: value})[result]


QWEN = {"model": "Qwen3-32B", "gpu": "B200 SXM"}
MIXTRAL = {"model": "Mixtral-8x7B", "gpu": "H200 SXM", "n_gpus": 2}


COUNTED_OF_A_STEP = ["weights", "caches", "formats", "attention", "vectors"]  # without the reserve, which is memory


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
    answer = solve_for("context", users=wanted, duty_cycle=0.2, count="article")
    assert answer == int(answer)
    assert FORMULAS["users"](context=int(answer), duty_cycle=0.2) == wanted


def test_a_whole_input_is_found_by_trying_them_all():
    """The longest context of 6 conversations, and the numbers of KV heads, one after the other."""
    fitting = max(n for n in range(190_000, 210_000) if FORMULAS["sequences_that_fit"](context=n) == 6)
    assert solve_for("context", sequences_that_fit=6, count="article") == pytest.approx(fitting, abs=1)
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
        ("gpu_hour_price", {"cost_per_user_month": 5, "users": 300}),
        ("memory", {"sequences_that_fit": 100, "context": 20_000}),
        ("kv_bits", {"kv_bytes_per_token": 65_536}),
        ("bandwidth", {"memory_seconds": 0.02, "batch": 6}),
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
        (
            {"unknown": "context", "step_seconds": 0.0239, "count": COUNTED_OF_A_STEP},
            "no context makes step_seconds 23.9 ms: it jumps from 23.8999882 ms to 23.9000045 ms",
        ),
        (
            {"unknown": "context", "step_seconds": 0.0139, "count": COUNTED_OF_A_STEP},
            "no context makes step_seconds 13.9 ms: it stays between 14.0029 ms and 17.366 s",
        ),
        ({"unknown": "users", "cost_per_user_month": 5}, "users is a result: fix it and free an input"),
        ({"unknown": "n_gpu", "users": 5}, "there is no input called 'n_gpu'; did you mean 'n_gpus'?"),
        ({"unknown": "n_gpus", "n_gpus": 2, "users": 5}, "n_gpus is what to solve for, so it cannot be given"),
        ({"unknown": "n_gpus", "users": 10**7}, "no n_gpus up to 4,096 makes users 10,000,000 users: it stays between"),
        ({"unknown": "gpu_hour_price", "users": 300}, "users does not depend on gpu_hour_price here"),
        (
            {"unknown": "context", "users": 301, "duty_cycle": 0.2, "count": "article"},
            "no context makes users 301 users: it jumps from 300 users to 305 users",
        ),
        ({"unknown": "parameters", "sequences_that_fit": 4000}, "no parameters makes sequences_that_fit 4,000 conversations"),
        ({"unknown": "context", "users": -3}, "users must be a finite number above 0, got -3"),
        ({"unknown": "context", "user": 3}, "there is no input called 'user'"),
        ({"unknown": "kv_bits", "kv_bytes_per_token": 5}, "no kv_bits makes kv_bytes_per_token 5 B: 4: 65.536 kB, 8: 131.072 kB"),
        ({"unknown": "bandwidth", "step_seconds": 1e-5, "batch": 6}, "for every bandwidth"),
        (
            {"unknown": "batch", "step_seconds": 0.03, "gpu": "Apple M3 Ultra", "model": "Llama-3.1-8B"},
            "no bf16 rate is published for the Apple M3 Ultra",
        ),
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


# The exact inverse: what an estimate gives somewhere is reached again, or it is said truly why not.

RESULTS = [name for name in FORMULAS if name != "n_gpus"]
COUNTED = ["all", "all", "article", ["weights", "caches"], ["formats", "attention"], ["vectors"]]


def with_value(asked, unknown, value):
    whole = unknown == "n_gpus" or INPUTS[unknown].whole
    value = int(value) if whole else float(value)
    return replace(asked, n_gpus=value) if unknown == "n_gpus" else replace(asked, given={**asked.given, unknown: value})


def random_unknown(unknown, chance):
    """A value of the unknown, often one of its ends, or where it starts."""
    if unknown == "n_gpus":
        return chance.randint(1, 64)
    known = INPUTS[unknown]
    if known.choices:  # of bits the named formats are tried
        return chance.choice(list(known.choices))
    ends = [known.low, known.high, known.least, known.most, known.default]
    ends = [end for end in ends if not isinstance(end, str) and end < 1e18 and known.allows(end)]
    return chance.choice(ends) if ends and chance.random() < 0.3 else random_value(unknown, chance)


def random_pairs(chance):
    """Without end: a scenario, an unknown, a value of it, and a result that mostly depends on it, with what it is there."""
    while True:
        unknown = "n_gpus" if chance.random() < 0.03 else chance.choice(list(INPUTS))
        names = {*chance.sample(list(INPUTS), chance.choice([0, 0, 1, 2, 4])), *chance.choice([[], ["context", "duty_cycle"]])}
        names.update(chance.choice([[], [], ["batch"]]))
        given = {name: random_value(name, chance) for name in sorted(names) if name != unknown and not INPUTS[name].flag}
        n_gpus = chance.choice([1, 2, 4, 6, 8, 16]) if chance.random() < 0.3 and unknown != "n_gpus" else None
        try:
            asked = Scenario(chance.choice([None, *model]), chance.choice([None, *gpu]), n_gpus, chance.choice(COUNTED), given=given)
            value = random_unknown(unknown, chance)
            case = with_value(asked, unknown, value).case
            partners = {one for pair in TOGETHER for one in pair[:2] if one in case.inputs or not INPUTS[one].computed}
            check_together({one: case.inputs.get(one, INPUTS[one].default) for one in partners})
        except NapkinError:
            continue
        moved, view = set(LAYOUT) if unknown == "n_gpus" else {unknown}, BOOK.under(case.inputs)
        some = [one for one in chance.sample(RESULTS, 30) if not moved.isdisjoint(view.inputs(one))][:10]
        some += chance.sample(RESULTS, chance.random() < 0.1)
        yield from ((asked, unknown, value, one, wanted) for one, wanted in case.numbers(tuple(dict.fromkeys(some))).items() if wanted > 0)


def outcome(chance, asked, unknown, value, result, wanted):
    """What solving for it came to, in a word; fails where that is not true."""
    about = (asked.model, asked.gpu, asked.n_gpus, asked.count, dict(asked.given), unknown, value, result, wanted)
    try:
        found = solve_for(unknown, asked.model, asked.gpu, asked.n_gpus, count=asked.count, **asked.given, **{result: wanted})
    except NapkinError as error:
        met = getattr(error, "met", ())
        if met:
            within = [(met[0][0], met[-1][1])] if re.search(r"more than \d", str(error)) else met
            assert any(low * (1 - 1e-9) <= value <= high * (1 + 1e-9) for low, high in within), (about, str(error))
            return "a stretch" if "for every" in str(error) else "several"
        if "too often for each to be looked at" in str(error):  # a window of tokens in pages comes back to it at every page
            inputs = {**with_value(asked, unknown, value).case.inputs, unknown: numpy.arange(max(1, value // 2), 2 * value + 1)}
            below = evaluate((result,), inputs)[result] < wanted
            assert (below[1:] != below[:-1]).sum() > 100, (about, str(error))
            return "several"
        assert "not depend on" in str(error), (about, str(error))
        for _ in range(3):
            try:
                other = with_value(asked, unknown, random_unknown(unknown, chance)).case.numbers((result,))[result]
            except NapkinError:
                continue
            assert not abs(other / wanted - 1) > 1e-9, (about, other)
        return "no dependence"
    there = with_value(asked, unknown, found).case.numbers((result,))[result]
    assert there == pytest.approx(wanted, rel=1e-9) and found.check == {result: there}, (about, found)
    return "a value"


# `make check` takes the first thousand of the ten thousand pairs
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 10))])
def test_what_an_estimate_gives_is_reached_again(seed):
    chance, counts = random.Random(seed), {}
    for pair in itertools.islice(random_pairs(chance), 1000):
        came = outcome(chance, *pair)
        counts[came] = counts.get(came, 0) + 1
    assert counts["a value"] > 650, counts  # of the others most are indifferent: nodes and ways of links, where one GPU has none


@pytest.mark.parametrize(
    ("unknown", "given", "result", "value"),
    [
        ("gpu_hour_price", {"context": 800_000}, "cost_per_user_month", 25 / 6),
        ("gpu_hour_price", {"context": 800_000, "duty_cycle": 0.2}, "cost_per_user_month", 4.0),
        ("gpu_price", {"gpu": "GH200 (144GB HBM3e)", "count": "article"}, "capital_per_user", 200_000),
        ("draft_length", {}, "cost_per_million_output_tokens", 0),
        ("context", {}, "step_seconds", 200_000),
        ("n_layers", {}, "step_seconds", 64),
        ("peak_flops", {"model": "Qwen3-8B", "gpu": "H100 SXM", "batch": 8, "context": 20_000}, "compute_seconds", 3e14),
        ("tensor_parallel", {"model": "Qwen3-8B", "gpu": "A10G", "peak_flops": 7e13, "batch": 8, "context": 2000}, "link_seconds", 2),
        ("weight_bits", {"model": "Qwen3-8B", "gpu": "B200 SXM", "batch": 256, "context": 200}, "compute_seconds", 16),
        ("n_heads", {"n_gpus": 8, "model": "Qwen3-8B", "gpu": "H100 SXM", "batch": 64}, "step_seconds", 24),
        ("n_kv_heads", {"n_heads": 12}, "kv_bytes_per_token", 6),
        ("n_gpus", {"model": "Llama-3.1-70B", "gpu": "H100 SXM", "context": 20_000}, "sequences_that_fit", 6),
    ],
)
def test_what_was_missed_is_found(unknown, given, result, value):
    wanted = estimate(**given, **{unknown: value})[result]
    found = solve_for(unknown, **given, **{result: wanted})
    assert found == pytest.approx(value, rel=1e-9) and found.check[result] == pytest.approx(wanted, rel=1e-9)


def test_every_context_was_looked_at():
    """One after the other, those that fit: none has what is refused, and what is had more than once is told of all."""
    steps = evaluate(("step_seconds",), {"context": numpy.arange(1, 1_230_000)})["step_seconds"]
    with pytest.raises(NapkinError, match=r"it jumps from 23.89999 ms to 23.9000064 ms"):
        solve_for("context", step_seconds=0.0239, count="article")
    assert not numpy.isclose(steps, 0.0239, rtol=1e-9, atol=0).any()
    assert (numpy.isclose(steps[:-1], 0.02389999, rtol=1e-9) & numpy.isclose(steps[1:], 0.0239000064, rtol=1e-9)).any()
    with pytest.raises(NapkinError, match=r"it stays between 14 ms and 17.3617 s"):
        solve_for("context", step_seconds=0.0139, count="article")
    assert round(numpy.nanmax(steps), 4) == 17.3617 and round(numpy.nanmin(steps), 6) == 0.014
    with pytest.raises(solve.NoAnswer, match="62 values, 2,800 tokens, 2,900 tokens, 3,000 tokens … and 1,218,000 tokens") as caught:
        solve_for("context", step_seconds=float(steps[6999]), count="article")
    assert [low for low, _ in caught.value.met] == list(numpy.flatnonzero(numpy.isclose(steps, steps[6999], rtol=1e-11, atol=0)) + 1)


def test_a_solution_travels_and_knows_its_scenario():
    answer = solve_for("gpu_hour_price", "Qwen3-32B", "B200 SXM", users=300, cost_per_user_month=5)
    for other in (copy.copy(answer), copy.deepcopy(answer), pickle.loads(pickle.dumps(answer))):
        assert other == answer and repr(other) == repr(answer) and other.closed_form == answer.closed_form is not None
    assert answer.case.facts["memory"].value == gpu("B200 SXM").memory
    assert doctest.testmod(solve).failed == 0
