"""What the book's script knows on every page: inputs, catalogue, and one program of all formulas."""

import functools
import json

from ..catalogue import RATES, gpu, model
from ..language.graph import BOOK, FORMULAS
from ..language.inputs import INPUTS, TOGETHER
from ..language.sentences import reasons_of
from ..questions.estimate import HEADLINES
from ..questions.ready import READY
from ..questions.scenario import ARTICLES, BROUGHT, COOLING, GPU_FACTS, GPU_PRICES, SERVER, facts_of
from ..questions.written import CHAT, COUNTS
from ..several_gpus import LAYOUT, PARTS
from .needs import COMPUTED, OPEN
from .page import units_of


def knowledge():
    """The data of the script, ready for JSON."""
    inputs = {name: known for name, known in INPUTS.items() if name != "as_the_article"}
    every = {**inputs, **FORMULAS}
    guards = {name: OPEN.guards(name) for name in (*FORMULAS, *COMPUTED)}
    return {
        "inputs": {name: _input(known) for name, known in inputs.items()},
        "names": {name: [one.label, one.unit, one.digits] for name, one in every.items()},
        "units": units_of(dict.fromkeys(one.unit for one in every.values())),
        "models": {one: _model(model[one], model.aliases_of(one)) for one in model.choices},
        "gpus": {one: _gpu(gpu[one]) for one in gpu.choices},
        "articles": ARTICLES,
        "article": [*facts_of("model", None)],
        "gpuFacts": [*GPU_FACTS],
        "gpuPrices": GPU_PRICES,
        "rates": RATES,
        "server": SERVER,
        "flags": COUNTS,
        "layout": LAYOUT,
        "parts": PARTS,
        "start": {**{name: known.default for name, known in inputs.items() if not known.computed and not known.flag}, **CHAT},
        "chat": CHAT,
        "ready": {name: given for name, (given, _) in READY.items()},
        "plain": {name: INPUTS[name].default for name in CHAT},
        "together": TOGETHER,
        "follows": [[name, known.follows] for name, known in inputs.items() if known.follows],
        "headlines": HEADLINES,
        "wholes": [name for name, one in FORMULAS.items() if one.whole],
        "needs": {name: some for name, some in guards.items() if some},
        "reasons": reasons_of(dict.fromkeys(guard for some in guards.values() for guard in some)),
        "neutral": {name: INPUTS[name].default for name in sorted(BOOK.switches) if not INPUTS[name].flag},
    }


def _input(known):
    low, high = known.reach
    about = {
        "low": low,
        "high": high,
        "least": known.least,
        "most": min(known.most, 1e300),
        "positive": known.positive,
        "shown": known.shown_in,
    }
    where_so = {"whole": known.whole, "local": known.local, "between": known.between, "choices": list(known.choices or ())}
    return {**about, **{name: value for name, value in where_so.items() if value}}


def _model(one, aliases):
    multiplied = {"multiplied": one.multiplied_bits} if one.multiplied_bits else {}
    inputs, aliases = one.inputs, [alias for alias in aliases if "/" not in alias]
    return {"aliases": aliases, "context": one.max_context, "inputs": [inputs.get(name) for name in _brought()], **multiplied}


@functools.cache
def _brought():
    """The inputs that models bring along: told once, and each model's values in their order, which is lighter by some kilobytes."""
    return [name for name in INPUTS if any(name in one.inputs for one in model)]


def _gpu(one):
    facts = {name: getattr(one, name) for name in ("memory", "bandwidth", "link_bandwidth")}
    prices = {"gpu_hour_price": one.gpu_hour_price, "gpu_price": one.gpu_price, "power": one.power and round(one.power * COOLING, 3)}
    return {
        "aliases": one.aliases,
        "rates": one.rates,
        "brought": {name: getattr(one, name) for name in BROUGHT},
        "prices": {name: value for name, value in prices.items() if value is not None},
        "priced": one.priced,
        **({"plain": 1} if one.plain_latents else {}),
        **{name: value for name, value in facts.items() if value is not None},
    }


def script():
    """The source of the script that holds all of it, for the pages of a built book."""
    data = json.dumps(knowledge(), ensure_ascii=False, separators=(",", ":"))
    made = {"compute": OPEN.javascript(*FORMULAS, *(name for name in INPUTS if name in COMPUTED))}
    brought = f"{json.dumps(_brought())}.map((name, i) => [name, one.inputs[i]]).filter(([, value]) => value !== null)"
    unfolded = f"for (const one of Object.values(napkinBook.models)) one.inputs = Object.fromEntries({brought});\n"
    return f"globalThis.napkinBook = {data};\n{unfolded}" + "".join(f"napkinBook.{name} = {source};\n" for name, source in made.items())
