"""Chapter 2: what attention multiplies and loads, for a batch of conversations."""

from .language.formulas import FLOP, element, formula, sequence, token


@formula(r"F_{\mathrm{proj}}", "FLOP", label="operations of one projection")
def projection_flops(batch, tokens, d_model):
    """Operations of one projection X·W, with X of shape (B, n, d) and W of shape (d, d)."""
    return 2 * (FLOP / token) * batch * tokens * d_model**2


@formula(r"A_{\mathrm{proj}}", "element", label="loads, weights shared")
def projection_loads(batch, tokens, d_model):
    """Elements loaded for one projection when the whole batch shares one reading of the weights."""
    return element * d_model * (batch * tokens / token + d_model)


@formula(r"A_{\mathrm{apart}}", "element", label="loads, weights apart")
def projection_loads_apart(batch, tokens, d_model):
    """Elements loaded when every conversation reads the weights anew: the article's B·d·(N + d)."""
    return element / sequence * batch * d_model * (tokens / (token / sequence) + d_model)


@formula(r"I_{\mathrm{proj}}", "FLOP/element", label="operations an element loaded")
def projection_intensity(projection_flops, projection_loads):
    """Operations of a projection for every element that it loads."""
    return projection_flops / projection_loads


@formula(r"a", "FLOP/token/token", label="attention per pair of tokens", source="Kaplan et al. 2020, table 1, without the projections")
def attention_flops_per_pair(n_layers, n_heads, head_dim):
    """Operations of one token attending to one other, over all layers: a score and its share of the sum."""
    return 4 * (FLOP / token / token) * n_layers * n_heads * head_dim
