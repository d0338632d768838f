"""Which kind each layer is: what it looks back on, and whether it has experts.

A family's `layers` takes (fields, n) and returns the kinds of its n layers, as `layer_types` of the config says, or else
by its own rule; its `window` takes fields and returns how far a windowed layer looks back; the `where` of its experts
takes (fields, n) and returns which layers have some.
"""

from dataclasses import dataclass

from ..language.errors import NapkinError
from .fields import short


@dataclass(frozen=True)
class Kind:
    """What a layer looks back on. `cache` is the one of Model's caches in which its keys and values are counted."""

    name: str
    cache: str
    ratio: int = 1  # tokens that one entry of the cache stands for
    says: str = ""  # what some of the layers do, where it is worth telling


FULL = Kind("full", "full")
WINDOW = Kind("window", "window", says="look back {window:,} tokens")
NEAR = Kind("near", "window")  # a window too, in an architecture where every layer has one
LINEAR = Kind("linear", "state", says="linear")
BLOCKS = Kind("blocks", "selected", says="select {selected:,} tokens")
INDEXING = Kind("indexing", "selected", says=BLOCKS.says)  # scores tokens to select some
INDEXED = Kind("indexed", "selected", says=BLOCKS.says)  # takes over the selection of the layer before
FOURS = Kind("fours", "selected", ratio=4, says="select {selected:,} tokens kept in fours")
GROUPS = Kind("groups", "full", ratio=128, says="keep tokens in groups of 128")

#: In the order in which they are told.
KINDS = (FULL, WINDOW, NEAR, LINEAR, BLOCKS, INDEXING, INDEXED, FOURS, GROUPS)

# What `layer_types` may say, by architecture.
WINDOWS = {"full_attention": FULL, "sliding_attention": WINDOW, "chunked_attention": WINDOW}
HYBRID = {**WINDOWS, "linear_attention": LINEAR}
SPARSE = {**WINDOWS, "minimax_m3_sparse": BLOCKS}
LATENT = {"full_attention": FULL}
LATENT_HYBRID = {**LATENT, "linear_attention": LINEAR}
SCORED = {"full_attention": INDEXED, "indexed_attention": INDEXED, "deepseek_sparse_attention": INDEXED}
COMPRESSED = {"sliding_attention": NEAR, "compressed_sparse_attention": FOURS, "heavily_compressed_attention": GROUPS}


def kinds_of(fields, family, n):
    """The kind of each of the n layers; where the window is switched off, a windowed layer looks back on everything."""
    kinds = family.layers(fields, n)
    return kinds if family.window(fields) else [FULL if kind is WINDOW else kind for kind in kinds]


def rule(possible=WINDOWS):
    """A rule for the kinds of layers, which holds where `layer_types` does not name them."""
    return lambda otherwise: lambda fields, n: _named(fields, n, possible) or otherwise(fields, n)


def _named(fields, n, possible):
    named = fields.several("layer_types", n)
    for each in named or ():
        if not isinstance(each, str) or each not in possible:
            raise NapkinError(f"cannot count a layer of the type {short(each)} in this architecture")
    return named and [possible[each] for each in named]


def always(kind, possible=WINDOWS):
    """All layers of one kind."""
    return rule(possible)(lambda fields, n: [kind] * n)


def every(period, other=WINDOW, field="sliding_window_pattern", possible=WINDOWS):
    """Every so many layers a full one, unless a field of the config has another period."""
    return rule(possible)(lambda fields, n: _every(fields.maybe(field) or period, n, other))


def _every(period, n, other=WINDOW):
    return [other if (i + 1) % period else FULL for i in range(n)]


full, windowed, latent_layers = always(FULL), always(WINDOW), always(FULL, LATENT)
alternating, hybrid_layers = every(2, field=""), every(4, LINEAR, "full_attention_interval", HYBRID)


def and_the_last(layers):
    """Such layers, but the last one full, whatever the config says."""
    return lambda fields, n: [*layers(fields, n)[:-1], FULL]


@rule()
def late_windows(fields, n):
    first = fields.count("max_window_layers", 28, least=0)
    return [FULL if i < first else WINDOW for i in range(n)]


@rule()
def early_windows(fields, n):
    """A window in every second of the first layers."""
    first = fields.count("max_window_layers", 28, least=0)
    return [FULL if i % 2 or i >= first else WINDOW for i in range(n)]


@rule()
def spelled(fields, n):
    """A word such as LLLG that is repeated, up to the last layer, which is full; or a period."""
    pattern = fields.get("sliding_window_pattern")
    if isinstance(pattern, str) and pattern and set(pattern) <= set("LG"):
        return [WINDOW if pattern[i % len(pattern)] == "L" else FULL for i in range(n - 1)] + [FULL]
    return _every(fields.count("sliding_window_pattern", 4), n)


def by_rope(with_rope, without):
    """The kinds of layers that turn queries and keys by their position, and of those that do not."""

    @rule()
    def layers(fields, n):
        period = fields.count("no_rope_layer_interval", 4)
        marks = fields.get("no_rope_layers") and fields.several("no_rope_layers", n)  # 0 where there is no RoPE
        return [with_rope if mark else without for mark in marks or [(i + 1) % period for i in range(n)]]

    return layers


@rule()
def marked(fields, n):
    """MiMo: 1 for a window; else the first and every sixth layer are full."""
    marks = fields.several("hybrid_layer_pattern", n) or [i and (i + 1) % 6 for i in range(n)]
    return [WINDOW if mark else FULL for mark in marks]


@rule(LATENT_HYBRID)
def kimi_layers(fields, n):
    """Lists of the layers that are full and linear, counted from 1."""
    settings = fields.inner("linear_attn_config")
    full, linear = settings.numbers("full_attn_layers"), settings.numbers("kda_layers")
    if full is None or linear is None:
        full = range(5, n + 1, 4)
    elif sorted(full + linear) != list(range(1, n + 1)):
        raise NapkinError(f"full_attn_layers and kda_layers must name each of the {n} layers once")
    return [FULL if i + 1 in full else LINEAR for i in range(n)]


def scored_layers(fields, n):
    """Every layer reads a selection of tokens; some score the tokens for it, the others take over the choice."""
    _named(fields, n, SCORED)
    named = fields.several("indexer_types", n)
    if named is None:
        period, offset = fields.count("index_topk_freq", 1), fields.count("index_skip_topk_offset", 2)
        named = ["full" if max(i - offset + 1, 0) % period == 0 else "shared" for i in range(n)]
    return [INDEXING if each == "full" else INDEXED for each in named]


@rule(SPARSE)
def block_layers(fields, n):
    """MiniMax: layers that read a selection of blocks."""
    settings = fields.inner("sparse_attention_config")
    marks = settings.several("sparse_attention_freq", n) or [bool(settings.config)] * n
    return [BLOCKS if mark else FULL for mark in marks]


@rule(COMPRESSED)
def compressed_layers(fields, n):
    """DeepSeek-V4: how many tokens one entry of each layer's cache stands for, 0 where it keeps only a window."""
    ratios, kinds = fields.numbers("compress_ratios"), {0: NEAR, 4: FOURS, 128: GROUPS}
    if ratios is None:
        ratios = [4 if i > 2 and i % 2 else 128 for i in range(n)]
    if len(ratios) < n or not set(ratios) <= set(kinds):
        raise NapkinError(f"compress_ratios must be a list of 0, 4 and 128 with one entry for each of the {n} layers, got {short(ratios)}")
    return [kinds[ratio] for ratio in ratios[:n]]


def sliding(switch=True, field="sliding_window", least=0):
    """How many tokens a windowed layer looks back on, where this switch is on; None where there is no window."""
    return lambda fields: (fields.maybe(field, least=least) or None) if fields.on(switch) and not fields.null(field) else None


# Which layers have experts.


def sparse_layers(fields, family, n):
    """Whether each of the n layers has experts."""
    if family.experts is None:
        return [False] * n
    named = fields.several("mlp_layer_types", n)
    if named is None:
        return family.experts.where(fields, n)
    if not set(map(str, named)) <= {"dense", "sparse", "moe", "hash_moe"}:
        raise NapkinError(f"mlp_layer_types must say dense or sparse for each layer, got {short(named)}")
    return [each != "dense" for each in named]


def after_the_first(fields, n):
    if _dense(fields):
        return [False] * n
    first = fields.count("first_k_dense_replace", least=0)
    if isinstance(fields.get("moe_layer_freq"), list):
        return [bool(mark) for mark in fields.several("moe_layer_freq", n)]
    period = fields.count("moe_layer_freq", 1)
    return [i >= first and i % period == 0 for i in range(n)]


def stepped(fields, n):
    if _dense(fields):
        return [False] * n
    dense, step = fields.numbers("mlp_only_layers") or [], fields.count("decoder_sparse_step", 1)
    return [i not in dense and (i + 1) % step == 0 for i in range(n)]


def _dense(fields):
    """Whether the config says itself that the model has no experts: null or zero."""
    said = "num_experts" in fields.config or "n_routed_experts" in fields.config
    return said and fields.get("num_experts") in (None, 0)


def interleaved(fields, n):
    listed, step = fields.numbers("moe_layers"), fields.count("interleave_moe_layer_step", 1)
    return [i in listed if listed is not None else (i + 1) % step == 0 for i in range(n)]


def between(fields, n):
    """Ernie: from one layer to another, in steps."""
    first, step = fields.count("moe_layer_start_index", least=0), fields.count("moe_layer_interval")
    last = n - 1 if fields.get("moe_layer_end_index", -1) == -1 else fields.count("moe_layer_end_index", least=0)
    return [first <= i <= last and (i + 1) % step == 0 for i in range(n)]
