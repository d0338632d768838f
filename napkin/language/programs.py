"""Formulas as programs: a line a formula, in the author's order of operations, of numbers and of arrays."""

import functools
import math
import re

import numpy

from .errors import NapkinError
from .inputs import TOGETHER
from .operations import OPERATIONS
from .printers import to_code

NAMES = {
    "python": vars(math),
    "numpy": {name: getattr(numpy, name) for row in OPERATIONS.values() for name in re.findall(r"([a-z]+)\(", row.numpy)},
}


def function_of(steps, arguments, outputs, language):
    """A function of `arguments` that takes these steps and returns a list of `outputs`."""
    # The names are identifiers that the graph has checked, the rest are numbers and signs.
    lines = [f"    {name} = {to_code(term, language, str)}\n" for name, term in steps]
    source = f"def program({', '.join(arguments)}):\n{''.join(lines)}    return [{', '.join(outputs)}]\n"
    scope = dict(NAMES[language])
    exec(compile(source, "<napkin>", "exec"), scope)
    return scope["program"]


class Program:
    """Some quantities of a view, ready to be computed; points without an answer become NaN."""

    def __init__(self, view, names, smooth):
        self.names, self.smooth = tuple(dict.fromkeys(names)), smooth
        self.guards = {name: view.guards(name) for name in names}
        self.checks = tuple(dict.fromkeys(guard for some in self.guards.values() for guard in some))
        self.outputs = tuple(dict.fromkeys([*names, *self.checks]))
        self.steps = view.steps(self.outputs, smooth=smooth)
        self.arguments = view.inputs(*self.outputs)
        inputs, formulas = view.graph.inputs, view.graph.formulas
        #: (name, its default or None where that is not fixed) of each argument
        self.fixed = [(name, None if name not in inputs or inputs[name].follows else inputs[name].default) for name in self.arguments]
        self.together = [pair for pair in TOGETHER if pair[0] in self.arguments and pair[1] in self.arguments]
        self.at = [(i, name) for i, name in enumerate(self.outputs) if name in self.checks]  # where the guards come
        self.whole = tuple(not smooth and name in formulas and formulas[name].whole for name in self.outputs)

    @functools.cached_property
    def scalar(self):
        return function_of(self.steps, self.arguments, self.outputs, "python")

    @functools.cached_property
    def array(self):
        return function_of(self.steps, self.arguments, self.outputs, "numpy")

    def on_numbers(self, arguments):
        """The quick way: plain numbers, everything finite; None where that fails."""
        try:
            results = self.scalar(*arguments)
            if not math.isfinite(sum(results)):
                return None
        except (ZeroDivisionError, OverflowError, ValueError, TypeError):  # a power of less than nothing is complex
            return None
        found = {
            name: result if type(result) is float and not whole else int(result) if whole else float(result)
            for name, result, whole in zip(self.names, results, self.whole)
        }
        if blocked := {name for i, name in self.at if not results[i] > 0}:
            found.update({name: math.nan for name in self.names if not blocked.isdisjoint(self.guards[name])})
        return found

    def on_arrays(self, arguments, given, arrays):
        """The careful way: all as arrays of the shape of what is given; NaN where a guard is not positive or a result not finite."""
        try:
            shape = numpy.broadcast_shapes(*(numpy.shape(value) for value in given.values()))
        except ValueError:
            shapes = ", ".join(f"{name} {numpy.shape(value)}" for name, value in sorted(given.items()) if numpy.ndim(value))
            raise NapkinError(f"these shapes do not broadcast: {shapes}") from None
        with numpy.errstate(all="ignore"):
            results = self.array(*(numpy.asarray(value, dtype=float) for value in arguments))
        found = dict(zip(self.outputs, results))
        answers = {}
        for name, whole in zip(self.names, self.whole):
            result = numpy.asarray(found[name], dtype=float)
            bad = ~numpy.isfinite(result)
            for guard in self.guards[name]:
                bad = bad | ~(numpy.asarray(found[guard]) > 0)
            result = numpy.where(bad, numpy.nan, result)
            if arrays:
                answers[name] = numpy.broadcast_to(result, shape).copy()
            else:
                answers[name] = int(result) if whole and result == result else float(result)
        return answers
