"""What a playground needs of the graph: the inputs it starts from, those a scenario may bring, and the program that follows."""

import functools

import numpy

from ..language.graph import (
    FORMULAS, SWITCHES, cut_of, default_of, evaluate, guards_of, input_named, inputs_of, javascript_of, names_in, open_of, positive_of,
)
from ..language.inputs import INPUTS, NapkinError, check_together

#: Everything may be given; what is not is computed: how the script that all pages share reads the graph.
OPEN = frozenset(
    [f"{name}?" for name, known in INPUTS.items() if known.computed or known.flag]
    + [f"{name}?" for name in FORMULAS]
    + [name for name in SWITCHES if not INPUTS[name].flag]
)


def one_number(name, given):
    """Check a value for one input of a playground; NapkinError for an unknown name, a bad value or an array."""
    number = input_named(name).value_of(given)
    if numpy.ndim(number):
        raise NapkinError(f"a playground takes one number for {name}, got {given!r}")
    return number


class Needs:
    """What results, curves and sentences are computed from.

    `names` is what is told, `told` what the sentences about limits compare. `start` is the first scenario: every base
    input that the names need, from `at` or by default. `takes` are the further inputs that a scenario may bring: switches,
    and inputs that are computed until they are given; `neutral` is what those switches are while nobody brings them.
    """

    def __init__(self, controls, names, told, chart, at):
        self.controls, self.names, self.told, self.chart = controls, names, told, chart
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
        # what binds may need a rate that follows another input: it has no default that holds for all of them; and what is given holds there too
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
    def guards(self):
        """The names that must be above zero for each output to have a value, nearest to the inputs first."""
        return {name: list(guards_of(name, self._open)) for name in self.outputs()}
