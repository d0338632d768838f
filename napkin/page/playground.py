"""The playground: a scenario one can move, alive with a kernel and without."""

import base64
import math
import weakref

import anywidget
import ipywidgets
import traitlets

from ..catalogue import entries as catalogue
from ..catalogue.entries import Catalogue
from .chart import Chart
from ..questions.estimate import scenario
from ..language.numbers import show
from ..language.graph import FORMULAS, cut_of, evaluate, formula_named, input_named, inputs_of
from ..language.inputs import INPUTS, TOGETHER, NapkinError, check_together, nearest
from .page import ARTICLES, Page, one_number
from .scripts import WEB, widget_script

__all__ = ["Chart", "Playground", "forget_scenario"]

CATALOGUES = {"model": catalogue.model, "gpu": catalogue.gpu}
GPU_FACTS = ("memory", "bandwidth", "peak_flops", "attention_peak_flops", "link_bandwidth")
ARTICLE_FACTS = tuple(catalogue.model("Article 32B").inputs)

#: What the reader has set, inputs by name and the names of model and GPU: one scenario for all playgrounds that share it.
_scenario = {}
_sharing = weakref.WeakSet()


def forget_scenario():
    """Bring every playground that shares the scenario back to its first numbers."""
    _scenario.clear()
    for playground in list(_sharing):
        playground._refresh()


class Playground(anywidget.AnyWidget):
    """Inputs to move, the results that follow, and at most one chart.

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
        for given, what in ((controls, "controls"), (results, "results")):
            if isinstance(given, str):
                raise NapkinError(f"{what} is a list, got {given!r}")
        results = [formula_named(one) for one in results]
        if not results:
            raise NapkinError("a playground needs at least one result")
        identity = "playground-" + (name or results[0].name.replace("_", "-"))
        controls = [one if isinstance(one, Catalogue) else input_named(one) for one in controls]
        self._page = Page(identity, controls, results, chart, sentence, at or {})
        self._esm = widget_script("widget", f"playground({self._page.javascript})")
        self._css = (WEB / "playground.css").read_text("utf-8")
        self._linked, self._following, self._refreshing = {}, False, True
        self._set, self._now = _scenario if shared else {}, self._page.start
        super().__init__(value=self._page.start, _spec=self._page.specification)
        self._refreshing = False
        if shared:
            _sharing.add(self)
        self._refresh()
        self._html = self._page.figure(self.value, script=False, chosen=self.chosen)

    @traitlets.validate("value")
    def _checked(self, proposal):
        if self._refreshing:
            return proposal["value"]
        proposed = self._after(dict(proposal["value"]))
        new, unknown = self._resolved(proposed)
        check_together(new)
        self._set.clear()
        self._set.update(proposed)
        self._now = new
        self._learn(unknown)
        if self._set is _scenario:
            for other in list(_sharing):
                if other is not self:
                    other._refresh()
        return new

    def _after(self, proposal):
        """What is set once these inputs and names are set too. Raises NapkinError for what is not allowed."""
        # Not self.value: what a front end sends stands there already while it is checked.
        after, old = dict(self._set), self._now
        names = {one: proposal.pop(one) for one in CATALOGUES if one in proposal}
        numbers = {name: one_number(name, given) for name, given in proposal.items()}
        changed = {name: value for name, value in numbers.items() if self._knows(name) and value != old.get(name)}
        for name, chosen in names.items():
            entry = CATALOGUES[name](chosen) if chosen else None
            for fact in (entry.inputs if name == "model" and entry else GPU_FACTS if name == "gpu" else ARTICLE_FACTS):
                after.pop(fact, None)  # a name brings its own facts
            after[name] = entry.name if entry else ""
        for name in [one for one in (*changed, *after) if one in INPUTS and INPUTS[one].follows in changed]:
            # A rate that was set follows the precision; one that only followed is not set by that.
            followed = INPUTS[name].follows
            scaled = old[name] * old[followed] / changed[followed] if name in old and followed in old else None
            if name in changed and scaled and abs(changed[name] / scaled - 1) < 1e-12:
                del changed[name]
            if name in after and name not in changed and scaled:
                after[name] = scaled
        return {**after, **changed}

    def _knows(self, name):
        return name in self._page.start or name in self._page.takes

    def _resolved(self, what_is_set):
        """The inputs in force, and those that nobody publishes with the reason."""
        start, new = self._page.start, dict(self._page.start)
        names = {name: what_is_set.get(name) or None for name in CATALOGUES}
        given = {name: value for name, value in what_is_set.items() if name not in CATALOGUES}
        found = scenario(**names, count="all" if any(names.values()) else "article", **given)
        for name, value in found.inputs.items():
            if self._knows(name) and (name != "context" or name in given):
                new[name] = value
        for name in start:
            followed = INPUTS[name].follows
            if followed in found.inputs and name not in found.inputs and name not in found.unknown:
                new[name] = start[name] * start.get(followed, INPUTS[followed].default) / found.inputs[followed]
        unknown = {name: why for name, why in found.unknown.items() if self._knows(name)}
        return {name: value for name, value in new.items() if name not in unknown}, unknown

    def _learn(self, unknown):
        self.unknown = unknown
        self.chosen = {name: self._set[name] for name in CATALOGUES if self._set.get(name)}

    def _refresh(self):
        """Follow what is set; of two inputs that do not go together here, keep the first ones."""
        new, unknown = self._resolved(self._set)
        for name, other, _ in TOGETHER:
            try:
                check_together({one: new.get(one, INPUTS[one].default) for one in (name, other)})
            except NapkinError:
                new = {one: value for one, value in new.items() if one not in (name, other)}
                new.update({one: self._page.start[one] for one in (name, other) if one in self._page.start})
        self._refreshing, self._now = True, new
        try:
            self._learn(unknown)
            self.value = new
        finally:
            self._refreshing = False
        self._recompute()

    @traitlets.observe("chosen")
    def _picked(self, _change):
        picked = {name: self.chosen.get(name, "") for name in CATALOGUES}
        if picked != {name: self._set.get(name, "") for name in CATALOGUES}:
            self.value = {name: entry for name, entry in picked.items() if entry != self._set.get(name, "")}

    @traitlets.observe("_resets")
    def _reset(self, _change):
        for name in [one for one in self._set if one in CATALOGUES or self._knows(one)]:
            del self._set[name]
        for playground in list(_sharing) if self._set is _scenario else [self]:
            playground._refresh()

    @traitlets.observe("value")
    def _moved(self, _change):
        if self._spec:
            self._recompute()
            for name, control in self._linked.items():
                self._follow(name, control)

    def _recompute(self):
        names = tuple(one.name for one in self._page.results)
        found = evaluate(names, self.value)
        cut = cut_of(self.value)
        for name in names:
            if any(one in self.unknown for one in inputs_of((name,), cut)):
                found[name] = math.nan
        self.results = found

    def _follow(self, name, control):
        if name in self.unknown:
            return  # nobody publishes it: the control keeps what it showed
        self._following = True
        try:
            control.value = self.chosen.get(name, "") if name in CATALOGUES else self.value[name]
        finally:
            self._following = False

    def __getitem__(self, name):
        """An ipywidgets control linked to one input (or to "model" or "gpu"), made when it is first asked for."""
        if name not in self.value and name not in CATALOGUES:
            raise NapkinError(f"this playground has no input {name!r}" + nearest(name, self.value))
        if name not in self._linked:
            if name in CATALOGUES:
                control = _names(name, self.chosen.get(name, ""))
            else:
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
        data = {**data, "text/plain": repr(self), "text/html": self._page.figure(self.value, script=True, chosen=self.chosen)}
        if chart := self._page.chart:
            data["image/png"] = base64.b64encode(chart.png(self.value, self._page.start)).decode()
        return data, metadata


def _names(name, value):
    """A list of the catalogue's names; the first is the article's own."""
    options = [(one or ARTICLES[name], one) for one in ("", *CATALOGUES[name].choices)]
    return ipywidgets.Dropdown(options=options, value=value, description="model" if name == "model" else "GPU")


def _control(symbol, value):
    """The ipywidgets control that suits an input: fields, since ipywidgets' sliders round what Python sets."""
    about = {"description": symbol.label, "style": {"description_width": "initial"}, "value": value}
    if symbol.choices:
        return ipywidgets.Dropdown(options=[(called if symbol.flag else f"{n} ({called})", n) for n, called in symbol.choices.items()], **about)
    return ipywidgets.IntText(**about) if symbol.whole else ipywidgets.FloatText(**about)
