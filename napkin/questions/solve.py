"""Backwards: which value of one input makes a result what it should be."""

import functools
import itertools
import math
import types
from dataclasses import replace

import numpy
import sympy

from ..language.errors import NapkinError, nearest
from ..language.graph import BOOK, FORMULAS, Smooth, default_of, evaluate, named
from ..language.inputs import INPUTS, TOGETHER
from ..language.numbers import show
from ..several_gpus import LAYOUT
from .estimate import MOST_GPUS
from .scenario import Scenario, asks_inputs, layout, numbers

LOWEST, HIGHEST = 1e-12, 1e18  # where an answer is looked for, as far as the input allows
WORTH_SHOWING = 80  # operations: a longer closed form tells nobody anything
GRID, FINER = 800, 1000  # points that are looked up first, and in each round of a search
MOST_ROUNDS = 60
MOST_PIECES = 2000  # stretches between two jumps that are searched
MOST_NAMED = 12  # values that a sentence names one by one
ALIKE = 2e-14  # what differs by less is the same but for rounding
FEW = 64  # values to choose from of which each is worth a scenario


class NoAnswer(NapkinError):
    """No value, or more than one, gives the results what they should be; `met` holds those that do, each as (from, to)."""

    def __init__(self, sentence, met=()):
        super().__init__(sentence)
        self.met = tuple(met)


class Curve:
    """A result along one input, the others as they are in force.

    Called with values of the input it gives rows (one where nothing jumps): the result as it is; with each floor and ceiling
    that moves read as the plain quotient; with each a whole step further. Around a jump the result lies within the last two.
    It also gives where neighbours stand on the same steps. NaN where there is no value.
    """

    def __init__(self, case, unknown, name):
        self.program = case.view.program(name)
        self.arguments = {
            one: numpy.asarray(case.inputs[one] if one in case.inputs else default_of(one, case.inputs), float)
            for one in self.program.arguments
        }
        self.unknown, self.steps, self.smooth = unknown, [], False
        made = self.program.array  # the same program with floors and ceilings of its own
        rounding = {"floor": self._rounding(numpy.floor, 1.000000001, -1), "ceil": self._rounding(numpy.ceil, 1 / 1.000000001, 1)}
        self.function = types.FunctionType(made.__code__, {**made.__globals__, **rounding})

    def _rounding(self, rounded, lift, step):
        def of(quotient):
            if not quotient.ndim:
                return rounded(quotient)  # nothing that moves
            if self.smooth:
                return quotient / lift
            true, plain, further = numpy.broadcast_to(quotient, (3, quotient.shape[-1]))
            jumps = abs(plain / lift - self.values) > 1e-9 * self.values  # a context in pages of one token is whole as it is
            self.steps.append(numpy.where(jumps, rounded(true), 0))
            return numpy.stack((rounded(true), plain / lift, further / lift + step * jumps))

        return of

    def __call__(self, values, smooth=False):
        self.values, self.smooth, self.steps = values, smooth, []
        with numpy.errstate(all="ignore"):
            results = self.function(*({**self.arguments, self.unknown: values}.values()))
        found = dict(zip(self.program.outputs, results))
        (name,) = self.program.names
        result, *guards = numpy.broadcast_arrays(numpy.atleast_2d(found[name]), values, *map(found.get, self.program.guards[name]))
        bad = ~numpy.isfinite(result)
        for guard in guards[1:]:
            bad |= ~(guard > 0)
        same = numpy.ones(len(values) - 1, bool)
        for steps in self.steps:
            same &= steps[1:] == steps[:-1]
        return numpy.where(bad, numpy.nan, result), same

    def search(self, target, values, step=0, smooth=False):
        """Look for the target between these values, `step` apart at least (0: as near as numbers are): a Search."""
        cells, tried, lost = values[None], [], False
        while cells.size and len(tried) < MOST_ROUNDS:
            found, same = self(cells.ravel(), smooth)
            tried.append((cells.ravel(), found[0]))
            off = (found / target - 1).reshape(len(found), *cells.shape)
            same = numpy.append(same, False).reshape(cells.shape)[:, :-1]
            met, fits = abs(off) < 1e-12, numpy.isfinite(off)
            (left, right), (met_left, met_right), (fits_left, fits_right) = ((one[0, :, :-1], one[0, :, 1:]) for one in (off, met, fits))
            passed = (left < 0) & (right > 0) | (left > 0) & (right < 0)
            passed = passed & ~met_left & ~met_right | (met_left != met_right) | (fits_left != fits_right)
            within = numpy.concatenate((off[:, :, :-1], off[:, :, 1:]))
            around = ~(within > 0).all(0) & ~(within < 0).all(0) & ~(abs(within) < 1e-12).all(0)
            keep = numpy.where(same, passed, around & (fits_left | fits_right))
            low, high = cells[:, :-1][keep], cells[:, 1:][keep]
            size = abs(off[0])  # where it comes near and turns back, it may have met the target on the way
            dip = same[:, :-1] & same[:, 1:] & (size[:, 1:-1] < numpy.minimum(size[:, :-2], size[:, 2:]))
            dip &= (2 * size[:, 1:-1] < numpy.maximum(size[:, :-2], size[:, 2:])) & (numpy.sign(left[:, :-1]) == numpy.sign(right[:, 1:]))
            dip &= ~met[0, :, 1:-1]
            wide = high - low > numpy.maximum(step, 2 * numpy.spacing(high))
            far = dip & (cells[:, 2:] - cells[:, :-2] > numpy.maximum(2 * step, 4 * numpy.spacing(cells[:, 2:])))
            low, high = numpy.append(low[wide], cells[:, :-2][far]), numpy.append(high[wide], cells[:, 2:][far])
            if len(low) > MOST_PIECES:
                lost, order = True, numpy.argsort(low)
                low, high = (numpy.append(one[order[: MOST_PIECES // 4]], one[order[-MOST_PIECES // 4 :]]) for one in (low, high))
            parts = numpy.linspace(0, 1, max(3, min(GRID // 2, FINER // max(1, len(low)))))
            cells = low[:, None] + (high - low)[:, None] * parts
            if step:
                cells = numpy.round(cells / step) * step
            cells[:, -1:] = high[:, None]
        values, order = numpy.unique(numpy.concatenate([values for values, _ in tried]), return_index=True)
        return Search(target, values, numpy.concatenate([results for _, results in tried])[order], lost)


class Search:
    """What a search has tried, in order: values, the result at each, and the `spans` (from, to) of those that give the target."""

    def __init__(self, target, values, results, lost=False):
        self.target, self.values, self.results, self.lost = target, values, results, lost
        off = results / target - 1
        size, crossed = numpy.where(numpy.isnan(off), math.inf, abs(off)), numpy.flatnonzero(numpy.sign(off[:-1]) * numpy.sign(off[1:]) < 0)
        met = size < 1e-12
        met[crossed + (size[crossed + 1] < size[crossed])] = True  # nothing lies between them
        met &= size < 1e-9
        near = numpy.flatnonzero(size < 1e-9)
        runs = numpy.split(near, numpy.flatnonzero(numpy.diff(near) > 1) + 1)
        self.spans = [(float(values[some[0]]), float(values[some[-1]])) for run in runs if (some := run[met[run]]).size]


class Question:
    """Which value of `unknown` makes the `targets`, results by name, what they should be, where a scenario says the rest.

    What is in force is worked out with the unknown among what is given: it may decide facts (a rate, a link, a layout).
    """

    def __init__(self, scenario, unknown, targets):
        self.scenario, self.unknown, self.targets, self.known = scenario, unknown, targets, named(unknown)
        self.low, self.high, self.step, self.choices = self._allowed()
        self.case = self.at(self.choices[-1] if self.choices else max(self.low, min(1, self.high)))

    def at(self, value):
        """The case in which the unknown has this value."""
        if self.unknown == "n_gpus":
            return replace(self.scenario, n_gpus=value).case
        return replace(self.scenario, given={**self.scenario.given, self.unknown: value}).case

    def depends(self, name):
        """Whether a result moves with the unknown."""
        if not self.choices:
            return self.unknown in self.case.view.inputs(name)
        found = self._heights(name)
        return not numpy.ptp(found) <= 1e-12 * abs(found[0])  # true where it has no value

    def _of(self, name):
        """What the scenario has for another input, where it says so itself."""
        return self.scenario.given.get(name, getattr(self.scenario.model, "inputs", {}).get(name, INPUTS[name].default))

    def _allowed(self):
        """The least and the most that is looked at, how far values are apart, and what there is to choose from, if it is a choice."""
        unknown, whole = self.unknown, self.scenario.n_gpus
        low, high, step, choices = 1, MOST_GPUS, 1, None
        if unknown in INPUTS:
            low, high, step, choices = self.known.least, self.known.most, int(self.known.whole), self.known.choices
        for name, other, rule in TOGETHER:
            partner = self._of(other if unknown == name else name)
            if unknown not in (name, other) or isinstance(partner, str):  # not theirs, or one follows the other
                continue
            if rule == "at most":
                low, high = (low, min(high, partner)) if unknown == name else (max(low, partner), high)
            elif unknown == name:
                low = step = partner
            else:
                choices = sympy.divisors(int(partner))
        if unknown in ("n_gpus", *LAYOUT) or unknown == "n_heads" and whole:
            choices = sympy.divisors(whole) if unknown in LAYOUT and whole else range(int(low), MOST_GPUS + 1, int(step))
            given = {name: self._of(name) for name in ("n_heads", *LAYOUT) if name == "n_heads" or name in self.scenario.given}
            self.layouts = {value: made for value in choices if (made := self._layout(value, given)) is not None}
            choices = self.layouts or choices  # if none is allowed, the first says why
        return low, high, step, choices and list(choices)

    def _layout(self, value, given):
        """How the GPUs are laid out where the unknown has this value; None where they cannot be."""
        made = {**given, self.unknown: value}
        number = value if self.unknown == "n_gpus" else self.scenario.n_gpus
        try:
            return {**made, **layout(number, made)} if number else made
        except NapkinError:
            return None

    def _heights(self, name):
        """A result at each of the choices."""
        if len(self.choices) <= FEW:
            return numpy.array([self.at(value).numbers((name,))[name] for value in self.choices], float)
        made = {one: numpy.array([some.get(one, 1) for some in self.layouts.values()]) for one in LAYOUT}
        inputs = {**self.case.inputs, **made, **({self.unknown: numpy.array(self.choices)} if self.unknown in INPUTS else {})}
        found = numpy.broadcast_to(numbers((name,), inputs, self.case.unknown)[name], len(self.choices)).astype(float)
        found[0] = self.at(self.choices[0]).numbers((name,))[name]  # a single GPU has no link
        return found

    @functools.cached_property
    def searches(self):
        """What was tried for each target, by name."""
        if self.choices:
            return {name: Search(target, numpy.array(self.choices), self._heights(name)) for name, target in self.targets.items()}
        return {name: self.curve(name).search(target, self.grid, self.step) for name, target in self.targets.items()}

    def curve(self, name):
        return Curve(self.case, self.unknown, name)

    @functools.cached_property
    def grid(self):
        """Values from one end to the other."""
        low, high = max(self.low, LOWEST), min(self.high, HIGHEST)
        values = numpy.append(numpy.geomspace(low, high, GRID), self.low or [] if getattr(self.known, "positive", 1) else 0)
        return numpy.unique(numpy.clip(numpy.round(values / self.step) * self.step, self.low, high) if self.step else numpy.append(values, high))

    def answer(self):
        """The Solution. Raises NoAnswer where there is none, or more than one."""
        spans = functools.reduce(_common, (search.spans for search in self.searches.values()))
        (first, target), *others = self.targets.items()
        if not spans and others:
            alone = Question(self.scenario, self.unknown, {first: target}).answer()
            then = ", ".join(f"{name} is {_told(name, alone.case.numbers((name,))[name])}" for name, _ in others)
            raise NoAnswer(f"no {self.unknown} gives all of these: where {first} is {_told(first, target)} ({self.unknown} {alone.text}), {then}")
        if not spans and self.searches[first].lost:
            raise NoAnswer(f"{self.unknown} makes {first} about {_told(first, target)} too often for each to be looked at")
        if not spans:
            return self._nearest(first, target)
        best = [self._within(first, target, span) for span in spans]
        if len(best) == 1 and best[0] is not None:
            return self.solution(best[0])
        if len(best) > 1 and any(low <= self._now() <= high for low, high in spans):
            return self.solution(self._now())
        shown = [self.show(value) if value is not None else " to ".join(map(self.show, span)) for value, span in zip(best, spans)]
        if len(best) == 1:
            raise NoAnswer(f"{first} is {_told(first, target)} for every {self.unknown} from {shown[0]}", spans)
        if len(shown) > MOST_NAMED or self.searches[first].lost:
            more = "more than " if self.searches[first].lost else ""
            shown = [f"{more}{len(shown)} values, {', '.join(shown[:3])} …", shown[-1]]
        raise NoAnswer(f"more than one {self.unknown} makes {first} {_told(first, target)}: {', '.join(shown[:-1])} and {shown[-1]}", spans)

    def _now(self):
        """What the unknown is in force with where nobody asks."""
        try:
            return self.scenario.case.numbers((self.unknown,))[self.unknown]
        except NapkinError:  # it does not go together with the rest
            return math.nan

    def _within(self, name, target, span):
        """The value of a stretch at which the quotient behind whole numbers is nearest to the target; None where all are alike."""
        low, high = span
        if low == high:
            return low
        if self.choices:
            return None
        some = numpy.linspace(low, high, 9)
        off = abs(self.curve(name)(some, smooth=True)[0][0] / target - 1)
        if numpy.median(off) < ALIKE:
            return None
        found = self.curve(name).search(target, some, smooth=True)
        return min(max(self.rounded(found.values[numpy.nanargmin(abs(found.results / target - 1))]), low), high)

    def rounded(self, value):
        return numpy.round(value / self.step) * self.step if self.step else value

    def solution(self, value, root=None):
        value = int(value) if self.step else float(value)
        case = self.at(value)
        made = Solution(value, self.unknown, case, dict(self.targets), float(value if root is None else root))
        for name, found in made.check.items():
            if found != found:
                raise NoAnswer(f"no {self.unknown} makes {name} {_told(name, self.targets[name])}: {case.why(name)}")
        return made

    def _nearest(self, name, target):
        """Where no value gives the target: that at which the quotient behind whole numbers does, if it may come out otherwise."""
        upto = f" up to {MOST_GPUS:,}" if self.choices and self.choices[-1] == MOST_GPUS else ""
        none = f"no {self.unknown}{upto} makes {name} {_told(name, target)}: "
        search = self.searches[name]
        values, results = search.values[fits := numpy.isfinite(search.results)], search.results[fits]
        if not len(values):
            why = self.case.unknown_of(name)
            raise NoAnswer(f"{name} cannot be told: {why}" if why else none + "nothing fits for any of them")
        if self.choices and len(values) <= MOST_NAMED:
            raise NoAnswer(none + ", ".join(f"{value:g}: {_told(name, result)}" for value, result in zip(values, results)))
        crossed = numpy.flatnonzero((results[:-1] < target) != (results[1:] < target))
        if not crossed.size:
            below, above = (_told(name, self._end(name, pick, values, results)) for pick in (numpy.nanargmin, numpy.nanargmax))
            raise NoAnswer(none + (f"it stays between {below} and {above}" if below != above else f"it is {below} wherever it fits"))
        if not self.choices:
            roots = [low for low, high in self.curve(name).search(target, self.grid, smooth=True).spans if high - low <= 1e-6 * high]
            if len(roots) > 1:
                raise NoAnswer(f"more than one {self.unknown} makes {name} {_told(name, target)}: {' and '.join(map(self.show, roots))}")
            if roots and not FORMULAS[name].whole:
                return self.solution(min(max(self.rounded(roots[0]), self.low), self.high), roots[0])
        i = min(crossed, key=lambda one: abs(results[one + 1] - results[one]))
        ends = sorted((results[j], f" at {values[j]:,.0f}" if self.choices else "") for j in (i, i + 1))
        digits = next((some for some in (6, 9, 12) if len({_told(name, end, some) for end, _ in ends}) > 1), 15)
        raise NoAnswer(none + "it jumps from " + " to ".join(_told(name, end, digits) + where for end, where in ends))

    def _end(self, name, pick, values, results):
        """The least or the most that the result comes to, looked at closely around the one that was tried."""
        for _ in range(0 if self.choices else 6):
            i = pick(results)
            values = self.rounded(numpy.linspace(values[max(i - 1, 0)], values[min(i + 1, len(values) - 1)], GRID // 2))
            results = self.curve(name)(values)[0][0]
        return results[pick(results)]

    def show(self, value):
        return show(float(value), self.known.unit, 6)


def _common(some, others):
    """What is in a span of both."""
    pairs = ((max(a, c), min(b, d)) for (a, b), (c, d) in itertools.product(some, others))
    return [(low, max(low, high)) for low, high in pairs if low <= high * (1 + 1e-9)]


def _told(name, value, digits=6):
    return show(value, FORMULAS[name].unit, digits)


class Solution(float):
    """The value of an input that was asked for: a float in base units.

    Attributes
    ----------
    unknown : str
        The input's name.
    case : Case
        What is in force with that value: its `facts`, its `warnings`, `case.answer("users")`.
    check : dict
        What the results then come to, as `estimate` says.
    closed_form : sympy expression or None
        The unknown in terms of the results and the other inputs, where SymPy finds one.
    """

    def __new__(cls, value, unknown, case, targets, root):
        made = super().__new__(cls, value)
        made.unknown, made.case, made.check = unknown, case, case.numbers(tuple(targets))
        made._targets, made._root = targets, root
        return made

    def __getnewargs__(self):
        return float(self), self.unknown, self.case, self._targets, self._root

    @functools.cached_property
    def closed_form(self):
        """The unknown in terms of the results and the other inputs; None where SymPy finds no such expression."""
        name, target = next(iter(self._targets.items()))
        return _closed_form(INPUTS[self.unknown], name, target, self.case.inputs, self._root) if self.unknown in INPUTS else None

    @property
    def text(self):
        """The value as people read it."""
        return show(float(self), named(self.unknown).unit, 6)

    def __repr__(self):
        then = ", ".join(f"{name} {_told(name, value)}" for name, value in self.check.items())
        return f"{self.unknown} = {self.text} (then {then})"

    def _repr_latex_(self):
        if self.closed_form is None:
            return None
        return f"$$\n{INPUTS[self.unknown].letter} = {sympy.latex(self.closed_form)}\n$$"


@asks_inputs
def solve_for(
    unknown: str, model=None, gpu=None, n_gpus=None, *, count="all", compute_bits=None, attention_bits=16, **results: float
) -> Solution:
    """The value of the input `unknown` at which every given result is what it should be: `estimate` backwards.

    Whole results (users) are reached where the quotient behind them is: the largest context that still carries 300 users.
    Where whole numbers let a result jump over what is asked for, the answer is the value at which the quotient behind
    it has it, and `check` tells what it comes to. Of several values the one in force is the answer, if it is among them.

    Parameters
    ----------
    unknown
        The name of an input, or "n_gpus".
    model, gpu, n_gpus, count, compute_bits, attention_bits
        What `estimate` takes.
    **results
        Results by name with the value wanted, and inputs, in base units. A result that does not depend on the unknown is
        taken as given.

    Returns
    -------
    Solution
        A float in base units.

    Raises
    ------
    NapkinError
        In one sentence, for bad input, and where no value, or more than one, gives what is wanted.

    Examples
    --------
    >>> solve_for("context", users=300, duty_cycle=0.2)
    context = 20,345 tokens (then users 300 users)
    >>> solve_for("n_gpus", "Llama-3.1-70B", "H100 SXM", context=20_000, users=135)
    n_gpus = 6 (then users 135 users)
    """
    name = getattr(unknown, "name", unknown)
    if not isinstance(name, str) or name not in (*INPUTS, "n_gpus"):
        if isinstance(name, str) and name in FORMULAS:
            raise NapkinError(f"{name} is a result: fix it and free an input")
        raise NapkinError(f"there is no input called {name!r}" + nearest(name, [*INPUTS, "n_gpus"]))
    if name in results or name == "n_gpus" and n_gpus is not None:
        raise NapkinError(f"{name} is what to solve for, so it cannot be given")
    asked = Scenario(model, gpu, n_gpus, count, compute_bits, attention_bits, results)
    targets = {one: value for one, value in asked.given.items() if one in FORMULAS}
    if not targets:
        raise NapkinError(f"give at least one result, as in solve_for({name!r}, cost_per_user_month=5)")
    question = Question(replace(asked, given={one: value for one, value in asked.given.items() if one not in targets}), name, targets)
    wanted = {one: target for one, target in targets.items() if question.depends(one)}
    for one in wanted:
        if not question.choices and (why := question.case.unknown_of(one)):
            raise NapkinError(f"{one} cannot be told: {why}")
    if not wanted:
        raise NoAnswer(f"{' and '.join(targets)} {'do' if len(targets) > 1 else 'does'} not depend on {name} here")
    if len(wanted) < len(targets):
        question = Question(replace(asked, given={one: value for one, value in asked.given.items() if one not in wanted}), name, wanted)
    return question.answer()


def _closed_form(known, name, target, inputs, root):
    """The unknown as an expression of the target and the other inputs, where SymPy finds one that gives the root."""
    values = {**inputs, known.name: root}
    view = BOOK.under(values)
    # whole numbers that do not move with the unknown stand by themselves
    still = [one for one, _ in view.steps((name,)) if one in FORMULAS and FORMULAS[one].whole and known.name not in view.inputs(one)]
    values |= {one: value for one, value in evaluate(tuple(still), inputs).items() if value == value}
    symbol, found = FORMULAS[name].symbol, {}
    expression, _ = BOOK.under(values).walk(name, Smooth(BOOK, values, known.name), found)
    # Lines and parabolas have closed forms that say something; what SymPy finds beyond them, if anything, does not.
    above, below = sympy.fraction(sympy.together(expression))
    line = sympy.expand(above - symbol * below)
    if not line.is_polynomial(known) or sympy.degree(line, known) > 2 or sympy.count_ops(line) > WORTH_SHOWING:
        return None
    solutions = sympy.roots(sympy.Poly(line, known))
    values = {one: value for one, value in found.values() if isinstance(one, sympy.Symbol) and one != known}
    for solution in solutions:
        at = complex(solution.subs({**values, symbol: target}).evalf())
        if abs(at - root) <= 1e-6 * abs(root):
            return sympy.factor_terms(solution)
    return None
