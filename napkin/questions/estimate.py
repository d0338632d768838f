"""A scenario in, every quantity out: a model, a GPU, and what is asked of them."""

import functools
import html
import json
import math
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from .. import limits
from ..catalogue import Gpu
from ..catalogue.models import Model
from ..language.errors import NapkinError
from ..language.graph import FORMULAS, named, nearest_name
from ..language.inputs import INPUTS
from ..language.numbers import show
from ..several_gpus import LAYOUT
from .scenario import ARTICLES, Case, Scenario, asks_inputs, layout, numbers

# fmt: off
#: What is told, under what heading, in the order of the argument.
QUANTITIES = {
    "Memory": ("weight_bytes", "kv_bytes_per_token", "kv_bytes_per_sequence", "held_bytes_per_sequence", "withheld_bytes",
               "memory_for_cache", "bytes_for_one", "all_memory", "sequences_that_fit"),
    "A step": ("experts_touched", "idle_weight_bytes", "step_bytes", "step_flops", "arithmetic_intensity", "machine_balance",
               "memory_seconds", "compute_seconds", "link_seconds", "step_seconds", "compute_idle_fraction"),
    "Speed": ("tokens_per_step", "tokens_per_second", "tokens_per_second_per_user", "time_per_output_token"),
    "A prompt": ("new_tokens", "prefill_flops", "prefill_attention_share", "prefill_bytes", "prefill_compute_seconds",
                 "prefill_memory_seconds", "time_to_first_token", "prefill_tokens_per_second"),
    "A request": ("request_seconds", "prompt_share", "requests_per_second", "input_tokens_per_second", "output_tokens_per_second",
                  "loaded_time_per_output_token", "longest_gap"),
    "Users and money": ("users", "users_that_fit", "users_in_time", "cost_per_user_hour", "cost_per_user_month", "capital_per_user",
                        "cost_per_request", "cost_per_million_input_tokens", "cost_per_million_output_tokens", "break_even_hours"),
}
#: What is told first.
HEADLINES = ("users", "cost_per_user_month", "sequences_that_fit", "tokens_per_second", "tokens_per_second_per_user",
             "time_to_first_token", "requests_per_second", "cost_per_million_input_tokens", "cost_per_million_output_tokens")
# fmt: on
NAMES = tuple(name for names in QUANTITIES.values() for name in names)

MOST_GPUS = 4096


class NoValue(NapkinError, KeyError, AttributeError):
    """A quantity without a value: whoever looks for a key or an attribute finds none, and reads why."""

    __str__ = Exception.__str__  # a KeyError puts its sentence in quotes


@asks_inputs
def estimate(
    model: str | Model | None = None,
    gpu: str | Gpu | None = None,
    n_gpus: int | None = None,
    *,
    count: str | list[str] = "all",
    compute_bits: int | None = None,
    attention_bits: int = 16,
    **given: float,
) -> "Estimate":
    """Every quantity of a scenario, by name.

    Parameters: `model` and `gpu`, names of `napkin.model` and `napkin.gpu`, or a Model, a Gpu; left out, the article's.
    `n_gpus` share every matrix (tensor parallel) as far as the heads can be divided, the rest are stages of a pipeline, unless
    `tensor_parallel`, `pipeline_parallel` or `expert_parallel` say otherwise. `count` is what is counted where the article
    simplifies: "all", "article" (nothing), or some of "weights", "caches", "formats", "attention", "vectors", "kernels",
    "reserve", "prompts".
    `compute_bits` is the precision of the weights' products in bits (that of `weight_bits` unless given, 16 where a format is only
    stored), `attention_bits` that of attention's. All else are inputs of `napkin.INPUTS` by name: single numbers in base units
    (bytes, seconds, FLOP/s, dollars; percentages from 0 to 1). Defaults are those of a server: weights have the bits that the model
    is released in, each part its own where a config says so, caches 16 unless it says 8, and of the memory a server's reserve is
    set aside, for which `activation_bytes` stands in where they were measured. Bits may be given by the name of a format
    ("Q4_K_M"). A context left out is the article's, or the model's longest where that is shorter. Results can be given too
    (`users=300`) and are then not computed.
    Returns: an Estimate, a mapping from names to values.
    Raises: NapkinError in one sentence for bad input. A context beyond the model's only warns.

    >>> found = estimate("Qwen3-32B", "B200 SXM", context=20_000)
    >>> found.sequences_that_fit, found.users  # of those who are always served: prompts take their time too
    (20, 9)
    >>> found.text("cost_per_user_month")  # of the median rent: found.gpu.priced says whose, and when
    '$510.80'
    """
    made = Estimate(Scenario(model, gpu, n_gpus, count, compute_bits, attention_bits, given))
    for warning in made.warnings:
        warnings.warn(warning, stacklevel=2)
    return made


class Estimate(Case, Mapping):
    """The quantities of one scenario, a mapping that stays as it is: `estimate["users"]`, or `estimate.users`.

    Iterating goes over the names of `QUANTITIES` that have a value; every other formula and input can be asked for by
    name too. `name in estimate` says whether a name has a value; asking for one that has none raises a NapkinError with
    the reason, which is a KeyError and an AttributeError as well (`why(name)` returns it). `limit` says what binds,
    `fits` whether there is room, `fewest_gpus` how many GPUs have it. `to_dict` and `to_json` hold all of it; `inputs`,
    `facts`, `unknown`, `answer` are those of the Case.

    >>> found = estimate("DeepSeek-V3", "L4", context=8000)
    >>> "users" in found, found.get("users", 0)
    (False, 0)
    >>> found.text("users")
    'does not fit: needs 677 GB, has 23.7 GB, 653 GB are missing; 34 of these GPUs would do'
    """

    _found: dict[str, float]

    def __init__(self, scenario: Scenario):
        super().__init__(scenario)
        self.__dict__["_found"] = self.numbers(NAMES)

    def __setattr__(self, name, value):
        raise AttributeError("an Estimate stays as it is: make another one")

    __delattr__ = functools.partialmethod(__setattr__, None)

    def _value(self, name):
        """What a name comes to, NaN where it has no value. Raises for a name that there is not."""
        if name not in self._found:
            if name not in INPUTS and name not in FORMULAS:
                raise NoValue(f"there is no input or formula called {name!r}" + nearest_name(name))
            self._found.update(self.numbers((name,)))
        return self._found[name]

    def __getitem__(self, name: str) -> float:
        value = self._value(name)
        if value != value:
            raise NoValue(f"{name} has no value: {self.why(name)}")
        return value

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (name in INPUTS or name in FORMULAS) and not math.isnan(self._value(name))

    def __getattr__(self, name: str) -> float:
        if name.startswith("_"):
            raise AttributeError(f"an Estimate has no {name!r}")
        return self[name]

    def __dir__(self):
        return [*super().__dir__(), *self]

    def __iter__(self) -> Iterator[str]:
        return (name for name in NAMES if self._found[name] == self._found[name])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _ipython_key_completions_(self):
        return list(self)

    @property
    def _room(self):
        return "room_for_batch" if "batch" in self.inputs else "sequences_that_fit"

    @property
    def fits(self) -> bool:
        """Whether the batch, or at least one conversation, has room."""
        return self[self._room] > 0

    @functools.cached_property
    def fewest_gpus(self) -> int | None:
        """The fewest of these GPUs that have room; None where no number of them has.

        Where a layout has none, more GPUs are looked for: fewer in another layout might do, but are no answer to what was asked.
        """
        room = self._room
        if unknown := self.unknown_of(room):
            raise NapkinError(f"the fewest GPUs cannot be told: {unknown}")
        base = {name: value for name, value in self.inputs.items() if name not in LAYOUT}
        here = int(math.prod(self.inputs.get(name, 1) for name in LAYOUT))
        counts = range(1 if self.fits else here + 1, MOST_GPUS + 1)
        return next((number for number in counts if numbers((room,), {**base, **layout(number, base)})[room] > 0), None)

    def why(self, name: str) -> str:
        """Why a quantity has no value; how many GPUs would do, where room is missing."""
        why = super().why(name)
        if not why.startswith("does not fit"):
            return why
        return f"{why}; {'no number' if self.fewest_gpus is None else self.fewest_gpus} of these GPUs would do"

    reason = why

    @property
    def limit(self) -> str:
        """What binds, in sentences, and what would have to change for the next to bind."""
        if not self.fits:
            return _sentence(self.why("step_seconds"))
        unknown = self.unknown_of("step_seconds")
        step = _sentence(f"how fast a step is cannot be told: {unknown}") if unknown else limits.told([limits.STEP], self.inputs)
        return f"{step} {limits.told([limits.ROOM], self.inputs)}"

    def text(self, name: str) -> str:
        """A quantity as people read it, or why it has no value."""
        value = self._value(name)
        return show(value, named(name).unit, named(name).digits) if value == value else self.why(name)

    def equation(self, name: str) -> str:
        """The formula of a quantity in LaTeX, as it is in force here."""
        return f"{FORMULAS[name].letter} = " + self.view.latex(name)

    def in_words(self, name: str) -> str:
        """The formula of a quantity in names, as it is in force here: "weight_bytes + batch × kv_bytes_per_sequence"."""
        return self.view.in_names(name)

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data: scenario, limit, warnings, and for each quantity its value, unit, text and formula."""
        known, formulas = "memory" not in self.unknown, {name: FORMULAS[name] for name in NAMES}
        return {
            "model": self.model.name if self.model else None,
            "gpu": self.gpu.name if self.gpu else None,
            "fits": self.fits if known else None,
            "fewest_gpus": self.fewest_gpus if known and not self.fits else None,
            "limit": self.limit if known else self.unknown["memory"],
            "warnings": list(self.warnings),
            "inputs": dict(self.inputs),
            "unknown": dict(self.unknown),
            "quantities": {
                name: {"value": self.get(name), "unit": one.unit, "text": self.text(name), "formula": self.in_words(name), "says": one.says}
                for name, one in formulas.items()
            },
        }

    def to_json(self, **how: Any) -> str:
        """The same as JSON."""
        return json.dumps(self.to_dict(), **{"ensure_ascii": False, "indent": 2, **how})

    def _rows(self):
        """(heading, [(label, text, name)]) of what is worth telling: no experts, links or pages where there are none."""
        for heading, names in QUANTITIES.items():
            shown = [one for one in map(FORMULAS.get, names) if one.unless is None or self._is_on(one.unless)]
            if shown:
                yield heading, [(one.label, self._short(one.name), one.name) for one in shown]

    def _is_on(self, switch):
        return switch in self.inputs and self.inputs[switch] != INPUTS[switch].default

    def _short(self, name):
        """Its text; a dash where it has no value for the reason that is told at the top."""
        text = self.text(name)
        return "—" if text.endswith("would do") or text in self.unknown.values() else text

    def _top(self):
        """The title, what binds, and notes."""
        gpus = math.prod(self.inputs.get(name, 1) for name in LAYOUT)
        model, gpu = (entry.name if entry else ARTICLES[name] for name, entry in (("model", self.model), ("gpu", self.gpu)))
        limit = _sentence(self.unknown["memory"]) if "memory" in self.unknown else self.limit
        title = f"{model} on {f'{gpus:g} × ' if gpus != 1 else ''}{gpu}"
        notes = [f"Note: {warning}." for warning in self.warnings]
        if self.gpu and self.gpu.gpu_hour_price and "gpu_hour_price" not in self.scenario.given:
            notes.insert(0, f"Rent: {self.text('gpu_hour_price')} for a GPU-hour, {self.gpu.rents}.")
        return [title, limit, self.bits, *notes, *([f"{self.model.name}: {self.model.notes}."] if self.model and self.model.notes else [])]

    @property
    def bits(self) -> str:
        """Which bits are in force, in a sentence."""
        view = {name: self.get(name) for name in ("weight_bits", "weight_scale_bits", "expert_bits", "expert_scale_bits", "kv_bits")}
        if view["weight_bits"] is None:
            return f"Bits: {self.unknown['weight_bits']}; cached elements {view['kv_bits']:g}."
        on = self.inputs.get("count_formats", 0)

        def told(bits, scale):
            return f"{bits:g} bits" + (f" ({bits + scale:.3g} in the mean, with scales and what stays wider)" if scale and on else "")

        parts = [f"weights {told(view['weight_bits'], view['weight_scale_bits'])}"]
        if self.inputs.get("expert_parameters") and on:
            parts.append(f"experts {told(view['expert_bits'], view['expert_scale_bits'])}")
        if self.model and self.model.multiplied_bits and "weight_bits" not in self.scenario.given:
            parts.append(f"multiplied in {self.model.multiplied_bits:g}")
        return f"Bits: {', '.join(parts)}; cached elements {view['kv_bits']:g}."

    def __repr__(self):
        lines = self._top()
        for heading, rows in self._rows():
            lines += ["", heading, *(f"  {label:<38} {text}" for label, text, _ in rows)]
        return "\n".join(lines)

    def _repr_html_(self):
        title, limit, *notes = map(html.escape, self._top())
        head = "".join(_row(FORMULAS[name].label, self._short(name)) for name in HEADLINES)
        body = ""
        for heading, rows in self._rows():
            lines = (_row(label, text, f"<td><code>{name}</code> = {html.escape(self.in_words(name))}</td>") for label, text, name in rows)
            body += f'<tbody><tr><th colspan="3">{html.escape(heading)}</th></tr>{"".join(lines)}</tbody>'
        return (
            f'<div class="napkin-estimate"><p><strong>{title}.</strong> {limit}</p>{"".join(f"<p>{note}</p>" for note in notes)}'
            f"<table><tbody>{head}</tbody></table><details><summary>Every quantity, with its formula</summary>"
            '<div style="overflow-x: auto"><table><thead><tr><th>quantity</th><th>value</th><th>name and formula</th></tr></thead>'
            f"{body}</table></div></details></div>"
        )


def _row(label, text, more=""):
    return f"<tr><td>{html.escape(label)}</td><td>{html.escape(text)}</td>{more}</tr>"


def _sentence(words):
    return words[0].upper() + words[1:] + "."
