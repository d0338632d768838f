"""The article's mistakes that are formulas, to be switched on with `as_the_article` and looked at. Nothing else turns them on.

C23 and its like are rows of page/data/claims.csv. Last of all modules: a mistake takes the place of what refines a formula before it.
"""

from .attention import projection_loads
from .b200_budget import balanced_batch, step_flops
from .cost import cost_per_user_month
from .kv_cache import kv_intensity
from .language.formulas import replaces, unit
from .language.operations import in_bytes, whole
from .many_tokens import step_flops_checked
from .matmul_cost import matmul_loads_tiled
from .skipped import step_flops_with_vectors

TENTH_OF_A_CENT = 0.001 * unit("dollar/user/hour")


@replaces(matmul_loads_tiled, "as_the_article")
def matmul_loads_tiled_as_the_article(matmul_loads_floor):
    """A tile reads each element once, however small it is: d(N + M) is the floor, not what a tile reaches (C02)."""
    return matmul_loads_floor


@replaces(projection_loads, "as_the_article")
def projection_loads_as_the_article(projection_loads_apart):
    """Every conversation of a batch reads the weights anew: B·d·(N + d) for d·(B·N + d) (C08)."""
    return projection_loads_apart


@replaces(kv_intensity, "as_the_article")
def kv_intensity_as_the_article(weight_intensity):
    """The batch shares caches like weights: 2·B operations for every byte, whatever it belongs to (C19)."""
    return weight_intensity


@replaces(step_flops, "as_the_article", over=(step_flops_with_vectors, step_flops_checked))
def step_flops_as_the_article(weight_intensity, step_bytes):
    """2·B operations for every byte of a step, its caches included; the query heads of a group go unseen (C39, C40)."""
    return weight_intensity * step_bytes


@replaces(balanced_batch, "as_the_article")
def balanced_batch_as_the_article(machine_balance, weight_bits):
    """Half of a balance a hundred too large: 331 is half of 662, where the article has 562 (C23)."""
    return (machine_balance + 100 * unit("FLOP/byte")) * in_bytes(weight_bits) / (2 * unit("FLOP/sequence"))


@replaces(cost_per_user_month, "as_the_article")
def cost_per_user_month_as_the_article(cost_per_user_hour, hours_per_month):
    """The hour is rounded to a tenth of a cent before it is multiplied: 0.013 × 720 (C47)."""
    return whole(cost_per_user_hour / TENTH_OF_A_CENT + 0.5) * TENTH_OF_A_CENT * hours_per_month


#: What each chapter shows of them: (a quantity that is wrong then, what is given for it, and what that is in words).
SHOWN = {
    1: [("matmul_loads_tiled", {}, "")],
    2: [("projection_loads", {"batch": 281, "tokens": 1}, "the next token of 281 conversations")],
    3: [("kv_intensity", {}, "")],
    4: [("balanced_batch", {}, ""), ("kv_intensity", {}, "")],
    5: [("arithmetic_intensity", {}, ""), ("compute_seconds", {}, ""), ("compute_idle_fraction", {}, "")],
    6: [("cost_per_user_month", {"users": 300}, "300 users")],
}
