"""A scenario in, every quantity out: a model, a GPU, and what is asked of them."""

import functools
import html
import json
import math
import warnings

import numpy

from .. import catalogue
from .. import limits
from ..language.numbers import show
from ..language.graph import FORMULAS, cut_of, evaluate, inputs_of, named, reason, term_of
from ..language.errors import NapkinError
from ..language.inputs import INPUTS
from ..catalogue.models import Model
from ..language.printers import to_latex, to_text
from ..several_gpus import LAYOUT

#: What can be counted where the article simplifies: a flag each, in the order in which chapter 7 turns them on.
COUNTS = tuple(name for name, known in INPUTS.items() if known.flag and name.startswith("count_"))
ALL = dict.fromkeys(COUNTS, 1)

#: What is told, under what heading, in the order of the argument.
QUANTITIES = {
    "Memory": (
        "weight_bytes", "kv_bytes_per_token", "kv_bytes_per_sequence", "held_bytes_per_sequence", "withheld_bytes",
        "memory_for_cache", "bytes_for_one", "all_memory", "sequences_that_fit",
    ),
    "A step": (
        "experts_touched", "idle_weight_bytes", "step_bytes", "step_flops", "arithmetic_intensity", "machine_balance",
        "memory_seconds", "compute_seconds", "link_seconds", "step_seconds", "compute_idle_fraction",
    ),
    "Speed": ("tokens_per_step", "tokens_per_second", "tokens_per_second_per_user", "time_per_output_token"),
    "A prompt": (
        "new_tokens", "prefill_flops", "prefill_attention_share", "prefill_bytes", "prefill_compute_seconds",
        "prefill_memory_seconds", "time_to_first_token", "prefill_tokens_per_second",
    ),
    "Users and money": (
        "users", "cost_per_user_hour", "cost_per_user_month", "capital_per_user", "cost_per_million_output_tokens",
        "break_even_hours",
    ),
}
NAMES = tuple(name for names in QUANTITIES.values() for name in names)

#: What is told first.
HEADLINES = (
    "users", "cost_per_user_month", "sequences_that_fit", "tokens_per_second", "tokens_per_second_per_user", "time_to_first_token",
    "cost_per_million_output_tokens",
)

MOST_GPUS = 4096


class Scenario:
    """What is in force: `inputs` by name as `evaluate` takes them, `unknown` ones with the reason, and warnings."""

    def __init__(self, model, gpu, inputs, unknown, told):
        self.model, self.gpu, self.inputs, self.unknown, self.told = model, gpu, inputs, unknown, told


def scenario(model=None, gpu=None, n_gpus=None, *, count="all", compute_bits=None, attention_bits=16, **given):
    """Resolve names into inputs; see `estimate`."""
    for name, value in given.items():
        if not isinstance(value, (int, float)) and numpy.ndim(value):
            raise NapkinError(f"{name} must be one number here, got {len(value)}: many at once are for sweep")
    model, gpu = _model(model), _gpu(gpu)
    inputs, unknown, told = {}, {}, []
    if model:
        inputs.update(model.inputs)
    inputs.update(_counts(count))
    inputs.update(given)
    if gpu:
        bits = inputs.get("weight_bits", INPUTS["weight_bits"].default) if compute_bits is None else compute_bits
        bits = INPUTS["weight_bits"].value_of(bits)
        _known(inputs, unknown, "memory", lambda: gpu.memory, f"no memory size is published for the {gpu.name}")
        _known(inputs, unknown, "bandwidth", lambda: gpu.bandwidth, f"no memory bandwidth is published for the {gpu.name}")
        _known(inputs, unknown, "peak_flops", lambda: gpu.rate(bits))
        if "peak_flops" not in given:
            _known(inputs, unknown, "attention_peak_flops", lambda: gpu.rate(attention_bits))
    elif compute_bits is not None:
        raise NapkinError("compute_bits picks a rate of a GPU: name a gpu too, or give peak_flops")
    inputs.update(_layout(n_gpus, inputs))
    if gpu and any(inputs.get(name, 1) != 1 for name in LAYOUT):
        _known(inputs, unknown, "link_bandwidth", lambda: gpu.link_bandwidth, f"no link bandwidth is published for the {gpu.name}")
    limit = model.max_context if model else None
    if limit and "context" not in inputs:
        inputs["context"] = min(limit, INPUTS["context"].default)
    context = inputs.get("context")
    if limit and isinstance(context, (int, float)) and context > limit:
        told.append(f"a context of {context:,} tokens is beyond the {limit:,} that {model.name} was made for")
    return Scenario(model, gpu, inputs, unknown, told)


def estimate(model=None, gpu=None, n_gpus=None, *, count="all", compute_bits=None, attention_bits=16, **given):
    """Every quantity of a scenario, by name.

    `model` is the name of one in `napkin.model`, or a Model; `gpu` the name of one in `napkin.gpu`, or a Gpu; left out,
    they are the article's. `n_gpus` share every matrix (tensor parallel) as far as the heads can be divided, the rest
    are stages of a pipeline, unless `tensor_parallel`, `pipeline_parallel` or `expert_parallel` say otherwise.
    `count` says what is counted where the article simplifies: "all", "article" (nothing), or some of "weights",
    "caches", "formats", "attention", "vectors". `compute_bits` is the precision of the weights' products (`weight_bits`
    unless given), `attention_bits` that of attention's. All else are inputs of `napkin.INPUTS` by name, in base units,
    single numbers. Where the model is released in a format of its own (mxfp4 experts), that is in force; other weights
    and caches have 8 bits unless given. A context left out is the article's, or the model's longest where that is shorter.

    Returns an Estimate. Raises NapkinError in one sentence for bad input. A context beyond the model's warns.
    """
    found = scenario(model, gpu, n_gpus, count=count, compute_bits=compute_bits, attention_bits=attention_bits, **given)
    for warning in found.told:
        warnings.warn(warning, stacklevel=2)
    return Estimate(found)


class Estimate:
    """The quantities of one scenario: `estimate["users"]`, or `estimate.users`.

    A quantity that has no value raises NapkinError with the reason (`reason(name)` returns it). Iterating goes over the
    names of `QUANTITIES`; every other formula and input can be asked for by name too. `limit` says what binds,
    `fits` whether there is room, `fewest_gpus` how many GPUs have it. `to_dict` and `to_json` hold all of it.
    """

    def __init__(self, resolved):
        self.model, self.gpu, self.warnings = resolved.model, resolved.gpu, resolved.told
        self.inputs, self._unknown = resolved.inputs, resolved.unknown
        names = NAMES
        if self._unknown:
            names = tuple(name for name in NAMES if not self._unknown_of(name))
        self._found = evaluate(names, self.inputs)

    def _unknown_of(self, name):
        """Why an unknown fact keeps this name from having a value; None where it does not."""
        if not self._unknown:
            return None
        used = _used(name, cut_of(self.inputs))
        return next((why for one, why in self._unknown.items() if one in used), None)

    def __getitem__(self, name):
        if name not in self._found:
            named(name)
            why = self._unknown_of(name)
            if why:
                raise NapkinError(f"{name} has no value: {why}")
            self._found.update(evaluate((name,), self.inputs))
        value = self._found[name]
        if value != value:
            raise NapkinError(f"{name} has no value: {self.reason(name)}")
        return value

    def __getattr__(self, name):
        if name.startswith("_") or name not in FORMULAS and name not in INPUTS:
            raise AttributeError(f"an Estimate has no {name!r}")
        return self[name]

    def __dir__(self):
        return [*super().__dir__(), *NAMES]

    def __iter__(self):
        return iter(NAMES)

    def __len__(self):
        return len(NAMES)

    def _ipython_key_completions_(self):
        return list(NAMES)

    def keys(self):
        """The names that are told."""
        return NAMES

    @property
    def fits(self):
        """Whether the batch, or at least one conversation, has room."""
        return self["room_for_batch" if "batch" in self.inputs else "sequences_that_fit"] > 0

    @functools.cached_property
    def fewest_gpus(self):
        """The fewest of these GPUs that have room; None where no number of them has."""
        room = "room_for_batch" if "batch" in self.inputs else "sequences_that_fit"
        if "memory" in self._unknown:
            raise NapkinError(f"the fewest GPUs cannot be told: {self._unknown['memory']}")
        base = {name: value for name, value in self.inputs.items() if name not in LAYOUT}
        for number in range(1, MOST_GPUS + 1):
            if evaluate((room,), {**base, **_layout(number, base)})[room] > 0:
                return number
        return None

    def reason(self, name):
        """Why a quantity has no value."""
        why = self._unknown_of(name)
        if why:
            return why
        why = reason(name, self.inputs)
        return why + f"; {self._would_do()}" if why.startswith("does not fit") else why

    def _would_do(self):
        fewest = self.fewest_gpus
        return "no number of these GPUs would do" if fewest is None else f"{fewest} of these GPUs would do"

    @property
    def limit(self):
        """What binds, in sentences, and what would have to change for the next to bind."""
        if not self.fits:
            return _sentence(self.reason("step_seconds"))
        why = self._unknown_of("step_seconds")
        told = [_sentence(f"how fast a step is cannot be told: {why}") if why else limits.told([limits.STEP], self.inputs)]
        if "batch" not in self.inputs:
            told.append(limits.told([limits.ROOM], self.inputs))
        return " ".join(told)

    def text(self, name):
        """A quantity as people read it, or why it has no value."""
        try:
            return show(self[name], named(name).unit, named(name).digits)
        except NapkinError as error:
            return str(error).partition("has no value: ")[2]

    def equation(self, name):
        """The formula of a quantity in LaTeX, as it is in force here."""
        return f"{FORMULAS[name].letter} = " + to_latex(term_of(name, cut_of(self.inputs)), lambda one: named(one).letter)

    def in_words(self, name):
        """The formula of a quantity in names, as it is in force here: "weight_bytes + batch × kv_bytes_per_sequence"."""
        return to_text(term_of(name, cut_of(self.inputs)), lambda one, as_bytes: f"{one} / 8" if as_bytes else one)

    def to_dict(self):
        """All of it as plain data: scenario, limit, warnings, and for each quantity its value, unit, text and formula."""
        quantities = {}
        for name in NAMES:
            value = None if self._unknown_of(name) else self._found[name]
            known = value is not None and value == value
            quantities[name] = {
                "value": value if known else None, "unit": FORMULAS[name].unit, "text": self.text(name),
                "formula": self.in_words(name), "says": FORMULAS[name].says,
            }
        return {
            "model": self.model.name if self.model else None, "gpu": self.gpu.name if self.gpu else None,
            "fits": self.fits if "memory" not in self._unknown else None,
            "fewest_gpus": self.fewest_gpus if "memory" not in self._unknown and not self.fits else None,
            "limit": self.limit if "memory" not in self._unknown else self._unknown["memory"],
            "warnings": self.warnings, "inputs": dict(self.inputs), "unknown": dict(self._unknown), "quantities": quantities,
        }

    def to_json(self, **how):
        """The same as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, **{"indent": 2, **how})

    def _rows(self):
        for heading, names in QUANTITIES.items():
            shown = [name for name in names if self._worth_telling(name)]
            if shown:
                yield heading, [(name, self._short(name)) for name in shown]

    def _short(self, name):
        """Its text; a dash where it has no value for the reason that is told at the top."""
        text = self.text(name)
        return "—" if text.endswith("would do") or text in self._unknown.values() else text

    def _worth_telling(self, name):
        """Leave out what is nothing here: no experts, no links, no pages."""
        idle = {
            "experts_touched": "n_experts", "link_seconds": "tensor_parallel", "tokens_per_step": "draft_length",
            "held_bytes_per_sequence": "block_tokens", "withheld_bytes": "memory_utilisation", "new_tokens": "prefix_hit",
            "idle_weight_bytes": "count_weights", "bytes_for_one": "",
        }
        switch = idle.get(name)
        return switch is None or switch in self.inputs and self.inputs[switch] != INPUTS[switch].default

    def _title(self):
        gpus = math.prod(self.inputs.get(name, 1) for name in LAYOUT)
        where = f"{gpus:g} × " if gpus != 1 else ""
        return f"{self.model.name if self.model else 'the article’s 32B'} on {where}{self.gpu.name if self.gpu else 'the article’s B200'}"

    def _limit_told(self):
        return _sentence(self._unknown["memory"]) if "memory" in self._unknown else self.limit

    def __repr__(self):
        lines = [self._title(), self._limit_told(), *(f"Note: {warning}." for warning in self.warnings)]
        for heading, rows in self._rows():
            lines += ["", heading]
            lines += [f"  {FORMULAS[name].label:<38} {text}" for name, text in rows]
        return "\n".join(lines)

    def _repr_html_(self):
        def cell(text, tag="td"):
            return f"<{tag}>{html.escape(str(text))}</{tag}>"

        def rows(names):
            return "".join(
                f"<tr>{cell(FORMULAS[name].label)}{cell(text)}<td><code>{name}</code> = {html.escape(self.in_words(name))}</td></tr>"
                for name, text in names
            )

        told = [f"<p><strong>{html.escape(self._title())}.</strong> {html.escape(self._limit_told())}</p>"]
        told += [f"<p>Note: {html.escape(warning)}.</p>" for warning in self.warnings]
        head = "<table><tbody>" + "".join(
            f"<tr>{cell(FORMULAS[name].label)}{cell(self._short(name))}</tr>" for name in HEADLINES
        ) + "</tbody></table>"
        titles = "".join(cell(title, "th") for title in ("quantity", "value", "name and formula"))
        body = "".join(
            f'<tbody><tr><th colspan="3">{html.escape(heading)}</th></tr>{rows(names)}</tbody>' for heading, names in self._rows()
        )
        every = (f"<details><summary>Every quantity, with its formula</summary>"
                 f'<div style="overflow-x: auto"><table><thead><tr>{titles}</tr></thead>{body}</table></div></details>')
        return f'<div class="napkin-estimate">{"".join(told)}{head}{every}</div>'


def _sentence(words):
    return words[0].upper() + words[1:] + "."


def _model(given):
    if given is None or isinstance(given, Model):
        return given
    if not isinstance(given, str):
        raise NapkinError(f"model must be a name of napkin.model or a napkin.Model, got {given!r}")
    return catalogue.model(given)


def _gpu(given):
    if given is None or isinstance(given, catalogue.Gpu):
        return given
    if not isinstance(given, str):
        raise NapkinError(f"gpu must be a name of napkin.gpu or a Gpu, got {given!r}")
    return catalogue.gpu(given)


def _counts(count):
    """The flags that `count` turns on."""
    if count == "all":
        return ALL
    if count == "article":
        return {}
    short = {name.removeprefix("count_"): name for name in COUNTS}
    chosen = [count] if isinstance(count, str) else list(count)
    for one in chosen:
        if one not in short:
            raise NapkinError(f'count must be "all", "article" or some of {", ".join(short)}, got {one!r}')
    return {short[one]: 1 for one in chosen}


def _known(inputs, unknown, name, value, otherwise=None):
    """Take a fact of a GPU where the input is not given, or note why there is none."""
    if name in inputs:
        return
    try:
        found = value()
    except NapkinError as error:
        found, otherwise = None, str(error)
    if found is None:
        unknown[name] = otherwise
    else:
        inputs[name] = found


def _layout(n_gpus, inputs):
    """How many GPUs share matrices, stages and experts."""
    given = {name: inputs[name] for name in LAYOUT if name in inputs}
    if n_gpus is None:
        return {}
    if isinstance(n_gpus, bool) or not isinstance(n_gpus, (int, float)) or n_gpus != n_gpus or n_gpus != int(n_gpus) or n_gpus < 1:
        raise NapkinError(f"n_gpus must be a whole number, at least 1, got {n_gpus!r}")
    n_gpus, taken = int(n_gpus), math.prod(given.values())
    if n_gpus % taken or len(given) == len(LAYOUT) and taken != n_gpus:
        said = " × ".join(f"{name} {value}" for name, value in given.items())
        raise NapkinError(f"n_gpus must be a multiple of {said}, got {n_gpus}")
    if n_gpus == 1 and not given:
        return {}
    rest, layout = n_gpus // taken, {}
    if "tensor_parallel" not in given:
        heads = inputs.get("n_heads", INPUTS["n_heads"].default)
        layout["tensor_parallel"] = max(part for part in range(1, rest + 1) if not rest % part and not heads % part)
        rest //= layout["tensor_parallel"]
    if rest > 1:
        if "pipeline_parallel" in given:
            layout["expert_parallel"] = rest
        else:
            layout["pipeline_parallel"] = rest
    return layout


@functools.lru_cache(maxsize=1024)
def _used(name, cut):
    return frozenset(inputs_of((name,), cut))


