"""Chapter 4 against the errata's figures and against searching for what the formulas say in closed form."""

import numpy
import pytest

from napkin import NapkinError
from napkin.b200_budget import (
    arithmetic_intensity,
    attainable_flops,
    balanced_batch,
    best_compute_share,
    compute_idle_fraction,
    compute_seconds,
    half_peak_context,
    machine_balance,
    memory_seconds,
    step_seconds,
    weight_compute_seconds,
    weight_memory_seconds,
)


def test_figures_of_the_errata():
    assert machine_balance() == 562.5
    assert machine_balance(bandwidth=7.7e12) == pytest.approx(584, abs=0.5)
    assert balanced_batch() == 281.25
    assert balanced_batch(bandwidth=7.7e12) == pytest.approx(292, abs=0.5)
    assert half_peak_context() == pytest.approx(868.06, abs=0.01)
    assert arithmetic_intensity(batch=6, context=200_000) == pytest.approx(15.3, abs=0.05)


def test_precision_moves_both_sides():
    assert [balanced_batch(weight_bits=bits) for bits in (4, 8, 16, 32)] == [281.25] * 4


@pytest.mark.parametrize("context", [1, 500, 868, 20_000])
def test_the_weights_are_balanced_at_every_context(context):
    """Search: the first batch whose products with the weights wait for the multipliers is 282, whatever the conversations keep."""
    batches = numpy.arange(1, 1000)
    given = {"batch": batches, "context": context}
    first = batches[weight_compute_seconds(**given) >= weight_memory_seconds(**given)].min()
    assert first == int(numpy.ceil(balanced_batch())) == 282


@pytest.mark.parametrize(("context", "share"), [(100, 0.90), (500, 0.63), (868, 0.50), (8_000, 0.10)])
def test_the_best_share_by_search(context, share):
    """Kernel after kernel, an enormous batch multiplies its weights for this part of the step; 868 = 64e9 / (562.5 * 131,072)."""
    given = {"batch": 10**12, "context": context, "count_kernels": 1, "memory": 1e30}
    found = weight_compute_seconds(**given) / step_seconds(**given)
    assert found == pytest.approx(best_compute_share(context=context), rel=1e-6)
    assert found == pytest.approx(share, abs=0.006)
    assert found == pytest.approx(1 / (1 + context * 562.5 * 131_072 / 64e9), rel=1e-6)


def test_attention_bound_by_compute_is_said():
    """Few KV heads on a machine with much bandwidth: the cache alone brings enough."""
    generous = {"n_kv_heads": 1, "peak_flops": 1e14, "bandwidth": 1e13}
    with pytest.raises(NapkinError, match="a cache brings at least the 10 FLOP/B that the GPU wants"):
        half_peak_context(**generous)


@pytest.mark.parametrize(("batch", "milliseconds"), [(4, 2.5), (256, 21)])
def test_the_scaling_books_quiz(batch, milliseconds):
    """A 30B model with int8 weights on 16 TPU v5e, 8,192 tokens of 100 kB each: How to Scale Your Model, chapter 7, question on latency."""
    slice_of_16 = {"peak_flops": 16 * 1.97e14, "bandwidth": 16 * 8.1e11, "memory": 16 * 16e9, "parameters": 30e9}
    step = step_seconds(**slice_of_16, kv_bytes_per_token=100e3, context=8192, batch=batch, count_kernels=1, room_for_batch=1)
    assert step * 1000 == pytest.approx(milliseconds, rel=0.03)


def test_kernels_one_after_the_other_are_the_sum_of_two_rooflines():
    """max(weights) + max(caches), by hand; where all waits for memory it is what overlapping is."""
    for batch in (1, 64, 300, 4096):
        for context in (1, 800, 100_000):
            given = {"batch": batch, "context": context, "memory": 1e15, "count_kernels": 1}
            weights = max(32e9 / 8e12, 2 * 32e9 * batch / 4.5e15)
            attention = max(batch * context * 131_072 / 8e12, 4 * 64 * 64 * 128 * context * batch / 4.5e15)
            assert step_seconds(**given) == pytest.approx(weights + attention, rel=1e-12)
            assert step_seconds(**given) >= step_seconds(**{**given, "count_kernels": 0}) * (1 - 1e-12)


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
