"""Chapter 8 against counting one token at a time, and against rolling the dice."""

import itertools
import random
from fractions import Fraction

import pytest

from napkin import FORMULAS, estimate
from napkin.many_tokens import (
    new_tokens,
    prefill_attention_flops,
    prefill_attention_share,
    prefill_bytes,
    prefill_chunks,
    prefill_flops,
    time_to_first_token,
    tokens_per_step,
)

PAIR = 4 * 64 * 64 * 128  # operations of a token and one that it looks at, over all layers of the article's shape


@pytest.mark.parametrize(("prompt", "hits"), [(1, 0), (2, 0), (1000, 0), (1000, 250), (4096, 4000)])
def test_attention_of_a_prompt_one_token_after_the_other(prompt, hits):
    counted = sum(PAIR * position for position in range(hits + 1, prompt + 1))
    assert prefill_attention_flops(prompt=prompt, prefix_hit=hits / prompt) == pytest.approx(counted, rel=1e-12)


@pytest.mark.parametrize("hits", [0, 100, 3000])
@pytest.mark.parametrize("name", ["gpt-oss-120b", "Gemma-3-27B", "DeepSeek-V3.2", "Qwen3-Next-80B-A3B"])
def test_attention_by_kind_of_layer_one_token_after_the_other(name, hits):
    found = estimate(name, context=4000, prompt=4000, prefix_hit=hits / 4000)
    model, flops = found.model, 0
    for position in range(hits + 1, 4001):
        flops += model.prefill_full_pair_flops * position + model.state_flops
        flops += model.prefill_window_pair_flops * min(position, model.window or 0)
        flops += model.prefill_selected_pair_flops * min(position, model.selected_tokens or 0)
    assert found["prefill_attention_flops"] == pytest.approx(flops, rel=1e-9)


def test_the_head_sees_only_the_last_token():
    found = estimate("Llama-3.1-8B", context=1000, prompt=1000)
    head = 128_256 * 4096
    assert found["prefill_weight_flops"] == 2 * (1000 * (7_504_924_672 - head) + head)


def test_a_prompt_of_one_token_is_a_step_of_one():
    for name in ("step_flops", "step_bytes"):
        step = FORMULAS[name](batch=1, context=1)
        assert {"step_flops": prefill_flops, "step_bytes": prefill_bytes}[name](prompt=1, context=1) == step


@pytest.mark.parametrize("chunk", [128, 1000, 4000, 20_000])
def test_bytes_chunk_by_chunk(chunk):
    """Every chunk reads the weights and the cache so far, its own share on average half, and writes what it adds."""
    prompt, moved, done = 20_000, 0, 0
    while done < prompt:
        taken = min(chunk, prompt - done)
        moved += 32e9 + done * 131_072 + taken * 131_072
        done += taken
    assert prefill_chunks(prompt=prompt, chunk_tokens=chunk) == -(-prompt // chunk)
    # the last chunk may be short: the formula takes all for equally long
    assert prefill_bytes(prompt=prompt, chunk_tokens=chunk) == pytest.approx(moved, rel=1e-3 if prompt % chunk else 1e-12)


def test_figures_that_follow_by_hand():
    assert prefill_flops(prompt=20_000) == 2 * 32e9 * 20_000 + PAIR * 20_000 * 20_001 / 2
    assert time_to_first_token(prompt=20_000) == prefill_flops(prompt=20_000) / 4.5e15
    assert prefill_attention_share(prompt=61_034) == pytest.approx(0.5, abs=1e-5)
    assert new_tokens(prompt=20_000, prefix_hit=0.25) == 15_000


@pytest.mark.parametrize("length", [0, 1, 4, 7])
@pytest.mark.parametrize("rate", [Fraction(0), Fraction(1, 2), Fraction(7, 10), Fraction(99, 100)])
def test_tokens_a_step_over_every_way_to_be_right_or_wrong(length, rate):
    expected = Fraction(0)
    for right in itertools.product((True, False), repeat=length):
        chance = Fraction(1)
        for one in right:
            chance *= rate if one else 1 - rate
        expected += chance * (1 + (right.index(False) if False in right else length))
    assert tokens_per_step(acceptance_rate=float(rate), draft_length=length) == pytest.approx(float(expected), rel=1e-12)


def test_tokens_a_step_by_dice():
    dice = random.Random(8)
    kept = 0
    for _ in range(100_000):
        guesses = 0
        while guesses < 4 and dice.random() < 0.7:
            guesses += 1
        kept += guesses + 1
    assert tokens_per_step(acceptance_rate=0.7, draft_length=4) == pytest.approx(kept / 100_000, rel=0.01)


@pytest.mark.parametrize(("batch", "context"), [(16, 20_000), (1000, 500)])
@pytest.mark.parametrize("length", [0, 1, 4, 8])
def test_a_draft_pays_for_plain_steps_not_for_checking(length, batch, context):
    """By hand, waiting for memory and for the multipliers: one pass that checks, and a part of a plain step for each guess."""
    reading = (32e9 + batch * context * 131_072) / 8e12
    multiplying = batch * (2 * 32e9 + PAIR * context) / 4.5e15
    by_hand = max(reading, (length + 1) * multiplying) + length * 0.05 * max(reading, multiplying)
    given = {"batch": batch, "context": context, "draft_length": length, "draft_cost": 0.05}
    assert FORMULAS["step_seconds"](**given) == pytest.approx(by_hand, rel=1e-12)


def test_guessing_costs_operations_and_reads_no_cache_twice():
    given = {"context": 20_000, "batch": 16}
    plain, guessing = (
        {name: FORMULAS[name](**given, **more) for name in ("step_flops", "step_bytes", "step_seconds")}
        for more in ({}, {"draft_length": 4, "draft_cost": 0})
    )
    assert guessing["step_flops"] == 5 * plain["step_flops"]
    assert guessing["step_bytes"] == plain["step_bytes"]
    assert guessing["step_seconds"] == plain["step_seconds"]
    # with experts, guesses touch more of them
    touched = [estimate("Mixtral-8x7B", "H200", batch=2, context=4000, draft_length=length)["experts_touched"] for length in (0, 3)]
    assert touched == pytest.approx([8 * (1 - 0.75**2), 8 * (1 - 0.75**8)])


@pytest.mark.parametrize("name", ["DeepSeek-V3", "Qwen3-235B-A22B", "Llama-3.1-70B"])
@pytest.mark.parametrize("layout", [{}, {"tensor_parallel": 8}, {"tensor_parallel": 2, "pipeline_parallel": 2}])
def test_guessing_is_charged_by_a_step_that_neither_reads_nor_multiplies_for_guesses(name, layout):
    """It is the step of the same batch without any guess, its links aside: experts that only guesses touch are not in it."""
    asked = {"model": name, "gpu": "B300 SXM", "batch": 2, "context": 4_000, "memory": 1e15, "count": ["weights", "caches", "kernels"]}
    guessing, plain = (estimate(**asked, **layout, draft_length=gamma) for gamma in (4, 0))
    assert guessing["plain_step_seconds"] == pytest.approx(plain["weight_seconds"] + plain["attention_seconds"], rel=1e-9)
