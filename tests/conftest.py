"""What several tests need: every formula, random scenarios, exact arithmetic."""

import functools
import random
import sys

import mpmath
import pytest

from napkin import FORMULAS, INPUTS, evaluate
from napkin.language.graph import REFINEMENTS, SWITCHES, cut_of, inputs_of, term_of


def random_value(name, chance):
    """A value of an input within its range, ends included now and then."""
    known = INPUTS[name]
    if known.choices:
        return chance.choice(list(known.choices))
    if known.stops:
        return chance.choice(known.stops)
    if chance.random() < 0.1:
        return chance.choice([known.low, known.high])
    if known.scale == "log":
        value = known.low * (known.high / known.low) ** chance.random()
    else:
        value = known.low + (known.high - known.low) * chance.random()
    return int(value) if known.whole else min(known.high, max(known.low, value))


def random_scenario(names, chance):
    """Values for these inputs that go together."""
    values = {name: random_value(name, chance) for name in names}
    if "n_heads" in values and "n_kv_heads" in values:
        values["n_kv_heads"] = chance.choice([n for n in INPUTS["n_kv_heads"].stops if values["n_heads"] % n == 0])
    if "experts_per_token" in values:
        values["experts_per_token"] = min(values["experts_per_token"], values.get("n_experts", 1))
    for part in ("expert_parameters", "active_parameters"):
        if part in values:
            values[part] = min(values[part], int(values.get("parameters", INPUTS["parameters"].default)))
    return values


def exact(name, values):
    """A formula at 50 digits, from its author's term, beside the error that rounding may leave.

    Returns (value, allowed error): each subtraction may lose 1e-12 of its larger side, the rest 1e-12 of the result.
    """
    mpmath.mp.dps = 50
    cut = cut_of(values)
    loss = mpmath.mpf("1e-12")
    guard = 1 + mpmath.mpf(10) ** -9

    @functools.cache
    def of(one):
        if one in values:
            return mpmath.mpf(values[one]), mpmath.mpf(0)
        if one in INPUTS:  # cancels out of the expression, or stands for a formula
            default = INPUTS[one].default
            return of(default) if isinstance(default, str) else (mpmath.mpf(default), mpmath.mpf(0))
        return term_of(one, cut).fold(leaf, apply)

    def leaf(op, value):
        if op == "unit":
            return mpmath.mpf(1), mpmath.mpf(0)
        return of(value) if op == "name" else (mpmath.mpf(value), mpmath.mpf(0))

    def apply(op, args):
        (a, ea), (b, eb) = args if len(args) == 2 else (args[0], (None, 0))
        if op == "+":
            return a + b, ea + eb
        if op == "-":
            return a - b, ea + eb + loss * max(abs(a), abs(b))
        if op == "*":
            return a * b, ea * abs(b) + eb * abs(a)
        if op == "/":
            if b == 0:
                return mpmath.nan, mpmath.mpf(0)
            return a / b, ea / abs(b) + eb * abs(a) / b**2
        if op == "^":
            return a**b, abs(b) * ea * abs(a) ** (b - 1) if a else ea
        if op == "bytes":
            return a / 8, ea / 8
        if op == "floor":
            return mpmath.floor(a * guard), mpmath.mpf(0)
        if op == "ceiling":
            return mpmath.ceil(a / guard), mpmath.mpf(0)
        pick = max if op == "max" else min
        return pick(a, b), max(ea, eb)

    value, error = of(name)
    return value, error + loss * abs(value) + mpmath.mpf("1e-300")  # what no double can hold is 0


def base_inputs(names, flags=None):
    """The inputs that these formulas need when nothing is given but flags; with flags, several GPUs and the rest too."""
    if not flags:
        return sorted({one for name in names for one in FORMULAS[name].inputs})
    cut = cut_of({**flags, **{one: None for one in SWITCHES if not INPUTS[one].flag}})
    return sorted(one for one in inputs_of(names, cut) if one not in flags)


@pytest.fixture
def chance():
    """Random numbers that are the same in every run."""
    return random.Random(20261122)


@pytest.fixture(autouse=True)
def _nothing_is_set():
    """Every test starts with the first numbers: what one sets in a playground is not there in the next."""
    yield
    if playground := sys.modules.get("napkin.page.playground"):
        playground.forget_scenario()


#: Flags that let every refinement in that hangs on one; a mistake of the article's would take the place of others.
MISTAKES = {"as_the_article": 1}
FLAGS = {name: 1 for name, known in INPUTS.items() if known.flag and name not in MISTAKES}
#: Every formula twice: on its own, and where it can be refined, with all that refines it; and as the article mistakes it.
FACES = [(name, {}) for name in FORMULAS] + [
    (name, FLAGS) for name in FORMULAS if len(base_inputs([name], {})) < len(base_inputs([name], FLAGS))
] + [(name, MISTAKES) for name, refined in REFINEMENTS.items() if any("as_the_article" in one.switches for one in refined)]


__all__ = ["FACES", "base_inputs", "evaluate", "exact", "random_scenario", "random_value"]
