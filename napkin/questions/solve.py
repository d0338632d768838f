"""Backwards: which value of one input makes a result what it should be."""

import functools
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
        self.unknown, self.program, given = unknown, case.view.program(name), case.inputs
        self.arguments = {
            one: numpy.asarray(given[one] if one in given else default_of(one, given), float) for one in self.program.arguments
        }
        made = self.program.array  # the same program with floors and ceilings of its own
        rounding = {"floor": self._rounding(numpy.floor, 1.000000001, -1), "ceil": self._rounding(numpy.ceil, 1 / 1.000000001, 1)}
        self.function = types.FunctionType(made.__code__, {**made.__globals__, **rounding})

    def _rounding(self, rounded, lift, step):
        def of(quotient):
            if not quotient.ndim or self.smooth:
                return quotient / lift if quotient.ndim else rounded(quotient)  # nothing that moves
            true, plain, further = numpy.broadcast_to(quotient, (3, quotient.shape[-1]))
            jumps = abs(plain / lift - self.values) > 1e-9 * self.values  # a context in pages of one token is whole as it is
            self.steps.append(numpy.where(jumps, rounded(true), 0))
            return numpy.stack((rounded(true), plain / lift, further / lift + step * jumps))

        return of

    def __call__(self, values, smooth=False):
        self.values, self.smooth, self.steps = values, smooth, []
        with numpy.errstate(all="ignore"):
            found = dict(zip(self.program.outputs, self.function(*({**self.arguments, self.unknown: values}.values()))))
        (name,) = self.program.names
        result, _, *guards = numpy.broadcast_arrays(numpy.atleast_2d(found[name]), values, *map(found.get, self.program.guards[name]))
        good = numpy.all([numpy.isfinite(result), *(guard > 0 for guard in guards)], axis=0)
        same = numpy.all([numpy.ones(len(values) - 1, bool), *(steps[1:] == steps[:-1] for steps in self.steps)], axis=0)
        return numpy.where(good, result, numpy.nan), same

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
            passed = (
                (numpy.sign(left) * numpy.sign(right) < 0) & ~met_left & ~met_right | (met_left != met_right) | (fits_left != fits_right)
            )
            within = numpy.concatenate((off[:, :, :-1], off[:, :, 1:]))
            around = ~((within > 0).all(0) | (within < 0).all(0) | (abs(within) < 1e-12).all(0))
            keep = numpy.where(same, passed, around & (fits_left | fits_right))
            low, high = cells[:, :-1][keep], cells[:, 1:][keep]
            size = abs(off[0])  # where it comes near and turns back, it may have met the target on the way
            before, here, after = size[:, :-2], size[:, 1:-1], size[:, 2:]
            dip = same[:, :-1] & same[:, 1:] & (here < numpy.minimum(before, after)) & (2 * here < numpy.maximum(before, after))
            dip &= (numpy.sign(left[:, :-1]) == numpy.sign(right[:, 1:])) & ~met[0, :, 1:-1]
            wide = high - low > numpy.maximum(step, 2 * numpy.spacing(high))
            far = dip & (cells[:, 2:] - cells[:, :-2] > numpy.maximum(2 * step, 4 * numpy.spacing(cells[:, 2:])))
            low, high = numpy.append(low[wide], cells[:, :-2][far]), numpy.append(high[wide], cells[:, 2:][far])
            if len(low) > MOST_PIECES:
                lost, order = True, numpy.argsort(low)
                low, high = (numpy.append(one[order[: MOST_PIECES // 4]], one[order[-MOST_PIECES // 4 :]]) for one in (low, high))
            parts = numpy.linspace(0, 1, max(3, min(GRID // 2, FINER // max(1, len(low)))))
            cells = _in_steps(low[:, None] + (high - low)[:, None] * parts, step)
            cells[:, -1:] = high[:, None]
        values, results = numpy.hstack(tried)
        values, order = numpy.unique(values, return_index=True)
        return Search(target, values, results[order], lost)


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
        self.spans = []
        for run in runs:
            if (some := run[met[run]]).size:
                low, high = float(values[some[0]]), float(values[some[-1]])
                # at the end of a stretch rounding takes it for met, and not, and met again
                again = self.spans and low - self.spans[-1][1] <= ALIKE * low
                self.spans.append((self.spans.pop()[0] if again else low, high))


class Question:
    """Which value of `unknown` makes the `targets`, results by name, what they should be, where a scenario says the rest.

    What is in force is worked out with the unknown among what is given: it may decide facts (a rate, a link, a layout).
    """

    def __init__(self, asked, unknown, targets):
        self.scenario = replace(asked, given={one: value for one, value in asked.given.items() if one not in targets})
        self.unknown, self.targets, self.known, (self.first, self.target) = unknown, targets, named(unknown), next(iter(targets.items()))
        self.low, self.high, self.step, self.choices = self._allowed()
        self.case = self.at(self.choices[-1] if self.choices else max(self.low, min(1, self.high)))
        self.curve = functools.partial(Curve, self.case, unknown)

    def at(self, value):
        """The case in which the unknown has this value."""
        if self.unknown == "n_gpus":
            return replace(self.scenario, n_gpus=value).case
        return replace(self.scenario, given={**self.scenario.given, self.unknown: value}).case

    def depends(self, name):
        """Whether a result moves with the unknown."""
        if not self.choices:
            return self.unknown in self.case.view.inputs(name)
        return not numpy.ptp(found := self._heights(name)) <= 1e-12 * abs(found[0])  # true where it has no value

    def _allowed(self):
        """The least and the most that is looked at, how far values are apart, and what there is to choose from, if it is a choice."""
        unknown, known, asked, whole = self.unknown, self.known, self.scenario, self.scenario.n_gpus
        low, high, step, choices = 1, MOST_GPUS, 1, None
        if unknown in INPUTS:
            low, high, step, choices = known.least, known.most, int(known.whole), known.choices
        said = {**{name: one.default for name, one in INPUTS.items()}, **getattr(asked.model, "inputs", {}), **asked.given}
        for name, other, rule in TOGETHER:
            partner = said[other if unknown == name else name]
            if unknown not in (name, other) or isinstance(partner, str):  # not theirs, or one follows the other
                continue
            if rule == "at most":
                low, high = (low, min(high, partner)) if unknown == name else (max(low, partner), high)
            else:
                low, step, choices = (partner, partner, choices) if unknown == name else (low, step, sympy.divisors(int(partner)))
        if unknown in ("n_gpus", *LAYOUT) or unknown == "n_heads" and whole:
            choices = sympy.divisors(whole) if unknown in LAYOUT and whole else range(int(low), MOST_GPUS + 1, int(step))
            given, self.layouts = {name: said[name] for name in ("n_heads", *LAYOUT) if name == "n_heads" or name in asked.given}, {}
            for value in choices:
                made, number = {**given, unknown: value}, value if unknown == "n_gpus" else whole
                try:
                    self.layouts[value] = {**made, **layout(number, made)} if number else made
                except NapkinError:  # the GPUs cannot be laid out so
                    continue
            choices = self.layouts or choices  # if none is allowed, the first says why
        return low, high, step, choices and list(choices)

    def _heights(self, name):
        """A result at each of the choices."""
        if len(self.choices) <= FEW:
            return numpy.array([self.at(value).numbers((name,))[name] for value in self.choices], float)
        made = {one: numpy.array([some.get(one, 1) for some in self.layouts.values()]) for one in LAYOUT}
        inputs = {**self.case.inputs, **made, **({self.unknown: numpy.array(self.choices)} if self.unknown in INPUTS else {})}
        found = numpy.broadcast_to(numbers((name,), inputs, self.case.unknown)[name], len(self.choices)).astype(float)
        found[0] = self.at(self.choices[0]).numbers((name,))[name]  # a single GPU has no link
        return found

    def search(self, name, target, smooth=False):
        """What is tried for a target: each of the choices, or values from one end to the other, then between them."""
        if self.choices:
            return Search(target, numpy.array(self.choices), self._heights(name))
        low, high = max(self.low, LOWEST), min(self.high, HIGHEST)
        values = numpy.append(numpy.geomspace(low, high, GRID), self.low or [] if self.known.positive else 0)
        values = numpy.unique(numpy.clip(_in_steps(values, self.step), self.low, high))
        return self.curve(name).search(target, values, 0 if smooth else self.step, smooth)

    def answer(self):
        """The Solution. Raises NoAnswer where there is none, or more than one."""
        searches = [self.search(name, target) for name, target in self.targets.items()]
        spans, lost = searches[0].spans, searches[0].lost
        for other in searches[1:]:  # what is in a span of both
            pairs = ((max(a, c), min(b, d)) for a, b in spans for c, d in other.spans)
            spans = [(low, max(low, high)) for low, high in pairs if low <= high * (1 + 1e-9)]
        if not spans:
            return self._none(searches[0])
        best = [self._within(span) for span in spans]
        if len(best) > 1 and any(low <= self._now() <= high for low, high in spans):
            best = [self._now()]
        if len(best) == 1 and best[0] is not None:
            return self.solution(best[0])
        shown = [" to ".join(_told(self.unknown, end) for end in (span if value is None else [value])) for value, span in zip(best, spans)]
        if len(best) == 1:
            raise NoAnswer(f"{self.first} is {_told(self.first, self.target)} for every {self.unknown} from {shown[0]}", spans)
        if len(shown) > MOST_NAMED or lost:
            shown = [f"{'more than ' if lost else ''}{len(shown)} values, {', '.join(shown[:3])} …", shown[-1]]
        raise NoAnswer(f"more than one {self.makes()}: {', '.join(shown[:-1])} and {shown[-1]}", spans)

    def _now(self):
        """What the unknown is in force with where nobody asks."""
        try:
            return self.scenario.case.numbers((self.unknown,))[self.unknown]
        except NapkinError:  # it does not go together with the rest
            return math.nan

    def _within(self, span):
        """The value of a stretch at which the quotient behind whole numbers is nearest to the target; None where all are alike."""
        low, high = span
        if low == high or self.choices:
            return low if low == high else None
        some, curve = numpy.linspace(low, high, 9), self.curve(self.first)
        if numpy.median(abs(curve(some, smooth=True)[0][0] / self.target - 1)) < ALIKE:
            return None
        found = curve.search(self.target, some, smooth=True)
        return min(max(_in_steps(found.values[numpy.nanargmin(abs(found.results / self.target - 1))], self.step), low), high)

    def solution(self, value, root=None):
        value = int(value) if self.step else float(value)
        made = Solution(value, self.unknown, self.at(value), dict(self.targets), float(value if root is None else root))
        for name, found in made.check.items():
            if found != found:
                raise NoAnswer(f"no {self.makes(name)}: {made.case.why(name)}")
        return made

    def _none(self, search):
        """Where no value gives the target: that at which the quotient behind whole numbers does, if it may come out otherwise."""
        free, name, target = self.unknown, self.first, self.target
        if len(self.targets) > 1:
            alone = Question(self.scenario, free, {name: target}).answer()
            then = ", ".join(f"{other} is {_told(other, alone.case.numbers((other,))[other])}" for other in list(self.targets)[1:])
            raise NoAnswer(f"no {free} gives all of these: where {name} is {_told(name, target)} ({free} {alone.text}), {then}")
        if search.lost:
            raise NoAnswer(f"{free} makes {name} about {_told(name, target)} too often for each to be looked at")
        none = f"no {self.makes(upto=f' up to {MOST_GPUS:,}' if self.choices and self.choices[-1] == MOST_GPUS else '')}: "
        values, results = search.values[fits := numpy.isfinite(search.results)], search.results[fits]
        if not len(values):
            why = self.case.unknown_of(name)
            raise NoAnswer(f"{name} cannot be told: {why}" if why else none + "nothing fits for any of them")
        if self.choices and len(values) <= MOST_NAMED:
            raise NoAnswer(none + ", ".join(f"{value:g}: {_told(name, result)}" for value, result in zip(values, results)))
        crossed = numpy.flatnonzero((results[:-1] < target) != (results[1:] < target))
        if not crossed.size:
            below, above = (_told(name, self._end(pick, values, results)) for pick in (numpy.nanargmin, numpy.nanargmax))
            raise NoAnswer(none + (f"it stays between {below} and {above}" if below != above else f"it is {below} wherever it fits"))
        if not self.choices:
            roots = [low for low, high in self.search(name, target, smooth=True).spans if high - low <= 1e-6 * high]
            if len(roots) > 1:
                raise NoAnswer(f"more than one {self.makes()}: {' and '.join(_told(free, root) for root in roots)}")
            if roots and not FORMULAS[name].whole:
                return self.solution(min(max(_in_steps(roots[0], self.step), self.low), self.high), roots[0])
        i = min(crossed, key=lambda one: abs(results[one + 1] - results[one]))
        ends = sorted((results[j], f" at {values[j]:,.0f}" if self.choices else "") for j in (i, i + 1))
        digits = next((some for some in (6, 9, 12) if len({_told(name, end, some) for end, _ in ends}) > 1), 15)
        raise NoAnswer(none + "it jumps from " + " to ".join(_told(name, end, digits) + where for end, where in ends))

    def _end(self, pick, values, results):
        """The least or the most that the result comes to, looked at closely around the one that was tried."""
        for _ in range(0 if self.choices else 6):
            i = pick(results)
            values = _in_steps(numpy.linspace(values[max(i - 1, 0)], values[min(i + 1, len(values) - 1)], GRID // 2), self.step)
            results = self.curve(self.first)(values)[0][0]
        return results[pick(results)]

    def makes(self, name=None, upto=""):
        """ "context makes users 300 users": the middle of a sentence."""
        name = name or self.first
        return f"{self.unknown}{upto} makes {name} {_told(name, self.targets[name])}"


def _in_steps(values, step):
    """The nearest multiples of a step, if there is one."""
    return numpy.round(values / step) * step if step else values


def _told(name, value, digits=6):
    return show(float(value), named(name).unit, digits)


class Solution(float):
    """The value of an input that was asked for: a float in base units.

    `unknown` is the input's name; `case` what is in force with that value, its `facts`, its `warnings`, `case.answer("users")`;
    `check` what the results then come to, as `estimate` says.
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
        """The unknown as an expression of the results and the other inputs; None where SymPy finds none that gives the root."""
        if self.unknown not in INPUTS:
            return None
        (name, target), known = next(iter(self._targets.items())), INPUTS[self.unknown]
        values = {**self.case.inputs, self.unknown: self._root}
        view = BOOK.under(values)
        # whole numbers that do not move with the unknown stand by themselves
        still = [one for one, _ in view.steps((name,)) if one in FORMULAS and FORMULAS[one].whole and self.unknown not in view.inputs(one)]
        values |= {one: value for one, value in evaluate(tuple(still), self.case.inputs).items() if value == value}
        symbol, found = FORMULAS[name].symbol, {}
        expression, _ = BOOK.under(values).walk(name, Smooth(BOOK, values, self.unknown), found)
        # Lines and parabolas have closed forms that say something; what SymPy finds beyond them, if anything, does not.
        above, below = sympy.fraction(sympy.together(expression))
        line = sympy.expand(above - symbol * below)
        if not line.is_polynomial(known) or sympy.degree(line, known) > 2 or sympy.count_ops(line) > WORTH_SHOWING:
            return None
        at = {symbol: target, **{one: value for one, value in found.values() if isinstance(one, sympy.Symbol) and one != known}}
        roots = sympy.roots(sympy.Poly(line, known))
        near = (one for one in roots if abs(complex(one.subs(at).evalf()) - self._root) <= 1e-6 * abs(self._root))
        return next(map(sympy.factor_terms, near), None)

    @property
    def text(self):
        """The value as people read it."""
        return _told(self.unknown, self)

    def __repr__(self):
        then = ", ".join(f"{name} {_told(name, value)}" for name, value in self.check.items())
        return f"{self.unknown} = {self.text} (then {then})"

    def _repr_latex_(self):
        found = self.closed_form
        return None if found is None else f"$$\n{INPUTS[self.unknown].letter} = {sympy.latex(found)}\n$$"


@asks_inputs
def solve_for(
    unknown: str, model=None, gpu=None, n_gpus=None, *, count="all", compute_bits=None, attention_bits=16, **results: float
) -> Solution:
    """The value of the input `unknown` at which every given result is what it should be: `estimate` backwards.

    Whole results (users) are reached where the quotient behind them is: the largest context that still carries 300 users.
    Where whole numbers let a result jump over what is asked for, the answer is the value at which the quotient behind
    it has it, and `check` tells what it comes to. Of several values the one in force is the answer, if it is among them.

    Parameters: `unknown`, the name of an input, or "n_gpus"; what `estimate` takes; `results` by name with the value wanted, and
    inputs, in base units. A result that does not depend on the unknown is taken as given.
    Returns: a Solution, a float in base units.
    Raises: NapkinError in one sentence for bad input, and where no value, or more than one, gives what is wanted.

    >>> solve_for("context", users=300, duty_cycle=0.2, count="article")
    context = 20,345 tokens (then users 300 users)
    >>> solve_for("n_gpus", "Llama-3.1-70B", "H100 SXM", context=20_000, sequences_that_fit=45)
    n_gpus = 6 (then sequences_that_fit 45 conversations)
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
    question = Question(asked, name, targets)
    wanted = {one: target for one, target in targets.items() if question.depends(one)}
    for one in wanted:
        if not question.choices and (why := question.case.unknown_of(one)):
            raise NapkinError(f"{one} cannot be told: {why}")
    if not wanted:
        raise NoAnswer(f"{' and '.join(targets)} {'do' if len(targets) > 1 else 'does'} not depend on {name} here")
    return (question if len(wanted) == len(targets) else Question(asked, name, wanted)).answer()
