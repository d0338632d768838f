"""How many users a GPU carries, how fast, and what a user costs.

`import napkin as nk`. Every quantity of the book is an attribute: `nk.users(context=20_000, duty_cycle=0.2)` is a formula,
called with inputs in base units, `nk.context` an input. `nk.estimate("Qwen3-32B", "B200 SXM", context=20_000)` tells all of
it; `nk.gpu` and `nk.model` are the catalogue. `solve_for`, `sensitivity` and `sweep` ask the same formulas backwards, at
their slopes, and many times over. `formula`, `refines` and `replaces` are for what is your own.
"""

__version__ = "0.1.0"

from importlib import import_module

from . import notation  # noqa: F401  first: the chapters name its inputs
from .chapters import CHAPTERS

for _chapter in (*CHAPTERS, "mistakes"):
    import_module(f".{_chapter}", __name__)

from .catalogue import Gpu, Model, gpu, model
from .language.errors import NapkinError
from .language.formulas import Formula, formula, refines, replaces, unit
from .language.graph import BOOK, FORMULAS, evaluate
from .language.inputs import INPUTS
from .language.numbers import show
from .language.operations import in_bytes, largest, smallest, whole, whole_up
from .language.sentences import play, say, table
from .questions.estimate import Estimate, estimate
from .questions.scenario import Scenario

# What brings heavier libraries along is imported by whoever asks for it: matplotlib and widgets, xarray.
_LATER = {
    "page.chart": ["Chart"], "page.claims": ["Claims"], "page.drawing": ["Drawing"], "page.guess": ["Guess"], "page.picture": ["Picture"],
    "page.playground": ["Playground"], "page.reference": ["Notation"], "page.turning": ["Ranking", "TurnAround"],
    "questions.best": ["best"], "questions.ready": ["ready"],
    "questions.sensitivities": ["sensitivity"], "questions.solve": ["solve_for"], "questions.sweeping": ["sweep"],
}  # fmt: skip
_MODULES = {"measured": ".questions.measured"}
_WHERE = {name: module for module, names in _LATER.items() for name in names}

__all__ = [
    "BOOK", "FORMULAS", "INPUTS", "Estimate", "Formula", "Gpu", "Model", "NapkinError", "Scenario", "estimate", "evaluate", "formula",
    "gpu", "in_bytes", "largest", "model", "play", "refines", "replaces", "say", "show", "smallest", "table", "unit", "whole", "whole_up",
    *_WHERE,
]  # fmt: skip


def __getattr__(name):
    if name in _MODULES:
        return import_module(_MODULES[name], __name__)
    if name in _WHERE:
        return getattr(import_module(f".{_WHERE[name]}", __name__), name)
    if name in FORMULAS or name in INPUTS:
        return BOOK.named(name)
    raise AttributeError(f"module 'napkin' has no attribute {name!r}{BOOK.nearest(name)}")


def __dir__():
    return [*globals(), *_MODULES, *_WHERE, *INPUTS, *FORMULAS]
