"""Each input has a range that holds its default, and slider stops within that range."""

import math

import numpy
import pytest
import sympy

from napkin import INPUTS, NapkinError
from napkin.language.graph import BOOK
from napkin.language.inputs import check_together
from napkin.notation import n_layers
from napkin.page.page import stops_of


@pytest.mark.parametrize("name", list(INPUTS))
def test_range_default_and_stops(name):
    known = INPUTS[name]
    assert known.low < known.high or known.choices
    if not known.computed:
        assert known.low <= known.default <= known.high
        assert known.value_of(known.default) == known.default
    if known.choices:
        return
    stops = stops_of(known)
    assert (stops[0], stops[-1]) == (known.low, known.high)
    assert all(a < b for a, b in zip(stops, stops[1:]))
    assert 10 <= len(stops) <= 1000 or known.stops
    for stop in stops:
        assert known.value_of(int(stop) if known.whole else stop) == stop


def test_an_input_is_a_sympy_symbol_that_prints_as_its_letter():
    assert sympy.latex(2 * n_layers) == "2 L"
    assert (n_layers / n_layers) == 1


def test_numbers_of_every_kind_are_taken():
    known = INPUTS["context"]
    for given in (20_000, 20_000.0, numpy.int64(20_000), numpy.float32(20_000), numpy.array(20_000)):
        assert known.value_of(given) == 20_000
    assert INPUTS["bandwidth"].value_of(numpy.float64(8e12)) == 8e12
    assert known.value_of((1, 2)).tolist() == [1, 2]


def test_the_smallest_and_largest_floats_do_not_break_anything():
    assert INPUTS["bandwidth"].value_of(5e-324) == 5e-324
    assert INPUTS["bandwidth"].value_of(1.7976931348623157e308) == 1.7976931348623157e308
    assert INPUTS["electricity_price"].value_of(0) == 0
    with pytest.raises(NapkinError, match="electricity_price must be a finite number, at least 0"):
        INPUTS["electricity_price"].value_of(-0.1)


def test_heads_go_together():
    check_together({"n_heads": 64, "n_kv_heads": 8})
    check_together({"n_heads": numpy.array([8, 16]), "n_kv_heads": 8})
    with pytest.raises(NapkinError, match="n_heads 12 and n_kv_heads 8"):
        check_together({"n_heads": numpy.array([8, 12]), "n_kv_heads": 8})


@pytest.mark.parametrize("name", ["T_{x}", "two words", "context", "1st"])
def test_names_that_javascript_or_the_notation_cannot_take_are_refused(name):
    with pytest.raises(NapkinError, match="an input needs a name of its own"):
        BOOK.copy().declare(name, "x", "1", "nothing", 1, 1, 2)


def test_every_float_is_answered_or_refused_in_one_sentence():
    from napkin import evaluate

    for extreme in (5e-324, 1e-300, 1e300, 1.7976931348623157e308):
        for name in ("bandwidth", "memory", "peak_flops", "gpu_hour_price", "duty_cycle"):
            if name == "duty_cycle" and extreme > 1:
                continue
            try:
                found = evaluate(("cost_per_user_month", "tokens_per_second"), {name: extreme})
            except NapkinError as error:
                assert "\n" not in str(error)
            else:
                assert all(math.isnan(x) or math.isfinite(x) for x in found.values())
