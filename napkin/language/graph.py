"""Formulas as a graph: which builds on which, and what is read off it under some inputs."""

import functools
import math
import operator
import re
from collections.abc import Iterable

import numpy
import sympy

from .errors import NapkinError, nearest
from .inputs import INPUTS, Input, check_together
from .numbers import show
from .operations import OPERATIONS, slope, smoothed
from .printers import to_javascript, to_latex, to_text
from .programs import Program, function_of
from .terms import Term

NOTHING = frozenset()


def names_in(sentence):
    """The names between braces in a sentence, in order. Raises NapkinError where anything else stands there."""
    parts = re.split(r"\{(\w+)\}", sentence) if isinstance(sentence, str) else "{"
    if any("{" in part or "}" in part for part in parts[::2]):
        raise NapkinError(f"a sentence is a text in which names stand between {{ and }}, got {sentence!r}")
    return tuple(dict.fromkeys(parts[1::2]))


class _ByName(dict):
    """What is known by name; a name that is not there raises NapkinError with the nearest one."""

    def __missing__(self, name):
        raise NapkinError(f"there is no formula called {name!r}" + nearest(name, self))


class Graph:
    """Inputs, formulas and refinements by name. `BOOK` is the one that the chapters fill; a test makes its own, or a copy.

    `inputs` and `formulas` hold them in the order in which they were made. `refinements` holds those of each formula in
    the order in which they apply: that of the modules in `order`, then of all other modules.
    """

    def __init__(self, inputs=None, order=()):
        self.inputs, self.order = {} if inputs is None else inputs, order
        self.formulas, self.refinements, self.switches = _ByName(), {}, set()
        # As many as a long session needs, and a bound: each way of giving inputs is a view and some programs of its own.
        self._view = functools.lru_cache(maxsize=512)(lambda *how: View(self, *how))
        self._program = functools.lru_cache(maxsize=1024)(lambda names, smooth, *how: Program(self._view(*how), names, smooth))
        self.forget()

    def copy(self):
        """Another graph that starts with the same inputs, formulas and refinements."""
        other = Graph(dict(self.inputs), self.order)
        other.formulas.update({name: one.within(other) for name, one in self.formulas.items()})
        other.refinements.update({name: list(some) for name, some in self.refinements.items()})
        other.switches |= self.switches
        other.forget()
        return other

    def __reduce__(self):
        if self is not BOOK:
            raise NapkinError("a graph of one's own cannot be sent: make it where it is needed")
        return "BOOK"

    def forget(self):
        """Drop what was worked out before something was added; look up anew which inputs leave the graph as it is."""
        self._view.cache_clear()
        self._program.cache_clear()
        self._still = {name for name, known in self.inputs.items() if not known.computed and name not in self.switches}
        self._flags = {name for name in self.switches if self.inputs[name].flag}

    # Names

    def named(self, name):
        """The input or formula of that name; NapkinError with the nearest name where there is none."""
        found = self.inputs.get(name) or self.formulas.get(name)
        if found is None:
            raise NapkinError(f"there is no input or formula called {name!r}{self.nearest(name)}")
        return found

    def nearest(self, name):
        """The helpful end of 'there is no …': the nearest input or formula, if one is near."""
        return nearest(name, [*self.inputs, *self.formulas])

    def input_named(self, one):
        """The input of that name, or itself; NapkinError with the nearest name where there is none."""
        name = getattr(one, "name", one)
        if isinstance(name, str) and name in self.inputs:
            return self.inputs[name]
        if isinstance(name, str) and name in self.formulas:
            raise NapkinError(f"{name} is a result: fix it and free an input")
        raise NapkinError(f"there is no input called {name!r}" + nearest(name, self.inputs))

    def formula_named(self, one):
        """The formula of that name, or itself; NapkinError with the nearest name where there is none."""
        name = getattr(one, "name", one)
        if not isinstance(name, str):
            raise NapkinError(f"a formula is asked for by its name, got {one!r}")
        return self.formulas[name]

    # What is added

    def declare(self, name, *about, **more):
        """Add an input to the notation and return its symbol; see `Input`."""
        if not name.isidentifier() or name in self.inputs or name in self.formulas:
            raise NapkinError(f"an input needs a name of its own that is a Python identifier, got {name!r}")
        self.inputs[name] = made = Input(name, *about, **more)
        self.forget()
        return made

    def add(self, formula):
        """Add a formula; one of that name that its own module made before gives way."""
        self.formulas[formula.name] = formula
        self.forget()

    def refine(self, made):
        """Add a refinement at its place. Raises NapkinError where a replacement would drop another chapter's refinement unsaid."""
        line = [one for one in self.refinements.get(made.refined, ()) if (one.name, one.module) != (made.name, made.module)]
        line = sorted([*line, made], key=lambda one: self.order.index(one.module) if one.module in self.order else len(self.order))
        for i, one in enumerate(line):
            lost = [before.name for before in line[:i] if one.replaces and before.module != one.module and before.name not in one.over]
            if lost:
                raise NapkinError(f"{one.name} would take the place of {', '.join(lost)}: refine {made.refined}, or say over={lost}")
        self.refinements[made.refined] = line
        self.switches.update(made.switches)
        self.forget()

    # What is read off it

    def under(self, given, undecided=()):
        """The view that these inputs and results by name make; flags named in `undecided` are left to the numbers."""
        return self._view(*self._parted(given, undecided))

    def view(self, taken=(), left_open=()):
        """The view in which these results, computed inputs and switches are taken as given, and those left to the numbers."""
        return self._view(frozenset(taken), frozenset(left_open))

    def _parted(self, given, undecided=()):
        """Of what is given: the names that change the graph, and the flags that are left to the numbers."""
        taken, left = set(given) - self._still, NOTHING
        for name in taken & self._flags:
            if name in undecided or type(given[name]) is numpy.ndarray:
                left = left | {name}
            if name in left or not given[name]:
                taken.discard(name)
        return frozenset(taken), left

    def _checked(self, given, smooth):
        """What is given, by name, where every value is allowed; else NapkinError."""
        inputs, values = self.inputs, {}
        for name, value in given.items():
            if (known := inputs.get(name)) is not None:
                values[name] = known.value_of(value, smooth)
            elif name in self.formulas:
                values[name] = self.formulas[name].value_of(value)
            else:
                raise NapkinError(f"there is no input called {name!r}{self.nearest(name)}")
        return values

    def default_of(self, name, values):
        """The default of an input, where `values` are given: a rate follows the precision it was published for."""
        known = self.inputs[name]
        followed = known.follows
        return known.default * self.inputs[followed].default / values[followed] if followed and followed in values else known.default

    def evaluate(self, names, given=None, *, smooth=False):
        """Evaluate formulas (and inputs) by name.

        Parameters: `names`, one name or several; `given`, inputs and results by name in base units, numbers or arrays that
        broadcast (what is left out has its default); `smooth`, to read every floor and ceiling as the plain quotient and take
        counts that are not whole: for following a result between whole numbers.
        Returns: {name: a float, an int where the result is whole, or an array of floats}; NaN where there is no answer.
        Raises: NapkinError for names that there are none of, values that are not allowed, shapes that do not broadcast.

        >>> evaluate("users", {"context": 20_000, "duty_cycle": 0.2})
        {'users': 305}
        """
        names = (names,) if isinstance(names, str) else names
        given = {} if given is None else given
        if not isinstance(given, dict):
            raise NapkinError(f"inputs are given by name, as a dict, got {given!r}")
        values = self._checked(given, smooth)
        if type(names) is not tuple or not all(type(name) is str for name in names):
            asked, names = names, tuple(getattr(one, "name", one) for one in names) if isinstance(names, Iterable) else (None,)
            if not all(type(name) is str for name in names):
                raise NapkinError(f"formulas are asked for by name, got {asked!r}")
        return self.evaluate_checked(names, values, smooth)

    def evaluate_checked(self, names, values, smooth=False):
        """As `evaluate`, for a tuple of names and values that have been checked one by one: a quarter of an estimate is saved."""
        arrays = numpy.ndarray in map(type, values.values())
        program = self._program(names, smooth, *self._parted(values))
        arguments = [
            values[name] if name in values else self.default_of(name, values) if default is None else default
            for name, default in program.fixed
        ]
        if not smooth:
            if not all(name in values and other in values for name, other, _ in program.together):  # else the next line checks them
                check_together(dict(zip(program.arguments, arguments)))
            check_together(values)  # what is given must go together even where this formula does not use it
        found = None if arrays else program.on_numbers(arguments)
        return program.on_arrays(arguments, values, arrays) if found is None else found

    def slopes(self, result, given):
        """A result, floors read as quotients, and {input: (its value, the result's slope along it)}, at these numbers."""
        view = self.under(given)
        steps, slopes = view.slopes(result)
        arguments = view.inputs(result)
        values = [float(given[name] if name in given else self.default_of(name, given)) for name in arguments]
        value, *found = function_of(steps, arguments, (result, *slopes.values()), "python")(*values)
        at = dict(zip(arguments, values))
        return value, {name: (at[name], one) for name, one in zip(slopes, found)}

    def reason(self, name, given):
        """Why `name` has no answer for these inputs, as its guard says it."""
        view = self.under(given)
        for guard in view.guards(name):
            if self.evaluate((guard,), given)[guard] <= 0:
                return self.tell(view.otherwise(guard), given)
        return "beyond what a number can hold"

    def tell(self, sentence, given):
        """Fill the {names} of a sentence with formatted values."""
        values = self.evaluate(names_in(sentence), given).items()
        return sentence.format(**{name: show(value, self.named(name).unit, self.named(name).digits) for name, value in values})


class View:
    """The graph under some inputs.

    `taken`: results, and inputs that would be computed, which are given; and the switches that are on. `left_open`: what is
    left to the numbers: a flag decides there, anything else is taken where it is given and computed where it is not.
    """

    def __init__(self, graph, taken=NOTHING, left_open=NOTHING):
        self.graph, self.taken, self.open = graph, taken, left_open
        self._terms, self._guards, self._steps, self._expressions = {}, {}, {}, {}
        self._flags = {name for name in left_open if name in graph.inputs and graph.inputs[name].flag}

    def term(self, name):
        """A formula as its author wrote it, refined as the inputs say."""
        if name not in self._terms:
            term = self.graph.formulas[name].term
            for one in self.graph.refinements.get(name, ()):
                undecided = [Term("name", switch) for switch in one.switches if switch in self.open]
                on = not self.taken.isdisjoint(one.switches)
                if on or undecided:
                    refined = one.term.with_name(name, term)
                    term = refined if on else Term("choose", functools.reduce(operator.add, undecided), refined, term)
            self._terms[name] = term
        return self._terms[name]

    def needed(self, name):
        """The names that a name is computed from, in the author's order; none where it is given."""
        if name in self.taken:
            return ()
        if name in self.graph.inputs:
            known = self.graph.inputs[name]
            return (known.default,) if known.computed else ()
        return self.term(name).names()

    def own_guards(self, name):
        """The guards of a name itself."""
        formulas = self.graph.formulas
        if name in self.graph.inputs:  # an input that stands for a count needs it above zero: a batch of none is no batch
            needs = [one for one in self.needed(name) if one in formulas and formulas[one].otherwise]
        else:
            needs = formulas[name].needs
        return tuple(need for need in needs if need not in self.taken)

    def guards(self, name):
        """The names of the formulas that must be positive for `name` to have an answer, nearest to the inputs first."""
        if name not in self._guards:
            found = {}
            if name not in self.taken:
                found = dict.fromkeys(guard for parent in self.needed(name) for guard in self.guards(parent))
                found.update(dict.fromkeys(self.own_guards(name)))
            self._guards[name] = tuple(found)
        return self._guards[name]

    def otherwise(self, guard):
        """What a guard says where it is not above zero, refined as the inputs say."""
        refined = self.graph.refinements.get(guard, ())
        told = [one.otherwise for one in refined if one.otherwise and not self.taken.isdisjoint(one.switches)]
        return told[-1] if told else self.graph.formulas[guard].otherwise

    def steps(self, names, *, guarded=False, smooth=False):
        """The formulas behind these names as (name, Term), each after what it needs; `guarded`: after its guards too."""
        key = (tuple(names), guarded)
        if key not in self._steps:
            steps, entered = {}, set()

            def visit(name):
                if name in steps or name in entered:
                    return
                entered.add(name)
                needed = self.needed(name)
                for parent in (*needed, *(self.own_guards(name) if guarded else ())):
                    visit(parent)
                if needed or name not in self.taken and name in self.graph.formulas:
                    steps[name] = Term("name", needed[0]) if name in self.graph.inputs else self.term(name)

            for name in names:
                self.graph.named(name)  # refuses one that it does not know
                visit(name)
            self._steps[key] = tuple(steps.items())
        steps = self._steps[key]
        return tuple((name, smoothed(term)) for name, term in steps) if smooth else steps

    def inputs(self, *names):
        """The names of the inputs (and given results) that these names are computed from."""
        steps = self.steps(names)
        made = dict(steps)
        used = dict.fromkeys([*names, *(name for _, term in steps for name in term.names())])
        return tuple(name for name in used if name not in made)

    def walk(self, name, algebra, known=None):
        """A quantity in an algebra: each name once, in the author's order of operations.

        `algebra` has `given(name)` for what is not computed, `constant(op, value)` for numbers and units, and
        `apply(op, arguments)` for operations. `known` holds what each name came to.
        """
        known = {} if known is None else known

        def leaf(op, value):
            if op != "name":
                return algebra.constant(op, value)
            if value not in known:
                known[value] = algebra.given(value)
            return known[value]

        for one, term in self.steps((name,)):
            if one not in known:
                known[one] = term.fold(leaf, algebra.apply)
        return leaf("name", name)

    def expression(self, name):
        """The SymPy expression of a name in inputs; what is taken as given stands as its symbol."""
        return self.walk(name, Symbols(self.graph), self._expressions)

    def program(self, *names, smooth=False):
        """These quantities, ready to be computed."""
        return self.graph._program(names, smooth, self.taken, self.open)

    def latex(self, name):
        """The right-hand side of a formula in letters, as it is in force."""
        return to_latex(self.term(name), lambda one: self.graph.named(one).letter)

    def in_names(self, name):
        """The right-hand side of a formula in names: "weight_bytes + batch × kv_bytes_per_sequence"."""
        return to_text(self.term(name), lambda one, as_bytes: f"{one} / 8" if as_bytes else one)

    def javascript(self, *names, smooth=False):
        """The source of a JavaScript function from inputs to these results; `smooth` as in `evaluate`."""
        graph = self.graph
        guards = {name: self.own_guards(name) for name in (*graph.formulas, *graph.inputs)}
        return to_javascript(self.steps(names, guarded=True, smooth=smooth), names, guards, self.open - self._flags)

    def slopes_in_javascript(self, result, without=()):
        """The same for a result, floors read as quotients, and its slope along each input but some: `slope_of_context`."""
        steps, slopes = self.slopes(result, without)
        return to_javascript(steps, (result, *slopes.values()), {}, self.open - self._flags)

    def slopes(self, result, without=()):
        """How a result moves with each input but some: ((name, Term), …) of every step, and {input: the step that is its slope}.

        The slopes are carried from the result back to the inputs, so that they are as few steps again as the result has.
        """
        steps, inputs = self.steps((result,), smooth=True), self.graph.inputs
        made = dict(steps)
        moved, added = {result: [Term.of(1)]}, {}
        for name, term in (*reversed(steps), *((name, Term.of(0)) for name in self.inputs(result))):
            if name not in moved:
                continue
            added[name] = f"slope_of_{name}", functools.reduce(operator.add, moved[name])
            for parent in term.names():
                if parent not in without and (one := slope(term, parent)) is not None:
                    onward = Term("name", f"slope_of_{name}") * one
                    # what is given where it would be computed hands nothing on
                    moved.setdefault(parent, []).append(Term("name", f"?{name}") * onward if name in self.open else onward)
        ends = [name for name in added if name in inputs and (name in self.open or name not in made)]
        return (*steps, *added.values()), {name: added[name][0] for name in ends}


class Symbols:
    """The algebra of SymPy expressions."""

    def __init__(self, graph):
        self.graph = graph

    def given(self, name):
        return self.graph.inputs[name] if name in self.graph.inputs else self.graph.formulas[name].symbol

    def constant(self, op, value):
        return sympy.Integer(1) if op == "unit" else sympy.nsimplify(value, rational=True)

    def apply(self, op, args):
        return OPERATIONS[op].symbol(*args)


class Smooth(Symbols):
    """The algebra of (expression, number) at one scenario, without corners: floors that move with the unknown read as quotients,
    of each maximum the side in force.

    What is 0 there, or one of one (experts, GPUs), is put in as a number: it only clutters a closed form.
    """

    def __init__(self, graph, values, unknown):
        super().__init__(graph)
        self.values, self.unknown = values, unknown

    def given(self, name):
        value = self.values[name] if name in self.values else self.graph.default_of(name, self.values)
        plain = name != self.unknown and (value == 0 or value == 1 and name in self.graph.inputs and self.graph.inputs[name].whole)
        return sympy.Integer(int(value)) if plain else super().given(name), float(value)

    def constant(self, op, value):
        return super().constant(op, value), 1.0 if op == "unit" else float(value)

    def apply(self, op, args):
        row = OPERATIONS[op]
        if row.smooth and self.graph.inputs[self.unknown] in args[0][0].free_symbols:
            return args[0]
        if op in ("max", "min"):
            return row.number(args, key=lambda arg: arg[1])
        try:
            number = float(row.number(*(number for _, number in args)))
        except (ZeroDivisionError, OverflowError, TypeError):
            number = math.nan
        return row.symbol(*(one for one, _ in args)), number


#: The graph of the book.
BOOK = Graph(INPUTS)
FORMULAS = BOOK.formulas
declare, evaluate, named, input_named, formula_named = BOOK.declare, BOOK.evaluate, BOOK.named, BOOK.input_named, BOOK.formula_named
reason, tell, default_of, nearest_name = BOOK.reason, BOOK.tell, BOOK.default_of, BOOK.nearest
