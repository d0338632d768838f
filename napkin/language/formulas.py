"""Formula: one expression, and all its faces."""

import functools
import html
import inspect
import json

import numpy
import sympy

from . import graph, printers
from .numbers import UNITS, show
from .graph import FORMULAS, REFINEMENTS, SWITCHES, evaluate, named, nearest_name, reason
from .inputs import INPUTS, NapkinError, nearest
from .printers import Term
from .sentences import arithmetic_of, arithmetics_of

# Units for numbers inside formulas: they vanish from what is computed and shown, and count when units are checked.
FLOP, byte, token, sequence, element, second, hour = (
    Term("unit", name) for name in ("FLOP", "byte", "token", "sequence", "element", "second", "hour")
)


def unit(name):
    """A unit for a number inside a formula: `3600 * unit("second/hour")`."""
    return Term("unit", name)


class Text(str):
    """A string that a notebook shows without quotes."""

    def __repr__(self):
        return str(self)


class Arithmetic(Text):
    """The numbers put into a formula; in the built book they follow the reader's scenario."""

    def __new__(cls, name, given):
        made = super().__new__(cls, "".join(part if isinstance(part, str) else part.text(given) for part in arithmetic_of(name, given)))
        made._name, made._given = name, given
        return made

    def _repr_html_(self):
        told = [
            [on, [part if isinstance(part, str) else part.as_json() for part in parts]] for on, parts in arithmetics_of(self._name, self._given)
        ]
        data = html.escape(json.dumps({"at": self._given, "told": told}, ensure_ascii=False, separators=(",", ":")), quote=True)
        return (f'<div class="napkin-arithmetic" data-sum="{data}"><span class="napkin-sum">{html.escape(self)}</span>'
                '<span class="napkin-note" hidden>counted as in chapter 7, which adds to the equation above</span></div>')


class Result(sympy.Symbol):
    """The symbol of a formula's result, for derivations that build on it without opening it."""

    def _latex(self, printer):
        return self.letter


class Formula:
    """One quantity: a SymPy `expression` and what is made of it.

    Call it with inputs by name, in base units: `kv_bytes_per_token(n_kv_heads=1)`. Inputs left out take their
    defaults. Arrays broadcast. A result further up can be given too and is then not computed:
    `cost_per_user_month(users=300)`. Raises NapkinError in one sentence for bad input and where there is no answer
    (nothing fits); in arrays such points are NaN.

    `expression`: in inputs alone; `term`: as its author wrote it; `latex` and `equation`; `javascript`; `unit`;
    `arithmetic(…)`: the numbers put in; `symbol`: stands for the result in other expressions.
    """

    def __init__(self, function, letter, unit, *, whole=False, digits=3, positive=None, needs=(), source=None,
                 label=None):
        self.name, self.letter, self.unit, self.whole, self.digits = function.__name__, letter, unit, whole, digits
        self.positive, self.needs, self.source = positive, needs, source
        self.label = label or self.name.replace("_", " ")
        self.says = " ".join((inspect.getdoc(function) or "").split())
        self.term = _traced(function)
        self.parents = self.term.names()
        if self.name in INPUTS:
            raise NapkinError(f"{self.name!r} is the name of an input; a formula needs another")
        if unit not in UNITS:
            raise NapkinError(f"{self.name} has the unit {unit!r}, which nothing can format" + nearest(unit, UNITS))
        self.symbol = Result(self.name, positive=True)
        self.symbol.letter = letter
        self.__doc__ = f"{self.says}\n\nUnit: {unit}." + (f" Source: {source}." if source else "")

    @functools.cached_property
    def expression(self):
        """The SymPy expression in inputs alone."""
        return graph.expression_of(self.name, self._alone)

    @functools.cached_property
    def _alone(self):
        """The cut that leaves every input an input, with the refinements that the formula's own inputs turn on."""
        cut = frozenset(name for name, known in INPUTS.items() if known.computed)
        while True:
            used = {name for name in graph.inputs_of((self.name,), cut) if name in SWITCHES and not INPUTS[name].flag}
            if used <= cut:
                return cut
            cut |= used

    @property
    def inputs(self):
        """The names of the inputs that the result is computed from, sorted."""
        return tuple(sorted(graph.inputs_of((self.name,), self._alone)))

    @property
    def latex(self):
        """The right-hand side in the author's order, in letters."""
        return self.latex_with()

    def latex_with(self, **given):
        """The same with the refinements that these inputs turn on: `step_bytes.latex_with(count_weights=1)`."""
        return printers.to_latex(graph.term_of(self.name, graph.cut_of(given)), lambda name: named(name).letter)

    @property
    def equation(self):
        """The whole equation in LaTeX."""
        return f"{self.letter} = {self.latex}"

    @property
    def javascript(self):
        """The source of a JavaScript function of one object of inputs that returns the number."""
        return f"function (v) {{ return ({graph.javascript_of([self.name], self._alone)})(v).{self.name}; }}"

    def __call__(self, *unnamed, **given):
        if unnamed:
            raise NapkinError(f"{self.name} takes its inputs by name, as in {self.name}({self.inputs[0]}=…)")
        result = evaluate((self.name,), given)[self.name]
        if type(result) is float and result != result:
            raise NapkinError(f"{self.name} has no value: {reason(self.name, given)}")
        return result

    def text(self, *, digits=None, **given):
        """The result as people read it, with its unit: "26.2 GB"."""
        result = self(**given)
        if numpy.ndim(result):
            raise NapkinError(f"text is written for single numbers, got an array for {self.name}")
        return Text(show(result, self.unit, digits or self.digits))

    def arithmetic(self, **given):
        """The numbers put into the formula: "2 × 64 × 8 × 128 × 1 B = 131,072 B per token"."""
        values = evaluate((*graph.term_of(self.name, graph.cut_of(given)).names(), self.name), given)
        for name, value in values.items():
            if numpy.ndim(value):
                raise NapkinError(f"arithmetic is written for single numbers, got an array for {name}")
            if value != value:
                raise NapkinError(f"{name} has no value: {reason(name, given)}")
        return Arithmetic(self.name, given)

    def __repr__(self):
        return f"<{self.name}, {self.unit}: {self.says}>"

    def _repr_latex_(self):
        # The comment names the equation: the book gives it a number, other readers skip it.
        return f"$$\n% equation: {self.name}\n{self.equation}\n$$"


def formula(letter, unit, **more):
    """Make a Formula of a function: its parameters name inputs and formulas, its docstring says what it is.

    `letter`: LaTeX; `unit`: the base unit of the result; `whole`: results are whole numbers; `digits`: significant
    digits on a page; `source`: where the formula comes from; `label`: short name on a page; `needs`: names of
    formulas that must be above zero for there to be an answer; `positive`: what those say where they are not, with
    {names} of inputs and formulas.
    """

    def make(function):
        known = FORMULAS.get(function.__name__)
        made = Formula(function, letter, unit, **more)
        made.module = function.__module__
        if known and known.module != made.module:
            raise NapkinError(f"there is a formula called {made.name!r} already, in {known.module}")
        FORMULAS[made.name] = made
        graph.forget()
        return made

    return make


class Refinement:
    """What takes the place of a formula's result where one of the `switches` is given and not 0."""

    def __init__(self, function, refined, switches, positive):
        self.name, self.refined, self.switches, self.positive = function.__name__, refined, switches, positive
        self.says = " ".join((inspect.getdoc(function) or "").split())
        self.term = _traced(function)

    def __repr__(self):
        return f"<{self.name} refines {self.refined.name} with {', '.join(self.switches)}: {self.says}>"


def refines(refined, *switches, positive=None):
    """Make a refinement of a formula from a function; a parameter with the formula's own name is what it was before.

    It applies where one of the `switches`, which are inputs, is given (a flag: given as 1). Refinements of one formula
    apply in the order in which they are made. `positive` replaces what the formula says where it is not above zero.
    """
    for switch in switches:
        if switch not in INPUTS:
            raise NapkinError(f"{switch!r} is no input, so it can turn nothing on" + nearest(switch, INPUTS))

    def make(function):
        made = Refinement(function, refined, switches, positive)
        others = [one for one in REFINEMENTS.get(refined.name, []) if one.name != made.name]
        REFINEMENTS[refined.name] = [*others, made]
        SWITCHES.update(switches)
        graph.forget()
        return made

    return make


def _traced(function):
    """The Term of a function whose parameters name inputs and formulas."""
    parents = tuple(inspect.signature(function).parameters)
    for parent in parents:
        if parent not in INPUTS and parent not in FORMULAS:
            raise NapkinError(f"{function.__name__} needs {parent!r}, which is no input and no formula" + nearest_name(parent))
    return Term.of(function(*(Term("name", parent) for parent in parents)))

