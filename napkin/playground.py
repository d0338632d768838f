"""The playground: a scenario one can move, alive with a kernel and without."""

import base64
from pathlib import Path

import anywidget
import ipywidgets
import traitlets

from .chart import Chart
from .formatting import show
from .graph import FORMULAS, evaluate, formula_named, input_named
from .inputs import INPUTS, NapkinError, check_together, nearest
from .page import Page, one_number

__all__ = ["Chart", "Playground"]

WEB = Path(__file__).parent / "web"


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
        for given, what in ((controls, "controls"), (results, "results")):
            if isinstance(given, str):
                raise NapkinError(f"{what} is a list, got {given!r}")
        results = [formula_named(one) for one in results]
        if not results:
            raise NapkinError("a playground needs at least one result")
        identity = "playground-" + (name or results[0].name.replace("_", "-"))
        self._page = Page(identity, [input_named(one) for one in controls], results, chart, sentence, at or {})
        front, tail = ((WEB / file).read_text("utf-8") for file in ("playground.js", "widget.js"))
        self._esm = f"{front}\nconst napkinCompute = {self._page.javascript};\n{tail}"
        self._css = (WEB / "playground.css").read_text("utf-8")
        self._linked, self._following = {}, False
        super().__init__(value=self._page.start, _spec=self._page.specification)
        self._html = self._page.figure(self.value, script=False)
        self._recompute()

    @traitlets.validate("value")
    def _checked(self, proposal):
        old = self.value or {}
        new = dict(old)
        for name, given in proposal["value"].items():
            number = one_number(name, given)
            if name in self._page.start:
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
        names = tuple(one.name for one in self._page.results)
        self.results = evaluate(names, self.value)

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

    def __repr__(self):
        inside = ", ".join(f"{name}={show(number, FORMULAS[name].unit, FORMULAS[name].digits)}" for name, number in self.results.items() if number == number)
        return f"<Playground {self._page.id}: {inside}>"

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        data = {**data, "text/plain": repr(self), "text/html": self._page.figure(self.value, script=True)}
        if chart := self._page.chart:
            data["image/png"] = base64.b64encode(chart.png(self.value, self._page.start)).decode()
        return data, metadata


def _control(symbol, value):
    """The ipywidgets control that suits an input: fields, since ipywidgets' sliders round what Python sets."""
    about = {"description": symbol.label, "style": {"description_width": "initial"}, "value": value}
    if symbol.choices:
        return ipywidgets.Dropdown(options=[(called if symbol.flag else f"{n} ({called})", n) for n, called in symbol.choices.items()], **about)
    return ipywidgets.IntText(**about) if symbol.whole else ipywidgets.FloatText(**about)
