"""Chapter 10 against GPUs counted one by one: rings, strips, stages and groups played through."""

from math import ceil

import numpy
import pytest

from napkin import NapkinError, estimate
from napkin.b200_budget import compute_seconds, memory_seconds, step_seconds
from napkin.capacity import bytes_for_batch, bytes_for_one, memory_for_cache, sequences_that_fit, users
from napkin.cost import capital_per_user, cost_per_user_hour
from napkin.kv_cache import kv_bytes_per_sequence, weight_bytes
from napkin.several_gpus import (
    all_reduce_seconds,
    all_to_all_seconds,
    cache_repeats,
    copied_weight_bytes,
    hand_over_seconds,
    kv_copies,
    link_seconds,
    message_bytes,
    parts_at_work,
)

SHAPE = {"context": 20_000}
EXPERTS = {
    **SHAPE,
    "parameters": 30 * 10**9,
    "expert_parameters": 24 * 10**9,
    "active_parameters": 9 * 10**9,
    "n_experts": 8,
    "experts_per_token": 1,
    "kv_shards": 8,
}
LAYOUTS = [(t, g, e) for t in (1, 2, 4, 16) for g in (1, 2, 4) for e in (1, 2, 4)]


def layout(t, g, e):
    return {"tensor_parallel": t, "pipeline_parallel": g, "expert_parallel": e}


def ring(vectors):
    """Sum vectors as GPUs in a ring do: the sums, and the elements that each sent."""
    t = len(vectors)
    held = [list(numpy.array_split(vector, t)) for vector in vectors]
    sent = [0] * t
    for adding in (True, False):
        for turn in range(t - 1):
            moving = [(i, (i - turn + (not adding)) % t) for i in range(t)]
            for (i, piece), values in zip(moving, [held[i][piece].copy() for i, piece in moving]):
                sent[i] += values.size
                to = held[(i + 1) % t]
                to[piece] = to[piece] + values if adding else values
    return [numpy.concatenate(one) for one in held], sent


@pytest.mark.parametrize("t", [2, 3, 4, 8])
def test_an_all_reduce_sends_what_a_ring_sends(t):
    vectors = numpy.random.default_rng(t).integers(0, 100, (t, 24 * 35))
    sums, sent = ring(vectors)
    assert all((one == vectors.sum(axis=0)).all() for one in sums)
    assert len(set(sent)) == 1
    given = {"batch": 1, "d_model": 24 * 35, "activation_bits": 16, "link_bandwidth": 1e9, "link_latency": 3e-6}
    assert all_reduce_seconds(tensor_parallel=t, **given) == pytest.approx(3e-6 + sent[0] * 2 / 1e9)


def test_one_gpu_sends_nothing():
    for formula in (all_reduce_seconds, all_to_all_seconds, hand_over_seconds, link_seconds):
        assert formula(batch=3, link_latency=1) == 0


@pytest.mark.parametrize("groups", [2, 4, 8])
def test_an_exchange_sends_every_token_to_experts_elsewhere(groups):
    """Tokens of one group visit each expert of a layer equally often: count the vectors that leave."""
    experts, chosen, tokens = 8, 2, 8
    leaving = sum((token * chosen + visit) % experts * groups // experts != 0 for token in range(tokens) for visit in range(chosen))
    given = {
        "batch": tokens * groups,
        "expert_parallel": groups,
        "experts_per_token": chosen,
        "n_experts": experts,
        "d_model": 100,
        "activation_bits": 16,
        "link_bandwidth": 1e9,
        "link_latency": 0,
    }
    assert all_to_all_seconds(**given) == pytest.approx(leaving * 100 * 2 / 1e9)


@pytest.mark.parametrize("kv_heads", [1, 2, 4, 8])
@pytest.mark.parametrize("t", [1, 2, 4, 8, 16])
def test_every_gpu_holds_at_least_one_head(t, kv_heads):
    heads_held = sum(
        len({head * kv_heads // max(t, kv_heads) for head in range(i * max(1, kv_heads // t), (i + 1) * max(1, kv_heads // t))})
        for i in range(t)
    )
    assert kv_copies(tensor_parallel=t, kv_shards=kv_heads) == heads_held / kv_heads


@pytest.mark.parametrize(("t", "g", "e"), LAYOUTS)
def test_filling_the_gpus_one_conversation_at_a_time(t, g, e):
    """Every group of t·g GPUs keeps the dense weights, its part of the experts, and whole conversations."""
    dense, experts = 6 * 10**9, 24 * 10**9
    cache = kv_bytes_per_sequence(**EXPERTS) * max(1, t / 8)
    held = 0
    while dense + experts / e + (held + 1) * cache <= t * g * 192e9:
        held += 1
    here = {**EXPERTS, **layout(t, g, e)}
    assert sequences_that_fit(**here) == e * held
    assert copied_weight_bytes(**here) == (e - 1) * dense
    assert memory_for_cache(**here) == pytest.approx(e * (t * g * 192e9 - dense - experts / e))
    assert bytes_for_one(**here) == pytest.approx(e * (dense + experts / e + cache))
    assert bytes_for_batch(**here, batch=8) == pytest.approx(e * dense + experts + 8 * cache)


@pytest.mark.parametrize("batch", [1, 2, 4, 32])
@pytest.mark.parametrize(("t", "g", "e"), LAYOUTS)
def test_a_token_walks_through_the_stages(t, g, e, batch):
    """Play one round: the fullest group sends its parts through g stages, and what a stage reads for a part takes its time."""
    fullest = batch / e if batch >= e else 1
    parts = min(g, max(1, batch // e))
    dense, experts, cache = 6e9, 24e9, kv_bytes_per_sequence(**EXPERTS)
    of_one_gpu = dense / g / t + experts / g / t / e + fullest / parts * cache / g / min(t, 8)
    seconds = g * of_one_gpu / 8e12
    here = {**EXPERTS, **layout(t, g, e), "batch": batch}
    assert memory_seconds(**here) == pytest.approx(seconds)
    busy = min(g * e, batch)
    assert parts_at_work(**here) == busy
    assert compute_seconds(**here) == pytest.approx(compute_seconds(**EXPERTS, batch=batch) / (t * busy))
    assert cache_repeats(**here) == pytest.approx(max(1, t / 8) * g * e / busy)


def test_stages_do_not_help_a_single_user():
    alone = memory_seconds(**SHAPE, batch=1)
    for g in (2, 4, 8):
        assert memory_seconds(**SHAPE, batch=1, pipeline_parallel=g) == pytest.approx(alone)
        assert step_seconds(**SHAPE, batch=1, pipeline_parallel=g) > step_seconds(**SHAPE, batch=1)
        assert memory_seconds(**SHAPE, batch=1, tensor_parallel=g) == pytest.approx(alone / g)


def test_stages_touch_the_experts_of_their_part():
    """Two halves of a batch of 8 each touch what a batch of 4 touches."""
    here = {**EXPERTS, "count_weights": 1, "context": 1}
    four = memory_seconds(**here, batch=4)
    assert memory_seconds(**here, batch=8, pipeline_parallel=2) == pytest.approx(four, rel=1e-4)
    assert memory_seconds(**here, batch=1, pipeline_parallel=8) == pytest.approx(memory_seconds(**here, batch=1))


def test_a_message_is_a_vector_for_each_conversation():
    assert message_bytes(batch=8, d_model=8192, activation_bits=16) == 8 * 8192 * 2
    assert message_bytes(batch=8, d_model=8192, activation_bits=16, pipeline_parallel=4) == 2 * 8192 * 2
    assert message_bytes(batch=8, d_model=8192, activation_bits=16, pipeline_parallel=16) == 8192 * 2


def test_time_on_the_links_is_what_a_token_meets():
    given = {"batch": 8, "n_layers": 10, "link_latency": 1e-3, "link_bandwidth": 1e13, "d_model": 256}
    assert link_seconds(**given, tensor_parallel=2) == pytest.approx(20e-3, rel=1e-3)
    assert link_seconds(**given, pipeline_parallel=4) == pytest.approx(4e-3, rel=1e-3)
    assert link_seconds(**given, tensor_parallel=2, expert_parallel=2) == pytest.approx(40e-3, rel=1e-3)


def test_all_gpus_are_paid():
    here = {**SHAPE, "tensor_parallel": 4}
    assert cost_per_user_hour(**here, gpu_hour_price=3) == pytest.approx(4 * 3 / users(**here))
    assert capital_per_user(**here, gpu_price=100) == pytest.approx(4 * 100 / users(**here))


@pytest.mark.parametrize(("name", "gpu"), [("Llama-3.1-405B", "H100 SXM"), ("DeepSeek-V3", "B200 SXM"), ("Qwen3-235B-A22B", "H100 SXM")])
def test_what_does_not_fit_has_no_speed(name, gpu):
    one = estimate(name, gpu, context=20_000)
    assert not one.fits and one.fewest_gpus >= ceil(one["weight_bytes"] / one.gpu.memory)
    with pytest.raises(NapkinError, match=f"{one.fewest_gpus} of these GPUs would do"):
        one["step_seconds"]


def test_article_weights_are_stored_once():
    assert memory_for_cache(tensor_parallel=8) == 8 * 192e9 - weight_bytes()


@pytest.mark.parametrize("on", [(), ("weights", "caches"), ("weights", "caches", "formats", "attention")])
@pytest.mark.parametrize("name", ["Llama-3.1-405B", "DeepSeek-V3.2", "Qwen3-Next-80B-A3B"])
def test_the_parts_of_a_step_are_the_whole(name, on):
    """Weights and caches, read and multiplied, in every layout: their sums are what is read and multiplied altogether."""
    for t, g, e in LAYOUTS:
        one = estimate(name, "B200 SXM", batch=64, context=8_000, count=on or "article", memory=1e15, **layout(t, g, e))
        assert one["weight_memory_seconds"] + one["cache_memory_seconds"] == pytest.approx(one["memory_seconds"], rel=1e-9)
        assert one["weight_compute_seconds"] + one["attention_compute_seconds"] == pytest.approx(one["compute_seconds"], rel=1e-9)
