"""The sum: weights, caches and operations of a model, over its layers and what stands outside them."""

import math
from collections import Counter
from dataclasses import dataclass, replace

from .blocks import dense_mlp, dense_width, empty_experts, mixture, visited_width
from .fields import MOST_LAYERS, names_of
from .layers import CHUNKS, FULL, KINDS, NOTHING, WINDOW, Kind, kinds_of, sparse_layers

#: Fields that change the count where they are set, for the architectures that are not said to count them.
CHANGES_THE_COUNT = """
    num_kv_shared_layers hidden_size_per_layer_input use_double_wide_mlp altup_num_inputs laurel_rank
    routed_expert_hidden_size moe_latent_size block_configs per_layer_config cross_attention_layers is_encoder_decoder
    add_cross_attention hybrid_override_pattern attention_output_gate linear_attn_config mamba_d_state ssm_state_size
    use_share_kv use_cla mla_use_output_gate q_lora_rank kv_lora_rank index_topk compress_ratios compress_rates
    n_shared_experts num_shared_experts shared_expert_intermediate_size num_experts num_local_experts n_routed_experts
    sparse_attention_config enable_moe_block shared_intermediate_size expand o_lora_rank
""".split()


def uncounted(config, family):
    """The first field of the config that would change the count, but not in this family; None if there is none."""
    switches = [*vars(family).values(), *(["num_experts", *vars(family.experts).values()] if family.experts else ())]
    counted = {each for name in (*family.counts, *switches) if isinstance(name, str) for each in names_of(name)}
    counted.update(name for name in names_of("num_experts") if config.get(name) == 1)  # a single one is a plain MLP
    return next((name for name in CHANGES_THE_COUNT if name not in counted and config.get(name) not in (None, False, 0, [], {})), None)


@dataclass(frozen=True)
class Layer:
    """What there is to know of one layer; those that are equal are counted once."""

    kind: Kind
    has_experts: bool
    is_hashed: bool
    is_bare: bool
    changes: tuple  # of the config's fields


def count(fields, family):
    """The fields of Model that follow from a config, with no layers that only guess further tokens ahead (MTP); and the weights of
    its parts, as `formats.as_released` takes them."""
    fields = fields.but(**family.also(fields))
    n = fields.count("num_hidden_layers", most=MOST_LAYERS)
    d, vocabulary = fields.count("hidden_size"), fields.count("vocab_size")
    layers = _layers(fields, family, n)
    total, made = _sum(fields, family, layers)
    total += _tables(fields, family, d, vocabulary)
    total.update(family.extra(fields, n))
    tables = {name: total.pop(name, 0) for name in ("embedding", "head")}
    sparse = [layer for layer in layers if layer.has_experts]
    experts, visited = (fields.count(name) if sparse else 1 for name in ("num_experts", "num_experts_per_tok"))
    if sparse and (empty := empty_experts(fields, family.experts)):
        visited = max(round(visited * experts / (experts + empty)), 1)  # on average, where the choice is even
    # Experts are alike, so the share of them that one token visits is exact.
    idle = total["expert_parameters"] * (experts - visited) // experts
    lookup = total.pop("lookup", 0)
    numbers = {name: int(value) if value == math.floor(value) else value for name, value in total.items()}
    keeping = [layer for layer in layers if layer.kind.cache not in ("", "state")] or [replace(layers[0], kind=FULL)]
    shapes = {layer: family.shape(fields.but(**dict(layer.changes)), layer.kind) for layer in dict.fromkeys(keeping)}
    # Where some layers have a window, they are the most.
    most = shapes[next((layer for layer in keeping if layer.kind is WINDOW), keeping[0])]
    window = family.window(fields) if numbers.get("window_pair_flops") else None
    selected = family.selects(fields) if numbers.get("selected_pair_flops") else None
    numbers["active_parameters"] = numbers["parameters"] - lookup - idle
    about = {"n_experts": experts, "experts_per_token": visited, "n_layers": n, "d_model": d, "vocabulary": vocabulary}
    about["d_ff"] = visited_width(fields, family) if sparse else _mean_width(fields, family, layers)
    chunked = sum(layer.kind is CHUNKS for layer in layers) / max(1, sum(layer.kind.cache == CHUNKS.cache for layer in layers))
    looked = {
        "window": window,
        "chunked_windows": chunked,
        "selected_tokens": selected,
        "max_context": fields.maybe("max_position_embeddings", most=10**9),
    }
    kept = {"n_heads": most.heads, "n_kv_heads": most.kv_heads, "head_dim": most.key}
    words = _in_words(most, [layer.kind for layer in layers], window, selected)
    kept |= {"kv_shards": min(shape.kv_heads for shape in shapes.values()), "attention": words}
    rest = numbers["parameters"] - sum(tables.values()) - sum(sum(parts.values()) for parts in made)
    return {**numbers, **about, **looked, **kept}, {"layers": made, **tables, "rest": rest}


def _layers(fields, family, n):
    """The n layers."""
    hashed = fields.count(family.experts.hashed, least=0) if family.experts and family.experts.hashed else 0
    kinds, sparse, bare = kinds_of(fields, family, n), sparse_layers(fields, family, n), family.bare(fields, n)
    changes = [
        tuple(sorted((name, value) for name, value in each.items() if isinstance(value, (int, str)))) for each in family.vary(fields, n)
    ]
    every = zip(kinds, sparse, (i < hashed for i in range(n)), bare, changes, strict=True)
    return [Layer(*each) for each in every]


def _sum(fields, family, layers):
    """The sum over the layers, those that are equal counted once; and for each layer the weights of its parts."""
    total, parts = Counter(), {}
    norms = family.norms(fields) if callable(family.norms) else family.norms
    for layer, times in Counter(layers).items():
        mine, both = fields.but(**dict(layer.changes)), 2 - layer.is_bare - (layer.kind is NOTHING)
        block = family.attention(mine, family, layer.kind) if layer.kind is not NOTHING else Counter()
        # Kimi's linear layers are called self_attn as well
        linear = layer.kind.cache == "state" and not fields.known("linear_attn_config")
        made = {"linear attention" if linear else "attention": block["parameters"]}
        if not layer.is_bare:
            mlp = mixture(mine, family, layer.is_hashed) if layer.has_experts else Counter(parameters=dense_mlp(mine, family))
            made |= {"shared experts": mlp.pop("shared", 0), "experts": mlp["expert_parameters"]}
            made["MLP"] = 0 if layer.has_experts else mlp["parameters"]
            block.update(mlp)
        parts[layer] = {name: weights for name, weights in made.items() if weights}
        block["parameters"] += norms * both // 2 * family.norm_vectors * fields.count("hidden_size")
        total.update({name: times * value for name, value in block.items()})
    return total, [parts[layer] for layer in layers]


def _mean_width(fields, family, layers):
    """The width of the MLP, on average over the layers that have one; None where none has."""
    widths = [dense_width(fields.but(**dict(layer.changes)), family) for layer in layers if not layer.is_bare]
    return round(sum(widths) / len(widths)) if widths else None


def _tables(fields, family, d, vocabulary):
    """Embedding, head, positions and the last norm; what of them is looked up is multiplied with nothing."""
    width = fields.maybe(family.embedding) or d
    tied = family.tied if fields.get("tie_word_embeddings") is None else fields.on("tie_word_embeddings")
    table, labels = vocabulary * width, _labels(fields)
    if labels:
        total = Counter(parameters=table + labels, lookup=table)
    else:
        total = Counter(parameters=table * (1 if tied else 2) + vocabulary * fields.on(family.head_bias), lookup=0 if tied else table)
    total.update(embedding=table, head=0 if tied or labels else table)
    if width != d:
        total["parameters"] += 2 * d * width
    if fields.on(family.final_norm):
        total["parameters"] += d * family.norm_vectors
    if family.positions is not None:
        positions = (fields.count("max_position_embeddings") + family.positions) * d
        total.update(parameters=positions, lookup=positions)
    return total


def _labels(fields):
    """Weights of a head that gives scores in place of tokens; 0 where there is none."""
    called, labels = fields.get("architectures"), fields.get("id2label")
    called = str(called[0]) if isinstance(called, list) and called else ""
    if not called.endswith(("ForSequenceClassification", "ForTokenClassification", "RewardModel")):
        return 0
    scores = fields.count("num_labels", len(labels) if isinstance(labels, dict) and labels else 1)
    return scores * (fields.count("hidden_size") + (not called.endswith("ForSequenceClassification")))


def _in_words(shape, kinds, window, selected):
    """The kind of attention: "grouped-query; 52 of 62 layers look back 1,024 tokens"."""
    says = Counter(kind.says for kind in kinds)
    parts = [shape.words]
    for each in dict.fromkeys(kind.says for kind in KINDS if kind.says):
        if says[each]:
            some = "all layers" if says[each] == len(kinds) else f"{says[each]} of {len(kinds)} layers"
            parts.append(f"{some} {each.format(window=window, selected=selected)}")
    return "; ".join(parts)
