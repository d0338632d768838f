"""Formula: one expression, and all its faces."""

import functools
import inspect
import math
import string

import numpy
import sympy

from . import printers
from .formatting import UNITS, show, show_exactly
from .notation import INPUTS, NapkinError, check_together, nearest
from .printers import Term

FORMULAS = {}

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
        self.parents = tuple(inspect.signature(function).parameters)
        for parent in self.parents:
            if parent not in INPUTS and parent not in FORMULAS:
                raise NapkinError(f"{self.name} needs {parent!r}, which is no input and no formula" + _nearest(parent))
        if self.name in INPUTS:
            raise NapkinError(f"{self.name!r} is the name of an input; a formula needs another")
        if unit not in UNITS:
            raise NapkinError(f"{self.name} has the unit {unit!r}, which nothing can format" + nearest(unit, UNITS))
        for need in needs:
            if need not in FORMULAS or not FORMULAS[need].positive:
                raise NapkinError(f"{self.name} needs {need!r}, which is no formula that says what is wrong")
        self.term = Term.of(function(*(Term("name", parent) for parent in self.parents)))
        self.symbol = Result(self.name, positive=True)
        self.symbol.letter = letter
        self.__doc__ = f"{self.says}\n\nUnit: {unit}." + (f" Source: {source}." if source else "")

    @functools.cached_property
    def expression(self):
        """The SymPy expression in inputs alone."""
        return expression_of(self.name, frozenset(INPUTS))

    @property
    def inputs(self):
        """The names of the inputs that the result depends on, sorted."""
        return tuple(sorted(str(symbol) for symbol in self.expression.free_symbols))

    @property
    def latex(self):
        """The right-hand side in the author's order, in letters."""
        return printers.to_latex(self.term, lambda name: _named(name).letter)

    @property
    def equation(self):
        """The whole equation in LaTeX."""
        return f"{self.letter} = {self.latex}"

    @property
    def javascript(self):
        """The source of a JavaScript function of one object of inputs that returns the number."""
        return f"function (v) {{ return ({printers.to_javascript({self.name: self.expression})})(v).{self.name}; }}"

    def __call__(self, **given):
        result = evaluate((self.name,), given)[self.name]
        if type(result) is float and result != result:
            raise NapkinError(reason(self.name, given))
        return result

    def text(self, digits=None, **given):
        """The result as people read it, with its unit: "26.2 GB"."""
        return Text(show(self(**given), self.unit, digits or self.digits))

    def arithmetic(self, **given):
        """The numbers put into the formula: "2 × 64 × 8 × 128 × 1 B = 131,072 B per token"."""
        values = evaluate((*self.parents, self.name), given)
        for name, value in values.items():
            if numpy.ndim(value):
                raise NapkinError(f"arithmetic is written for single numbers, got an array for {name}")
            if value != value:
                raise NapkinError(reason(name, given))

        def written(name, as_bytes):
            node = _named(name)
            return show_exactly(values[name] / 8, "byte") if as_bytes else _bare(values[name], node.unit)

        return Text(f"{printers.to_text(self.term, written)} = {show_exactly(values[self.name], self.unit)}")

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
        expression_of.cache_clear()
        _compiled.cache_clear()
        return made

    return make


def _bare(value, unit):
    """A number inside arithmetic: with its unit, without what it is counted by."""
    text = show_exactly(value, unit)
    per = UNITS[unit][2]
    return text[: -len(per)] if per and text.endswith(per) else text


def _nearest(name):
    return nearest(name, [*INPUTS, *FORMULAS])


def _named(name):
    return INPUTS.get(name) or FORMULAS[name]


@functools.lru_cache(maxsize=None)
def expression_of(name, cut):
    """Return the SymPy expression of a name in inputs; names in `cut` are taken as given and not opened further."""
    if name in cut and name in FORMULAS:
        return FORMULAS[name].symbol
    if name in INPUTS:
        otherwise = INPUTS[name].default
        if name in cut or not INPUTS[name].computed:
            return INPUTS[name]
        name = otherwise
        if name in cut:
            return FORMULAS[name].symbol
    if name not in FORMULAS:
        raise NapkinError(f"there is no formula called {name!r}" + _nearest(name))
    return printers.to_sympy(FORMULAS[name].term, lambda parent: expression_of(parent, cut))


@functools.lru_cache(maxsize=None)
def guards_of(name, cut=frozenset()):
    """The names of the formulas that must be positive for `name` to have an answer, nearest to the inputs first."""
    found = {}

    def visit(one):
        if one in cut:
            return
        if one in INPUTS:
            # An input that stands for a formula needs it above zero: a batch of none is no batch.
            needs = parents = (INPUTS[one].default,) if INPUTS[one].computed else ()
        else:
            needs, parents = FORMULAS[one].needs, FORMULAS[one].parents
        for parent in parents:
            visit(parent)
        found.update(dict.fromkeys(need for need in needs if need not in cut))

    visit(name)
    return tuple(found)


class _Compiled:
    """Formulas as one function of numbers and one of arrays."""

    def __init__(self, names, cut):
        expressions = {name: expression_of(name, cut) for name in names}  # refuses a name that it does not know
        self.names = names
        self.guards = {name: guards_of(name, cut) for name in names}
        self.extra = tuple(dict.fromkeys(guard for some in self.guards.values() for guard in some if guard not in names))
        self.outputs = (*names, *self.extra)
        expressions = [expressions.get(name) or expression_of(name, cut) for name in self.outputs]
        symbols = sorted(set().union(*(e.free_symbols for e in expressions)), key=str)
        self.arguments = tuple(map(str, symbols))
        self.checks = tuple(dict.fromkeys(guard for some in self.guards.values() for guard in some))
        self.whole = tuple(name in FORMULAS and FORMULAS[name].whole for name in self.outputs)
        self.scalar = sympy.lambdify(symbols, expressions, modules="math", cse=True)
        self.array = sympy.lambdify(symbols, expressions, modules="numpy", cse=True)


@functools.lru_cache(maxsize=256)
def _compiled(names, cut):
    return _Compiled(names, cut)


def _checked(given):
    """Check what is given; return (values by name, names given that cut the graph, whether any is an array)."""
    values, cut, arrays = {}, [], False
    for name, value in given.items():
        known = INPUTS.get(name)
        if known is not None:
            values[name] = value = known.value_of(value)
            if known.computed:
                cut.append(name)
        elif name in FORMULAS:
            values[name] = value = _result_given(FORMULAS[name], value)
            cut.append(name)
        else:
            raise NapkinError(f"there is no input called {name!r}" + _nearest(name))
        arrays = arrays or type(value) is numpy.ndarray
    return values, frozenset(cut), arrays


def _result_given(known, value):
    array = numpy.asarray(value)
    real = array.dtype.kind in "iuf" and not isinstance(value, (str, bytes))
    if not real or not numpy.all(numpy.isfinite(array)) or numpy.any(array <= 0):
        raise NapkinError(f"{known.name} must be a finite number above 0, got {value!r}")
    if known.whole and numpy.any(array != numpy.floor(array)):
        raise NapkinError(f"{known.name} must be a whole number, got {value!r}")
    return array.astype(float) if array.ndim else array.item()


def default_of(name, values):
    """The default of an input, where `values` are given: a rate follows the precision it was published for."""
    known = INPUTS[name]
    followed = known.follows
    if followed and followed in values:
        return known.default * INPUTS[followed].default / values[followed]
    return known.default


def evaluate(names, given):
    """Evaluate formulas (and inputs) by name, for `given` inputs; return {name: number or array}.

    Points without an answer are NaN. Raises NapkinError for bad input.
    """
    values, cut, arrays = _checked(given)
    compiled = _compiled(tuple(names), cut)
    arguments = {
        name: values[name] if name in values else default_of(name, values) for name in compiled.arguments
    }
    check_together(arguments)
    check_together(values)  # what is given must go together even where this formula does not use it
    if not arrays:
        found = _scalars(compiled, arguments)
        if found is not None:
            return found
    return _arrays(compiled, arguments, arrays)


def _scalars(compiled, arguments):
    """The quick way: plain numbers, everything finite, nothing in the way; None where that fails."""
    try:
        results = compiled.scalar(*arguments.values())
    except (ZeroDivisionError, OverflowError, ValueError):
        return None
    found = dict(zip(compiled.outputs, results))
    for guard in compiled.checks:
        if found[guard] <= 0:
            return None
    if not math.isfinite(sum(results)):
        return None
    return {
        name: result if whole else float(result)
        for name, result, whole in zip(compiled.names, results, compiled.whole)
    }


def _arrays(compiled, arguments, arrays):
    """The careful way: everything as an array, NaN where a guard is not positive or a result not finite."""
    try:
        shape = numpy.broadcast_shapes(*(numpy.shape(value) for value in arguments.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {numpy.shape(value)}" for name, value in arguments.items() if numpy.ndim(value))
        raise NapkinError(f"these shapes do not broadcast: {shapes}") from None
    with numpy.errstate(all="ignore"):
        results = compiled.array(*(numpy.asarray(value, dtype=float) for value in arguments.values()))
    found = dict(zip(compiled.outputs, results))
    answers = {}
    for name in compiled.names:
        result = numpy.asarray(found[name], dtype=float)
        bad = ~numpy.isfinite(result)
        for guard in compiled.guards[name]:
            bad = bad | ~(numpy.asarray(found[guard]) > 0)
        result = numpy.broadcast_to(numpy.where(bad, numpy.nan, result), shape if arrays else ())
        if arrays:
            answers[name] = result.copy()
        else:
            result = float(result)
            is_whole = name in FORMULAS and FORMULAS[name].whole and result == result
            answers[name] = int(result) if is_whole else result
    return answers


def reason(name, given):
    """Why `name` has no answer for these inputs, in one sentence."""
    cut = _checked(given)[1]
    for guard in guards_of(name, cut):
        value = evaluate((guard,), given)[guard]
        if not value > 0:
            return f"{name} has no value: " + tell(FORMULAS[guard].positive, given)
    return f"{name} is beyond what a number can hold for these inputs"


def names_in(sentence):
    """The names between braces in a sentence, in order."""
    return tuple(dict.fromkeys(field for _, field, _, _ in string.Formatter().parse(sentence) if field))


def tell(sentence, given):
    """Fill the {names} of a sentence with formatted values."""
    names = names_in(sentence)
    values = evaluate(names, given)
    return sentence.format(
        **{name: show(values[name], _named(name).unit, getattr(_named(name), "digits", 6)) for name in names}
    )
