"""Which of one's guesses matters most: elasticities, exact and ranked."""

import math

from ..language.errors import NapkinError
from ..language.graph import BOOK, formula_named
from ..language.inputs import INPUTS, TOGETHER, apart
from ..language.numbers import show
from ..several_gpus import PARTS
from .scenario import Case, Scenario, asks_inputs, numbers


class Sensitivity(dict):
    """Elasticities by input, the largest first: by how many per cent the result moves when the input grows by one."""

    def __init__(self, result, value, elasticities):
        super().__init__(elasticities)
        self.result, self.value = result, value

    def sentence(self, name):
        """One of them in words: "1 % more context: 0.98 % more cost per user month"."""
        more = "more" if self[name] > 0 else "less"
        return f"1 % more {INPUTS[name].label}: {show(abs(self[name]), '1', 3)} % {more} {formula_named(self.result).label}"

    def __repr__(self):
        return "\n".join(map(self.sentence, self)) or f"{self.result} depends on nothing that can be moved"


def half_and_double(name: str, result: str, case: Case) -> list[float]:
    """What a result comes to with half of an input and with twice as much, all else as it is; NaN where it has no value then.

    >>> half_and_double("gpu_hour_price", "cost_per_user_month", Scenario.of(context=20_000, duty_cycle=0.2, count="article").case)
    [4.721311475409836, 18.885245901639344]
    """
    known, now, found = INPUTS[name], case.numbers((name,))[name], []
    for value in (now / 2, now * 2):
        value = math.floor(value + 0.5) if known.whole and value == value else value
        inputs = {**case.inputs, name: value}
        fits = known.allows(value) and not any(apart(inputs, *pair) for pair in TOGETHER)
        found.append(numbers((result,), inputs, case.unknown)[result] if fits else math.nan)
    return found


@asks_inputs
def sensitivity(
    result: str = "cost_per_user_month",
    model=None,
    gpu=None,
    n_gpus=None,
    *,
    count="all",
    compute_bits=None,
    attention_bits=16,
    **given: float,
) -> Sensitivity:
    """How strongly a result hangs on each input, ranked: d ln(result) / d ln(input), exact.

    Floors are read as plain quotients, so that a change too small for one more user counts too; where two things compete
    (reading and multiplying) the one in force decides. Inputs that are chosen from a list (bits), switches and numbers of
    GPUs are left out.

    Parameters: `result`, the name of a formula, or the formula; all else as `estimate` takes it.
    Returns: a Sensitivity, {input: elasticity}, the largest first; dimensionless.
    Raises: NapkinError in one sentence, for bad input and where the result has no value.

    >>> next(iter(sensitivity("weight_bytes", "Qwen3-32B").items()))
    ('parameters', 1.0)
    """
    made = formula_named(result)
    case = Scenario(model, gpu, n_gpus, count, compute_bits, attention_bits, given).case
    if why := case.unknown_of(made.name):
        raise NapkinError(f"{made.name} cannot be told: {why}")
    made(**case.inputs)  # refuses where there is none
    value, slopes = BOOK.slopes(made.name, case.inputs)
    if value == 0:
        raise NapkinError(f"{made.name} is 0 here, and nothing is a per cent of that")
    # a switch that nobody has turned on is no guess of one's own
    known = [INPUTS[name] for name in INPUTS if name in slopes and name not in PARTS and (name not in BOOK.switches or name in case.inputs)]
    moved = {one.name: slopes[one.name] for one in known if not one.choices or one.between}
    found = {name: slope * at / value for name, (at, slope) in moved.items() if abs(slope * at / value) > 1e-12}
    return Sensitivity(made.name, value, dict(sorted(found.items(), key=lambda one: -abs(round(one[1], 12)))))
