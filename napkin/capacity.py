"""Chapter 5: how many conversations fit, how fast they run, how many users share them."""

from .language.formulas import formula, sequence, token
from .language.operations import largest, whole


@formula(r"C_{\mathrm{kv}}", "byte", label="memory for caches")
def memory_for_cache(memory, weight_bytes):
    """Memory left for conversations once the weights are in."""
    return memory - weight_bytes


@formula(r"M_{1}", "byte", label="memory for one conversation", unless="")  # told where something does not fit, in no table
def bytes_for_one(weight_bytes, kv_bytes_per_sequence):
    """The least memory that serves anyone: the weights and one conversation."""
    return weight_bytes + kv_bytes_per_sequence * sequence


@formula(r"C_{\mathrm{all}}", "byte", label="memory of all GPUs")
def all_memory(memory):
    """Memory of all GPUs together."""
    return memory


@formula(r"X", "byte", label="missing memory")
def missing_bytes(bytes_for_one, all_memory):
    """How far the memory falls short of the weights and one conversation (negative: room left)."""
    return bytes_for_one - all_memory


@formula(r"S", "sequence", whole=True, label="conversations that fit",
         otherwise="does not fit: needs {bytes_for_one}, has {all_memory}, {missing_bytes} are missing")
def sequences_that_fit(memory_for_cache, kv_bytes_per_sequence):
    """Conversations whose caches fit beside the weights, all at full context."""
    return largest(0 * sequence, whole(memory_for_cache / kv_bytes_per_sequence))


@formula(r"M_{B}", "byte", label="memory for the batch")
def bytes_for_batch(weight_bytes, batch, kv_bytes_per_sequence):
    """Memory that a batch needs: the weights and every conversation's cache."""
    return weight_bytes + batch * kv_bytes_per_sequence


@formula(r"X_{B}", "byte", label="memory missing for the batch")
def missing_for_batch(bytes_for_batch, all_memory):
    """How far the memory falls short of the batch (negative: room left)."""
    return bytes_for_batch - all_memory


@formula(r"R_{B}", "sequence", label="room for the batch",
         otherwise="does not fit: a batch of {batch} needs {bytes_for_batch}, has {all_memory}, {missing_for_batch} are missing")
def room_for_batch(sequences_that_fit, batch):
    """Conversations that fit, less those of the batch, counting from one: above zero where the batch fits."""
    return sequences_that_fit - batch + 1 * sequence


@formula(r"U", "user", whole=True, needs=("sequences_that_fit",), otherwise="not one user can be served")
def users(sequences_that_fit, duty_cycle):
    """Users who share the conversations that fit, each there a part of the time."""
    return whole(sequences_that_fit / duty_cycle)


@formula(r"r", "token/second", label="tokens a second", digits=4)
def tokens_per_second(batch, step_seconds):
    """New tokens a second, all conversations together."""
    return batch * (token / sequence) / step_seconds


@formula(r"r_{1}", "token/second/sequence", label="tokens a second, each")
def tokens_per_second_per_user(step_seconds):
    """New tokens a second for one conversation while it is being worked on."""
    return token / sequence / step_seconds


@formula(r"t_{\mathrm{tok}}", "second", label="time an output token")
def time_per_output_token(tokens_per_second_per_user):
    """Time between two tokens of one conversation."""
    return token / sequence / tokens_per_second_per_user
