"""Chapter 10: one model on several GPUs: matrices shared, layers staged, experts shared out, and what travels between."""

from .b200_budget import (
    attention_compute_seconds,
    cache_memory_seconds,
    compute_seconds,
    memory_seconds,
    step_seconds,
    weight_compute_seconds,
    weight_memory_seconds,
)
from .capacity import all_memory, bytes_for_batch, bytes_for_one, memory_for_cache, sequences_that_fit
from .cost import capital_per_user, cost_per_million_output_tokens, cost_per_user_hour
from .language.formulas import FLOP, formula, refines, replaces, sequence, token, unit
from .language.operations import in_bytes, largest, smallest, whole
from .many_tokens import (
    guessed_memory_seconds,
    prefill_attention_compute_seconds,
    prefill_cache_seconds,
    prefill_compute_seconds,
    prefill_memory_seconds,
    time_to_first_token,
)
from .request import cost_per_million_input_tokens, cost_per_request, prompt_seconds
from .skipped import (
    buffer_bytes,
    held_bytes_per_sequence,
    pass_tokens,
    sequences_that_fit_paged,
    stored_prefix_bytes,
    vector_seconds,
    withheld_bytes,
)

LAYOUT = ("tensor_parallel", "pipeline_parallel", "expert_parallel")
#: What nobody turns by a per cent.
PARTS = (*LAYOUT, "context_parallel")


@formula(r"G", "1", label="GPUs")
def n_gpus(tensor_parallel, pipeline_parallel, expert_parallel):
    """GPUs that hold the model together: tensor-parallel ones, times stages, times expert-parallel groups."""
    return tensor_parallel * pipeline_parallel * expert_parallel


# What is stored


@formula(r"\kappa", "1", label="copies of each cache")
def kv_copies(tensor_parallel, kv_shards):
    """Copies of a cache among the GPUs that share the matrices: a KV head cannot be cut, so beyond their number it is copied."""
    return tensor_parallel / smallest(tensor_parallel, kv_shards)


@replaces(kv_copies, "context_parallel")
def kv_copies_cut_by_tokens(tensor_parallel, kv_shards, context_parallel):
    """What cannot be cut by heads can be cut by tokens: so many parts for each KV head."""
    return tensor_parallel / smallest(tensor_parallel, kv_shards * context_parallel)


@formula(r"M_{\mathrm{copy}}", "byte", label="weights copied")
def copied_weight_bytes(expert_parallel, weight_bytes, expert_weight_bytes):
    """Weights that every expert-parallel group keeps once more: all but the experts."""
    return (expert_parallel - 1) * (weight_bytes - expert_weight_bytes)


@refines(all_memory, *LAYOUT)
def all_memory_of_gpus(all_memory, n_gpus):
    """The memory of all GPUs."""
    return n_gpus * all_memory


@refines(buffer_bytes, *LAYOUT)
def buffer_bytes_for_links(buffer_bytes, n_gpus):
    """The exchange between GPUs has buffers on each of them: a quarter of a GB, as vLLM's logs say."""
    return buffer_bytes + smallest(1, n_gpus - 1) * 0.25e9 * unit("byte")


@refines(withheld_bytes, *LAYOUT)
def withheld_bytes_of_gpus(withheld_bytes, n_gpus):
    """Every GPU sets its part aside."""
    return n_gpus * withheld_bytes


@refines(memory_for_cache, *LAYOUT)
def memory_for_cache_of_gpus(memory_for_cache, n_gpus, memory, copied_weight_bytes):
    """More GPUs bring their memory, less what they copy."""
    return memory_for_cache + (n_gpus - 1) * memory - copied_weight_bytes


@refines(stored_prefix_bytes, *LAYOUT)
def stored_prefix_bytes_copied(stored_prefix_bytes, kv_copies, expert_parallel):
    """A shared prefix is kept in every group, on its GPUs in parts or in copies."""
    return stored_prefix_bytes * kv_copies * expert_parallel


@refines(held_bytes_per_sequence, *LAYOUT)
def held_bytes_per_sequence_copied(held_bytes_per_sequence, kv_copies):
    """A conversation's cache lies on the GPUs of its group in parts, or in copies."""
    return held_bytes_per_sequence * kv_copies


@replaces(sequences_that_fit, *LAYOUT, over=(sequences_that_fit_paged,),
         otherwise="does not fit: needs {bytes_for_one}, {n_gpus} GPUs have {all_memory}, {missing_bytes} are missing")
def sequences_that_fit_in_groups(expert_parallel, memory_for_cache, held_bytes_per_sequence):
    """Each group keeps its own conversations, whole ones."""
    return expert_parallel * largest(0 * sequence, whole(memory_for_cache / (expert_parallel * held_bytes_per_sequence)))


@refines(bytes_for_batch, *LAYOUT)
def bytes_for_batch_copied(bytes_for_batch, copied_weight_bytes, batch, held_bytes_per_sequence, kv_copies):
    """Copies of weights and caches need room too."""
    return bytes_for_batch + copied_weight_bytes + batch * held_bytes_per_sequence * (1 - 1 / kv_copies)


@refines(bytes_for_one, *LAYOUT)
def bytes_for_one_copied(bytes_for_one, copied_weight_bytes, expert_parallel, held_bytes_per_sequence, kv_copies):
    """The least that serves anyone: one conversation in every group, with all copies."""
    return bytes_for_one + copied_weight_bytes + (expert_parallel - 1 / kv_copies) * held_bytes_per_sequence * sequence


# What is read and multiplied: in one round of the pipeline every conversation gets one token


@formula(r"\nu", "1", label="parts at work at once")
def parts_at_work(pipeline_parallel, expert_parallel, batch):
    """Parts of the batch at work at once: one for each stage of each group, as far as there are conversations."""
    return smallest(pipeline_parallel * expert_parallel, largest(1, batch / sequence))


@refines(pass_tokens, *LAYOUT)
def pass_tokens_of_a_stage(pass_tokens, pipeline_parallel, batch):
    """A pipeline takes the batch in as many parts as it has stages; a conversation cannot be cut."""
    return pass_tokens / smallest(pipeline_parallel, largest(1, batch / sequence))


@formula(r"M_{\mathrm{d}}", "byte", label="dense weights read")
def dense_read_bytes(weight_bytes, expert_weight_bytes):
    """Weights that every pass reads, the experts left out."""
    return weight_bytes - expert_weight_bytes


@refines(dense_read_bytes, "count_weights")
def dense_read_bytes_touched(dense_read_bytes, lookup_bytes):
    """A table that is looked up is not read."""
    return dense_read_bytes - lookup_bytes


@formula(r"M_{\mathrm{x}}", "byte", label="experts read")
def expert_read_bytes(expert_weight_bytes):
    """Experts that a pass reads: all of them, unless only those touched are counted."""
    return expert_weight_bytes


@refines(expert_read_bytes, "count_weights")
def expert_read_bytes_touched(expert_read_bytes, expert_idle_fraction):
    """Experts that nobody asks for are not read."""
    return expert_read_bytes * (1 - expert_idle_fraction)


@formula(r"\rho", "1", label="times a cache counts")
def cache_repeats(kv_copies, pipeline_parallel, expert_parallel, parts_at_work):
    """Times that a cache counts in a round: once a copy, and once more for every stage or group that idles meanwhile."""
    return kv_copies * pipeline_parallel * expert_parallel / parts_at_work


@formula(r"M_{\mathrm{again}}", "byte", label="weights read again")
def repeated_weight_bytes(pipeline_parallel, expert_parallel, dense_read_bytes, expert_read_bytes):
    """Weights that count more than once in a round: for each part of the batch, and in each group."""
    return (pipeline_parallel * expert_parallel - 1) * dense_read_bytes + (pipeline_parallel - 1) * expert_read_bytes


@formula(r"\xi", "1", label="experts of the busiest group", unless="expert_parallel")
def busiest_group(expert_parallel, expert_idle_fraction, n_experts):
    """Experts that the busiest group reads, against the mean: tokens do not visit groups evenly, and everyone waits for that one."""
    # a group's experts are touched or not, n q of n in the mean; the largest of e such numbers lies z standard deviations above,
    # by Blom's share of a sample's largest and Tukey's lambda, which is the normal quantile in powers
    touched = largest(n_experts / expert_parallel * (1 - expert_idle_fraction), 1e-12)
    spread = largest(expert_idle_fraction * (1 - 1 / expert_parallel) / touched, 1e-12) ** 0.5
    share = (expert_parallel - 0.375) / (expert_parallel + 0.25)
    z = 4.91 * (share**0.14 - (1 - share) ** 0.14)
    return smallest(expert_parallel, 1 + z * spread)


@formula(r"M_{\mathrm{wait}}", "byte", label="waiting for the busiest group")
def waited_expert_bytes(expert_read_bytes):
    """What all groups together could read while they wait for the busiest: nothing where each reads all of its experts."""
    return 0 * expert_read_bytes


@replaces(waited_expert_bytes, "count_weights")
def waited_expert_bytes_touched(busiest_group, pipeline_parallel, expert_read_bytes):
    """The group that most tokens visit reads the most."""
    return (busiest_group - 1) * pipeline_parallel * expert_read_bytes


@replaces(memory_seconds, *LAYOUT)
def memory_seconds_of_gpus(step_bytes, repeated_weight_bytes, waited_expert_bytes, cache_repeats, read_cache_bytes, n_gpus, bandwidth):
    """All GPUs read at once, each its part; caches count in each copy."""
    return (step_bytes + repeated_weight_bytes + waited_expert_bytes + (cache_repeats - 1) * read_cache_bytes) / (n_gpus * bandwidth)


@replaces(weight_memory_seconds, *LAYOUT)
def weight_memory_seconds_of_gpus(read_weight_bytes, repeated_weight_bytes, waited_expert_bytes, n_gpus, bandwidth):
    """All GPUs read at once, each its part."""
    return (read_weight_bytes + repeated_weight_bytes + waited_expert_bytes) / (n_gpus * bandwidth)


@refines(guessed_memory_seconds, *LAYOUT)
def guessed_memory_seconds_of_gpus(guessed_memory_seconds, pipeline_parallel, n_gpus):
    """Each GPU reads its part, of every part of the batch."""
    return guessed_memory_seconds * pipeline_parallel / n_gpus


@refines(cache_memory_seconds, *LAYOUT)
def cache_memory_seconds_of_gpus(cache_memory_seconds, cache_repeats, n_gpus):
    """All GPUs read at once, each its part, in each copy."""
    return cache_memory_seconds * cache_repeats / n_gpus


@refines(vector_seconds, *LAYOUT)
def vector_seconds_of_gpus(vector_seconds, n_gpus):
    """All GPUs share the small kernels too, here."""
    return vector_seconds / n_gpus


@refines(compute_seconds, *LAYOUT)
def compute_seconds_of_gpus(compute_seconds, tensor_parallel, parts_at_work):
    """All GPUs that have something to do multiply at once, each its part."""
    return compute_seconds / (tensor_parallel * parts_at_work)


@refines(weight_compute_seconds, *LAYOUT)
def weight_compute_seconds_of_gpus(weight_compute_seconds, tensor_parallel, parts_at_work):
    """All GPUs that have something to do multiply at once, each its part."""
    return weight_compute_seconds / (tensor_parallel * parts_at_work)


@refines(attention_compute_seconds, *LAYOUT)
def attention_compute_seconds_of_gpus(attention_compute_seconds, tensor_parallel, parts_at_work):
    """All GPUs that have something to do attend at once, each its part."""
    return attention_compute_seconds / (tensor_parallel * parts_at_work)


# What travels


# Two tiers: links between the GPUs of a node, so many of them, and a network beyond. Matrices are shared inside a node first,
# groups stand beside each other in it as far as they fit, and stages come last.


def _links(link_bandwidth, link_ways, taking_part):
    """Bytes a second that leave a GPU: of links that are divided in ways, those that lead to one who takes part."""
    return link_bandwidth * smallest(1, largest(1, taking_part - 1) / link_ways)


def _added_up(message, taking_part, bandwidth, latency):
    """Seconds until all have the sum of their messages. Everyone sends all of it to everyone in one exchange, or each adds up a part and
    hands it back in a second one; a ring sends as many bytes as that, with 2(t − 1) latencies, and is never quicker."""
    at_once = latency + (taking_part - 1) * message / bandwidth
    in_parts = 2 * latency + 2 * (taking_part - 1) / taking_part * message / bandwidth
    return smallest(1, taking_part - 1) * smallest(at_once, in_parts)


def _all_reduced(message, near_gpus, nodes_sharing, near_bandwidth, link_latency, network_bandwidth):
    """Seconds of an all-reduce: in each node, and then each GPU its part with those of the other nodes."""
    inside = _added_up(message, near_gpus, near_bandwidth, link_latency)
    return inside + _added_up(message / near_gpus, nodes_sharing, network_bandwidth, link_latency)


def _exchanged(
    message, tensor_parallel, expert_parallel, n_experts, near_groups, unvisited_share, exchange_bandwidth, link_latency, network_bandwidth
):
    """Seconds in which every token reaches each group that has one of its experts: one copy a group, however many experts it visits."""
    sent = message / tensor_parallel * (1 - unvisited_share)
    exchanging = smallest(1, expert_parallel - 1) * smallest(1, n_experts - 1)  # replicas of a model without experts exchange nothing
    inside, beyond = (near_groups - 1) / exchange_bandwidth, (expert_parallel - near_groups) / network_bandwidth
    return exchanging * (link_latency + sent * largest(inside, beyond))


def _handed_over(message, tensor_parallel, pipeline_parallel, link_latency, hand_over_bandwidth):
    """Seconds until the next stage has a message, each GPU its strip."""
    return smallest(1, pipeline_parallel - 1) * (link_latency + message / tensor_parallel / hand_over_bandwidth)


@formula(r"t_{\mathrm{near}}", "1", label="GPUs of a node that share a matrix", unless="tensor_parallel")
def near_gpus(tensor_parallel, gpus_per_node):
    """Of those that share a matrix, the ones in one node."""
    return smallest(tensor_parallel, gpus_per_node)


@formula(r"n_{\mathrm{node}}", "1", label="nodes that share a matrix", unless="tensor_parallel")
def nodes_sharing(tensor_parallel, gpus_per_node):
    """Nodes over which a matrix is shared."""
    return largest(1, tensor_parallel / gpus_per_node)


@formula(r"\beta_{\mathrm{ar}}", "byte/second", label="links of an all-reduce", unless="tensor_parallel")
def near_bandwidth(link_bandwidth, link_ways, near_gpus):
    """Of a GPU's links those that lead to one who takes part."""
    return _links(link_bandwidth, link_ways, near_gpus)


@formula(r"\beta_{\mathrm{hop}}", "byte/second", label="bytes a second to the next stage", unless="pipeline_parallel")
def hand_over_bandwidth(
    tensor_parallel, pipeline_parallel, expert_parallel, gpus_per_node, link_ways, link_bandwidth, network_bandwidth
):
    """To the next stage, in the mean over all: some of them are in another node."""
    nodes = smallest(pipeline_parallel, largest(1, tensor_parallel * expert_parallel * pipeline_parallel / gpus_per_node))
    beyond = smallest(1, nodes - 1) * nodes / pipeline_parallel
    return 1 / ((1 - beyond) * link_ways / link_bandwidth + beyond / network_bandwidth)


@formula(r"m", "byte", label="bytes of a message")
def message_bytes(pass_tokens, expert_parallel, d_model, activation_bits):
    """The vectors of all tokens that one group has in a pass."""
    return pass_tokens / (token * expert_parallel) * d_model * in_bytes(activation_bits)


@formula(r"t_{\mathrm{ar}}", "second", label="one all-reduce", source="Patarasuk and Yuan 2009, all-reduce")
def all_reduce_seconds(message_bytes, near_gpus, nodes_sharing, near_bandwidth, link_latency, network_bandwidth):
    """Adding up the parts of a matrix product on all GPUs that share it: all at once, or part by part, whichever is quicker."""
    return _all_reduced(message_bytes, near_gpus, nodes_sharing, near_bandwidth, link_latency, network_bandwidth)


@formula(r"\epsilon_{\mathrm{near}}", "1", label="groups in a node", unless="expert_parallel")
def near_groups(expert_parallel, gpus_per_node, tensor_parallel):
    """Groups that stand beside each other in a node."""
    return smallest(expert_parallel, largest(1, whole(gpus_per_node / tensor_parallel)))


@formula(r"v_{0}", "1", label="chance that a token skips a group", unless="expert_parallel")
def unvisited_share(n_experts, expert_parallel, experts_per_token):
    """Chance that a token visits none of a group's experts: k different ones of E are chosen, by the mean of the k factors."""
    return largest(0, 1 - n_experts / expert_parallel / (n_experts - (experts_per_token - 1) / 2)) ** experts_per_token


@formula(r"\beta_{\mathrm{x}}", "byte/second", label="links of an exchange", unless="expert_parallel")
def exchange_bandwidth(link_bandwidth, link_ways, gpus_per_node, tensor_parallel, expert_parallel):
    """Of a GPU's links those that lead to one who takes part."""
    return _links(link_bandwidth, link_ways, smallest(gpus_per_node, tensor_parallel * expert_parallel))


@formula(r"t_{\mathrm{a2a}}", "second", label="one exchange of tokens")
def all_to_all_seconds(
    message_bytes, tensor_parallel, expert_parallel, n_experts, near_groups, unvisited_share, exchange_bandwidth, link_latency,
    network_bandwidth,
):
    """Sending every token to its experts, one copy for each group visited: by the links inside a node, by the network beyond."""
    return _exchanged(message_bytes, tensor_parallel, expert_parallel, n_experts, near_groups, unvisited_share, exchange_bandwidth,
                      link_latency, network_bandwidth)


@formula(r"t_{\mathrm{hop}}", "second", label="one hand-over")
def hand_over_seconds(message_bytes, tensor_parallel, pipeline_parallel, link_latency, hand_over_bandwidth):
    """Handing a part of the batch to the next stage, each GPU its strip."""
    return _handed_over(message_bytes, tensor_parallel, pipeline_parallel, link_latency, hand_over_bandwidth)


@formula(r"t_{\mathrm{head}}", "second", label="gathering the head's results")
def head_seconds(
    all_reduce_seconds, pass_tokens, expert_parallel, vocabulary, activation_bits, tensor_parallel, link_latency, link_bandwidth
):
    """Embedding and head are shared by words: one all-reduce for the first, and one GPU is sent everyone's results of the other."""
    results = pass_tokens / (token * expert_parallel) * vocabulary * in_bytes(activation_bits)
    sent = (tensor_parallel - 1) / tensor_parallel * results / link_bandwidth
    return all_reduce_seconds + smallest(1, tensor_parallel - 1) * link_latency + sent


@formula(r"t_{\mathrm{link}}", "second", label="time on the links", unless="tensor_parallel")
def link_seconds(n_layers, all_reduce_seconds, all_to_all_seconds, pipeline_parallel, hand_over_seconds, head_seconds):
    """Two all-reduces a layer, two exchanges a layer of experts (every layer, here), one hand-over a stage, and the head."""
    return 2 * n_layers * (all_reduce_seconds + all_to_all_seconds) + pipeline_parallel * hand_over_seconds + head_seconds


@refines(link_seconds, "context_parallel")
def link_seconds_with_parts(link_seconds, n_layers, context_parallel, message_bytes, tensor_parallel, link_latency, link_bandwidth):
    """Queries go to all who have a part of the cache, and what each found comes back: two exchanges a layer."""
    others = smallest(context_parallel, tensor_parallel) - 1  # as many as there are
    sent = others * message_bytes / tensor_parallel / link_bandwidth
    return link_seconds + 2 * n_layers * (smallest(1, others) * link_latency + sent)


@refines(step_seconds, *LAYOUT)
def step_seconds_with_links(step_seconds, link_seconds):
    """What travels waits for what is multiplied, and the next product waits for it."""
    return step_seconds + link_seconds


# A prompt goes through all stages, chunk after chunk, in the group of its conversation; its experts are everywhere


@formula(r"F_{\mathrm{px}}", "FLOP", label="experts' operations of the prompt")
def prefill_expert_flops(new_tokens, expert_parameters):
    """Operations with routed experts for the new tokens."""
    return 2 * (FLOP / token) * new_tokens * expert_parameters


@refines(prefill_expert_flops, "count_weights")
def prefill_expert_flops_visited(prefill_expert_flops, experts_per_token, n_experts):
    """A token visits a few of them."""
    return prefill_expert_flops * experts_per_token / n_experts


@formula(r"t_{\mathrm{px}}", "second", label="experts, when every group reads a prompt")
def shared_expert_seconds(expert_parallel, prefill_expert_flops, peak_flops, tensor_parallel):
    """What a prompt's experts take longer when other groups have prompts for them too."""
    return (1 - 1 / expert_parallel) * prefill_expert_flops / (peak_flops * tensor_parallel)


@formula(r"m_{\mathrm{p}}", "byte", label="bytes of a chunk's message")
def prefill_message_bytes(new_tokens, prefill_chunks, d_model, activation_bits):
    """The vectors of all tokens of a chunk."""
    return new_tokens / (token * prefill_chunks) * d_model * in_bytes(activation_bits)


@formula(r"t_{\mathrm{par}}", "second", label="one all-reduce of a chunk")
def prefill_all_reduce_seconds(prefill_message_bytes, near_gpus, nodes_sharing, near_bandwidth, link_latency, network_bandwidth):
    """As in a step, of a chunk's tokens together."""
    return _all_reduced(prefill_message_bytes, near_gpus, nodes_sharing, near_bandwidth, link_latency, network_bandwidth)


@formula(r"t_{\mathrm{pa2a}}", "second", label="one exchange of a chunk")
def prefill_all_to_all_seconds(
    prefill_message_bytes, tensor_parallel, expert_parallel, n_experts, near_groups, unvisited_share, exchange_bandwidth, link_latency,
    network_bandwidth,
):
    """As in a step, of a chunk's tokens together."""
    return _exchanged(prefill_message_bytes, tensor_parallel, expert_parallel, n_experts, near_groups, unvisited_share, exchange_bandwidth,
                      link_latency, network_bandwidth)


@formula(r"t_{\mathrm{phop}}", "second", label="one hand-over of a chunk")
def prefill_hand_over_seconds(prefill_message_bytes, tensor_parallel, pipeline_parallel, link_latency, hand_over_bandwidth):
    """As in a step, of a chunk's tokens together."""
    return _handed_over(prefill_message_bytes, tensor_parallel, pipeline_parallel, link_latency, hand_over_bandwidth)


@formula(r"t_{\mathrm{plink}}", "second", label="time on the links for the prompt")
def prefill_link_seconds(
    prefill_chunks, n_layers, prefill_all_reduce_seconds, prefill_all_to_all_seconds, pipeline_parallel, prefill_hand_over_seconds
):
    """As for a step, two all-reduces and two exchanges a layer and chunk, and a hand-over a stage."""
    a_chunk = 2 * n_layers * (prefill_all_reduce_seconds + prefill_all_to_all_seconds)
    return prefill_chunks * (a_chunk + (pipeline_parallel - 1) * prefill_hand_over_seconds)


@refines(prefill_compute_seconds, *LAYOUT)
def prefill_compute_seconds_shared(prefill_compute_seconds, tensor_parallel, shared_expert_seconds):
    """Those that share the matrices work on one prompt at once, and on its experts the GPUs of all groups."""
    return prefill_compute_seconds / tensor_parallel - shared_expert_seconds


@refines(prefill_memory_seconds, *LAYOUT)
def prefill_memory_seconds_shared(prefill_memory_seconds, tensor_parallel, expert_parallel, prefill_chunks, expert_weight_bytes, bandwidth):
    """Those that share the matrices read for one prompt at once, and each group its experts."""
    elsewhere = (1 - 1 / expert_parallel) * prefill_chunks * expert_weight_bytes / bandwidth
    return (prefill_memory_seconds - elsewhere) / tensor_parallel


@refines(prefill_attention_compute_seconds, *LAYOUT)
def prefill_attention_compute_seconds_shared(prefill_attention_compute_seconds, tensor_parallel):
    """Only those that share the matrices attend to one prompt at once."""
    return prefill_attention_compute_seconds / tensor_parallel


@refines(prefill_cache_seconds, *LAYOUT)
def prefill_cache_seconds_shared(prefill_cache_seconds, tensor_parallel):
    """Only those that share the matrices move one prompt's caches."""
    return prefill_cache_seconds / tensor_parallel


@formula(r"o_{\mathrm{g}}", "percent", label="stages that a prompt waits for")
def stage_share(prefill_chunks, pipeline_parallel):
    """Part of a prompt's time that is left where the stages work on its chunks at once: (c + g − 1)/(c g)."""
    return (prefill_chunks + pipeline_parallel - 1) / (prefill_chunks * pipeline_parallel)


@refines(time_to_first_token, *LAYOUT)
def time_to_first_token_with_links(time_to_first_token, prefill_link_seconds, stage_share):
    """The parts of every product have to be added up; while one stage reads a chunk, the next has the one before."""
    return (time_to_first_token + prefill_link_seconds) * stage_share


@formula(r"t_{\mathrm{crowd}}", "second", label="what other groups' prompts add")
def crowding_seconds(prefill_memory_seconds, prefill_compute_seconds, shared_expert_seconds):
    """What multiplying takes longer, beyond reading, when every group has a prompt for the experts."""
    return (largest(prefill_memory_seconds, prefill_compute_seconds + shared_expert_seconds)
            - largest(prefill_memory_seconds, prefill_compute_seconds))


@replaces(crowding_seconds, "count_kernels")
def crowding_seconds_by_kernel(
    prefill_memory_seconds, prefill_cache_seconds, prefill_compute_seconds, prefill_attention_compute_seconds, shared_expert_seconds
):
    """Attention comes after the weights, and waits for nobody."""
    reading, alone = prefill_memory_seconds - prefill_cache_seconds, prefill_compute_seconds - prefill_attention_compute_seconds
    return largest(reading, alone + shared_expert_seconds) - largest(reading, alone)


@refines(prompt_seconds, *LAYOUT)
def prompt_seconds_of_groups(prompt_seconds, stage_share, crowding_seconds, pipeline_parallel, expert_parallel):
    """Each stage is free for the next prompt when it has handed one on, and each group reads prompts of its own."""
    return (prompt_seconds / stage_share + crowding_seconds) / (pipeline_parallel * expert_parallel)


# What it costs


@refines(cost_per_user_hour, *LAYOUT)
def cost_per_user_hour_of_gpus(cost_per_user_hour, n_gpus):
    """All GPUs are rented."""
    return n_gpus * cost_per_user_hour


@refines(capital_per_user, *LAYOUT)
def capital_per_user_of_gpus(capital_per_user, n_gpus):
    """All GPUs are bought."""
    return n_gpus * capital_per_user


@refines(cost_per_million_output_tokens, *LAYOUT)
def cost_per_million_output_tokens_of_gpus(cost_per_million_output_tokens, n_gpus):
    """All GPUs are rented."""
    return n_gpus * cost_per_million_output_tokens


@refines(cost_per_million_input_tokens, *LAYOUT)
def cost_per_million_input_tokens_of_gpus(cost_per_million_input_tokens, n_gpus):
    """All GPUs are rented."""
    return n_gpus * cost_per_million_input_tokens


@refines(cost_per_request, *LAYOUT)
def cost_per_request_of_gpus(cost_per_request, n_gpus):
    """All GPUs are rented."""
    return n_gpus * cost_per_request
