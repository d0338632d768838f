"""Chapter 4 against the errata's figures and against searching for what the formulas say in closed form."""

import numpy
import pytest

from napkin import NapkinError
from napkin.b200_budget import (
    arithmetic_intensity,
    attainable_flops,
    balanced_batch,
    compute_bound_batch,
    compute_bound_context,
    compute_idle_fraction,
    compute_seconds,
    machine_balance,
    memory_seconds,
    step_seconds,
)


def test_figures_of_the_errata():
    assert machine_balance() == 562.5
    assert machine_balance(bandwidth=7.7e12) == pytest.approx(584, abs=0.5)
    assert balanced_batch() == 281.25
    assert balanced_batch(bandwidth=7.7e12) == pytest.approx(292, abs=0.5)
    assert compute_bound_context() == pytest.approx(893.5, abs=0.1)
    assert arithmetic_intensity(batch=6, context=200_000) == pytest.approx(15.3, abs=0.05)


def test_precision_moves_both_sides():
    assert [balanced_batch(weight_bits=bits) for bits in (4, 8, 16, 32)] == [281.25] * 4


def test_no_batch_fills_the_compute_beyond_the_limit():
    """Search: with an enormous batch, compute takes longer up to this context and not beyond."""
    contexts = numpy.arange(850, 950)
    huge = {"batch": 10**12, "context": contexts}
    filled = contexts[compute_seconds(**huge) >= memory_seconds(**huge)]
    assert filled.max() == int(compute_bound_context())


@pytest.mark.parametrize("context", [100, 500, 800])
def test_the_batch_that_fills_by_search(context):
    batches = numpy.arange(1, 5000)
    given = {"batch": batches, "context": context}
    first = batches[compute_seconds(**given) >= memory_seconds(**given)].min()
    assert first == int(numpy.ceil(compute_bound_batch(context=context)))


def test_no_batch_and_any_context_are_said():
    with pytest.raises(NapkinError, match="no batch does, at any context beyond 893 tokens"):
        compute_bound_batch(context=900)
    # Few KV heads on a machine with much bandwidth: the cache alone brings enough.
    generous = {"n_kv_heads": 1, "peak_flops": 1e14, "bandwidth": 1e13}
    with pytest.raises(NapkinError, match="any context does: the cache alone brings at least the 10 FLOP/B that the GPU wants"):
        compute_bound_context(**generous)
    assert compute_bound_batch(**generous, context=10**6) > 0


def test_decode_has_both_ceilings():
    """Never faster than the weights' operations at peak, never faster than the bytes at full bandwidth."""
    for batch in (1, 64, 4096):
        for context in (1, 800, 100_000):
            given = {"batch": batch, "context": context, "memory": 1e15}
            assert step_seconds(**given) >= 2 * 32e9 * batch / 4.5e15
            assert step_seconds(**given) >= (32e9 + batch * context * 131_072) / 8e12
            assert step_seconds(**given) == max(memory_seconds(**given), compute_seconds(**given))
            assert 0 <= compute_idle_fraction(**given) < 1


def test_the_roofline_is_the_lower_of_two_lines():
    assert attainable_flops(intensity=1) == 8e12
    assert attainable_flops(intensity=10_000) == 4.5e15
    assert attainable_flops(intensity=562.5) == 4.5e15
