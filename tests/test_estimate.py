"""A scenario in, every quantity out, against published floors, plain arithmetic, and the mistakes that others made."""

import json
import math
import warnings

import pytest

import napkin
from napkin import FORMULAS, Model, NapkinError, estimate
from napkin.language.graph import BOOK
from napkin.questions.estimate import NAMES, QUANTITIES
from napkin.questions.written import COUNTS

LLAMA = {"model": "Llama-3.1-70B", "weight_bits": 8, "kv_bits": 8, "count": ["weights", "caches"]}


@pytest.mark.parametrize(
    ("gpu", "n_gpus", "batch", "context", "milliseconds"),
    [
        ("H100", 2, 1, 2048, 10.4),
        ("H100", 2, 64, 2048, 13.6),
        ("H100", 2, 8, 32_768, 16.8),
        ("H100", 8, 1, 2048, 2.6),
        ("H200", 1, 1, 2048, 14.6),
        ("H200", 1, 8, 2048, 15.0),
        ("H200", 1, 64, 2048, 19.0),
    ],
)
def test_bandwidth_floors_of_llama_70b(gpu, n_gpus, batch, context, milliseconds):
    """Published for fp8 weights and caches: milliseconds to read what a step reads, links left out."""
    found = estimate(gpu=gpu, n_gpus=n_gpus, batch=batch, context=context, **LLAMA)
    assert found.memory_seconds * 1e3 == pytest.approx(milliseconds, rel=0.02)
    assert found.step_seconds >= found.memory_seconds


#: What the article reckons with: a byte for a weight and for a cached element, and no reserve of a server's.
NAPKIN = {"weight_bits": 8, "kv_bits": 8, "count": ["weights", "caches", "formats", "attention", "vectors"]}


def test_the_real_b200_carries_one_conversation_less_than_the_article():
    assert estimate("Qwen3-32B", "B200 SXM", context=20_000, **NAPKIN).sequences_that_fit == 60
    assert estimate("Qwen3-32B", "B200 SXM", context=20_000).sequences_that_fit == 20, "in 16 bits, beside a server's reserve"
    for names in (("Article 32B", "Article B200"), ()):
        assert estimate(*names, context=20_000, count=NAPKIN["count"]).sequences_that_fit == 61


def test_the_article_is_what_its_chapters_compute():
    """With everything counted, its shape has nothing more to count but vectors and attention's rate."""
    found = estimate("Article 32B", "Article B200", count="article", context=20_000, duty_cycle=0.2)
    for name in ("users", "step_seconds", "cost_per_user_month", "tokens_per_second", "capital_per_user", "compute_idle_fraction"):
        assert found[name] == FORMULAS[name](context=20_000, duty_cycle=0.2)
    counted = estimate("Article 32B", "Article B200", count=["weights", "caches", "formats"], context=20_000, duty_cycle=0.2)
    for name in NAMES:
        assert counted[name] == pytest.approx(found[name], rel=1e-12)


def plain_mixtral(batch, context, gpus):
    """Mixtral 8x7B in bf16 on some H100, by plain arithmetic: (seconds to read, seconds to multiply)."""
    attention, expert, head = 4096 * 4096 * 2 + 4096 * 1024 * 2, 3 * 4096 * 14_336, 32_000 * 4096
    touched = 8 * (1 - (3 / 4) ** batch)
    router = 4096 * 8
    weights = 32 * (attention + router + touched * expert) + head
    cache = 32 * 2 * 8 * 128 * context
    flops = batch * (2 * (32 * (attention + router + 2 * expert) + head) + 32 * 4 * 32 * 128 * context)
    return 2 * (weights + batch * cache) / (gpus * 3.35e12), flops / (gpus * 989e12)


@pytest.mark.parametrize("batch", [1, 2, 8, 64])
def test_a_mixture_of_experts_against_plain_arithmetic(batch):
    found = estimate("Mixtral-8x7B", "H100", 4, batch=batch, context=4000, weight_bits=16, kv_bits=16, count=["weights", "caches"])
    reading, multiplying = plain_mixtral(batch, 4000, 4)
    # the catalogue counts norms as well
    assert found.memory_seconds == pytest.approx(reading, rel=1e-4)
    assert found.compute_seconds == pytest.approx(multiplying, rel=1e-4)


# The mistakes of others, a number each


def test_1_keys_and_values_both_and_only_kv_heads():
    """Llama 70B: 2 × 80 × 8 × 128 elements; counted once, or for 64 heads, it would be half, or eight times as much."""
    assert estimate("Llama-3.1-70B", kv_bits=16).kv_bytes_per_token == 2 * 80 * 8 * 128 * 2 == 327_680


def test_2_traffic_and_memory_of_the_cache_are_the_same_bytes():
    one, two = (estimate("Llama-3.1-70B", "H200", 2, batch=batch, context=8000, kv_bits=16, count="caches") for batch in (1, 2))
    assert two.step_bytes - one.step_bytes == one.kv_bytes_per_sequence == 327_680 * 8000


def test_3_the_cache_is_read_once_a_step():
    found = estimate("Llama-3.1-70B", "H200", 2, batch=16, context=8000, count="caches")
    assert found.step_bytes == found.weight_bytes + 16 * 327_680 * 8000


def test_4_heads_need_not_share_the_width():
    """Qwen3-32B: 64 heads of 128 on a width of 5120; with 5120 / 64 = 80 the cache would be 81,920 elements."""
    model = napkin.model("Qwen3-32B")
    assert model.n_heads * model.head_dim == 8192 != model.d_model == 5120
    assert estimate(model).kv_bytes_per_token == 131_072 * 2
    assert napkin.model("gpt-oss-20b").n_heads * 64 == 4096 != napkin.model("gpt-oss-20b").d_model


def test_5_a_gigabyte_is_a_billion_bytes():
    """Llama 70B in bf16 on two H100: 141.1 GB in 170.1 GB. As GiB it would seem 151.5; 160 GB would then not do for 10k tokens."""
    found = estimate("Llama-3.1-70B", "H100", 2, weight_bits=16, kv_bits=16, context=8000)
    assert found.weight_bytes == 2 * 70_553_706_496
    assert found.all_memory == 2 * 81_089 * 2**20, "as torch reports it"
    assert napkin.gpu("H100").bandwidth == 3.35e12, "not 3350 × 2³⁰ = 3.597e12"


def test_6_peaks_are_dense():
    assert napkin.gpu("H100").rate(8) == pytest.approx(1979e12, rel=1e-3)
    assert napkin.gpu("L4").rate(8) == 242e12
    assert napkin.gpu("B200").rate(4) == 9e15
    assert napkin.gpu("B300").rate(4) == 14e15, "its sparse rate is not twice the dense one"


def test_7_decode_has_a_compute_ceiling():
    """A batch of 4,096 at 100 tokens: the weights alone need 2 P B / peak."""
    found = estimate("Qwen3-32B", "B200", batch=4096, context=100, **NAPKIN)
    assert found.step_seconds >= 2 * 31_984_210_944 * 4096 / 4.5e15
    assert found.step_seconds == found.compute_seconds > found.memory_seconds
    assert found.limit.startswith("Compute limits a step")


def test_8_what_does_not_fit_gets_no_speed():
    found = estimate("Llama-3.1-405B", "H100", n_gpus=4, context=8000, **NAPKIN)
    assert not found.fits
    missing = 405_853_388_800 + 8000 * 258_048 - 4 * 81_089 * 2**20
    for name in (
        "step_seconds",
        "tokens_per_second",
        "tokens_per_second_per_user",
        "time_per_output_token",
        "time_to_first_token",
        "users",
        "cost_per_user_month",
        "cost_per_million_output_tokens",
    ):
        with pytest.raises(
            NapkinError, match="does not fit: needs 408 GB, 4 GPUs have 340 GB, 67.8 GB are missing; 5 of these GPUs would do"
        ):
            found[name]
    assert found.missing_bytes == missing
    assert found.fewest_gpus == 5
    assert estimate("Llama-3.1-405B", "H100", n_gpus=5, context=8000, **NAPKIN).fits
    batch = estimate("Qwen3-32B", "B200", context=20_000, batch=61, **NAPKIN)
    with pytest.raises(NapkinError, match="a batch of 61 conversations needs 193 GB, has 192 GB, .* 2 of these GPUs would do"):
        batch.tokens_per_second
    assert estimate("Qwen3-32B", "B200", context=20_000, batch=60, **NAPKIN).tokens_per_second > 0


def test_9_experts_in_memory_all_in_traffic_those_touched():
    found = estimate("DeepSeek-V3", "H200", 8, batch=1, context=4000, kv_bits=8, count=["weights", "caches"])
    assert found.weight_bytes == pytest.approx(671_026_419_200, rel=1e-3)
    assert found.step_bytes == pytest.approx(36_625_618_432 + 35_136 * 4000, rel=1e-3)
    full = estimate("DeepSeek-V3", "H200", 8, batch=512, context=4000, count=["weights", "caches"])
    assert full.experts_touched == pytest.approx(256 * (1 - (1 - 8 / 256) ** 512), rel=1e-12)
    assert full.step_bytes > 660e9


def test_10_a_window_is_all_that_its_layers_keep():
    """gpt-oss-120b: 18 layers keep 128 tokens, 18 all of them; at 100,000 tokens half of what one would think."""
    found = estimate("gpt-oss-120b", "H100", context=100_000)
    per_layer = 2 * 8 * 64 * 2
    assert found.kv_bytes_per_sequence == 18 * per_layer * 100_000 + 18 * per_layer * 128
    naive = estimate("gpt-oss-120b", "H100", context=100_000, count="weights")
    assert naive.kv_bytes_per_sequence / found.kv_bytes_per_sequence == pytest.approx(2, rel=0.01)


def test_11_eight_gpus_are_not_eight_times_as_fast():
    """Measured efficiencies fall from 0.68 at one GPU to 0.25 at eight: what travels does not shrink."""
    one = estimate("Llama-3.1-70B", "H200", batch=1, context=2048, weight_bits=8)
    eight = estimate("Llama-3.1-70B", "H200", 8, batch=1, context=2048, weight_bits=8)
    assert one.memory_seconds / eight.memory_seconds == pytest.approx(8, rel=1e-9)
    assert one.step_seconds / eight.step_seconds < 5.5
    exchanges = 161 * (10e-6 + 7 * 8192 * 2 / 450e9)  # two a layer, one of the embedding, each at once
    assert eight.link_seconds == pytest.approx(exchanges + 10e-6 + 7 / 8 * 128_256 * 2 / 450e9, rel=1e-9)


def test_12_there_is_one_of_each_formula():
    """Terms that are the same say the same thing twice, unless one is stored and the other read."""
    seen = {}
    for name, made in FORMULAS.items():
        seen.setdefault((made.latex, made.unit), []).append(name)
    twins = {tuple(names) for names in seen.values() if len(names) > 1}
    assert twins <= {("step_bytes", "bytes_for_batch")}
    names = [one.name for some in BOOK.refinements.values() for one in some]
    assert len(names) == len(set(names)) and not set(names) & set(FORMULAS)


# How it is asked, and how it answers


def test_fewest_gpus_is_the_first_number_that_fits():
    for name, gpu in (("DeepSeek-V3", "H100"), ("Kimi-K2", "B200"), ("Llama-3.1-405B", "A100"), ("Mixtral-8x7B", "RTX 4090")):
        if name not in napkin.model:
            continue
        fewest = estimate(name, gpu, context=4000).fewest_gpus
        fits = [estimate(name, gpu, n, context=4000).fits for n in range(1, fewest + 1)]
        assert fits == [False] * (fewest - 1) + [True]


def test_more_gpus_would_do_where_a_layout_has_no_room():
    """Eight groups copy the dense weights eight times: in strips five GPUs had room, but that is another layout."""
    found = estimate("Llama-3.1-70B", "H100", batch=64, context=8_000, expert_parallel=8)
    assert not found.fits and found.fewest_gpus > 8
    assert f"{found.fewest_gpus} of these GPUs would do" in found.limit


def test_unknown_facts_stay_unknown():
    found = estimate("Llama-3.1-8B", "Apple M3 Ultra", context=8000)
    assert found.sequences_that_fit > 0 and found.memory_seconds > 0
    for name in ("compute_seconds", "step_seconds", "time_to_first_token", "machine_balance"):
        with pytest.raises(NapkinError, match="no bf16 rate is published for the Apple M3 Ultra"):
            found[name]
    assert "no bf16 rate is published for the Apple M3 Ultra" in found.limit
    assert estimate("Llama-3.1-8B", "Apple M3 Ultra", context=8000, peak_flops=1e14, count="article").step_seconds > 0
    with pytest.raises(NapkinError, match="no memory bandwidth is published for the GH200"):
        estimate("Llama-3.1-8B", "GH200 (144GB HBM3e)", context=8000).memory_seconds


def test_without_a_rate_for_its_format_a_gpu_multiplies_at_16_bits_and_says_so():
    """vLLM does so: fp8 weights on an A100 are widened in the kernel (Marlin)."""
    with pytest.warns(UserWarning, match="no fp8 rate is published for the A100 80GB SXM: it multiplies at its bf16 rate"):
        found = estimate("Llama-3.1-8B", "A100 80GB SXM", context=8000, weight_bits=8)
    assert found.machine_balance == 312e12 / 2.039e12 and found.weight_bytes == found.parameters
    with pytest.warns(UserWarning, match="no fp4 rate .*: it multiplies at its bf16 rate"):
        assert estimate("Llama-3.1-8B", "H100 SXM", context=8000, weight_bits=4).inputs["peak_flops"] == 989e12
    with pytest.raises(NapkinError, match="no fp8 rate is published for the A100"):  # who asks for a precision gets that one
        assert estimate("Llama-3.1-8B", "A100 80GB SXM", context=8000, compute_bits=8).machine_balance


def test_a_context_beyond_the_model_warns_and_computes():
    with pytest.warns(UserWarning, match="a context of 200,000 tokens is beyond the 40,960 that Qwen3-32B was made for"):
        found = estimate("Qwen3-32B", "B200", context=200_000)
    assert found.kv_bytes_per_sequence == 131_072 * 2 * 200_000
    assert len(found.warnings) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert estimate("Qwen3-32B", "B200").inputs["context"] == 40_960


def test_released_formats_are_in_force_until_others_are_given():
    found = estimate("gpt-oss-120b", "H100", expert_padding=0)
    experts = napkin.model("gpt-oss-120b").expert_parameters
    assert found.weight_bytes == (116_829_156_672 - experts) * 2 + experts * 4.25 / 8
    assert estimate("gpt-oss-120b", "H100", count="article").weight_bytes == 116_829_156_672 * 2
    everything = estimate("gpt-oss-120b", "H100", weight_bits=8, expert_bits=8, weight_scale_bits=0, expert_scale_bits=0, expert_padding=0)
    assert everything.weight_bytes == 116_829_156_672


def test_a_config_of_ones_own(tmp_path):
    config = {
        "model_type": "llama",
        "hidden_size": 1024,
        "num_hidden_layers": 4,
        "num_attention_heads": 16,
        "num_key_value_heads": 4,
        "intermediate_size": 4096,
        "vocab_size": 1000,
        "max_position_embeddings": 2048,
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    model = Model.from_config(tmp_path / "config.json")
    weights = 4 * (1024 * 1024 * 2 + 1024 * 256 * 2 + 3 * 1024 * 4096 + 2 * 1024) + 2 * 1000 * 1024 + 1024
    assert model.parameters == weights
    assert estimate(model, context=1000).weight_bytes == weights * 2, "a server keeps in 16 bits what is in no other format"
    assert estimate(model, context=1000).kv_bytes_per_token == 2 * 4 * 4 * 64 * 2
    assert estimate(model, context=1000, weight_bits=8).weight_bytes == weights


def test_layouts():
    def of(n_gpus, **more):
        inputs = estimate("Llama-3.1-70B", "H100", n_gpus, **more).inputs
        return tuple(inputs.get(f"{kind}_parallel", 1) for kind in ("tensor", "pipeline", "expert"))

    assert of(None) == of(1) == (1, 1, 1)
    assert of(8) == (8, 1, 1)
    assert of(3) == (1, 3, 1), "64 heads do not cut in three"
    assert of(12) == (4, 3, 1)
    assert of(16, pipeline_parallel=2) == (8, 2, 1)
    assert of(16, tensor_parallel=4) == (4, 4, 1)
    assert of(16, expert_parallel=16) == (1, 1, 16)
    assert of(None, tensor_parallel=2) == (2, 1, 1)


def test_every_quantity_says_what_it_is():
    found = estimate("Mixtral-8x7B", "H200", 2, context=8000, memory_utilisation=0.9, block_tokens=16, draft_length=3)
    told = json.loads(found.to_json())
    assert list(told["quantities"]) == list(NAMES) == list(found)
    for name, quantity in told["quantities"].items():
        assert quantity["value"] == found[name] == getattr(found, name)
        assert quantity["unit"] == FORMULAS[name].unit and quantity["formula"] and quantity["says"]
    assert told["quantities"]["step_bytes"]["formula"].startswith("weight_bytes + batch × kv_bytes_per_sequence − idle_weight_bytes")
    assert told["inputs"]["tensor_parallel"] == 2 and told["fits"] is True
    shown = found._repr_html_()
    assert shown.index(found.limit[1:20]) < shown.index("cache a conversation"), "what binds comes first"
    assert repr(found).splitlines()[0] == "Mixtral-8x7B on 2 × H200 SXM"
    # the same inputs give the same numbers to whoever asks the formulas
    for name in NAMES:
        assert FORMULAS[name](**found.inputs) == found[name]
    bad = json.loads(estimate("DeepSeek-V3", "L4").to_json())
    assert bad["fits"] is False and bad["fewest_gpus"] > 20
    assert bad["quantities"]["step_seconds"]["value"] is None
    assert bad["quantities"]["step_seconds"]["text"].startswith("does not fit")


def test_names_are_grouped_once():
    assert len(NAMES) == len(set(NAMES)) == sum(map(len, QUANTITIES.values()))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"model": "Qwen3-33B"}, "no model called 'Qwen3-33B'; the nearest is 'Qwen3-32B'"),
        ({"gpu": "B20"}, "no GPU called 'B20'; the nearest is 'B200 SXM'"),
        ({"model": 32}, "model must be a name of napkin.model or a napkin.Model, got 32"),
        ({"gpu": 200}, "gpu must be a name of napkin.gpu or a Gpu, got 200"),
        ({"n_gpus": 0}, "n_gpus must be a whole number, at least 1, got 0"),
        ({"n_gpus": 2.5}, "n_gpus must be a whole number, at least 1, got 2.5"),
        ({"n_gpus": "two"}, "got 'two'"),
        ({"n_gpus": 8, "tensor_parallel": 3}, "n_gpus must be a multiple of tensor_parallel 3, got 8"),
        (
            {"count": "some"},
            'count must be "all", "article" or some of weights, caches, formats, attention, vectors, kernels, reserve, prompts, got \'some\'',
        ),
        ({"compute_bits": 16}, "compute_bits picks a rate of a GPU: name a gpu too, or give peak_flops"),
        ({"gpu": "H100", "compute_bits": 7}, "got 7"),
        ({"context": -1}, "context must be a whole number, at least 1 token, got -1"),
        ({"context": [1000, 2000]}, "context must be one number here, got 2: many at once are for sweep"),
        ({"contxt": 1}, "there is no input called 'contxt'; did you mean 'context'?"),
        ({"weight_bits": 40}, "or 32 (fp32) bits, or any number from 1 to 32, got 40"),
        ({"n_experts": 4, "experts_per_token": 8}, "experts_per_token must be at most n_experts, got experts_per_token 8 and n_experts 4"),
    ],
)
def test_bad_input_gets_one_sentence(given, said):
    with pytest.raises(NapkinError) as caught:
        estimate(**given)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_what_an_estimate_lacks():
    found = estimate()
    with pytest.raises(NapkinError, match="did you mean 'users'"):
        found["user"]
    with pytest.raises(AttributeError):
        found.user
    assert "users" in dir(found) and "users" in found._ipython_key_completions_()
    assert math.isclose(found["balanced_batch"], 281.25)
    assert set(COUNTS) == {
        f"count_{one}" for one in ("weights", "caches", "formats", "attention", "vectors", "kernels", "reserve", "prompts")
    }


def test_what_a_model_brings_is_checked_once_and_what_is_given_always():
    shape = {"parameters": 10**9, "active_parameters": 10**9, "n_layers": 2, "d_model": 256, "n_heads": 2, "n_kv_heads": 2, "head_dim": 64}
    shape["full_kv_elements"] = 512
    for _ in range(2):
        with pytest.raises(NapkinError, match="weight_bits must be one of .* got 100"):
            estimate(Model(name="wide", **shape, weight_bits=100), "H100")
    mine = Model(name="mine", **shape)
    assert estimate(mine, "H100", context=1000).users == estimate(mine, "H100", context=1000).users > 0
    for bad in ({"context": -1}, {"kv_bits": 99}, {"n_heads": 3}, {"users": -1}, {"expert_parameters": 10**10}):
        with pytest.raises(NapkinError, match="must be"):
            estimate(mine, "H100", **bad)
