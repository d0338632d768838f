"""Chapter 7 against arrays that are counted, batches that are enumerated, tokens that are added up, and published figures."""

import itertools
import math
from fractions import Fraction

import numpy
import pytest

import napkin
from napkin import Model, NapkinError, estimate
from napkin.b200_budget import compute_seconds, step_bytes, step_flops, step_seconds
from napkin.capacity import bytes_for_batch, memory_for_cache, sequences_that_fit
from napkin.kv_cache import attention_flops_per_token, kv_bytes_per_sequence, kv_bytes_per_token, weight_bytes, weight_flops_per_token
from napkin.many_tokens import prefill_attention_flops
from napkin.skipped import (
    activation_flops_per_token,
    cached_elements,
    counted_parameters,
    experts_touched,
    held_bytes_per_sequence,
    idle_weight_bytes,
    multiplied_parameters,
    norm_flops_per_token,
    paging_waste_bytes,
    residual_flops_per_token,
    rope_flops_per_token,
    sampling_flops_per_token,
    softmax_flops_per_token,
    touched_expert_bytes,
    vector_bytes_per_token,
    vector_flops_per_token,
)

QWEN3_32B = {"n_layers": 64, "d_model": 5120, "n_heads": 64, "n_kv_heads": 8, "head_dim": 128, "d_ff": 25_600, "vocabulary": 151_936}

# A mixture of experts small enough to enumerate: 2 layers of 4 experts of 30 weights, 2 for each token
SMALL = {"n_layers": 2, "n_experts": 4, "experts_per_token": 2, "expert_parameters": 2 * 4 * 30}
LOOKUP, REST = 70, 500
SMALL["parameters"] = LOOKUP + REST + SMALL["expert_parameters"]
SMALL["active_parameters"] = REST + SMALL["expert_parameters"] // 2

# A model with a cache of every kind
MIXED = {
    "full_kv_elements": 10,
    "selected_kv_elements": 6,
    "selected_tokens": 3,
    "window_kv_elements": 4,
    "window": 5,
    "state_elements": 100,
    "state_bits": 16,
    "kv_bits": 8,
    "full_pair_flops": 7,
    "selected_pair_flops": 11,
    "window_pair_flops": 13,
    "state_flops": 1000,
    "count_caches": 1,
}


@pytest.mark.parametrize(("matrices", "tables"), [(2, 1), (2, 2), (3, 1), (3, 2)])
def test_weights_are_those_of_the_matrices(matrices, tables):
    layers, d, heads, kv_heads, width, inside, words = 3, 20, 4, 2, 7, 33, 50
    shapes = [(d, heads * width), (d, kv_heads * width), (d, kv_heads * width), (heads * width, d), (inside, d)]
    shapes += [(d, inside)] * (matrices - 1)
    layer = sum(numpy.zeros(shape).size for shape in shapes)
    shape = {
        "n_layers": layers,
        "d_model": d,
        "n_heads": heads,
        "n_kv_heads": kv_heads,
        "head_dim": width,
        "d_ff": inside,
        "vocabulary": words,
        "mlp_matrices": matrices,
    }
    assert counted_parameters(**shape, embedding_tables=tables) == layers * layer + tables * words * d
    assert multiplied_parameters(**shape) == layers * layer + words * d


def test_published_counts():
    """Model cards: Qwen3-32B 32.8 billion; GPT-3 175 (plain MLP, tied); Llama-3.1-70B 70.6."""
    assert counted_parameters(**QWEN3_32B) == pytest.approx(32.8e9, rel=2e-3)
    gpt3 = {"n_layers": 96, "d_model": 12_288, "n_heads": 96, "n_kv_heads": 96, "head_dim": 128, "d_ff": 49_152, "vocabulary": 50_257}
    assert counted_parameters(**gpt3, mlp_matrices=2, embedding_tables=1) == pytest.approx(175e9, rel=5e-3)
    llama = {"n_layers": 80, "d_model": 8192, "n_heads": 64, "n_kv_heads": 8, "head_dim": 128, "d_ff": 28_672, "vocabulary": 128_256}
    assert counted_parameters(**llama) == pytest.approx(70.6e9, rel=2e-3)


def test_a_head_is_as_wide_as_the_model_says():
    """5120 / 64 = 80 would lose 2.3 billion weights of Qwen3-32B; the published count has them."""
    wrong = counted_parameters(**{**QWEN3_32B, "head_dim": 5120 // 64})
    assert counted_parameters(**QWEN3_32B) - wrong == 64 * 5120 * 48 * (2 * 64 + 2 * 8)
    assert wrong < 0.94 * 32.8e9


class Counted(float):
    """A number that counts what is done to it."""

    done = 0

    def _count(operation):
        def method(self, *others):
            Counted.done += 1
            return Counted(getattr(float, operation)(self, *map(float, others)))

        return method

    for one in ("__add__", "__radd__", "__sub__", "__mul__", "__rmul__", "__truediv__", "__rtruediv__", "__neg__"):
        locals()[one] = _count(one)

    def exp(self):
        Counted.done += 1
        return Counted(math.exp(self))

    def __gt__(self, other):
        Counted.done += 1
        return float(self) > float(other)


def counted(work):
    Counted.done = 0
    work()
    return Counted.done


def numbers(count):
    return [Counted(x) for x in numpy.random.default_rng(count).normal(size=count)]


def test_vector_work_is_what_plain_code_does():
    """The few operations done once a vector (a root, a first summand) are not in the formulas."""
    n = 200

    def norm():
        x = numbers(n)
        scale = 1 / math.sqrt(sum((a * a for a in x), Counted(0)) / n)
        return [a * scale * w for a, w in zip(x, numbers(n))]

    def rope():
        pairs = zip(*[iter(numbers(n))] * 2)
        return [(a * 0.6 - b * 0.8, a * 0.8 + b * 0.6) for a, b in pairs]

    def softmax():
        x = numbers(n)
        top = x[0]
        for a in x:
            top = a if a > top else top
        powers = [(a - top).exp() for a in x]
        total = sum(powers, Counted(0))
        return [p / total for p in powers]

    def gated():
        return [a / ((-a).exp() + 1) * g for a, g in zip(numbers(n), numbers(n))]

    def added():
        return [a + b for a, b in zip(numbers(n), numbers(n))]

    one = {"n_layers": 1, "n_heads": 1, "n_kv_heads": 1}
    assert norm_flops_per_token(**one, d_model=n) == pytest.approx(3 * counted(norm), rel=0.01)
    assert rope_flops_per_token(**one, head_dim=n // 2) == counted(rope)
    assert softmax_flops_per_token(**one, context=n) == counted(softmax)
    assert sampling_flops_per_token(vocabulary=n) == counted(softmax)
    assert activation_flops_per_token(**one, d_ff=n) == counted(gated)
    assert residual_flops_per_token(**one, d_model=n) == 2 * counted(added)


def test_vector_work_vanishes():
    shape = {**QWEN3_32B, "context": 20_000, "batch": 60}
    done, kept = step_flops(**shape), step_bytes(**shape)
    assert step_flops(**shape, count_vectors=1) - done == pytest.approx(60 * vector_flops_per_token(**shape))
    assert step_bytes(**shape, count_vectors=1) - kept == pytest.approx(60 * vector_bytes_per_token(**shape))
    assert step_flops(**shape, count_vectors=1) < 1.01 * done
    assert step_bytes(**shape, count_vectors=1) < 1.01 * kept


@pytest.mark.parametrize(("experts", "chosen", "batch"), [(4, 1, 3), (4, 2, 3), (5, 3, 2), (5, 5, 2), (6, 2, 1)])
def test_experts_touched_is_the_average_over_all_batches(experts, chosen, batch):
    visits = list(itertools.combinations(range(experts), chosen))
    touched = [len(set().union(*each)) for each in itertools.product(visits, repeat=batch)]
    average = float(Fraction(sum(touched), len(touched)))
    assert experts_touched(n_experts=experts, experts_per_token=chosen, batch=batch) == pytest.approx(average, rel=1e-12)


def test_experts_touched_in_a_simulation():
    random = numpy.random.default_rng(7)
    counts = [numpy.unique(random.permuted(numpy.tile(numpy.arange(128), (8, 1)), axis=1)[:, :4]).size for _ in range(2000)]
    spread = numpy.std(counts) / math.sqrt(len(counts))
    assert abs(experts_touched(n_experts=128, experts_per_token=4, batch=8) - numpy.mean(counts)) < 4 * spread


def test_a_step_reads_the_weights_that_its_batch_touches():
    """Weight by weight, averaged over every batch of three tokens."""
    visits, batch = list(itertools.combinations(range(4), 2)), 3
    reads = [REST + 2 * 30 * len(set().union(*each)) for each in itertools.product(visits, repeat=batch)]
    average = sum(reads) / len(reads)
    caches = batch * kv_bytes_per_sequence(n_layers=2, context=10)
    read = step_bytes(**SMALL, batch=batch, context=10, count_weights=1) - caches
    assert read == pytest.approx(average, rel=1e-6)
    assert weight_bytes(**SMALL) - idle_weight_bytes(**SMALL, batch=batch) == pytest.approx(average)
    assert touched_expert_bytes(**SMALL, batch=batch) == pytest.approx(average - REST)
    # memory holds all of them, a token multiplies with its own
    assert bytes_for_batch(**SMALL, batch=batch, context=10, count_weights=1) - caches == SMALL["parameters"]
    assert weight_flops_per_token(**SMALL, count_weights=1) == 2 * (REST + 2 * 2 * 30)


def test_one_conversation_reads_the_active_weights_and_memory_holds_all():
    alone = estimate("gpt-oss-120b", batch=1, context=100, weight_bits=8, expert_bits=8, expert_scale_bits=0, expert_padding=0)
    assert alone["step_bytes"] == pytest.approx(5.1e9, rel=0.01)  # "5.1 billion active", OpenAI
    assert alone["weight_bytes"] == pytest.approx(117e9, rel=0.01)
    crowd = estimate("gpt-oss-120b", batch=2000, context=100, weight_bits=8, expert_bits=8, expert_scale_bits=0, count=["weights"])
    lookup = 201_088 * 2880
    assert crowd["step_bytes"] - 2000 * crowd["kv_bytes_per_sequence"] == pytest.approx(alone["weight_bytes"] - lookup, rel=1e-3)


def looked_at(context, most):
    return sum(1 for age in range(context) if age < most)


@pytest.mark.parametrize("context", [1, 2, 3, 4, 5, 6, 50])
def test_caches_token_by_token(context):
    kept = sum(10 + 6 + (4 if age < 5 else 0) for age in range(context))
    assert cached_elements(**MIXED, context=context) == kept
    assert kv_bytes_per_sequence(**MIXED, context=context) == kept + 100 * 2
    one_more = kv_bytes_per_sequence(**MIXED, context=context + 1) - kv_bytes_per_sequence(**MIXED, context=context)
    assert kv_bytes_per_token(**MIXED, context=context) == one_more
    read = 2 * (kept + 2 * 200 - 6 * (context - looked_at(context, 3)))
    small = {**MIXED, "parameters": 1, "weight_bits": 8}
    assert step_bytes(**small, batch=2, context=context) == 1 + read
    operations = 7 * context + 11 * looked_at(context, 3) + 13 * looked_at(context, 5) + 1000
    assert attention_flops_per_token(**MIXED, context=context) == operations


def test_windows_are_not_charged_for_the_whole_context():
    """Gemma 3 27B: 52 of 62 layers look back 1,024 tokens; 16 KV heads of 128, keys and values."""
    for context in (500, 1024, 128_000):
        expected = 2 * 2 * 16 * 128 * (10 * context + 52 * min(context, 1024))
        assert estimate("Gemma-3-27B", context=context)["kv_bytes_per_sequence"] == expected


def test_a_chunk_is_no_window():
    """Llama 4: 36 of 48 layers look back to where a chunk of 8,192 tokens begins; counted token by token, four to a chunk."""
    sizes = {"window": 4, "window_pair_flops": 5, "window_kv_elements": 2, "full_pair_flops": 0, "full_kv_elements": 0, "kv_bits": 8}
    asked = {**sizes, "chunked_windows": 1, "count_caches": 1}
    seen = [position % 4 + 1 for position in range(40)]
    for prompt in range(1, 41):
        for cached in range(prompt):
            found = prefill_attention_flops(**asked, prompt=prompt, prefix_hit=cached / prompt)
            assert found == pytest.approx(5 * sum(seen[cached:prompt]), rel=1e-9, abs=1e-6)
    for context in (1, 2, 3, 4):
        assert attention_flops_per_token(**asked, context=context) == 5 * seen[context - 1]
    # between 1 and 4 from then on, as a conversation grows: the mean over all places in a chunk
    assert attention_flops_per_token(**asked, context=1000) == 5 * numpy.mean(seen)
    kept, read = kv_bytes_per_sequence(**asked, context=1000), step_bytes(**asked, parameters=1, weight_bits=8, batch=2, context=1000) - 1
    assert kept == 2 * 4 and read == 2 * 2 * numpy.mean(seen)


def test_half_a_chunk_of_llama_4():
    found = estimate("Llama-4-Maverick", "B200", 8, context=100_000, prompt=81_920, batch=1)
    pair = 4 * 40 * 128  # scores and values of 40 heads of 128
    full, chunks = 12 * 81_920 * 81_921 // 2, 36 * 10 * (8192 * 8193 // 2)
    assert found["prefill_attention_flops"] == pytest.approx(pair * (full + chunks))
    assert found["attention_flops_per_token"] == pair * (12 * 100_000 + 36 * 4096.5)
    assert "36 of 48 layers look back within chunks of 8,192 tokens" in napkin.model("Llama-4-Maverick").attention


def test_formats_are_as_large_as_their_packed_blocks():
    values = numpy.zeros(32 * 100)
    packed = numpy.zeros(values.size // 2, numpy.uint8).nbytes + numpy.zeros(values.size // 32, numpy.uint8).nbytes
    shape = {"parameters": values.size, "expert_parameters": values.size, "count_formats": 1}
    assert weight_bytes(**shape, expert_bits=4, expert_scale_bits=8 / 32) == packed
    # half of the weights experts, the rest at 16 bits without scales
    shape["parameters"] = 2 * values.size
    assert weight_bytes(**shape, weight_bits=16, expert_bits=4, expert_scale_bits=8 / 32) == packed + values.astype(numpy.float16).nbytes
    assert weight_bytes(**{**shape, "count_formats": 0}, weight_bits=16) == 2 * shape["parameters"]


@pytest.mark.parametrize(("name", "gibibytes"), [("gpt-oss-120b", 60.8), ("gpt-oss-20b", 12.8)])
def test_published_sizes_of_checkpoints(name, gibibytes):
    assert estimate(name, count="formats")["weight_bytes"] / 2**30 == pytest.approx(gibibytes, rel=0.01)


def test_experts_are_loaded_as_wide_as_their_kernels_want_them():
    """gpt-oss-120b has 36 layers of 128 experts, 3 × 2,880 × 2,880 weights each, 4.25 bits a weight; vLLM 0.14 fills 2,880 up to 3,072."""
    released, loaded = (estimate("gpt-oss-120b", "H200", count=count) for count in ("formats", ["formats", "reserve"]))
    added = 36 * 128 * 3 * 2880 * (3072 - 2880) * 4.25 / 8
    assert loaded["weight_bytes"] - released["weight_bytes"] == pytest.approx(added, rel=0.002)  # biases are experts too
    assert loaded["weight_bytes"] / 2**30 == pytest.approx(64.38, rel=0.003)  # "Model loading took 64.38 GiB", vllm-project/vllm#33155
    # memory is what is left of it, and a step reads the experts as they lie there: nothing is added twice
    room = 0.92 * loaded["memory"] - loaded["weight_bytes"] - loaded["engine_bytes"]
    assert loaded["memory_for_cache"] == pytest.approx(room)
    one, plain = (estimate("gpt-oss-120b", "H200", batch=1, context=100, **given)["step_bytes"] for given in ({}, {"expert_padding": 0}))
    assert one - plain == pytest.approx(added * 4 / 128, rel=0.002)


def test_attention_at_its_own_rate():
    shape = {"context": 20_000, "batch": 6, "peak_flops": 4.5e15}
    weights, attention = (6 * one(**shape) for one in (weight_flops_per_token, attention_flops_per_token))
    expected = weights / 4.5e15 + attention / 2.25e15
    assert compute_seconds(**shape, attention_peak_flops=2.25e15, count_attention=1) == pytest.approx(expected)
    assert compute_seconds(**shape, count_attention=1) == pytest.approx(compute_seconds(**shape))


@pytest.mark.parametrize("page", [1, 16, 256])
def test_pages_are_given_out_whole(page):
    wasted = []
    for context in range(1, 3 * page + 1):
        pages = next(n for n in itertools.count(1) if n * page >= context)
        unused = (pages * page - context) * kv_bytes_per_token()
        assert paging_waste_bytes(context=context, block_tokens=page) == unused
        assert held_bytes_per_sequence(context=context, block_tokens=page) == kv_bytes_per_token() * pages * page
        wasted.append(unused)
    assert numpy.mean(wasted) == pytest.approx((page - 1) / 2 * kv_bytes_per_token())  # half a page


@pytest.mark.parametrize("page", [16, 48, 256])
def test_more_context_is_never_more_room(page):
    """A window that is no multiple of the page has a last page of its own: two kinds of layers, tokens given out a page at a time."""
    kinds = {
        "full_kv_elements": 1024,
        "window_kv_elements": 1024,
        "selected_kv_elements": 0,
        "window": 128,
        "kv_bits": 8,
        "count_caches": 1,
    }
    for context in range(1, 600):
        pages = [len(range(0, context, page)), len(range(0, min(context, 128), page))]
        assert held_bytes_per_sequence(context=context, block_tokens=page, state_elements=0, **kinds) == 1024 * page * sum(pages)


GEMMA_3_4B = {
    "model_type": "gemma3_text",
    "hidden_size": 2560,
    "intermediate_size": 10240,
    "num_hidden_layers": 34,
    "num_attention_heads": 8,
}
GEMMA_3_4B |= {"num_key_value_heads": 4, "head_dim": 256, "sliding_window": 1024, "sliding_window_pattern": 6, "vocab_size": 262_208}


def test_a_window_is_held_with_the_tokens_of_a_step():
    """llama.cpp in Ollama (ollama/ollama#17037) says 174 MiB for 29 of 34 layers of Gemma 3 4B: a window of 1,024 and a batch of 512."""
    shape = {"kv_bits": 16, "context": 131_072, "max_num_batched_tokens": 512}
    found = estimate(Model.from_config(GEMMA_3_4B), "RTX 5090", **shape)
    a_token = 2 * 2 * 4 * 256  # keys and values, 2 bytes, in one layer
    assert found["held_bytes_per_sequence"] == 5 * 131_072 * a_token + 174 * 2**20 == 2_866_806_784
    assert found["kv_bytes_per_sequence"] == 5 * 131_072 * a_token + 29 * 1024 * a_token  # what a step reads
    assert found["sequences_that_fit"] == found["memory_for_cache"] // 2_866_806_784
    # the context ends it
    short = estimate(Model.from_config(GEMMA_3_4B), "RTX 5090", **{**shape, "context": 1_200})
    assert short["held_bytes_per_sequence"] == (5 * 1_200 + 29 * 1_201) * a_token


def test_pages_of_a_window_as_vllm_counts_them():
    """Gemma 4 26B in vLLM: 51.62 GiB are 33.42 conversations of 131,072 tokens, with 2,048 tokens a step and pages of 16.

    5 layers keep all tokens in 2 heads of 512, 25 keep 1,023 + 2,048 of them on 192 pages, and one more, in 8 heads of 256.
    """
    full, windowed = 5 * 2 * 2 * 512 * 131_072, 25 * 2 * 8 * 256 * 16 * (192 + 1)
    shape = {"full_kv_elements": 5 * 2 * 2 * 512, "window_kv_elements": 25 * 2 * 8 * 256, "window": 1024, "context": 131_072, "kv_bits": 8}
    asked = {**shape, "max_num_batched_tokens": 2048, "block_tokens": 16, "count_caches": 1, "count_reserve": 1}
    assert held_bytes_per_sequence(**asked) == full + windowed
    assert 51.62 * 2**30 / held_bytes_per_sequence(**asked) == pytest.approx(33.42, abs=0.005)
    # 8,192 tokens a step on a GPU as large as an H100, 2,048 on others: vLLM's defaults
    assert estimate(gpu="H100")["max_num_batched_tokens"] == 8192 and estimate(gpu="L40S")["max_num_batched_tokens"] == 2048


def test_a_shared_prefix_is_kept_once():
    # 160 GB beside the weights, 131,072 bytes a token: 61 conversations of 20,000 tokens, 121 that share the first half
    assert sequences_that_fit(context=20_000) == 160e9 // (20_000 * 131_072) == 61
    once = 10_000 * 131_072
    assert sequences_that_fit(context=20_000, shared_prefix=10_000) == (160e9 - once) // once == 121
    assert sequences_that_fit(context=20_000, shared_prefix=0) == 61
    with pytest.raises(
        NapkinError, match="shared_prefix must be at most context, got shared_prefix 20,001 tokens and context 20,000 tokens"
    ):
        sequences_that_fit(context=20_000, shared_prefix=20_001)
    # what a step reads is the same, and what the batch needs is what it keeps
    assert step_bytes(context=20_000, batch=5, shared_prefix=10_000) == step_bytes(context=20_000, batch=5)
    assert bytes_for_batch(context=20_000, batch=5, shared_prefix=10_000) == 32e9 + once + 5 * once


def test_a_shared_prefix_leaves_windows_and_states_to_each():
    shared = estimate("gpt-oss-120b", "H200", context=20_000, shared_prefix=10_000)
    alone = estimate("gpt-oss-120b", "H200", context=20_000)
    once = 10_000 * 18 * 2 * 8 * 64 * 2  # 18 of 36 layers keep every token
    assert alone["held_bytes_per_sequence"] - shared["held_bytes_per_sequence"] == once
    assert alone["memory_for_cache"] - shared["memory_for_cache"] == once


@pytest.mark.parametrize(
    "layout", [{"tensor_parallel": 4, "kv_shards": 2}, {"expert_parallel": 4}, {"tensor_parallel": 2, "expert_parallel": 2}]
)
def test_a_shared_prefix_lies_in_every_group_and_copy(layout):
    """Counted place by place: what lies on all GPUs, where each keeps its part or its copy."""
    asked = {"context": 20_000, "shared_prefix": 5_000, "batch": 8, **layout}
    groups = layout.get("expert_parallel", 1)
    copies = layout.get("tensor_parallel", 1) / min(layout.get("tensor_parallel", 1), layout.get("kv_shards", 8))
    caches = sum(copies * 5_000 * 131_072 for _ in range(groups)) + sum(copies * 15_000 * 131_072 for _ in range(8))
    assert bytes_for_batch(**asked) == pytest.approx(groups * 32e9 + caches)
    most = sequences_that_fit(**{**asked, "batch": 1})
    room = 4 * 192e9 - groups * 32e9 - groups * copies * 5_000 * 131_072
    assert most == groups * (room // (groups * copies * 15_000 * 131_072))


def test_what_is_set_aside_is_not_there():
    assert memory_for_cache(memory_utilisation=0.9) == pytest.approx(0.9 * 192e9 - 32e9)
    assert memory_for_cache(activation_bytes=5e9) == pytest.approx(192e9 - 32e9 - 5e9)
    # the published walk: six long conversations become five once a tenth is held back
    assert (sequences_that_fit(), sequences_that_fit(memory_utilisation=0.9)) == (6, 5)
    with pytest.raises(NapkinError, match="does not fit"):
        step_seconds(batch=6, memory_utilisation=0.9)
    most = sequences_that_fit(context=20_001, block_tokens=256, memory_utilisation=0.9)
    room = 0.9 * 192e9 - 32e9
    held = 79 * 256 * kv_bytes_per_token()
    assert most * held <= room < (most + 1) * held


def test_switches_that_are_off_change_nothing():
    off = dict.fromkeys(("count_weights", "count_caches", "count_formats", "count_attention", "count_vectors"), 0)
    for one in (step_bytes, step_flops, step_seconds, sequences_that_fit, weight_bytes, kv_bytes_per_sequence):
        assert one(**off) == one() == one(**off, memory_utilisation=1, activation_bytes=0, block_tokens=1)


def test_the_article_shape_is_the_same_when_it_is_counted():
    """Nothing in it is looked up, windowed, scaled or routed: the switches but that of the vectors find nothing."""
    on = {"count_weights": 1, "count_caches": 1, "count_formats": 1, "count_attention": 1}
    for one in (step_bytes, step_flops, step_seconds, sequences_that_fit):
        assert one(**on) == pytest.approx(one())


def test_sparse_attention_packs_its_latent_vectors():
    """FlashMLA's README, September 2025: 512 numbers of 8 bits, 4 scales of 32 and 64 numbers of 16 are 656 bytes; an index key is 128 and 4."""
    entry, index = 512 + 4 * 4 + 64 * 2, 128 + 4
    found = estimate("DeepSeek-V3.2", "H200", 8, kv_bits=8, context=100_000, batch=1)
    assert found["kv_bytes_per_token"] == 61 * (entry + index)
    assert found["kv_bytes_per_sequence"] == 100_000 * 61 * (entry + index)
    assert found["kv_bytes_per_sequence"] - found["unread_kv_bytes"] == 61 * (100_000 * index + 2048 * entry)
    # at 16 bits there is nothing to scale, and the index stays as it is
    assert estimate("DeepSeek-V3.2", "H200", 8, kv_bits=16)["kv_bytes_per_token"] == 61 * (576 * 2 + index)
    # vLLM takes FlashInfer on a B200, and SGLang TensorRT-LLM's kernels there and its own on AMD: a byte a number
    for plain in ("B200", "MI300X"):
        assert estimate("DeepSeek-V3.2", plain, 8, kv_bits=8)["kv_bytes_per_token"] == 61 * (576 + index)
    assert estimate("DeepSeek-V3.2", "B200", 8, kv_bits=8, packed_kv_bytes=61 * 80)["kv_bytes_per_token"] == 61 * (entry + index)
    # who does not select does not pack
    assert estimate("DeepSeek-V3", "H200", 8, kv_bits=8)["kv_bytes_per_token"] == 61 * 576


def test_a_token_of_glm_5_2_as_measured():
    """53,894 bytes a token a GPU, of 78 layers, 21 of which have an indexer, on eight H200."""
    found = estimate("GLM-5.2", "H200", 8, kv_bits=8)["kv_bytes_per_token"]
    assert found == 78 * 656 + 21 * 132 == pytest.approx(53_894, rel=1e-3)
    shared = estimate("GLM-5.2", "H200", 8, kv_bits=8, shared_prefix=1000, context=10_000)
    assert shared["shared_prefix_bytes"] == 1000 * found
    paged = estimate("GLM-5.2", "H200", 8, kv_bits=8, context=1000, block_tokens=64)
    assert paged["paging_waste_bytes"] == 24 * found


@pytest.mark.parametrize(("name", "packed"), [("q8_0", 34), ("q4_0", 18), ("Q8_0", 34)])
def test_caches_in_blocks_of_llama_cpp(name, packed):
    """ggml: a block of 32 is 32 or 16 bytes of numbers, and a scale of 16 bits."""
    elements = 2 * 32 * 8 * 128
    assert estimate("Llama-3.1-8B", kv_bits=name, context=8000)["kv_bytes_per_token"] == elements / 32 * packed
