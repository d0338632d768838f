"""Which of one's guesses matters most: elasticities, exact and ranked."""

from ..language.errors import NapkinError
from ..language.graph import BOOK, formula_named
from ..language.inputs import INPUTS
from ..language.numbers import show
from ..several_gpus import LAYOUT
from .scenario import Scenario, asks_inputs


class Sensitivity(dict):
    """Elasticities by input, the largest first: by how many per cent the result moves when the input grows by one."""

    def __init__(self, result, value, elasticities):
        super().__init__(elasticities)
        self.result, self.value = result, value

    def sentence(self, name):
        """One of them in words: "1 % more context: 0.98 % more cost per user month"."""
        change = self[name]
        more = "more" if change > 0 else "less"
        return f"1 % more {INPUTS[name].label}: {show(abs(change), '1', 3)} % {more} {formula_named(self.result).label}"

    def __repr__(self):
        return "\n".join(self.sentence(name) for name in self) or f"{self.result} depends on nothing that can be moved"


@asks_inputs
def sensitivity(
    result: str = "cost_per_user_month", model=None, gpu=None, n_gpus=None, *, count="all", compute_bits=None, attention_bits=16,
    **given: float,
) -> Sensitivity:
    """How strongly a result hangs on each input, ranked: d ln(result) / d ln(input), exact.

    Floors are read as plain quotients, so that a change too small for one more user counts too; where two things compete
    (reading and multiplying) the one in force decides. Inputs that are chosen from a list (bits), switches and numbers of
    GPUs are left out.

    Parameters
    ----------
    result
        The name of a formula, or the formula.
    model, gpu, n_gpus, count, compute_bits, attention_bits, **given
        What `estimate` takes.

    Returns
    -------
    Sensitivity
        {input: elasticity}, the largest first; dimensionless.

    Raises
    ------
    NapkinError
        In one sentence, for bad input and where the result has no value.

    Examples
    --------
    >>> next(iter(sensitivity("weight_bytes", "Qwen3-32B").items()))
    ('parameters', 1.0)
    """
    made = formula_named(result)
    resolved = Scenario(model, gpu, n_gpus, count, compute_bits, attention_bits, given).case
    if why := resolved.unknown_of(made.name):
        raise NapkinError(f"{made.name} cannot be told: {why}")
    made(**resolved.inputs)  # refuses where there is none
    value, slopes = BOOK.slopes(made.name, resolved.inputs)
    if value == 0:
        raise NapkinError(f"{made.name} is 0 here, and nothing is a per cent of that")
    found = {}
    for name, (at, slope) in slopes.items():
        known = INPUTS.get(name)
        # a switch that nobody has turned on is no guess of one's own
        if known and not known.choices and name not in LAYOUT and (name not in BOOK.switches or name in resolved.inputs):
            elasticity = slope * at / value
            if abs(elasticity) > 1e-12:
                found[name] = elasticity
    order = sorted(found, key=lambda one: (-abs(round(found[one], 12)), list(INPUTS).index(one)))
    return Sensitivity(made.name, value, {one: found[one] for one in order})
