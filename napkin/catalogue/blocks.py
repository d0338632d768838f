"""What one layer is made of: attention of every kind, an MLP or experts, norms.

A family's `attention` takes (fields, family, kind) and returns a Counter of one layer's parameters, elements cached and
operations; its `shape` takes (fields, kind) and returns the widths that this attention works with.
"""

from collections import Counter
from dataclasses import dataclass, replace

from ..language.errors import NapkinError
from .layers import BLOCKS, CROSS, FOURS, FULL, INDEXED, INDEXING, NEAR, REPLACED, WINDOW, rounded_up, zamba_layers


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


def one_key(fields, kind):
    return heads(fields, kv_heads=1)


def one_vector(fields, kind):
    named = f"one KV head for keys and values; a window of {fields.count('sliding_window'):,} tokens"
    return replace(heads(fields), kv_heads=1, named=named)


# Norms of queries and keys: functions of (fields, shape) that return parameters.


def head_norm(switch=True, vectors=1):
    """One norm that all heads share."""
    return lambda fields, shape: fields.on(switch) * vectors * (1 if fields.on("reuses_keys") else 2) * shape.key


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
    reused = fields.on("reuses_keys")  # from a layer before: no matrices, and nothing kept
    columns = queries * (1 + fields.on(family.gate)) + (0 if reused else keys + (0 if s.shared else values))
    weights = d * columns + s.heads * s.value * d + columns * fields.on(qkv_bias) + d * fields.on(out_bias)
    weights += family.qk_norm(fields, s) + s.heads * fields.on(family.sinks[kind is WINDOW]) + d * s.heads * family.head_gate
    return Counter(parameters=weights, **_cached(kind.cache, 0 if reused else keys + values, 2 * s.heads * (s.key + s.value)))


def narrow_queries(fields, family, kind):
    """Step-3: queries through a narrow layer with a norm; one key and one value for all heads."""
    d, s, rank = fields.count("hidden_size"), family.shape(fields, kind), fields.count("share_q_dim", fields.get("head_dim"))
    weights = d * rank + rank + rank * s.heads * s.key + d * 2 * s.kv_heads * s.key + s.heads * s.value * d
    return Counter(parameters=weights, **_cached(kind.cache, 2 * s.kv_heads * s.key, 4 * s.heads * s.key))


def with_crossing(fields, family, kind):
    """Llama 3.2 Vision: layers that attend to the image have norms of queries and keys, and two gates."""
    if kind is not CROSS:
        return grouped(fields, family, kind)
    block, s = grouped(fields, family, FULL), family.shape(fields, FULL)
    return Counter(parameters=block["parameters"] + 2 * s.key + 2)


def replaced(fields, family, kind):
    """Nemotron-NAS: some layers have one matrix in place of attention."""
    return Counter(parameters=fields.count("hidden_size") ** 2) if kind is REPLACED else grouped(fields, family, kind)


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
    weights += values * d + d * fields.on(out_bias) + d * values * fields.on(family.gate) + d * s.heads * family.head_gate
    # Decode multiplies by the compressed vectors themselves, the up-projections absorbed into query and output.
    cached = _cached(kind.cache, rank + rope, 2 * s.heads * (2 * rank + rope), 2 * s.heads * (s.key + s.value))
    block = Counter(parameters=weights, **cached)
    if kind in (INDEXING, INDEXED):  # FlashMLA's layout for sparse attention: 4 bytes of scale for 128 numbers, 16 bits for RoPE's
        block.update(packed_kv_bytes=rank / 128 * 4 + rope)
    if kind is INDEXING:
        heads, width = fields.count("index_n_heads"), fields.count("index_head_dim")
        if not q_rank:
            raise NapkinError("q_lora_rank must be given where an indexer selects tokens: it works on the compressed query")
        weights = q_rank * heads * width + d * width + 2 * width + d * heads
        block.update(parameters=weights, index_kv_elements=width, **_cached("full", width, 2 * heads * width))
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
    """Layers with a state, and another attention in the rest."""
    return lambda fields, family, kind: linear(fields) if kind.cache == "state" else attention(fields, family, kind)


def beside(linear, attention):
    """Both in every layer, in parallel."""
    return lambda fields, family, kind: linear(fields) + attention(fields, family, kind)


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


def gated_heads(fields):
    """Ling 3: Kimi's delta attention with whole matrices for decay and gate."""
    d, heads, width = fields.count("hidden_size"), fields.count("linear_num_heads"), fields.count("linear_head_dim")
    kernel, inner = fields.count("linear_conv_kernel_dim"), heads * width
    weights = 6 * d * inner + 3 * inner * kernel + d * heads + heads + inner + width
    return _delta(weights, heads, width, width, 3 * inner, kernel)


def mamba(norms=False, width=""):
    """Mamba: a vector of states for each channel, and the last inputs of a convolution.

    A token multiplies each element of the state by its decay, which is a product itself (2 operations), adds a product of the
    channel's input and what the token writes (2), and multiplies by what it reads (2): 6 an element.
    """

    def block(fields):
        d, states, kernel = fields.count("hidden_size"), fields.count("ssm_state_size"), fields.count("conv_kernel")
        inner, rank = fields.maybe(width) or _expanded(fields), fields.get("time_step_rank", "auto")
        rank = -(-d // 16) if rank == "auto" else fields.count("time_step_rank")
        bias = fields.on("use_bias")
        weights = 2 * d * inner + inner * (kernel + fields.on("use_conv_bias")) + inner * (rank + 2 * states)
        weights += rank * inner + inner + inner * states + inner + inner * d + bias * (2 * inner + d)
        weights += norms * (rank + 2 * states)
        return Counter(parameters=weights, state_elements=inner * states + inner * (kernel - 1), state_flops=6 * inner * states)

    return block


def mamba2(bias="use_bias", out_bias="", norm=True):
    """Mamba-2: a matrix of states for each head, and the last inputs of a convolution.

    A token decays each element of the matrix (1 operation), adds the product of its input and what it writes (2), and
    multiplies by what it reads (2): 5 an element.
    """

    def block(fields):
        d, heads, states, kernel = (fields.count(name) for name in ("hidden_size", "mamba_num_heads", "ssm_state_size", "conv_kernel"))
        inner = (not fields.null("mamba_d_ssm") and fields.maybe("mamba_d_ssm")) or (
            heads * fields.count("mamba_head_dim") if _given(fields) else _expanded(fields)
        )
        _multiple("the width inside Mamba", inner, "mamba_num_heads", heads)
        channels = inner + 2 * fields.count("n_groups") * states
        columns = inner + channels + heads
        weights = d * columns + channels * (kernel + fields.on("use_conv_bias")) + 3 * heads + inner * fields.on(norm) + inner * d
        weights += columns * fields.on(bias) + d * fields.on(out_bias or bias)
        return Counter(parameters=weights, state_elements=inner * states + channels * (kernel - 1), state_flops=5 * inner * states)

    return block


def _given(fields):
    """Whether the config says how wide Mamba's heads are."""
    return fields.get("mamba_head_dim", "auto") != "auto"


def _expanded(fields):
    """The width inside Mamba: so many times that of the model."""
    times = fields.get("expand")
    if isinstance(times, bool) or not isinstance(times, (int, float)) or not 0 < times <= 64:
        raise NapkinError(f"expand must be a number from 0 to 64, got {times!r}")
    return max(int(times * fields.count("hidden_size")), 1)


def lightning(fields):
    """Lightning attention: a matrix a head.

    A token decays each element of the matrix (1 operation), adds the product of its key and value (2), and multiplies by its
    query (2): 5 an element.
    """
    d, s = fields.count("hidden_size"), heads(fields, kv_heads=fields.count("num_attention_heads"))
    inner = s.heads * s.key
    return Counter(parameters=5 * d * inner + inner, state_elements=inner * s.key, state_flops=5 * inner * s.key)


def ling_lightning(fields):
    """Lightning attention as in Ring-linear: norms of queries and keys, a gate, and a norm in groups."""
    d, s = fields.count("hidden_size"), heads(fields, kv_heads=fields.count("num_attention_heads"))
    inner = s.heads * s.key
    weights = 5 * d * inner + inner + 2 * s.key * fields.on("use_qk_norm") + 3 * inner * fields.on("use_qkv_bias")
    return Counter(parameters=weights, state_elements=inner * s.key, state_flops=5 * inner * s.key)


def short_conv(fields):
    """LFM2: a gated convolution over the last tokens, and between two matrices nothing else. Its products are weights."""
    d, length, bias = fields.count("hidden_size"), fields.count("conv_L_cache"), fields.on("conv_bias")
    return Counter(parameters=4 * d * d + d * length + bias * 5 * d, state_elements=d * (length - 1))


def rwkv(version):
    """RWKV: a matrix a head, and the last token's vectors, which are mixed into the next.

    Versions 5 and 6 decay each element of the matrix (1 operation), add the product of key and value (2), and multiply by the
    receptance (2): 5 an element. Version 7 also takes out what a key had stored, which it reads (2) and writes back (2): 9.
    Version 4 keeps three numbers a channel instead, and spends about 5 operations on each channel.
    """
    return lambda fields: _RWKV[version](fields)


def _rwkv4(fields):
    d = fields.count("hidden_size")
    inner = fields.count("attention_hidden_size", d)
    return Counter(parameters=4 * d * inner + 2 * inner + 3 * d, state_elements=3 * inner + 2 * d, state_flops=5 * inner)


def _rwkv5(fields):
    d, inner, size = _receptance(fields)
    return _matrices(d, 5 * d * inner + 4 * d + 2 * inner + 2 * inner, inner, size, 5)


def _rwkv6(fields):
    d, inner, size = _receptance(fields)
    mix, decay = (64, 128) if d == 4096 else (32, 64)
    return _matrices(d, 5 * d * inner + 6 * d + 10 * mix * d + d + 2 * decay * d + inner + 2 * inner, inner, size, 5)


def _rwkv7(fields):
    d, inner, size = _receptance(fields)
    ranks = (
        fields.count(f"{name}_low_rank_dim", max(32, rounded_up(int(times * d**power), 32)))
        for name, times, power in (("decay", 2.5, 0.5), ("a", 2.5, 0.5), ("v", 1.7, 0.5), ("gate", 5, 0.5))
    )
    decay, a, v, gate = ranks
    weights = 4 * d * inner + 6 * d + 3 * inner + 2 * inner + (d + inner) * (decay + a + v + gate) + 3 * inner
    return _matrices(d, weights, inner, size, 9)


_RWKV = {4: _rwkv4, 5: _rwkv5, 6: _rwkv6, 7: _rwkv7}


def _receptance(fields):
    d, size = fields.count("hidden_size"), fields.count("head_size", fields.get("head_dim", 64))
    inner = fields.count("attention_hidden_size", d)
    _multiple("attention_hidden_size", inner, "head_size", size)
    return d, inner, size


def _matrices(d, weights, inner, size, operations):
    return Counter(parameters=weights, state_elements=inner * size + 2 * d, state_flops=operations * inner * size)


def no_heads(fields, kind):
    """Mamba keeps nothing that grows: its heads are those of the state."""
    n = fields.maybe("mamba_num_heads") or 1
    return Shape(n, n, 1, 1, named="no attention")


def rwkv_heads(fields, kind):
    _, inner, size = _receptance(fields)
    return Shape(inner // size, inner // size, size, size, named="no attention: RWKV")


def beside_mamba(fields, kind):
    shape = heads(fields)
    return replace(shape, named=f"{shape.words}, beside Mamba in every layer")


def zamba_heads(fields, kind):
    """Attention over the token and its embedding, side by side: twice the width."""
    n, width = fields.count("num_attention_heads"), 2 * fields.count("hidden_size")
    _multiple("twice hidden_size", width, "num_attention_heads", n)
    size = fields.count("attention_head_dim", width // n)
    return Shape(n, fields.count("num_key_value_heads", n), size, size)


def shared_attention(linear):
    """Zamba2: Mamba in every layer, and in some before it a block whose weights all of them share (see `shared_blocks`)."""

    def block(fields, family, kind):
        counts = linear(fields)
        if kind is FULL:
            d, s = fields.count("hidden_size"), family.shape(fields, kind)
            counts.update(parameters=d * d, **_cached("full", 2 * s.kv_heads * s.key, 4 * s.heads * s.key))
        return counts

    return block


def step_heads(fields, kind):
    """Step 3.5: other heads in windowed layers."""
    if kind is not WINDOW:
        return heads(fields)
    other = fields.inner("attention_other_setting")
    n = fields.count("num_sliding_attention_heads", other.get("num_attention_heads", fields.count("num_attention_heads")))
    return heads(
        fields.but(num_attention_heads=n, num_key_value_heads=other.get("num_attention_groups", fields.get("num_key_value_heads")))
    )


# The MLP and the experts.


def dense_mlp(fields, family):
    """The MLP of a layer without experts."""
    if fields.on("linear_mlp"):
        return fields.count("hidden_size") ** 2
    extra = family.mlp_extra(fields.count("hidden_size")) if callable(family.mlp_extra) else family.mlp_extra
    return _mlp(fields, family.matrices, dense_width(fields, family), fields.on(family.bias[2])) + extra


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
    one = family.matrices * inner * width if inner else _mlp(fields, family.matrices, width, e.expert_bias)
    choices = n + empty_experts(fields, e)
    weights = n * one + d * choices + choices * e.router_bias + choices * (fields.on(e.correction) and not hashed)
    if inner:
        weights += 2 * d * inner + inner * fields.on("latent_moe_use_norm") + (d + inner) * fields.on(e.shared_bias)
    beside = _mlp(fields, family.matrices, shared, fields.on(e.shared_bias)) if shared else 0
    if shared:
        weights += d * e.shared_gate
    if e.beside:
        beside += dense_mlp(fields, family)
    if e.scales:  # Gemma 4: scales in the router, three norms more
        weights += d + n + 3 * d
    return Counter(parameters=weights + beside, expert_parameters=n * one, shared=beside)


def empty_experts(fields, e):
    """LongCat: experts that return what they get, and have no weights."""
    return fields.count(e.empty, least=0) if e.empty else 0


def dense_width(fields, family):
    """Width of the MLP of a layer without experts."""
    return fields.count(family.mlp_width, 4 * fields.count("hidden_size") if family.four_wide else None)


def visited_width(fields, family):
    """Width of all experts that one token visits."""
    width, shared = _widths(fields, family.experts)
    return fields.count("num_experts_per_tok") * width + shared + (dense_width(fields, family) if family.experts.beside else 0)


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


def bitnet_norms(fields, n):
    """BitNet: norms of what goes into the last matrix of attention and of the MLP."""
    return Counter(parameters=n * (fields.count("hidden_size") + fields.count("intermediate_size")))


def embedding_norm(fields, n):
    """Bloom: a norm of the embedding."""
    return Counter(parameters=2 * fields.count("hidden_size"))


def image_tokens(fields, n):
    """Llama 3.2 Vision: eight more rows in the embedding than in the head."""
    rows = 8 * fields.count("hidden_size")
    return Counter(parameters=rows, lookup=rows)


def more_rows(fields, n):
    """Molmo: further rows of the embedding, for tokens that it never says."""
    rows = fields.count("additional_vocab_size", 128, least=0) * fields.count("hidden_size")
    return Counter(parameters=rows, lookup=rows)


def first_norm(fields, n):
    """RWKV: a norm of the embedding."""
    return embedding_norm(fields, n)


def first_of_seven(fields, n):
    """RWKV-7: a norm of the embedding, and a first layer that does not mix values of a layer before."""
    d = fields.count("hidden_size")
    rank = fields.count("v_low_rank_dim", max(32, rounded_up(int(1.7 * d**0.5), 32)))
    return Counter(parameters=2 * d - (2 * d * rank + d))


def shared_blocks(fields, n):
    """Zamba2: a few blocks of attention and MLP that many layers take in turn, and what each layer adapts in them."""
    d, s, width = fields.count("hidden_size"), zamba_heads(fields, FULL), fields.count("intermediate_size")
    users = zamba_layers(fields, n).count(FULL)
    inner, values, rank = 2 * d, 2 * s.kv_heads * s.key, fields.count("adapter_rank", 128)
    block = inner * (s.heads * s.key + values) + s.heads * s.key * d + inner + d + 3 * d * width
    adapters = d * rank + rank * 2 * width + 6 * inner * rank * fields.on("use_shared_attention_adapter")
    return Counter(parameters=min(fields.count("num_mem_blocks", 1), users) * block + users * adapters)


def streams(fields, n):
    """Gemma 3n: a table of vectors for every layer, several streams that are mixed in each, and a narrow layer beside."""
    d, mixed, narrow = fields.count("hidden_size"), fields.count("altup_num_inputs"), fields.count("laurel_rank")
    layer = d + mixed**2 + mixed**3 + d * mixed + d + 2 * d * narrow + d
    return per_layer_inputs(fields, n) + Counter(parameters=n * layer + 2 * (mixed - 1) * d * d)


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
