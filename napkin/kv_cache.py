"""Chapter 3: what a conversation keeps in memory, and what one more token then costs."""

from .language.formulas import FLOP, formula, sequence, token
from .language.operations import in_bytes


@formula(r"k", "byte/token", label="cache a token", source="Ainslie et al. 2023, grouped-query attention")
def kv_bytes_per_token(n_layers, n_kv_heads, head_dim, kv_bits):
    """Keys and values of one token, over all layers; n_kv_heads is n_heads for MHA, 1 for MQA, between for GQA."""
    return 2 / token * n_layers * n_kv_heads * head_dim * in_bytes(kv_bits)


@formula(r"K", "byte/sequence", label="cache a conversation")
def kv_bytes_per_sequence(kv_bytes_per_token, context):
    """Keys and values of one whole conversation."""
    return kv_bytes_per_token * (context / sequence)


@formula(r"F_{\mathrm{w}}", "FLOP/token", label="weight operations a token", source="Kaplan et al. 2020, equation 2.2")
def weight_flops_per_token(parameters):
    """Operations of all weight products for one token: one multiplication, one addition a weight."""
    return 2 * (FLOP / token) * parameters


@formula(r"F_{\mathrm{a}}", "FLOP/token", label="attention operations a token")
def attention_flops_per_token(attention_flops_per_pair, context):
    """Operations of attention for one new token that looks back on the whole context."""
    return attention_flops_per_pair * context


@formula(r"M_{\mathrm{w}}", "byte", label="weights")
def weight_bytes(parameters, weight_bits):
    """Bytes of all weights."""
    return parameters * in_bytes(weight_bits)


@formula(r"I_{\mathrm{w}}", "FLOP/byte", label="intensity of the weights")
def weight_intensity(batch, weight_bits):
    """Operations for every byte of weights, when the batch shares one reading of them: 16B/b, so 2B at 8 bits."""
    return 2 * (FLOP / sequence) * batch / in_bytes(weight_bits)


@formula(r"I_{\mathrm{kv}}", "FLOP/byte", label="intensity of the cache")
def kv_intensity(n_heads, n_kv_heads, kv_bits):
    """Operations for every byte of cache: each is read for one conversation, so no batch raises it."""
    return 2 * FLOP * n_heads / (n_kv_heads * in_bytes(kv_bits))
