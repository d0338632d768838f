"""The playground: a scenario one can move, alive with a kernel and without."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import replace

import ipywidgets
import traitlets

from .. import catalogue
from ..catalogue import Catalogue
from ..language.errors import NapkinError, nearest
from ..language.graph import FORMULAS, formula_named, input_named
from ..language.inputs import INPUTS
from ..language.numbers import show
from ..questions.scenario import GPU_FACTS, Case, Scenario
from ..questions.written import implied
from .chart import Chart
from .drawing import Drawing
from .needs import one_number
from .page import LISTED, Page, choices_of, stops_of
from .scripts import widget_script
from .shared import READERS, Card, Shared, forget_scenario, styles

__all__ = ["GPU_FACTS", "Chart", "Playground", "forget_scenario"]

CATALOGUES = {"model": catalogue.model, "gpu": catalogue.gpu}


class Refused(NapkinError, traitlets.TraitError):
    """A value that a playground does not take; traitlets then leave everything as it was."""


class Playground(Card):
    """Inputs to move, the results that follow, and at most one picture: a `Chart`, or a `Drawing` of the scenario.

    `controls` are inputs of the notation, or the catalogues `napkin.model` and `napkin.gpu`; `results` are formulas.
    `sentence` tells the outcome, with {names} of both. `at` sets inputs that start elsewhere than at their defaults.
    `name`, after "playground-", is the id of the figure on its page. What is set in one playground holds in all that
    share the scenario (`forget_scenario()` ends that); `shared=False` keeps this one to itself.

    `value` holds every base input in force, as numbers in base units; setting it (some inputs suffice, and "model" and
    "gpu" by name) moves the sliders. `results` holds the results, NaN where there is none. `chosen` names the model and
    the GPU that were picked. `playground["context"]` is an ipywidgets control linked to that input, for
    `interactive_output`, `link` and layouts. Raises NapkinError for names or values that are not allowed.
    """

    value = traitlets.Dict().tag(sync=True)
    results = traitlets.Dict()
    chosen = traitlets.Dict().tag(sync=True)
    unknown = traitlets.Dict().tag(sync=True)
    _html = traitlets.Unicode().tag(sync=True)
    _spec = traitlets.Dict().tag(sync=True)
    _resets = traitlets.Int().tag(sync=True)

    def __init__(self, controls, results, chart=None, sentence="", *, at=None, name=None, shared=True):
        self._shared = READERS if shared else Shared()
        for what, given in {"controls": controls, "results": results}.items():
            if isinstance(given, str) or not isinstance(given, Iterable):
                raise NapkinError(f"{what} is a list, got {given!r}")
        for given, kind, what in (
            (at or {}, Mapping, "at is a dict of inputs by name"),
            (chart or None, Chart | Drawing | None, "chart is a Chart or a Drawing"),
            (name or "", str, "name is a text"),
        ):
            if not isinstance(given, kind):
                raise NapkinError(f"{what}, got {given!r}")
        results = [formula_named(one) for one in results]
        if not results:
            raise NapkinError("a playground needs at least one result")
        identity = "playground-" + (name or results[0].name.replace("_", "-"))
        controls = [one if isinstance(one, Catalogue) else input_named(one) for one in controls]
        self._page = Page(identity, controls, results, chart, sentence, at or {})
        self._esm = widget_script("widget", f"playground({self._page.needs.javascript})")
        self._css = styles("playground")
        self._linked, self._following, self._refreshing = {}, False, True
        self._case = self._over(Scenario(count="article"))
        super().__init__(value=self._page.start, _spec=self._page.specification)
        self._refreshing = False
        self._shared.holders.add(self)
        self._refresh()
        self._html = self._page.figure(self._case, script=False)

    def close(self):
        """Take the playground away; the others go on without it."""
        self._shared.holders.discard(self)
        super().close()

    @property
    def case(self) -> Case:
        """What is in force in this playground."""
        return self._case

    def _over(self, scenario, strict=False):
        return scenario.over(self._page.start, self._page.takes, strict=strict)

    @traitlets.validate("value")
    def _checked(self, proposal):
        if self._refreshing:
            return proposal["value"]
        self._case = self._after(proposal["value"])
        self._learn()
        self._shared.put(self._case.scenario, by=self)
        return dict(self._case.inputs)

    @traitlets.validate("chosen")
    def _named(self, proposal):
        if moved := self._repicked(proposal["value"]):
            self._after(moved)
        return {name: CATALOGUES[name](entry).name for name in CATALOGUES if (entry := proposal["value"].get(name))}

    def _after(self, changes):
        """What is in force once these inputs and names are set too. Raises Refused for what is not allowed."""
        # Not self.value: what a front end sends stands there already while it is checked.
        old, changes = self._case.inputs, dict(changes)
        try:
            names = {name: changes.pop(name) for name in CATALOGUES if name in changes}
            changes = {name: one_number(name, given) for name, given in changes.items()}
            changes = {name: value for name, value in changes.items() if self._knows(name) and value != old.get(name)}
            for name in list(changes):  # a rate that only followed the precision is not set by that
                followed = INPUTS[name].follows
                if followed in changes and name in old and abs(changes[name] * changes[followed] / (old[name] * old[followed]) - 1) < 1e-12:
                    del changes[name]
            after = self._case.with_(**names, **changes)
            return self._over(replace(after, count=implied(after.model, after.gpu)), strict=True)
        except NapkinError as error:
            raise Refused(str(error)) from None

    def _knows(self, name):
        return name in self._page.start or name in self._page.takes

    def _names(self):
        return {name: getattr(getattr(self._case, name), "name", "") for name in CATALOGUES}

    def _repicked(self, chosen):
        """Of the names that are chosen, those that are not in force."""
        return {name: chosen.get(name, "") for name, entry in self._names().items() if chosen.get(name, "") != entry}

    def _learn(self):
        self.unknown = dict(self._case.unknown)
        self.chosen = {name: entry for name, entry in self._names().items() if entry}

    def _refresh(self):
        """Follow what is set."""
        self._refreshing, self._case = True, self._over(self._shared.scenario)
        try:
            self._learn()
            self.value = dict(self._case.inputs)
        finally:
            self._refreshing = False
        self._recompute()

    @traitlets.observe("chosen")
    def _picked(self, _change):
        if moved := self._repicked(self.chosen):
            self.value = moved

    @traitlets.observe("_resets")
    def _reset(self, _change):
        given = {name: value for name, value in self._shared.scenario.given.items() if not self._knows(name)}
        self._shared.put(Scenario(count="article", given=given))

    @traitlets.observe("value")
    def _moved(self, _change):
        if self._spec:
            self._recompute()
            for name, control in self._linked.items():
                self._follow(name, control)

    def _recompute(self):
        self.results = self._case.numbers(tuple(one.name for one in self._page.results))

    def _follow(self, name, control):
        if name in self.unknown:
            return  # nobody publishes it: the control keeps what it showed
        self._following = True
        try:
            value = self.chosen.get(name, "") if name in CATALOGUES else self.value[name]
            if isinstance(control, ipywidgets.Dropdown) and value not in [one for _, one in control.options]:
                control.options = (*control.options, (f"{value:g}", value))  # a number between those of the list
            control.value = value
        finally:
            self._following = False

    def __getitem__(self, name):
        """An ipywidgets control linked to one input (or to "model" or "gpu"), made when it is first asked for."""
        if name not in self.value and name not in CATALOGUES:
            raise NapkinError(f"this playground has no input {name!r}" + nearest(name, self.value))
        if name not in self._linked:
            control = _control(name, self.chosen.get(name, "") if name in CATALOGUES else self.value[name])

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
        known = [(FORMULAS[name], number) for name, number in self.results.items() if number == number]
        inside = ", ".join(f"{one.name}={show(number, one.unit, one.digits)}" for one, number in known)
        return f"<Playground {self._page.id}: {inside}>"

    def _faces(self):
        faces = {"text/plain": repr(self), "text/html": self._page.figure(self._case, script=True)}
        if drawing := self._page.drawing:
            faces["image/svg+xml"] = drawing.alone(self.value)
        if chart := self._page.chart:
            faces["image/png"] = base64.b64encode(chart.png(self.value, self._page.start, self.unknown)).decode()
        return faces


class Slider(ipywidgets.SelectionSlider):
    """A slider that rests where the page's does and says its value as the page does.

    ipywidgets' own sliders of numbers round what Python sets to one of their steps; here what lies between two stops is a
    stop itself as long as it holds.
    """

    def __init__(self, known, value):
        self._known = known
        self._stops = [int(stop) if known.whole else stop for stop in stops_of(known)]
        about = {"style": {"description_width": "initial"}, "layout": {"width": "32rem"}}
        super().__init__(options=self._with(value), value=value, description=known.label, **about)

    def _with(self, value):
        return [(show(stop, self._known.unit, 6), stop) for stop in sorted({*self._stops, value})]

    @traitlets.validate("value")
    def _validate_value(self, proposal):
        value = self._known.value_of(proposal["value"])
        if value not in self._options_values:
            self._initializing_traits_ = True  # or the new options would put the slider on the first of them
            try:
                self.options = self._with(value)
            finally:
                self._initializing_traits_ = False
        return value


def _control(name, value):
    """The ipywidgets control that suits an input or a catalogue."""
    known = CATALOGUES.get(name) or INPUTS[name]
    if not known.choices:
        return Slider(known, value)
    choices = choices_of(known)
    options = [(called, one) for one, called in (choices if value in choices else {**choices, value: f"{value:g}"}).items()]
    style = {"style": {"description_width": "initial"}} if name in INPUTS else {}
    return ipywidgets.Dropdown(options=options, value=value, description=LISTED.get(name) or known.label, **style)
