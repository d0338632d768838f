"""How many users a GPU carries, how fast, and what a user costs.

`FORMULAS` holds every quantity of the book by name; each is a function of inputs in base units:
`FORMULAS["users"](context=20_000, duty_cycle=0.2)`. `INPUTS` holds the inputs, with default and range.
"""

from . import (  # noqa: F401, I001 in chapter order: later ones build on earlier
    matmul_cost, attention, kv_cache, b200_budget, users, cost, skipped, many_tokens, several_gpus,
)
from .formula import Formula, formula
from .graph import FORMULAS, evaluate
from .inputs import INPUTS, NapkinError

from .words import Claims, say

__all__ = ["FORMULAS", "INPUTS", "Chart", "Claims", "Formula", "NapkinError", "Playground", "evaluate", "formula", "say"]


def __getattr__(name):
    # The playground brings matplotlib and widgets along: only who draws should wait for them.
    if name in ("Chart", "Playground"):
        from . import playground

        return getattr(playground, name)
    raise AttributeError(f"module 'napkin' has no attribute {name!r}")
