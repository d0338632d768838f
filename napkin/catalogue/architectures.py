"""The architectures of language models that can be counted: which attention, which MLP, where biases and norms sit.

A model's `model_type` picks a line of `FAMILIES`; `counting` does the counting. Fields keep the names of Hugging Face's
transformers, and so do the values that stand in for a field that a config leaves out.
"""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Experts:
    """The mixture of experts of an architecture. Switches are True, False, or the name of a field."""

    width: str = "moe_intermediate_size"
    where: str = "all"  # which layers have experts: a key of SPARSE
    shared: str = ""  # how wide the shared expert is: a key of SHARED, or nothing
    correction: bool | str = False  # one number an expert that steers the choice
    router_bias: bool = False
    expert_bias: bool = False
    shared_gate: bool = False
    shared_bias: bool | str = False
    beside: bool = False  # a dense MLP works in parallel
    latent: str = ""  # experts work in a space of this width


@dataclass(frozen=True)
class Family:
    """How an architecture is built. Switches are True, False, or the name of the field that says so."""

    attention: str = "grouped"  # a key of ATTENTION
    pattern: str = "full"  # the kinds of layers where layer_types does not say: a key of PATTERNS
    window_if: bool | str = True  # whether windowed layers have their window
    qkv_bias: bool | str = "attention_bias"
    out_bias: bool | str = "attention_bias"
    qk_norm: str = ""  # "head": one norm shared by the heads; "whole": one as wide as all heads
    qk_norm_if: bool | str = True
    qk_norm_vectors: int = 1
    gate: bool | str = False  # a gate as wide as the output of attention
    sinks: bool = False
    matrices: int = 3  # of the MLP: three where one gates, else two
    mlp_bias: bool | str = False
    mlp_extra: int = 0
    four_wide: bool = False  # an MLP four times as wide as the model, where the config does not say
    norms: int | str = 2  # of a layer, or a key of NORMS
    norm_vectors: int = 1  # 2 where a norm has a bias
    final_norm: bool = True
    tied: bool = False  # embedding and head, where the config does not say
    head_bias: bool | str = False
    positions: int | None = None  # learned positions: how many more than the longest context
    experts: Experts | None = None
    counts: tuple = ()  # the fields of CHANGES_THE_COUNT that this family counts
    defaults: dict = field(default_factory=dict)


_plain = Family()
_biased = Family(four_wide=True, qkv_bias=True, out_bias=True, mlp_bias=True, norm_vectors=2, matrices=2)
_qwen3 = Family(
    qk_norm="head",
    pattern="late window",
    window_if="use_sliding_window",
    defaults={"num_key_value_heads": 32, "head_dim": 128, "sliding_window": 4096},
)
_qwen3_moe = replace(
    _qwen3,
    pattern="window",
    window_if="use_sliding_window",
    experts=Experts(where="stepped"),
    defaults={"num_key_value_heads": 4},
)
_qwen3_next = Family(
    qk_norm="head",
    gate="attn_output_gate",
    pattern="hybrid",
    experts=Experts(where="stepped", shared="shared_expert_intermediate_size", shared_gate=True),
    defaults={
        "num_key_value_heads": 2,
        "head_dim": 256,
        "attn_output_gate": True,
        "linear_conv_kernel_dim": 4,
        "linear_key_head_dim": 128,
        "linear_value_head_dim": 128,
        "linear_num_key_heads": 16,
        "linear_num_value_heads": 32,
        "num_experts": 512,
        "num_experts_per_tok": 10,
        "moe_intermediate_size": 512,
        "shared_expert_intermediate_size": 512,
    },
)
_qwen3_5_moe = replace(_qwen3_next, defaults={**_qwen3_next.defaults, "num_experts": 256, "num_experts_per_tok": 8})
_gemma = Family(tied=True, defaults={"head_dim": 256, "num_key_value_heads": 16})
_gemma2 = replace(
    _gemma,
    norms=4,
    pattern="every second full",
    defaults={"head_dim": 256, "num_key_value_heads": 4, "sliding_window": 4096},
)
_mla = Family(
    attention="latent",
    qkv_bias="attention_bias",
    experts=Experts(where="after the first", shared="number", correction=True),
    counts=("q_lora_rank", "kv_lora_rank"),
    defaults={
        "q_lora_rank": 1536,
        "kv_lora_rank": 512,
        "qk_rope_head_dim": 64,
        "qk_nope_head_dim": 128,
        "v_head_dim": 128,
        "n_shared_experts": 1,
        "first_k_dense_replace": 3,
        "num_experts_per_tok": 8,
    },
)
_indexed = replace(
    _mla,
    attention="latent, indexed",
    counts=("q_lora_rank", "kv_lora_rank", "index_topk"),
    defaults={**_mla.defaults, "index_topk": 2048, "index_head_dim": 128, "index_n_heads": 64},
)
_olmo2 = Family(qk_norm="whole")
_minimax_m3 = Family(
    attention="blocks",
    qk_norm="head",
    pattern="blocks",
    qkv_bias=False,
    out_bias=False,
    experts=Experts(width="intermediate_size", where="after the first", shared="minimax", correction=True),
    counts=("sparse_attention_config", "shared_intermediate_size"),
    defaults={"num_key_value_heads": 4, "head_dim": 128, "first_k_dense_replace": 0, "n_shared_experts": 1},
)
_granite_moe = Family(experts=Experts(width="intermediate_size"), defaults={"num_experts": 8, "num_experts_per_tok": 2})
_kimi_linear = replace(
    _mla,
    pattern="kimi",
    gate="mla_use_output_gate",
    counts=("q_lora_rank", "kv_lora_rank", "linear_attn_config", "routed_expert_hidden_size", "mla_use_output_gate"),
    experts=Experts(where="after the first", shared="number", correction=True, latent="routed_expert_hidden_size"),
    defaults={**_mla.defaults, "q_lora_rank": None, "first_k_dense_replace": 1},
)

FAMILIES = {
    "llama": replace(_plain, mlp_bias="mlp_bias"),
    "mistral": replace(
        _plain,
        pattern="window",
        qkv_bias=False,
        out_bias=False,
        defaults={"num_key_value_heads": 8, "sliding_window": 4096},
    ),
    "ministral3": replace(
        _plain, pattern="window", qkv_bias=False, out_bias=False, defaults={"num_key_value_heads": 8, "head_dim": 128}
    ),
    "mixtral": replace(
        _plain,
        pattern="window",
        qkv_bias=False,
        out_bias=False,
        experts=Experts(width="intermediate_size"),
        defaults={"num_key_value_heads": 8, "num_experts": 8, "num_experts_per_tok": 2},
    ),
    "mistral4": replace(
        _mla,
        experts=Experts(where="after the first", shared="number"),
        defaults={
            **_mla.defaults,
            "q_lora_rank": 1024,
            "kv_lora_rank": 256,
            "qk_nope_head_dim": 64,
            "first_k_dense_replace": 0,
            "num_experts_per_tok": 4,
        },
    ),
    "qwen2": replace(
        _plain,
        qkv_bias=True,
        out_bias=False,
        pattern="late window",
        window_if="use_sliding_window",
        defaults={"num_key_value_heads": 32, "sliding_window": 4096},
    ),
    "qwen2_moe": replace(
        _plain,
        qkv_bias="qkv_bias",
        out_bias=False,
        pattern="alternating early window",
        window_if="use_sliding_window",
        experts=Experts(where="stepped", shared="shared_expert_intermediate_size", shared_gate=True),
        defaults={
            "num_key_value_heads": 16,
            "qkv_bias": True,
            "sliding_window": 4096,
            "num_experts": 60,
            "num_experts_per_tok": 4,
            "moe_intermediate_size": 1408,
            "shared_expert_intermediate_size": 5632,
        },
    ),
    "qwen3": _qwen3,
    "qwen3_moe": _qwen3_moe,
    "qwen3_vl_text": replace(_qwen3, pattern="full"),
    "qwen3_vl_moe_text": replace(_qwen3_moe, pattern="full", tied=True, defaults={"num_key_value_heads": 16}),
    "qwen3_next": _qwen3_next,
    "qwen3_5_text": replace(_qwen3_next, experts=None, defaults={**_qwen3_next.defaults, "num_key_value_heads": 4}),
    "qwen3_5_moe_text": _qwen3_5_moe,
    "gemma": _gemma,
    "gemma2": _gemma2,
    "gemma3_text": replace(
        _gemma2,
        qk_norm="head",
        pattern="every sixth full",
        defaults={**_gemma2.defaults, "num_attention_heads": 8, "vocab_size": 262_208},
    ),
    "gemma4_text": replace(
        _gemma2,
        attention="gemma4",
        qk_norm="head",
        pattern="every sixth full, the last too",
        experts=Experts(where="moe block", beside=True),
        counts=("hidden_size_per_layer_input", "enable_moe_block"),
        defaults={
            **_gemma2.defaults,
            "sliding_window": 512,
            "global_head_dim": 512,
            "hidden_size_per_layer_input": 256,
            "vocab_size_per_layer_input": 262_144,
        },
    ),
    "phi": replace(_biased, norms=1, qk_norm="head", qk_norm_if="qk_layernorm", qk_norm_vectors=2, head_bias=True),
    "phi3": replace(_plain, qkv_bias=False, out_bias=False, pattern="window"),
    "phimoe": replace(
        _plain,
        norm_vectors=2,
        pattern="window",
        head_bias="lm_head_bias",
        experts=Experts(width="intermediate_size"),
        defaults={"num_key_value_heads": 8, "num_experts": 16, "num_experts_per_tok": 2},
    ),
    "gpt2": replace(_biased, tied=True, positions=0),
    "gpt_bigcode": replace(_biased, tied=True, positions=0, attention="falcon", defaults={"multi_query": True}),
    "gpt_neox": replace(
        _biased, qkv_bias="attention_bias", out_bias="attention_bias", defaults={"attention_bias": True}
    ),
    "gptj": replace(_biased, qkv_bias=False, out_bias=False, norms=1, head_bias=True),
    "opt": replace(_biased, tied=True, positions=2),
    "gpt_oss": replace(
        _plain,
        sinks=True,
        pattern="every second full",
        experts=Experts(width="intermediate_size", router_bias=True, expert_bias=True),
        defaults={
            "attention_bias": True,
            "num_key_value_heads": 8,
            "head_dim": 64,
            "sliding_window": 128,
            "num_experts": 128,
            "num_experts_per_tok": 4,
        },
    ),
    "deepseek_v2": replace(
        _mla,
        experts=Experts(where="after the first", shared="number"),
        defaults={**_mla.defaults, "n_shared_experts": 2, "first_k_dense_replace": 0, "num_experts_per_tok": None},
    ),
    "deepseek_v3": _mla,
    "deepseek_v32": _indexed,
    "glm": replace(
        _plain, out_bias=False, defaults={"attention_bias": True, "num_key_value_heads": 2, "head_dim": 128}
    ),
    "glm4": replace(
        _plain, norms=4, out_bias=False, defaults={"attention_bias": True, "num_key_value_heads": 2, "head_dim": 128}
    ),
    "glm4_moe": replace(
        _plain,
        out_bias=False,
        qk_norm="head",
        qk_norm_if="use_qk_norm",
        experts=Experts(where="after the first", shared="number", correction=True),
        defaults={
            "num_key_value_heads": 8,
            "first_k_dense_replace": 1,
            "n_shared_experts": 1,
            "num_experts_per_tok": 8,
        },
    ),
    "glm4_moe_lite": replace(
        _mla,
        defaults={
            **_mla.defaults,
            "q_lora_rank": 768,
            "qk_nope_head_dim": 192,
            "v_head_dim": 256,
            "first_k_dense_replace": 1,
            "num_experts_per_tok": 4,
        },
    ),
    "glm_moe_dsa": replace(
        _indexed,
        defaults={
            **_indexed.defaults,
            "q_lora_rank": 2048,
            "qk_nope_head_dim": 192,
            "v_head_dim": 256,
            "index_n_heads": 32,
        },
    ),
    "llama4_text": replace(
        _plain,
        pattern="chunked",
        experts=Experts(width="intermediate_size", where="interleaved", shared="as one expert"),
        defaults={
            "num_key_value_heads": 8,
            "head_dim": 128,
            "attention_chunk_size": 8192,
            "num_experts": 16,
            "num_experts_per_tok": 1,
        },
    ),
    "minimax_m2": replace(
        _plain,
        qk_norm="whole",
        qk_norm_if="use_qk_norm",
        qkv_bias=False,
        out_bias=False,
        experts=Experts(width="intermediate_size", correction="use_routing_bias"),
        defaults={
            "num_key_value_heads": 8,
            "head_dim": 128,
            "use_qk_norm": True,
            "use_routing_bias": True,
            "num_experts_per_tok": 8,
        },
    ),
    "minimax_m3_vl_text": _minimax_m3,
    "deepseek_v4": Family(
        attention="compressed",
        pattern="compressed",
        experts=Experts(shared="number", correction=True),
        counts=("q_lora_rank", "compress_ratios", "index_topk", "o_lora_rank"),
        defaults={
            "sliding_window": 128,
            "n_shared_experts": 1,
            "hc_mult": 4,
            "num_hash_layers": 3,
            "q_lora_rank": 1024,
            "index_topk": 512,
            "index_head_dim": 128,
            "index_n_heads": 64,
            "head_dim": 512,
            "o_groups": 8,
            "o_lora_rank": 1024,
            "num_experts_per_tok": 6,
        },
    ),
    "kimi_linear": _kimi_linear,
    "mimo_v2_flash": replace(
        _plain,
        attention="mimo",
        pattern="mimo",
        qkv_bias="attention_bias",
        out_bias=False,
        experts=Experts(where="after the first", shared="number", correction=True),
        defaults={
            "num_key_value_heads": 4,
            "head_dim": 192,
            "v_head_dim": 128,
            "sliding_window": 128,
            "first_k_dense_replace": 1,
            "num_experts_per_tok": 8,
            "add_swa_attention_sink_bias": True,
        },
    ),
    "olmo": replace(_plain, norms=0, final_norm=False),
    "olmo2": _olmo2,
    "olmo3": replace(_olmo2, pattern="every fourth full", defaults={"sliding_window": 4096}),
    "olmoe": replace(
        _olmo2, experts=Experts(width="intermediate_size"), defaults={"num_experts": 64, "num_experts_per_tok": 8}
    ),
    "granite": replace(_plain, mlp_bias="mlp_bias"),
    "granitemoe": _granite_moe,
    "granitemoeshared": replace(
        _granite_moe,
        counts=("shared_intermediate_size",),
        defaults={**_granite_moe.defaults, "shared_intermediate_size": 0},
        experts=Experts(width="intermediate_size", shared="shared_intermediate_size"),
    ),
    "cohere": replace(_plain, norms=1, tied=True, qk_norm="whole", qk_norm_if="use_qk_norm"),
    "cohere2": replace(_plain, norms=1, tied=True, pattern="every fourth full", defaults={"sliding_window": 4096}),
    "starcoder2": replace(
        _plain,
        matrices=2,
        norm_vectors=2,
        tied=True,
        pattern="window",
        qkv_bias="use_bias",
        out_bias="use_bias",
        mlp_bias="use_bias",
        defaults={"use_bias": True, "num_key_value_heads": 2},
    ),
    "falcon": replace(
        _plain,
        attention="falcon",
        norms="falcon",
        four_wide=True,
        matrices=2,
        norm_vectors=2,
        tied=True,
        qkv_bias="bias",
        out_bias="bias",
        mlp_bias="bias",
        defaults={"multi_query": True, "parallel_attn": True},
    ),
    "exaone4": replace(
        _plain,
        qk_norm="head",
        qkv_bias=False,
        out_bias=False,
        pattern="word",
        defaults={"num_key_value_heads": 32, "sliding_window": 4096},
    ),
    "smollm3": replace(
        _plain,
        mlp_bias="mlp_bias",
        tied=True,
        pattern="smollm3",
        window_if="use_sliding_window",
        defaults={"num_key_value_heads": 4},
    ),
    "seed_oss": replace(
        _plain,
        out_bias="attention_out_bias",
        mlp_bias="mlp_bias",
        defaults={"attention_bias": True, "num_key_value_heads": 8, "head_dim": 128},
    ),
    "ernie4_5": replace(
        _plain,
        qkv_bias="use_bias",
        out_bias="use_bias",
        mlp_bias="use_bias",
        tied=True,
        defaults={"num_key_value_heads": 2, "head_dim": 128},
    ),
    "ernie4_5_moe": replace(
        _plain,
        qkv_bias="use_bias",
        out_bias="use_bias",
        mlp_bias="use_bias",
        head_bias="use_bias",
        tied=True,
        experts=Experts(where="ernie", shared="number", correction=True, shared_bias="use_bias"),
        defaults={
            "num_key_value_heads": 4,
            "n_shared_experts": 2,
            "num_experts": 64,
            "num_experts_per_tok": 6,
            "moe_layer_start_index": 1,
            "moe_layer_interval": 1,
        },
    ),
    "dots1": replace(
        _plain,
        qk_norm="head",
        pattern="late window",
        experts=Experts(where="after the first", shared="number", correction=True),
        defaults={"num_key_value_heads": 32, "first_k_dense_replace": 0, "max_window_layers": 62},
    ),
    "hunyuan_v1_dense": replace(_plain, qk_norm="head"),
    "hunyuan_v1_moe": replace(
        _plain,
        qk_norm="head",
        experts=Experts(width="intermediate_size", shared="as one expert"),
        defaults={"num_experts_per_tok": 1},
    ),
    "stablelm": replace(
        _plain,
        norms="parallel",
        qkv_bias="use_qkv_bias",
        out_bias=False,
        norm_vectors=2,
        qk_norm="whole",
        qk_norm_if="qk_layernorm",
        defaults={"num_key_value_heads": 32},
    ),
    "nemotron": replace(_plain, matrices=2, norm_vectors=2, mlp_bias="mlp_bias"),
    "arcee": replace(_plain, matrices=2, mlp_bias="mlp_bias"),
    "apertus": replace(_plain, matrices=2, qk_norm="head", mlp_extra=2),
}

#: Other names that configs give to the same text model.
SAME_AS = {
    "qwen2_vl": "qwen2",
    "qwen2_vl_text": "qwen2",
    "qwen2_5_vl": "qwen2",
    "qwen2_5_vl_text": "qwen2",
    "qwen3_vl": "qwen3_vl_text",
    "qwen3_vl_moe": "qwen3_vl_moe_text",
    "qwen3_5": "qwen3_5_text",
    "qwen3_5_moe": "qwen3_5_moe_text",
    "gemma3": "gemma3_text",
    "gemma4": "gemma4_text",
    "llama4": "llama4_text",
    "minimax_m3": "minimax_m3_vl_text",
    "minimax_m3_vl": "minimax_m3_vl_text",
    "ministral": "mistral",
    "mimo": "qwen2",
    "kimi_k2": "deepseek_v3",
    "kimi_k25": "deepseek_v3",
    "kimi_k3": "kimi_linear",
    "qwen2_5_omni_text": "qwen2",
    "qwen3_omni_moe_text": "qwen3_moe",
    "deepseek_ref": "deepseek_v4",
}
