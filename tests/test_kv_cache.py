"""Chapter 3 against arrays whose bytes NumPy counts, and against published figures."""

import numpy
import pytest

from napkin.kv_cache import (
    attention_flops_per_token,
    kv_bytes_per_sequence,
    kv_bytes_per_token,
    kv_intensity,
    weight_bytes,
    weight_flops_per_token,
    weight_intensity,
)


@pytest.mark.parametrize(("dtype", "bits"), [(numpy.int8, 8), (numpy.float16, 16), (numpy.float32, 32)])
def test_cache_is_as_large_as_the_arrays_that_hold_it(dtype, bits):
    layers, kv_heads, width, tokens = 3, 2, 16, 11
    cache = [numpy.zeros((2, kv_heads, tokens, width), dtype) for _ in range(layers)]
    shape = {"n_layers": layers, "n_heads": 4, "n_kv_heads": kv_heads, "head_dim": width, "kv_bits": bits}
    assert kv_bytes_per_sequence(**shape, context=tokens) == sum(array.nbytes for array in cache)


def test_published_shapes():
    """Key and value are both counted, and head_dim is the model's own, not d_model / n_heads."""
    llama_70b = {"n_layers": 80, "n_heads": 64, "n_kv_heads": 8, "head_dim": 128, "kv_bits": 16}
    assert kv_bytes_per_token(**llama_70b) == 327_680
    qwen3_32b = {"n_layers": 64, "n_heads": 64, "n_kv_heads": 8, "head_dim": 128, "kv_bits": 8}
    assert kv_bytes_per_token(**qwen3_32b) == 131_072
    assert kv_bytes_per_token(**{**qwen3_32b, "head_dim": 5120 // 64}) != 131_072
    assert kv_bytes_per_sequence(context=200_000) == 26_214_400_000
    assert kv_bytes_per_sequence(context=200_000, n_kv_heads=64) == pytest.approx(209.7e9, rel=1e-3)


def test_intensity_is_operations_over_bytes():
    for heads, kv_heads, bits in ((64, 8, 8), (64, 64, 8), (64, 1, 16), (32, 4, 4)):
        shape = {"n_heads": heads, "n_kv_heads": kv_heads, "kv_bits": bits}
        bytes_read = kv_bytes_per_sequence(**shape, context=1000)
        assert kv_intensity(**shape) == pytest.approx(attention_flops_per_token(**shape, context=1000) / bytes_read)
    for batch, bits in ((1, 8), (6, 4), (281, 16)):
        done = weight_flops_per_token(parameters=1000) * batch
        assert weight_intensity(batch=batch, weight_bits=bits) == done / weight_bytes(parameters=1000, weight_bits=bits)
