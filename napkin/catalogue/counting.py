"""The sum: weights, caches and operations of a model, over its layers and what stands outside them."""

import math
from collections import Counter

from .blocks import dense_mlp, dense_width, mixture, visited_width
from .fields import MOST_LAYERS, names_of
from .layers import FULL, KINDS, LINEAR, WINDOW, kinds_of, sparse_layers

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


def count(fields, family):
    """The fields of Model that follow from a config, with no layers that only guess further tokens ahead (MTP); and the weights of
    its parts, as `formats.as_released` takes them."""
    n = fields.count("num_hidden_layers", most=MOST_LAYERS)
    d, vocabulary = fields.count("hidden_size"), fields.count("vocab_size")
    kinds, sparse = kinds_of(fields, family, n), sparse_layers(fields, family, n)
    total, layers = _layers(fields, family, kinds, sparse)
    total += _tables(fields, family, d, vocabulary)
    total.update(family.extra(fields, n))
    tables = {name: total.pop(name, 0) for name in ("embedding", "head")}
    experts, visited = (fields.count(name) if any(sparse) else 1 for name in ("num_experts", "num_experts_per_tok"))
    # Experts are alike, so the share of them that one token visits is exact.
    idle = total["expert_parameters"] * (experts - visited) // experts
    lookup = total.pop("lookup", 0)
    numbers = {name: int(value) if value == math.floor(value) else value for name, value in total.items()}
    keeping = [kind for kind in dict.fromkeys(kinds) if kind is not LINEAR] or [FULL]
    shapes = {kind: family.shape(fields, kind) for kind in keeping}
    most = shapes.get(WINDOW) or shapes[keeping[0]]  # where some layers have a window, they are the most
    window = family.window(fields) if numbers.get("window_kv_elements") else None
    selected = family.selects(fields) if numbers.get("selected_kv_elements") else None
    numbers["active_parameters"] = numbers["parameters"] - lookup - idle
    about = {"n_experts": experts, "experts_per_token": visited, "n_layers": n, "d_model": d, "vocabulary": vocabulary}
    about["d_ff"] = visited_width(fields, family) if any(sparse) else dense_width(fields, family)
    looked = {"window": window, "selected_tokens": selected, "max_context": fields.maybe("max_position_embeddings", most=10**9)}
    kept = {"n_heads": most.heads, "n_kv_heads": most.kv_heads, "head_dim": most.key}
    kept |= {"kv_shards": min(shape.kv_heads for shape in shapes.values()), "attention": _in_words(most, kinds, window, selected)}
    rest = numbers["parameters"] - sum(tables.values()) - sum(sum(parts.values()) for parts in layers)
    return {**numbers, **about, **looked, **kept}, {"layers": layers, **tables, "rest": rest}


def _layers(fields, family, kinds, sparse):
    """The sum over the layers, those that are alike counted once; and for each layer the weights of its parts."""
    total, parts = Counter(), {}
    hashed = fields.count(family.experts.hashed, least=0) if family.experts and family.experts.hashed else 0
    norms = family.norms(fields) if callable(family.norms) else family.norms
    each = [(kind, has_experts, i < hashed) for i, (kind, has_experts) in enumerate(zip(kinds, sparse, strict=True))]
    for (kind, has_experts, is_hashed), times in Counter(each).items():
        block = family.attention(fields, family, kind)
        own = kind is LINEAR and not fields.known("linear_attn_config")  # Kimi's are called self_attn as well
        made = {"linear attention" if own else "attention": block["parameters"]}
        mlp = mixture(fields, family, is_hashed) if has_experts else Counter(parameters=dense_mlp(fields, family))
        made["shared experts"], made["experts"] = mlp.pop("shared", 0), mlp["expert_parameters"]
        made["MLP"] = 0 if has_experts else mlp["parameters"]
        parts[kind, has_experts, is_hashed] = {name: weights for name, weights in made.items() if weights}
        block.update(mlp)
        block["parameters"] += norms * family.norm_vectors * fields.count("hidden_size")
        total.update({name: times * value for name, value in block.items()})
    return total, [parts[one] for one in each]


def _tables(fields, family, d, vocabulary):
    """Embedding, head, positions and the last norm; what of them is looked up is multiplied with nothing."""
    width = fields.maybe(family.embedding) or d
    tied = family.tied if fields.get("tie_word_embeddings") is None else fields.on("tie_word_embeddings")
    table = vocabulary * width
    total = Counter(parameters=table * (1 if tied else 2) + vocabulary * fields.on(family.head_bias), lookup=0 if tied else table)
    total.update(embedding=table, head=0 if tied else table)
    if width != d:
        total["parameters"] += 2 * d * width
    if fields.on(family.final_norm):
        total["parameters"] += d * family.norm_vectors
    if family.positions is not None:
        positions = (fields.count("max_position_embeddings") + family.positions) * d
        total.update(parameters=positions, lookup=positions)
    return total


def _in_words(shape, kinds, window, selected):
    """The kind of attention: "grouped-query; 52 of 62 layers look back 1,024 tokens"."""
    says = Counter(kind.says for kind in kinds)
    parts = [shape.words]
    for each in dict.fromkeys(kind.says for kind in KINDS if kind.says):
        if says[each]:
            some = "all layers" if says[each] == len(kinds) else f"{says[each]} of {len(kinds)} layers"
            parts.append(f"{some} {each.format(window=window, selected=selected)}")
    return "; ".join(parts)
