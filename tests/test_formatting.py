"""Numbers read the same everywhere; the JavaScript half is held against the same table in test_book.py."""

import pytest

from napkin import FORMULAS, INPUTS
from napkin.language.numbers import show, show_exactly
from napkin.language.units import UNITS
from tests.numbers_as_read import TABLE


@pytest.mark.parametrize(("value", "unit", "digits", "text"), TABLE)
def test_numbers_read_as_in_the_table(value, unit, digits, text):
    assert show(value, unit, digits) == text


def test_what_it_is_counted_by_is_said_on_request():
    assert show(131_072, "byte/token", counted=True) == "131 kB per token"
    assert show(9.4426, "dollar/user/month", counted=True) == "$9.44 a user-month"


def test_arithmetic_shows_whole_numbers_in_full_below_ten_million():
    assert show_exactly(131_072, "byte/token") == "131,072 B per token"
    assert show_exactly(9_999_999, "byte") == "9,999,999 B"
    assert show_exactly(10_000_000, "byte") == "10 MB"
    assert show_exactly(23.5, "FLOP/byte") == "23.5 FLOP/B"


def test_every_unit_in_use_can_be_formatted_and_none_is_idle():
    used = {known.unit for known in (*FORMULAS.values(), *INPUTS.values())}
    assert used == set(UNITS)
