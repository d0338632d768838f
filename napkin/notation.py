"""Every input of the napkin once: its letter, unit, meaning, default and range."""

import difflib
import math
import numbers

import numpy
import sympy


class NapkinError(ValueError):
    """Bad input, told in one sentence: what was given and what is allowed."""


INPUTS = {}


class Input(sympy.Symbol):
    """An input: a positive SymPy symbol that knows its letter, unit, meaning, default and range.

    Its `unit` is the base unit in which it is given and computed; `low` and `high` bound its slider;
    `shown_in` is the power of ten and the unit in which people say it (192 "GB").
    """

    digits = 6  # significant digits on a page, enough to show what was set

    def _latex(self, printer):
        return self.letter

    def value_of(self, given):
        """Return `given` as a float (an integral one for counts) or an array; raise NapkinError if it is not allowed."""
        kind = type(given)
        if kind is float or kind is int:
            # The quick way for nearly everything: in range, and either no count or an int.
            if (self.plain or (kind is int and not self.choices)) and self.least <= given <= self.most and (
                given or not self.positive
            ):
                return given
            number = given
        elif kind in (list, tuple) or isinstance(given, numpy.ndarray) and given.ndim:
            return self._array_of(given)
        else:
            number = self._number_of(given)
        try:
            if self.allows(number):
                return number
        except OverflowError:  # an integer beyond every float
            pass
        shown = repr(number)
        raise NapkinError(f"{self.name} must be {self.allowed}, got {shown if len(shown) < 40 else shown[:37] + '…'}")

    def allows(self, number):
        """Whether this plain number may be used in formulas (the slider's range is narrower)."""
        if not self.least <= number <= self.most or (number == 0 and self.positive):
            return False
        if self.choices:
            return number in self.choices
        return not self.whole or number == math.floor(number)

    def _number_of(self, given):
        if isinstance(given, numpy.ndarray):
            given = given[()]
        if isinstance(given, (bool, numpy.bool_)) or not isinstance(given, numbers.Real):
            raise NapkinError(f"{self.name} must be {self.allowed}, got {given!r}")
        return int(given) if isinstance(given, numbers.Integral) else float(given)

    def _array_of(self, given):
        try:
            array = numpy.asarray(given)
        except ValueError:
            raise NapkinError(f"{self.name} must be {self.allowed}, got lists of different lengths") from None
        if array.dtype.kind not in "iuf":
            raise NapkinError(f"{self.name} must be {self.allowed}, got an array of {array.dtype}")
        array = array.astype(float)
        good = (array >= self.least) & (array <= self.most)
        if self.positive:
            good &= array > 0
        if self.choices:
            good &= numpy.isin(array, list(self.choices))
        elif self.whole:
            good &= array == numpy.floor(array)
        if not good.all():
            where = tuple(int(i) for i in numpy.argwhere(~good)[0])
            raise NapkinError(
                f"{self.name} must be {self.allowed}, got {float(array[where])!r} at position {', '.join(map(str, where))}"
            )
        return array


def declare(name, letter, unit, says, default, low, high, *, whole=False, choices=None, least=None, most=None,
            scale="log", stops=None, shown_in=(0, ""), label=None, follows=None):
    """Add an input to the notation and return its symbol.

    `default` is a number, or the name of the formula that stands in when nothing is given. `least` and
    `most` bound what formulas accept (by default anything positive); `choices` maps the allowed values to what
    they are called, `stops` lists where the slider rests if not evenly. `follows` names an input that the value is inversely proportional to until it is given.
    """
    if not name.isidentifier() or name in INPUTS:
        raise NapkinError(f"an input needs a name of its own that is a Python identifier, got {name!r}")
    # A zero is allowed only where `least` says so: SymPy may then not cancel by it.
    symbol = Input(name, **({"nonnegative": True} if least == 0 else {"positive": True}))
    symbol.letter, symbol.unit, symbol.says, symbol.default = letter, unit, says, default
    symbol.low, symbol.high, symbol.whole, symbol.choices = low, high, whole, choices
    symbol.positive = least != 0
    symbol.least = 1 if least is None and whole else least or 0
    symbol.most = most or 1.7976931348623157e308
    symbol.scale, symbol.stops, symbol.shown_in, symbol.follows = scale, stops, shown_in, follows
    symbol.label = label or name.replace("_", " ")
    symbol.computed = isinstance(default, str)
    symbol.plain = not (whole or choices)
    symbol.allowed = _allowed(symbol)
    INPUTS[name] = symbol
    return symbol


def _allowed(symbol):
    """The end of the sentence 'context must be …'."""
    if symbol.choices:
        *most, last = (f"{value:g} ({called})" for value, called in symbol.choices.items())
        return f"one of {', '.join(most)} or {last} {symbol.unit}s"
    unit = "" if symbol.unit == "1" else f" {symbol.unit}"
    if symbol.whole:
        return f"a whole number, at least {symbol.least:g}{unit}"
    if symbol.most < 1e308:
        return f"more than 0 and at most {symbol.most:g}"
    return f"a finite number, at least 0{unit}" if not symbol.positive else f"a finite number above 0{unit}"


def nearest(name, known):
    """The helpful end of 'there is no …': the nearest known name, if one is near."""
    near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else ""


FORMATS = {4: "fp4", 8: "fp8", 16: "fp16, bf16", 32: "fp32"}

# A matrix product
rows = declare("rows", "N", "1", "rows of the left matrix", 200_000, 256, 1_000_000, whole=True)
inner = declare("inner", "d", "1", "columns of the left matrix, rows of the right one: the length of each dot product",
                8192, 256, 65_536, whole=True, label="inner dimension")
columns = declare("columns", "M", "1", "columns of the right matrix", 8192, 256, 65_536, whole=True)
tile = declare("tile", "T", "1", "side of the square tile of the product that is kept on chip", 128, 1, 256, whole=True,
               stops=(1, 2, 4, 8, 16, 32, 64, 128, 256))

# A model
n_layers = declare("n_layers", "L", "1", "layers of the model", 64, 1, 200, whole=True, scale="linear", label="layers")
d_model = declare("d_model", r"d", "1", "width of the vector that stands for one token", 8192, 256, 32_768,
                  whole=True, label="model width")
n_heads = declare("n_heads", "H", "1", "query heads of a layer", 64, 1, 256, whole=True,
                  stops=(1, 2, 4, 8, 16, 32, 64, 128, 256), label="query heads")
n_kv_heads = declare("n_kv_heads", r"H_{\mathrm{kv}}", "1", "heads of a layer that keep keys and values", 8, 1, 64,
                     whole=True, stops=(1, 2, 4, 8, 16, 32, 64), label="KV heads")
head_dim = declare("head_dim", r"d_{\mathrm{h}}", "1", "length of the vectors inside one head", 128, 16, 512,
                   whole=True, stops=(16, 32, 64, 80, 96, 128, 192, 256, 512), label="head width")
parameters = declare("parameters", "P", "1", "weights of the model, all of them multiplied for every token", 32e9,
                     1e8, 2e12, whole=True, shown_in=(9, "billion"))
weight_bits = declare("weight_bits", r"b_{\mathrm{w}}", "bit", "bits of one weight", 8, 4, 32, whole=True,
                      choices=FORMATS, label="bits a weight")
kv_bits = declare("kv_bits", r"b_{\mathrm{kv}}", "bit", "bits of one element of a cached key or value", 8, 4, 32,
                  whole=True, choices=FORMATS, label="bits a cache element")

# A GPU: three numbers
peak_flops = declare("peak_flops", r"\pi", "FLOP/second", "dense peak of the multipliers at the precision in use",
                     4.5e15, 1e13, 1e17, shown_in=(12, "TFLOP/s"), label="peak", follows="weight_bits")
bandwidth = declare("bandwidth", r"\beta", "byte/second", "bytes a second between memory and chip", 8e12, 1e11, 1e14,
                    shown_in=(12, "TB/s"), label="bandwidth")
memory = declare("memory", "C", "byte", "bytes of memory on the GPU", 192e9, 8e9, 2e12, shown_in=(9, "GB"))

# What is asked of it
tokens = declare("tokens", "n", "token/sequence", "tokens of each conversation multiplied in one pass: "
                 "all of them without a cache, 1 with it", 200_000, 1, 1_000_000, whole=True, shown_in=(0, "tokens"),
                 label="tokens a pass")
context = declare("context", "N", "token", "tokens of one conversation that attention looks back on", 200_000, 100,
                  1_000_000, whole=True, shown_in=(0, "tokens"))
batch = declare("batch", "B", "sequence", "conversations that share one pass; left out, as many as fit",
                "sequences_that_fit", 1, 4096, whole=True)
intensity = declare("intensity", "I", "FLOP/byte", "operations for every byte moved: the horizontal axis of a roofline",
                    16, 1, 10_000, label="arithmetic intensity")
duty_cycle = declare("duty_cycle", r"\delta", "sequence/user", "part of the time in which a user's conversation is being "
                     "worked on", 1, 0.01, 1, most=1, scale="linear", shown_in=(-2, "%"))

# Money
gpu_hour_price = declare("gpu_hour_price", r"p_{\mathrm{h}}", "dollar/hour", "rent of one GPU for an hour", 4, 0.5, 20,
                         scale="linear", label="rent an hour", shown_in=(0, "$"))
gpu_price = declare("gpu_price", r"p", "dollar", "price of one GPU bought", 40_000, 1_000, 200_000, scale="linear",
                    label="purchase price", shown_in=(0, "$"))
hours_per_month = declare("hours_per_month", r"h_{\mathrm{m}}", "hour/month", "hours in a month of billing", 720, 672, 744,
                          scale="linear", label="hours a month", shown_in=(0, "h"))
power = declare("power", "W", "watt", "power drawn for one GPU, cooling included", 1_300, 100, 5_000, scale="linear",
                shown_in=(3, "kW"))
electricity_price = declare("electricity_price", r"p_{\mathrm{e}}", "dollar/kilowatt_hour", "price of a kilowatt-hour", 0.10,
                            0, 1, least=0, scale="linear", shown_in=(0, "$"), label="electricity a kWh")
hours_of_use = declare("hours_of_use", "h", "hour", "hours for which a GPU is rented, or owned and running", 10_000, 100,
                       60_000, label="hours of use", shown_in=(0, "h"))


def _is_array(value):
    return type(value) is numpy.ndarray


MULTIPLES = [("n_heads", "n_kv_heads")]  # the first must be a multiple of the second


def check_together(values):
    """Raise NapkinError where two inputs do not go together; `values` maps names to checked values."""
    for name, divisor in MULTIPLES:
        if name not in values or divisor not in values:
            continue
        if not _is_array(values[name]) and not _is_array(values[divisor]) and not values[name] % values[divisor]:
            continue  # the quick way
        pairs = [numpy.ravel(a) for a in numpy.broadcast_arrays(values[name], values[divisor])]
        bad = numpy.flatnonzero(numpy.mod(*pairs))
        if bad.size:
            got = [f"{array[bad[0]]:g}" for array in pairs]
            raise NapkinError(f"{name} must be a multiple of {divisor}, got {name} {got[0]} and {divisor} {got[1]}")
