"""What a formula can do: one row an operation, with every face of it.

A formula may use + − × ÷ and powers of names and numbers, and the functions at the end of this file. A new operation is
a new row (no face can be forgotten) and its function. Set by hand, so that a row can be read beside its neighbours.
"""

import math
import operator
from collections.abc import Callable
from functools import reduce
from typing import NamedTuple

import sympy

from .errors import NapkinError
from .terms import Term
from .units import combined, dimension, spelled

# Rounding may leave 6/0.2 a hair below 30. The guard lifts every quotient by a billionth before the floor, and lowers
# it before the ceiling: one rule for SymPy, NumPy and JavaScript.
GUARD = 1 + sympy.Rational(1, 10**9)
LIFT, LOWER = "{0} * 1.000000001", "{0} / 1.000000001"


class Operation(NamedTuple):
    """A step that a formula can take: what it is to a number, a symbol, a reader, a program, a slope and a unit."""

    number: Callable  # of plain numbers
    symbol: Callable  # of SymPy expressions
    latex: Callable  # of (text, how tightly it binds) an argument; gives such a pair
    text: Callable  # the same, as arithmetic in plain text
    python: str  # code; "{0}", "{1}" stand for the arguments
    numpy: str
    javascript: str
    slope: Callable  # of the arguments and of their slopes, Terms (None for no slope); gives a Term or None
    unit: Callable  # of (dimension, number or None) an argument; gives a dimension
    smooth: Callable | None = None  # of Terms: the same without its corners, where it has some


# Slopes: None stands for 0, so that what does not move costs nothing.

ONE = Term.of(1)


def _sum(*slopes):
    slopes = [slope for slope in slopes if slope is not None]
    return reduce(operator.add, slopes) if slopes else None


def _by(weight, slope):
    return None if slope is None else weight() if slope is ONE else weight() * slope


def _picked(condition, a, b):
    """One slope or the other, as the numbers have it."""
    return None if a is None and b is None else Term("choose", condition, *(Term.of(0) if one is None else one for one in (a, b)))


def _power_slope(a, b, da, db):
    return _sum(_by(lambda: choose(b, b * a ** (b - 1), 0), da), _by(lambda: choose(a, a**b * logarithm(a), 0), db))


# Units: what is added or compared must be alike.


def _alike(*args):
    first = args[0][0]
    for other, _ in args[1:]:
        if other != first:
            raise NapkinError(f"{spelled(first)} and {spelled(other)} cannot be added or compared")
    return first


def _number_alone(*args):
    if any(one for one, _ in args):
        raise NapkinError(f"an exponent or a logarithm is of plain numbers, not of {spelled(next(one for one, _ in args if one))}")
    return {}


def _power_unit(base, exponent):
    _number_alone(exponent)
    if base[0] and exponent[1] is None:
        raise NapkinError(f"{spelled(base[0])} to a power that varies has no unit")
    return {basic: power * exponent[1] for basic, power in base[0].items()}


# Writing: how tightly a side binds decides on brackets; a looser side is bracketed, and so is an equally loose right side of − and /.

ROUND, LATEX_ROUND = "({})", r"\left({}\right)"


def _tight(part, level, brackets):
    text, own = part
    return text if own >= level else brackets.format(text)


def _infix(sign, level, brackets, strict=False):
    return lambda a, b: (_tight(a, level, brackets) + sign + _tight(b, level + strict, brackets), level)


def _call(written, comma=", "):
    return lambda *args: (written.format(comma.join(text for text, _ in args)), 9)


def _product(a, b):
    return _infix(r" \cdot " if b[0][0].isdigit() else r" \, ", 2, LATEX_ROUND)(a, b)


def _same(code):
    """The code that is the same in all three languages."""
    return code, code, code


def _piecewise(flag, on, off):
    return sympy.Piecewise((on, sympy.Ne(flag, 0)), (off, True))


OPERATIONS = {
    "+": Operation(
        operator.add, operator.add, _infix(" + ", 1, LATEX_ROUND), _infix(" + ", 1, ROUND), *_same("({0} + {1})"),
        lambda a, b, da, db: _sum(da, db), _alike),
    "-": Operation(
        operator.sub, operator.sub, _infix(" - ", 1, LATEX_ROUND, True), _infix(" − ", 1, ROUND, True), *_same("({0} - {1})"),
        lambda a, b, da, db: _sum(da, _by(lambda: Term.of(-1), db)), _alike),
    "*": Operation(
        operator.mul, operator.mul, _product, _infix(" × ", 2, ROUND), *_same("({0} * {1})"),
        lambda a, b, da, db: _sum(_by(lambda: b, da), _by(lambda: a, db)), lambda a, b: combined(a[0], b[0])),
    "/": Operation(
        operator.truediv, operator.truediv, lambda a, b: (rf"\frac{{{a[0]}}}{{{b[0]}}}", 3), _infix(" / ", 2, ROUND, True), *_same("({0} / {1})"),
        lambda a, b, da, db: _sum(_by(lambda: 1 / b, da), _by(lambda: -1 * a / b**2, db)), lambda a, b: combined(a[0], b[0], -1)),
    "^": Operation(
        operator.pow, operator.pow, lambda a, b: (f"{_tight(a, 4, LATEX_ROUND)}^{{{b[0]}}}", 3),
        lambda a, b: (_tight(a, 4, ROUND) + {"2": "²", "3": "³"}.get(b[0], f"^{b[0]}"), 3), *_same("({0} ** {1})"),
        _power_slope, _power_unit),
    "floor": Operation(
        lambda x: math.floor(x * 1.000000001), lambda x: sympy.floor(x * GUARD), _call(r"\left\lfloor {} \right\rfloor"), _call("⌊{}⌋"),
        f"floor({LIFT})", f"floor({LIFT})", f"Math.floor({LIFT})",
        lambda x, dx: dx, _alike, lambda x: x),
    "ceiling": Operation(
        lambda x: math.ceil(x / 1.000000001), lambda x: sympy.ceiling(x / GUARD), _call(r"\left\lceil {} \right\rceil"), _call("⌈{}⌉"),
        f"ceil({LOWER})", f"ceil({LOWER})", f"Math.ceil({LOWER})",
        lambda x, dx: dx, _alike, lambda x: x),
    "max": Operation(
        max, sympy.Max, _call(r"\max\left({}\right)", r",\; "), _call("max({})"), "max({0}, {1})", "maximum({0}, {1})", "Math.max({0}, {1})",
        lambda a, b, da, db: _picked(Term("at least", a, b), da, db), _alike),
    "min": Operation(
        min, sympy.Min, _call(r"\min\left({}\right)", r",\; "), _call("min({})"), "min({0}, {1})", "minimum({0}, {1})", "Math.min({0}, {1})",
        lambda a, b, da, db: _picked(Term("at least", b, a), da, db), _alike),
    "bytes": Operation(
        lambda x: x / 8, lambda x: x / sympy.Integer(8), lambda x: (rf"\frac{{{x[0]}}}{{8}}", 3), lambda x: x, *_same("({0} / 8)"),
        lambda x, dx: None if dx is None else Term("bytes", dx), lambda x: combined(x[0], {"byte": 1, "bit": -1})),
    "log": Operation(
        math.log, sympy.log, _call(r"\ln\left({}\right)"), _call("ln({})"), "log({0})", "log({0})", "Math.log({0})",
        lambda x, dx: _by(lambda: 1 / x, dx), _number_alone),
    "choose": Operation(
        lambda flag, on, off: on if flag else off, _piecewise, _call(r"\mathrm{{choose}}\left({}\right)", r",\; "), _call("choose({})"),
        "({1} if {0} else {2})", "where({0} != 0, {1}, {2})", "({0} ? {1} : {2})",
        lambda flag, on, off, _, don, doff: _picked(flag, don, doff), lambda flag, on, off: _alike(on, off)),
    "at least": Operation(
        operator.ge, lambda a, b: sympy.Piecewise((1, a >= b), (0, True)), _infix(r" \ge ", 0, LATEX_ROUND), _infix(" ≥ ", 0, ROUND), *_same("({0} >= {1})"),
        lambda a, b, da, db: None, lambda a, b: _alike(a, b) and {}),
}


def _function(op, says):
    """The function of a row: a Term of Terms, and a SymPy expression of anything else."""

    def call(*args):
        if any(isinstance(argument, Term) for argument in args):
            return Term(op, *map(Term.of, args))
        return OPERATIONS[op].symbol(*args)

    call.__doc__ = says
    return call


whole = _function("floor", "The whole number below x; a billionth short of the next one counts as the next.")
whole_up = _function("ceiling", "The whole number above x; a billionth beyond one counts as that one.")
largest = _function("max", "The larger of two.")
smallest = _function("min", "The smaller of two.")
in_bytes = _function("bytes", "Bits in bytes.")
logarithm = _function("log", "The natural logarithm.")
choose = _function("choose", "The second where the first is not 0, else the third.")


def smoothed(term):
    """The same Term without corners: every floor and ceiling read as the plain quotient."""
    rows = OPERATIONS
    return term.fold(Term, lambda op, args: rows[op].smooth(*args) if rows[op].smooth else Term(op, *args))


def slope(term, name):
    """How a Term moves with a name in it, a Term; None where it does not. Corners are read as in `smoothed`."""
    some = smoothed(term)
    if name not in some.names():
        return None

    def apply(op, args):
        values = [value for value, _ in args]
        moves = [one for _, one in args]
        moved = None if all(one is None for one in moves) else OPERATIONS[op].slope(*values, *moves)
        return Term(op, *values), moved

    return some.fold(lambda op, value: (Term(op, value), ONE if op == "name" and value == name else None), apply)[1]


def unit_of(term, unit_of_name):
    """The dimension of a Term; `unit_of_name(name)` gives the unit of a name. Raises NapkinError where units do not go together."""

    def leaf(op, value):
        if op == "number":
            return {}, value
        return dimension(value if op == "unit" else unit_of_name(value if op == "name" else value[0])), None

    def apply(op, args):
        try:
            number = OPERATIONS[op].number(*(float(number) for _, number in args)) if all(number is not None for _, number in args) else None
        except (ArithmeticError, ValueError, TypeError):
            number = None
        return OPERATIONS[op].unit(*args), number

    return term.fold(leaf, apply)[0]
