"""A catalogue: entries by name, each with its source and date, read from a table at the first use."""

import csv
import difflib
import html
import re
from collections.abc import Callable, Iterable, Iterator
from importlib import resources
from typing import Any, Generic, TypeVar

from ..language.errors import NapkinError
from ..language.numbers import show

Entry = TypeVar("Entry")


class Catalogue(Generic[Entry]):
    """Entries by name: call it, index it, loop over it, or complete its attributes (`gpu.B200_SXM`).

    Upper and lower case, spaces, dashes and underscores do not matter. A name that is not there raises NapkinError with
    the nearest one; one that several entries share raises it with all of them.
    """

    def __init__(
        self,
        kind: str,
        rows: Callable[[], Iterable[dict]],
        make: Callable[[dict], Entry],
        columns: Iterable[str],
        cells: Callable[[Entry], list[str]],
    ):
        """`rows` are dicts with a `name` and `aliases`; `make` makes an entry of one, `cells` the text of its columns."""
        self._kind, self._load, self._make, self._columns, self._cells = kind, rows, make, columns, cells
        self.name = kind.lower()
        self._rows: dict[str, dict] | None = None  # by name; read at the first use
        self._entries: dict[str, Entry] = {}
        self._known: dict[str, list[str]] = {}  # names by what is compared

    def _read(self):
        """The rows by name, read at the first use."""
        if self._rows is None:
            rows = {row["name"]: row for row in self._load()}
            for name, row in rows.items():
                for alias in (name, *split(row["aliases"])):
                    self._known.setdefault(_plain(alias), []).append(name)
            self._rows = rows
        return self._rows

    def __call__(self, name: str) -> Entry:
        """The entry of this name or alias."""
        return self._entry(name if isinstance(name, str) and name in self._entries else self._name_of(name))

    def _name_of(self, name):
        """The name of the row that has this name or alias."""
        self._read()
        found = list(dict.fromkeys(self._known.get(_plain(name), ()))) if isinstance(name, str) else []
        if len(found) > 1:
            raise NapkinError(f"{name!r} may be {' or '.join(map(repr, found))}")
        if not found:
            raise NapkinError(f"no {self._kind} called {name!r}{self._nearest(name)}")
        return found[0]

    def _entry(self, name):
        if name not in self._entries:
            self._entries[name] = self._make(self._rows[name])
        return self._entries[name]

    def _nearest(self, name):
        near = difflib.get_close_matches(_plain(str(name)), self._known, n=1, cutoff=0.6)
        return f"; did you mean {self._known[near[0]][0]!r}?" if near else ""

    def __getitem__(self, name: str) -> Entry:
        return self(name)

    def __getattr__(self, name: str) -> Entry:
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
    def names(self) -> list[str]:
        """All names, in the order of the file."""
        return list(self._read())

    def aliases_of(self, name: str) -> tuple[str, ...]:
        """The other names of an entry."""
        return split(self._read()[self._name_of(name)]["aliases"])

    @property
    def choices(self) -> list[str]:
        """The names to choose from beside the article's own."""
        return [name for name in self._read() if not name.startswith("Article ")]

    def __iter__(self) -> Iterator[Entry]:
        return (self._entry(name) for name in self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __contains__(self, name: Any) -> bool:
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
        body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in self._table())
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


def split(aliases):
    return tuple(alias.strip() for alias in aliases.split(";") if alias.strip())


def table_of(file):
    with (resources.files(__package__) / "data" / file).open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def or_dash(value, unit=None):
    """A number as text, in its unit where it has one; a dash where it is not known."""
    return "—" if value is None else str(value) if unit is None else show(value, unit)


def card(title, rows):
    """An entry as a table in HTML: (label, text), without what has no text."""
    cells = "".join(
        f"<tr><th style='text-align:left'>{label}</th><td style='text-align:left'>{html.escape(text)}</td></tr>"
        for label, text in rows
        if text
    )
    return f"<table><caption>{html.escape(title)}</caption>{cells}</table>"
