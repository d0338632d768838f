"""Which kind each layer is: what it looks back on, and whether it has experts.

A family's `layers` takes (fields, n) and returns the kinds of its n layers, as `layer_types` of the config says, or else
by its own rule; its `window` takes fields and returns how far a windowed layer looks back; the `where` of its experts
takes (fields, n) and returns which layers have some; its `bare`, which have no MLP at all; its `vary`, the fields that each
layer has in place of the config's.
"""

from dataclasses import dataclass

from ..language.errors import NapkinError
from .fields import Fields, short


@dataclass(frozen=True)
class Kind:
    """What a layer looks back on. `cache` is the one of Model's caches in which its keys and values are counted."""

    name: str
    cache: str
    ratio: int = 1  # tokens that one entry of the cache stands for
    says: str = ""  # what some of the layers do, where it is worth telling


FULL = Kind("full", "full")
WINDOW = Kind("window", "window", says="look back {window:,} tokens")
CHUNKS = Kind("chunks", "window", says="look back within chunks of {window:,} tokens")
NEAR = Kind("near", "window")  # a window too, in an architecture where every layer has one
LINEAR = Kind("linear", "state", says="linear")
BLOCKS = Kind("blocks", "selected", says="select {selected:,} tokens")
INDEXING = Kind("indexing", "selected", says=BLOCKS.says)  # scores tokens to select some
INDEXED = Kind("indexed", "selected", says=BLOCKS.says)  # takes over the selection of the layer before
FOURS = Kind("fours", "selected", ratio=4, says="select {selected:,} tokens kept in fours")
GROUPS = Kind("groups", "full", ratio=128, says="keep tokens in groups of 128")
MAMBA = Kind("mamba", "state", says="Mamba")
RWKV = Kind("rwkv", "state")
CONV = Kind("conv", "state", says="short convolutions")
CROSS = Kind("cross", "", says="look at the image")
REPLACED = Kind("replaced", "", says="a matrix in place of attention")
NOTHING = Kind("nothing", "", says="without attention")

#: In the order in which they are told.
KINDS = (FULL, WINDOW, CHUNKS, NEAR, LINEAR, MAMBA, RWKV, CONV, BLOCKS, INDEXING, INDEXED, FOURS, GROUPS, CROSS, REPLACED, NOTHING)

# What `layer_types` may say, by architecture.
WINDOWS = {"full_attention": FULL, "sliding_attention": WINDOW, "chunked_attention": CHUNKS}
HYBRID = {**WINDOWS, "linear_attention": LINEAR}
SPARSE = {**WINDOWS, "minimax_m3_sparse": BLOCKS}
LATENT = {"full_attention": FULL}
LATENT_HYBRID = {**LATENT, "linear_attention": LINEAR}
SCORED = {"full_attention": INDEXED, "indexed_attention": INDEXED, "deepseek_sparse_attention": INDEXED}
MAMBAS = {**LATENT, "attention": FULL, "hybrid": FULL, "mamba": MAMBA, "linear_attention": MAMBA}
ONE_EACH = {**MAMBAS, "mlp": NOTHING, "moe": NOTHING}
CONVOLUTIONS = {**LATENT, "conv": CONV}
COMPRESSED = {"sliding_attention": NEAR, "compressed_sparse_attention": FOURS, "heavily_compressed_attention": GROUPS}


def kinds_of(fields, family, n):
    """The kind of each of the n layers; where the window is switched off, a windowed layer looks back on everything."""
    kinds = family.layers(fields, n)
    return kinds if family.window(fields) else [FULL if kind in (WINDOW, CHUNKS) else kind for kind in kinds]


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


full, windowed, latent_layers, mamba_layers = always(FULL), always(WINDOW), always(FULL, LATENT), always(MAMBA, MAMBAS)
both_layers = always(FULL, MAMBAS)
recurrent = always(RWKV, {"linear_attention": RWKV})
alternating, hybrid_layers = every(2, field=""), every(4, LINEAR, "full_attention_interval", HYBRID)
last_of_group = every(6, LINEAR, "layer_group_size", HYBRID)


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


@rule(MAMBAS)
def jamba_layers(fields, n):
    """A full layer once in a period, Mamba in the rest."""
    period, offset = fields.count("attn_layer_period", 8), fields.count("attn_layer_offset", 4, least=0)
    return [FULL if i % period == offset else MAMBA for i in range(n)]


@rule(MAMBAS)
def indexed_mamba(fields, n):
    """Bamba: a list of the layers that attend, counted from 0."""
    full = fields.numbers("attn_layer_indices") or []
    return [FULL if i in full else MAMBA for i in range(n)]


@rule(MAMBAS)
def zamba_layers(fields, n):
    """Mamba in all layers; in some a shared block of attention stands before it."""
    shared = fields.numbers("hybrid_layer_ids")
    if shared is None:
        shared = [6, 12, 18, 24, 30, 36, 42, 47, 51]
    return [FULL if i in shared else MAMBA for i in range(n)]


@rule(ONE_EACH)
def lettered(fields, n):
    """Nemotron-H: a letter a layer, M for Mamba, * for attention, - for an MLP, E for experts."""
    return [{"M": MAMBA, "*": FULL}.get(letter, NOTHING) for letter in _letters(fields, n)]


def _letters(fields, n):
    letters = fields.get("hybrid_override_pattern")
    if not isinstance(letters, str) or len(letters) != n or not set(letters) <= set("M*-E"):
        raise NapkinError(f"hybrid_override_pattern must have one letter of M, *, - and E for each of the {n} layers, got {short(letters)}")
    return letters


@rule(CONVOLUTIONS)
def conv_layers(fields, n):
    """LFM2: a list of the layers that attend, counted from 0; the rest are short convolutions."""
    full = fields.numbers("full_attn_idxs")
    return [FULL if full is None or i in full else CONV for i in range(n)]


@rule(HYBRID)
def listed_linear(fields, n):
    """MiniMax: 1 for a full layer, 0 for a linear one."""
    marks = fields.several("attn_type_list", n) or [(i + 1) % 2 for i in range(n)]
    return [FULL if mark else LINEAR for mark in marks]


def grouped_linear(fields, n):
    """Ling: the last layer of each group is full, and what is left over at the end."""
    named = _named(fields, n, HYBRID)
    size = fields.count("layer_group_size", 1)
    return named or [FULL if (i + 1) % size == 0 or i >= n // size * size else LINEAR for i in range(n)]


@rule()
def crossing(fields, n):
    """Llama 3.2 Vision: layers that attend to the image, and to nothing that grows."""
    across = fields.numbers("cross_attention_layers") or []
    return [CROSS if i in across else FULL for i in range(n)]


def by_block(fields, n):
    """Nemotron-NAS: each block says whether it attends."""
    attention = [Fields(block).inner("attention") for block in _blocks(fields, n)]
    return [NOTHING if each.on("no_op") else REPLACED if each.on("replace_with_linear") else FULL for each in attention]


def _blocks(fields, n):
    blocks = fields.several("block_configs", n) or [{}] * n
    if not all(isinstance(block, dict) for block in blocks):
        raise NapkinError(f"block_configs must be a list of objects, got {short(blocks)}")
    return blocks


@rule()
def local_layers(fields, n):
    """GPT-Neo: windows in every second layer, or as a list of words says."""
    words = fields.get("attention_layers") and fields.several("attention_layers", n)
    return [WINDOW if word == "local" else FULL for word in words or ["global", "local"] * n][:n]


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


def wherever(fields, n):
    """In all layers, unless the config says that there are none."""
    return [not _dense(fields)] * n


def every_second(fields, n):
    return [i % 2 == 0 for i in range(n)]


def several(fields, n):
    """In all layers, unless there is only one."""
    return [fields.get("num_experts") not in (None, 0, 1)] * n


def in_turn(fields, n):
    """Jamba: one layer of a period."""
    if not all(several(fields, n)):
        return [False] * n
    period, offset = fields.count("expert_layer_period", 2), fields.count("expert_layer_offset", 1, least=0)
    return [i % period == offset for i in range(n)]


def lettered_experts(fields, n):
    """Nemotron-H: the layers with an E."""
    if named := fields.several("layer_types", n):
        return [each == "moe" for each in named]
    return [letter == "E" for letter in _letters(fields, n)]


def counted(fields, n):
    """Step: a list of the layers with experts, as text or numbers, counted from 0; else all but the first three."""
    listed = fields.get("moe_layers_enum")
    if isinstance(listed, str):
        listed = [int(each) for each in listed.split(",") if each.strip().isdecimal()]
    if listed is None:
        first = fields.count("first_k_dense_replace", 3, least=0)
        return [i >= first for i in range(n)]
    return [i in listed for i in range(n)] if isinstance(listed, list) else fields.numbers("moe_layers_enum")


def _dense(fields):
    """Whether the config says itself that the model has no experts: null or zero."""
    said = any(name in fields.config for name in ("num_experts", "n_routed_experts", "num_local_experts"))
    return said and fields.get("num_experts") in (None, 0)


def interleaved(fields, n):
    listed, step = fields.numbers("moe_layers"), fields.count("interleave_moe_layer_step", 1)
    return [i in listed if listed is not None else (i + 1) % step == 0 for i in range(n)]


def between(fields, n):
    """Ernie: from one layer to another, in steps."""
    first, step = fields.count("moe_layer_start_index", least=0), fields.count("moe_layer_interval")
    last = n - 1 if fields.get("moe_layer_end_index", -1) == -1 else fields.count("moe_layer_end_index", least=0)
    return [first <= i <= last and (i + 1) % step == 0 for i in range(n)]


# Which layers have no MLP.


def bare(fields, n):
    return [True] * n


def lettered_bare(fields, n):
    """Nemotron-H: a layer is either an MLP, or experts, or attends."""
    if named := fields.several("layer_types", n):
        return [each not in ("mlp", "moe") for each in named]
    return [letter in "M*" for letter in _letters(fields, n)]


def block_bare(fields, n):
    return [Fields(block).inner("ffn").on("no_op") for block in _blocks(fields, n)]


# What differs from layer to layer: a list of the fields that each layer has in place of the config's.


def alike(fields, n):
    """Nothing, unless the config has an object with such fields."""
    changes = fields.inner("per_layer_config").config
    changes = {str(name).lstrip("0") or "0": each for name, each in changes.items() if isinstance(each, dict)}
    plain = {i: {name: value for name, value in each.items() if isinstance(value, (int, str))} for i, each in changes.items()}
    return [plain.get(str(i), {}) for i in range(n)]


def own_widths(fields, n):
    """A list with the MLP's width of each layer."""
    widths = fields.get("intermediate_size")
    if not isinstance(widths, list):
        return alike(fields, n)
    return [{"intermediate_size": width if isinstance(width, int) else 0} for width in fields.several("intermediate_size", n)]


def shared_keys(fields, n):
    """Gemma: the last layers take over keys and values of layers before, and may have an MLP twice as wide."""
    shared = fields.count("num_kv_shared_layers", 0, least=0)
    changes = [dict(each) for each in own_widths(fields, n)]
    for each in changes:
        for old, new in (("head_dim", "global_head_dim"), ("num_key_value_heads", "num_global_key_value_heads")):
            if old in each:
                each[new] = each[old]
    for each in changes[max(n - shared, 0) :]:
        each["reuses_keys"] = True
        if fields.on("use_double_wide_mlp"):
            each["intermediate_size"] = 2 * fields.count("intermediate_size")
    return changes


def every_so_many(fields, n):
    """Hunyuan: of each group of layers, the first makes keys and values for all."""
    size = fields.count("cla_share_factor", 2) if fields.on("use_cla") else 1
    return [{"reuses_keys": True} if i % size else {} for i in range(n)]


def own_blocks(fields, n):
    """Nemotron-NAS: heads that share keys, and the MLP's width."""
    heads, d = fields.count("num_attention_heads"), fields.count("hidden_size")
    changes = []
    for block in _blocks(fields, n):
        attention, mlp, change = Fields(block).inner("attention"), Fields(block).inner("ffn"), {}
        if size := attention.maybe("n_heads_in_group"):
            change["num_key_value_heads"] = max(heads // size, 1)
        change["intermediate_size"] = mlp.maybe("intermediate_size")
        if change["intermediate_size"] is None and isinstance(times := mlp.get("ffn_mult"), (int, float)) and 0 < times < 1000:
            change["intermediate_size"] = rounded_up(int(2 * times * d / 3), 256)
        if mlp.on("replace_with_linear"):
            change["linear_mlp"] = True
        changes.append({name: value for name, value in change.items() if value is not None})
    return changes


def listed_widths(fields, n):
    """OpenELM: lists of heads, and of how many times as wide as the model an MLP is."""
    changes = [{} for _ in range(n)]
    for name, lists in (("num_attention_heads", "num_query_heads"), ("num_key_value_heads", "num_kv_heads")):
        if isinstance(fields.config.get(lists), list):
            for change, number in zip(changes, fields.several(lists, n)):
                change[name] = number if type(number) is int else 0
    step, d = fields.count("ffn_dim_divisor", 256), fields.count("hidden_size")
    for change, times in zip(changes, fields.several("ffn_multipliers", n) or ()):
        width = times * d if type(times) in (int, float) and 0 < times < 1000 else 0
        nearest = max(step, int(width + step / 2) // step * step)
        change["intermediate_size"] = nearest + (step if nearest < 0.9 * width else 0)
    return changes


def rounded_up(width, multiple):
    return -(-width // multiple) * multiple
