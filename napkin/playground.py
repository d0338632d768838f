"""The playground: a scenario one can move, alive with a kernel and without."""

import base64
import html
import json
from pathlib import Path

import anywidget
import ipywidgets
import numpy
import traitlets

from . import printers
from .chart import Chart
from .formatting import PERCENTS, UNITS, show
from .formula import Formula
from .graph import FORMULAS, default_of, evaluate, expression_of, guards_of, named, names_in, tell
from .notation import INPUTS, MULTIPLES, Input, NapkinError, check_together, nearest

__all__ = ["Chart", "Playground"]

WEB = Path(__file__).parent / "web"


def stops_of(symbol):
    """The values at which a slider rests: round ones, with both ends of the range."""
    low, high = symbol.low, symbol.high
    if symbol.stops:
        inner = symbol.stops
    elif symbol.scale == "log":
        # Numbers of two digits, as people say them: 90 to a power of ten.
        inner = [float(f"{m}e{e}") for e in range(-3, 20) for m in range(10, 100)]
    else:
        step = 1.0 if symbol.whole else float(f"1e{int(numpy.floor(numpy.log10(high - low))) - 2}")
        # Counted in steps and rounded, so that 0.3 is not 0.30000000000000004.
        inner = [round(low + i * step, 12) for i in range(int(round((high - low) / step)) + 1)]
    if symbol.whole:
        inner = [stop for stop in inner if stop == int(stop)]
    return sorted({float(low), float(high), *(float(stop) for stop in inner if low < stop < high)})


class Playground(anywidget.AnyWidget):
    """Inputs to move, the results that follow, and at most one chart.

    `controls` are inputs of the notation, `results` formulas. `sentence` tells the outcome, with {names} of both.
    `at` sets inputs that differ from their defaults. `name`, after "playground-", is the id of the figure on its page.

    `value` holds every base input in force, as numbers in base units; setting it (some inputs suffice) moves the
    sliders. `results` holds the results, NaN where there is none. `playground["context"]` is an ipywidgets control linked
    to that input, for `interactive_output`, `link` and layouts. Raises NapkinError for names or values that are not allowed.
    """

    value = traitlets.Dict().tag(sync=True)
    results = traitlets.Dict()
    _html = traitlets.Unicode().tag(sync=True)
    _spec = traitlets.Dict().tag(sync=True)

    def __init__(self, controls, results, chart=None, sentence="", *, at=None, name=None):
        self._controls = [_input(one) for one in controls]
        self._results = [_formula(one) for one in results]
        if not self._results:
            raise NapkinError("a playground needs at least one result")
        self._chart, self._sentence = chart, sentence
        self._id = "playground-" + (name or self._results[0].name.replace("_", "-"))
        self._names = tuple(dict.fromkeys(
            [one.name for one in self._results] + list(names_in(sentence)) + (chart.names() if chart else [])
        ))
        self._start = self._first(dict(at or {}))
        self._compute = self._javascript()
        front, tail = ((WEB / file).read_text("utf-8") for file in ("playground.js", "widget.js"))
        self._esm = f"{front}\nconst napkinCompute = {self._compute};\n{tail}"
        self._css = (WEB / "playground.css").read_text("utf-8")
        self._linked, self._following = {}, False
        super().__init__(value=self._start, _spec=self._specification())
        self._html = self._figure(script=False)
        self._recompute()

    # --- the scenario

    def _first(self, at):
        for name, given in at.items():
            at[name] = _input(name).value_of(given)
            if numpy.ndim(given):
                raise NapkinError(f"a playground takes one number for {name}, got {given!r}")
        needed = {name for one in self._names for name in _inputs_of(one, frozenset(at))}
        wanted = needed | {one.name for one in self._controls}
        if self._chart and self._chart.x not in self._controls:
            wanted.discard(self._chart.x.name)
        start = {}
        for name in INPUTS:  # in the order of the notation
            if name not in wanted:
                continue
            start[name] = at[name] if name in at else default_of(name, at)
            if isinstance(start[name], str):
                raise NapkinError(f"{name} has no number to start from; give at={{'{name}': …}}")
        check_together(start)
        return start

    @traitlets.validate("value")
    def _checked(self, proposal):
        old = self.value or {}
        new = dict(old)
        for name, given in proposal["value"].items():
            if name not in INPUTS:
                raise NapkinError(f"there is no input called {name!r}" + nearest(name, INPUTS))
            number = INPUTS[name].value_of(given)
            if numpy.ndim(number):
                raise NapkinError(f"a playground takes one number for {name}, got {given!r}")
            if name in self._start:
                new[name] = number
        for name in new:
            followed = INPUTS[name].follows
            if followed in new and old and new[followed] != old[followed] and new[name] == old[name]:
                new[name] = old[name] * old[followed] / new[followed]
        check_together(new)
        return new

    @traitlets.observe("value")
    def _moved(self, _change):
        if self._spec:
            self._recompute()
            for name, control in self._linked.items():
                self._follow(name, control)

    def _recompute(self):
        found = evaluate(self._names, self.value)
        self.results = {one.name: found[one.name] for one in self._results}

    def _follow(self, name, control):
        self._following = True
        try:
            control.value = self.value[name]
        finally:
            self._following = False

    def __getitem__(self, name):
        """An ipywidgets control linked to one input, made when it is first asked for."""
        if name not in self.value:
            raise NapkinError(f"this playground has no input {name!r}" + nearest(name, self.value))
        if name not in self._linked:
            control = _control(INPUTS[name], self.value[name])

            def moved(change):
                if not self._following:
                    try:
                        self.value = {name: change["new"]}
                    finally:
                        self._follow(name, control)

            control.observe(moved, "value")
            self._linked[name] = control
        return self._linked[name]

    # --- what the script is told

    def _outputs(self):
        guards = [guard for name in self._names for guard in guards_of(name, frozenset(self._start))]
        told = [name for guard in guards for name in names_in(FORMULAS[guard].positive)]
        every = dict.fromkeys([*self._names, *guards, *told])
        return [name for name in every if name in FORMULAS]

    def _javascript(self):
        cut = frozenset(self._start) | ({self._chart.x.name} if self._chart else frozenset())
        return printers.to_javascript({name: expression_of(name, cut) for name in self._outputs()})

    def _specification(self):
        outputs = self._outputs()
        named = [*outputs, *self._start]
        needs = {name: list(guards_of(name, frozenset(self._start))) for name in outputs}
        guards = {guard for some in needs.values() for guard in some}
        units = {_known(name).unit for name in named}
        return {
            "id": self._id, "inputs": self._start, "start": self._start, "sentence": self._sentence,
            "sentenceNames": [name for name in names_in(self._sentence) if name in FORMULAS],
            "names": {name: {"unit": _known(name).unit, "digits": _digits(name), "label": _known(name).label}
                      for name in named},
            "units": {unit: [[*map(list, UNITS[unit][0].items())], UNITS[unit][1], unit in PERCENTS] for unit in units},
            "needs": {name: some for name, some in needs.items() if some},
            "reasons": {guard: FORMULAS[guard].positive for guard in guards},
            "follows": [[name, INPUTS[name].follows] for name in self._start if INPUTS[name].follows],
            "multiples": MULTIPLES,
            "controls": [_control_spec(one) for one in self._controls],
            "chart": self._chart.spec(self._start) if self._chart else None,
        }

    # --- the faces

    def _figure(self, script):
        """The figure as HTML: finished numbers, picture and sentence; with `script`, what brings them to life."""
        found = evaluate(self._names, self.value)
        body = [
            f'<div class="napkin-results">{"".join(self._result_html(one, found[one.name]) for one in self._results)}</div>',
            f'<div class="napkin-controls">{"".join(map(self._control_html, self._controls))}</div>',
            '<p class="napkin-bar"><span class="napkin-message" role="alert"></span>'
            '<button type="button" class="napkin-reset" disabled>reset</button></p>',
        ]
        if self._chart:
            said = self._chart.title + ". " + self._told(found)
            body.append(f'<div class="napkin-chart">{self._chart.svg(self.value, self._start, self._id, html.escape(said))}</div>')
        if self._sentence:
            body.append(f'<figcaption class="napkin-sentence" role="status">{html.escape(self._told(found))}</figcaption>')
        inputs = html.escape(json.dumps(self.value), quote=True)
        text = f'<figure class="napkin-playground" id="{self._id}" data-inputs="{inputs}">{"".join(body)}</figure>'
        if script:
            spec = json.dumps(self._specification(), ensure_ascii=False).replace("</", "<\\/")
            queued = f"(window.napkin = window.napkin || []).push([{json.dumps(self._id)}, {spec}, {self._compute}]);"
            text += f"<script>{queued}</script>"
        return text

    def _told(self, found):
        for name in names_in(self._sentence):
            if found[name] != found[name]:
                why = _why(name, self.value)
                return why[0].upper() + why[1:] + "."
        return tell(self._sentence, self.value)

    def _control_html(self, symbol):
        value, name = self.value[symbol.name], symbol.name
        target = f"{self._id}--{name}"
        said = show(value, symbol.unit, 6)
        tip = html.escape(symbol.says, quote=True)
        label = f'<label for="{target}" title="{tip}">{html.escape(symbol.label)}</label>'
        common = f'id="{target}" name="{name}" data-value="{_number(value)}" disabled'
        if symbol.choices:
            options = "".join(
                f'<option value="{choice}"{" selected" if choice == value else ""}>{choice} ({called})</option>'
                for choice, called in symbol.choices.items()
            )
            return f'<div class="napkin-control is-choice">{label}<select {common}>{options}</select></div>'
        stops = stops_of(symbol)
        at = min(range(len(stops)), key=lambda i: abs(stops[i] - value))
        unit = html.escape(symbol.shown_in[1] or {"token": "tokens", "token/sequence": "tokens"}.get(symbol.unit, ""))
        dollars = unit == "$"
        return (
            f'<div class="napkin-control">{label}<span class="napkin-typing">'
            + ('<span class="napkin-unit">$</span>' if dollars else "")
            + f'<input type="text" inputmode="decimal" autocomplete="off" class="napkin-typed" data-types="{name}"'
            f' aria-label="{html.escape(symbol.label)}, typed" value="{html.escape(said)}" disabled>'
            + (f'<span class="napkin-unit">{unit}</span>' if unit and not dollars else "")
            + f'</span><span class="napkin-still">{html.escape(said)}</span>'
            f'<input type="range" {common} min="0" max="{len(stops) - 1}" step="1" value="{at}"'
            f' aria-valuetext="{html.escape(said)}"></div>'
        )

    def _result_html(self, one, number):
        if number != number:
            inner = f'<output name="{one.name}" class="is-reason">{html.escape(_why(one.name, self.value))}</output>'
        else:
            inner = f'<output name="{one.name}" data-value="{_number(number)}">{show(number, one.unit, one.digits)}</output>'
        tip = html.escape(one.says, quote=True)
        return f'<div class="napkin-result"><span class="napkin-name" title="{tip}">{html.escape(one.label)}</span>{inner}</div>'

    def __repr__(self):
        inside = ", ".join(f"{name}={show(number, FORMULAS[name].unit)}" for name, number in self.results.items() if number == number)
        return f"<Playground {self._id}: {inside}>"

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        data = {**data, "text/plain": repr(self), "text/html": self._figure(script=True)}
        if self._chart:
            data["image/png"] = base64.b64encode(self._chart.png(self.value, self._start)).decode()
        return data, metadata


def _input(one):
    name = one if isinstance(one, str) else getattr(one, "name", None)
    if name not in INPUTS or not isinstance(one, (str, Input)):
        raise NapkinError(f"there is no input called {name or one!r}" + nearest(name, INPUTS))
    return INPUTS[name]


def _formula(one):
    if isinstance(one, Formula):
        return one
    if one not in FORMULAS:
        raise NapkinError(f"there is no formula called {one!r}" + nearest(one, FORMULAS))
    return FORMULAS[one]


def _known(name):
    return INPUTS.get(name) or FORMULAS[name]


def _digits(name):
    return FORMULAS[name].digits if name in FORMULAS else 6


def _inputs_of(name, given):
    return {str(symbol) for symbol in expression_of(name, given).free_symbols}


def _why(name, inputs):
    for guard in guards_of(name, frozenset(inputs)):
        if not evaluate((guard,), inputs)[guard] > 0:
            return tell(FORMULAS[guard].positive, inputs)
    return "beyond what a number can hold"


def _number(value):
    return json.dumps(value if not isinstance(value, float) or not value.is_integer() or abs(value) >= 1e15 else int(value))


def _control_spec(symbol):
    spec = {"name": symbol.name, "whole": symbol.whole, "shown": list(symbol.shown_in), "low": symbol.low, "high": symbol.high}
    if not symbol.choices:
        spec["stops"] = stops_of(symbol)
        if not spec["shown"][1] and symbol.unit.startswith("token"):
            spec["shown"] = [0, "tokens"]
    return spec


def _control(symbol, value):
    """The ipywidgets control that suits an input: fields, since ipywidgets' sliders round what Python sets."""
    about = {"description": symbol.label, "style": {"description_width": "initial"}, "value": value}
    if symbol.choices:
        return ipywidgets.Dropdown(options=[(f"{n} ({called})", n) for n, called in symbol.choices.items()], **about)
    return ipywidgets.IntText(**about) if symbol.whole else ipywidgets.FloatText(**about)
