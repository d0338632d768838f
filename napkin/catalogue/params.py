"""The params.json that Meta and Mistral release, read as a config.json."""

from .fields import Fields
from .layers import rounded_up

#: Fields of params.json, and the names that configs give them.
NAMES = {
    "dim": "hidden_size", "n_layers": "num_hidden_layers", "n_heads": "num_attention_heads", "n_kv_heads": "num_key_value_heads",
    "head_dim": "head_dim", "hidden_dim": "intermediate_size", "vocab_size": "vocab_size", "sliding_window": "sliding_window",
    "max_seq_len": "max_position_embeddings", "max_position_embeddings": "max_position_embeddings",
    "tied_embeddings": "tie_word_embeddings", "tie_embeddings": "tie_word_embeddings", "n_groups": "n_groups",
    "quantization_config": "quantization_config", "q_lora_rank": "q_lora_rank",
    "kv_lora_rank": "kv_lora_rank", "qk_rope_head_dim": "qk_rope_head_dim", "qk_nope_head_dim": "qk_nope_head_dim",
    "v_head_dim": "v_head_dim",
}  # fmt: skip
EXPERTS = {
    "num_experts": "num_experts", "num_experts_per_tok": "num_experts_per_tok", "expert_hidden_dim": "moe_intermediate_size",
    "first_k_dense_replace": "first_k_dense_replace", "num_shared_experts": "n_shared_experts", "top_k": "num_experts_per_tok",
    "interleave_moe_layer_step": "interleave_moe_layer_step",
}  # fmt: skip


def as_config(params):
    """A params.json as a config; a config as it is."""
    nested = params.get("text_model")
    if isinstance(nested, dict) and "dim" in nested:
        params = {**params, **nested}
    if "ssm_cfg" in params and "model_type" not in params:
        return _states(params)
    if "dim" not in params or "n_layers" not in params or "hidden_size" in params:
        return params
    if params.get("model_type") == "mamba":
        return {"model_type": "mamba2", **_renamed(params), "num_heads": params["dim"] * 2 // 64 if type(params["dim"]) is int else None}
    config, experts = _renamed(params), {}
    for name in ("moe", "moe_args"):
        if isinstance(params.get(name), dict):
            experts = {new: params[name][old] for old, new in EXPERTS.items() if old in params[name]}
    config["model_type"] = _kind(params, experts)
    if "hidden_dim" not in params:
        config |= _meta(Fields(params))
    if config["model_type"] == "llama4":  # the width is that of all experts which a token visits, the shared one too
        width = config["intermediate_size_mlp"] = config.get("intermediate_size")
        visited = 1 + Fields(params).inner("moe_args").count("top_k", 1)
        config["intermediate_size"] = width // visited if type(width) is int else width
    return {**config, **experts, **{name: {} for name in ("vision_encoder", "multimodal") if params.get(name)}}


def _renamed(params):
    return {new: params[old] for old, new in NAMES.items() if params.get(old) is not None}


def _kind(params, experts):
    """The architecture, which a params.json does not name."""
    if params.get("kv_lora_rank"):
        return "deepseek_v3"
    if "moe_args" in params:
        return "llama4"
    return "mixtral" if experts else "llama"


def _meta(fields):
    """Meta gives no width of the MLP but how it is made, and in the first releases leaves the vocabulary to the tokenizer."""
    width, times = 4 * fields.count("dim"), fields.get("ffn_dim_multiplier", fields.get("ffn_exp", 1))
    times = times if isinstance(times, (int, float)) and not isinstance(times, bool) and 0 < times < 100 else 1
    width = rounded_up(int(times * int(2 * width / 3)), fields.count("multiple_of", 256))
    return {"intermediate_size": width, **({"vocab_size": 32_000} if fields.get("vocab_size", -1) == -1 else {})}


def _states(params):
    """Mamba as first released."""
    settings = params["ssm_cfg"] if isinstance(params["ssm_cfg"], dict) else {}
    multiple = params.get("pad_vocab_size_multiple", 8)
    config = {**params, "tie_word_embeddings": params.get("tie_embeddings", True)}
    if type(params.get("vocab_size")) is int and type(multiple) is int and multiple > 0:
        config["vocab_size"] = rounded_up(params["vocab_size"], multiple)
    if settings.get("layer") != "Mamba2":
        return {**config, "model_type": "mamba"}
    d = params.get("d_model")
    heads = d * 2 // 64 if type(d) is int else None
    return {**config, "model_type": "mamba2", "num_heads": heads, "n_groups": 1}
