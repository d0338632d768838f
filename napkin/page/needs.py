"""What a playground needs of the graph: the inputs it starts from, those a scenario may bring, and the program that follows."""

import functools

import numpy

from ..language.errors import NapkinError
from ..language.graph import BOOK, FORMULAS, default_of, evaluate, input_named, names_in
from ..language.inputs import INPUTS, check_together

FLAGS = {name for name, known in INPUTS.items() if known.flag}
COMPUTED = {name for name, known in INPUTS.items() if known.computed}

#: Everything may be given; what is not is computed: how the script that all pages share reads the graph.
OPEN = BOOK.view(BOOK.switches - FLAGS, {*FORMULAS, *FLAGS, *COMPUTED})
#: The same for inputs alone, where slopes end.
OPEN_INPUTS = BOOK.view(BOOK.switches - FLAGS, FLAGS | COMPUTED)


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
    and inputs that are computed until they are given; `neutral` is what those are while nobody brings them, and what the
    switches among the first scenario are where they change nothing.
    """

    def __init__(self, controls, names, told, chart, at):
        self.controls, self.names, self.told, self.chart = controls, names, told, chart
        self.start = self._first({name: one_number(name, given) for name, given in at.items()})
        given = {*self.start, *([chart.x.name] if chart else [])}
        #: A scenario may bring every switch, and every input that is computed until it is given.
        self.view = BOOK.view((BOOK.switches - FLAGS) | (given & COMPUTED), FLAGS | (COMPUTED - given))
        self.every = self._every(self.view, (*names, *told))
        self.takes = self._taken()
        switches = [name for name in self.start if name in BOOK.switches]
        self.neutral = {name: INPUTS[name].default for name in (*switches, *self.takes) if name not in COMPUTED and name not in FLAGS}

    def _first(self, at):
        """The first scenario: every input that the results need, from `at` or by default."""
        start, given = {}, None
        flags = {one.name: 1 for one in self.controls if one.flag}
        switches = {one.name: None for one in self.controls if not one.computed}
        while given != {**at, **start}:  # an input that comes in by default may be a switch, and let in others
            given = {**at, **start}
            # flags stay open, and so do those that are controls
            view = BOOK.under({**switches, **flags, **given}, FLAGS)
            wanted = {*view.inputs(*self._every(view, self.names)), *(one.name for one in self.controls)}
            # What binds may need a rate that follows another input: no default of it holds for all of them. What is given holds there too.
            wanted.update(name for name in view.inputs(*self.told) if name in INPUTS and (INPUTS[name].follows or name in at))
            if self.chart and self.chart.x not in self.controls:
                wanted.discard(self.chart.x.name)
            start = {name: at[name] if name in at else self._default(name, at) for name in INPUTS if name in wanted}
        check_together(start)
        return start

    @staticmethod
    def _default(name, at):
        """Where an input starts; one that would be computed, at what it comes to."""
        value = evaluate((name,), at)[name] if name in COMPUTED else default_of(name, at)
        if value != value:
            raise NapkinError(f"{name} has no number to start from; give at={{'{name}': …}}")
        return value

    def _taken(self):
        """The inputs beyond those of the start that the open program reads."""
        used = {*self.view.inputs(*self.every)}
        read = used | FLAGS
        for name in self.view.open & COMPUTED:  # one that is computed matters where all would be read otherwise if it were given
            if {*BOOK.view(self.view.taken | {name}, self.view.open - {name}).inputs(*self.every)} != used:
                read.add(name)
        return tuple(name for name in INPUTS if name in read and name not in self.start and not (self.chart and name == self.chart.x.name))

    @staticmethod
    def _every(view, names):
        """The names of all that is computed: these, their guards, and what the guards' reasons tell."""
        guards = [guard for name in names for guard in view.guards(name)]
        told = [name for guard in guards for name in names_in(view.otherwise(guard))]
        return tuple(dict.fromkeys([*names, *guards, *told]))

    @functools.cached_property
    def guards(self):
        """The names that must be above zero for each output to have a value, nearest to the inputs first.

        Outputs are all that the script computes: formulas, and inputs that are computed until they are given.
        """
        return {name: list(self.view.guards(name)) for name in self.every if name in FORMULAS or name in self.view.open}

    @functools.cached_property
    def javascript(self):
        """The source of the function that computes the outputs."""
        return self.view.javascript(*self.guards)
