"""Chapter 4: what a step of the whole batch asks of the GPU, and which of its three numbers runs out."""

from .language.formulas import FLOP, formula, sequence, token
from .language.operations import in_bytes, largest, smallest


@formula(r"I_{\mathrm{ridge}}", "FLOP/byte", digits=4, source="Williams et al. 2009, roofline")
def machine_balance(peak_flops, bandwidth):
    """Operations that the GPU can do while one byte arrives."""
    return peak_flops / bandwidth


@formula(r"B^{*}", "sequence", label="batch that balances the weights")
def balanced_batch(machine_balance, weight_bits):
    """Batch at which the weights alone keep multipliers and memory equally busy."""
    return machine_balance * in_bytes(weight_bits) / (2 * (FLOP / sequence))


@formula(r"M_{\mathrm{step}}", "byte", label="bytes a step")
def step_bytes(weight_bytes, batch, kv_bytes_per_sequence):
    """Bytes read for one step: all weights once, and every conversation's cache."""
    return weight_bytes + batch * kv_bytes_per_sequence


@formula(r"F_{\mathrm{step}}", "FLOP", label="operations a step")
def step_flops(batch, weight_flops_per_token, attention_flops_per_token):
    """Operations of one step: one new token for every conversation."""
    return batch * (token / sequence) * (weight_flops_per_token + attention_flops_per_token)


@formula(r"t_{\mathrm{mem}}", "second", label="time to read", digits=4)
def memory_seconds(step_bytes, bandwidth):
    """Time to read the bytes of one step."""
    return step_bytes / bandwidth


@formula(r"t_{\mathrm{mul}}", "second", label="time to multiply")
def compute_seconds(step_flops, peak_flops):
    """Time for the operations of one step, attention's included."""
    return step_flops / peak_flops


@formula(r"I", "FLOP/byte", label="intensity of the step")
def arithmetic_intensity(step_flops, step_bytes):
    """Operations of one step for every byte that it reads."""
    return step_flops / step_bytes


@formula(r"\phi", "FLOP/second", label="attainable rate", source="Williams et al. 2009, roofline")
def attainable_flops(peak_flops, intensity, bandwidth):
    """The roofline: operations a second at an arithmetic intensity."""
    return smallest(peak_flops, intensity * bandwidth)


@formula(r"s", "FLOP/token/token", label="slack per cached token",
         otherwise="any context does: the cache alone brings at least the {machine_balance} that the GPU wants")
def slack_flops_per_context_token(machine_balance, kv_bytes_per_token, attention_flops_per_pair):
    """Operations that the GPU could do while one token of cache is read, less those that attention has for it."""
    return machine_balance * kv_bytes_per_token / token - attention_flops_per_pair


@formula(r"N^{*}", "token", label="longest context that can fill the compute", needs=("slack_flops_per_context_token",))
def compute_bound_context(weight_flops_per_token, slack_flops_per_context_token):
    """Context beyond which no batch, however large, makes the multipliers the bottleneck."""
    return weight_flops_per_token / slack_flops_per_context_token


@formula(r"G", "FLOP/token", label="spare operations a token", otherwise="no batch does, at any context beyond {compute_bound_context}")
def spare_flops_per_token(weight_flops_per_token, context, slack_flops_per_context_token):
    """Weight operations of a token that are left to cover the reading of the weights once its cache is read."""
    return weight_flops_per_token - context * slack_flops_per_context_token


@formula(r"B_{\mathrm{fill}}", "sequence", label="batch that fills the compute", needs=("spare_flops_per_token",))
def compute_bound_batch(machine_balance, weight_bytes, spare_flops_per_token):
    """Batch at which reading and multiplying take equally long, caches and attention included."""
    return machine_balance * weight_bytes / (spare_flops_per_token * (token / sequence))


@formula(r"t_{\mathrm{step}}", "second", label="time of a step", digits=4, needs=("room_for_batch",))
def step_seconds(memory_seconds, compute_seconds):
    """Time of one step: reading and multiplying overlap, the slower one decides."""
    return largest(memory_seconds, compute_seconds)


@formula(r"\iota", "percent", label="compute idle")
def compute_idle_fraction(step_seconds, compute_seconds):
    """Part of a step in which the multipliers wait for memory."""
    return (step_seconds - compute_seconds) / step_seconds
