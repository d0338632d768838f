"""A playground's page: finished HTML for one scenario, and what the script needs to take over from there."""

import functools
import html
import json
import math

from .. import limits
from ..catalogue import Catalogue
from ..language.graph import FORMULAS, named, names_in, tell
from ..language.inputs import INPUTS, TOGETHER
from ..language.numbers import show
from ..language.sentences import reasons_of
from ..language.units import UNITS
from ..questions.scenario import ARTICLES
from .drawing import Drawing
from .needs import Needs

#: What the lists of the catalogue are called.
LISTED = {"model": "model", "gpu": "GPU"}
#: So many controls stand in front; where there are more than one beyond, they fold.
IN_FRONT = 4
#: Results of more letters are written smaller.
LONG = 14


def stops_of(symbol):
    """The values at which a slider rests: round ones, with both ends of the range."""
    low, high = symbol.low, symbol.high
    if symbol.stops:
        inner = symbol.stops
    elif symbol.scale == "log":
        # Numbers of two digits, as people say them: 90 to a power of ten.
        inner = [float(f"{m}e{e}") for e in range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high))) for m in range(10, 100)]
    else:
        step = max(10.0 ** (math.floor(math.log10(high - low)) - 2), 1.0 if symbol.whole else 0)
        # Counted in steps and rounded, so that 0.3 is not 0.30000000000000004.
        inner = [round(low + i * step, 12) for i in range(round((high - low) / step) + 1)]
    if symbol.whole:
        inner = [stop for stop in inner if stop == int(stop)]
    first = _first(symbol)
    return sorted({float(low), float(high), *(float(stop) for stop in (*inner, low if first is None else first) if low < stop < high)})


def _first(symbol):
    """Where a slider finds back to: its default, unless that is computed, or whole and among the others."""
    return None if symbol.computed or symbol.whole else symbol.default


def rests_of(symbol):
    """What page/web/stops.js makes the same values of."""
    about = {"low": symbol.low, "high": symbol.high, "scale": symbol.scale, "whole": symbol.whole}
    return {**about, "inner": list(symbol.stops) if symbol.stops else None, "first": _first(symbol)}


def units_of(names):
    """What the script needs to read and write numbers in these units."""
    return {unit: UNITS[unit].as_json() for unit in names}


class Page:
    """Controls, results, at most one chart or drawing, what binds and a sentence, as HTML.

    `start` is the first scenario, `takes` are the further inputs that another may bring; `names` is what is told.
    """

    def __init__(self, identity, controls, results, chart, sentence, at):
        drawing, chart = (chart, None) if isinstance(chart, Drawing) else (None, chart)
        self.id, self.controls, self.results, self.chart, self.drawing, self.sentence = (
            identity,
            controls,
            results,
            chart,
            drawing,
            sentence,
        )
        self.families = limits.families_for([one.name for one in results])
        told = dict.fromkeys(name for family in self.families for name in limits.names_in_family(family))
        self.told = names_in(sentence)
        pictured = (*(chart or drawing).names(), *([chart.x.name] if chart else [])) if chart or drawing else ()
        self.names = tuple(dict.fromkeys([*(one.name for one in results), *self.told, *pictured]))
        inputs = [one for one in controls if not isinstance(one, Catalogue)]
        self.needs = Needs(inputs, self.names, tuple(told), chart, at)
        self.start, self.takes = self.needs.start, self.needs.takes
        view = self.needs.view
        seen = {*pictured, *view.inputs(*pictured, *(guard for name in pictured for guard in view.guards(name)))}
        #: Controls that move numbers and leave the picture as it is; they say so.
        self.aside = {one.name for one in inputs if one.name not in seen} if pictured else set()

    @functools.cached_property
    def specification(self):
        """What the script is told, ready for JSON."""
        needs = self.needs.guards
        every = [*needs, *self.start]
        families = limits.as_json(self.families)
        units = {named(name).unit for name in every} | {"byte"}
        units |= {part[1] for cases in families for _, parts in cases for part in parts if not isinstance(part, str)}
        return {
            "id": self.id,
            "inputs": self.start,
            "start": self.start,
            "takes": self.takes,
            "neutral": self.needs.neutral,
            "sentence": self.sentence,
            "sentenceNames": [name for name in self.told if name in FORMULAS],
            "names": {name: [named(name).label, named(name).unit, named(name).digits] for name in every},
            "units": units_of(sorted(units)),
            "needs": {name: some for name, some in needs.items() if some},
            "reasons": reasons_of(dict.fromkeys(guard for some in needs.values() for guard in some)),
            "limits": families,
            "follows": [[name, INPUTS[name].follows] for name in self.start if INPUTS[name].follows],
            "together": TOGETHER,
            "controls": [_control_spec(one) for one in self.controls],
            "chart": self.chart.spec(self.start) if self.chart else None,
            "drawn": bool(self.drawing),
            "long": LONG,
        }

    def figure(self, case, script):
        """The figure as HTML for a case: numbers, picture and sentence, or why there are none; with `script`, what enlivens them."""
        found = case.answers(self.names)
        why = next((found[name].why for name in self.told if found[name].why), "")
        told = why[:1].upper() + why[1:] + "." if why else tell(self.sentence, case.inputs)
        view = [_block("div", "results", *(_result_html(one, found[one.name]) for one in self.results))]
        missing = "; ".join(dict.fromkeys(why for one in self.results if (why := found[one.name].why)))
        view.append(
            f'<div class="napkin-said"><p class="napkin-message" role="alert"></p><p class="napkin-reason">{html.escape(missing)}</p></div>'
        )
        if self.chart:
            said = html.escape(f"{self.chart.title}. {told}")
            view.append(_block("div", "chart", self.chart.svg(case.inputs, self.start, self.id, said, case.unknown)))
        if self.drawing:
            view.append(_block("div", "chart", self.drawing.svg(case.inputs, self.id)))
        controls = [self._control_html(one, case) for one in self.controls]
        front = len(controls) if len(controls) <= IN_FRONT + 1 else IN_FRONT
        moves = _block("div", "controls", *controls[:front])
        if behind := controls[front:]:
            moves += _block("details", "more", f"<summary>{len(behind)} more</summary>", _block("div", "controls", *behind))
        if self.aside:
            moves += _block("p", "aside", "* moves the numbers, not the picture")
        moves += _block("p", "bar", '<button type="button" class="napkin-reset" disabled>reset</button>')
        body = [_block("div", "sheet", _block("div", "view", *view), _block("div", "moves", moves))]
        caption = [f'<p class="napkin-sentence" aria-live="polite">{html.escape(told)}</p>'] if self.sentence else []
        if self.families:
            caption.append(_block("p", "limit", html.escape(limits.told(self.families, case.inputs, case.unknown_of))))
        body.append(f"<figcaption>{''.join(caption)}</figcaption>" if caption else "")
        inputs = html.escape(json.dumps(case.inputs))
        text = f'<figure class="napkin-playground" id="{self.id}" data-inputs="{inputs}">{"".join(body)}</figure>'
        if script:
            # formulas, labels and units are those of the script that all pages of the book share
            own = {name: value for name, value in self.specification.items() if name not in ("names", "units")}
            spec = json.dumps({**own, "outputs": list(self.needs.guards)}, ensure_ascii=False).replace("</", "<\\/")
            queued = f"[{json.dumps(self.id)}, {spec}]"
            text += f"<script>(window.napkin = window.napkin || []).push({queued});</script>"
        return text

    def _control_html(self, symbol, case):
        name, target = symbol.name, f"{self.id}--{symbol.name}"
        if isinstance(symbol, Catalogue):
            value = getattr(getattr(case, name), "name", "")
            return _choice_html(
                f'<label for="{target}">{LISTED[name]}</label>', target, name, html.escape(value), value, choices_of(symbol)
            )
        value = case.inputs.get(name, math.nan)
        star = "*" if name in self.aside else ""
        label = f'<label for="{target}" title="{html.escape(symbol.says)}">{html.escape(symbol.label)}{star}</label>'
        if symbol.choices:
            return _choice_html(label, target, name, _number(value), value, choices_of(symbol))
        said = show(value, symbol.unit, 6) if value == value else ""
        stops = stops_of(symbol)
        at = min(range(len(stops)), key=lambda i: abs(stops[i] - value)) if said else 0
        still, unit = html.escape(said or "not published"), html.escape(symbol.shown_in[1])
        unit_html = f'<span class="napkin-unit">{unit}</span>' if unit else ""
        before, after = (unit_html, "") if unit == "$" else ("", unit_html)
        return (
            f'<div class="napkin-control">{label}<span class="napkin-typing">{before}'
            f'<input type="text" inputmode="decimal" autocomplete="off" class="napkin-typed" data-types="{name}"'
            f' aria-label="{html.escape(symbol.label)}, typed" value="{html.escape(said)}" disabled>{after}</span>'
            f'<span class="napkin-still">{still}</span><input type="range" id="{target}" name="{name}" data-value="{_number(value)}"'
            f' disabled min="0" max="{len(stops) - 1}" step="1" value="{at}" aria-valuetext="{still}"></div>'
        )


def choices_of(one):
    """What can be chosen, {value: what it is called}: for a catalogue, its names behind the article's."""
    if isinstance(one, Catalogue):
        return {"": ARTICLES[one.name], **{name: name for name in one.choices}}
    return {value: called if one.flag else f"{value:g} ({called})" for value, called in one.choices.items()}


def _choice_html(label, target, name, data, chosen, choices):
    choices = choices if chosen in choices or chosen != chosen else {**choices, chosen: f"{chosen:g}"}  # a number between those of the list
    options = "".join(
        f'<option value="{html.escape(str(value))}"{" selected" if value == chosen else ""}>{html.escape(called)}</option>'
        for value, called in choices.items()
    )
    return (
        f'<div class="napkin-control">{label}<span class="napkin-still">{html.escape(choices.get(chosen, chosen))}</span>'
        f'<select id="{target}" name="{name}" data-value="{data}" disabled>{options}</select></div>'
    )


def _block(tag, name, *inside):
    return f'<{tag} class="napkin-{name}">{"".join(inside)}</{tag}>'


def _number(value):
    return json.dumps(int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value)


def _control_spec(symbol):
    if isinstance(symbol, Catalogue):
        return {"name": symbol.name, "catalogue": True}
    spec = {"name": symbol.name, "whole": symbol.whole, "shown": list(symbol.shown_in), "low": symbol.low, "high": symbol.high}
    return spec if symbol.choices else {**spec, **rests_of(symbol), "slides": True}


def _result_html(one, answer):
    text = "—" if answer.why else show(answer.value, one.unit, one.digits)
    about = f'class="is-reason" title="{html.escape(answer.why)}"' if answer.why else f'data-value="{_number(answer.value)}"'
    if len(text) > LONG:
        about += ' class="is-long"'
    return (
        f'<div class="napkin-result"><span class="napkin-name" title="{html.escape(one.says)}">{html.escape(one.label)}</span>'
        f'<output name="{one.name}" {about}>{text}</output></div>'
    )
