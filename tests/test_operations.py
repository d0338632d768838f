"""Every row of the table of operations: its faces are the same function, and its slope is the slope of that."""

import re

import mpmath
import numpy
import pytest
import sympy

from napkin import NapkinError
from napkin.language.operations import OPERATIONS, slope, smoothed, unit_of
from napkin.language.printers import to_code, to_latex, to_text
from napkin.language.programs import function_of
from napkin.language.terms import Term
from napkin.language.units import UNITS, dimension, spelled
from tests import node
from tests.oracle import Exact

ROWS = pytest.mark.parametrize("op", list(OPERATIONS))
POINTS = 40


def term_of(op):
    """The operation on a, b and c, as many as it takes."""
    return Term(op, *(Term("name", name) for name in "abc"[: len(set(re.findall(r"\{\d\}", OPERATIONS[op].python)))]))


def points_of(term, chance):
    """Numbers for its names; the first of a choice is a flag."""
    for _ in range(POINTS):
        at = {name: chance.uniform(0.5, 6) for name in term.names()}
        yield {**at, "a": chance.choice([0, 1])} if term.op == "choose" else at


@ROWS
def test_all_faces_are_the_same_function(op, chance):
    term = term_of(op)
    names = term.names()
    points = list(points_of(term, chance))
    on_numbers, on_arrays = (function_of([("it", term)], names, ["it"], language) for language in ("python", "numpy"))
    symbols = sympy.symbols(names)
    symbol = OPERATIONS[op].symbol(*symbols)
    code = to_code(term, "javascript", str)
    in_javascript = node.run("numbers", f"(_, all) => all.map(({{ {', '.join(names)} }}) => Number({code}))", points)
    (vectorised,) = on_arrays(*(numpy.array([at[name] for at in points]) for name in names))
    for at, javascript, array in zip(points, in_javascript, vectorised):
        expected = float(OPERATIONS[op].number(*at.values()))
        assert on_numbers(*at.values())[0] == pytest.approx(expected, rel=1e-12)
        assert float(array) == pytest.approx(expected, rel=1e-12)
        assert javascript == pytest.approx(expected, rel=1e-12)
        assert float(symbol.subs(dict(zip(symbols, at.values())))) == pytest.approx(expected, rel=1e-9)
    assert to_latex(term, str) and to_text(term, lambda name, _: name)


def test_exact_arithmetic_knows_every_operation(chance):
    assert set(Exact.operations) == set(OPERATIONS)
    for op in OPERATIONS:
        term = term_of(op)
        for at in points_of(term, chance):
            value, _ = term.fold(lambda _, name, at=at: (mpmath.mpf(at[name]), mpmath.mpf(0)), Exact(at).apply)
            assert float(value) == pytest.approx(float(OPERATIONS[op].number(*at.values())), rel=1e-12)


@ROWS
def test_slopes_are_those_of_small_steps(op, chance):
    term = term_of(op)
    names = term.names()
    plain = function_of([("it", smoothed(term))], names, ["it"], "python")
    for name in names:
        moves = slope(term, name)
        for at in points_of(term, chance):
            if op == "choose" and name == "a":
                assert moves is None
                continue
            found = 0.0 if moves is None else function_of([("it", moves)], names, ["it"], "python")(*at.values())[0]
            high, low = (plain(*{**at, name: at[name] + step}.values())[0] for step in (1e-6, -1e-6))
            assert found == pytest.approx((high - low) / 2e-6, rel=1e-6, abs=1e-6), (name, at)


def test_what_is_added_or_compared_must_be_alike():
    byte, second, one = (Term("unit", "byte"), Term("unit", "second"), Term.of(1))
    for op in ("+", "-", "max", "min", "at least"):
        with pytest.raises(NapkinError, match="byte and second cannot be added or compared"):
            unit_of(Term(op, byte, second), str)
    assert unit_of(byte / second * byte**2, str) == {"byte": 3, "second": -1}
    assert spelled(unit_of(one / second, str)) == "1/second"
    with pytest.raises(NapkinError, match="of plain numbers, not of byte"):
        unit_of(Term("log", byte), str)
    with pytest.raises(NapkinError, match="byte to a power that varies has no unit"):
        unit_of(byte ** Term("name", "1"), str)


def test_a_unit_says_what_it_is_made_of():
    assert dimension("dollar/kilowatt_hour") == {"dollar": 1, "kilowatt": -1, "hour": -1} and dimension("percent") == {} == dimension("1")
    assert UNITS["byte"].typed == [9, "GB"] and UNITS["second"].typed == [-3, "ms"] and UNITS["user"].typed == [0, "users"]
