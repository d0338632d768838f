"""Formula: one expression, and all its faces."""

import functools
import html
import inspect
import json
import reprlib
from collections.abc import Callable

import numpy
import sympy

from .errors import NapkinError, nearest
from .graph import BOOK, Graph
from .numbers import show
from .operations import unit_of
from .sentences import arithmetic_of, arithmetics_of, parts_as_json, told
from .terms import Term
from .units import dimension, spelled, unit_named


def unit(name: str) -> Term:
    """A unit for a number inside a formula: `3600 * unit("second/hour")`. It vanishes from what is computed and shown."""
    return Term("unit", name)


FLOP, token, sequence, element = map(unit, ("FLOP", "token", "sequence", "element"))


class Text(str):
    """A string that a notebook shows without quotes."""

    def __repr__(self):
        return str(self)


class Arithmetic(Text):
    """The numbers put into a formula; in the built book they follow the reader's scenario."""

    def __new__(cls, name, given, graph=BOOK):
        made = super().__new__(cls, told(arithmetic_of(name, given, graph), given, graph))
        made._name, made._given = name, given
        return made

    def __reduce__(self):
        return Arithmetic, (self._name, self._given)

    def _repr_html_(self):
        every = [[on, parts_as_json(parts)] for on, parts in arithmetics_of(self._name, self._given)]
        data = html.escape(json.dumps({"at": self._given, "told": every}, ensure_ascii=False, separators=(",", ":")))
        return (
            f'<div class="napkin-arithmetic" data-sum="{data}"><span class="napkin-sum">{html.escape(self)}</span>'
            '<span class="napkin-note" hidden>counted as in chapter 7, which adds to the equation above</span></div>'
        )


class Result(sympy.Symbol):
    """The symbol of a formula's result, for derivations that build on it without opening it."""

    def _latex(self, printer):
        return self.letter


class Traced:
    """What a function becomes whose parameters name inputs and formulas: called once with names, and never again."""

    def __init__(self, function, graph):
        parents = tuple(inspect.signature(function).parameters)
        for parent in parents:
            if parent not in graph.inputs and parent not in graph.formulas:
                raise NapkinError(f"{function.__name__} needs {parent!r}, which is no input and no formula{graph.nearest(parent)}")
        self.graph, self.name, self.module = graph, function.__name__, function.__module__
        self.says = " ".join((inspect.getdoc(function) or "").split())
        self.term = Term.of(function(*(Term("name", parent) for parent in parents)))

    def check_unit(self, unit):
        """Raise NapkinError where the term is not in this unit."""
        try:
            found = unit_of(self.term, lambda name: self.graph.named(name).unit)
        except NapkinError as error:
            raise NapkinError(f"the units of {self.name} do not go together: {error}") from None
        if found != dimension(unit):
            raise NapkinError(f"{self.name} comes to {spelled(found)} and is said to be in {unit}: numbers inside it may need a unit(…)")


class Formula(Traced):
    """One quantity: a SymPy `expression` and what is made of it.

    Call it with inputs by name, in base units: `kv_bytes_per_token(n_kv_heads=1)`. Inputs left out take their
    defaults. Arrays broadcast. A result further up can be given too and is then not computed:
    `cost_per_user_month(users=300)`. Raises NapkinError in one sentence for bad input and where there is no answer
    (nothing fits); in arrays such points are NaN.

    `expression`: in inputs alone; `term`: as its author wrote it; `latex` and `equation`; `javascript`; `unit`;
    `arithmetic(…)`: the numbers put in; `symbol`: stands for the result in other expressions. `expression_with` and
    `latex_with` take inputs, and show what these turn on.
    """

    def __init__(
        self, function, letter, unit, *, graph=BOOK, whole=False, digits=3, otherwise=None, needs=(), source=None, label=None, unless=None
    ):
        super().__init__(function, graph)
        if self.name in graph.inputs:
            raise NapkinError(f"{self.name!r} is the name of an input; a formula needs another")
        known = graph.formulas.get(self.name)
        if known and known.module != self.module:
            raise NapkinError(f"there is a formula called {self.name!r} already, in {known.module}")
        unit_named(unit, self.name)
        self.check_unit(unit)
        self.letter, self.unit, self.whole, self.digits = letter, unit, whole, digits
        self.otherwise, self.needs, self.source, self.unless = otherwise, needs, source, unless
        self.label = label or self.name.replace("_", " ")
        self.parents = self.term.names()
        self.symbol = Result(self.name, positive=True)
        self.symbol.letter = letter
        self.__doc__ = f"{self.says}\n\nUnit: {unit}." + (f" Source: {source}." if source else "")

    def within(self, graph):
        """The same formula as a part of another graph."""
        made = object.__new__(Formula)
        made.__dict__.update(self.__dict__, graph=graph)
        return made

    def __reduce__(self):
        return self.graph.formula_named, (self.name,)

    @property
    def expression(self):
        """The SymPy expression in inputs alone."""
        return self.expression_with()

    def expression_with(self, **given):
        """The same with the refinements that these inputs turn on, and with results given left as their symbols."""
        return self._alone(given).expression(self.name)

    def _alone(self, given=()):
        """The view that leaves every input an input, with the refinements that these and the formula's own inputs turn on."""
        inputs = self.graph.inputs
        taken = {name for name, known in inputs.items() if known.computed}.union(self.graph.under(given).taken)
        while True:
            view = self.graph.view(taken)
            used = {name for name in view.inputs(self.name) if name in self.graph.switches and not inputs[name].flag}
            if used <= taken:
                return view
            taken |= used

    @property
    def inputs(self):
        """The names of the inputs that the result is computed from, sorted."""
        return tuple(sorted(self._alone().inputs(self.name)))

    @property
    def __signature__(self):
        keyword, inputs = inspect.Parameter.KEYWORD_ONLY, self.graph.inputs
        parameters = [inspect.Parameter(name, keyword, default=inputs[name].default) for name in self.inputs]
        return inspect.Signature([*parameters, inspect.Parameter("given", inspect.Parameter.VAR_KEYWORD)])

    @property
    def latex(self):
        """The right-hand side in the author's order, in letters."""
        return self.latex_with()

    def latex_with(self, **given):
        """The same with the refinements that these inputs turn on: `step_bytes.latex_with(count_weights=1)`."""
        return self.graph.under(given).latex(self.name)

    @property
    def equation(self):
        """The whole equation in LaTeX."""
        return f"{self.letter} = {self.latex}"

    @property
    def javascript(self):
        """The source of a JavaScript function of one object of inputs that returns the number."""
        return f"function (v) {{ return ({self._alone().javascript(self.name)})(v).{self.name}; }}"

    def __call__(self, *unnamed, **given):
        if unnamed:
            raise NapkinError(f"{self.name} takes its inputs by name, as in {self.name}({self.inputs[0]}=…)")
        result = self.graph.evaluate((self.name,), given)[self.name]
        if type(result) is float and result != result:
            raise NapkinError(f"{self.name} has no value: {self.graph.reason(self.name, given)}")
        return result

    def value_of(self, given):
        """What is given for the result, as a number or an array; NapkinError where it is not above zero, or not whole."""
        array = numpy.asarray(given)
        real = array.dtype.kind in "iuf" and not isinstance(given, (str, bytes)) and not numpy.ma.is_masked(given)
        if not real or not numpy.all(numpy.isfinite(array)) or numpy.any(array <= 0):
            raise NapkinError(f"{self.name} must be a finite number above 0, got {' '.join(reprlib.repr(given).split())}")
        if self.whole and numpy.any(array != numpy.floor(array)):
            raise NapkinError(f"{self.name} must be a whole number, got {given!r}")
        return array.astype(float) if array.ndim else array.item()

    def text(self, *, digits: int | None = None, **given) -> Text:
        """The result as people read it, with its unit: "26.2 GB"."""
        result = self(**given)
        if numpy.ndim(result):
            raise NapkinError(f"text is written for single numbers, got an array for {self.name}")
        return Text(show(result, self.unit, self.digits if digits is None else digits))

    def arithmetic(self, **given) -> Arithmetic:
        """The numbers put into the formula: "2 × 64 × 8 × 128 × 1 B = 131,072 B per token"."""
        values = self.graph.evaluate((*self.graph.under(given).term(self.name).names(), self.name), given)
        for name, value in values.items():
            if numpy.ndim(value):
                raise NapkinError(f"arithmetic is written for single numbers, got an array for {name}")
            if value != value:
                raise NapkinError(f"{name} has no value: {self.graph.reason(name, given)}")
        return Arithmetic(self.name, given, self.graph)

    def __repr__(self):
        return f"<{self.name}, {self.unit}: {self.says}>"

    def _repr_latex_(self):
        # The comment names the equation: the book gives it a number, other readers skip it.
        return f"$$\n% equation: {self.name}\n{self.equation}\n$$"


class Refinement(Traced):
    """What takes the place of a formula's result where one of the `switches` is given and not 0."""

    def __init__(self, function, refined, switches, *, graph, otherwise=None, replaces=False, over=()):
        super().__init__(function, graph)
        self.refined, self.switches, self.otherwise, self.replaces = refined, switches, otherwise, replaces
        self.over = tuple(getattr(one, "name", one) for one in over)
        if not switches:
            raise NapkinError(f"{self.name} needs the name of an input that turns it on, as in refines({refined}, 'block_tokens')")
        for switch in switches:
            if switch not in graph.inputs:
                raise NapkinError(f"{switch!r} is no input, so it can turn nothing on" + nearest(switch, graph.inputs))
        named = refined in self.term.names()
        if replaces and named:
            raise NapkinError(f"{self.name} replaces {refined}, so it cannot build on it: refine it, or leave {refined} out")
        if not replaces and not named:
            needs = f"{self.name} must have {refined} among its parameters"
            raise NapkinError(f"{needs}, which is what it was before; what does without it replaces it")
        self.check_unit(graph.formulas[refined].unit)

    def __repr__(self):
        return f"<{self.name} {'replaces' if self.replaces else 'refines'} {self.refined} with {', '.join(self.switches)}: {self.says}>"


def formula(letter: str, unit: str, *, graph: Graph = BOOK, **more) -> Callable[[Callable], Formula]:
    """Make a Formula of a function: its parameters name inputs and formulas, its docstring says what it is.

    Parameters: `letter`, LaTeX; `unit`, the base unit of the result, which the function must come to; `whole`, results are
    whole numbers; `digits`, significant digits on a page; `source` and `label`, a short name on a page; `needs`, names of
    formulas that must be above zero for there to be an answer; `otherwise`, what those say where they are not, with {names}
    of inputs and formulas; `unless`, a switch: while it rests, an estimate has nothing to tell of this.
    Raises: NapkinError for parameters that name nothing, units that do not go together, and a branch (`if context:`).

    >>> @formula("d", "dollar", graph=BOOK.copy())
    ... def price_of_two(gpu_price):
    ...     '''Price of two GPUs.'''
    ...     return 2 * gpu_price
    >>> price_of_two.text(gpu_price=40_000)
    $80,000
    """

    def make(function):
        made = Formula(function, letter, unit, graph=graph, **more)
        graph.add(made)
        return made

    return make


def refines(refined: Formula, *switches: str, graph: Graph = BOOK, otherwise: str | None = None) -> Callable[[Callable], Refinement]:
    """Refine a formula where one of the `switches` is on: the function's parameter with the formula's name is what it was before.

    Parameters: `refined`, the formula; `switches`, inputs: it applies where one of them is given (a flag: given as 1);
    `otherwise`, what the formula says then where it is not above zero. Refinements of one formula apply in the order of the
    chapters, a reader's own after them.
    Raises: NapkinError for a switch that is no input, a function without the formula's name, and wrong units.

    >>> mine = BOOK.copy()
    >>> @refines(mine.formulas["memory_seconds"], "block_tokens", graph=mine)
    ... def memory_seconds_of_pages(memory_seconds):
    ...     '''Reading in pages takes a tenth longer.'''
    ...     return 1.1 * memory_seconds
    >>> mine.formulas["memory_seconds"].text(block_tokens=16)
    26.03 ms
    """
    return functools.partial(_refine, refined, switches, graph, otherwise=otherwise)


def replaces(refined: Formula, *switches: str, over=(), graph: Graph = BOOK, otherwise: str | None = None) -> Callable[..., Refinement]:
    """Take a formula's place where one of the `switches` is on; what refined it before no longer counts then.

    As `refines`, but the function does without what the formula was before. `over` names the refinements of other
    chapters that are lost: NapkinError where one would be that is not named.
    """
    return functools.partial(_refine, refined, switches, graph, otherwise=otherwise, replaces=True, over=over)


def _refine(refined, switches, graph, function, **how):
    made = Refinement(function, graph.formula_named(refined).name, switches, graph=graph, **how)
    graph.refine(made)
    return made
