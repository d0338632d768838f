"""The scenario that a notebook shares, and the book's script in Jupyter, which makes everything else there follow it."""

import functools
import uuid
import weakref

import anywidget
import traitlets

from .. import catalogue
from ..language.errors import NapkinError
from ..language.inputs import INPUTS
from ..questions.scenario import Scenario
from ..questions.written import implied
from .knowledge import script
from .scripts import WEB, widget_script


class Shared:
    """One scenario for all that hold on to it."""

    def __init__(self):
        self.scenario, self.holders = Scenario(count="article"), weakref.WeakSet()

    def put(self, scenario, by=None):
        """Set another scenario, which all but the one that knows it already then follow."""
        self.scenario = scenario
        for holder in list(self.holders):
            if holder is not by:
                holder._refresh()


#: What the reader of a notebook has set.
READERS = Shared()


def forget_scenario():
    """Bring every playground that shares the scenario back to its first numbers."""
    READERS.put(Scenario(count="article"))


class Card(anywidget.AnyWidget):
    """A widget that has finished faces too: for the built book, and for wherever no kernel runs."""

    #: Where the sentences, the cards and the rankings of this kernel meet: web/room.js.
    _room = traitlets.Unicode().tag(sync=True)

    def _faces(self):
        """What it shows without a kernel, by MIME type."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs):
        self._room = keeper().name
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, **self._faces()}, metadata


def styles(*names):
    """The style sheets of these names as one; the playground's holds the colours."""
    return "\n".join((WEB / f"{name}.css").read_text("utf-8") for name in names)


@functools.cache
def keeper():
    """The keeper of this kernel's scenario; its script is sent when it is first asked for."""
    return Keeper(READERS)


class Keeper(anywidget.AnyWidget):
    """The book's script in Jupyter: it has no view, and keeps the scenario of one kernel."""

    name = traitlets.Unicode().tag(sync=True)
    scenario = traitlets.Dict().tag(sync=True)

    def __init__(self, shared):
        self._shared, self._refreshing = shared, True
        self._esm, self._css = script() + widget_script("lab", "keeper"), styles("playground", "scenario")
        super().__init__(name=uuid.uuid4().hex, scenario=_told(shared.scenario))
        self._refreshing = False
        shared.holders.add(self)

    def _refresh(self):
        self._refreshing = True
        try:
            self.scenario = _told(self._shared.scenario)
        finally:
            self._refreshing = False

    @traitlets.observe("scenario")
    def _put(self, change):
        if self._refreshing:
            return
        told = change["new"]
        try:
            model, gpu = told.get("model") or None, told.get("gpu") or None
            self._shared.put(Scenario(model, gpu, count=implied(model, gpu), given=told.get("given", {})), by=self)
        except NapkinError:
            self._refresh()  # what was sent is no scenario: the page gets the one that holds


def _told(scenario):
    """A scenario as web/scenario.js has it: two names of the catalogue, and inputs; the facts of what is in no catalogue are given."""
    given = {name: value for name, value in scenario.given.items() if name in INPUTS}
    names = {}
    for kind, entry in (("model", scenario.model), ("gpu", scenario.gpu)):
        listed = entry is not None and entry.name in getattr(catalogue, kind).choices
        names[kind] = entry.name if listed else ""
        if entry is not None and not listed:
            given = {**scenario.case.inputs, **given}
    return {**names, "given": given}
