"""Accelerators: `gpu("B200")`, or a `Gpu` of one's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..language.errors import NapkinError
from ..language.numbers import show
from . import facts
from .entries import Catalogue, card, or_dash, split
from .fields import short

RATES = {4: "fp4", 8: "fp8", 16: "bf16", 32: "fp32"}


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """One accelerator, in base units. None stands for what is not published.

    Parameters: `memory` in bytes, as the driver reports them where that is known, else by the label; `bandwidth` between memory
    and chip, bytes a second; `rates`, dense FLOP/s by the bits of a number: 16 is bf16 (fp16 before there was bf16), 8 is fp8
    and never int8, 4 is fp4; `link_bandwidth` to other accelerators, one way, bytes a second; `power` in W; where it comes from.
    Raises: NapkinError for a number that is not finite or not above 0, or a name that is empty.

    >>> Gpu(name="My card", memory=96e9, bandwidth=2e12, rates={8: 1e15})
    My card: 96 GB, 2 TB/s, 1 PFLOP/s fp8
    """

    name: str
    memory: float | None
    bandwidth: float | None = None
    rates: Mapping[float, float] = field(default_factory=dict, hash=False)
    link_bandwidth: float | None = None
    power: float | None = None
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

    @property
    def max_num_seqs(self) -> int:
        """Conversations that vLLM takes into one step at most unless it is told otherwise: 1,024 from 70 GiB on, but for the A100."""
        large = self.memory is not None and self.memory >= 70 * 2**30 and "A100" not in self.name
        return 1024 if large else 256

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
        cells = _cells(self)
        return card(cells.pop("name"), {**cells, "confidence": self.confidence, "notes": self.notes})


def _called(bits):
    return RATES.get(bits, f"{bits:g}-bit")


def _cells(gpu):
    return {
        "name": gpu.name,
        "year": or_dash(gpu.year),
        "memory": or_dash(gpu.memory, "byte"),
        "bandwidth": or_dash(gpu.bandwidth, "byte/second"),
        **{_called(bits): or_dash(gpu.rates.get(bits), "FLOP/second") for bits in (16, 8, 4)},
        "link, one way": or_dash(gpu.link_bandwidth, "byte/second"),
        "power": or_dash(gpu.power, "watt"),
        "source": gpu.source,
    }


def _gpu(row):
    numbers = {name: float(row[name]) if row[name] else None for name in ("memory", "bandwidth", "link_bandwidth", "power")}
    text = {name: row[name] for name in ("name", "vendor", "form", "source", "date", "confidence", "notes")}
    rates = {bits: float(row[name]) for bits, name in RATES.items() if row.get(name)}
    return Gpu(**numbers, **text, rates=rates, year=int(row["year"]), aliases=split(row["aliases"]))


gpu: Catalogue[Gpu] = Catalogue("GPU", "gpus.csv", _gpu, _cells)
