"""Chapter 2 against counting, and against the errata's recomputed figures."""

import numpy
import pytest

from napkin.attention import attention_flops_per_pair, projection_flops, projection_intensity, projection_loads, projection_loads_apart


@pytest.mark.parametrize(("batch", "tokens", "d"), [(1, 1, 2), (3, 4, 5), (2, 7, 3)])
def test_projection_by_counting(batch, tokens, d):
    seen, operations = set(), 0
    for b, n, column, row in numpy.ndindex(batch, tokens, d, d):
        seen |= {("x", b, n, row), ("w", row, column)}
        operations += 2
    shape = {"batch": batch, "tokens": tokens, "d_model": d}
    assert projection_flops(**shape) == operations
    assert projection_loads(**shape) == len(seen)
    assert projection_intensity(**shape) == operations / len(seen)
    apart = {(b, *one) for b in range(batch) for one in seen if one[0] == "w" or one[1] == b}
    assert projection_loads_apart(**shape) == len(apart)


def test_attention_of_one_pair_by_counting():
    layers, heads, width = 2, 3, 4
    operations = 0
    for _ in numpy.ndindex(layers, heads):
        operations += 2 * width  # the score: a dot product
        operations += 2 * width  # the sum: a value, weighed and added
    assert attention_flops_per_pair(n_layers=layers, n_heads=heads, n_kv_heads=1, head_dim=width) == operations


def test_figures_of_the_errata():
    prompt = {"batch": 1, "tokens": 200_000, "d_model": 8192}
    assert projection_flops(**prompt) == pytest.approx(26.84e12, rel=1e-3)
    assert projection_loads(**prompt) == 1_705_508_864
    assert projection_intensity(**prompt) == pytest.approx(15_739, abs=0.5)
    # The two counts of a batch part by a few percent in a prompt, by a factor of hundreds in decode.
    ratio = projection_loads_apart(**{**prompt, "batch": 281}) / projection_loads(**{**prompt, "batch": 281})
    assert ratio == pytest.approx(1.041, abs=5e-4)
    step = {"batch": 281, "tokens": 1, "d_model": 8192}
    assert projection_loads_apart(**step) == pytest.approx(1.886e10, rel=1e-3)
    assert projection_loads(**step) == pytest.approx(6.94e7, rel=1e-3)
    assert 263 < projection_loads_apart(**step) / projection_loads(**step) < 272.5
    assert projection_loads(batch=1, tokens=1, d_model=5120) == 26_219_520
    assert projection_flops(batch=1, tokens=1, d_model=5120) == 52_428_800
