"""Backwards: which value of one input makes a result what it should be."""

import functools
import math

import numpy
import sympy

from .scenario import Scenario, asks_inputs
from ..language.numbers import show
from ..language.graph import BOOK, FORMULAS, default_of, evaluate, input_named, nearest_name, reason
from ..language.errors import NapkinError
from ..language.inputs import INPUTS, TOGETHER
from ..language.operations import OPERATIONS

LOWEST, HIGHEST = 1e-12, 1e18  # where a root is looked for, as far as the input allows
WORTH_SHOWING = 80  # operations: a longer closed form tells nobody anything
GRID = 400  # points at which a sign is looked up, before each refinement


class Smooth:
    """A result at one scenario as an expression without corners: floors read as plain quotients, of each maximum the side in force.

    What is 0 here, or chosen from a list, or one of one (experts, GPUs), is put in as a number: it only clutters a closed form.
    """

    def __init__(self, name, given, unknown):
        self.given, self.cut, self.unknown, self.known = given, BOOK.under(given), unknown, {}
        self.expression, self.value = self._of(name)

    def _of(self, name):
        if name not in self.known:
            if name in self.given or name in INPUTS and not INPUTS[name].computed:
                value = self.given[name] if name in self.given else default_of(name, self.given)
                symbol = INPUTS[name] if name in INPUTS else FORMULAS[name].symbol
                plain = name != self.unknown and (value == 0 or value == 1 and name in INPUTS and INPUTS[name].whole)
                self.known[name] = sympy.Integer(int(value)) if plain else symbol, float(value)
            elif name in INPUTS:
                self.known[name] = self._of(INPUTS[name].default)
            else:
                self.known[name] = self.cut.term(name).fold(self._leaf, self._apply)
        return self.known[name]

    def _leaf(self, op, value):
        if op == "unit":
            return sympy.Integer(1), 1.0
        return self._of(value) if op == "name" else (sympy.nsimplify(value, rational=True), float(value))

    def _apply(self, op, args):
        if op in ("floor", "ceiling"):
            return args[0]
        if op in ("max", "min"):
            return (max if op == "max" else min)(args, key=lambda arg: arg[1])
        try:
            value = float(OPERATIONS[op].number(*(arg[1] for arg in args)))
        except (ZeroDivisionError, OverflowError):
            value = math.nan
        return OPERATIONS[op].symbol(*(arg[0] for arg in args)), value


class Solution(float):
    """The value of an input that was asked for: a float; `unknown` is the input's name, `check` what the results then come to."""

    def __new__(cls, value, unknown, check, find):
        made = super().__new__(cls, value)
        made.unknown, made.check, made._find = unknown, check, find
        return made

    @functools.cached_property
    def closed_form(self):
        """The unknown in terms of the results and the other inputs; None where SymPy finds no such expression."""
        return self._find()

    @property
    def text(self):
        """The value as people read it."""
        return show(float(self), INPUTS[self.unknown].unit, 6)

    def __repr__(self):
        then = ", ".join(f"{name} {show(value, FORMULAS[name].unit, 6)}" for name, value in self.check.items())
        return f"{self.unknown} = {self.text} (then {then})"

    def _repr_latex_(self):
        if self.closed_form is None:
            return None
        return f"$$\n{INPUTS[self.unknown].letter} = {sympy.latex(self.closed_form)}\n$$"


@asks_inputs
def solve_for(unknown, model=None, gpu=None, n_gpus=None, **given):
    """The value of the input `unknown` at which every given result is what it should be.

    Takes what `estimate` takes, and results by name with the value wanted: `solve_for("gpu_hour_price", users=300,
    cost_per_user_month=5)`. A result that does not depend on the unknown is taken as given. Whole results (users) are
    reached where the quotient behind them is: the largest context that still carries 300 users. A whole input is
    rounded to the side on which the results hold.

    Returns a Solution, a float in base units. Raises NapkinError in one sentence where there is no answer, or more than one.
    """
    known = input_named(unknown)
    unknown = known.name
    if unknown in given:
        raise NapkinError(f"{unknown} is what to solve for, so it cannot be given")
    for name in given:
        if name not in INPUTS and name not in FORMULAS and name not in ("count", "compute_bits", "attention_bits"):
            raise NapkinError(f"there is no input called {name!r}" + nearest_name(name))
    results = {name: value for name, value in given.items() if name in FORMULAS}
    if not results:
        raise NapkinError(f"give at least one result, as in solve_for({unknown!r}, cost_per_user_month=5)")
    resolved = Scenario.of(model, gpu, n_gpus, **{name: value for name, value in given.items() if name not in results}).case
    inputs = {name: value for name, value in resolved.inputs.items() if name != unknown}
    evaluate(tuple(results), {**inputs, **results})  # refuses bad values
    view = BOOK.under({**inputs, unknown: 1})
    wanted = {name: value for name, value in results.items() if unknown in view.inputs(name)}
    for name in wanted:
        for missing, why in resolved.unknown.items():
            if missing != unknown and missing in view.inputs(name):
                raise NapkinError(f"{name} cannot be told: {why}")
    taken = {name: value for name, value in results.items() if name not in wanted}
    if not wanted:
        raise NapkinError(f"{' and '.join(results)} {'do' if len(results) > 1 else 'does'} not depend on {unknown} here")
    inputs.update(taken)
    (first, target), *others = wanted.items()
    roots = _roots(known, first, target, inputs)
    roots = [root for root in roots if all(_reached(known, root, name, value, inputs) for name, value in others)] if others else roots
    if others and not roots:
        alone = _roots(known, first, target, inputs)
        if alone:
            at = _whole(known, alone[0], first, target, inputs)
            then = {name: _at(known, at, name, inputs, smooth=False) for name, _ in others}
            told = ", ".join(f"{name} is {_told(name, value)}" for name, value in then.items())
            raise NapkinError(
                f"no {unknown} gives all of these: where {first} is {_told(first, target)} ({unknown} {show(at, known.unit, 6)}), {told}"
            )
    if not roots:
        raise NapkinError(_none(known, first, target, inputs))
    if len(roots) > 1:
        told = " and ".join(show(root, known.unit, 6) for root in roots)
        raise NapkinError(f"more than one {unknown} makes {first} {_told(first, target)}: {told}")
    (root,) = roots
    value = _whole(known, root, first, target, inputs)
    check = {name: _at(known, value, name, inputs, smooth=False) for name in wanted}
    if any(found != found for found in check.values()):
        raise NapkinError(f"no {unknown} makes {first} {_told(first, target)}: {reason(first, {**inputs, unknown: value})}")
    return Solution(value, unknown, check, lambda: _closed_form(known, first, target, inputs, root))


def _told(name, value):
    return show(value, FORMULAS[name].unit, 6)


def _at(known, value, name, inputs, smooth=True):
    """A result at one value of the unknown."""
    point = {**inputs, known.name: _allowed(known, value)}
    return evaluate((name,), point, smooth=smooth)[name]


def _allowed(known, value):
    """The nearest value that the input allows."""
    value = min(max(value, known.least), known.most)
    return round(value) if known.whole else float(value)


def _curve(known, name, inputs, points, smooth=True):
    """A result along the unknown; smooth: floors read as plain quotients, the unknown need not be whole; NaN where nothing fits."""
    return evaluate((name,), {**inputs, known.name: points}, smooth=smooth)[name]


def _choices(known, inputs):
    """The values that there are to choose from: those of a list, or what divides the input that must be a multiple; else None."""
    for name, other, rule in TOGETHER:
        if other == known.name and rule == "a multiple of":
            return sympy.divisors(int(inputs.get(name, default_of(name, inputs))))
    return known.choices


def _together(known, near, inputs):
    """Those of the values that go together with the other inputs."""
    for name, other, rule in TOGETHER:
        if known.name not in (name, other) or any(INPUTS[one].computed and one not in inputs for one in (name, other)):
            continue
        fixed = other if known.name == name else name
        limit = inputs.get(fixed, default_of(fixed, inputs))
        if rule == "a multiple of":
            near = numpy.unique(numpy.append(numpy.floor(near / limit), numpy.ceil(near / limit))) * limit
        else:
            near = near[near <= limit] if known.name == name else near[near >= limit]
    return near


def _roots(known, name, target, inputs):
    """Every value of the unknown at which the result is the target, as far as a fine grid shows them."""
    if choices := _choices(known, inputs):
        return [value for value in choices if abs(_at(known, value, name, inputs, smooth=False) / target - 1) < 1e-9]
    low, high = max(known.least, LOWEST), min(known.most, HIGHEST)
    points = numpy.unique(numpy.append(numpy.geomspace(low, high, 8 * GRID), [known.least] if not known.positive else []))
    with numpy.errstate(all="ignore"):
        off = _curve(known, name, inputs, points) / target - 1
    # What every point meets is no answer, and neither is a stretch of them.
    met = numpy.abs(off) < 1e-12
    if (met[:-1] & met[1:]).any():
        stretch = points[met]
        raise NapkinError(
            f"{name} is {_told(name, target)} for every {known.name} from {show(stretch[0], known.unit, 3)} to {show(stretch[-1], known.unit, 3)}"
        )
    roots = list(points[met])
    for i in numpy.flatnonzero((off[:-1] * off[1:] < 0) & ~met[:-1] & ~met[1:]):
        root = _narrowed(known, name, target, inputs, points[i], points[i + 1])
        if root is not None:
            roots.append(root)
    return sorted(float(root) for root in roots)


def _narrowed(known, name, target, inputs, low, high, smooth=True):
    """The root between two points with different signs; None where the result jumps over the target there."""
    for _ in range(12):
        points = numpy.linspace(low, high, GRID)
        off = _curve(known, name, inputs, points, smooth) / target - 1
        signs = numpy.flatnonzero(off[:-1] * off[1:] <= 0)
        if not signs.size:
            return None
        low, high = points[signs[0]], points[signs[0] + 1]
        if high - low <= 4 * numpy.spacing(high):
            break
    ends = _curve(known, name, inputs, numpy.array([low, high]), smooth) / target - 1
    best = (low, high)[int(numpy.argmin(numpy.abs(ends)))]
    return best if numpy.abs(ends).min() < 1e-9 else None


def _reached(known, root, name, value, inputs):
    return abs(_at(known, _whole(known, root, name, value, inputs), name, inputs, smooth=False) / value - 1) < 1e-6


def _whole(known, root, name, target, inputs):
    """The value next to the root at which the true result, with its whole numbers, is the target; else the nearest allowed one."""
    if _choices(known, inputs):
        return root
    near = numpy.unique(numpy.append(numpy.linspace(0.9 * root, 1.1 * root, 10 * GRID), root))
    if known.whole:
        near = _together(known, numpy.unique(numpy.concatenate([numpy.floor(near), numpy.ceil(near)])), inputs)
    near = near[(near >= known.least) & (near <= known.most) & ((near > 0) | (not known.positive))]
    if not near.size:
        raise NapkinError(f"no {known.name} makes {name} {_told(name, target)}: none near {show(root, known.unit, 6)} is allowed here")
    true = _curve(known, name, inputs, near, smooth=False)
    if not known.whole:  # between two steps of its whole numbers the true result may pass the target
        for i in numpy.flatnonzero((true[:-1] - target) * (true[1:] - target) < 0):
            found = _narrowed(known, name, target, inputs, near[i], near[i + 1], smooth=False)
            if found is not None:
                near, true = numpy.append(near, found), numpy.append(true, target)
    exact = near[numpy.abs(true / target - 1) < 1e-9]
    if exact.size:
        best = exact[numpy.argmin(numpy.abs(exact - root))]
    elif FORMULAS[name].whole:
        below, above = true[true < target], true[true > target]
        ends = [_told(name, end) for end in (*(below.max(initial=-math.inf, keepdims=True)), *(above.min(initial=math.inf, keepdims=True)))
                if math.isfinite(end)]
        raise NapkinError(f"no {known.name} makes {name} {_told(name, target)}: it jumps from {' to '.join(ends)}")
    else:
        best = near[numpy.argmin(numpy.abs(near - root))]
    return int(best) if known.whole else float(best)


def _none(known, name, target, inputs):
    """Why no value of the unknown gives the target: how far the result can go."""
    if choices := _choices(known, inputs):
        each = [f"{value:g}: {_told(name, result)}" for value in choices
                if (result := _at(known, value, name, inputs, smooth=False)) == result]
        return f"no {known.name} makes {name} {_told(name, target)}: " + (", ".join(each) or "nothing fits for any of them")
    low, high = max(known.least, LOWEST), min(known.most, HIGHEST)
    with numpy.errstate(all="ignore"):
        found = _curve(known, name, inputs, numpy.geomspace(low, high, GRID))
    found = found[numpy.isfinite(found)]
    if not found.size:
        return f"no {known.name} makes {name} {_told(name, target)}: nothing fits for any of them"
    return (f"no {known.name} makes {name} {_told(name, target)}: it stays between {_told(name, float(found.min()))} "
            f"and {_told(name, float(found.max()))}")


def _closed_form(known, name, target, inputs, root):
    """The unknown as an expression of the target and the other inputs, where SymPy finds one that gives the root."""
    smooth = Smooth(name, {**inputs, known.name: root}, known.name)
    symbol = FORMULAS[name].symbol
    # Lines and parabolas have closed forms that say something; what SymPy finds beyond them, if anything, does not.
    above, below = sympy.fraction(sympy.together(smooth.expression))
    line = sympy.expand(above - symbol * below)
    if not line.is_polynomial(known) or sympy.degree(line, known) > 2 or sympy.count_ops(line) > WORTH_SHOWING:
        return None
    solutions = sympy.roots(sympy.Poly(line, known))
    values = {one: value for one, value in smooth.known.values() if isinstance(one, sympy.Symbol) and one != known}
    for solution in solutions:
        at = complex(solution.subs({**values, symbol: target}).evalf())
        if abs(at - root) <= 1e-6 * abs(root):
            return sympy.factor_terms(solution)
    return None
