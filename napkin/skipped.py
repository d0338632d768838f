"""Chapter 7: what the napkin skipped: every weight, every kind of cache, every format, and all that is not a matrix product.

Each refinement hangs on a switch of notation.py; the article's numbers stand until it is turned on.
"""

from .b200_budget import (
    attention_compute_seconds,
    compute_seconds,
    read_cache_bytes,
    read_weight_bytes,
    step_bytes,
    step_flops,
    step_seconds,
)
from .capacity import bytes_for_batch, bytes_for_one, memory_for_cache, sequences_that_fit
from .kv_cache import attention_flops_per_token, kv_bytes_per_sequence, kv_bytes_per_token, weight_bytes, weight_flops_per_token
from .language.formulas import FLOP, element, formula, refines, replaces, sequence, token, unit
from .language.operations import choose, in_bytes, largest, smallest, whole, whole_up


def _each(bits):
    """Bytes of one element of so many bits."""
    return in_bytes(bits) / element


def _unused(tokens, page):
    """Room that so many tokens leave on their last page."""
    return whole_up(tokens / page) * page - tokens


# What a model is made of


@formula(r"P_{\mathrm{attn}}", "1", label="attention weights of a layer")
def attention_parameters(d_model, n_heads, n_kv_heads, head_dim):
    """Weights of one attention block: queries and output for every head, keys and values for every KV head."""
    return d_model * head_dim * (2 * n_heads + 2 * n_kv_heads)


@formula(r"P_{\mathrm{mlp}}", "1", label="MLP weights of a layer", source="Shazeer 2020, gated linear units")
def mlp_parameters(mlp_matrices, d_model, d_ff):
    """Weights of one MLP: up and down, and a gate where there is one."""
    return mlp_matrices * d_model * d_ff


@formula(r"P_{\mathrm{voc}}", "1", label="one table of the vocabulary")
def table_parameters(vocabulary, d_model):
    """Weights of the embedding, or of the head: a vector for every token of the vocabulary."""
    return vocabulary * d_model


@formula(r"P_{\mathrm{all}}", "1", label="weights counted")
def counted_parameters(n_layers, attention_parameters, mlp_parameters, embedding_tables, table_parameters):
    """Weights of a dense model; norms and biases, a few in a hundred thousand, are left out."""
    return n_layers * (attention_parameters + mlp_parameters) + embedding_tables * table_parameters


@formula(r"P_{\mathrm{mul}}", "1", label="weights multiplied for a token")
def multiplied_parameters(n_layers, attention_parameters, mlp_parameters, table_parameters):
    """Weights of a dense model that one token is multiplied with: the embedding is a lookup, the head is a product."""
    return n_layers * (attention_parameters + mlp_parameters) + table_parameters


# Weights that a step touches


@formula(r"M_{\mathrm{E}}", "byte", label="experts")
def expert_weight_bytes(expert_parameters, weight_bits):
    """Bytes of all routed experts."""
    return expert_parameters * in_bytes(weight_bits)


@replaces(expert_weight_bytes, "count_formats")
def expert_weight_bytes_stored(expert_parameters, expert_bits, expert_scale_bits):
    """Experts in a format of their own, with their scales."""
    return expert_parameters * (in_bytes(expert_bits) + in_bytes(expert_scale_bits))


@formula(r"M_{\mathrm{pad}}", "byte", label="experts filled up", unless="expert_padding")
def padding_bytes(expert_weight_bytes):
    """What of the experts is filled up; nothing, unless a server's reserve is counted."""
    return 0 * expert_weight_bytes


@replaces(padding_bytes, "count_reserve")
def padding_bytes_of_a_server(expert_weight_bytes, expert_padding):
    """What the kernels for 4-bit experts add to their width: gpt-oss has 2,880, which becomes 3,072."""
    return expert_weight_bytes * expert_padding / (1 + expert_padding)


@refines(expert_weight_bytes, "count_reserve")
def expert_weight_bytes_filled(expert_weight_bytes, expert_padding):
    """A server holds and reads the experts as wide as its kernels want them."""
    return expert_weight_bytes * (1 + expert_padding)


@refines(weight_bytes, "count_reserve")
def weight_bytes_filled(weight_bytes, padding_bytes):
    """What the experts are filled up with is held as well."""
    return weight_bytes + padding_bytes


# It takes the place of the one before, since its experts are filled up already.
@replaces(weight_bytes, "count_formats")
def weight_bytes_stored(parameters, expert_parameters, weight_bits, weight_scale_bits, expert_weight_bytes):
    """Each format with its scales: mxfp4 is 4 bits and 8 more for every 32 weights."""
    return (parameters - expert_parameters) * (in_bytes(weight_bits) + in_bytes(weight_scale_bits)) + expert_weight_bytes


@formula(r"n_{\mathrm{pass}}", "token", label="tokens in a pass")
def pass_tokens(batch):
    """Tokens that one pass over the weights serves."""
    return batch * (token / sequence)


@formula(r"\rho", "percent", label="experts that idle")
def expert_idle_fraction(experts_per_token, n_experts, pass_tokens):
    """Part of a layer's experts that nobody in the pass asks for, when every expert is equally likely."""
    return (1 - experts_per_token / n_experts) ** (pass_tokens / token)


@formula(r"E_{B}", "1", label="experts touched", unless="n_experts")
def experts_touched(n_experts, expert_idle_fraction):
    """Experts of a layer that a batch touches: E(1 − (1 − k/E)^B)."""
    return n_experts * (1 - expert_idle_fraction)


@formula(r"M_{\mathrm{E},B}", "byte", label="experts read")
def touched_expert_bytes(expert_weight_bytes, expert_idle_fraction):
    """Bytes of experts that a step reads: those that somebody in the batch asks for."""
    return expert_weight_bytes * (1 - expert_idle_fraction)


@formula(r"P_{\mathrm{look}}", "1", label="weights that are looked up")
def lookup_parameters(parameters, active_parameters, expert_parameters, experts_per_token, n_experts):
    """Weights that nothing is multiplied with: the embedding where it is not the head as well."""
    return parameters - active_parameters - expert_parameters * (1 - experts_per_token / n_experts)


@formula(r"M_{\mathrm{look}}", "byte", label="weights that are looked up, in bytes")
def lookup_bytes(lookup_parameters, weight_bits):
    """Bytes of the table of embeddings, of which a step reads a row a token."""
    return lookup_parameters * in_bytes(weight_bits)


@replaces(lookup_bytes, "count_formats")
def lookup_bytes_stored(lookup_parameters, lookup_bits):
    """The embedding in its own format: most releases leave it at 16 bits."""
    return lookup_parameters * in_bytes(lookup_bits)


@formula(r"M_{\mathrm{idle}}", "byte", label="weights not read", unless="count_weights")
def idle_weight_bytes(lookup_bytes, expert_weight_bytes, expert_idle_fraction):
    """Bytes that a step leaves alone: the table of embeddings and the experts that nobody asks for."""
    return lookup_bytes + expert_weight_bytes * expert_idle_fraction


@refines(step_bytes, "count_weights")
def step_bytes_touched(step_bytes, idle_weight_bytes):
    """Only the weights that somebody needs are read."""
    return step_bytes - idle_weight_bytes


@refines(read_weight_bytes, "count_weights")
def read_weight_bytes_touched(read_weight_bytes, idle_weight_bytes):
    """Only the weights that somebody needs are read."""
    return read_weight_bytes - idle_weight_bytes


@replaces(weight_flops_per_token, "count_weights")
def weight_flops_per_token_active(active_parameters):
    """Only the weights that a token meets are multiplied."""
    return 2 * (FLOP / token) * active_parameters


# What each kind of layer keeps


@formula(r"e", "element/token", label="keys and values a token")
def grouped_kv_elements(n_layers, n_kv_heads, head_dim):
    """Keys and values of one token in elements, where every layer keeps them for the whole context."""
    return 2 * (element / token) * n_layers * n_kv_heads * head_dim


@formula(r"e_{N}", "element/sequence", label="cache elements a conversation")
def cached_elements(context, full_kv_elements, selected_kv_elements, window, window_kv_elements):
    """Elements that a conversation keeps: for every token, and for the last ones where a window slides."""
    return (context * (full_kv_elements + selected_kv_elements) + smallest(context, window) * window_kv_elements) / sequence


@formula(r"k_{\mathrm{lat}}", "byte/token", label="scales of latent vectors", unless="packed_kv_bytes")
def latent_scale_bytes(packed_kv_bytes, kv_bits):
    """What a token's latent vectors take beside a byte an element: at 8 bits DeepSeek-V3.2 packs 576 numbers into 656 bytes."""
    return choose(kv_bits - 8 * unit("bit"), 0 * packed_kv_bytes, packed_kv_bytes)


@formula(r"k_{\sigma}", "byte/token", label="cache in formats of its own", unless="index_kv_elements")
def kv_scale_bytes(latent_scale_bytes, index_kv_elements, kv_bits):
    """What a token takes beside its elements at the format of the rest: scales, and keys of an indexer, 132 bytes for 128 numbers."""
    return latent_scale_bytes + index_kv_elements * (_each(8.25 * unit("bit")) - _each(kv_bits))


@formula(r"K_{\mathrm{st}}", "byte/sequence", label="state")
def state_bytes(state_elements, state_bits):
    """What linear attention keeps of a conversation, however long."""
    return state_elements * _each(state_bits)


@replaces(kv_bytes_per_sequence, "count_caches")
def kv_bytes_per_sequence_stored(cached_elements, kv_bits, context, kv_scale_bytes, state_bytes):
    """The cache of each kind of layer, and the states that do not grow."""
    return cached_elements * _each(kv_bits) + context * kv_scale_bytes / sequence + state_bytes


@replaces(kv_bytes_per_token, "count_caches")
def kv_bytes_per_token_stored(full_kv_elements, selected_kv_elements, window_kv_elements, window, context, kv_bits, kv_scale_bytes):
    """What one more token adds: a full window adds nothing."""
    growing = smallest(1, largest(0 * token, window - context) / token)
    return (full_kv_elements + selected_kv_elements + growing * window_kv_elements) * _each(kv_bits) + kv_scale_bytes


@formula(r"K_{\mathrm{rest}}", "byte/sequence", label="cache not read")
def unread_kv_bytes(context, selected_tokens, selected_kv_elements, kv_bits, latent_scale_bytes):
    """Cache that a step passes over, since its layers select the tokens that they look at."""
    return largest(0 * token, context - selected_tokens) * (selected_kv_elements * _each(kv_bits) + latent_scale_bytes) / sequence


@refines(read_cache_bytes, "count_caches")
def read_cache_bytes_selected(read_cache_bytes, batch, unread_kv_bytes):
    """Of a selecting layer's cache only the selection is read."""
    return read_cache_bytes - batch * unread_kv_bytes


@refines(read_cache_bytes, "count_caches")
def read_cache_bytes_with_states(read_cache_bytes, batch, state_bytes):
    """A state changes with every token: it is not only read but written."""
    return read_cache_bytes + batch * state_bytes


@refines(step_bytes, "count_caches")
def step_bytes_by_kind(step_bytes, read_cache_bytes, batch, kv_bytes_per_sequence):
    """Of the caches only what is read, and what is written."""
    return step_bytes + read_cache_bytes - batch * kv_bytes_per_sequence


@formula(r"n_{W}", "token", label="tokens seen in a window", unless="chunked_windows")
def window_tokens(context, window):
    """Tokens that a layer with a window looks at in a step."""
    return smallest(context, window)


@refines(window_tokens, "chunked_windows")
def window_tokens_in_chunks(window_tokens, context, window, chunked_windows):
    """From one token to all of a chunk, each as often: half of it in the mean, once the first is full."""
    seen = choose(largest(0 * token, context - window), (window + 1 * token) / 2, context)
    return (1 - chunked_windows) * window_tokens + chunked_windows * seen


@refines(unread_kv_bytes, "chunked_windows")
def unread_kv_bytes_in_chunks(unread_kv_bytes, context, window, window_tokens, window_kv_elements, kv_bits):
    """There is room for a whole chunk, of which a step reads what has been."""
    return unread_kv_bytes + (smallest(context, window) - window_tokens) * window_kv_elements * _each(kv_bits) / sequence


@replaces(attention_flops_per_token, "count_caches")
def attention_flops_per_token_by_kind(
    context, full_pair_flops, window_tokens, window_pair_flops, selected_tokens, selected_pair_flops, state_flops
):
    """Attention over what each kind of layer looks at."""
    return (context * full_pair_flops + window_tokens * window_pair_flops
            + smallest(context, selected_tokens) * selected_pair_flops + state_flops)


@replaces(attention_compute_seconds, "count_attention")
def attention_compute_seconds_at_its_rate(attention_step_flops, attention_peak_flops):
    """Attention runs at the rate of its own precision."""
    return attention_step_flops / attention_peak_flops


@replaces(compute_seconds, "count_attention")
def compute_seconds_at_two_rates(step_flops, attention_step_flops, peak_flops, attention_peak_flops):
    """Attention runs at the rate of its own precision, the rest at the weights'."""
    return (step_flops - attention_step_flops) / peak_flops + attention_step_flops / attention_peak_flops


# What is no matrix product: operations counted on the plain formulas, bytes where each is a kernel of its own


@formula(r"F_{\mathrm{norm}}", "FLOP/token", label="norms")
def norm_flops_per_token(n_layers, d_model):
    """Two norms a layer and one at the end: square, add, scale, weigh every element."""
    return 4 * (FLOP / token) * (2 * n_layers + 1) * d_model


@formula(r"F_{\mathrm{rope}}", "FLOP/token", label="RoPE", source="Su et al. 2021, rotary embedding")
def rope_flops_per_token(n_layers, n_heads, n_kv_heads, head_dim):
    """Every element of queries and keys becomes a sum of two products."""
    return 3 * (FLOP / token) * n_layers * (n_heads + n_kv_heads) * head_dim


@formula(r"F_{\mathrm{soft}}", "FLOP/token", label="softmax")
def softmax_flops_per_token(n_layers, n_heads, context):
    """Every score is compared, lowered, raised to e, added and divided."""
    return 5 * (FLOP / token / token) * n_layers * n_heads * context


@formula(r"F_{\mathrm{act}}", "FLOP/token", label="activation functions")
def activation_flops_per_token(n_layers, d_ff):
    """SiLU of every element inside the MLP, times its gate."""
    return 5 * (FLOP / token) * n_layers * d_ff


@formula(r"F_{\mathrm{res}}", "FLOP/token", label="residuals")
def residual_flops_per_token(n_layers, d_model):
    """Attention and MLP of every layer are added to what came in."""
    return 2 * (FLOP / token) * n_layers * d_model


@formula(r"F_{\mathrm{samp}}", "FLOP/token", label="sampling")
def sampling_flops_per_token(vocabulary):
    """A softmax over the vocabulary, and a pick."""
    return 5 * (FLOP / token) * vocabulary


@formula(r"F_{\mathrm{vec}}", "FLOP/token", label="vector work")
def vector_flops_per_token(
    norm_flops_per_token, rope_flops_per_token, softmax_flops_per_token, activation_flops_per_token, residual_flops_per_token,
    sampling_flops_per_token,
):
    """All that is no matrix product, for one new token."""
    return (norm_flops_per_token + rope_flops_per_token + softmax_flops_per_token + activation_flops_per_token
            + residual_flops_per_token + sampling_flops_per_token)


@formula(r"M_{\mathrm{vec}}", "byte/token", label="bytes of vector work")
def vector_bytes_per_token(n_layers, d_model, n_heads, n_kv_heads, head_dim, d_ff, vocabulary, activation_bits):
    """Bytes of one token's activations when every such step reads its input from memory and writes it back."""
    per_layer = 10 * d_model + 2 * (n_heads + n_kv_heads) * head_dim + 3 * d_ff
    return (n_layers * per_layer + 2 * d_model + 2 * vocabulary) * (element / token) * _each(activation_bits)


@refines(step_flops, "count_vectors")
def step_flops_with_vectors(step_flops, batch, vector_flops_per_token):
    """The vector work of every conversation's new token comes on top."""
    return step_flops + batch * (token / sequence) * vector_flops_per_token


@formula(r"M_{\mathrm{V}}", "byte", label="bytes of vector work in a step")
def vector_step_bytes(batch, vector_bytes_per_token):
    """Bytes of the activations of every conversation's new token."""
    return batch * (token / sequence) * vector_bytes_per_token


@refines(step_bytes, "count_vectors")
def step_bytes_with_vectors(step_bytes, vector_step_bytes):
    """The activations of every conversation's new token come on top."""
    return step_bytes + vector_step_bytes


@formula(r"t_{\mathrm{V}}", "second", label="time for vector work", unless="count_vectors")
def vector_seconds(vector_step_bytes, bandwidth):
    """Time of the small kernels between the products; none, unless they are counted."""
    return 0 * vector_step_bytes / bandwidth


@replaces(vector_seconds, "count_vectors")
def vector_seconds_counted(vector_step_bytes, bandwidth):
    """They read, write and hardly compute."""
    return vector_step_bytes / bandwidth


@replaces(step_seconds, "count_kernels")
def step_seconds_by_kernel(weight_seconds, attention_seconds, vector_seconds):
    """One kind of kernel after the other: what the weights take, then what attention takes, and the small ones between."""
    return weight_seconds + attention_seconds + vector_seconds


# Memory that is set aside


@formula(r"A_{\mathrm{samp}}", "byte", label="room to pick tokens", unless="count_reserve")
def sampling_bytes(max_num_seqs, vocabulary):
    """What picking a token takes at most: for each conversation and each word of the vocabulary 37 bytes, as vLLM keeps them.

    They are the score in 32 bits, its copies after scaling and softmax, and the sorted scores with their places and sums. Logs of
    vLLM 0.11 say 39; later ones keep less.
    """
    return max_num_seqs * vocabulary * 37 * unit("byte")


@formula(r"A_{\mathrm{buf}}", "byte", label="buffers and graphs", unless="count_reserve")
def buffer_bytes(memory):
    """What buffers and graphs take of a GPU: 0.2 GB, measured on vLLM 0.11."""
    return 0 * memory + 0.2e9 * unit("byte")


@formula(r"A_{\mathrm{eng}}", "byte", label="room for the largest step", unless="count_reserve")
def engine_bytes(sampling_bytes, buffer_bytes):
    """What a server keeps of each GPU beside weights and caches: it tries its largest step when it starts."""
    return sampling_bytes + buffer_bytes


@formula(r"X_{\mathrm{aside}}", "byte", label="memory set aside", unless="memory_utilisation")
def withheld_bytes(memory, memory_utilisation, activation_bytes):
    """Memory that a server leaves alone, and what its activations take."""
    return memory * (1 - memory_utilisation) + activation_bytes


@refines(withheld_bytes, "count_reserve")
def withheld_bytes_of_a_server(withheld_bytes, activation_bytes, engine_bytes):
    """Where nobody has measured the activations, what a server would keep for its largest step stands in for them."""
    return withheld_bytes + choose(activation_bytes, 0 * engine_bytes, engine_bytes)


@refines(memory_for_cache, "memory_utilisation", "activation_bytes", "count_reserve")
def memory_for_cache_reserved(memory_for_cache, withheld_bytes):
    """What is set aside is not there for conversations."""
    return memory_for_cache - withheld_bytes


@formula(r"K_{\mathrm{page}}", "byte/sequence", label="waste of the last page", source="Kwon et al. 2023, paged attention")
def paging_waste_bytes(context, block_tokens, kv_bytes_per_token):
    """Room on a conversation's last page that no token uses yet."""
    return _unused(context, block_tokens) * kv_bytes_per_token / sequence


@replaces(paging_waste_bytes, "count_caches")
def paging_waste_bytes_by_kind(
    context, block_tokens, full_kv_elements, selected_kv_elements, window, window_kv_elements, kv_bits, kv_scale_bytes
):
    """Layers with a window have a last page of their own."""
    whole_context = _unused(context, block_tokens) * ((full_kv_elements + selected_kv_elements) * _each(kv_bits) + kv_scale_bytes)
    windows = _unused(smallest(context, window), block_tokens) * window_kv_elements * _each(kv_bits)
    return (whole_context + windows) / sequence


@formula(r"K_{\mathrm{win}}", "byte/sequence", label="room in windows for a step", unless="count_reserve")
def window_margin_bytes(paging_waste_bytes):
    """What a server keeps free in layers with a window; nothing, where no layer is known to have one."""
    return 0 * paging_waste_bytes


@replaces(window_margin_bytes, "count_caches")
def window_margin_bytes_by_kind(context, window, max_num_batched_tokens, block_tokens, window_kv_elements, kv_bits):
    """All tokens of a step join the window before any leaves; and one page more, since a window may begin inside one."""
    # vLLM: SlidingWindowSpec.max_admission_blocks_per_request
    pages = whole_up(smallest(context, window - 1 * token + max_num_batched_tokens) / block_tokens) + 1
    begun = whole_up(smallest(context, window) / block_tokens)
    return (pages - begun) * block_tokens * window_kv_elements * _each(kv_bits) / sequence


@formula(r"K_{\mathrm{share}}", "byte", label="cache of a shared prefix", unless="shared_prefix")
def shared_prefix_bytes(shared_prefix, kv_bytes_per_token):
    """Keys and values of the tokens with which all conversations begin."""
    return shared_prefix * kv_bytes_per_token


@replaces(shared_prefix_bytes, "count_caches")
def shared_prefix_bytes_by_kind(shared_prefix, full_kv_elements, selected_kv_elements, kv_bits, kv_scale_bytes):
    """Windows and states have moved on: each conversation keeps its own."""
    return shared_prefix * ((full_kv_elements + selected_kv_elements) * _each(kv_bits) + kv_scale_bytes)


@formula(r"K_{\mathrm{once}}", "byte", label="shared prefix as stored", unless="shared_prefix")
def stored_prefix_bytes(shared_prefix_bytes):
    """Memory of the shared prefix, which no conversation keeps again."""
    return 1 * shared_prefix_bytes


@refines(memory_for_cache, "shared_prefix")
def memory_for_cache_beside_prefix(memory_for_cache, stored_prefix_bytes):
    """Where the shared prefix lies nothing else can."""
    return memory_for_cache - stored_prefix_bytes


@formula(r"K_{\mathrm{held}}", "byte/sequence", label="cache reserved", unless="block_tokens")
def held_bytes_per_sequence(kv_bytes_per_sequence, paging_waste_bytes):
    """What a conversation takes from memory: the pages that it has begun, full or not."""
    return kv_bytes_per_sequence + paging_waste_bytes


@refines(held_bytes_per_sequence, "count_reserve")
def held_bytes_per_sequence_in_windows(held_bytes_per_sequence, window_margin_bytes):
    """A server keeps room for its largest step in each window."""
    return held_bytes_per_sequence + window_margin_bytes


@refines(held_bytes_per_sequence, "shared_prefix")
def held_bytes_per_sequence_of_its_own(held_bytes_per_sequence, shared_prefix_bytes):
    """What a conversation shares with all others it does not keep itself."""
    return held_bytes_per_sequence - shared_prefix_bytes / sequence


@replaces(sequences_that_fit, "block_tokens", "count_reserve", "shared_prefix")
def sequences_that_fit_paged(memory_for_cache, held_bytes_per_sequence):
    """Conversations are given whole pages, and a server's room in windows."""
    return largest(0 * sequence, whole(memory_for_cache / held_bytes_per_sequence))


@refines(bytes_for_batch, "memory_utilisation", "activation_bytes", "count_reserve", "block_tokens")
def bytes_for_batch_reserved(bytes_for_batch, withheld_bytes, batch, paging_waste_bytes):
    """What is set aside and begun pages are needed too."""
    return bytes_for_batch + withheld_bytes + batch * paging_waste_bytes


@refines(bytes_for_one, "memory_utilisation", "activation_bytes", "count_reserve", "block_tokens")
def bytes_for_one_reserved(bytes_for_one, withheld_bytes, paging_waste_bytes):
    """What is set aside and a begun page are needed too."""
    return bytes_for_one + withheld_bytes + paging_waste_bytes * sequence


@refines(bytes_for_batch, "count_reserve")
def bytes_for_batch_in_windows(bytes_for_batch, batch, window_margin_bytes):
    """Room for a server's largest step in each window is needed too."""
    return bytes_for_batch + batch * window_margin_bytes


@refines(bytes_for_one, "count_reserve")
def bytes_for_one_in_windows(bytes_for_one, window_margin_bytes):
    """Room for a server's largest step in each window is needed too."""
    return bytes_for_one + window_margin_bytes * sequence


@refines(bytes_for_batch, "shared_prefix")
def bytes_for_batch_beside_prefix(bytes_for_batch, batch, shared_prefix_bytes, stored_prefix_bytes):
    """A shared prefix is kept once."""
    return bytes_for_batch + stored_prefix_bytes - batch * shared_prefix_bytes / sequence


@refines(bytes_for_one, "shared_prefix")
def bytes_for_one_beside_prefix(bytes_for_one, shared_prefix_bytes, stored_prefix_bytes):
    """A shared prefix is kept once."""
    return bytes_for_one + stored_prefix_bytes - shared_prefix_bytes
