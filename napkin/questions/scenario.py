"""Scenario, Case, Answer: what one sets, what is in force then, and what a quantity comes to. page/web/scenario.js is the twin."""

import functools
import inspect
import math
import numbers as plain_numbers
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from .. import catalogue
from ..catalogue import NAMED_BITS, RATES, Gpu, Model
from ..language.errors import NapkinError, nearest
from ..language.graph import BOOK, FORMULAS, default_of, evaluate, named, reason
from ..language.inputs import INPUTS, TOGETHER, apart, check_together
from ..several_gpus import LAYOUT
from .written import CHAT, COUNTS, SHORT, Written

#: What is in force where no name is given.
ARTICLES = {"model": "32B dense, like Qwen3-32B", "gpu": "B200", "priced": "the article's, in bulk, June 2026"}

#: The inputs that a GPU decides, each with what is said to be missing where nobody publishes it.
GPU_FACTS = dict(memory="memory size", bandwidth="memory bandwidth", peak_flops="rate", attention_peak_flops="rate")
GPU_FACTS["link_bandwidth"] = "link bandwidth"

#: What a GPU costs and draws, likewise; a reader's own stays when another GPU is chosen.
GPU_PRICES = dict(gpu_hour_price="rent", gpu_price="purchase price", power="power")

#: Watts that a GPU draws, for each watt of its own: cooling and the losses on the way.
COOLING = 1.3

#: What a scenario is asked with besides inputs by name.
NAMED = ("model", "gpu", "n_gpus", "count", "compute_bits", "attention_bits")

#: What a server does where nobody says otherwise and its reserve is counted: vLLM takes 92 % of the memory.
SERVER = {"memory_utilisation": 0.92}

#: What else depends on the GPU: how large a server's steps are by default, and how many GPUs its links reach, in how many ways.
BROUGHT = ("max_num_seqs", "max_num_batched_tokens", "gpus_per_node", "link_ways")

MOST_GPUS = 10**12


class Fixed(dict):
    """A dict that stays as it was made."""

    __slots__ = ()

    def _refuse(self, *_, **__):
        raise TypeError("what is in force is fixed: make another scenario, as with_(context=20_000) does")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self):
        return hash(frozenset(self.items()))

    def __reduce__(self):
        return Fixed, (dict(self),)


class Fact(NamedTuple):
    """An input in force: its value (None where it is unknown), why it is unknown, and who says so."""

    value: float | None
    why: str
    source: str


class Answer(NamedTuple):
    """What a quantity comes to: its value, later between which bounds; or why it has none."""

    value: float | None
    low: float | None = None
    high: float | None = None
    why: str = ""


@dataclass(frozen=True, init=False)
class Scenario(Written):
    """What one sets, checked when it is made, and fixed.

    Parameters: `model`, `gpu`, names of the catalogue, a Model, a Gpu (None is the article's); `n_gpus`, GPUs that hold the
    model together; `count`, `compute_bits`, `attention_bits`, as in `estimate`; `given`, inputs, and results to be taken as
    given, by name: single numbers in base units.
    Raises: NapkinError in one sentence, for a name or a value that is not allowed.

    >>> chat = Scenario.of("Qwen3-32B", "B200 SXM", context=20_000)
    >>> chat.case.answer("sequences_that_fit").value
    20
    >>> chat.with_(gpu="H100 SXM", kv_bits=8).link
    'model=Qwen3-32B&gpu=H100+SXM&kv_bits=8&context=20000&duty_cycle=1'
    """

    model: Model | None = None
    gpu: Gpu | None = None
    n_gpus: int | None = None
    count: str | tuple = "all"
    compute_bits: int | None = None
    attention_bits: int = 16
    given: Mapping[str, float] = Fixed()

    def __init__(self, model=None, gpu=None, n_gpus=None, count="all", compute_bits=None, attention_bits=16, given=Fixed()):
        if not isinstance(given, (dict, Mapping)):  # the first is quick
            raise NapkinError(f"inputs are given by name, as a dict, got {given!r}")
        self.__dict__.update(
            model=_entry("model", model),
            gpu=_entry("gpu", gpu),
            n_gpus=number_of_gpus(n_gpus),
            count=_counted(count),
            compute_bits=None if compute_bits is None else _bits("compute_bits", compute_bits),
            attention_bits=_bits("attention_bits", attention_bits),
            given=Fixed([(name, _value(name, value)) for name, value in given.items()]),
        )
        if compute_bits is not None and self.gpu is None:
            raise NapkinError("compute_bits picks a rate of a GPU: name a gpu too, or give peak_flops")

    @classmethod
    def of(cls, model=None, gpu=None, n_gpus=None, *, count="all", compute_bits=None, attention_bits=16, **given) -> "Scenario":
        """The scenario of these arguments, inputs among them, as `estimate` takes them."""
        return cls(model, gpu, n_gpus, count, compute_bits, attention_bits, given)

    def with_(self, **changes: Any) -> "Scenario":
        """The same after some changes; None for "as before".

        A name brings its own facts, so what was given of them goes. A rate that was given follows the precision that it
        was given for, unless it is given anew.

        >>> Scenario.of(peak_flops=2e15).with_(weight_bits=16).given["peak_flops"]
        1000000000000000.0
        """
        return self.case.with_(**changes)

    @functools.cached_property
    def case(self) -> "Case":
        """What is in force."""
        return Case(self)

    def over(self, start: Mapping, takes: Iterable[str] = (), *, strict: bool = False) -> "Case":
        """What is in force on a page that starts with the inputs `start` and takes further ones from a scenario.

        Inputs that do not go together there stay as the page starts with them; `strict` refuses them.
        """
        return Case(self, start, takes, strict)


def facts_of(name: str, entry) -> Iterable[str]:
    """The inputs that the model, or the GPU, brings along."""
    return GPU_FACTS if name == "gpu" else (entry or catalogue.model("Article 32B")).inputs


# What is set, checked


def _entry(name, given):
    kind, said = (Model, "a napkin.Model") if name == "model" else (Gpu, "a Gpu")
    if given is None or isinstance(given, kind):
        return given
    if not isinstance(given, str):
        raise NapkinError(f"{name} must be a name of napkin.{name} or {said}, got {given!r}")
    return getattr(catalogue, name)(given)


def _counted(count):
    """The short names of what is counted, in their order; "all" or "article" where they are all or none."""
    if isinstance(count, str) and count in ("all", "article"):
        return count
    chosen = [count] if isinstance(count, str) or not isinstance(count, Iterable) else list(count)
    for one in chosen:
        if not isinstance(one, str) or one not in SHORT:
            raise NapkinError(f'count must be "all", "article" or some of {", ".join(SHORT)}, got {one!r}')
    on = tuple(short for short in SHORT if short in chosen)
    return "all" if len(on) == len(SHORT) else on or "article"


def _bits(name, given):
    """A precision in which GPUs multiply."""
    try:
        bits = _value("weight_bits", given)
    except NapkinError:
        bits = None
    if bits not in RATES:
        raise NapkinError(f"{name} must be {INPUTS['weight_bits'].allowed.partition(', or any')[0]}, got {given!r}")
    return bits


def number_of_gpus(given):
    """How many GPUs are asked for; None where nobody says. Raises NapkinError for what is no such number."""
    if given is None:
        return None
    number = given[()] if getattr(given, "shape", None) == () else given
    real = isinstance(number, plain_numbers.Real) and not isinstance(number, bool)  # NumPy's bool is no Real
    if not real or not math.isfinite(number) or number != int(number) or number < 1:
        raise NapkinError(f"n_gpus must be a whole number, at least 1, got {given!r}")
    if number > MOST_GPUS:
        raise NapkinError(f"n_gpus must be at most {MOST_GPUS:,}, got {float(number):g}")
    return int(number)


def _value(name, given):
    """What is given for an input or a result as a plain number."""
    if hasattr(given, "__len__") and getattr(given, "shape", None) != () and not isinstance(given, (str, bytes, Mapping)):
        raise NapkinError(f"{name} must be one number here, got {len(given)}: many at once are for sweep")
    known = INPUTS.get(name) or FORMULAS.get(name)
    if isinstance(given, str) and known is not None and known.unit == "bit" and given.lower() in NAMED_BITS:
        given = NAMED_BITS[given.lower()]
    if known is None:
        raise NapkinError(f"there is no input called {name!r}" + nearest(name, [*INPUTS, *FORMULAS, *NAMED]))
    return known.value_of(given)


# What is in force


class Case:
    """What is in force in a scenario: `inputs` by name, those that are `unknown` with the reason, and the answers that follow.

    `facts` holds every input of the notation as a Fact. `warnings` are sentences about what is computed all the same.

    >>> case = Scenario.of("Llama-3.1-8B", "Apple M3 Ultra", context=8000).case
    >>> case.answer("step_seconds")
    Answer(value=None, low=None, high=None, why='no bf16 rate is published for the Apple M3 Ultra')
    >>> case.facts["bandwidth"].value
    819000000000.0
    """

    scenario: Scenario
    model: Model | None
    gpu: Gpu | None
    inputs: Mapping[str, float]
    unknown: Mapping[str, str]
    warnings: tuple[str, ...]
    start: Mapping | None
    _depends: dict[str, str]

    def __init__(self, scenario: Scenario, start: Mapping | None = None, takes: Iterable[str] = (), strict: bool = False):
        inputs, unknown, notes = _in_force(scenario, start)
        if start is not None:
            known = {*start, *takes}
            inputs = {name: value for name, value in inputs.items() if name in known}
            unknown = {name: why for name, why in unknown.items() if name in known}
            if strict:
                check_together(inputs)
            else:
                _keep_together(inputs, start, known)
        self.__dict__.update(scenario=scenario, model=scenario.model, gpu=scenario.gpu, start=start, warnings=notes)
        self.__dict__.update(inputs=Fixed(inputs), unknown=Fixed(unknown), _depends={})

    @property
    def differing(self) -> dict[str, float]:
        """The inputs that would be otherwise if they were left out: where a sentence has to start from."""
        return {name: value for name, value in self.inputs.items() if name not in INPUTS or value != default_of(name, self.inputs)}

    def with_(self, **changes: Any) -> Scenario:
        """The scenario after some changes; what follows them starts from what is in force here. See `Scenario.with_`."""
        given, asked = dict(self.scenario.given), {}
        for name in [name for name in changes if name in NAMED]:
            value = changes.pop(name)
            if name in ("model", "gpu"):
                asked[name] = _entry(name, value or None)
                brought = facts_of(name, asked[name])
                given = {one: number for one, number in given.items() if one not in brought}
            else:
                asked[name] = Scenario.__dataclass_fields__[name].default if value is None else value
        for name, value in changes.items():
            if value is None:
                named(name)
                given.pop(name, None)
                continue
            value = _value(name, value)
            for follower in given.keys() - changes:
                if follower in INPUTS and INPUTS[follower].follows == name:
                    given[follower] *= self.inputs.get(name, INPUTS[name].default) / value
            given[name] = value
        made = replace(self.scenario, **asked, given=given)
        for name, other, rule in TOGETHER:  # of two that go together on this page alone both are set, or neither
            changed = [changes[one] for one in (name, other) if one in changes]
            if not changed:
                continue
            whole = made if self.start is None else replace(made, given={**CHAT, **given})  # the book has conversations of its own
            if not apart(whole.case.inputs, name, other, rule):
                continue
            for one in (name, other):
                if None in changed:
                    given.pop(one, None)
                elif self.start is not None and one in self.inputs:
                    given.setdefault(one, self.inputs[one])
            made = replace(made, given=given)
        return made

    def numbers(self, names: tuple[str, ...]) -> dict[str, float]:
        """What these names come to, NaN where they have no value: the quick way."""
        if self.start is None and not self.unknown:  # what was given, what the model and the GPU bring has been checked
            return BOOK.evaluate_checked(names, self.inputs)
        return numbers(names, self.inputs, self.unknown)

    def answer(self, name: str) -> Answer:
        """What a formula or an input comes to, or the one reason why it has no value."""
        return self.answers((name,))[name]

    def answers(self, names: Iterable[str]) -> dict[str, Answer]:
        """The same for several, by name."""
        found = self.numbers(tuple(names)).items()
        return {name: Answer(value) if value == value else Answer(None, why=self.why(name)) for name, value in found}

    def why(self, name: str) -> str:
        """The one reason why a name has no value: an unknown fact; else the first guard not above zero; else the size of numbers."""
        return self.unknown_of(name) or reason(name, self.inputs)

    def unknown_of(self, name: str) -> str:
        """Why an unknown fact keeps this name from having a value; empty where it does not."""
        if name not in self._depends:
            self._depends[name] = unknown_of(name, self.inputs, self.unknown)
        return self._depends[name]

    @property
    def view(self):
        """The formulas as they are in force."""
        return BOOK.under(self.inputs)

    @functools.cached_property
    def facts(self) -> Mapping[str, Fact]:
        """Every input of the notation: its value or why it is unknown, and who says so."""
        return Fixed({name: Fact(one.value, one.why, self._source(name)) for name, one in self.answers(INPUTS).items()})

    def _source(self, name):
        asked, known, inputs, start = self.scenario, INPUTS[name], self.inputs, self.start or {}
        if name in asked.given:
            return "given"
        if asked.gpu and (name in self.unknown or name in (*GPU_FACTS, *GPU_PRICES) and name in inputs and inputs[name] != start.get(name)):
            return f"{asked.gpu.name}: {asked.gpu.source}" if asked.gpu.source else asked.gpu.name
        if asked.model and name in asked.model.inputs and (self.start is None or name in inputs or name in self.unknown):
            return f"{asked.model.name}: {asked.model.source}" if asked.model.source else asked.model.name
        if name in inputs and (name in LAYOUT and asked.n_gpus or name in COUNTS):
            return "n_gpus" if name in LAYOUT else "count"
        if name in start:
            return "the page"
        follows = known.default if known.computed else known.follows if known.follows in self.inputs else None
        return f"follows {follows}" if follows else "the article"


def numbers(names: tuple[str, ...], inputs: Mapping, unknown: Mapping[str, str] = Fixed()) -> dict:
    """What names come to for these inputs; NaN where they have no value, be it for a fact that is unknown."""
    if not unknown:
        return evaluate(names, inputs)
    found = evaluate(tuple(name for name in names if not unknown_of(name, inputs, unknown)), inputs)
    return {name: found.get(name, math.nan) for name in names}


def unknown_of(name: str, inputs: Mapping, unknown: Mapping[str, str]) -> str:
    """The reason of the first unknown fact that a name, or what must be above zero for it, depends on; empty where there is none."""
    used = depends(name, {**inputs, **dict.fromkeys(unknown)}) if unknown else ()  # what is unknown is not computed from something else
    return next((unknown[one] for one in unknown if one in used), "")


def depends(name: str, inputs: Mapping) -> tuple[str, ...]:
    """The inputs that a name, or what must be above zero for it, is computed from where these are given."""
    view = BOOK.under(inputs, [one for one, value in inputs.items() if not isinstance(value, plain_numbers.Real)])
    return view.inputs(name, *view.guards(name))


def _in_force(asked, start):
    """Inputs by name, unknown ones with the reason, and warnings: what a scenario makes of the inputs it starts with."""
    model, gpu, given = asked.model, asked.gpu, asked.given
    counted = {"all": SHORT, "article": ()}.get(asked.count, asked.count)
    inputs = {**(start or {}), **(model.inputs if model else {}), **{SHORT[one]: 1 for one in counted}, **given}
    unknown, notes = {}, ()
    if inputs.get("count_reserve"):
        inputs |= {name: value for name, value in SERVER.items() if name not in given}
    if gpu:
        inputs |= {name: getattr(gpu, name) for name in BROUGHT if name not in given}
        if gpu.plain_latents and "packed_kv_bytes" not in given:
            inputs["packed_kv_bytes"] = 0
    weight_bits = INPUTS["weight_bits"].value_of(inputs.get("weight_bits", INPUTS["weight_bits"].default))
    if "weight_bits" in given:  # bits that are given are those of all weights but the experts, without scales
        inputs |= {
            name: value for name, value in (("weight_scale_bits", 0), ("lookup_bits", weight_bits)) if name in inputs and name not in given
        }
        bits = asked.compute_bits or weight_bits
    else:
        bits = asked.compute_bits or (model and model.multiplied_bits) or weight_bits
        if model and model.unread_format:
            unknown["weight_bits"] = model.unread_format
            inputs.pop("weight_bits", None)
            bits = asked.compute_bits or 16

    def publish(name, value, precision=None):
        """Take a fact of the GPU where it is not given, or note why there is none."""
        if name in given:
            return
        if value is not None:
            inputs[name] = value
        else:
            inputs.pop(name, None)
            kind = f"{RATES.get(precision, f'{precision}-bit')} " if precision else ""
            unknown[name] = f"no {kind}{(GPU_FACTS | GPU_PRICES)[name]} is published for the {gpu.name}"

    if gpu:
        publish("memory", gpu.memory)
        if not gpu.name.startswith("Article "):  # the article's prices are the book's
            publish("gpu_hour_price", gpu.gpu_hour_price)
            publish("gpu_price", gpu.gpu_price)
            publish("power", gpu.power and round(gpu.power * COOLING, 3))
        publish("bandwidth", gpu.bandwidth)
        rated = bits if asked.compute_bits else rate_for(gpu, bits)
        publish("peak_flops", gpu.rates.get(rated), bits)
        if rated != bits and "peak_flops" not in given:
            lacking = f"no {RATES[bits]} rate is published for the {gpu.name}" if bits in RATES else f"no GPU multiplies {bits:g} bits"
            notes = (f"{lacking}: it multiplies at its {RATES[rated]} rate",)
        if "peak_flops" not in given:
            publish("attention_peak_flops", gpu.rates.get(asked.attention_bits), asked.attention_bits)
    else:
        for name in start or ():  # a rate follows the precision that the page has it for
            followed = INPUTS[name].follows
            if followed in inputs and name not in given:
                inputs[name] = start[name] * start.get(followed, INPUTS[followed].default) / bits
        if start is None and bits != weight_bits and "peak_flops" not in given:
            inputs["peak_flops"] = INPUTS["peak_flops"].default * INPUTS["weight_bits"].default / bits
    if asked.n_gpus is not None:
        inputs.update(layout(asked.n_gpus, inputs))
    if gpu and any(inputs.get(name, 1) != 1 for name in LAYOUT):
        publish("link_bandwidth", gpu.link_bandwidth)
    limit = model.max_context if model and start is None else None
    if limit and "context" not in inputs:
        inputs["context"] = min(limit, INPUTS["context"].default)
    elif limit and inputs["context"] > limit:
        notes += (f"a context of {inputs['context']:,} tokens is beyond the {limit:,} that {model.name} was made for",)
    return inputs, unknown, notes


def rate_for(gpu: Gpu, bits: float) -> float:
    """The precision in which a GPU multiplies what is stored in so many bits: that one if its rate is published, else 16 bits or more."""
    return next((one for one in (bits, 16, 32) if one >= bits and one in gpu.rates), bits)


def _keep_together(inputs, start, known):
    """Of two inputs that do not go together (experts of the page's model, heads of another's), keep those of the start."""
    for name, other, rule in TOGETHER:
        pair = [one for one in (name, other) if one in inputs or one in known and not INPUTS[one].computed]
        if len(pair) == 2 and apart(inputs, name, other, rule):
            for one in pair:
                inputs.pop(one, None)
                if one in start:
                    inputs[one] = start[one]


def layout(n_gpus: int, inputs: Mapping) -> dict[str, int]:
    """How many GPUs share matrices, stages and experts, where the inputs do not say."""
    given = {name: int(inputs[name]) for name in LAYOUT if name in inputs}
    taken = math.prod(given.values())
    if n_gpus % taken or len(given) == len(LAYOUT) and taken != n_gpus:
        said = " × ".join(f"{name} {value}" for name, value in given.items())
        raise NapkinError(f"n_gpus must be a multiple of {said}, got {n_gpus}")
    if n_gpus == 1 and not given:
        return {}
    rest, made = n_gpus // taken, {}
    if "tensor_parallel" not in given:  # as far as the heads can be divided
        made["tensor_parallel"] = math.gcd(rest, int(inputs.get("n_heads", default_of("n_heads", inputs))))
        rest //= made["tensor_parallel"]
    if rest > 1:
        made["expert_parallel" if "pipeline_parallel" in given else "pipeline_parallel"] = rest
    return made


def asks_inputs(function):
    """Let `inspect.signature` and completion tell what a function takes by name: all that a scenario is asked with."""
    own = inspect.signature(function)
    asked = {
        name: inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=Scenario.__dataclass_fields__[name].default) for name in NAMED
    }
    for name, known in INPUTS.items():
        default = None if known.computed else known.default
        asked[name] = inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=float)
    *fixed, rest = own.parameters.values()  # results by name are taken too
    function.__signature__ = own.replace(parameters=[*fixed, *(one for name, one in asked.items() if name not in own.parameters), rest])
    return function
