"""Weights, caches and operations of a model, counted from the fields of its config.json.

One counter serves all architectures: a block of attention, an MLP or a mixture of experts, norms, embeddings.
"""

import math
from collections import Counter
from dataclasses import dataclass, replace

from ..language.errors import NapkinError

#: The same field under other names.
ALSO = {
    "hidden_size": ("n_embd",),
    "num_hidden_layers": ("n_layer",),
    "num_attention_heads": ("n_head",),
    "num_key_value_heads": ("num_kv_heads", "n_head_kv"),
    "intermediate_size": ("n_inner", "ffn_dim", "ffn_hidden_size"),
    "max_position_embeddings": ("n_positions", "model_max_length"),
    "num_experts": ("num_local_experts", "n_routed_experts", "moe_num_experts"),
    "num_experts_per_tok": ("num_experts_per_token", "moe_topk", "moe_k", "top_k_experts", "experts_per_token"),
    "n_shared_experts": ("num_shared_experts", "moe_num_shared_experts", "num_shared_expert"),
    "moe_intermediate_size": ("expert_ffn_hidden_size",),
    "sliding_window_pattern": ("_sliding_window_pattern",),
}

#: Fields that change the count where they are set, for the architectures that are not said to count them.
CHANGES_THE_COUNT = (
    "num_kv_shared_layers",
    "hidden_size_per_layer_input",
    "use_double_wide_mlp",
    "altup_num_inputs",
    "laurel_rank",
    "routed_expert_hidden_size",
    "moe_latent_size",
    "block_configs",
    "per_layer_config",
    "cross_attention_layers",
    "is_encoder_decoder",
    "add_cross_attention",
    "hybrid_override_pattern",
    "attention_output_gate",
    "linear_attn_config",
    "mamba_d_state",
    "ssm_state_size",
    "use_share_kv",
    "use_cla",
    "mla_use_output_gate",
    "q_lora_rank",
    "kv_lora_rank",
    "index_topk",
    "compress_ratios",
    "compress_rates",
    "n_shared_experts",
    "num_shared_experts",
    "shared_expert_intermediate_size",
    "num_experts",
    "num_local_experts",
    "n_routed_experts",
    "sparse_attention_config",
    "enable_moe_block",
    "shared_intermediate_size",
    "expand",
    "o_lora_rank",
)

MOST = (
    10**7
)  # no width, vocabulary or number of layers of a real model comes near; beyond, a field holds something else
MOST_LAYERS = 10_000


class Fields:
    """The fields of one config, checked as they are read: a wrong one is told by its name."""

    def __init__(self, config, defaults=()):
        self.config, self.defaults = config, dict(defaults)

    def __contains__(self, name):
        return any(self.config.get(known) is not None for known in (name, *ALSO.get(name, ())))

    def get(self, name, default=None):
        """The value of a field under any of its names; else the family's default, else `default`."""
        for known in (name, *ALSO.get(name, ())):
            if self.config.get(known) is not None:
                return self.config[known]
        return self.defaults.get(name, default)

    def count(self, name, default=None, least=1, most=MOST):
        """A whole number; without a default, NapkinError where the field is missing."""
        value = self.get(name, default)
        if isinstance(value, list) and value and all(item == value[0] for item in value):
            value = value[0]  # written once a layer
        if value is None:
            raise NapkinError(f"the config has no {name}")
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            limit = f"between {least} and {most:,}" if isinstance(value, int) and value > most else f"at least {least}"
            raise NapkinError(f"{self.name_of(name)} must be a whole number, {limit}, got {_short(value)}")
        return value

    def maybe(self, name, default=None, least=1, most=MOST):
        """A whole number, or None where the field is missing or null."""
        return None if self.get(name, default) is None else self.count(name, default, least, most)

    def on(self, switch):
        """Whether a switch is on: True, False, or the name of the field that says so."""
        if isinstance(switch, bool):
            return switch
        value = self.get(switch, False)
        if not isinstance(value, bool):
            raise NapkinError(f"{self.name_of(switch)} must be true or false, got {_short(value)}")
        return value

    def several(self, name, n):
        """A list with one entry a layer, or None where the field is missing."""
        value = self.get(name)
        if value is None:
            return None
        if not isinstance(value, list):
            raise NapkinError(f"{name} must be a list, got {_short(value)}")
        if len(value) != n:
            raise NapkinError(f"{name} must have one entry for each of the {n} layers, got {len(value)}")
        return value

    def inner(self, name):
        """The fields of an object inside the config; none where it is missing."""
        value = self.get(name, {})
        if not isinstance(value, dict):
            raise NapkinError(f"{name} must be an object, got {_short(value)}")
        return Fields(value)

    def numbers(self, name):
        """A list of whole numbers, or None where the field is missing."""
        value = self.get(name)
        if value is not None and not (isinstance(value, list) and all(type(each) is int for each in value)):
            raise NapkinError(f"{name} must be a list of whole numbers, got {_short(value)}")
        return value

    def name_of(self, name):
        return next((known for known in (name, *ALSO.get(name, ())) if self.config.get(known) is not None), name)


def _short(value):
    text = repr(value)
    return text if len(text) < 40 else text[:37] + "…"


def _falcon_norms(fields):
    if fields.on("new_decoder_architecture"):
        return fields.count("num_ln_in_parallel_attn", 2)
    return 1 if fields.on("parallel_attn") else 2


NORMS = {"falcon": _falcon_norms, "parallel": lambda fields: 1 if fields.on("use_parallel_residual") else 2}


def uncounted(config, family):
    """The first field of the config that would change the count, but not in this family; None if there is none."""
    counted = set(family.counts)
    if family.experts:
        counted |= {"num_experts", "num_local_experts", "n_routed_experts"}
        counted |= {"number": {"n_shared_experts", "num_shared_experts"}, "minimax": {"n_shared_experts"}}.get(
            family.experts.shared, {family.experts.shared}
        )
    for name in CHANGES_THE_COUNT:
        one = name in ("num_experts", "num_local_experts", "n_routed_experts") and config.get(name) == 1
        if name not in counted and not one and config.get(name) not in (None, False, 0, [], {}):
            return name
    return None


@dataclass(frozen=True)
class Shape:
    """The widths of the attention of one layer."""

    heads: int
    kv_heads: int
    key: int  # length of a query or key
    value: int  # length of a value

    def __post_init__(self):
        if self.heads % self.kv_heads:
            raise NapkinError(
                f"num_attention_heads must be a multiple of num_key_value_heads, got {self.heads} and {self.kv_heads}"
            )


def shape_of(fields, family, kind="full"):
    """The attention of a layer of this kind: heads, KV heads and the lengths of their vectors."""
    heads = fields.count("num_attention_heads")
    if family.attention.startswith("latent"):
        return Shape(
            heads,
            heads,
            fields.count("qk_nope_head_dim") + fields.count("qk_rope_head_dim", least=0),
            fields.count("v_head_dim"),
        )
    if family.attention == "mimo" and kind == "window":
        heads = fields.count("swa_num_attention_heads", heads)
        key = fields.count("swa_head_dim", fields.count("head_dim"))
        return Shape(
            heads,
            fields.count("swa_num_key_value_heads", 2 * fields.count("num_key_value_heads")),
            key,
            fields.count("swa_v_head_dim", fields.count("v_head_dim")),
        )
    if family.attention == "falcon" and not fields.on("new_decoder_architecture"):
        kv_heads = 1 if fields.on("multi_query") else heads
    elif "num_key_value_heads" in fields.config and fields.config["num_key_value_heads"] is None:
        kv_heads = heads
    else:
        kv_heads = fields.count("num_key_value_heads", heads)
    if heads % kv_heads and "num_key_value_heads" not in fields:
        raise NapkinError("the config has no num_key_value_heads")
    width = fields.maybe("head_dim")
    if family.attention == "gemma4" and kind == "full":
        width = fields.count("global_head_dim")
        if fields.on("attention_k_eq_v"):
            kv_heads = fields.count("num_global_key_value_heads", kv_heads)
    if width is None:
        d_model = fields.count("hidden_size")
        if d_model % heads:
            raise NapkinError(
                "hidden_size must be a multiple of num_attention_heads where head_dim is not given, "
                f"got {d_model} and {heads}"
            )
        width = d_model // heads
    return Shape(heads, kv_heads, width, fields.count("v_head_dim", width) if family.attention == "mimo" else width)


# Which kind each layer is: "full" looks back on everything, "window" on the last tokens, "linear" keeps a state,
# "blocks" reads a selection of blocks, "selected 4" a selection of tokens compressed by 4, "compressed 128" all of
# them, compressed by 128.


def _every(period):
    return lambda fields, n: [
        "window" if (i + 1) % fields.count("sliding_window_pattern", period) else "full" for i in range(n)
    ]


def _interval(fields, n):
    every = fields.count("full_attention_interval", 4)
    return ["linear" if (i + 1) % every else "full" for i in range(n)]


def _word(fields, n):
    """A period, or a word such as LLLG that is repeated."""
    pattern = fields.get("sliding_window_pattern", 4)
    if isinstance(pattern, str) and pattern and set(pattern) <= set("LG"):
        kinds = ["window" if pattern[i % len(pattern)] == "L" else "full" for i in range(n)]
        return kinds[:-1] + ["full"]  # the last layer is always global
    return _every(4)(fields, n)


def _compressed(fields, n):
    ratios = fields.numbers("compress_ratios")
    if ratios is None:
        ratios = [4 if i > 2 and i % 2 else 128 for i in range(n)]
    if len(ratios) < n or not set(ratios) <= {0, 4, 128}:
        raise NapkinError(
            f"compress_ratios must be a list of 0, 4 and 128 with one entry for each of the {n} layers, "
            f"got {_short(ratios)}"
        )
    return [{0: "window", 4: "selected 4", 128: "compressed 128"}[ratio] for ratio in ratios[:n]]


def _blocks(fields, n):
    settings = fields.inner("sparse_attention_config")
    marks = settings.several("sparse_attention_freq", n) or [bool(settings.config)] * n
    return ["blocks" if mark else "full" for mark in marks]


def _kimi(fields, n):
    settings = fields.inner("linear_attn_config")
    full, linear = settings.numbers("full_attn_layers"), settings.numbers("kda_layers")
    if full is None or linear is None:
        return ["full" if i and i % 4 == 0 else "linear" for i in range(n)]
    if sorted(full + linear) != list(range(1, n + 1)):
        raise NapkinError(f"full_attn_layers and kda_layers must name each of the {n} layers once")
    return ["full" if i + 1 in full else "linear" for i in range(n)]


def _mimo(fields, n):
    marks = fields.several("hybrid_layer_pattern", n)
    marks = marks or [0 if i == 0 or (i + 1) % 6 == 0 else 1 for i in range(n)]
    return ["window" if mark else "full" for mark in marks]


def _chunked(fields, n):
    every = fields.count("no_rope_layer_interval", 4)
    rope = fields.get("no_rope_layers") or [(i + 1) % every for i in range(n)]
    if not isinstance(rope, list) or len(rope) != n:
        raise NapkinError(
            f"no_rope_layers must be a list with one entry for each of the {n} layers, got {_short(rope)}"
        )
    return ["window" if with_rope else "full" for with_rope in rope]


def _smollm3(fields, n):
    every = fields.count("no_rope_layer_interval", 4)
    rope = fields.several("no_rope_layers", n) or [(i + 1) % every for i in range(n)]
    return ["full" if with_rope else "window" for with_rope in rope]


PATTERNS = {
    "full": lambda fields, n: ["full"] * n,
    "window": lambda fields, n: ["window"] * n,
    "late window": lambda fields, n: [
        "full" if i < fields.count("max_window_layers", 28, least=0) else "window" for i in range(n)
    ],
    "alternating early window": lambda fields, n: [
        "full" if i % 2 or i >= fields.count("max_window_layers", 28, least=0) else "window" for i in range(n)
    ],
    "every second full": lambda fields, n: ["full" if i % 2 else "window" for i in range(n)],
    "every fourth full": _every(4),
    "word": _word,
    "hybrid": _interval,
    "every sixth full": _every(6),
    "every sixth full, the last too": lambda fields, n: _every(6)(fields, n)[:-1] + ["full"],
    "chunked": _chunked,
    "compressed": _compressed,
    "blocks": _blocks,
    "kimi": _kimi,
    "mimo": _mimo,
    "smollm3": _smollm3,
}

LAYER_TYPES = {
    "full_attention": "full",
    "sliding_attention": "window",
    "chunked_attention": "window",
    "linear_attention": "linear",
    "indexed_attention": "indexed",
    "deepseek_sparse_attention": "indexed",
    "minimax_m3_sparse": "blocks",
    "compressed_sparse_attention": "selected 4",
    "heavily_compressed_attention": "compressed 128",
}

#: What an architecture can have besides full and windowed layers.
OTHER_KINDS = {
    "hybrid": ("full", "linear"),
    "kimi": ("full", "linear"),
    "blocks": ("full", "blocks"),
    "compressed": ("selected 4", "compressed 128"),
}


def window_of(fields, family):
    """Tokens that the windowed layers look back on, or None where the window is switched off."""
    if family.attention == "compressed":
        return fields.count("sliding_window")
    if family.pattern == "chunked":
        return (
            fields.maybe("attention_chunk_size")
            if "attention_chunk_size" in fields.config
            else fields.count("attention_chunk_size")
        )
    if not fields.on(family.window_if):
        return None
    if "sliding_window" in fields.config and fields.config["sliding_window"] is None:
        return None  # null says that there is none, whatever the default
    return fields.maybe("sliding_window", least=0) or None


def kinds_of(fields, family, n):
    """The kind of each of the n layers."""
    named = fields.several("layer_types", n)
    if named is None:
        kinds = PATTERNS[family.pattern](fields, n)
    else:
        possible = ("window", *OTHER_KINDS.get(family.pattern, ("full",)))
        kinds = [LAYER_TYPES.get(each) if isinstance(each, str) else None for each in named]
        if family.attention == "latent, indexed":
            kinds = ["full" if kind == "indexed" else kind for kind in kinds]
        for each, kind in zip(named, kinds):
            if kind not in possible:
                raise NapkinError(f"cannot count a layer of the type {_short(each)} in this architecture")
        if family.pattern.endswith("the last too"):
            kinds[-1] = "full"
    return kinds if window_of(fields, family) else ["full" if kind == "window" else kind for kind in kinds]


# Which layers have experts.


def _after_the_first(fields, n):
    first, every = fields.count("first_k_dense_replace", least=0), fields.get("moe_layer_freq", 1)
    if isinstance(every, list):
        return [bool(mark) for mark in fields.several("moe_layer_freq", n)]
    every = fields.count("moe_layer_freq", 1)
    return [i >= first and i % every == 0 for i in range(n)]


def _stepped(fields, n):
    dense, step = fields.numbers("mlp_only_layers") or [], fields.count("decoder_sparse_step", 1)
    return [i not in dense and (i + 1) % step == 0 for i in range(n)]


def _interleaved(fields, n):
    listed, step = fields.numbers("moe_layers"), fields.count("interleave_moe_layer_step", 1)
    return [i in listed if listed is not None else (i + 1) % step == 0 for i in range(n)]


def _ernie(fields, n):
    first, step = fields.count("moe_layer_start_index", least=0), fields.count("moe_layer_interval")
    last = fields.get("moe_layer_end_index", -1)
    last = n - 1 if last == -1 else fields.count("moe_layer_end_index", least=0)
    return [first <= i <= last and (i + 1) % step == 0 for i in range(n)]


SPARSE = {
    "all": lambda fields, n: [True] * n,
    "after the first": _after_the_first,
    "stepped": _stepped,
    "interleaved": _interleaved,
    "ernie": _ernie,
    "moe block": lambda fields, n: [fields.on("enable_moe_block")] * n,
}

SHARED = {
    "": lambda fields, width: 0,
    "number": lambda fields, width: fields.count("n_shared_experts", 0, least=0) * width,
    "as one expert": lambda fields, width: width,
    "minimax": lambda fields, width: (
        fields.count("n_shared_experts", least=0) * fields.count("shared_intermediate_size", width, least=0)
    ),
    "shared_expert_intermediate_size": lambda fields, width: fields.count("shared_expert_intermediate_size", least=0),
    "shared_intermediate_size": lambda fields, width: fields.count("shared_intermediate_size", least=0),
}


def sparse_layers(fields, family, n):
    """Whether each of the n layers has experts."""
    if family.experts is None:
        return [False] * n
    named = fields.several("mlp_layer_types", n)
    if named is not None:
        if not set(map(str, named)) <= {"dense", "sparse", "moe", "hash_moe"}:
            raise NapkinError(f"mlp_layer_types must say dense or sparse for each layer, got {_short(named)}")
        return [each != "dense" for each in named]
    said = "num_experts" in fields.config or "n_routed_experts" in fields.config
    if said and family.experts.where in ("after the first", "stepped") and fields.get("num_experts") in (None, 0):
        return [False] * n  # null or zero: a dense model
    return SPARSE[family.experts.where](fields, n)


# The blocks. Each returns a Counter: parameters, the part of them in routed experts, elements cached and operations.


def grouped(fields, family, kind):
    """Attention with keys and values in heads: multi-head, grouped-query, multi-query."""
    d, s = fields.count("hidden_size"), shape_of(fields, family, kind)
    gate = fields.on(family.gate)
    queries, keys, values = s.heads * s.key, s.kv_heads * s.key, s.kv_heads * s.value
    shared_values = family.attention == "gemma4" and kind == "full" and fields.on("attention_k_eq_v")
    columns = queries * (2 if gate else 1) + keys + (0 if shared_values else values)
    block = Counter(parameters=d * columns + s.heads * s.value * d)
    block["parameters"] += columns * fields.on(family.qkv_bias) + d * fields.on(family.out_bias)
    if family.qk_norm and fields.on(family.qk_norm_if):
        block["parameters"] += family.qk_norm_vectors * (2 * s.key if family.qk_norm == "head" else queries + keys)
    block["parameters"] += s.heads * family.sinks
    if family.attention == "mimo":
        block["parameters"] += s.heads * fields.on(
            "add_swa_attention_sink_bias" if kind == "window" else "add_full_attention_sink_bias"
        )
    cached = {"blocks": "selected"}.get(kind, kind)
    block[f"{cached}_kv_elements"] = keys + values
    block[f"{cached}_pair_flops"] = block[f"prefill_{cached}_pair_flops"] = 2 * s.heads * (s.key + s.value)
    if kind == "blocks":
        settings = fields.inner("sparse_attention_config")
        heads = settings.count("sparse_num_index_heads", fields.get("index_n_heads", 4))
        width = settings.count("sparse_index_dim", fields.get("index_head_dim", 128))
        block["parameters"] += d * heads * width + d * width + 2 * width
        block["full_kv_elements"] = width
        block["full_pair_flops"] = block["prefill_full_pair_flops"] = 2 * heads * width
    return block


def latent(fields, family, kind):
    """Multi-head latent attention: one compressed vector a token stands for the keys and values of all heads."""
    d, s = fields.count("hidden_size"), shape_of(fields, family)
    rope, rank = fields.count("qk_rope_head_dim", least=0), fields.count("kv_lora_rank")
    q_rank = None if fields.config.get("q_lora_rank", 0) is None else fields.maybe("q_lora_rank", least=0)
    bias = fields.on(family.qkv_bias)
    queries = s.heads * s.key
    block = Counter(parameters=d * q_rank + q_rank * (1 + bias) + q_rank * queries if q_rank else d * queries)
    block["parameters"] += d * (rank + rope) + bias * (rank + rope) + rank
    block["parameters"] += (
        rank * s.heads * (s.key - rope + s.value) + s.heads * s.value * d + d * fields.on(family.out_bias)
    )
    if fields.on(family.gate):
        block["parameters"] += d * s.heads * s.value
    cached = "full"
    if family.attention == "latent, indexed":
        cached = "selected"
        if kind == "indexing":
            heads, width = fields.count("index_n_heads"), fields.count("index_head_dim")
            if not q_rank:
                raise NapkinError(
                    "q_lora_rank must be given where an indexer selects tokens: it works on the compressed query"
                )
            block["parameters"] += q_rank * heads * width + d * width + 2 * width + d * heads
            block["full_kv_elements"] = width
            block["full_pair_flops"] = block["prefill_full_pair_flops"] = 2 * heads * width
    block[f"{cached}_kv_elements"] += rank + rope
    # Decode multiplies by the compressed vectors themselves, the up-projections absorbed into query and output.
    block[f"{cached}_pair_flops"] += 2 * s.heads * (2 * rank + rope)
    block[f"prefill_{cached}_pair_flops"] += 2 * s.heads * (s.key + s.value)
    return block


def compressed(fields, family, kind):
    """DeepSeek-V4: one vector a token is key and value of all heads; older tokens are kept only compressed."""
    d, heads, width = fields.count("hidden_size"), fields.count("num_attention_heads"), fields.count("head_dim")
    rank, groups, out_rank = fields.count("q_lora_rank"), fields.count("o_groups"), fields.count("o_lora_rank")
    if heads * width % groups:
        raise NapkinError(
            f"num_attention_heads times head_dim must be a multiple of o_groups, got {heads * width} and {groups}"
        )
    block = Counter(parameters=heads + d * rank + rank + rank * heads * width + d * width + width)
    block["parameters"] += out_rank * heads * width + groups * out_rank * d
    block["window_kv_elements"] = width
    pair = 4 * heads * width
    block["window_pair_flops"] = pair
    if kind != "window":
        sort, ratio = kind.split()
        ratio = int(ratio)
        two = 2 if sort == "selected" else 1  # overlapping groups are compressed from two sets of vectors
        block["parameters"] += two * (ratio * width + 2 * d * width) + width
        cached = "selected" if sort == "selected" else "full"
        block[f"{cached}_kv_elements"] += width / ratio
        block[f"{cached}_pair_flops"] += pair / ratio
        if sort == "selected":
            index_heads, index_width = fields.count("index_n_heads"), fields.count("index_head_dim")
            block["parameters"] += 2 * (ratio * index_width + 2 * d * index_width) + index_width
            block["parameters"] += rank * index_heads * index_width + d * index_heads
            block["full_kv_elements"] += index_width / ratio
            block["full_pair_flops"] += 2 * index_heads * index_width / ratio
    for cached in ("full", "selected", "window"):
        block[f"prefill_{cached}_pair_flops"] = block[f"{cached}_pair_flops"]
    return block


def linear(fields, family, kind):
    """Linear attention with a delta rule: gated DeltaNet, or Kimi delta attention."""
    d = fields.count("hidden_size")
    if family.pattern == "kimi":
        settings = fields.inner("linear_attn_config")
        heads, width = settings.count("num_heads", 32), settings.count("head_dim", 128)
        kernel, inner = settings.count("short_conv_kernel_size", 4), heads * width
        gates = d * width + width * inner  # decay, through a narrow layer
        gates += d * inner if settings.on("use_full_rank_gate") else d * width + width * inner
        block = Counter(parameters=4 * d * inner + 3 * inner * kernel + gates + d * heads + inner + heads + width)
        return block + _state(heads, width, width, 3 * inner, kernel)
    key_heads, value_heads = fields.count("linear_num_key_heads"), fields.count("linear_num_value_heads")
    key, value, kernel = (
        fields.count(f"linear_{name}") for name in ("key_head_dim", "value_head_dim", "conv_kernel_dim")
    )
    if value_heads % key_heads:
        raise NapkinError(
            f"linear_num_value_heads must be a multiple of linear_num_key_heads, got {value_heads} and {key_heads}"
        )
    keys, values = key_heads * key, value_heads * value
    channels = 2 * keys + values
    block = Counter(
        parameters=d * (channels + values)
        + 2 * d * value_heads
        + channels * kernel
        + 2 * value_heads
        + value
        + values * d
    )
    return block + _state(value_heads, key, value, channels, kernel)


def _state(heads, key, value, channels, kernel):
    """The state of the delta rule: a matrix a head, and the last inputs of the convolution.

    A token decays each element of the matrix (1 operation), multiplies it by its key to read what is stored there (2),
    adds the outer product that corrects it (2), and multiplies by the query (2): 7 an element.
    """
    matrix = heads * key * value
    return Counter(state_elements=matrix + channels * (kernel - 1), state_flops=7 * matrix)


ATTENTION = {
    "grouped": grouped,
    "gemma4": grouped,
    "mimo": grouped,
    "falcon": grouped,
    "blocks": grouped,
    "latent": latent,
    "latent, indexed": latent,
    "compressed": compressed,
}


def dense_width(fields, family):
    """Width of the MLP of a layer without experts."""
    if family.experts and family.experts.where == "interleaved":
        return fields.count("intermediate_size_mlp")
    if family.attention == "blocks":
        return fields.count("dense_intermediate_size")
    return fields.count("intermediate_size", 4 * fields.count("hidden_size") if family.four_wide else None)


def mlp(fields, family, width, bias):
    d = fields.count("hidden_size")
    return family.matrices * d * width + ((family.matrices - 1) * width + d) * bias + family.mlp_extra


def mixture(fields, family, hashed=False):
    """A layer of experts: the router, all routed experts, and what every token visits."""
    d, e = fields.count("hidden_size"), family.experts
    n, k, width = (
        fields.count("num_experts"),
        fields.count("num_experts_per_tok"),
        fields.count(e.width, fields.get("intermediate_size")),
    )
    if k > n:
        raise NapkinError(f"num_experts_per_tok must be at most num_experts, got {k} of {n}")
    shared = SHARED[e.shared](fields, width)
    inner = fields.maybe(e.latent) if e.latent else None
    if inner:
        one = 3 * inner * width
        around = 2 * d * inner + inner * fields.on("latent_moe_use_norm")
    else:
        one = 3 * d * width + (2 * width + d) * e.expert_bias
        around = 0
    block = Counter(expert_parameters=n * one)
    block["parameters"] = n * one + around + d * n + n * e.router_bias + n * (fields.on(e.correction) and not hashed)
    if shared:
        block["parameters"] += (
            mlp(fields, replace(family, matrices=3), shared, fields.on(e.shared_bias)) + d * e.shared_gate
        )
    if e.beside:  # Gemma 4: a dense MLP in parallel, scales in the router, three norms more
        block["parameters"] += mlp(fields, family, fields.count("intermediate_size"), False) + d + n + 3 * d
    return block


def _norms(fields, family):
    return NORMS[family.norms](fields) if isinstance(family.norms, str) else family.norms


def count(fields, family):
    """Everything that follows from the config: a dict of numbers, and the kinds of layers.

    Parameters are all weights of the text model, without layers that only guess further tokens ahead (MTP).
    """
    n, d, vocabulary = (
        fields.count("num_hidden_layers", most=MOST_LAYERS),
        fields.count("hidden_size"),
        fields.count("vocab_size"),
    )
    kinds, sparse = kinds_of(fields, family, n), sparse_layers(fields, family, n)
    layers = Counter(zip(_indexing(fields, family, kinds), sparse, _hashed(fields, family, n)))
    total, lookup = Counter(), 0
    norm = d * family.norm_vectors
    for (kind, has_experts, hashed), times in layers.items():
        block = linear(fields, family, kind) if kind == "linear" else ATTENTION[family.attention](fields, family, kind)
        if has_experts:
            block = block + mixture(fields, family, hashed)
        else:
            block["parameters"] += mlp(fields, family, dense_width(fields, family), fields.on(family.mlp_bias))
        block["parameters"] += _norms(fields, family) * norm
        for name, value in block.items():
            total[name] += times * value
    embedding = fields.maybe("word_embed_proj_dim") or d if family.positions == 2 else d
    tied = fields.on("tie_word_embeddings") if fields.get("tie_word_embeddings") is not None else family.tied
    total["parameters"] += vocabulary * embedding * (1 if tied else 2) + vocabulary * fields.on(family.head_bias)
    lookup += 0 if tied else vocabulary * embedding
    if embedding != d:
        total["parameters"] += 2 * d * embedding
    if family.final_norm and (family.positions != 2 or fields.get("do_layer_norm_before", True)):
        total["parameters"] += norm
    if family.positions is not None:
        table = (fields.count("max_position_embeddings") + family.positions) * d
        total["parameters"] += table
        lookup += table
    if family.attention == "gemma4" and fields.count("hidden_size_per_layer_input", least=0):
        per_layer = fields.count("hidden_size_per_layer_input")
        table = fields.count("vocab_size_per_layer_input") * n * per_layer
        total["parameters"] += table + n * per_layer * d + per_layer + n * (2 * d * per_layer + d)
        lookup += table
    if family.attention == "compressed":  # hyper-connections mix several streams, twice a layer and once at the end
        streams = fields.count("hc_mult")
        mixes = (2 + streams) * streams
        total["parameters"] += 2 * n * (mixes * streams * d + mixes + 3) + streams * streams * d + streams + 1
    experts = fields.count("num_experts") if any(sparse) else 1
    visited = fields.count("num_experts_per_tok") if any(sparse) else 1
    # Experts are alike, so the share of them that one token visits is exact.
    idle = total["expert_parameters"] * (experts - visited) // experts
    numbers = {name: int(value) if value == math.floor(value) else value for name, value in total.items()}
    return {
        **numbers,
        "active_parameters": numbers["parameters"] - lookup - idle,
        "n_experts": experts,
        "experts_per_token": visited,
    }, kinds


def _indexing(fields, family, kinds):
    """The kinds, with the layers marked that score tokens; the others take over the choice of the layer before."""
    if family.attention != "latent, indexed":
        return kinds
    n = len(kinds)
    named = fields.several("indexer_types", n)
    if named is None:
        every, offset = fields.count("index_topk_freq", 1), fields.count("index_skip_topk_offset", 2)
        named = ["full" if max(i - offset + 1, 0) % every == 0 else "shared" for i in range(n)]
    return ["indexing" if each == "full" else "full" for each in named]


def _hashed(fields, family, n):
    """Layers that look up their experts by the token, without a learned correction."""
    first = fields.count("num_hash_layers", least=0) if family.attention == "compressed" else 0
    return [i < first for i in range(n)]


def expert_width(fields, family):
    """Width of the MLP that one token is multiplied by: of all experts it visits, or of the dense MLP."""
    n = fields.count("num_hidden_layers", most=MOST_LAYERS)
    if not any(sparse_layers(fields, family, n)):
        return dense_width(fields, family)
    width = fields.count(family.experts.width, fields.get("intermediate_size"))
    beside = fields.count("intermediate_size") if family.experts.beside else 0
    return fields.count("num_experts_per_tok") * width + SHARED[family.experts.shared](fields, width) + beside
