"""Faces of a page that asks backwards, and of one that ranks: finished answers, which the script keeps up to date."""

import html
import json

import traitlets

from ..catalogue.entries import or_dash
from ..language.errors import NapkinError
from ..language.graph import BOOK, formula_named, input_named
from ..language.inputs import INPUTS
from ..language.numbers import show
from ..language.units import UNITS
from ..questions.scenario import Scenario
from ..questions.sensitivities import half_and_double, sensitivity
from ..questions.solve import solve_for
from ..several_gpus import PARTS
from .needs import OPEN_INPUTS
from .picture import Picture
from .scripts import widget_script
from .shared import Card, styles

TOLD = ("users", "cost_per_user_month", "tokens_per_second_per_user")


class TurnAround(Card):
    """A result pinned, an input set free: what must it be? The page solves as `solve_for` does.

    `results` and `inputs` are what can be chosen, `target` is (result, value) and `free` the input at the start; `at` is
    where the other inputs start. Raises NapkinError for names that are none, and where the start has no answer.
    """

    _html = traitlets.Unicode().tag(sync=True)

    def __init__(self, results, inputs, target, free, *, at=None):
        self.results = [formula_named(one) for one in results]
        self.inputs = [input_named(one) for one in inputs]
        self.free, self.at = input_named(free), dict(at or {})
        self.result, self.target = formula_named(target[0]), target[1]
        self.depends = {one.name: _inputs_behind(one.name) for one in self.results}
        if self.free not in self.inputs or self.result not in self.results:
            raise NapkinError("target and free must be among results and inputs")
        given = {name: value for name, value in self.at.items() if name != self.free.name}
        self.solution = solve_for(self.free.name, count="article", **given, **{self.result.name: self.target})
        self._wanted = show(self.target, self.result.unit, 6)
        self._esm, self._css = widget_script("room", "card"), styles("playground", "turn")
        super().__init__(_html=self._page())

    def __repr__(self):
        return f"{self.result.label} {self._wanted}: {self.free.label} {self.solution.text}"

    def _faces(self):
        told = f"For the {self.result.label} to be {self._wanted}: **{self.free.label} {self.solution.text}**"
        return {"text/plain": repr(self), "text/markdown": told.replace("$", r"\$"), "text/html": self._html}

    def _page(self):
        """The card as HTML, answered for where it starts."""
        shown = {one.name: UNITS[one.unit].typed for one in self.results}
        spec = _data({"target": self.target, "at": self.at, "told": TOLD, "depends": self.depends, "shown": shown})
        unit, said = shown[self.result.name][1], html.escape(self.result.label)

        def choice(name, label, some, chosen):
            options = "".join(
                f'<option value="{one.name}"{" selected" if one is chosen else ""}>{html.escape(one.label)}</option>' for one in some
            )
            label = f'<label for="turn-{name}">{label}</label>'
            return f'<span>{label}<select id="turn-{name}" name="{name}" disabled>{options}</select></span>'

        return (
            f'<figure class="napkin-turn" id="turn-around" data-turn="{spec}">'
            f'<p class="napkin-turn-still">For the {said} to be {html.escape(self._wanted)}:</p><div class="napkin-turn-form">'
            + choice("wanted", "I want", self.results, self.result)
            + '<span><label for="turn-target">to be</label><span class="napkin-turn-typing">'
            '<input id="turn-target" name="target" type="text" inputmode="decimal" autocomplete="off"'
            f' value="{self.target:g}" disabled><span class="napkin-turn-unit">{html.escape(unit)}</span></span></span>'
            + choice("free", "What should this be?", self.inputs, self.free)
            + f'</div><p class="napkin-answer" role="status" data-value="{float(self.solution)!r}">'
            f"{html.escape(self.free.label)}: {html.escape(self.solution.text)}</p>"
            '<p class="napkin-turn-then"></p><p class="napkin-turn-refused" role="alert"></p><p class="napkin-turn-buttons">'
            '<button type="button" class="napkin-put" disabled>put it into the scenario</button></p></figure>'
        )


def _data(value):
    return html.escape(json.dumps(value), quote=True)


def _inputs_behind(name):
    """The inputs that a result may depend on: as the article counts, or with everything counted."""
    flags = {one: 1 for one, known in INPUTS.items() if known.flag and one != "as_the_article"}
    return sorted({*BOOK.view().inputs(name), *BOOK.under(flags).inputs(name)})


class Ranking(Card):
    """What moves a result, the `most` largest first; in the built book it follows the reader's scenario.

    `at` is where the inputs start. Raises NapkinError where the result has no value.
    """

    _html = traitlets.Unicode().tag(sync=True)

    def __init__(self, result, *, at=None, most=8):
        self.result, self.at, self.most = formula_named(result), dict(at or {}), most
        self.found = sensitivity(self.result.name, count="article", **self.at)
        self._slopes = OPEN_INPUTS.slopes_in_javascript(self.result.name, PARTS)
        self._esm, self._css = (
            widget_script("room", f"ranking({json.dumps(self.result.name)}, {self._slopes})"),
            styles("playground", "turn"),
        )
        super().__init__(_html=self._list())

    def __repr__(self):
        return "\n".join(repr(self.found).splitlines()[: self.most])

    def _faces(self):
        slopes = f"(window.napkinSlopes = window.napkinSlopes || {{}}).{self.result.name} = "
        return {
            "text/plain": repr(self),
            "text/html": f"{self._html}<script>{slopes}{self._slopes};</script>",
            "image/png": self.picture()._repr_mimebundle_()["image/png"],
        }

    def _list(self):
        """The bars as HTML, for where it starts."""
        data = _data({"result": self.result.name, "at": self.at, "most": self.most})
        shown = list(self.found.items())[: self.most]
        largest = abs(shown[0][1]) if shown else 1
        rows = "".join(
            f'<li data-name="{name}" data-value="{slope!r}"{" class=is-less" if slope < 0 else ""}>'
            f'<span class="napkin-ranked">{html.escape(INPUTS[name].label)}</span>'
            f'<span class="napkin-ranking-bar" style="--napkin-share: {abs(slope) / largest:.4f}"></span>'
            f'<span class="napkin-ranking-number">{html.escape(self._said(name))}</span></li>'
            for name, slope in shown
        )
        return (
            f'<ol class="napkin-ranking" aria-label="{html.escape(self.result.label)} with half and twice of each input"'
            f' data-ranking="{data}">{rows}</ol>'
        )

    def _said(self, name):
        both = half_and_double(name, self.result.name, Scenario(count="article", given=self.at).case)
        half, double = (or_dash(None if one != one else one, self.result.unit) for one in both)
        return f"half: {half}, double: {double}"

    def picture(self):
        """A bar for each of them."""
        names = list(self.found)[: self.most]
        told = "; ".join(self.found.sentence(name) for name in names)
        label = self.result.label

        def sensitivity(axes, colours):
            places = range(len(names))[::-1]
            sizes = [self.found[name] for name in names]
            room = 0.9 / (0.9 + 0.32 * len(names))  # of the height, for the title and the axis
            axes.set_position((0.36, 0.62 * room, 0.6, 1 - room))
            axes.barh(places, sizes, height=0.6, color=[colours["accent" if size > 0 else "ink"] for size in sizes])
            for place, size in zip(places, sizes):
                axes.annotate(show(size, "1", 2), (max(size, 0), place), (4, 0), textcoords="offset points", va="center", fontsize=9)
            axes.axvline(0, color=colours["muted"], linewidth=1)
            axes.set_yticks(list(places), [INPUTS[name].label for name in names])
            axes.set_xlim(min(0, *sizes) * 1.1, max(0, *sizes) * 1.25 or 0.1)
            axes.set_xlabel("% for 1 % more")
            axes.set_title(f"What moves this: {label}", loc="left", fontsize=11)
            axes.grid(axis="y", visible=False)

        return Picture(sensitivity, f"Bars of elasticities of the {label}: {told}.", size=(6.0, 0.9 + 0.32 * len(names)))
