"""Which of one's guesses matters most: elasticities, exact and ranked."""

import math

from .scenario import Scenario, asks_inputs
from ..language.numbers import show
from ..language.graph import cut_of, default_of, formula_named, term_of
from ..language.inputs import INPUTS, NapkinError
from ..several_gpus import LAYOUT


class Slopes:
    """A result and its slope along every input at one scenario, carried exactly through each operation of its formulas."""

    def __init__(self, name, given):
        self.given, self.cut, self.known = given, cut_of(given), {}
        self.value, self.slopes = self._of(name)

    def _of(self, name):
        if name not in self.known:
            if name in self.given or name in INPUTS and not INPUTS[name].computed:
                value = self.given[name] if name in self.given else default_of(name, self.given)
                self.known[name] = float(value), {name: 1.0}
            elif name in INPUTS:
                self.known[name] = self._of(INPUTS[name].default)
            else:
                self.known[name] = term_of(name, self.cut).fold(self._leaf, self._apply)
        return self.known[name]

    def _leaf(self, op, value):
        return self._of(value) if op == "name" else (1.0 if op == "unit" else float(value), {})

    def _apply(self, op, args):
        if op in ("floor", "ceiling"):
            return args[0]
        if op in ("max", "min"):
            return (max if op == "max" else min)(args, key=lambda arg: arg[0])
        if op == "bytes":
            return args[0][0] / 8, _sum((1 / 8, args[0][1]))
        (a, da), (b, db) = args
        if op in "+-":
            return (a + b, _sum((1, da), (1, db))) if op == "+" else (a - b, _sum((1, da), (-1, db)))
        if op == "*":
            return a * b, _sum((b, da), (a, db))
        if op == "/":
            return a / b, _sum((1 / b, da), (-a / b**2, db))
        power = a**b
        return power, _sum((b * a ** (b - 1) if b else 0, da), (power * math.log(a) if a > 0 else 0, db))


def _sum(*parts):
    """A weighted sum of slopes."""
    total = {}
    for weight, slopes in parts:
        if weight:
            for name, slope in slopes.items():
                total[name] = total.get(name, 0.0) + weight * slope
    return total


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

    def picture(self, most=10):
        """A bar for each of the `most` largest."""
        from ..page.picture import Picture

        names = list(self)[:most]
        told = "; ".join(self.sentence(name) for name in names)
        label = formula_named(self.result).label

        def sensitivity(axes, colours):
            places = range(len(names))[::-1]
            sizes = [self[name] for name in names]
            room = 0.9 / (0.9 + 0.32 * len(names))  # of the height, for the title and the axis
            axes.set_position((0.36, 0.62 * room, 0.6, 1 - room))
            axes.barh(places, sizes, height=0.6, color=[colours["accent" if size > 0 else "ink"] for size in sizes])
            for place, size in zip(places, sizes):
                axes.annotate(show(size, "1", 2), (max(size, 0), place), (4, 0), textcoords="offset points", va="center", fontsize=9)
            axes.axvline(0, color=colours["muted"], linewidth=1)
            axes.set_yticks(list(places), [INPUTS[name].label for name in names])
            axes.set_xlim(min(0, *sizes) * 1.1, max(0, *sizes) * 1.25 or 0.1)
            axes.set_xlabel("% for 1 % more")
            axes.set_title(f"What moves this: {label}", loc="left", fontsize=11)
            axes.grid(axis="y", visible=False)

        return Picture(sensitivity, f"Bars of elasticities of the {label}: {told}.", size=(6.0, 0.9 + 0.32 * len(names)))


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
    at = Slopes(made.name, resolved.inputs)
    found = {}
    for name, slope in at.slopes.items():
        if name in INPUTS and not INPUTS[name].choices and name not in LAYOUT:
            elasticity = slope * at.known[name][0] / at.value
            if abs(elasticity) > 1e-12:
                found[name] = elasticity
    order = sorted(found, key=lambda one: (-abs(round(found[one], 12)), list(INPUTS).index(one)))
    return Sensitivity(made.name, at.value, {one: found[one] for one in order})
