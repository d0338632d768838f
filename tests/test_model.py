"""Models read from their config.json, against an implementation that instantiates them and against counting by hand."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import napkin
from napkin.catalogue.architectures import FAMILIES, SAME_AS, VARIANTS
from napkin.catalogue.models import Model, model
from napkin.language.errors import NapkinError

DATA = Path(__file__).parent / "data"
INSTANTIATED = json.loads((DATA / "instantiated.json").read_text(encoding="utf-8"))["models"]
PUBLISHED = json.loads((DATA / "published.json").read_text(encoding="utf-8"))["models"]
LLAMA = {
    "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 64, "num_hidden_layers": 3,
    "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 160, "vocab_size": 100,
    "max_position_embeddings": 512,
}  # fmt: skip


def rows(name="models.csv"):
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def changed(config, **fields):
    return {name: value for name, value in {**config, **fields}.items() if value != "left out"}


def named(each):
    config = each["config"]
    return f"{config['model_type']}-{len(json.dumps(config))}"


@pytest.mark.parametrize("each", INSTANTIATED, ids=named)
def test_counts_are_those_of_an_instantiated_model(each):
    read = Model.from_config(each["config"])
    assert read.parameters == each["parameters"]
    assert read.active_parameters == each["active_parameters"]
    assert read.expert_parameters == each["expert_parameters"]


def test_every_architecture_is_checked():
    """Against an instantiated model or a published count; other names share the text model of one that is."""
    configs = [each["config"] for each in (*INSTANTIATED, *PUBLISHED)]
    named = {config.get("text_config", {}).get("model_type", config["model_type"]) for config in configs}
    by_hand = {"pangu", "bailing_moe_v2_5"}
    checked = {SAME_AS.get(name, name) for name in named} | {"chatglm_6b"} | by_hand  # ChatGLM-6B is published as chatglm
    assert set(FAMILIES) <= checked
    assert set(SAME_AS.values()) <= set(FAMILIES) and not set(SAME_AS) & set(FAMILIES)
    assert {row for rows in VARIANTS.values() for *_, row in rows} <= set(FAMILIES)


def test_the_readme_says_how_many():
    assert f"# {len(FAMILIES)} architectures, counted to the weight" in (DATA.parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("each", PUBLISHED, ids=lambda each: f"{each['name']}-{each['config']['model_type']}")
def test_counts_are_those_published(each):
    assert Model.from_config(each["config"]).parameters == pytest.approx(each["parameters"], rel=each["within"], abs=0)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["name"])
def test_published_models(row):
    read = model(row["name"])
    assert read.parameters == pytest.approx(int(row["computed_total"]), rel=1e-6)
    assert read.active_parameters == pytest.approx(int(row["computed_active_matmul"]), rel=1e-6)
    assert read.kv_elements_per_token(context=1) == float(row["kv_elems_per_token_short"])
    assert read.kv_elements_per_token() == float(row["kv_elems_per_token_long"])
    assert read.window_kv_elements * (read.window or 0) == float(row["kv_window_elems_per_seq"])
    assert read.state_elements == float(row["state_elems_per_seq"])
    beside = read.packed_kv_bytes + read.index_kv_elements * 4 / 128  # scales, which the row does not count
    assert read.kv_bytes_per_sequence(200_000) / 1e9 == pytest.approx(float(row["kv_gb_fp8_at_200k"]) + 200_000 * beside / 1e9, abs=6e-4)


@pytest.mark.parametrize("row", rows("totals.csv"), ids=lambda row: f"{row['name']}-{row['total']}")
def test_totals_of_the_catalogue(row):
    """Of releases, and of models instantiated from the same config; what is counted besides makes a total larger."""
    total, read = int(row["total"]), model(row["name"]).parameters
    assert read < total if row["besides"] else read == pytest.approx(total, rel=1e-6)


def test_a_small_model_counted_by_hand():
    layer = 64 * 64 + 2 * 64 * 32 + 64 * 64 + 3 * 64 * 160 + 2 * 64  # q, k and v, o, MLP, norms
    read = Model.from_config(LLAMA, name="small")
    assert read.parameters == 3 * layer + 2 * 100 * 64 + 64
    assert read.active_parameters == read.parameters - 100 * 64
    assert read.full_kv_elements == 3 * 2 * 2 * 16
    assert read.full_pair_flops == read.prefill_full_pair_flops == 3 * 4 * 4 * 16
    assert (read.name, read.d_ff, read.head_dim, read.kv_shards, read.max_context) == ("small", 160, 16, 2, 512)
    tied = Model.from_config({**LLAMA, "tie_word_embeddings": True})
    assert tied.parameters == tied.active_parameters == read.parameters - 100 * 64


def test_operations_and_caches_by_kind():
    deepseek, sparse, compressed = model("DeepSeek-V3"), model("DeepSeek-V3.2"), model("DeepSeek-V4-Flash")
    assert deepseek.full_pair_flops == 61 * 2 * 128 * (2 * 512 + 64)
    assert deepseek.prefill_full_pair_flops == 61 * 2 * 128 * (128 + 64 + 128)
    assert (deepseek.n_kv_heads, deepseek.kv_shards) == (1, 1)
    assert sparse.selected_kv_elements == 61 * (512 + 64) and sparse.selected_tokens == 2048
    assert sparse.full_kv_elements == 61 * 128 and sparse.full_pair_flops == 61 * 2 * 64 * 128
    assert sparse.selected_pair_flops == deepseek.full_pair_flops
    assert compressed.window == 128 and compressed.selected_tokens == 4 * 512
    assert compressed.selected_kv_elements == 21 * 512 / 4
    assert compressed.full_kv_elements == 21 * 128 / 4 + 20 * 512 / 128
    linear = model("Qwen3-Next-80B-A3B")
    assert linear.state_flops == 36 * 7 * 32 * 128 * 128 and linear.full_pair_flops == 12 * 4 * 16 * 256
    gemma = model("Gemma-4-26B-A4B")
    assert (gemma.kv_shards, gemma.n_kv_heads, gemma.head_dim, gemma.window) == (2, 8, 256, 1024)
    assert gemma.full_pair_flops == 5 * 4 * 16 * 512 and gemma.window_pair_flops == 25 * 4 * 16 * 256
    assert gemma.d_ff == 2112 + 8 * 704
    assert model("MiniMax-M3").selected_tokens == 16 * 128
    llama4 = model("Llama-4-Maverick")
    assert (llama4.window, llama4.window_kv_elements, llama4.d_ff) == (8192, 36 * 2 * 8 * 128, 2 * 8192)


def instantiated(model_type):
    """The first instantiated config of an architecture."""
    return next(each["config"] for each in INSTANTIATED if each["config"]["model_type"] == model_type)


def published(name):
    return Model.from_config(next(each["config"] for each in PUBLISHED if each["name"] == name), name=name)


def test_states_and_their_operations():
    """By hand, of what each kind of layer keeps and does with it."""

    def of(config):
        read = Model.from_config(config)
        return read.state_elements, read.state_flops

    jamba, bamba, lightning = published("Jamba-v0.1"), published("Bamba-9B"), published("MiniMax-M1")
    assert (jamba.state_elements, jamba.state_flops) == (28 * 8192 * (16 + 3), 28 * 6 * 8192 * 16)
    assert bamba.state_elements == 29 * (128 * 64 * 128 + 3 * (128 * 64 + 2 * 128)) and bamba.state_flops == 29 * 5 * 128 * 64 * 128
    assert (lightning.state_elements, lightning.state_flops) == (70 * 64 * 128 * 128, 70 * 5 * 64 * 128 * 128)
    assert lightning.full_kv_elements == 10 * 2 * 8 * 128
    six, seven = published("RWKV-6-World-1.6B"), published("RWKV-7-World-1.5B")
    assert six.state_elements == seven.state_elements == 24 * (32 * 64 * 64 + 2 * 2048) and six.kv_elements_per_token() == 0
    assert (six.state_flops, seven.state_flops) == (24 * 5 * 32 * 64 * 64, 24 * 9 * 32 * 64 * 64)
    assert of(instantiated("rwkv")) == (3 * 5 * 192, 3 * 5 * 192)
    assert of(instantiated("mamba")) == (3 * 600 * (20 + 4), 3 * 6 * 600 * 20)
    assert of(instantiated("mamba2")) == (3 * (16 * 24 * 20 + 4 * (16 * 24 + 2 * 2 * 20)), 3 * 5 * 16 * 24 * 20)
    assert of(instantiated("lfm2")) == (3 * 192 * 3, 0)
    ring = published("Ring-mini-linear-2.0")
    assert (ring.state_elements, ring.full_kv_elements) == (16 * 16 * 128 * 128, 4 * 2 * 4 * 128)
    falcon = Model.from_config({
        "model_type": "falcon_h1", "hidden_size": 2048, "intermediate_size": 4096, "num_hidden_layers": 24, "num_attention_heads": 8,
        "num_key_value_heads": 2, "head_dim": 128, "vocab_size": 65537, "mamba_d_ssm": 3072, "mamba_d_state": 256, "mamba_d_head": 64,
        "mamba_n_heads": 48, "mamba_n_groups": 1, "mamba_d_conv": 4,
    })  # fmt: skip
    assert falcon.kv_bytes_per_token(16) == 24576 and falcon.state_elements * 4 == pytest.approx(73 * 2**20, rel=2e-3)  # measured
    assert "beside Mamba in every layer" in falcon.attention


def test_nemotron_h():
    """30B-A3B: 23 layers of Mamba-2, 23 of experts, 6 of attention; a measured file has 58.82 GiB of 16 bits."""
    nano = {
        "model_type": "nemotron_h", "hidden_size": 2688, "hybrid_override_pattern": "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME",
        "intermediate_size": 1856, "mamba_head_dim": 64, "mamba_num_heads": 64, "mamba_ssm_cache_dtype": "float32", "n_groups": 8,
        "ssm_state_size": 128, "conv_kernel": 4, "use_conv_bias": True, "head_dim": 128, "num_attention_heads": 32,
        "num_key_value_heads": 2, "n_routed_experts": 128, "n_shared_experts": 1, "num_experts_per_tok": 6, "moe_intermediate_size": 1856,
        "moe_shared_expert_intermediate_size": 3712, "vocab_size": 131072, "num_hidden_layers": 52,
    }  # fmt: skip
    read = Model.from_config(nano)
    assert read.parameters * 2 / 2**30 == pytest.approx(58.82, abs=0.005) and read.state_bits == 32
    assert read.kv_bytes_per_token(16) == 6 * 2 * 2 * 128 * 2
    assert read.state_elements == 23 * (64 * 64 * 128 + 3 * (64 * 64 + 2 * 8 * 128))
    assert "23 of 52 layers Mamba" in read.attention and "23 of 52 layers without attention" in read.attention
    words = {"M": "mamba", "E": "moe", "*": "attention", "-": "mlp"}
    listed = {**nano, "layers_block_type": [words[letter] for letter in nano["hybrid_override_pattern"]]}
    del listed["hybrid_override_pattern"], listed["num_hidden_layers"]
    assert Model.from_config(listed) == read
    with pytest.raises(NapkinError, match=r"must have one letter of M, \*, - and E for each of the 3 layers, got 'MXE'"):
        Model.from_config({**nano, "hybrid_override_pattern": "MXE"})


def test_blocks_of_their_own():
    """Nemotron-NAS: 49 of 80 blocks attend, with 8 KV heads each."""
    read = published("Llama-3.3-Nemotron-Super-49B")
    assert read.full_kv_elements == 49 * 2 * 8 * 128 and "31 of 80 layers without attention" in read.attention
    config = {**LLAMA, "model_type": "nemotron-nas", "block_configs": [
        {"attention": {"n_heads_in_group": 4}, "ffn": {"intermediate_size": 96}},
        {"attention": {"replace_with_linear": True}, "ffn": {"replace_with_linear": True}},
        {"attention": {"no_op": True}, "ffn": {"no_op": True}},
    ]}  # fmt: skip
    small = Model.from_config(config)
    first = 64 * 64 + 2 * 64 * 16 + 64 * 64 + 3 * 64 * 96 + 2 * 64
    assert small.parameters == first + 2 * 64 * 64 + 2 * 64 + 2 * 100 * 64 + 64 and small.full_kv_elements == 2 * 16


def test_layers_that_share_keys():
    """Gemma: the last layers read what layers before them keep."""
    for name, windowed, full in (("gemma3n_text", 5, 1), ("gemma4_text", None, None)):
        config = next(
            each["config"] for each in INSTANTIATED if each["config"]["model_type"] == name and "num_kv_shared_layers" in each["config"]
        )
        read, alone = Model.from_config(config), Model.from_config({**config, "num_kv_shared_layers": 0})
        assert read.window_kv_elements < alone.window_kv_elements and read.window_pair_flops == alone.window_pair_flops
        if name == "gemma3n_text":
            assert (read.window_kv_elements, read.full_kv_elements) == (windowed * 2 * 2 * 24, full * 2 * 2 * 24)
    e2b = Model.from_config({
        "model_type": "gemma4_text", "hidden_size": 1536, "num_hidden_layers": 35, "num_attention_heads": 8, "num_key_value_heads": 1,
        "head_dim": 256, "global_head_dim": 512, "sliding_window": 512, "vocab_size": 262144, "hidden_size_per_layer_input": 256,
        "num_kv_shared_layers": 20, "use_double_wide_mlp": True, "intermediate_size": 6144,
        "layer_types": (["sliding_attention"] * 4 + ["full_attention"]) * 7,
    })  # fmt: skip
    assert (e2b.full_kv_elements, e2b.window_kv_elements) == (3 * 2 * 512, 12 * 2 * 256)  # of the first 15 layers
    assert (e2b.full_pair_flops, e2b.d_ff) == (7 * 4 * 8 * 512, round((15 * 6144 + 20 * 2 * 6144) / 35))
    hunyuan = published("Hunyuan-Large")
    assert hunyuan.full_kv_elements == 32 * 2 * 8 * 80 and hunyuan.full_pair_flops == 64 * 4 * 80 * 80


def test_experts_without_weights():
    read = published("LongCat-Flash")
    assert (read.n_layers, read.experts_per_token, read.n_experts) == (56, 8, 512) and read.full_kv_elements == 56 * (512 + 64)
    assert 18.6e9 < read.active_parameters < 31.3e9  # as its report says, 27 on average


def test_ling_2_5_by_hand():
    config = {
        "model_type": "bailing_hybrid", "group_norm_size": 2, "layer_group_size": 2, "hidden_size": 64, "num_hidden_layers": 3,
        "num_attention_heads": 4, "num_key_value_heads": 4, "head_dim": 16, "intermediate_size": 96, "moe_intermediate_size": 24,
        "num_experts": 4, "num_experts_per_tok": 2, "num_shared_experts": 1, "first_k_dense_replace": 1, "kv_lora_rank": 20,
        "q_lora_rank": None, "qk_rope_head_dim": 8, "qk_nope_head_dim": 12, "v_head_dim": 16, "vocab_size": 100, "use_qk_norm": True,
    }  # fmt: skip
    linear = 5 * 64 * 64 + 64 + 2 * 16  # queries, keys, values, gate, out; a norm of the output, two of queries and keys
    full = 64 * 4 * 20 + 64 * (20 + 8) + 20 + 20 * 4 * (12 + 16) + 4 * 16 * 64
    experts = 64 * 4 + 4 + 5 * 3 * 64 * 24
    read = Model.from_config(config)  # linear, full, and what is left of a group is full
    assert read.parameters == linear + 2 * full + 3 * 64 * 96 + 2 * experts + 7 * 64 + 2 * 100 * 64
    assert read.state_elements == 4 * 16 * 16 and read.full_kv_elements == 2 * 28


@pytest.mark.parametrize(("name", "same", "theirs", "ours"), [
    ("PanguEmbedded", "llama", {"bias": True}, {"attention_bias": True}),
    ("internlm", "llama", {"bias": True}, {"attention_bias": True}),
    ("orion", "stablelm", {}, {}),
    ("dots_ocr", "qwen2", {}, {}), ("logics", "qwen3", {}, {}), ("exaone4_5_text", "exaone4", {}, {}), ("aquila", "llama", {}, {}),
    ("xverse", "llama", {}, {}), ("phi4mm", "phi3", {}, {}), ("glm4v", "glm4", {}, {"attention_bias": True, "head_dim": 16}),
])  # fmt: skip
def test_the_same_under_another_name(name, same, theirs, ours):
    assert (
        Model.from_config({**LLAMA, "model_type": name, **theirs}).parameters
        == Model.from_config({**LLAMA, "model_type": same, **ours}).parameters
    )


def test_the_type_of_states():
    """A config may say how its states are stored; what a model keeps then follows it."""
    assert published("Bamba-9B").state_bits is None and "state_bits" not in published("Bamba-9B").inputs
    config = instantiated("mamba2")
    for said, bits in (("float32", 32), ("torch.bfloat16", 16), ("auto", None), (None, None), (32, None)):
        read = Model.from_config({**config, "mamba_ssm_dtype": said})
        assert read.state_bits == bits and read.kv_bytes_per_sequence(10) == read.state_elements * (bits or 16) / 8
    assert read.kv_bytes_per_sequence(10, state_bits=32) == read.state_elements * 4
    assert Model.from_config({**config, "mamba_ssm_cache_dtype": "float32"}).inputs["state_bits"] == 32
    assert Model.from_config({**LLAMA, "mamba_ssm_dtype": "float32"}).state_bits is None  # it has no states


def test_heads_that_score():
    """GPT-NeoX with one score in place of a head, and its bias: what the release of OpenAssistant holds."""
    config = {"hidden_size": 2048, "intermediate_size": 8192, "num_attention_heads": 16, "num_hidden_layers": 24, "vocab_size": 50288}
    reward = {**config, "model_type": "gpt_neox_reward_model", "architectures": ["GPTNeoXRewardModel"]}
    assert Model.from_config(reward).parameters == 1_311_594_497
    classes = {**LLAMA, "architectures": ["LlamaForSequenceClassification"], "id2label": {"0": "a", "1": "b", "2": "c"}}
    assert Model.from_config(classes).parameters == Model.from_config(LLAMA).parameters - 100 * 64 + 3 * 64


def test_text_models_that_leave_out_what_is_usual():
    """LLaVA 1.5: Vicuna 7B in transformers' defaults, 6,738,415,616 weights and 64 tokens more."""
    llava = {"model_type": "llava", "vision_config": {}, "text_config": {"model_type": "llama", "vocab_size": 32064}}
    read = Model.from_config(llava)
    assert read.parameters == 6_738_415_616 + 64 * 2 * 4096
    assert "not in the config, taken as usual: hidden_size 4,096, intermediate_size 11,008" in read.notes
    ling = Model.from_config({**LLAMA, "model_type": "bailing_moe", "num_experts_per_tok": 2})
    assert ling.n_experts == 64 and ling.notes == "not in the config, taken as usual: num_experts 64"
    with pytest.raises(NapkinError, match="the config has no num_hidden_layers"):
        Model.from_config({"model_type": "llama"})
    ocr = {"model_type": "deepseek_vl_v2", "language_config": {
        "architectures": ["DeepseekV2ForCausalLM"], "first_k_dense_replace": 1, "hidden_size": 1280, "intermediate_size": 6848,
        "kv_lora_rank": None, "moe_intermediate_size": 896, "n_routed_experts": 64, "n_shared_experts": 2, "num_attention_heads": 10,
        "num_experts_per_tok": 6, "num_hidden_layers": 12, "num_key_value_heads": 10, "q_lora_rank": None, "qk_nope_head_dim": 0,
        "qk_rope_head_dim": 0, "use_mla": False, "v_head_dim": 0, "vocab_size": 129280,
    }}  # fmt: skip
    read, layer = Model.from_config(ocr), 4 * 1280**2 + 2 * 1280
    mixtures = 11 * (64 * 1280 + 66 * 3 * 1280 * 896)
    assert read.parameters == 12 * layer + 3 * 1280 * 6848 + mixtures + 2 * 129280 * 1280 + 1280
    assert read.full_kv_elements == 12 * 2 * 1280
    assert Model.from_config({**LLAMA, "model_type": "ours"}) == Model.from_config(LLAMA, name="ours")  # its class is known


def test_params_json(tmp_path):
    """What Mistral and Meta release in place of a config.json; totals from the releases on Hugging Face."""
    devstral = {"dim": 5120, "n_layers": 40, "head_dim": 128, "hidden_dim": 32768, "n_heads": 32, "n_kv_heads": 8, "vocab_size": 131072}
    (tmp_path / "params.json").write_text(json.dumps(devstral), encoding="utf-8")
    for source in (tmp_path, tmp_path / "params.json"):
        read = Model.from_config(source)
        assert (read.parameters, read.name, read.full_kv_elements) == (23_572_403_200, tmp_path.name, 40 * 2 * 8 * 128)
    meta = {
        "dim": 4096,
        "n_layers": 32,
        "n_heads": 32,
        "n_kv_heads": 8,
        "vocab_size": 128256,
        "ffn_dim_multiplier": 1.3,
        "multiple_of": 1024,
    }
    assert Model.from_config(meta).parameters == 8_030_261_248
    assert Model.from_config({"dim": 4096, "multiple_of": 256, "n_heads": 32, "n_layers": 32, "vocab_size": -1}).parameters == 6_738_415_616
    llama_2 = {
        "dim": 8192,
        "multiple_of": 4096,
        "ffn_dim_multiplier": 1.3,
        "n_heads": 64,
        "n_kv_heads": 8,
        "n_layers": 80,
        "vocab_size": -1,
    }
    assert Model.from_config(llama_2).parameters == 68_976_648_192
    mixtral = {"dim": 4096, "n_layers": 32, "head_dim": 128, "hidden_dim": 14336, "n_heads": 32, "n_kv_heads": 8, "vocab_size": 32000,
               "moe": {"num_experts_per_tok": 2, "num_experts": 8}}  # fmt: skip
    read = Model.from_config(mixtral)
    assert (read.parameters, read.experts_per_token) == (46_702_792_704, 2)
    large = {"dim": 7168, "n_layers": 61, "head_dim": 128, "hidden_dim": 16384, "n_heads": 128, "n_kv_heads": 128, "vocab_size": 131072,
             "q_lora_rank": 1536, "qk_rope_head_dim": 64, "qk_nope_head_dim": 128, "kv_lora_rank": 512, "v_head_dim": 128,
             "moe": {"first_k_dense_replace": 3, "num_experts": 128, "num_experts_per_tok": 4, "expert_hidden_dim": 4096,
                     "num_shared_experts": 1}}  # fmt: skip
    read = Model.from_config(large)  # Mistral Large 3: 673B, of which 39B are active
    assert (round(read.parameters / 1e9), round(read.active_parameters / 1e9)) == (673, 39)
    scout = {"dim": 5120, "n_layers": 48, "n_heads": 40, "n_kv_heads": 8, "vocab_size": 202048, "ffn_dim_multiplier": 1.2, "multiple_of": 2048,
             "moe_args": {"num_experts": 16, "top_k": 1, "interleave_moe_layer_step": 1}}  # fmt: skip
    same = {"model_type": "llama4_text", "hidden_size": 5120, "num_hidden_layers": 48, "num_attention_heads": 40, "num_key_value_heads": 8,
            "head_dim": 128, "vocab_size": 202048, "intermediate_size": 8192, "intermediate_size_mlp": 16384, "num_local_experts": 16,
            "num_experts_per_tok": 1, "interleave_moe_layer_step": 1}  # fmt: skip
    assert Model.from_config(scout, name="x") == Model.from_config(same, name="x")
    codestral = {"dim": 4096, "n_layers": 64, "vocab_size": 32768, "n_groups": 8, "tie_embeddings": False, "model_type": "mamba"}
    assert Model.from_config(codestral).parameters == 7_285_403_648  # Mamba-Codestral-7B
    state = {"d_model": 2560, "n_layer": 64, "vocab_size": 50277, "ssm_cfg": {}, "pad_vocab_size_multiple": 8}
    assert Model.from_config(state).parameters == 2_768_345_600  # state-spaces/mamba-2.8b
    with pytest.raises(NapkinError, match="must be a whole number, at least 1, got 'x'"):
        Model.from_config({**devstral, "dim": "x"})


def test_windows_close_and_states_stay():
    read = model("Gemma-3-27B")
    assert read.kv_elements_per_token(1024) > read.kv_elements_per_token(1025) == read.kv_elements_per_token()
    assert read.kv_bytes_per_token(16) == 2 * read.kv_bytes_per_token(8)
    assert read.kv_bytes_per_sequence(2000) - read.kv_bytes_per_sequence(1999) == read.kv_bytes_per_token()
    hybrid = model("Qwen3.5-35B-A3B")
    assert hybrid.kv_bytes_per_sequence(1, state_bits=32) - hybrid.kv_bytes_per_sequence(1) == hybrid.state_elements * 2
    for ask in (read.kv_bytes_per_sequence, lambda context: read.kv_bytes_per_token(context=context)):
        with pytest.raises(NapkinError, match="context must be a whole number, at least 1 token, got 0"):
            ask(0)


@pytest.mark.parametrize("name", ["Qwen3-32B", "gpt-oss-120b", "DeepSeek-V3.2", "DeepSeek-V4-Flash", "Qwen3.5-35B-A3B"])
def test_a_conversation_keeps_what_its_tokens_add_and_its_states(name):
    read, kept = model(name), 0
    for context in range(1, 300):
        kept += read.kv_elements_per_token(context)
        by_kind = (read.full_kv_elements + read.selected_kv_elements) * context + read.window_kv_elements * min(context, read.window or 0)
        assert kept == by_kind
        index = read.index_kv_elements * 132 / 128  # in 8 bits, whatever the rest has
        rest = kept - context * read.index_kv_elements
        assert read.kv_bytes_per_sequence(context, 16, 32) == 2 * rest + context * index + 4 * read.state_elements
        assert read.kv_bytes_per_token(4, context) == (read.kv_elements_per_token(context) - read.index_kv_elements) / 2 + index


def test_small_integers_do_not_overflow():
    read = model("Qwen3-32B")
    assert read.kv_bytes_per_sequence(np.int32(200_000), np.int16(8)) == 200_000 * 131_072
    assert read.kv_bytes_per_token(np.int8(16), np.int16(30_000)) == 2 * 131_072


def test_what_a_model_hands_out_cannot_change_it():
    read = model("Qwen3-32B")
    read.inputs["n_layers"] = 1
    assert read.inputs["n_layers"] == 64


WEIGHTS = {"name": "Mine", "parameters": 8e9, "active_parameters": 8e9, "n_layers": 32, "d_model": 4096, "n_heads": 32, "n_kv_heads": 8,
           "head_dim": 128}  # fmt: skip


def test_a_model_of_ones_own():
    mine = Model(**{**WEIGHTS, "n_layers": np.int64(32), "weight_scale_bits": 0})
    assert {type(mine.parameters), type(mine.n_layers)} == {int} and mine.inputs["weight_scale_bits"] == 0


@pytest.mark.parametrize(("fields", "message"), [
    ({"name": ""}, "name must be text that is not empty, got ''"),
    ({"parameters": 8.5}, "parameters must be a whole number above 0, got 8.5"),
    ({"n_layers": "32"}, "n_layers must be a whole number above 0, got '32'"),
    ({"window": 0}, "window must be a whole number above 0, or None where it is not known, got 0"),
    ({"full_kv_elements": float("nan")}, "full_kv_elements must be a finite number from 0 on, got nan"),
    ({"n_heads": 30}, "n_heads must be a multiple of n_kv_heads, got n_heads 30 and n_kv_heads 8"),
    ({"experts_per_token": 2}, "experts_per_token must be at most n_experts, got experts_per_token 2 and n_experts 1"),
    ({"expert_parameters": 9e9}, "expert_parameters must be at most parameters, got 9,000,000,000 of 8,000,000,000"),
    ({"active_parameters": 9e9}, "active_parameters must be at most parameters, got 9,000,000,000 of 8,000,000,000"),
])  # fmt: skip
def test_a_model_of_ones_own_is_checked_in_one_sentence(fields, message):
    with pytest.raises(NapkinError) as caught:
        Model(**{**WEIGHTS, **fields})
    assert str(caught.value) == message


LLAMA_8B = dict(
    model_type="llama", hidden_size=4096, num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=8, intermediate_size=14_336,
    vocab_size=128_256,
)  # fmt: skip
#: Its weights, counted by hand: matrices of attention and MLP, one table of the vocabulary, norms.
ATTENTION, MLPS = 32 * (2 * 4096 * 4096 + 2 * 4096 * 1024), 32 * 3 * 4096 * 14_336
TABLE, NORMS = 128_256 * 4096, 65 * 4096


def stored(read):
    """Bits of all weights of a model, from its fields."""
    dense = (read.parameters - read.expert_parameters) * (read.weight_bits + (read.weight_scale_bits or 0))
    return dense + read.expert_parameters * ((read.expert_bits or 0) + (read.expert_scale_bits or 0))


GROUP = {"num_bits": 4, "type": "int", "group_size": 32, "symmetric": True}
W8 = {"num_bits": 8, "type": "float", "strategy": "channel"}


@pytest.mark.parametrize(("quantization", "attention", "mlp", "head", "embedding", "multiplied"), [
    (None, 16, 16, 16, 16, None),
    ({"quant_method": "fp8", "weight_block_size": [128, 128]}, 8 + 32 / 16384, 8 + 32 / 16384, 16, 16, None),
    ({"quant_method": "fp8"}, 8, 8, 16, 16, None),
    ({"quant_algo": "FP8", "quant_method": "modelopt"}, 8, 8, 16, 16, None),
    ({"quant_algo": "NVFP4", "group_size": 16, "quant_method": "modelopt"}, 4.5, 4.5, 16, 16, None),
    ({"quant_algo": "NVFP4", "quant_method": "modelopt", "exclude_modules": ["lm_head", "model.layers.*.self_attn*"]}, 16, 4.5, 16, 16, 4),
    ({"quant_algo": "MIXED_PRECISION", "quantized_layers": {
        f"model.layers.{i}.{name}": {"quant_algo": algorithm} for i in range(32) for name, algorithm in (
            *((f"self_attn.{x}_proj", "FP8") for x in "qkvo"), *((f"mlp.{x}_proj", "NVFP4") for x in ("gate", "up", "down")))}},
        8, 4.5, 16, 16, None),
    ({"quant_method": "awq", "bits": 4, "group_size": 128}, 4 + 20 / 128, 4 + 20 / 128, 16, 16, 16),
    ({"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": False}, 4 + 16 / 128, 4 + 16 / 128, 16, 16, 16),
    ({"quant_method": "gptq", "bits": 8, "group_size": -1}, 8, 8, 16, 16, 16),
    ({"quant_method": "gptq", "bits": 4, "group_size": 128, "dynamic": {"-:.*attn.*": {}}}, 16, 4 + 20 / 128, 16, 16, 16),
    ({"quant_method": "gptq", "bits": 4, "group_size": 128, "dynamic": {"+:.*mlp.*": {"bits": 8, "group_size": 64}}},
        4 + 20 / 128, 8 + 24 / 64, 16, 16, 16),
    ({"quant_method": "compressed-tensors", "ignore": ["lm_head"], "config_groups": {"group_0": {"targets": ["Linear"], "weights": GROUP}}},
        4.5, 4.5, 16, 16, 16),
    ({"quant_method": "compressed-tensors", "ignore": [], "config_groups": {"group_0": {"targets": ["Linear"], "weights": W8}}},
        8, 8, 8, 16, None),
    ({"quant_method": "compressed-tensors", "ignore": ["lm_head"], "config_groups": {
        "a": {"targets": ["re:.*self_attn.*"], "weights": W8}, "b": {"targets": ["re:.*mlp.*"], "weights": {**GROUP, "group_size": 16, "type": "float"}}}},
        8, 4.5, 16, 16, None),
    ({"quant_method": "bitsandbytes", "load_in_4bit": True}, 4.5, 4.5, 16, 16, 16),
    ({"quant_method": "bitsandbytes", "load_in_4bit": True, "llm_int8_skip_modules": ["lm_head", *(f"model.layers.{i}.mlp" for i in range(8))]},
        4.5, (4.5 * 24 + 16 * 8) / 32, 16, 16, 16),
    ({"bits": 4, "group_size": 64}, 4.5, 4.5, 4.5, 4.5, 16),
    ({"bits": 4, "group_size": 64, "lm_head": {"bits": 8, "group_size": 64}}, 4.5, 4.5, 8.5, 4.5, 16),
    ({"quant_method": "quark", "exclude": ["lm_head"], "global_quant_config": {"weight": {"dtype": "fp4", "group_size": 32}}}, 4.25, 4.25, 16, 16, None),
    ({"quant_method": "torchao", "quant_type": {"default": {"_type": "Int4WeightOnlyConfig", "_data": {"group_size": 128}}}},
        4.25, 4.25, 16, 16, 16),
    ({"quant_method": "fp8", "ignored_layers": ["model.vision_tower.blocks.0.attn.qkv", "model.visual.layers.0.self_attn.q_proj"]}, 8, 8, 16, 16, None),
])  # fmt: skip
def test_a_format_belongs_to_a_part(quantization, attention, mlp, head, embedding, multiplied):
    read = Model.from_config({**LLAMA_8B, "quantization_config": quantization})
    assert read.parameters == ATTENTION + MLPS + 2 * TABLE + NORMS
    expected = ATTENTION * attention + MLPS * mlp + TABLE * (head + embedding) + NORMS * 16
    assert stored(read) == pytest.approx(expected, rel=1e-9)
    assert (read.lookup_bits or 16) == embedding and read.expert_bits is None
    assert read.multiplied_bits == (multiplied if multiplied != read.weight_bits else None)


QWEN3 = dict(model_type="qwen3", num_key_value_heads=8, head_dim=128, vocab_size=151_936)
AWQ = {"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": True}


@pytest.mark.parametrize(("config", "size"), [
    # sizes of the files that their repositories list
    ({**QWEN3, "hidden_size": 4096, "num_hidden_layers": 36, "num_attention_heads": 32, "intermediate_size": 12_288, "quantization_config": AWQ}, 6_098_853_560),
    ({**QWEN3, "hidden_size": 5120, "num_hidden_layers": 40, "num_attention_heads": 40, "intermediate_size": 17_408,
        "quantization": {"bits": 4, "group_size": 64}}, 8.308e9),
    ({"model_type": "llama", "hidden_size": 8192, "intermediate_size": 28_672, "num_hidden_layers": 80, "num_attention_heads": 64,
        "num_key_value_heads": 8, "vocab_size": 128_256, "quantization_config": {"quant_method": "compressed-tensors", "ignore": ["lm_head"],
            "config_groups": {"group_0": {"targets": ["Linear"], "weights": W8}}}}, 67.72 * 2**30),
])  # fmt: skip
def test_bytes_of_quantised_releases(config, size):
    assert stored(Model.from_config(config)) / 8 == pytest.approx(size, rel=0.002)


def test_a_method_that_is_not_known_is_never_taken_for_8_bits():
    read = Model.from_config({**LLAMA_8B, "quantization_config": {"quant_method": "of tomorrow"}}, name="mine")
    assert read.weight_bits is None
    found = napkin.estimate(read, "H100", context=8000)
    why = "weight_bytes has no value: the weights are quantised by of tomorrow, whose bits are not known here: give weight_bits"
    with pytest.raises(NapkinError, match=why):
        found.weight_bytes
    assert napkin.estimate(read, "H100", context=8000, weight_bits=4).weight_bytes == read.parameters / 2


def test_bits_may_be_given_by_the_name_of_a_format():
    """The file of Llama-3.1-8B in Q4_K_M: 4,920,734,720 bytes."""
    found = napkin.estimate("Llama-3.1-8B", "RTX 4090", weight_bits="Q4_K_M", kv_bits="q8_0", context=8000)
    assert found.weight_bytes == pytest.approx(4_920_734_720, rel=0.003)
    assert found.kv_bytes_per_token == 65_536 * 8.5 / 8
    assert found.inputs["peak_flops"] == napkin.gpu("RTX 4090").rate(16)
    with pytest.raises(NapkinError, match="weight_bits must be one of"):
        napkin.estimate("Llama-3.1-8B", weight_bits="Q9")


def test_experts_in_their_own_format():
    def formats(name):
        read = model(name)
        return read.weight_bits, read.expert_bits, read.expert_scale_bits

    assert formats("gpt-oss-120b") == (16, 4, 0.25) and model("gpt-oss-120b").weight_scale_bits == 0
    assert formats("DeepSeek-V3") == (8, 8, 32 / 16384)
    assert formats("DeepSeek-V4-Pro") == (8, 4, 0.25)
    assert formats("Kimi-K3") == (16, 4, 0.25)
    assert formats("Qwen3-30B-A3B") == (16, None, None)
    assert model("gpt-oss-120b").expert_padding == pytest.approx(3072 / 2880 - 1)
    # loaded in vLLM with Triton kernels 64.4 GiB: experts filled up, the rest in 16 bits
    found = napkin.estimate("gpt-oss-120b", "H100", context=1000)
    assert found.weight_bytes == pytest.approx(69_127_498_629, rel=0.01)


def test_sources_of_a_config(tmp_path):
    folder = tmp_path / "My-Model"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(LLAMA), encoding="utf-8")
    for source in (folder, str(folder), folder / "config.json"):
        assert Model.from_config(source).name == "My-Model"
    assert Model.from_config(folder, name="mine").name == "mine"
    assert Model.from_config({**LLAMA, "_name_or_path": "someone/A-Model"}).name == "A-Model"
    nested = {"model_type": "gemma3", "vision_config": {}, "thinker_config": {"text_config": LLAMA}}
    read = Model.from_config(nested)
    assert read.parameters == Model.from_config(LLAMA).parameters and "multimodal" in read.notes
    (folder / "config.json").write_text(json.dumps(LLAMA), encoding="utf-8-sig")
    assert Model.from_config(folder) == Model.from_config(LLAMA, name="My-Model")


def test_what_cannot_be_read_is_said_in_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    (tmp_path / "list.json").write_text("[]", encoding="utf-8")
    (tmp_path / "loop.json").symlink_to(tmp_path / "loop.json")
    for source, message in (
        (tmp_path, "is not JSON"), (tmp_path / "list.json", "no object"), (tmp_path / "none", "there is no file"), (7, "got int"),
        (json.dumps(LLAMA), "got the text of one"), (json.dumps(LLAMA, indent=2), "got the text of one"),
        ("x" * 5000, "File name too long"), (tmp_path / "loop.json", "cannot read"),
        (tmp_path / "list.json" / "config.json", "Not a directory"),
    ):  # fmt: skip
        with pytest.raises(NapkinError, match=message) as caught:
            Model.from_config(source)
        assert "\n" not in str(caught.value)

    def forbidden(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_dir", forbidden)  # as in a folder that one may not enter
    with pytest.raises(NapkinError, match="cannot read '/secret/config.json': Permission denied"):
        Model.from_config("/secret/config.json")


def test_formats_in_a_file_beside_the_config(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(LLAMA), encoding="utf-8")
    beside = tmp_path / "hf_quant_config.json"
    beside.write_text('{"quantization": {"quant_algo": "FP8"}}', encoding="utf-8")
    assert Model.from_config(tmp_path).weight_bits == 8
    for text, message in (("[" * 100_000, "is not JSON"), ("{", "is not JSON"), ("[]", "no object")):
        beside.write_text(text, encoding="utf-8")
        with pytest.raises(NapkinError, match=f"hf_quant_config.json.*{message}"):
            Model.from_config(tmp_path)


@pytest.mark.parametrize(("fields", "message"), [
    ({"hidden_size": "left out"}, "the config has no hidden_size"),
    ({"vocab_size": None}, "the config has no vocab_size"),
    ({"num_hidden_layers": -1}, "num_hidden_layers must be a whole number, at least 1, got -1"),
    ({"num_hidden_layers": 10**6}, "num_hidden_layers must be a whole number, between 1 and 10,000, got 1000000"),
    ({"num_hidden_layers": True}, "num_hidden_layers must be a whole number, at least 1, got True"),
    ({"intermediate_size": "160"}, "intermediate_size must be a whole number, at least 1, got '160'"),
    ({"num_key_value_heads": 3}, "num_attention_heads must be a multiple of num_key_value_heads, got 4 and 3"),
    ({"num_attention_heads": 5, "num_key_value_heads": 5}, "hidden_size must be a multiple of num_attention_heads"),
    ({"tie_word_embeddings": "no"}, "tie_word_embeddings must be true or false, got 'no'"),
    ({"layer_types": ["full_attention"]}, "layer_types must have one entry for each of the 3 layers, got 1"),
    ({"layer_types": ["mamba"] * 3}, "cannot count a layer of the type 'mamba'"),
    ({"num_kv_shared_layers": 2}, "cannot count the num_kv_shared_layers of a 'llama' model"),
    ({"hidden_size_per_layer_input": 256}, "cannot count the hidden_size_per_layer_input"),
    ({"num_local_experts": 8}, "cannot count the num_local_experts"),
    ({"model_type": "left out", "architectures": "left out"}, "the config has no model_type"),
    ({"model_type": "llamba", "architectures": ["LlambaForCausalLM"]},
     r"^cannot read the architecture 'llamba' \(LlambaForCausalLM\); the nearest known one is 'llama'\. "
     r"Any model can be given by its numbers: parameters=, n_layers=, …$"),
    ({"model_type": "bert", "architectures": ["BertModel"]}, "^'bert' is an encoder: it generates no tokens one after another$"),
    ({"model_type": "xlm-roberta", "architectures": "left out"}, "'xlm-roberta' is an encoder"),
    ({"model_type": "modernbert-decoder", "architectures": "left out"}, "cannot read the architecture 'modernbert-decoder'"),
    ({"model_type": "t5", "architectures": "left out"}, "'t5' is an encoder with a decoder"),
    ({"model_type": "whisper", "architectures": "left out"}, "'whisper' is an encoder with a decoder"),
    ({"model_type": "ours", "architectures": "left out", "is_encoder_decoder": True}, "'ours' is an encoder with a decoder"),
    ({"mamba_d_state": 128}, "cannot count the mamba_d_state of a 'llama' model"),
])  # fmt: skip
def test_what_cannot_be_counted_is_said_in_one_sentence(fields, message):
    with pytest.raises(NapkinError, match=message):
        Model.from_config(changed(LLAMA, **fields))


def test_an_architecture_like_no_other():
    with pytest.raises(
        NapkinError, match="^cannot read the architecture 'zzzz'. Any model can be given by its numbers: parameters=, n_layers=, …$"
    ):
        Model.from_config({"model_type": "zzzz"})


def test_no_windows_where_keys_and_values_are_compressed():
    deepseek = next(each["config"] for each in INSTANTIATED if each["config"]["model_type"] == "deepseek_v3")
    windows = {"layer_types": ["sliding_attention"] * deepseek["num_hidden_layers"], "sliding_window": 64}
    with pytest.raises(NapkinError, match="cannot count a layer of the type 'sliding_attention' in this architecture"):
        Model.from_config({**deepseek, **windows})


def test_more_experts_a_token_than_there_are():
    with pytest.raises(NapkinError, match="num_experts_per_tok must be at most num_experts, got 9 of 8"):
        Model.from_config({**LLAMA, "model_type": "mixtral", "num_local_experts": 8, "num_experts_per_tok": 9})


def test_no_field_breaks_the_reader():
    """Whatever one field holds, the answer is a model or a sentence."""
    seen = {each["config"]["model_type"]: each["config"] for each in (*PUBLISHED, *INSTANTIATED)}
    for config in seen.values():
        part = config.get("text_config", config)
        for name in part:
            for junk in (None, -1, 0, 3, 10**12, 1.5, "x", True, [], ["x"], [1, 2], {}, {"a": 1}):
                broken = {**part, name: junk}
                try:
                    read = Model.from_config({**config, "text_config": broken} if part is not config else broken)
                except NapkinError as error:
                    assert "\n" not in str(error)
                else:
                    assert 0 < read.active_parameters <= read.parameters and repr(read)


def test_no_quantization_breaks_the_reader():
    for name in ("quant_method", "weight_block_size", "bits", "group_size", "config_groups", "quant_algo", "ignore",
                 "moe_quant_algo", "quantized_layers", "modules_to_not_convert"):  # fmt: skip
        for junk in (0, -1, "fp8", [], [0, 0], ["x", 1], {}, {"a": 1}, {"a": {"weights": {"num_bits": 4}}}, True):
            Model.from_config({**LLAMA, "quantization_config": {"quant_method": "fp8", name: junk}})


def test_a_model_shows_itself():
    read = model("gpt-oss-120b")
    assert repr(read) == (
        "gpt-oss-120b: 117 billion parameters (5.13 billion active), 36 layers, grouped-query; "
        "18 of 36 layers look back 128 tokens, 18.4 kB of cache a token at 8 bits"
    )
    assert "128 a layer, 4 for each token" in read._repr_html_()
    with pytest.raises(AttributeError):
        read.parameters = 1
