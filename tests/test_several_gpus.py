"""Chapter 10 against GPUs counted one by one: rings, strips, stages and groups played through."""

import itertools
from math import ceil

import numpy
import pytest

from napkin import NapkinError, estimate
from napkin.b200_budget import compute_seconds, memory_seconds, step_seconds
from napkin.capacity import bytes_for_batch, bytes_for_one, memory_for_cache, sequences_that_fit, users
from napkin.cost import capital_per_user, cost_per_user_hour
from napkin.kv_cache import kv_bytes_per_sequence, weight_bytes
from napkin.many_tokens import time_to_first_token
from napkin.several_gpus import (
    all_reduce_seconds,
    all_to_all_seconds,
    busiest_group,
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
    return_twice = 2 * 3e-6 + sent[0] * 2 / 1e9  # a part each, handed back: a ring's bytes, in two exchanges
    at_once = 3e-6 + (t - 1) * vectors[0].size * 2 / 1e9
    given = {"batch": 1, "d_model": 24 * 35, "activation_bits": 16, "link_bandwidth": 1e9, "link_latency": 3e-6}
    assert all_reduce_seconds(tensor_parallel=t, **given) == pytest.approx(min(at_once, return_twice))
    assert min(at_once, return_twice) <= 2 * (t - 1) * 3e-6 + sent[0] * 2 / 1e9  # never slower than the ring itself


def test_beyond_a_node_each_gpu_adds_up_its_part_over_the_network():
    """16 GPUs, nodes of 4, links without latency: bytes counted hop by hop."""
    given = {"batch": 1, "d_model": 1024, "activation_bits": 16, "link_bandwidth": 1e9, "network_bandwidth": 1e8, "link_latency": 0}
    _, near = ring(numpy.zeros((4, 1024)))
    _, far = ring(numpy.zeros((4, 1024 // 4)))
    by_hand = near[0] * 2 / 1e9 + far[0] * 2 / 1e8
    assert all_reduce_seconds(tensor_parallel=16, gpus_per_node=4, **given) == pytest.approx(by_hand)
    assert all_reduce_seconds(tensor_parallel=4, gpus_per_node=4, **given) == pytest.approx(near[0] * 2 / 1e9)


@pytest.mark.parametrize(("t", "ways"), [(2, 1), (4, 3), (8, 7)])
def test_in_a_mesh_two_have_one_of_seven_links(t, ways):
    """Of 7 × 64 GB/s two GPUs have 64 between them, four 192, eight all."""
    given = {"batch": 4096, "d_model": 8192, "link_latency": 0, "tensor_parallel": t}
    mesh = all_reduce_seconds(**given, link_bandwidth=448e9, link_ways=7)
    assert mesh == pytest.approx(all_reduce_seconds(**given, link_bandwidth=ways * 64e9))


def test_one_gpu_sends_nothing():
    for formula in (all_reduce_seconds, all_to_all_seconds, hand_over_seconds, link_seconds):
        assert formula(batch=3, link_latency=1) == 0


@pytest.mark.parametrize("chosen", [1, 2, 3])
@pytest.mark.parametrize("groups", [2, 4, 8])
def test_an_exchange_sends_one_copy_to_each_group_that_is_visited(groups, chosen):
    """Every choice of so many of 8 experts is equally likely: count the other groups that have one of them."""
    experts = 8
    choices = list(itertools.combinations(range(experts), chosen))
    copies = sum(len({one * groups // experts for one in choice} - {0}) for choice in choices) / len(choices)
    given = {
        "batch": 5 * groups,
        "expert_parallel": groups,
        "experts_per_token": chosen,
        "n_experts": experts,
        "d_model": 100,
        "activation_bits": 16,
        "link_bandwidth": 1e9,
        "link_latency": 0,
    }
    assert all_to_all_seconds(**given) == pytest.approx(5 * copies * 100 * 2 / 1e9, rel=0.02)
    outside = (groups - 2) / (groups - 1) * 5 * copies * 100 * 2 / 1e8  # two groups a node: one other is near
    assert all_to_all_seconds(**given, gpus_per_node=2, network_bandwidth=1e8) == pytest.approx(
        max(outside, 5 * copies * 200 / (groups - 1) / 1e9), rel=0.02
    )


@pytest.mark.parametrize("batch", [1, 4, 32])
@pytest.mark.parametrize("groups", [2, 8, 32])
def test_the_busiest_group_reads_more_than_the_mean(groups, batch):
    """Tokens choose 8 of 256 experts at random; the experts that the busiest group reads, played 2,000 times: the normal law is within a quarter, and no
    more than a little above.
    """
    chance = numpy.random.default_rng(groups * batch)
    touched = numpy.zeros((2_000, 256), bool)
    for _ in range(batch):
        picked = chance.random(touched.shape).argpartition(8, axis=1)[:, :8]
        numpy.put_along_axis(touched, picked, True, axis=1)
    by_group = touched.reshape(-1, groups, 256 // groups).sum(axis=2)
    played = (by_group.max(axis=1) / by_group.mean(axis=1)).mean()
    given = {"batch": batch, "expert_parallel": groups, "n_experts": 256, "experts_per_token": 8}
    assert 0.75 * played < busiest_group(**given) < 1.05 * played


def test_a_cache_that_heads_cannot_cut_tokens_can():
    """Llama's 8 KV heads on 16 GPUs, DeepSeek's single latent on 8."""
    assert kv_copies(tensor_parallel=16, kv_shards=8, context_parallel=2) == 1
    assert kv_copies(tensor_parallel=8, kv_shards=1, context_parallel=4) == 2
    assert kv_copies(tensor_parallel=4, kv_shards=8, context_parallel=8) == 1
    given = {"n_layers": 10, "link_bandwidth": 1e15, "link_latency": 1e-3, "tensor_parallel": 8, "batch": 1}
    assert link_seconds(**given, context_parallel=2) - link_seconds(**given) == pytest.approx(20e-3, rel=1e-6)
    assert link_seconds(**given, context_parallel=1) == link_seconds(**given)


def test_experts_of_a_prompt_are_read_and_multiplied_everywhere():
    """DeepSeek-V3 in eight groups, 500 tokens: no GPU reads more than its dense weights and its eighth of the experts."""
    one = estimate("DeepSeek-V3", "H200 SXM", expert_parallel=8, context=5_000, prompt=500, link_bandwidth=1e15, link_latency=0)
    read = one["weight_bytes"] - 7 / 8 * one["expert_weight_bytes"]
    assert read / 4.8e12 < one["time_to_first_token"] < 1.1 * read / 4.8e12
    busy = estimate("DeepSeek-V3", "H200 SXM", expert_parallel=8, context=5_000, prompt=8_000, link_latency=0, link_bandwidth=1e15)
    alone = estimate("DeepSeek-V3", "H200 SXM", 1, context=5_000, prompt=8_000, memory=1e15)
    multiplied = alone["active_parameters"] - 7 / 8 * alone["expert_parameters"] * 8 / 256  # per token; attention comes on top
    assert 0.9 * multiplied < busy["time_to_first_token"] / alone["time_to_first_token"] * alone["active_parameters"] < 1.4 * multiplied
    # every group busy: eight GPUs multiply eight prompts in the time that one has for one
    assert busy["prompt_seconds"] * 8 == pytest.approx(alone["prompt_seconds"], rel=1e-3)


def test_stages_work_on_chunks_at_once():
    """Four stages, a prompt in 8 chunks of equal time: 11 turns of a quarter each, where one chunk takes all four."""
    given = {"prompt": 8_000, "link_latency": 0, "link_bandwidth": 1e15, "network_bandwidth": 1e15}
    whole, parts = (time_to_first_token(**given, pipeline_parallel=4, chunk_tokens=size) for size in (8_000, 1_000))
    one_stage = time_to_first_token(prompt=8_000, chunk_tokens=1_000)
    assert whole == pytest.approx(time_to_first_token(prompt=8_000), rel=1e-5)
    assert parts == pytest.approx(one_stage * 11 / 32, rel=1e-5)  # links are only nearly endless


PRODUCTION = [  # what a node gives at most, and what was measured in production: the bound is above, and within reach
    # DeepSeek-AI 2025, day 6 of open-source week: 14,800 tokens/s a node of 8 H800s, 144 GPUs in decode, 4,989 tokens
    ("H800 SXM", 144, 18 * 700, 4_989, 14_800, (16_000, 18_000)),
    # LMSYS 2025, 96 H100s, 72 of them in decode: 22,282 tokens/s a node, 2,000 in and 100 out
    ("H100 SXM", 72, 72 * 256, 2_050, 22_282, (22_000, 29_000)),
]


@pytest.mark.parametrize(("gpu", "groups", "batch", "context", "measured", "within"), PRODUCTION)
def test_many_nodes_are_bound_by_the_network(gpu, groups, batch, context, measured, within):
    one = estimate("DeepSeek-V3", gpu, expert_parallel=groups, batch=batch, context=context, count_reserve=0)
    assert within[0] <= one["tokens_per_second"] * 8 / groups <= within[1]
    assert measured <= one["tokens_per_second"] * 8 / groups


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
    assert link_seconds(**given, tensor_parallel=2) == pytest.approx(22e-3, rel=1e-3)  # and the embedding, and the head
    assert link_seconds(**given, pipeline_parallel=4) == pytest.approx(4e-3, rel=1e-3)
    assert link_seconds(**given, tensor_parallel=2, expert_parallel=2) == pytest.approx(22e-3, rel=1e-3)  # no experts, no exchange
    experts = {"n_experts": 8, "experts_per_token": 2}
    assert link_seconds(**given, **experts, tensor_parallel=2, expert_parallel=2) == pytest.approx(42e-3, rel=1e-3)


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
