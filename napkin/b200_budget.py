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


@formula(r"t_{\mathrm{step}}", "second", label="time of a step", digits=4, needs=("room_for_batch",))
def step_seconds(memory_seconds, compute_seconds):
    """Time of one step: reading and multiplying overlap, the slower one decides."""
    return largest(memory_seconds, compute_seconds)


@formula(r"\iota", "percent", label="compute idle")
def compute_idle_fraction(step_seconds, compute_seconds):
    """Part of a step in which the multipliers wait for memory."""
    return (step_seconds - compute_seconds) / step_seconds


# Kernels follow each other: what the weights ask for is over before attention begins, so neither hides behind the other


@formula(r"M_{\mathrm{W}}", "byte", label="weights read")
def read_weight_bytes(weight_bytes):
    """Weights that a step reads: all of them, once for the whole batch."""
    return weight_bytes


@formula(r"M_{\mathrm{K}}", "byte", label="caches read")
def read_cache_bytes(batch, kv_bytes_per_sequence):
    """Caches that a step reads: every conversation's own."""
    return batch * kv_bytes_per_sequence


@formula(r"F_{\mathrm{W}}", "FLOP", label="operations on the weights")
def weight_step_flops(batch, weight_flops_per_token):
    """Operations of all weight products of a step."""
    return batch * (token / sequence) * weight_flops_per_token


@formula(r"F_{\mathrm{A}}", "FLOP", label="attention of a step")
def attention_step_flops(batch, attention_flops_per_token):
    """Operations of attention for one step of the whole batch."""
    return batch * (token / sequence) * attention_flops_per_token


@formula(r"t_{\mathrm{Wr}}", "second", label="weights, reading")
def weight_memory_seconds(read_weight_bytes, bandwidth):
    """Time to read the weights of a step."""
    return read_weight_bytes / bandwidth


@formula(r"t_{\mathrm{Wm}}", "second", label="weights, multiplying")
def weight_compute_seconds(weight_step_flops, peak_flops):
    """Time to multiply with the weights."""
    return weight_step_flops / peak_flops


@formula(r"t_{\mathrm{Kr}}", "second", label="caches, reading")
def cache_memory_seconds(read_cache_bytes, bandwidth):
    """Time to read the caches of a step."""
    return read_cache_bytes / bandwidth


@formula(r"t_{\mathrm{Am}}", "second", label="attention, multiplying")
def attention_compute_seconds(attention_step_flops, peak_flops):
    """Time for the operations of attention."""
    return attention_step_flops / peak_flops


@formula(r"t_{\mathrm{W}}", "second", label="time for the weights", digits=4)
def weight_seconds(weight_memory_seconds, weight_compute_seconds):
    """The products with the weights: reading and multiplying overlap inside a kernel, the slower one decides."""
    return largest(weight_memory_seconds, weight_compute_seconds)


@formula(r"t_{\mathrm{A}}", "second", label="time for attention", digits=4)
def attention_seconds(cache_memory_seconds, attention_compute_seconds):
    """Attention: reading the caches and multiplying with them overlap likewise."""
    return largest(cache_memory_seconds, attention_compute_seconds)


# From the balanced batch on the weights cost their multiplying, the caches their reading, and both grow with the batch


@formula(r"s", "FLOP/token/token", label="slack per cached token",
         otherwise="attention itself is bound by compute: a cache brings at least the {machine_balance} that the GPU wants")
def slack_flops_per_context_token(machine_balance, kv_bytes_per_token, attention_flops_per_pair):
    """Operations that the GPU could do while one token of cache is read, less those that attention has for it."""
    return machine_balance * kv_bytes_per_token / token - attention_flops_per_pair


@formula(r"N_{1/2}", "token", label="context at half the peak", needs=("slack_flops_per_context_token",))
def half_peak_context(weight_flops_per_token, machine_balance, kv_bytes_per_token):
    """Context at which reading a conversation's cache takes as long as multiplying its token with all weights."""
    return weight_flops_per_token / (machine_balance * kv_bytes_per_token) * token


@formula(r"\eta", "percent", label="most of the peak that a batch can reach", needs=("slack_flops_per_context_token",))
def best_compute_share(context, half_peak_context):
    """Part of a step in which weights are multiplied, from the balanced batch on: 1/(1 + N/N½). No batch has more."""
    return 1 / (1 + context / half_peak_context)
