"""Chapter 5 against the errata's figures and against filling a GPU one conversation at a time."""

import pytest

from napkin.b200_budget import compute_idle_fraction, compute_seconds, memory_seconds, step_seconds
from napkin.capacity import memory_for_cache, sequences_that_fit, tokens_per_second, tokens_per_second_per_user, users


@pytest.mark.parametrize("context", [500, 4_000, 20_000, 40_000, 200_000, 1_300_000])
def test_filling_the_gpu_one_conversation_at_a_time(context):
    used, held = 32 * 10**9, 0
    while used + 131_072 * context <= 192 * 10**9:
        used, held = used + 131_072 * context, held + 1
    assert sequences_that_fit(context=context) == held


def test_figures_of_the_errata():
    assert memory_for_cache() == 160e9
    assert [sequences_that_fit(context=n) for n in (200_000, 40_000, 20_000, 4_000)] == [6, 30, 61, 305]
    assert sequences_that_fit(kv_bits=16) == 3
    assert users(context=20_000, duty_cycle=0.2) == 305
    assert memory_seconds() == pytest.approx(23.66e-3, abs=5e-6)
    assert compute_seconds() == pytest.approx(0.645e-3, abs=5e-7)
    assert compute_idle_fraction() == pytest.approx(0.973, abs=5e-4)
    assert tokens_per_second() == pytest.approx(253.6, abs=0.05)
    assert tokens_per_second_per_user() == pytest.approx(42.26, abs=0.005)


def test_a_full_gpu_always_takes_as_long_as_reading_its_memory():
    for context in (4_000, 20_000, 200_000):
        assert step_seconds(context=context) == pytest.approx(192e9 / 8e12, rel=0.015)
        assert step_seconds(context=context) <= 192e9 / 8e12
