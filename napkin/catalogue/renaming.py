"""Fields of configs that go by names of their own, under the names of the others.

A family's `also` takes the fields as they stand and returns those to read besides, or in their place.
"""

from ..language.errors import NapkinError
from .fields import short
from .layers import rounded_up


def given(**fields):
    """Without what is None."""
    return {name: value for name, value in fields.items() if value is not None}


def several_names(**names):
    """Fields that are read from others, by name."""
    return lambda fields: given(**{name: fields.get(other) for name, other in names.items()})


def halved(fields):
    """Qwen's first, Molmo: the MLP's width is that of two matrices."""
    return {"intermediate_size": fields.count("intermediate_size") // 2, **several_names(head_dim="kv_channels")(fields)}


def molmo(fields):
    return {**halved(fields), **several_names(vocab_size="embedding_size", tie_word_embeddings="weight_tying")(fields)}


def chatglm(fields):
    """ChatGLM 2 and 3, GLM-4 as first released."""
    groups = fields.get("multi_query_group_num") if fields.on("multi_query_attention") else fields.get("num_attention_heads")
    return given(
        vocab_size=fields.get("padded_vocab_size"), head_dim=fields.get("kv_channels"), num_key_value_heads=groups,
        attention_bias=fields.on("add_qkv_bias") or fields.on("add_bias_linear"),
    )  # fmt: skip


def chatglm_6b(fields):
    return given(intermediate_size=fields.get("inner_hidden_size"))


def mpt(fields):
    attention, d = fields.inner("attn_config"), fields.count("hidden_size")
    kinds = {"multiquery_attention": 1, "grouped_query_attention": attention.get("num_key_value_heads")}
    heads = attention.get("num_key_value_heads", kinds.get(str(attention.get("attn_type"))))
    return given(num_key_value_heads=heads, intermediate_size=fields.count("expansion_ratio", 4) * d)


def dbrx(fields):
    attention, experts = fields.inner("attn_config"), fields.inner("ffn_config")
    return given(
        num_key_value_heads=attention.get("num_key_value_heads", fields.get("num_key_value_heads")),
        intermediate_size=experts.get("intermediate_size"), num_experts=experts.get("num_experts"),
        num_experts_per_tok=experts.get("num_experts_per_tok"),
    )  # fmt: skip


def nemotron_h(fields):
    """As many layers as there are letters."""
    letters = fields.get("hybrid_override_pattern") if fields.get("layer_types") is None else fields.get("layer_types")
    return {"num_hidden_layers": len(letters)} if isinstance(letters, (str, list)) and letters else {}


def zamba2(fields):
    """As many layers as there are kinds, and an MLP four times as wide as the model."""
    named = fields.get("layer_types")
    width = fields.get("intermediate_size", 4 * fields.count("hidden_size"))
    return {**({"num_hidden_layers": len(named)} if isinstance(named, list) and named else {}), "intermediate_size": width}


def mamba2(fields):
    heads, width = fields.get("num_heads", 128), fields.get("head_dim", 64)
    return {"mamba_num_heads": heads, "mamba_head_dim": width}


def lfm2(fields):
    """The MLP's width is adjusted, unless the config says that it is not."""
    width = fields.count("block_ff_dim") if fields.known("block_ff_dim") else fields.count("intermediate_size")
    if fields.get("block_auto_adjust_ff_dim", True):
        width, times = int(2 * width / 3), fields.get("block_ffn_dim_multiplier", 1.0)
        if isinstance(times, bool) or not isinstance(times, (int, float)) or not 0 < times < 1000:
            raise NapkinError(f"block_ffn_dim_multiplier must be a number above 0, got {short(times)}")
        width = rounded_up(int(times * width), fields.count("block_multiple_of", 256))
    return {"intermediate_size": width, **several_names(tie_word_embeddings="tie_embedding")(fields)}


def trimmed(fields):
    """Step: lists that go on for the layers that guess further tokens ahead (MTP)."""
    n, named = fields.count("num_hidden_layers"), fields.get("layer_types")
    heads = fields.get("num_attention_groups", fields.get("num_key_value_heads"))
    return given(layer_types=named[:n] if isinstance(named, list) else None, num_key_value_heads=heads)


def longcat(fields):
    """Each layer of the config is two, of which the first has experts beside its MLP."""
    layers = fields.maybe("num_layers")
    return {} if layers is None else {"num_hidden_layers": 2 * layers}


def bailing_hybrid(fields):
    """Linear layers have as many heads as the others, of the width that head_dim says."""
    return given(
        linear_num_heads=fields.get("linear_num_heads", fields.get("num_attention_heads")),
        linear_head_dim=fields.get("linear_head_dim", fields.get("head_dim", 128)),
        linear_conv_kernel_dim=fields.get("linear_conv_kernel_dim", fields.get("short_conv_kernel_size", 4)),
    )


def internlm3(fields):
    return given(qkv_bias=fields.get("qkv_bias", fields.get("attention_bias")), bias=fields.get("bias", fields.get("attention_bias")))


def minicpm3(fields):
    """Values as long as the width over the heads, where the config does not say."""
    return {"v_head_dim": fields.get("v_head_dim") or max(fields.count("hidden_size") // fields.count("num_attention_heads"), 1)}


def openelm(fields):
    """Heads and widths are lists; these are of the first layer."""
    heads, kv_heads = ((fields.numbers(name) or [None])[0] for name in ("num_query_heads", "num_kv_heads"))
    names = several_names(
        hidden_size="model_dim", num_hidden_layers="num_transformer_layers", tie_word_embeddings="share_input_output_layers",
        max_position_embeddings="max_context_length",
    )  # fmt: skip
    return {**names(fields), **given(num_attention_heads=heads, num_key_value_heads=kv_heads)}


def gpt_neo(fields):
    return given(num_attention_heads=fields.get("num_heads"), sliding_window=fields.get("window_size", 256))


def rwkv(times):
    """RWKV: the width inside the MLP, where the config leaves it out."""

    def also(fields):
        d = fields.count("hidden_size")
        return {"intermediate_size": fields.get("intermediate_size", int(times * d) // 32 * 32), "num_attention_heads": 1}

    return also
