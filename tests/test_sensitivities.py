"""Elasticities against differentiation by SymPy and against small steps of the formulas themselves."""

import math

import pytest
import sympy

import napkin
from napkin import FORMULAS, INPUTS, NapkinError, evaluate, sensitivity
from napkin.language.graph import BOOK
from napkin.questions.scenario import Scenario
from napkin.several_gpus import LAYOUT

SCENARIOS = [
    {"context": 20_000, "duty_cycle": 0.2, "count": "article"},
    {"model": "Qwen3-32B", "gpu": "B200", "context": 20_000, "duty_cycle": 0.2},
    {"model": "Mixtral-8x7B", "gpu": "H200", "n_gpus": 2, "context": 8_000, "batch": 16},
    {"model": "gpt-oss-120b", "gpu": "H100", "n_gpus": 2, "context": 50_000, "draft_length": 3, "memory_utilisation": 0.9},
]
RESULTS = ("cost_per_user_month", "tokens_per_second_per_user", "cost_per_million_output_tokens", "time_to_first_token", "step_bytes")


@pytest.mark.parametrize("given", SCENARIOS)
@pytest.mark.parametrize("result", RESULTS)
def test_against_small_steps(result, given):
    """The oracle: the result, with its floors read as quotients, a millionth to either side."""
    inputs = Scenario.of(**given).case.inputs
    found = sensitivity(result, **given)
    for name, known in INPUTS.items():
        value = inputs.get(name, None if known.computed else known.default)
        if value in (None, 0) or known.choices or name in LAYOUT:
            continue
        if name == "peak_flops" and "peak_flops" not in inputs:
            inputs = {**inputs, "peak_flops": 4.5e15}
        step = 1e-6
        below, above = ({**inputs, name: value * (1 + sign * step)} for sign in (-1, 1))
        if value * (1 + step) > known.most or value * (1 - step) < known.least:
            continue
        low, high = (evaluate((result,), point, smooth=True)[result] for point in (below, above))
        slope = (math.log(high) - math.log(low)) / (math.log(1 + step) - math.log(1 - step))
        assert found.get(name, 0) == pytest.approx(slope, abs=2e-6), name


def test_against_sympy():
    """A product without floors: SymPy differentiates the very expression."""
    given = {"batch": 6, "context": 200_000, "count": "article"}
    found = sensitivity("memory_seconds", **given)
    expression = BOOK.under({"batch": 6}).expression("memory_seconds")
    at = {symbol: {"batch": 6, "context": 200_000}.get(symbol.name, INPUTS[symbol.name].default) for symbol in expression.free_symbols}
    for symbol in expression.free_symbols:
        if not symbol.choices:
            elasticity = (sympy.diff(expression, symbol) * symbol / expression).subs(at)
            assert found[symbol.name] == pytest.approx(float(elasticity), rel=1e-12)


def test_ranked_and_told():
    found = sensitivity(context=20_000, duty_cycle=0.2, count="article")
    sizes = [abs(one) for one in found.values()]
    assert sizes == sorted(sizes, reverse=True) or all(a >= b - 1e-9 for a, b in zip(sizes, sizes[1:]))
    assert found["context"] == pytest.approx(1) and found["gpu_hour_price"] == pytest.approx(1)
    assert found["memory"] == pytest.approx(-192 / 160), "only what the weights leave counts"
    assert found["parameters"] == pytest.approx(32 / 160)
    assert found.sentence("memory") == "1 % more memory: 1.2 % less rent for a user-month"
    assert "1 % more context: 1 % more rent for a user-month" in repr(found)
    picture = napkin.Ranking("cost_per_user_month", at={"context": 20_000, "duty_cycle": 0.2}).picture()._repr_mimebundle_()
    assert "1 % more memory: 1.2 % less rent for a user-month" in picture["text/plain"]


def test_what_is_no_elasticity():
    with pytest.raises(NapkinError, match="there is no formula called 'cost'"):
        sensitivity("cost")
    with pytest.raises(NapkinError, match="cannot be told: no bf16 rate is published for the Apple M3 Ultra"):
        sensitivity("step_seconds", gpu="Apple M3 Ultra", model="Llama-3.1-8B")
    with pytest.raises(NapkinError, match="does not fit"):
        sensitivity(model="Llama-3.1-405B", gpu="H100")
    assert "users" in FORMULAS
