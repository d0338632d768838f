"""Every formula is evaluated on quantities with units: bytes never meet FLOP, and no factor is lost on the way."""

import math

import pint
import pytest

from napkin import FORMULAS, INPUTS
from napkin.language.graph import cut_of, evaluate, term_of
from tests.oracle import FACES, base_inputs, random_scenario

# Pint knows bits and bytes as plain numbers and would add bytes/s to FLOP/s; these are dimensions of their own.
UNITS = pint.UnitRegistry(None)
for line in (
    "second = [time] = s", "hour = 3600 * second", "bit = [information]", "byte = 8 * bit", "FLOP = [operation]",
    "token = [token]", "million_tokens = 1e6 * token", "sequence = [sequence]", "user = [user]", "dollar = [money]",
    "month = [billing]", "element = [element]", "joule = [energy]", "watt = joule / second",
    "kilowatt = 1000 * watt", "kilowatt_hour = kilowatt * hour", "percent = 1",
):
    UNITS.define(line)


def quantity(value, unit):
    return UNITS.Quantity(value, "" if unit == "1" else unit)


def of(name, values):
    """Evaluate the author's term of a formula, refined as the values say, on quantities."""
    if name in values:
        return quantity(values[name], INPUTS[name].unit)
    if name in INPUTS:
        default = INPUTS[name].default
        return of(default, values) if isinstance(default, str) else quantity(default, INPUTS[name].unit)

    def leaf(op, value):
        if op == "name":
            return of(value, values)
        return quantity(1, value) if op == "unit" else quantity(value, "1")

    def apply(op, args):
        a, b = args if len(args) == 2 else (args[0], None)
        if op == "+":
            return a + b
        if op == "-":
            return a - b
        if op == "*":
            return a * b
        if op == "/":
            return a / b
        if op == "^":
            return a ** b.to("").magnitude
        if op == "bytes":
            return a.to(a.units * UNITS.byte / UNITS.bit)
        if op == "floor":
            return quantity(a.magnitude * (1 + 1e-9) // 1, str(a.units))
        if op == "ceiling":
            return quantity(math.ceil(a.to_base_units().magnitude / (1 + 1e-9)), str(a.to_base_units().units))
        # comparing demands the same dimension on both sides
        return (a if (a >= b) == (op == "max") else b)

    return term_of(name, cut_of(values)).fold(leaf, apply)


@pytest.mark.parametrize(("name", "flags"), FACES)
def test_units(name, flags, chance):
    for _ in range(5):
        values = {**random_scenario(base_inputs([name], flags), chance), **flags}
        if not evaluate((name,), values)[name] > 0:
            continue
        found = of(name, values)
        expected = evaluate((name,), values)[name]
        assert found.to("" if FORMULAS[name].unit in ("1", "percent") else FORMULAS[name].unit).magnitude == pytest.approx(
            expected, rel=1e-9
        )


def test_the_check_can_fail():
    """A byte a second and an operation a second do not add; bits are no bytes."""
    with pytest.raises(pint.DimensionalityError):
        quantity(1, "byte/second") + quantity(1, "FLOP/second")
    with pytest.raises(pint.DimensionalityError):
        quantity(1, "token").to("sequence")
    assert quantity(8, "bit").to("byte").magnitude == 1
