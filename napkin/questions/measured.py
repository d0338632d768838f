"""How wrong a napkin may be: what measured kernels take, beside the time to read that is counted here.

The milliseconds are of a decode step of Llama-3.1-70B in fp8, as NVIDIA's aiconfigurator puts it together from measured
kernels (its tables, cited in chapter 10).
"""

from functools import cache

from .estimate import estimate

#: GPU, how many, batch, context: milliseconds of a step.
KERNELS = {
    ("H200 SXM", 1, 1, 2048): 22.4, ("H200 SXM", 1, 8, 2048): 23.5, ("H200 SXM", 1, 64, 2048): 31.9, ("H100 SXM", 2, 1, 2048): 17.4,
    ("H100 SXM", 2, 64, 2048): 23.1, ("H100 SXM", 2, 8, 32_768): 25.1, ("H100 SXM", 8, 1, 2048): 8.0,
}  # fmt: skip


@cache
def counted():
    """The same steps as they are counted here: {case: Estimate}."""
    return {
        (gpu, n, batch, context): estimate(
            "Llama-3.1-70B", gpu, n_gpus=n, batch=batch, context=context, count=["weights", "caches"], weight_bits=8, kv_bits=8
        )
        for gpu, n, batch, context in KERNELS
    }


def reached():
    """The least and the most of the counted speed that the kernels reach: the time to read, as a part of theirs.

    >>> ["{:.2f}".format(part) for part in reached()]
    ['0.33', '0.67']
    """
    parts = [1e3 * one["memory_seconds"] / KERNELS[case] for case, one in counted().items()]
    return min(parts), max(parts)
