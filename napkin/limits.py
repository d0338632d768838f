"""What binds: which of the things that compete is the slower one, and what would have to change for the next to bind.

A family is a list of cases. Each is (comparisons, sentence): the first case in which every comparison holds (left above
right) is told. Comparisons are names or expressions, the sentence is one of language/sentences.py.
"""

from .language.sentences import as_json as expression
from .language.sentences import fields_of, fill, names_of, parts_as_json, term_of, worth

# The slower of three decides a step. The factor is exact: the time to read is inversely proportional to the bandwidth,
# the time to multiply to the rate.
STEP = (
    (((1, "room_for_batch"),),
     "There is no such step, as the batch does not fit: reading would take {memory_seconds}, multiplying {compute_seconds}."),
    ((("link_seconds", "memory_seconds"), ("link_seconds", "compute_seconds")),
     "The links between GPUs limit a step: what travels takes {link_seconds}, reading {memory_seconds}, multiplying {compute_seconds}."),
    ((("count_kernels", 0), ("weight_compute_seconds", "weight_memory_seconds"), ("cache_memory_seconds", "attention_compute_seconds")),
     "Two walls limit a step. Compute limits the products with the weights: multiplying takes {weight_compute_seconds}, reading {weight_memory_seconds}. "
     "Memory bandwidth limits attention: reading the caches takes {cache_memory_seconds}, multiplying {attention_compute_seconds}."),
    ((("count_kernels", 0), ("weight_memory_seconds", "weight_compute_seconds"), ("attention_compute_seconds", "cache_memory_seconds")),
     "Two walls limit a step. Memory bandwidth limits the products with the weights: reading takes {weight_memory_seconds}, multiplying {weight_compute_seconds}. "
     "Compute limits attention: multiplying takes {attention_compute_seconds}, reading the caches {cache_memory_seconds}."),
    ((("count_kernels", 0), ("weight_memory_seconds", "weight_compute_seconds"), ("cache_memory_seconds", "attention_compute_seconds"),
      ("attention_compute_seconds", 0)),
     "Memory bandwidth limits a step: reading takes {memory_seconds}, multiplying {compute_seconds}. "
     "With {weight_memory_seconds / weight_compute_seconds} times the bandwidth compute would limit the weights, with {cache_memory_seconds / attention_compute_seconds} times attention."),
    ((("count_kernels", 0), ("weight_compute_seconds", "weight_memory_seconds"), ("attention_compute_seconds", "cache_memory_seconds"),
      ("cache_memory_seconds", 0)),
     "Compute limits a step: multiplying takes {compute_seconds}, reading {memory_seconds}. "
     "With {weight_compute_seconds / weight_memory_seconds} times the rate memory bandwidth would limit the weights, with {attention_compute_seconds / cache_memory_seconds} times attention."),
    ((("memory_seconds", "compute_seconds"),),
     "Memory bandwidth limits a step: reading takes {memory_seconds}, multiplying {compute_seconds}. "
     "With {memory_seconds / compute_seconds} times the bandwidth, compute would."),
    ((("compute_seconds", 0),),
     "Compute limits a step: multiplying takes {compute_seconds}, reading {memory_seconds}. "
     "With {compute_seconds / memory_seconds} times the rate, memory bandwidth would."),
)
ROOM = (
    ((("count_prompts", 0), ("sequences_that_fit", "batch")),
     "The batch that is given limits the users: it takes {batch} of the {sequences_that_fit} that memory holds."),
    ((("count_prompts", 0), ("users_that_fit", "users_in_time"), ("sequences_that_fit", 0)),
     "Time limits the users: of {request_seconds} that a request takes, {prompt_share} go into its prompt. Memory would hold the conversations of {users_that_fit}."),
    ((("sequences_that_fit", 0),),
     "Memory capacity limits the users: it holds {sequences_that_fit}, and room for the next takes "
     "{(sequences_that_fit + expert_parallel * sequence) * held_bytes_per_sequence - memory_for_cache:byte} more."),
    (((1, "sequences_that_fit"),), "Memory capacity binds: not even one conversation fits."),
)
PROMPT = (
    ((("count_kernels", 0), ("prefill_compute_seconds", "prefill_memory_seconds")),
     "Compute limits the prompt: multiplying takes {prefill_compute_seconds}, reading {prefill_memory_seconds}."),
    ((("count_kernels", 0), ("prefill_memory_seconds", "prefill_compute_seconds")),
     "Memory bandwidth limits the prompt: reading takes {prefill_memory_seconds}, multiplying {prefill_compute_seconds}."),
    ((("prefill_compute_seconds", "prefill_memory_seconds"),),
     "Compute limits the prompt: multiplying takes {prefill_compute_seconds}, reading the weights {prefill_memory_seconds}. "
     "With {prefill_compute_seconds / prefill_memory_seconds} times the rate, memory bandwidth would."),
    ((("prefill_memory_seconds", 0),),
     "Memory bandwidth limits the prompt: reading the weights takes {prefill_memory_seconds}, multiplying {prefill_compute_seconds}. "
     "With {prefill_memory_seconds / prefill_compute_seconds} times the bandwidth, compute would."),
)
OWNING = (
    ((("rented_total", "owned_total"),),
     "Price decides between renting and buying: at these hours buying is cheaper; below {break_even_hours} of use renting would be."),
    ((("owned_total", "rented_total"), ("saving_per_hour", 0)),
     "Price decides between renting and buying: at these hours renting is cheaper; beyond {break_even_hours} of use buying would be."),
    (((0, "saving_per_hour"),), "Price decides between renting and buying: the electricity costs more than the rent, so renting is cheaper for ever."),
)
PRICE = (
    ((("cost_per_user_month", 0),),
     "Price: whatever fills memory sets how many share the rent of {n_gpus * gpu_hour_price:dollar/hour} an hour. Room for another user, and each would pay "
     "{n_gpus * gpu_hour_price * hours_per_month / (users + 1 * user):dollar/user/month}."),
)
# Loading follows the bits of a weight: the intensities say how many operations a byte brings.
LOADED = "matmul_flops / tiled_intensity / bandwidth"
PRODUCT = (
    (((LOADED, "matmul_flops / peak_flops"),),
     f"Memory bandwidth limits the tiled product: loading takes {{{LOADED}:second}}, multiplying "
     "{matmul_flops / peak_flops:second}. Tiles {machine_balance / tiled_intensity} times as wide would turn it over to compute."),
    ((("matmul_flops / peak_flops", 0),),
     "Compute limits the tiled product: multiplying takes {matmul_flops / peak_flops:second}, loading "
     f"{{{LOADED}:second}}. Tiles {{tiled_intensity / machine_balance}} times narrower would turn it over to memory bandwidth."),
)
PROJECTED = "projection_loads * in_bytes(weight_bits) / element / bandwidth"
PROJECTION = (
    (((PROJECTED, "projection_flops / peak_flops"),),
     f"Memory bandwidth limits this product: loading takes {{{PROJECTED}:second}}, multiplying "
     f"{{projection_flops / peak_flops:second}}. With {{{PROJECTED} / (projection_flops / peak_flops)}} times the bandwidth, compute would."),
    ((("projection_flops / peak_flops", 0),),
     "Compute limits this product: multiplying takes {projection_flops / peak_flops:second}, loading "
     f"{{{PROJECTED}:second}}. With {{projection_flops / peak_flops / ({PROJECTED})}} times the rate, memory bandwidth would."),
)

#: Which family is told where one of these results is shown.
TOLD = (
    (PRODUCT, ("matmul_flops", "matmul_loads_tiled")),
    (PROJECTION, ("projection_flops", "projection_loads")),
    (ROOM, ("sequences_that_fit", "users")),
    (PROMPT, ("time_to_first_token", "prefill_compute_seconds")),
    (STEP, ("step_seconds", "memory_seconds", "compute_seconds", "tokens_per_second", "tokens_per_second_per_user", "arithmetic_intensity",
            "attainable_flops", "compute_idle_fraction", "balanced_batch", "kv_bytes_per_sequence")),
    (PRICE, ("cost_per_user_month",)),
    (OWNING, ("break_even_hours",)),
)


def families_for(results):
    """The families that say what binds these results, by name."""
    return [family for family, names in TOLD if any(one in names for one in results)]


def names_in_family(family):
    """The names that a family's comparisons and sentences need."""
    terms = []
    for comparisons, sentence in family:
        terms += [term_of(side) for pair in comparisons for side in pair]
        terms += [part.term for part in fields_of(sentence) if not isinstance(part, str)]
    return tuple(dict.fromkeys(name for term in terms for name in names_of(term)))


def told(families, given, unknown_of=lambda name: ""):
    """What binds for these inputs, in a sentence for each family; empty where nothing can be told, be it for an unknown fact."""
    def holds(case):
        compared = all(worth(term_of(a), given) > worth(term_of(b), given) for a, b in case[0])
        return compared and not any(map(unknown_of, names_in_family([case])))

    firsts = (next((sentence for comparisons, sentence in family if holds((comparisons, sentence))), None) for family in families)
    return " ".join(fill(sentence, given) for sentence in firsts if sentence)


def as_json(families):
    """The same for the page's script."""
    return [
        [[[[expression(term_of(a)), expression(term_of(b))] for a, b in comparisons],
          parts_as_json(fields_of(sentence))] for comparisons, sentence in family]
        for family in families
    ]
