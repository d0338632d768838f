"""Chapter 8: many tokens in one pass: a prompt before the first token, and tokens guessed ahead."""

from .b200_budget import attention_step_flops, step_flops, step_seconds, weight_step_flops
from .capacity import tokens_per_second, tokens_per_second_per_user
from .language.formulas import FLOP, formula, refines, replaces, token
from .language.operations import largest, smallest, whole, whole_up
from .skipped import pass_tokens

# A prompt


@formula(r"n_{\mathrm{new}}", "token", label="tokens to prefill", unless="prefix_hit")
def new_tokens(prompt, prefix_hit):
    """Tokens of the prompt that are not in the prefix cache."""
    return prompt * (1 - prefix_hit)


@formula(r"n_{\mathrm{hit}}", "token", label="tokens found in the cache")
def cached_tokens(prompt, prefix_hit):
    """Tokens of the prompt whose keys and values an earlier request left behind."""
    return prompt * prefix_hit


@formula(r"n_{\mathrm{c}}", "1", label="chunks")
def prefill_chunks(new_tokens, chunk_tokens):
    """Passes over the weights that the prompt takes."""
    return whole_up(new_tokens / chunk_tokens)


@formula(r"F_{\mathrm{pw}}", "FLOP", label="weight operations of the prompt")
def prefill_weight_flops(new_tokens, weight_flops_per_token):
    """Operations of all weight products for the new tokens."""
    return new_tokens * weight_flops_per_token


@refines(prefill_weight_flops, "count_weights")
def prefill_weight_flops_with_one_head(prefill_weight_flops, new_tokens, head_parameters):
    """Only the last token of a prompt goes through the head."""
    return prefill_weight_flops - 2 * (FLOP / token) * (new_tokens - 1 * token) * head_parameters


def pairs_within(span, prompt, cached):
    """Pairs of a new token and one that it looks at, itself included, none more than `span` back; all in tokens."""

    def from_the_start(tokens):
        full = smallest(tokens, span)
        return full * (full + 1 * token) / 2 + (tokens - full) * span

    return from_the_start(prompt) - from_the_start(cached)


@formula(r"F_{\mathrm{pa}}", "FLOP", label="attention of the prompt")
def prefill_attention_flops(attention_flops_per_pair, new_tokens, cached_tokens):
    """Operations of causal attention: every new token looks at what the cache holds, at those before it, and at itself."""
    return attention_flops_per_pair * new_tokens * (cached_tokens + (new_tokens + 1 * token) / 2)


@formula(r"F_{\mathrm{pW}}", "FLOP", label="windows in the prompt", unless="window_kv_elements")
def prefill_window_flops(window, prompt, cached_tokens, prefill_window_pair_flops):
    """Operations of attention in the layers with a window."""
    return prefill_window_pair_flops * pairs_within(window, prompt, cached_tokens)


@refines(prefill_window_flops, "chunked_windows")
def prefill_window_flops_in_chunks(prefill_window_flops, window, prompt, cached_tokens, prefill_window_pair_flops, chunked_windows):
    """A chunk is a prompt of its own: c(c + 1)/2 pairs, and what there is of the last one."""

    def from_the_start(tokens):
        chunks = whole(tokens / window)
        rest = tokens - chunks * window
        return chunks * window * (window + 1 * token) / 2 + rest * (rest + 1 * token) / 2

    seen = prefill_window_pair_flops * (from_the_start(prompt) - from_the_start(cached_tokens))
    return (1 - chunked_windows) * prefill_window_flops + chunked_windows * seen


@replaces(prefill_attention_flops, "count_caches")
def prefill_attention_flops_by_kind(
    prefill_full_pair_flops, new_tokens, prompt, cached_tokens, prefill_window_flops, selected_tokens, prefill_selected_pair_flops,
    state_flops,
):
    """Attention over what each kind of layer looks at."""
    return (prefill_full_pair_flops * new_tokens * (cached_tokens + (new_tokens + 1 * token) / 2)
            + prefill_window_flops
            + prefill_selected_pair_flops * pairs_within(selected_tokens, prompt, cached_tokens)
            + state_flops * new_tokens)


@formula(r"F_{\mathrm{pre}}", "FLOP", label="operations of the prompt")
def prefill_flops(prefill_weight_flops, prefill_attention_flops):
    """Operations before the first token can appear."""
    return prefill_weight_flops + prefill_attention_flops


@formula(r"t_{\mathrm{pmul}}", "second", label="prompt, multiplying")
def prefill_compute_seconds(prefill_flops, peak_flops):
    """Time for the operations of the prompt."""
    return prefill_flops / peak_flops


@replaces(prefill_compute_seconds, "count_attention")
def prefill_compute_seconds_at_two_rates(prefill_weight_flops, peak_flops, prefill_attention_flops, attention_peak_flops):
    """Attention runs at the rate of its own precision, the rest at the weights'."""
    return prefill_weight_flops / peak_flops + prefill_attention_flops / attention_peak_flops


@formula(r"t_{\mathrm{pam}}", "second", label="attention of the prompt, multiplying")
def prefill_attention_compute_seconds(prefill_attention_flops, peak_flops):
    """Time for attention's operations of the prompt."""
    return prefill_attention_flops / peak_flops


@replaces(prefill_attention_compute_seconds, "count_attention")
def prefill_attention_compute_seconds_at_its_rate(prefill_attention_flops, attention_peak_flops):
    """Attention runs at the rate of its own precision."""
    return prefill_attention_flops / attention_peak_flops


@formula(r"K_{\mathrm{pre}}", "byte", label="caches of the prompt, read and written")
def prefill_cache_bytes(prefill_chunks, cached_tokens, new_tokens, kv_bytes_per_token):
    """Cache bytes moved: the cache so far for every chunk, the new cache written."""
    return (prefill_chunks * cached_tokens + (prefill_chunks + 1) / 2 * new_tokens) * kv_bytes_per_token


@formula(r"M_{\mathrm{pre}}", "byte", label="bytes of the prompt")
def prefill_bytes(prefill_chunks, weight_bytes, prefill_cache_bytes):
    """Bytes moved: the weights once a chunk, and the caches."""
    return prefill_chunks * weight_bytes + prefill_cache_bytes


@formula(r"t_{\mathrm{pmem}}", "second", label="prompt, reading")
def prefill_memory_seconds(prefill_bytes, bandwidth):
    """Time to move the bytes of the prompt."""
    return prefill_bytes / bandwidth


@formula(r"t_{\mathrm{pkr}}", "second", label="caches of the prompt, moving")
def prefill_cache_seconds(prefill_cache_bytes, bandwidth):
    """Time to move the prompt's caches."""
    return prefill_cache_bytes / bandwidth


@formula(r"t_{\mathrm{first}}", "second", label="time to first token", needs=("sequences_that_fit",))
def time_to_first_token(prefill_compute_seconds, prefill_memory_seconds):
    """Time from the prompt to its first answer on a GPU that does nothing else: multiplying and reading overlap."""
    return largest(prefill_compute_seconds, prefill_memory_seconds)


@replaces(time_to_first_token, "count_kernels")
def time_to_first_token_by_kernel(
    prefill_compute_seconds, prefill_attention_compute_seconds, prefill_memory_seconds, prefill_cache_seconds
):
    """One kind of kernel after the other: the weights of the prompt, and then its attention."""
    return (largest(prefill_memory_seconds - prefill_cache_seconds, prefill_compute_seconds - prefill_attention_compute_seconds)
            + largest(prefill_cache_seconds, prefill_attention_compute_seconds))


@formula(r"r_{\mathrm{pre}}", "token/second", label="prompt tokens a second", digits=4)
def prefill_tokens_per_second(new_tokens, time_to_first_token):
    """Tokens of a prompt taken in a second, those found in the cache not counted."""
    return new_tokens / time_to_first_token


@formula(r"q", "percent", label="attention's part of the prompt")
def prefill_attention_share(prefill_attention_flops, prefill_flops):
    """Part of a prompt's operations that grows with its square."""
    return prefill_attention_flops / prefill_flops


# Tokens guessed ahead


@formula(r"E_{\gamma}", "1", label="tokens a step", source="Leviathan et al. 2023, equation 1", unless="draft_length")
def tokens_per_step(acceptance_rate, draft_length):
    """Tokens that a step yields on average: the guesses up to the first wrong one, and one of the model's own."""
    return (1 - acceptance_rate ** (draft_length + 1)) / (1 - acceptance_rate)


@refines(pass_tokens, "draft_length")
def pass_tokens_checked(pass_tokens, draft_length):
    """A pass checks all guesses of every conversation at once, and adds one token."""
    return pass_tokens * (draft_length + 1)


@refines(step_flops, "draft_length")
def step_flops_checked(step_flops, draft_length):
    """Every guess is multiplied like a token."""
    return step_flops * (draft_length + 1)


@refines(weight_step_flops, "draft_length")
def weight_step_flops_checked(weight_step_flops, draft_length):
    """Every guess is multiplied like a token."""
    return weight_step_flops * (draft_length + 1)


@refines(attention_step_flops, "draft_length")
def attention_step_flops_checked(attention_step_flops, draft_length):
    """Every guess looks back like a token."""
    return attention_step_flops * (draft_length + 1)


@formula(r"t_{\gamma}", "second", label="reading experts for guesses", unless="draft_length")
def guessed_memory_seconds(expert_weight_bytes, bandwidth):
    """Time to read experts that only guesses touch: none, where all are read."""
    return 0 * expert_weight_bytes / bandwidth


@replaces(guessed_memory_seconds, "count_weights")
def guessed_memory_seconds_touched(
    expert_weight_bytes, experts_per_token, n_experts, pass_tokens, draft_length, expert_idle_fraction, bandwidth
):
    """Those that nobody would ask for without the guesses, less those that nobody asks for with them."""
    idle = (1 - experts_per_token / n_experts) ** (pass_tokens / (token * (draft_length + 1)))
    return expert_weight_bytes * (idle - expert_idle_fraction) / bandwidth


@formula(r"t_{0}", "second", label="step without guesses", unless="draft_length")
def plain_step_seconds(memory_seconds, guessed_memory_seconds, compute_seconds, draft_length):
    """Time of a step that neither reads nor multiplies for guesses."""
    return largest(memory_seconds - guessed_memory_seconds, compute_seconds / (draft_length + 1))


@replaces(plain_step_seconds, "count_kernels")
def plain_step_seconds_by_kernel(
    weight_memory_seconds, guessed_memory_seconds, weight_compute_seconds, cache_memory_seconds, attention_compute_seconds, draft_length
):
    """One kind of kernel after the other, none with a guess."""
    return (largest(weight_memory_seconds - guessed_memory_seconds, weight_compute_seconds / (draft_length + 1))
            + largest(cache_memory_seconds, attention_compute_seconds / (draft_length + 1)))


@refines(step_seconds, "draft_length")
def step_seconds_with_draft(step_seconds, draft_length, draft_cost, plain_step_seconds):
    """Guessing takes its own time, one token after the other: each a part of a step that multiplies no guesses."""
    return step_seconds + draft_length * draft_cost * plain_step_seconds


@refines(tokens_per_second, "draft_length")
def tokens_per_second_guessed(tokens_per_second, tokens_per_step):
    """A step yields more than one token of each conversation."""
    return tokens_per_second * tokens_per_step


@refines(tokens_per_second_per_user, "draft_length")
def tokens_per_second_per_user_guessed(tokens_per_second_per_user, tokens_per_step):
    """A step yields more than one token of each conversation."""
    return tokens_per_second_per_user * tokens_per_step
