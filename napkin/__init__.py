"""How many users a GPU carries, how fast, and what a user costs.

`estimate(model="Qwen3-32B", gpu="B200 SXM", context=20_000)` tells all of it; `gpu` and `model` are the catalogue.
`solve_for`, `sensitivity` and `sweep` ask the same formulas backwards, at their slopes, and many times over.
`FORMULAS` holds every quantity of the book by name; each is a function of inputs in base units:
`FORMULAS["users"](context=20_000, duty_cycle=0.2)`. `INPUTS` holds the inputs, with default and range.
"""

from . import notation  # noqa: F401  first: the chapters name its inputs
from . import (  # noqa: F401, I001 in chapter order: later ones build on earlier
    matmul_cost, attention, kv_cache, b200_budget, capacity, cost, skipped, many_tokens, several_gpus, mistakes,
)
from .catalogue.entries import Gpu, gpu
from .page.claims import Claims
from .questions.estimate import Estimate, estimate
from .questions.scenario import Scenario
from .language.formulas import Formula, formula
from .language.graph import FORMULAS, evaluate
from .language.inputs import INPUTS, NapkinError
from .catalogue.models import Model
from .language.words import say
from .catalogue.entries import model  # last: it takes the place of the module of that name

__all__ = [
    "FORMULAS", "INPUTS", "Chart", "Claims", "Estimate", "Formula", "Gpu", "Guess", "Model", "NapkinError", "Playground", "Ranking", "Scenario", "TurnAround", "estimate",
    "evaluate", "formula", "gpu", "model", "say", "sensitivity", "solve_for", "sweep",
]

# What brings heavier libraries along is imported by whoever asks for it: matplotlib and widgets, xarray.
_LATER = {
    "Chart": "page.playground", "Playground": "page.playground", "Guess": "page.guess", "Ranking": "page.turning", "TurnAround": "page.turning",
    "sensitivity": "questions.sensitivities", "solve_for": "questions.solve", "sweep": "questions.sweeping",
}


def __getattr__(name):
    if name in _LATER:
        from importlib import import_module

        return getattr(import_module(f".{_LATER[name]}", __name__), name)
    raise AttributeError(f"module 'napkin' has no attribute {name!r}")


def __dir__():
    return [*globals(), *_LATER]
