"""What one layer is made of: attention of every kind, an MLP or experts, norms.

A family's `attention` takes (fields, family, kind) and returns a Counter of one layer's parameters, elements cached and
operations; its `shape` takes (fields, kind) and returns the widths that this attention works with.
"""

from collections import Counter
from dataclasses import dataclass, replace

from ..language.errors import NapkinError
from .layers import BLOCKS, FOURS, FULL, INDEXING, LINEAR, NEAR, WINDOW


@dataclass(frozen=True)
class Shape:
    """The widths of the attention of one layer."""

    heads: int
    kv_heads: int  # 1 where all heads read the same vectors from the cache
    key: int  # length of a query or key
    value: int  # length of a value
    shared: bool = False  # keys are the values too: one matrix makes both
    named: str = ""  # the kind of attention, where the heads do not tell it

    def __post_init__(self):
        _multiple("num_attention_heads", self.heads, "num_key_value_heads", self.kv_heads)

    @property
    def words(self):
        """ "grouped-query": the kind of attention."""
        return self.named or {self.heads: "multi-head", 1: "multi-query"}.get(self.kv_heads, "grouped-query")


def _multiple(name, value, of, divisor):
    if value % divisor:
        raise NapkinError(f"{name} must be a multiple of {of}, got {value} and {divisor}")


def heads(fields, kind=FULL, kv_heads=None):
    """Keys and values in heads, as many as the config says."""
    heads, d_model = fields.count("num_attention_heads"), fields.count("hidden_size")
    if kv_heads is None:
        kv_heads = heads if fields.null("num_key_value_heads") else fields.count("num_key_value_heads", heads)
        if heads % kv_heads and not fields.known("num_key_value_heads"):
            raise NapkinError("the config has no num_key_value_heads")
    width = fields.maybe("head_dim")
    if width is None:
        _multiple("hidden_size", d_model, "num_attention_heads where head_dim is not given", heads)
        width = d_model // heads
    return Shape(heads, kv_heads, width, width)


def falcon_heads(fields, kind):
    if fields.on("new_decoder_architecture"):
        return heads(fields)
    return heads(fields, kv_heads=1 if fields.on("multi_query") else fields.count("num_attention_heads"))


def gemma4_heads(fields, kind):
    """Full layers have wider heads than windowed ones, fewer of them keep keys, and keys may be the values too."""
    shape = heads(fields)
    if kind is not FULL:
        return shape
    width, shared = fields.count("global_head_dim"), fields.on("attention_k_eq_v")
    kv_heads = fields.count("num_global_key_value_heads", shape.kv_heads) if shared else shape.kv_heads
    return Shape(shape.heads, kv_heads, width, width, shared)


def mimo_heads(fields, kind):
    """Values shorter than keys, and other heads in windowed layers."""
    if kind is not WINDOW:
        shape = heads(fields)
        return replace(shape, value=fields.count("v_head_dim", shape.value))
    return Shape(
        fields.count("swa_num_attention_heads", fields.count("num_attention_heads")),
        fields.count("swa_num_key_value_heads", 2 * fields.count("num_key_value_heads")),
        fields.count("swa_head_dim", fields.count("head_dim")),
        fields.count("swa_v_head_dim", fields.count("v_head_dim")),
    )


def latent_heads(fields, kind):
    key = fields.count("qk_nope_head_dim") + fields.count("qk_rope_head_dim", least=0)
    return Shape(fields.count("num_attention_heads"), 1, key, fields.count("v_head_dim"), named="multi-head latent")


def one_vector(fields, kind):
    named = f"one KV head for keys and values; a window of {fields.count('sliding_window'):,} tokens"
    return replace(heads(fields), kv_heads=1, named=named)


# Norms of queries and keys: functions of (fields, shape) that return parameters.


def head_norm(switch=True, vectors=1):
    """One norm that all heads share."""
    return lambda fields, shape: fields.on(switch) * vectors * 2 * shape.key


def whole_norm(switch=True):
    """A norm as wide as all heads."""
    return lambda fields, shape: fields.on(switch) * (shape.heads + shape.kv_heads) * shape.key


# Attention. Every kind of cache counts its elements, and operations for one new token and one that it looks back on.


def _cached(cache, elements, flops, prefill_flops=None):
    return {f"{cache}_kv_elements": elements, f"{cache}_pair_flops": flops, f"prefill_{cache}_pair_flops": prefill_flops or flops}


def grouped(fields, family, kind):
    """Attention with keys and values in heads: multi-head, grouped-query, multi-query."""
    d, s = fields.count("hidden_size"), family.shape(fields, kind)
    qkv_bias, out_bias, _ = family.bias
    queries, keys, values = s.heads * s.key, s.kv_heads * s.key, s.kv_heads * s.value
    columns = queries * (1 + fields.on(family.gate)) + keys + (0 if s.shared else values)
    weights = d * columns + s.heads * s.value * d + columns * fields.on(qkv_bias) + d * fields.on(out_bias)
    weights += family.qk_norm(fields, s) + s.heads * fields.on(family.sinks[kind is WINDOW])
    return Counter(parameters=weights, **_cached(kind.cache, keys + values, 2 * s.heads * (s.key + s.value)))


def block_sparse(fields, family, kind):
    """MiniMax: an indexer in every layer that reads a selection of blocks."""
    block = grouped(fields, family, kind)
    if kind is BLOCKS:
        d, settings = fields.count("hidden_size"), fields.inner("sparse_attention_config")
        heads = settings.count("sparse_num_index_heads", fields.get("index_n_heads", 4))
        width = settings.count("sparse_index_dim", fields.get("index_head_dim", 128))
        block.update(parameters=d * heads * width + d * width + 2 * width, **_cached("full", width, 2 * heads * width))
    return block


def selected_blocks(fields):
    """Tokens in the blocks that a layer selects."""
    settings = fields.inner("sparse_attention_config")
    blocks = settings.count("sparse_topk_blocks", fields.get("index_topk_blocks", 16))
    return blocks * settings.count("sparse_block_size", fields.get("index_block_size", 128))


def latent(fields, family, kind):
    """Multi-head latent attention: one compressed vector a token stands for the keys and values of all heads."""
    d, s = fields.count("hidden_size"), family.shape(fields, kind)
    qkv_bias, out_bias, _ = family.bias
    rope, rank = fields.count("qk_rope_head_dim", least=0), fields.count("kv_lora_rank")
    q_rank = None if fields.null("q_lora_rank") else fields.maybe("q_lora_rank", least=0)
    bias, queries, values = fields.on(qkv_bias), s.heads * s.key, s.heads * s.value
    weights = d * q_rank + q_rank * (1 + bias) + q_rank * queries if q_rank else d * queries
    weights += (d + bias) * (rank + rope) + rank + rank * (queries - s.heads * rope + values)
    weights += values * d + d * fields.on(out_bias) + d * values * fields.on(family.gate)
    # Decode multiplies by the compressed vectors themselves, the up-projections absorbed into query and output.
    cached = _cached(kind.cache, rank + rope, 2 * s.heads * (2 * rank + rope), 2 * s.heads * (s.key + s.value))
    block = Counter(parameters=weights, **cached)
    if kind is INDEXING:
        heads, width = fields.count("index_n_heads"), fields.count("index_head_dim")
        if not q_rank:
            raise NapkinError("q_lora_rank must be given where an indexer selects tokens: it works on the compressed query")
        weights = q_rank * heads * width + d * width + 2 * width + d * heads
        block.update(parameters=weights, **_cached("full", width, 2 * heads * width))
    return block


def compressed(fields, family, kind):
    """DeepSeek-V4: one vector a token is key and value of all heads; older tokens are kept only compressed."""
    d, heads, width = fields.count("hidden_size"), fields.count("num_attention_heads"), fields.count("head_dim")
    rank, groups, out_rank = fields.count("q_lora_rank"), fields.count("o_groups"), fields.count("o_lora_rank")
    _multiple("num_attention_heads times head_dim", heads * width, "o_groups", groups)
    weights = heads + d * rank + rank + rank * heads * width + d * width + width + out_rank * heads * width + groups * out_rank * d
    pair, ratio = 4 * heads * width, kind.ratio
    block = Counter(parameters=weights, **_cached(NEAR.cache, width, pair))
    sets = 2 if kind is FOURS else 1  # overlapping groups are compressed from two sets of vectors
    if kind is not NEAR:
        weights = sets * (ratio * width + 2 * d * width) + width
        block.update(parameters=weights, **_cached(kind.cache, width / ratio, pair / ratio))
    if kind is FOURS:
        heads, width = fields.count("index_n_heads"), fields.count("index_head_dim")
        weights = sets * (ratio * width + 2 * d * width) + width + rank * heads * width + d * heads
        block.update(parameters=weights, **_cached("full", width / ratio, 2 * heads * width / ratio))
    return block


# Linear attention: a state of fixed size in place of a cache.


def hybrid(linear, attention):
    """Linear attention in some layers, another in the rest."""
    return lambda fields, family, kind: linear(fields) if kind is LINEAR else attention(fields, family, kind)


def gated_delta(fields):
    """Gated DeltaNet."""
    d = fields.count("hidden_size")
    key_heads, value_heads = fields.count("linear_num_key_heads"), fields.count("linear_num_value_heads")
    key, value, kernel = (fields.count(f"linear_{name}") for name in ("key_head_dim", "value_head_dim", "conv_kernel_dim"))
    _multiple("linear_num_value_heads", value_heads, "linear_num_key_heads", key_heads)
    keys, values = key_heads * key, value_heads * value
    channels = 2 * keys + values
    weights = d * (channels + values) + 2 * d * value_heads + channels * kernel + 2 * value_heads + value + values * d
    return _delta(weights, value_heads, key, value, channels, kernel)


def kimi_delta(fields):
    """Kimi delta attention."""
    d, settings = fields.count("hidden_size"), fields.inner("linear_attn_config")
    heads, width = settings.count("num_heads", 32), settings.count("head_dim", 128)
    kernel, inner = settings.count("short_conv_kernel_size", 4), heads * width
    gates = d * width + width * inner  # decay, through a narrow layer
    gates += d * inner if settings.on("use_full_rank_gate") else d * width + width * inner
    weights = 4 * d * inner + 3 * inner * kernel + gates + d * heads + inner + heads + width
    return _delta(weights, heads, width, width, 3 * inner, kernel)


def _delta(weights, heads, key, value, channels, kernel):
    """A layer with the state of the delta rule: a matrix a head, and the last inputs of the convolution.

    A token decays each element of the matrix (1 operation), multiplies it by its key to read what is stored there (2),
    adds the outer product that corrects it (2), and multiplies by the query (2): 7 an element.
    """
    matrix = heads * key * value
    return Counter(parameters=weights, state_elements=matrix + channels * (kernel - 1), state_flops=7 * matrix)


# The MLP and the experts.


def dense_mlp(fields, family):
    """The MLP of a layer without experts."""
    return _mlp(fields, family.matrices, dense_width(fields, family), fields.on(family.bias[2])) + family.mlp_extra


def _mlp(fields, matrices, width, bias=False):
    d = fields.count("hidden_size")
    return matrices * d * width + ((matrices - 1) * width + d) * bias


def mixture(fields, family, hashed=False):
    """A layer of experts: the router, all routed experts, and what every token visits."""
    d, e = fields.count("hidden_size"), family.experts
    n, k = fields.count("num_experts"), fields.count("num_experts_per_tok")
    width, shared = _widths(fields, e)
    if k > n:
        raise NapkinError(f"num_experts_per_tok must be at most num_experts, got {k} of {n}")
    inner = fields.maybe(e.latent)
    one = 3 * inner * width if inner else _mlp(fields, 3, width, e.expert_bias)
    weights = n * one + d * n + n * e.router_bias + n * (fields.on(e.correction) and not hashed)
    if inner:
        weights += 2 * d * inner + inner * fields.on("latent_moe_use_norm")
    beside = _mlp(fields, 3, shared, fields.on(e.shared_bias)) if shared else 0
    if shared:
        weights += d * e.shared_gate
    if e.beside:  # Gemma 4: a dense MLP in parallel, scales in the router, three norms more
        beside += _mlp(fields, family.matrices, fields.count("intermediate_size"))
        weights += d + n + 3 * d
    return Counter(parameters=weights + beside, expert_parameters=n * one, shared=beside)


def dense_width(fields, family):
    """Width of the MLP of a layer without experts."""
    return fields.count(family.mlp_width, 4 * fields.count("hidden_size") if family.four_wide else None)


def visited_width(fields, family):
    """Width of all experts that one token visits."""
    width, shared = _widths(fields, family.experts)
    return fields.count("num_experts_per_tok") * width + shared + (fields.count("intermediate_size") if family.experts.beside else 0)


def _widths(fields, e):
    """Width of one routed expert, and of all that every token visits."""
    width = fields.count(e.width, fields.get("intermediate_size"))
    number = e.shared if isinstance(e.shared, int) else fields.count(e.shared, 0, least=0)
    return width, number * (fields.count(e.shared_width, width, least=0) if e.shared_width else width)


# Norms of a layer where their number is not fixed, and weights that stand outside the layers: a Counter of (fields, n).


def falcon_norms(fields):
    if fields.on("new_decoder_architecture"):
        return fields.count("num_ln_in_parallel_attn", 2)
    return 1 if fields.on("parallel_attn") else 2


def per_layer_inputs(fields, n):
    """Gemma 4: a table of vectors for every layer, and what adds them in."""
    d, width = fields.count("hidden_size"), fields.count("hidden_size_per_layer_input", least=0)
    if not width:
        return Counter()
    table = fields.count("vocab_size_per_layer_input") * n * width
    return Counter(parameters=table + n * width * d + width + n * (2 * d * width + d), lookup=table)


def hyper_connections(fields, n):
    """DeepSeek-V4: several streams, mixed twice a layer and once at the end."""
    d, streams = fields.count("hidden_size"), fields.count("hc_mult")
    mixes = (2 + streams) * streams
    return Counter(parameters=2 * n * (mixes * streams * d + mixes + 3) + streams * streams * d + streams + 1)
