"""The best layout: every way to share a model out over GPUs, with every batch, and the cheapest that keeps what is promised."""

import html
import itertools
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy

from ..catalogue import Gpu
from ..catalogue.models import Model
from ..language.errors import NapkinError
from ..language.graph import FORMULAS, evaluate, formula_named
from ..language.numbers import show
from ..several_gpus import PARTS
from .estimate import Estimate
from .scenario import ARTICLES, Scenario, asks_inputs, number_of_gpus

#: GPUs that hold a model together where nobody says how many: what servers and racks are divided into.
SIZES = (1, 2, 4, 8, 16, 32, 64)
#: What replicas add up to; all else each of them has for itself.
TOTALS = ("n_gpus", "users", "users_that_fit", "users_in_time", "sequences_that_fit", "tokens_per_second", "requests_per_second",
          "input_tokens_per_second", "output_tokens_per_second")  # fmt: skip
SHORT = dict(zip(PARTS, ("TP", "PP", "EP", "CP")))
#: Batches of a layout that are looked at first, evenly by their logarithm; then every whole number around the best of them.
GRID = 100
NEEDED = ("users", "n_gpus", "tokens_per_second", "tokens_per_second_per_user")


class Point(NamedTuple):
    """One layout with one batch: what a user gets, what a GPU gives, and what a million tokens cost (None without a rent)."""

    tokens_per_second_per_user: float
    tokens_per_second_per_gpu: float
    dollars_per_million_tokens: float | None
    layout: str
    batch: int


@asks_inputs
def best(
    model: str | Model | list | None = None,
    gpu: str | Gpu | list | None = None,
    n_gpus: int | None = None,
    *,
    at_least: Mapping[str, float] | None = None,
    at_most: Mapping[str, float] | None = None,
    count: str | list[str] = "all",
    compute_bits: int | None = None,
    attention_bits: int = 16,
    **given: float,
) -> "Best":
    """The cheapest layout and batch that keep what is promised.

    Parameters: `at_least` and `at_most`, results by name with what is promised of them, in base units: every formula can be. `users`
    and other sums are those of all replicas. `n_gpus`, all GPUs there are: they hold the model once, or several times; left out, as
    many as the promised users need, in groups of 1 to 64. `model` and `gpu` may be lists, and the cheapest of all is the answer. All
    else as `estimate` takes it; a layout or a `batch` that is given is not varied.
    Returns: a Best.
    Raises: NapkinError in one sentence: for bad input, for promises that no layout keeps (with the nearest that one can have), and
    where no price says which of several GPUs is the cheapest.

    Looked at are tensor, pipeline, expert and context parallelism in all combinations that engines take (heads and experts divide
    evenly), and every batch up to what fits. What is cheapest is a bound, as every answer of an estimate is.

    >>> found = best("Llama-3.3-70B", "H100 SXM", context=8_000, weight_bits=8,
    ...              at_least={"users": 5_000, "tokens_per_second_per_user": 30}, at_most={"time_to_first_token": 2})
    >>> found.layout, found.n_gpus
    ('TP2·PP8', 416)
    """
    promises = [*_promises(at_least, "at_least"), *_promises(at_most, "at_most")]
    models, gpus = (list(one) if isinstance(one, (list, tuple)) else [one] for one in (model, gpu))
    pairs = list(itertools.product(models, gpus))
    if not pairs:
        raise NapkinError("best needs at least one model and one GPU")
    n_gpus = number_of_gpus(n_gpus)
    asked = {"count": count, "compute_bits": compute_bits, "attention_bits": attention_bits, **given}
    fields = [_Field(Scenario.of(one, other, **asked), n_gpus, promises) for one, other in pairs]
    if len({str(field.case.gpu) for field in fields}) > 1 and (why := next((field.unpriced for field in fields if field.unpriced), None)):
        raise NapkinError(f"which GPU is the cheapest cannot be told: {why}; give gpu_hour_price")
    keeping = [field for field in fields if field.kept.any()]
    if not keeping:
        raise NapkinError(min((field.broken() for field in fields), key=len))
    return Best(min(keeping, key=lambda field: field.costs[field.first]), promises)


def _promises(given, called):
    """(result, whether it is the least, number) of what is promised."""
    if given is None:
        return []
    if not isinstance(given, Mapping):
        raise NapkinError(f"{called} must be a dict of results and numbers, got {given!r}")
    return [(formula_named(name).name, called == "at_least", formula_named(name).value_of(value)) for name, value in given.items()]


class _Field:
    """All layouts and batches of one model on one GPU: results by name as arrays, which of them keep the promises, what they cost."""

    def __init__(self, scenario, n_gpus, promises):
        fixed = [name for name in PARTS if name in scenario.given]
        alone = scenario.case
        several = scenario if fixed else scenario.with_(tensor_parallel=2)
        linked = several.case.unknown_of("link_seconds") == ""
        self.scenario, self.promises = scenario, promises
        self.case = several.case if linked else alone
        self.inputs = {name: value for name, value in self.case.inputs.items() if name not in PARTS}
        self.names = tuple(dict.fromkeys((*NEEDED, *(name for name, _, _ in promises))))
        for name in self.names:
            if why := self.case.unknown_of(name):
                raise NapkinError(f"{name} cannot be told: {why}")
        self.unpriced = alone.unknown.get("gpu_hour_price")
        self.rent = 1 if self.unpriced else evaluate(("gpu_hour_price",), self.inputs)["gpu_hour_price"]
        fits = [way for way in self._ways(n_gpus) if linked or math.prod(way[:3]) == 1]
        ways = [way for way in fits if all(scenario.given.get(name, one) == one for name, one in zip(PARTS, way))]
        if not ways:
            said = ", ".join(f"{name}={scenario.given[name]:g}" for name in fixed)
            raise NapkinError(f"no layout of {n_gpus or 'up to 64'} GPUs that divides heads and experts evenly has {said}")
        self.ways = numpy.array(ways)
        self.target = next((value for name, least, value in promises if name == "users" and least), None)
        self.n_gpus = n_gpus
        self._look()

    def _ways(self, n_gpus):
        """Layouts that so many GPUs can be divided into, the smallest first: (tensor, pipeline, expert, context parallel)."""
        about = evaluate(("n_heads", "kv_shards", "n_layers", "n_experts"), self.inputs)
        heads, shards, layers, experts = (int(one) for one in about.values())
        found = []
        for t, e in itertools.product(_divisors(heads), _divisors(experts)):  # replicas of a model without experts are counted as such
            if shards % t and t % shards:
                continue
            for g in range(1, layers + 1):
                if t * g * e in SIZES if n_gpus is None else n_gpus % (t * g * e) == 0:
                    found += ((t, g, e, c) for c in _divisors(t // math.gcd(t, shards)))
        return sorted(found, key=lambda way: (math.prod(way[:3]), way[0], way[2], way[3]))

    def _at(self, names, rows, batch=None):
        """Results at rows of layouts, each with its batch."""
        given = {**self.inputs, **dict(zip(PARTS, self.ways[rows].T.astype(float)))}
        if batch is not None:
            given["batch"] = batch.astype(float)
        found = evaluate(names, given)
        return {name: numpy.broadcast_to(value, len(rows)).astype(float) for name, value in found.items()}

    def _look(self):
        rows = numpy.arange(len(self.ways))
        self.room = self._at(("sequences_that_fit",), rows)["sequences_that_fit"]
        if "batch" in self.inputs:
            batches = [numpy.array([self.inputs["batch"]]) if room >= self.inputs["batch"] else numpy.array([]) for room in self.room]
        else:
            batches = [_grid(room) for room in self.room]
        self._take(batches)
        if "batch" not in self.inputs and self.kept.any():  # every whole number around the best of each layout
            finer = []
            for row, batch in enumerate(batches):
                here = (self.rows == row) & self.kept
                if not here.any():
                    finer.append(batch)
                    continue
                at = numpy.searchsorted(batch, self.batch[here][numpy.argmin(self.costs[here])])
                between = numpy.arange(batch[max(at - 1, 0)], batch[min(at + 1, len(batch) - 1)] + 1)
                finer.append(numpy.union1d(batch, between))
            self._take(finer)

    def _take(self, batches):
        self.rows = numpy.repeat(numpy.arange(len(batches)), [len(one) for one in batches])
        self.batch = numpy.concatenate(batches) if batches else numpy.array([])
        found = self._at(self.names, self.rows, self.batch) if len(self.rows) else {name: numpy.array([]) for name in self.names}
        each, users = found["n_gpus"], found["users"]
        with numpy.errstate(all="ignore"):
            if self.n_gpus is not None:
                self.replicas = self.n_gpus / each
            else:
                self.replicas = numpy.maximum(1, numpy.ceil(self.target / users)) if self.target else numpy.ones(len(each))
            self.replicas = numpy.where(users > 0, self.replicas, numpy.nan)
            self.found = {name: value * self.replicas if name in TOTALS else value for name, value in found.items()}
            self.kept = numpy.isfinite(self.replicas)
            for name, least, value in self.promises:
                told = self.found[name]
                self.kept &= (told >= value if least else told <= value) & numpy.isfinite(told)
            total = self.found["n_gpus"] * self.rent
            self.costs = numpy.where(self.kept, total if self.target else total / self.found["users"], numpy.inf)
        if self.kept.any():  # of those that cost the same: the most users, the fewest GPUs together, the quickest
            order = numpy.lexsort(
                (-self.found["tokens_per_second_per_user"], each, -self.found["users"] / self.found["n_gpus"], self.costs)
            )
            self.first = order[0]

    def broken(self):
        """Why no layout keeps the promises, and what of the one that is farthest away can be had."""
        gpus = f"{self.n_gpus} × " if self.n_gpus else ""
        where = f"{gpus}{self.case.gpu.name if self.case.gpu else ARTICLES['gpu']}"
        if not len(self.rows):
            return f"no layout of {where} has room for one conversation" + (" of the batch" if "batch" in self.inputs else "")
        for name, least, value in self.promises:
            told = self.found[name][numpy.isfinite(self.found[name])]
            if not len(told) or not (told >= value if least else told <= value).any():
                one = FORMULAS[name]
                reached = show((max if least else min)(told), one.unit, one.digits) if len(told) else "nothing"
                end, most = ("least", "most") if least else ("most", "least")
                return f"no layout of {where} has {name} of at {end} {show(value, one.unit, one.digits)}: the {most} is {reached}"
        names = " and ".join(name for name, _, _ in self.promises)
        return f"no layout of {where} keeps {names} together, though each alone can be had"

    def label(self, row):
        """A layout as people write it: TP8, EP16, TP4·PP2."""
        return "·".join(f"{SHORT[name]}{ways}" for name, ways in zip(PARTS, self.ways[row]) if ways > 1) or "one GPU"

    def estimate(self, at):
        way = {name: int(ways) for name, ways in zip(PARTS, self.ways[self.rows[at]]) if ways > 1 or name in self.scenario.given}
        return Estimate(self.scenario.with_(**way, batch=int(self.batch[at])))


def _divisors(number):
    return [one for one in range(1, number + 1) if number % one == 0]


def _grid(room):
    """Whole batches up to what fits, the ends among them, each some per cent above the one before."""
    if not room >= 1:
        return numpy.array([])
    return numpy.unique(numpy.floor(numpy.geomspace(1, room, GRID) + 1e-9))


class Best:
    """The layout and batch that were found, and all that were looked at.

    `estimate` is the Estimate of one replica; `layout` its name (TP8 is tensor parallel over eight), `batch` its conversations,
    `replicas` how many there are, `n_gpus` all GPUs, `users` all users, `cost_per_month` the rent for a month (None without one).
    `looked_at` is how many layouts with batches were tried, `others` what else would do. `curves` are the speeds of every layout,
    batch along them, and `frontier` those points of which none is better for both a user and a GPU.
    """

    def __init__(self, field, promises):
        at, self._field, self._promises = field.first, field, promises
        self.estimate = field.estimate(at)
        self.layout, self.batch = field.label(field.rows[at]), int(field.batch[at])
        self.replicas, self.looked_at = int(field.replicas[at]), len(field.rows)
        self.n_gpus, self.users = (round(float(field.found[name][at])) for name in ("n_gpus", "users"))
        self.cost_per_month = None if field.unpriced else self.n_gpus * field.rent * self.estimate["hours_per_month"]

    @property
    def others(self) -> list[tuple[str, float]]:
        """The other layouts that keep the promises, the cheapest first, and by how much each costs more (0.1: a tenth)."""
        field, least = self._field, {}
        for row, cost in zip(field.rows[field.kept], field.costs[field.kept]):
            least[field.label(row)] = min(cost, least.get(field.label(row), math.inf))
        chosen = least.pop(self.layout)
        return sorted(((label, float(cost / chosen - 1)) for label, cost in least.items()), key=lambda one: one[1])

    @property
    def curves(self) -> dict[str, list[Point]]:
        """By the name of the layout, from the smallest batch to the largest."""
        found: dict[str, list[Point]] = {}
        for at in range(len(self._field.rows)):
            found.setdefault(self._field.label(self._field.rows[at]), []).append(self._point(at))
        return found

    @property
    def frontier(self) -> list[Point]:
        """The points of which no other has both more tokens a second for a user and more a GPU: the quickest first."""
        field, front = self._field, []
        speed, per_gpu = field.found["tokens_per_second_per_user"], field.found["tokens_per_second"] / field.found["n_gpus"]
        for at in numpy.lexsort((-per_gpu, -speed)):
            if numpy.isfinite(per_gpu[at]) and (not front or per_gpu[at] > per_gpu[front[-1]]):
                front.append(at)
        return [self._point(at) for at in front]

    def _point(self, at):
        field = self._field
        per_gpu = float(field.found["tokens_per_second"][at] / field.found["n_gpus"][at])
        dollars = None if field.unpriced else field.rent / (per_gpu * 3600) * 1e6
        return Point(
            float(field.found["tokens_per_second_per_user"][at]), per_gpu, dollars, field.label(field.rows[at]), int(field.batch[at])
        )

    def _lines(self):
        one, each = self.estimate, self.n_gpus // self.replicas
        title = " on ".join((one.model.name if one.model else ARTICLES["model"], one.gpu.name if one.gpu else ARTICLES["gpu"]))
        group = f"{each} together ({self.layout})" if each > 1 else "each by itself"
        yield (
            title,
            f"{self.n_gpus:,} GPU{'s' * (self.n_gpus != 1)}, {group}, a batch of {self.batch:,} on each {'group' if each > 1 else 'GPU'}",
        )
        if self.cost_per_month is None:
            yield "Users", f"{self.users:,}; {self._field.unpriced}"
        else:
            rent = show(self.cost_per_month / self.users, "dollar/user/month"), show(self.cost_per_month, "dollar")
            yield "Users", f"{self.users:,}, {rent[0]}, {rent[1]} a month for all"
        for name, least, value in self._promises:
            if name in TOTALS:
                continue
            shown = FORMULAS[name]
            yield (
                shown.label.capitalize(),
                f"{one.text(name)} (at {'least' if least else 'most'} {show(value, shown.unit, shown.digits)} was promised)",
            )
        yield "Limit", one.limit
        if self.others:
            yield (
                "Next",
                ", ".join(f"{label} ({more:.0%} more)" if more >= 0.005 else f"{label} (as much)" for label, more in self.others[:3]),
            )
        yield "Looked at", f"{self.looked_at:,} layouts with batches, by bounds: a server is slower, and its stages are never all busy"

    def __repr__(self):
        return "\n".join(f"{label}: {text}" for label, text in self._lines())

    def _repr_html_(self):
        lines = "".join(f"<p><strong>{html.escape(label)}</strong>: {html.escape(text)}</p>" for label, text in self._lines())
        return f'<div class="napkin-estimate">{lines}</div>'

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data, the frontier and the estimate of one replica among it."""
        plain = {name: getattr(self, name) for name in ("layout", "batch", "replicas", "n_gpus", "users", "cost_per_month", "looked_at")}
        return {**plain, "frontier": [point._asdict() for point in self.frontier], "estimate": self.estimate.to_dict()}
