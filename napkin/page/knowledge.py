"""What the book's script knows on every page: inputs, catalogue, and one program of all formulas."""

import json

from ..catalogue import RATES, gpu, model
from ..questions.estimate import HEADLINES
from ..questions.scenario import ARTICLES, GPU_FACTS, facts_of
from ..questions.written import CHAT, COUNTS
from ..language.graph import BOOK, FORMULAS
from ..language.inputs import INPUTS, TOGETHER
from .needs import OPEN
from .page import units_of
from ..several_gpus import LAYOUT
from ..language.sentences import reasons_of


def knowledge():
    """The data of the script, ready for JSON."""
    inputs = {name: known for name, known in INPUTS.items() if name != "as_the_article"}
    every = {**inputs, **FORMULAS}
    computed = [name for name, known in INPUTS.items() if known.computed]
    guards = {name: OPEN.guards(name) for name in (*FORMULAS, *computed)}
    return {
        "inputs": {name: _input(known) for name, known in inputs.items()},
        "names": {name: [one.label, one.unit, one.digits] for name, one in every.items()},
        "units": units_of(dict.fromkeys(one.unit for one in every.values())),
        "models": {one: {"aliases": model.aliases_of(one), "context": model[one].max_context, "inputs": model[one].inputs}
                   for one in model.choices},
        "gpus": {one: _gpu(gpu[one]) for one in gpu.choices},
        "articles": ARTICLES, "article": [*facts_of("model", None)], "gpuFacts": [*GPU_FACTS], "rates": RATES, "flags": COUNTS, "layout": LAYOUT,
        "start": {**{name: known.default for name, known in inputs.items() if not known.computed and not known.flag}, **CHAT},
        "chat": CHAT, "plain": {name: INPUTS[name].default for name in CHAT}, "together": TOGETHER, "follows": [[name, known.follows] for name, known in inputs.items() if known.follows],
        "headlines": HEADLINES, "wholes": [name for name, one in FORMULAS.items() if one.whole],
        "needs": {name: some for name, some in guards.items() if some},
        "reasons": reasons_of(dict.fromkeys(guard for some in guards.values() for guard in some)),
        "neutral": {name: INPUTS[name].default for name in sorted(BOOK.switches) if not INPUTS[name].flag},
    }


def _input(known):
    about = {"low": known.low, "high": known.high, "least": known.least, "most": min(known.most, 1e300), "positive": known.positive, "shown": known.shown_in}
    if known.whole:
        about["whole"] = True
    if known.choices:
        about["choices"] = list(known.choices)
    return about


def _gpu(one):
    facts = {"memory": one.memory, "bandwidth": one.bandwidth, "link_bandwidth": one.link_bandwidth}
    return {"aliases": one.aliases, "rates": one.rates, **{name: value for name, value in facts.items() if value is not None}}


def script():
    """The source of the script that holds all of it, for the pages of a built book."""
    data = json.dumps(knowledge(), ensure_ascii=False, separators=(",", ":"))
    names = (*FORMULAS, *(name for name, known in INPUTS.items() if known.computed))
    smooth = OPEN.javascript(*dict.fromkeys([*HEADLINES, "step_seconds"]), smooth=True)
    return (f"globalThis.napkinBook = {data};\nnapkinBook.compute = {OPEN.javascript(*names)};\n"
            f"napkinBook.smooth = {smooth};\n")
