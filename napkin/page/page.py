"""A playground's page: finished HTML for one scenario, and what the script needs to take over from there."""

import functools
import html
import json
import math

import numpy

from .. import limits
from ..catalogue import Catalogue
from ..language.graph import FORMULAS, named, names_in, tell
from ..language.inputs import INPUTS, TOGETHER
from ..language.numbers import show
from ..language.sentences import reasons_of
from ..language.units import UNITS
from ..questions.scenario import ARTICLES
from .needs import Needs


def stops_of(symbol):
    """The values at which a slider rests: round ones, with both ends of the range."""
    low, high = symbol.low, symbol.high
    if symbol.stops:
        inner = symbol.stops
    elif symbol.scale == "log":
        # Numbers of two digits, as people say them: 90 to a power of ten.
        inner = [float(f"{m}e{e}") for e in range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high))) for m in range(10, 100)]
    else:
        step = float(f"1e{int(numpy.floor(numpy.log10(high - low))) - 2}")
        if symbol.whole:
            step = max(1.0, step)
        # Counted in steps and rounded, so that 0.3 is not 0.30000000000000004.
        inner = [round(low + i * step, 12) for i in range(int(round((high - low) / step)) + 1)]
    if symbol.whole:
        inner = [stop for stop in inner if stop == int(stop)]
    return sorted({float(low), float(high), *(float(stop) for stop in inner if low < stop < high)})


def units_of(names):
    """What the script needs to read and write numbers in these units."""
    return {unit: UNITS[unit].as_json() for unit in names}


class Page:
    """Controls, results, at most one chart, what binds and a sentence, as HTML.

    `start` is the first scenario, `takes` are the further inputs that another may bring; `names` is what is told.
    """

    def __init__(self, identity, controls, results, chart, sentence, at):
        self.id, self.results, self.chart, self.sentence = identity, results, chart, sentence
        self.controls = controls
        self.families = limits.families_for([one.name for one in results])
        told = [name for family in self.families for name in limits.names_in_family(family)]
        names = [one.name for one in results] + list(names_in(sentence)) + (chart.names() if chart else [])
        self.names = tuple(dict.fromkeys(names))
        inputs = [one for one in controls if not isinstance(one, Catalogue)]
        self.needs = Needs(inputs, self.names, tuple(dict.fromkeys(told)), chart, at)
        self.start, self.takes = self.needs.start, self.needs.takes

    @functools.cached_property
    def specification(self):
        """What the script is told, ready for JSON."""
        needs = self.needs.guards
        every = [*needs, *self.start]
        guards = list(dict.fromkeys(guard for some in needs.values() for guard in some))
        families = limits.as_json(self.families)
        units = {named(name).unit for name in every} | {"byte"} | {
            part[1] for cases in families for _, parts in cases for part in parts if not isinstance(part, str)
        }
        return {
            "id": self.id, "inputs": self.start, "start": self.start, "takes": self.takes, "neutral": self.needs.neutral, "sentence": self.sentence,
            "sentenceNames": [name for name in names_in(self.sentence) if name in FORMULAS],
            "names": {name: [named(name).label, named(name).unit, named(name).digits] for name in every},
            "units": units_of(sorted(units)),
            "needs": {name: some for name, some in needs.items() if some},
            "reasons": reasons_of(guards),
            "limits": families,
            "follows": [[name, INPUTS[name].follows] for name in self.start if INPUTS[name].follows],
            "together": TOGETHER,
            "controls": [_control_spec(one) for one in self.controls],
            "chart": self.chart.spec(self.start) if self.chart else None,
        }

    def figure(self, case, script):
        """The figure as HTML for a case: finished numbers, picture and sentence, or why there are none; with `script`, what enlivens them."""
        found = case.answers(self.names)
        body = [
            f'<div class="napkin-results">{"".join(_result_html(one, found[one.name]) for one in self.results)}'
            '<p class="napkin-message" role="alert"></p></div>',
            f'<div class="napkin-controls">{"".join(self._control_html(one, case) for one in self.controls)}</div>',
            '<p class="napkin-bar"><button type="button" class="napkin-reset" disabled>reset</button></p>',
        ]
        told = self._told(found, case)
        if self.chart:
            said = html.escape(f"{self.chart.title}. {told}")
            body.append(f'<div class="napkin-chart">{self.chart.svg(case.inputs, self.start, self.id, said, case.unknown)}</div>')
        if self.families:
            body.append(f'<p class="napkin-limit">{html.escape(limits.told(_families_known(self.families, case), case.inputs))}</p>')
        if self.sentence:
            body.append(f'<figcaption class="napkin-sentence" aria-live="polite">{html.escape(told)}</figcaption>')
        inputs = html.escape(json.dumps(case.inputs), quote=True)
        text = f'<figure class="napkin-playground" id="{self.id}" data-inputs="{inputs}">{"".join(body)}</figure>'
        if script:
            spec = json.dumps(self.specification, ensure_ascii=False).replace("</", "<\\/")
            queued = f"(window.napkin = window.napkin || []).push([{json.dumps(self.id)}, {spec}, {self.needs.javascript}]);"
            text += f"<script>{queued}</script>"
        return text

    def _told(self, found, case):
        for name in names_in(self.sentence):
            if found[name].why:
                return found[name].why[0].upper() + found[name].why[1:] + "."
        return tell(self.sentence, case.inputs)

    def _control_html(self, symbol, case):
        if isinstance(symbol, Catalogue):
            entry = getattr(case, symbol.name)
            return _catalogue_html(symbol, self.id, entry.name if entry else "")
        name, value = symbol.name, case.inputs.get(symbol.name, math.nan)
        target = f"{self.id}--{name}"
        said = show(value, symbol.unit, 6) if value == value else ""
        tip = html.escape(symbol.says, quote=True)
        label = f'<label for="{target}" title="{tip}">{html.escape(symbol.label)}</label>'
        common = f'id="{target}" name="{name}" data-value="{_number(value)}" disabled'
        if symbol.choices:
            options = "".join(
                f'<option value="{choice}"{" selected" if choice == value else ""}>'
                f'{called if symbol.flag else f"{choice} ({called})"}</option>'
                for choice, called in symbol.choices.items()
            )
            still = symbol.choices[value] if symbol.flag else f"{value:g} ({symbol.choices[value]})"
            return f'<div class="napkin-control">{label}<span class="napkin-still">{still}</span><select {common}>{options}</select></div>'
        stops = stops_of(symbol)
        at = min(range(len(stops)), key=lambda i: abs(stops[i] - value)) if said else 0
        still = said or "not published"
        unit = html.escape(symbol.shown_in[1])
        dollars = unit == "$"
        return (
            f'<div class="napkin-control">{label}<span class="napkin-typing">'
            + ('<span class="napkin-unit">$</span>' if dollars else "")
            + f'<input type="text" inputmode="decimal" autocomplete="off" class="napkin-typed" data-types="{name}"'
            f' aria-label="{html.escape(symbol.label)}, typed" value="{html.escape(said)}" disabled>'
            + (f'<span class="napkin-unit">{unit}</span>' if unit and not dollars else "")
            + f'</span><span class="napkin-still">{html.escape(still)}</span>'
            f'<input type="range" {common} min="0" max="{len(stops) - 1}" step="1" value="{at}"'
            f' aria-valuetext="{html.escape(still)}"></div>'
        )


def _number(value):
    return json.dumps(value if not isinstance(value, float) or not value.is_integer() or abs(value) >= 1e15 else int(value))


def _catalogue_html(catalogue, identity, chosen):
    """A list of the catalogue's names; the first entry is the article's."""
    name = catalogue.name
    target = f"{identity}--{name}"
    options = "".join(
        f'<option value="{html.escape(value)}"{" selected" if value == chosen else ""}>{html.escape(value or ARTICLES[name])}</option>'
        for value in ("", *catalogue.choices)
    )
    label = name if name == "model" else "GPU"
    return (
        f'<div class="napkin-control"><label for="{target}">{label}</label><span class="napkin-still">{html.escape(chosen or ARTICLES[name])}</span>'
        f'<select id="{target}" name="{name}" data-value="{html.escape(chosen)}" disabled>{options}</select></div>'
    )


def _control_spec(symbol):
    if isinstance(symbol, Catalogue):
        return {"name": symbol.name, "catalogue": True}
    spec = {"name": symbol.name, "whole": symbol.whole, "shown": list(symbol.shown_in), "low": symbol.low, "high": symbol.high}
    if not symbol.choices:
        spec["stops"] = stops_of(symbol)
    return spec


def _families_known(families, case):
    """The sentences about what binds that need no unknown fact."""
    if not case.unknown:
        return families
    return [[one for one in family if not any(map(case.unknown_of, limits.names_in_family([one])))] for family in families]


def _result_html(one, answer):
    if answer.why:
        inner = f'<output name="{one.name}" class="is-reason">{html.escape(answer.why)}</output>'
    else:
        inner = f'<output name="{one.name}" data-value="{_number(answer.value)}">{show(answer.value, one.unit, one.digits)}</output>'
    tip = html.escape(one.says, quote=True)
    return f'<div class="napkin-result"><span class="napkin-name" title="{tip}">{html.escape(one.label)}</span>{inner}</div>'
