"""What an input is: a symbol that knows its unit, meaning, default and range, and refuses bad values."""

import math
import numbers
import sys

import numpy
import sympy

from .errors import NapkinError
from .numbers import show

#: The inputs of the book by name; the graph of the book fills it.
INPUTS = {}
FLAG = {0: "left out", 1: "counted"}


class Input(sympy.Symbol):
    """An input: a positive SymPy symbol that knows its letter, unit, meaning, default and range.

    `default` is a number, or the name of the formula or the input that stands in when nothing is given. `low` and `high`
    bound its slider, `least` and `most` what formulas accept (by default anything positive, and 0 where the slider has it).
    The slider's `scale` is "log", or "linear" where it starts at 0; `stops` lists where it rests if not evenly. `choices` maps
    the allowed values to what they are called; where `between`, any number from `least` to `most` is allowed beside them.
    `shown_in` is the power of ten and the unit in which people say it (192 "GB").
    `follows` names an input that the value is inversely proportional to until it is given. A `flag` is 0 or 1 and turns refinements on.
    One that is `local` belongs to a chapter's own argument: what a reader sets of it stays on its page.
    """

    digits = 6  # significant digits on a page, enough to show what was set

    # fmt: off
    def __new__(cls, name, letter, unit, says, default, low, high, *, whole=False, choices=None, least=None, most=None,
                scale="log", stops=None, shown_in=(0, ""), label=None, follows=None, flag=False, local=False, between=False):
        # fmt: on
        if flag:
            whole, choices, least = True, FLAG, 0
        # A zero is allowed only where `least` says so: SymPy may then not cancel by it. Two of one name share nothing.
        made = sympy.Symbol.__xnew__(cls, name, **({"nonnegative": True} if least == 0 else {"positive": True}))
        made.letter, made.unit, made.says, made.default = letter, unit, says, default
        made.low, made.high, made.whole, made.choices, made.flag, made.local = low, high, whole, choices, flag, local
        made.between = between
        made.scale, made.stops, made.shown_in, made.follows = scale, stops, shown_in, follows
        made.label = label or name.replace("_", " ")
        made.positive = least != 0
        made.least = 1 if least is None and whole else least or 0
        made.most = most or sys.float_info.max
        made.computed = isinstance(default, str)
        made.plain = not (whole or choices) or between
        made.allowed = _allowed(made)
        return made

    def __reduce_ex__(self, protocol):
        return _found, (self.name,)

    def _latex(self, printer):
        return self.letter

    @property
    def reach(self):
        """The lowest and highest that a page holds: the ends of its slider; a rate follows the precision from there."""
        choices = INPUTS[self.follows].choices if self.follows else (1,)
        return self.low * min(choices) / max(choices), self.high * max(choices) / min(choices)

    def value_of(self, given, smooth=False):
        """Return `given` as a float (an integral one for counts) or an array; raise NapkinError if it is not allowed.

        `smooth` takes counts that are not whole.
        """
        kind = type(given)
        if kind is float or kind is int:
            # The quick way for nearly everything: in range, and either no count or an int.
            if (self.plain or kind is int and (not self.choices or given in self.choices)) and (
                self.least <= given <= self.most and (given or not self.positive)
            ):
                return given
            number = given
        elif kind in (list, tuple) or isinstance(given, numpy.ndarray) and given.ndim:
            return self._array_of(given, smooth)
        else:
            number = self._number_of(given)
        try:
            if self.allows(number) or smooth and not self.choices and self.least <= number <= self.most:
                return number
        except OverflowError:  # an integer beyond every float
            pass
        shown = repr(number)
        raise self._refused(shown if len(shown) < 40 else shown[:37] + "…")

    def _refused(self, got):
        return NapkinError(f"{self.name} must be {self.allowed}, got {got}")

    def allows(self, number):
        """Whether this plain number may be used in formulas (the slider's range is narrower)."""
        if not self.least <= number <= self.most or (number == 0 and self.positive):
            return False
        if self.choices and not self.between:
            return number in self.choices
        return not self.whole or number == math.floor(number)

    def _number_of(self, given):
        if isinstance(given, numpy.ndarray):
            given = given[()]
        if isinstance(given, bool) or not isinstance(given, numbers.Real):  # NumPy's bool is no Real
            raise self._refused(repr(given))
        try:
            return int(given) if isinstance(given, numbers.Integral) else float(given)
        except OverflowError:  # a fraction beyond every float
            return math.inf

    def _array_of(self, given, smooth):
        try:
            array = numpy.asarray(given)
        except ValueError:
            raise self._refused("lists of different lengths") from None
        if numpy.ma.is_masked(given):
            raise self._refused("masked values")
        if array.dtype.kind not in "iuf":
            raise self._refused(f"an array of {array.dtype}")
        array = array.astype(float)
        good = (array >= self.least) & (array <= self.most) & ((array != 0) | (not self.positive))
        if self.choices and not self.between:
            good &= numpy.isin(array, list(self.choices))
        elif self.whole and not smooth:
            good &= array == numpy.floor(array)
        if not good.all():
            where = tuple(map(int, numpy.argwhere(~good)[0]))
            raise self._refused(f"{float(array[where])!r} at position {', '.join(map(str, where))}")
        return array


def _found(name):
    """The book's input of that name: what a pickle of one holds."""
    return INPUTS[name]


def _allowed(symbol):
    """The end of the sentence 'context must be …'."""
    if symbol.choices:
        *most, last = (f"{value:g} ({called})" for value, called in symbol.choices.items())
        listed = f"{'one of ' if most[1:] else ''}{', '.join(most)} or {last}" + (f" {symbol.unit}s" if symbol.unit != "1" else "")
        return f"{listed}, or any number from {symbol.least:g} to {symbol.most:g}" if symbol.between else listed
    unit = "" if symbol.unit == "1" else f" {symbol.unit}"
    if symbol.whole:
        return f"a whole number, at least {symbol.least:g}{unit}"
    if symbol.most < 1e308:
        return f"{'more than' if symbol.positive else 'at least'} 0 and at most {symbol.most:g}"
    return f"a finite number, at least 0{unit}" if not symbol.positive else f"a finite number above 0{unit}"


#: Inputs that must go together: the first must be a multiple of the second, or at most the second.
TOGETHER = [
    ("n_heads", "n_kv_heads", "a multiple of"),
    ("experts_per_token", "n_experts", "at most"),
    ("expert_parameters", "parameters", "at most"),
    ("active_parameters", "parameters", "at most"),
    ("shared_prefix", "context", "at most"),
]


def apart(values, name, other, rule):
    """Whether two inputs do not go together, what is left out at its default."""
    a, b = (values.get(one, INPUTS[one].default) for one in (name, other))
    return not isinstance(a, str) and not isinstance(b, str) and (a % b != 0 if rule == "a multiple of" else a > b)


def check_together(values):
    """Raise NapkinError where two inputs do not go together; `values` maps names to checked values."""
    for name, other, rule in TOGETHER:
        if name not in values or other not in values:
            continue
        one, two = values[name], values[other]
        if type(one) is not numpy.ndarray and type(two) is not numpy.ndarray and not (one % two if rule == "a multiple of" else one > two):
            continue  # the quick way
        pairs = [numpy.ravel(array) for array in numpy.broadcast_arrays(one, two)]
        bad = numpy.flatnonzero((numpy.mod if rule == "a multiple of" else numpy.greater)(*pairs))
        if bad.size:
            got = [show(float(array[bad[0]]), INPUTS[one].unit, INPUTS[one].digits) for one, array in zip((name, other), pairs)]
            raise NapkinError(f"{name} must be {rule} {other}, got {name} {got[0]} and {other} {got[1]}")
