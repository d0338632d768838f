"""Every formula is evaluated on quantities with units: bytes never meet FLOP, and no factor is lost on the way."""

import math

import pint
import pytest

from napkin import FORMULAS, INPUTS
from napkin.language.graph import BOOK, evaluate
from napkin.language.operations import OPERATIONS
from napkin.language.units import UNITS
from tests.oracle import FACES, base_inputs, random_scenario

# Pint knows bits and bytes as plain numbers and would add bytes/s to FLOP/s; here each basic unit of ours is a dimension of
# its own, but for those that are so many of another.
REGISTRY = pint.UnitRegistry(None)
SO_MANY = {
    "hour": "3600 * second",
    "byte": "8 * bit",
    "million_tokens": "1e6 * token",
    "joule": "[energy]",
    "watt": "joule / second",
    "kilowatt": "1000 * watt",
    "kilowatt_hour": "kilowatt * hour",
    "percent": "1",
}
for basic in sorted({"second", "bit", *(one for name in UNITS for one in name.split("/") if one != "1")} - set(SO_MANY)):
    REGISTRY.define(f"{basic} = [{basic}]")
for name, many in SO_MANY.items():
    REGISTRY.define(f"{name} = {many}")


def quantity(value, unit):
    return REGISTRY.Quantity(value, "" if unit == "1" else unit)


class Quantities:
    """The algebra of Pint's quantities."""

    operations = {
        "^": lambda a, b: a ** b.to("").magnitude,
        "bytes": lambda a: a.to(a.units * REGISTRY.byte / REGISTRY.bit),
        "floor": lambda a: quantity(a.magnitude * (1 + 1e-9) // 1, str(a.units)),
        "ceiling": lambda a: quantity(math.ceil(a.to_base_units().magnitude / (1 + 1e-9)), str(a.to_base_units().units)),
        "max": lambda a, b: a if a >= b else b,  # comparing demands the same dimension on both sides
        "min": lambda a, b: b if a >= b else a,
    }

    def __init__(self, values):
        self.values = values

    def given(self, name):
        return quantity(self.values[name] if name in self.values else INPUTS[name].default, INPUTS[name].unit)

    def constant(self, op, value):
        return quantity(1, value) if op == "unit" else quantity(value, "1")

    def apply(self, op, args):
        return self.operations.get(op, OPERATIONS[op].number)(*args)


@pytest.mark.parametrize(("name", "flags"), FACES)
def test_units(name, flags, chance):
    for _ in range(5):
        values = {**random_scenario(base_inputs([name], flags), chance), **flags}
        if not evaluate((name,), values)[name] > 0:
            continue
        found = BOOK.under(values).walk(name, Quantities(values))
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
