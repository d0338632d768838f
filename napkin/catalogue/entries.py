"""Known accelerators and models by name: `gpu("B200")`, `model("Qwen3-32B")`. Every entry has its source and date."""

import csv
import dataclasses
import difflib
import html
import json
import re
from dataclasses import dataclass, field
from importlib import resources

from ..language.numbers import show
from ..language.errors import NapkinError
from .models import Model

RATES = {4: "fp4", 8: "fp8", 16: "bf16", 32: "fp32"}
QUANTITIES = {"bandwidth": "memory bandwidth", "link_bandwidth": "link bandwidth", "power": "power", "memory": "memory"}


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """One accelerator, in base units. None stands for what is not published: `published` and `rate` raise there.

    `rates` maps the bits of a number to dense FLOP/s: 16 is bf16 (fp16 before there was bf16), 8 is fp8 and never int8,
    4 is fp4.
    """

    name: str
    memory: float  # bytes: as the driver reports them where that is known, else by the label
    bandwidth: float | None = None  # bytes/s between memory and chip
    rates: dict = field(default_factory=dict, hash=False)
    link_bandwidth: float | None = None  # bytes/s to other accelerators, one way
    power: float | None = None  # W
    aliases: tuple = ()
    vendor: str = ""
    year: int | None = None
    form: str = ""
    source: str = ""
    date: str = ""
    confidence: str = ""
    notes: str = ""

    def rate(self, bits):
        """Dense FLOP/s at this precision, or NapkinError where none is published."""
        if bits not in self.rates:
            raise NapkinError(f"no {RATES.get(bits, f'{bits}-bit')} rate is published for the {self.name}")
        return self.rates[bits]

    def published(self, quantity):
        """The field of this name, "bandwidth" or "link_bandwidth" or "power", or NapkinError where it is None."""
        value = getattr(self, quantity)
        if value is None:
            raise NapkinError(f"no {QUANTITIES.get(quantity, quantity)} is published for the {self.name}")
        return value

    def __repr__(self):
        speed = show(self.bandwidth, "byte/second") if self.bandwidth else "bandwidth not published"
        rates = ", ".join(
            f"{show(rate, 'FLOP/second')} {RATES[bits]}" for bits, rate in sorted(self.rates.items(), reverse=True)
        )
        return f"{self.name}: {show(self.memory, 'byte')}, {speed}, {rates or 'rates not published'}"

    def _repr_html_(self):
        rows = list(zip(GPU_COLUMNS[1:], _gpu_cells(self)[1:]))
        rows += [(label, text) for label, text in (("confidence", self.confidence), ("notes", self.notes)) if text]
        body = "".join(
            f"<tr><th style='text-align:left'>{label}</th><td style='text-align:left'>{html.escape(text)}</td></tr>"
            for label, text in rows
        )
        return f"<table><caption>{html.escape(self.name)}</caption>{body}</table>"


class Catalogue:
    """Entries by name: call it, index it, loop over it, or complete its attributes (`gpu.B200_SXM`).

    Upper and lower case, spaces, dashes and underscores do not matter. A name that is not there raises NapkinError with
    the nearest one; one that several entries share raises it with all of them.
    """

    def __init__(self, kind, rows, make, columns, cells):
        self._kind, self._load, self._make, self._columns, self._cells = kind, rows, make, columns, cells
        self.name = kind.lower()
        self._rows, self._entries, self._known = None, {}, {}

    def _read(self):
        """The rows by name, read at the first use."""
        if self._rows is None:
            rows = {row["name"]: row for row in self._load()}
            for name, row in rows.items():
                for alias in (name, *_split(row["aliases"])):
                    self._known.setdefault(_plain(alias), []).append(name)
            self._rows = rows
        return self._rows

    def __call__(self, name):
        """The entry of this name or alias."""
        if isinstance(name, str):
            if name in self._entries:
                return self._entries[name]
            self._read()
            found = list(dict.fromkeys(self._known.get(_plain(name), ())))
            if len(found) > 1:
                raise NapkinError(f"{name!r} may be {' or '.join(map(repr, found))}")
            if found:
                return self._entry(found[0])
        raise NapkinError(f"no {self._kind} called {name!r}{self._nearest(name)}")

    def _entry(self, name):
        if name not in self._entries:
            self._entries[name] = self._make(self._rows[name])
        return self._entries[name]

    def _nearest(self, name):
        near = difflib.get_close_matches(_plain(str(name)), self._known, n=1, cutoff=0.6)
        return f"; did you mean {self._known[near[0]][0]!r}?" if near else ""

    def __getitem__(self, name):
        return self(name)

    def __getattr__(self, name):
        if not name.startswith("_"):
            for known in self._read():
                if _identifier(known) == name:
                    return self._entry(known)
            raise AttributeError(f"no {self._kind} called {name!r}{self._nearest(name)}")
        raise AttributeError(name)

    def __dir__(self):
        return [*super().__dir__(), *map(_identifier, self._read())]

    def _ipython_key_completions_(self):
        return self.names

    @property
    def names(self):
        """All names, in the order of the file."""
        return list(self._read())

    def aliases_of(self, name):
        """The other names of an entry."""
        return _split(self._read()[name]["aliases"])

    @property
    def choices(self):
        """The names to choose from beside the article's own."""
        return [name for name in self._read() if not name.startswith("Article ")]

    def __iter__(self):
        return (self._entry(name) for name in self._read())

    def __len__(self):
        return len(self._read())

    def __contains__(self, name):
        """Whether this is a name or an alias, or one of the entries."""
        if not isinstance(name, str):
            return any(entry == name for entry in self)
        self._read()
        return _plain(name) in self._known

    def __repr__(self):
        return f"{len(self)} {self._kind}s: {', '.join(self.names)}"

    def _table(self):
        return [self._cells(entry) for entry in self]

    def _repr_html_(self):
        head = "".join(f"<th>{column}</th>" for column in self._columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in self._table()
        )
        # A window of its own, so that neither the page nor the notebook grows as wide and as long as the table.
        return (
            "<style>.napkin-catalogue { max-height: 28rem; overflow: auto; } .napkin-catalogue table { max-width: none; "
            "white-space: nowrap; } .napkin-catalogue :is(th, td) { text-align: left; }</style>"
            f'<div class="napkin-catalogue" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        )

    def _repr_markdown_(self):
        rows = [self._columns, ["---"] * len(self._columns), *self._table()]
        return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)


def _plain(name):
    """What is compared: case, spaces, dashes and underscores do not matter."""
    return re.sub(r"[\s_-]+", "", name.casefold())


def _identifier(name):
    text = re.sub(r"\W+", "_", name).strip("_")
    return text if text.isidentifier() else f"_{text}"


def _split(aliases):
    return tuple(alias.strip() for alias in aliases.split(";") if alias.strip())


def _table_of(file):
    with (resources.files(__package__) / "data" / file).open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def _or_dash(value, unit):
    return "—" if value is None else show(value, unit)


# Accelerators

GPU_COLUMNS = ["name", "year", "memory", "bandwidth", "bf16", "fp8", "fp4", "link, one way", "power", "source"]


def _gpu_cells(gpu):
    rates = [_or_dash(gpu.rates.get(bits), "FLOP/second") for bits in (16, 8, 4)]
    return [
        gpu.name,
        str(gpu.year),
        show(gpu.memory, "byte"),
        _or_dash(gpu.bandwidth, "byte/second"),
        *rates,
        _or_dash(gpu.link_bandwidth, "byte/second"),
        _or_dash(gpu.power, "watt"),
        gpu.source,
    ]


def _gpu_of(row):
    number = {
        name: float(row[name]) if row[name] else None for name in ("memory", "bandwidth", "link_bandwidth", "power")
    }
    text = {name: row[name] for name in ("name", "vendor", "form", "source", "date", "confidence", "notes")}
    rates = {bits: float(row[name]) for bits, name in RATES.items() if row.get(name)}
    return Gpu(**number, **text, rates=rates, year=int(row["year"]), aliases=_split(row["aliases"]))


# Models

MODEL_COLUMNS = [
    "name",
    "year",
    "parameters",
    "active",
    "layers",
    "attention",
    "cache a token, 8 bits",
    "longest context",
    "source",
]
ARTICLE = (
    '"Inference cost at scale with napkin math", '
    "https://injuly.in/blog/napkin-inference-cost/index.html, published 2026-06-16"
)


def _model_cells(model):
    return [
        model.name,
        "—" if model.year is None else str(model.year),
        show(model.parameters, "1"),
        show(model.active_parameters, "1"),
        str(model.n_layers),
        model.attention,
        show(model.kv_bytes_per_token(8), "byte/token"),
        _or_dash(model.max_context, "token"),
        model.source,
    ]


def _article_model(row):
    """The shape that the article reckons with. Its 32 billion weights are a round number, not the sum of its parts."""
    layers, heads, kv_heads, width = 64, 64, 8, 128
    pair = 4 * layers * heads * width  # a multiplication and an addition for scores, and for values
    return Model(
        name=row["name"],
        parameters=32_000_000_000,
        active_parameters=32_000_000_000,
        n_layers=layers,
        d_model=8192,
        n_heads=heads,
        n_kv_heads=kv_heads,
        head_dim=width,
        full_kv_elements=2 * layers * kv_heads * width,
        full_pair_flops=pair,
        prefill_full_pair_flops=pair,
        kv_shards=kv_heads,
        attention="grouped-query",
        year=2026,
        source=ARTICLE,
        date="2026-11-22",
        confidence="the article's own",
        notes="the model as the article has it: 32 billion weights are its own round number",
    )


def _model_of(row):
    if row["config"] is None:
        return _article_model(row)
    read = Model.from_config(json.loads(row["config"]), name=row["name"])
    text = {name: row[name] for name in ("hf_id", "source", "date", "confidence")}
    return dataclasses.replace(
        read, **text, year=int(row["year"]), notes="; ".join(note for note in (row["notes"], read.notes) if note)
    )


def _model_rows():
    return [*_table_of("models.csv"), {"name": "Article 32B", "aliases": "article", "config": None}]


gpu = Catalogue("GPU", lambda: _table_of("gpus.csv"), _gpu_of, GPU_COLUMNS, _gpu_cells)
model = Catalogue("model", _model_rows, _model_of, MODEL_COLUMNS, _model_cells)
