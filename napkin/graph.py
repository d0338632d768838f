"""Formulas as a graph: which builds on which, what each is in inputs alone, and how they are evaluated together."""

import functools
import math
import string

import numpy
import sympy

from . import printers
from .formatting import show
from .notation import INPUTS, NapkinError, check_together, nearest


class _ByName(dict):
    def __missing__(self, name):
        raise NapkinError(f"there is no formula called {name!r}" + nearest_name(name))


#: Every formula by name, in the order of the chapters; formula.py fills it.
FORMULAS = _ByName()


def nearest_name(name):
    """The helpful end of 'there is no …': the nearest input or formula, if one is near."""
    return nearest(name, [*INPUTS, *FORMULAS])


def named(name):
    """The input or formula of that name."""
    return INPUTS.get(name) or FORMULAS[name]


def input_named(one):
    """The input of that name, or itself; NapkinError with the nearest name where there is none."""
    name = getattr(one, "name", one)
    if name not in INPUTS:
        raise NapkinError(f"there is no input called {name!r}" + nearest(name, INPUTS))
    return INPUTS[name]


def formula_named(one):
    """The formula of that name, or itself; NapkinError with the nearest name where there is none."""
    return FORMULAS[getattr(one, "name", one)]


def forget():
    """Drop what was worked out before a formula was made or made anew."""
    expression_of.cache_clear()
    guards_of.cache_clear()
    _compiled.cache_clear()


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
        self.checks = tuple(dict.fromkeys(guard for some in self.guards.values() for guard in some))
        self.outputs = tuple(dict.fromkeys([*names, *self.checks]))
        expressions = [expressions.get(name) or expression_of(name, cut) for name in self.outputs]
        symbols = sorted(set().union(*(e.free_symbols for e in expressions)), key=str)
        self.arguments = tuple(map(str, symbols))
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
            raise NapkinError(f"there is no input called {name!r}" + nearest_name(name))
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


def evaluate(names, given=None):
    """Evaluate formulas (and inputs) by name, for `given` inputs; return {name: number or array}.

    Points without an answer are NaN. Raises NapkinError for bad input.
    """
    if isinstance(names, str):
        names = (names,)
    given = {} if given is None else given
    if not isinstance(given, dict):
        raise NapkinError(f"inputs are given by name, as a dict, got {given!r}")
    values, cut, arrays = _checked(given)
    compiled = _compiled(tuple([getattr(name, "name", name) for name in names]), cut)
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
        found = dict(zip(compiled.outputs, results))
        if not math.isfinite(sum(results)) or any(found[guard] <= 0 for guard in compiled.checks):
            return None
        return {
            name: result if whole else float(result)
            for name, result, whole in zip(compiled.names, results, compiled.whole)
        }
    except (ZeroDivisionError, OverflowError, ValueError):
        return None


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
    """Why `name` has no answer for these inputs, as its guard says it."""
    cut = _checked(given)[1]
    for guard in guards_of(name, cut):
        if evaluate((guard,), given)[guard] <= 0:
            return tell(FORMULAS[guard].positive, given)
    return "beyond what a number can hold"


def names_in(sentence):
    """The names between braces in a sentence, in order."""
    return tuple(dict.fromkeys(field for _, field, _, _ in string.Formatter().parse(sentence) if field))


def tell(sentence, given):
    """Fill the {names} of a sentence with formatted values."""
    names = names_in(sentence)
    values = evaluate(names, given)
    return sentence.format(**{name: show(values[name], named(name).unit, named(name).digits) for name in names})
