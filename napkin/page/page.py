"""A playground's page: finished HTML for one scenario, and what the script needs to take over from there."""

import functools
import html
import json
import math

import numpy

from .. import limits
from ..catalogue import Catalogue
from ..language.numbers import show
from ..language.graph import (
    FORMULAS, SWITCHES, cut_of, default_of, evaluate, guards_of, input_named, inputs_of, javascript_of, named, names_in, open_of,
    positive_of, reason, tell,
)
from ..language.units import UNITS
from ..language.errors import NapkinError
from ..language.inputs import INPUTS, TOGETHER, check_together
from ..language.sentences import reasons_of
from ..questions.scenario import ARTICLES


def stops_of(symbol):
    """The values at which a slider rests: round ones, with both ends of the range."""
    low, high = symbol.low, symbol.high
    if symbol.stops:
        inner = symbol.stops
    elif symbol.scale == "log":
        # Numbers of two digits, as people say them: 90 to a power of ten.
        inner = [float(f"{m}e{e}") for e in range(-3, 20) for m in range(10, 100)]
    else:
        step = float(f"1e{int(numpy.floor(numpy.log10(high - low))) - 2}")
        if symbol.whole:
            step = max(1.0, step)
        # Counted in steps and rounded, so that 0.3 is not 0.30000000000000004.
        inner = [round(low + i * step, 12) for i in range(int(round((high - low) / step)) + 1)]
    if symbol.whole:
        inner = [stop for stop in inner if stop == int(stop)]
    return sorted({float(low), float(high), *(float(stop) for stop in inner if low < stop < high)})


def one_number(name, given):
    """Check a value for one input of a playground; NapkinError for an unknown name, a bad value or an array."""
    number = input_named(name).value_of(given)
    if numpy.ndim(number):
        raise NapkinError(f"a playground takes one number for {name}, got {given!r}")
    return number


def units_of(names):
    """What the script needs to write numbers in these units: {unit: [prefixes by power, what follows, percent, counted by]}."""
    return {unit: [[*map(list, UNITS[unit][0].items())], UNITS[unit][1], UNITS[unit].percent, UNITS[unit][2]] for unit in names}


class Page:
    """Controls, results, at most one chart, what binds and a sentence, as HTML.

    `start` is the first scenario: every base input that the results need. `takes` are the further inputs that a scenario
    may bring: switches, and inputs that are computed until they are given. `names` is what is told.
    """

    def __init__(self, identity, controls, results, chart, sentence, at):
        self.id, self.results, self.chart, self.sentence = identity, results, chart, sentence
        self.catalogues = [one for one in controls if isinstance(one, Catalogue)]
        self.controls = [one for one in controls if not isinstance(one, Catalogue)]
        self.order = controls
        self.families = limits.families_for([one.name for one in results])
        told = [name for family in self.families for name in limits.names_in_family(family)]
        self.names = tuple(dict.fromkeys(
            [one.name for one in results] + list(names_in(sentence)) + (chart.names() if chart else [])
        ))
        self.told = tuple(dict.fromkeys(told))
        self.start = self._first({name: one_number(name, given) for name, given in at.items()})
        self.takes = self._taken()
        self.neutral = {name: INPUTS[name].default for name in self.takes if not INPUTS[name].computed and not INPUTS[name].flag}

    def _first(self, at):
        """The first scenario: every input that the results need, from `at` or by default."""
        start, given = {}, None
        while given != {**at, **start}:  # an input that comes in by default may be a switch, and let in others
            given = {**at, **start}
            start = self._needed(at, self._cut(given))
        check_together(start)
        return start

    def _needed(self, at, cut):
        """The inputs that everything on the page is computed from, with the values they start from."""
        wanted = {*inputs_of(self._every(cut), cut), *(one.name for one in self.controls)}
        # what binds may need a rate that follows another input: it has no default that holds for all of them
        # … nor may a default stand in for what the page starts from: a model's weights beside another's experts
        wanted.update(name for name in inputs_of(self.told, cut) if name in INPUTS and (INPUTS[name].follows or name in at))
        if self.chart and self.chart.x not in self.controls:
            wanted.discard(self.chart.x.name)
        start = {}
        for name in INPUTS:  # in the order of the notation
            if name not in wanted:
                continue
            start[name] = at[name] if name in at else default_of(name, at)
            if isinstance(start[name], str):  # what would be computed starts at what it comes to
                start[name] = evaluate((name,), at)[name]
                if start[name] != start[name]:
                    raise NapkinError(f"{name} has no number to start from; give at={{'{name}': …}}")
        return start

    def _cut(self, given):
        """What these inputs make of the graph; flags among them, and those that are controls, stay open."""
        flags = {one.name: 1 for one in self.controls if one.flag}
        switches = {one.name: None for one in self.controls if not one.computed}
        given = {**switches, **flags, **given}
        return cut_of(given, [name for name in given if name in INPUTS and INPUTS[name].flag])

    @functools.cached_property
    def _open(self):
        """The cut in which a scenario may bring every switch, and every input that is computed until it is given."""
        given = {*self.start, *([self.chart.x.name] if self.chart else [])}
        computed = [f"{name}?" for name, known in INPUTS.items() if known.computed and name not in given]
        switches = [f"{name}?" if INPUTS[name].flag else name for name in SWITCHES]
        return frozenset([*computed, *switches, *(name for name in given if INPUTS[name].computed)])

    def _taken(self):
        """The inputs beyond those of the start that the open program reads."""
        every = self._every(self._open)
        taken = {*inputs_of(every, self._open), *(name for name in open_of(self._open) if self._reads(name, every))}
        if self.chart:
            taken.discard(self.chart.x.name)
        return tuple(name for name in INPUTS if name in taken and name not in self.start)

    def _reads(self, name, every):
        """Whether an open name matters to any of these."""
        return inputs_of(every, self._open) != inputs_of(every, self._open - {f"{name}?"} | {name}) or INPUTS[name].flag

    def _every(self, cut):
        """The names of all that is computed: results, curves, what binds, guards and what their reasons tell."""
        names = [*self.names, *self.told] if cut == self.__dict__.get("_open") else self.names
        guards = [guard for name in names for guard in guards_of(name, cut)]
        told = [name for guard in guards for name in names_in(positive_of(guard, cut))]
        return list(dict.fromkeys([*names, *guards, *told]))

    def outputs(self):
        """The names of all that the script computes: formulas, and inputs that are computed until they are given."""
        return [name for name in self._every(self._open) if name in FORMULAS or f"{name}?" in self._open]

    @functools.cached_property
    def javascript(self):
        """The source of the function that computes them."""
        return javascript_of(self.outputs(), self._open)

    @functools.cached_property
    def specification(self):
        """What the script is told, ready for JSON."""
        outputs, cut = self.outputs(), self._open
        every = [*outputs, *self.start]
        needs = {name: list(guards_of(name, cut)) for name in outputs}
        guards = list(dict.fromkeys(guard for some in needs.values() for guard in some))
        families = limits.as_json(self.families)
        units = {named(name).unit for name in every} | {"byte"} | {
            part[1] for cases in families for _, parts in cases for part in parts if not isinstance(part, str)
        }
        return {
            "id": self.id, "inputs": self.start, "start": self.start, "takes": self.takes, "neutral": self.neutral, "sentence": self.sentence,
            "sentenceNames": [name for name in names_in(self.sentence) if name in FORMULAS],
            "names": {name: [named(name).label, named(name).unit, named(name).digits] for name in every},
            "units": units_of(sorted(units)),
            "needs": {name: some for name, some in needs.items() if some},
            "reasons": reasons_of(guards),
            "limits": families,
            "follows": [[name, INPUTS[name].follows] for name in self.start if INPUTS[name].follows],
            "together": TOGETHER,
            "controls": [_control_spec(one) for one in self.order],
            "chart": self.chart.spec(self.start) if self.chart else None,
        }

    def figure(self, case, script):
        """The figure as HTML for a case: finished numbers, picture and sentence, or why there are none; with `script`, what enlivens them."""
        found = case.answers(self.names)
        body = [
            f'<div class="napkin-results">{"".join(_result_html(one, found[one.name]) for one in self.results)}'
            '<p class="napkin-message" role="alert"></p></div>',
            f'<div class="napkin-controls">{"".join(self._control_html(one, case) for one in self.order)}</div>',
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
            queued = f"(window.napkin = window.napkin || []).push([{json.dumps(self.id)}, {spec}, {self.javascript}]);"
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
