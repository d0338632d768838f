"""Accelerators: `gpu("B200")`, or a `Gpu` of one's own."""

import functools
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..language.errors import NapkinError
from ..language.numbers import show
from . import facts, names
from .entries import Catalogue, card, or_dash, split, table
from .fields import short

RATES = {4: "fp4", 8: "fp8", 16: "bf16", 32: "fp32"}
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """One accelerator, in base units. None stands for what is not published.

    Parameters: `memory` in bytes, what a program can have where logs tell it, else as the driver reports them, else by the label
    (`notes` say which); `bandwidth` between memory and chip, bytes a second; `rates`, dense FLOP/s by the bits of a number: 16 is
    bf16 (fp16 before there was bf16), 8 is fp8 and never int8, 4 is fp4; `link_bandwidth` to other accelerators, one way, bytes a
    second, which so many reach (`gpus_per_node`: 8, an ordinary server's, unless the card is sold otherwise), and into how many ways it
    is divided (`link_ways`: 1 where a switch stands between, 7 in a mesh of eight); `power` in W; `gpu_hour_price`, the rent of an
    hour in dollars, and `gpu_price`, what it costs to buy: the medians of dated prices; `price_range`, the lowest and the highest
    rent; `priced`, how many sources and when; where it comes from.
    Raises: NapkinError for a number that is not finite or not above 0, or a name that is empty.

    >>> Gpu(name="My card", memory=96e9, bandwidth=2e12, rates={8: 1e15})
    My card: 96 GB, 2 TB/s, 1 PFLOP/s fp8
    """

    name: str
    memory: float | None
    bandwidth: float | None = None
    rates: Mapping[float, float] = field(default_factory=dict, hash=False)
    link_bandwidth: float | None = None
    gpus_per_node: int = 8
    link_ways: int = 1
    power: float | None = None
    gpu_hour_price: float | None = None
    gpu_price: float | None = None
    price_range: tuple[float, float] | None = None
    priced: str = ""
    aliases: tuple[str, ...] = ()
    vendor: str = ""
    year: int | None = None
    form: str = ""
    source: str = ""
    date: str = ""
    confidence: str = ""
    notes: str = ""

    def __post_init__(self):
        facts.check(self)
        if not isinstance(self.rates, Mapping):
            raise NapkinError(f"rates must be a mapping from bits to FLOP/s, got {short(self.rates)}")
        rates = {facts.number("the bits of a rate", bits): rate for bits, rate in self.rates.items()}
        object.__setattr__(self, "rates", {bits: facts.number(f"the {_called(bits)} rate", rate) for bits, rate in rates.items()})
        if not isinstance(self.aliases, (tuple, list)) or not all(isinstance(each, str) for each in self.aliases):
            raise NapkinError(f"aliases must be a tuple of names, got {short(self.aliases)}")
        object.__setattr__(self, "aliases", tuple(self.aliases))
        if self.price_range is not None:
            object.__setattr__(self, "price_range", _range(self.price_range))

    @property
    def max_num_seqs(self) -> int:
        """Conversations that vLLM takes into one step at most unless it is told otherwise: 1,024 from 70 GiB on, but for the A100."""
        large = self.memory is not None and self.memory >= 70 * 2**30 and "A100" not in self.name
        return 1024 if large else 256

    @property
    def max_num_batched_tokens(self) -> int:
        """Tokens that it takes into one step at most, likewise: 8,192, or else 2,048."""
        return 8 * self.max_num_seqs

    @property
    def plain_latents(self) -> bool:
        """Whether sparse attention keeps latent vectors at 8 bits without scales: kernels for B200 and its kin, and AMD's, do."""
        return self.vendor == "AMD" or 4 in self.rates and self.form.startswith(("SXM", "NVL"))

    def rate(self, bits: float) -> float:
        """Dense FLOP/s at a precision of so many bits; NapkinError where none is published."""
        bits = facts.number("bits", bits)
        if bits not in self.rates:
            raise NapkinError(f"no {_called(bits)} rate is published for the {self.name}")
        return self.rates[bits]

    def __repr__(self):
        speed = show(self.bandwidth, "byte/second") if self.bandwidth else "bandwidth not published"
        rates = (f"{show(rate, 'FLOP/second')} {_called(bits)}" for bits, rate in sorted(self.rates.items(), reverse=True))
        return f"{self.name}: {or_dash(self.memory, 'byte')}, {speed}, {', '.join(rates) or 'rates not published'}"

    def _repr_html_(self):
        cells = {"year": or_dash(self.year), **_cells(self)}
        told = {"rents": self.rents, "confidence": self.confidence, "notes": self.notes}
        return card(cells.pop("name"), {**cells, **told})

    @property
    def rents(self) -> str:
        """The span of its rents, and whose they are: "$5.00 to $7.15, on demand, 5 providers, August to September 2026"."""
        span = " to ".join(show(rent, "dollar/hour") for rent in dict.fromkeys(self.price_range or ()))
        return ", ".join(filter(None, (span, self.priced)))


def _called(bits):
    return RATES.get(bits, f"{bits:g}-bit")


def _range(ends):
    if not isinstance(ends, (tuple, list)) or len(ends) != 2:
        raise NapkinError(f"price_range must be the lowest and the highest rent, got {short(ends)}")
    low, high = (facts.number("a rent of price_range", rent) for rent in ends)
    if low > high:
        raise NapkinError(f"price_range must have the lowest rent first, got {short(tuple(ends))}")
    return low, high


def _cells(gpu):
    return {
        "name": gpu.name,
        "memory": or_dash(gpu.memory, "byte"),
        "bandwidth": or_dash(gpu.bandwidth, "byte/second"),
        **{_called(bits): or_dash(gpu.rates.get(bits), "FLOP/second") for bits in (16, 8, 4)},
        "link, one way": or_dash(gpu.link_bandwidth, "byte/second"),
        "power": or_dash(gpu.power, "watt"),
        "rent an hour": or_dash(gpu.gpu_hour_price, "dollar/hour"),
        "price": or_dash(gpu.gpu_price, "dollar"),
        "source": gpu.source + (gpu.priced and f"; prices: {gpu.priced}"),
    }


def _gpu(row):
    numbers = {name: float(row[name]) if row[name] else None for name in ("memory", "bandwidth", "link_bandwidth", "power")}
    text = {name: row[name] for name in ("name", "vendor", "form", "source", "date", "confidence", "notes")}
    rates = {bits: float(row[name]) for bits, name in RATES.items() if row.get(name)}
    numbers |= {name: int(row[name]) for name in ("gpus_per_node", "link_ways") if row[name]}
    return Gpu(**numbers, **text, **_prices(row["name"]), rates=rates, year=int(row["year"]), aliases=split(row["aliases"]))


@functools.cache
def _all_prices():
    """The rows of the table of prices by the name of the card, read at the first use."""
    prices = {}
    for row in table("prices.csv"):
        prices.setdefault(row["gpu"], []).append(row)
    return prices


def _prices(name):
    """What is known of a card's prices: each provider counts once, with what it asked at its latest date."""
    rows = _all_prices().get(name, ())
    bought = [row for row in rows if row["kind"] == "purchase"]
    rented = {}
    for row in rows:
        if row["kind"] == "on demand":
            rented.setdefault(row["provider"], {}).setdefault(row["date"], []).append(float(row["value"]))
    latest = {provider: max(rents.items()) for provider, rents in rented.items()}
    rents = [rent for _, last in latest.values() for rent in last]
    priced = (
        _priced("on demand", latest, "provider", [date for date, _ in latest.values()]),
        _priced("to buy", {row["provider"] for row in bought}, "source", [row["date"] for row in bought]),
    )
    return {
        "gpu_price": statistics.median(float(row["value"]) for row in bought) if bought else None,
        "gpu_hour_price": round(statistics.median(statistics.median(last) for _, last in latest.values()), 4) if latest else None,
        "price_range": (min(rents), max(rents)) if rents else None,
        "priced": "; ".join(filter(None, priced)),
    }


def _priced(how, who, called, dates):
    """`on demand, 9 providers, August to November 2026`; nothing where nobody is."""
    if not who:
        return ""
    first, last = min(dates).split("-"), max(dates).split("-")
    start, end = (" ".join([*(MONTHS[int(month) - 1] for month in date[1:2]), date[0]]) for date in (first, last))
    if first[0] == last[0] and len(first) > 1 and len(last) > 1:
        start = start.removesuffix(f" {first[0]}")
    span = end if first[:2] == last[:2] else f"{start} to {end}"
    return f"{how}, {len(who)} {called}{'s' * (len(who) > 1)}, {span}"


def _told(gpu):
    return ", ".join(show(value, unit) for value, unit in ((gpu.memory, "byte"), (gpu.bandwidth, "byte/second")) if value)


gpu: Catalogue[Gpu] = Catalogue(
    "GPU", "gpus.csv", _gpu, _cells, plain=names.card, also=names.with_size, tell=_told,
    own="any card can be given by its numbers, Gpu(name=…, memory=…, bandwidth=…, rates=…)",
)  # fmt: skip
