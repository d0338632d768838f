"""A catalogue: entries by name, each with its source and date, read from a table at the first use."""

import csv
import functools
import html
import re
from collections.abc import Callable, Iterable, Iterator
from importlib import resources
from typing import Any, Generic, TypeVar

from ..language.errors import NapkinError
from ..language.numbers import show
from .names import nearest, plain

Entry = TypeVar("Entry")

MOST_ASKED = 4096  # names that are remembered, the rows' own among them


def _nothing(row):
    return ()


class Catalogue(Generic[Entry]):
    """Entries by name: call it, index it, loop over it, or complete its attributes (`gpu.B200_SXM`).

    Upper and lower case, spaces, dashes and underscores do not matter, nor what else `plain` leaves out. A name that is not
    there raises NapkinError with the nearest one; one that several entries share raises it with all of them.
    """

    def __init__(
        self,
        kind: str,
        file: str,
        make: Callable[[dict], Entry],
        cells: Callable[[Entry], dict[str, str]],
        *,
        plain: Callable[[str], str] = plain,
        also: Callable[[dict], Iterable[str]] = _nothing,
        stem: Callable[[str], str | None] | None = None,
        tell: Callable[[Entry], str] = repr,
        own: str = "",
    ):
        """The rows of `file` have a `name` and `aliases`; `make` makes an entry of one, `cells` its text by column.

        `plain` is what of a name is compared; `also` gives more names of a row; `stem` what a name is called that says a format
        too; `tell` says what an entry is, `own` how to give one that is not there.
        """
        self._kind, self._file, self._make, self._cells, self.name = kind, file, make, cells, kind.lower()
        self._plain, self._also, self._stem, self._tell, self._own = plain, also, stem, tell, own
        self._entries: dict[str, Entry] = {}

    @functools.cached_property
    def _rows(self) -> dict[str, dict]:
        """The rows by name, read at the first use."""
        return {row["name"]: row for row in table(self._file)}

    @functools.cached_property
    def _known(self) -> tuple[dict[str, list[str]], ...]:
        """The rows that a name may mean: as written in names and aliases, by what of them is compared, by what else they are called."""
        written, left, more = {}, {}, {}
        for name, row in self._rows.items():
            aliases = (name, *split(row["aliases"]))
            for known, read, called in ((written, plain, aliases), (left, self._plain, aliases), (more, self._plain, self._also(row))):
                for alias in dict.fromkeys(map(read, called)):
                    known.setdefault(alias, []).append(name)
        return written, left, more

    def _found(self, name):
        """The names of the rows that have this name or alias."""
        tried = zip(self._known, (plain(name), *[self._plain(name)] * 2), strict=True)
        return next((known[asked] for known, asked in tried if asked in known), [])

    def __call__(self, name: str) -> Entry:
        """The entry of this name or alias."""
        if isinstance(name, str) and name in self._entries:
            return self._entries[name]
        row = self._name_of(name)
        if row not in self._entries:
            self._entries[row] = self._make(self._rows[row])
        if len(self._entries) < MOST_ASKED:  # to read a name as drivers print it takes as long as an estimate
            self._entries[name] = self._entries[row]
        return self._entries[row]

    __getitem__ = __call__

    def _name_of(self, name):
        """The name of the row that has this name or alias."""
        found = self._found(name) if isinstance(name, str) else ()
        if len(found) == 1:
            return found[0]
        raise NapkinError(f"{name!r} may be {' or '.join(map(repr, found))}" if found else self._missing(name))

    def written(self, name: str) -> str | None:
        """The name of the only row with this name or alias, but for case, spaces, dashes and underscores: what a link may say.

        Names of repositories are no part of links: the page does not carry them.
        """
        named = ((row, one) for row in self._rows for one in (row, *split(self._rows[row]["aliases"])) if "/" not in one)
        found = {row for row, one in named if plain(one) == plain(name)}
        return found.pop() if len(found) == 1 else None

    def _missing(self, name):
        asked = str(name)
        if self._stem and (stem := self._stem(asked)) and len(found := self._found(stem)) == 1:
            return f"{name!r} is {found[0]} in another format: name {found[0]} and give weight_bits, or hand over its config.json"
        left = self._known[1]
        near = nearest(self._plain(asked), left)
        near = f"; the nearest is {left[near][0]!r} ({self._tell(self(left[near][0]))})" if near else ""
        return f"no {self._kind} called {name!r}{near}{self._own and '; '}{self._own}"

    def __getattr__(self, name: str) -> Entry:
        if name.startswith("_"):
            raise AttributeError(name)
        if known := next((known for known in self._rows if _identifier(known) == name), None):
            return self(known)
        raise AttributeError(self._missing(name))

    def __dir__(self):
        return [*super().__dir__(), *map(_identifier, self._rows)]

    def _ipython_key_completions_(self):
        return self.names

    @property
    def names(self) -> list[str]:
        """All names, in the order of the file."""
        return list(self._rows)

    def aliases_of(self, name: str) -> tuple[str, ...]:
        """The other names of an entry."""
        return split(self._rows[self._name_of(name)]["aliases"])

    @property
    def choices(self) -> list[str]:
        """The names to choose from beside the article's own."""
        return [name for name in self._rows if not name.startswith("Article ")]

    def __iter__(self) -> Iterator[Entry]:
        return map(self, self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, name: Any) -> bool:
        """Whether this is a name or an alias, or one of the entries."""
        return bool(self._found(name)) if isinstance(name, str) else any(entry == name for entry in self)

    def __repr__(self):
        return f"{len(self)} {self._kind}s: {', '.join(self.names)}"

    def _table(self):
        """The columns, then the cells of each entry."""
        return [list(self._cells(next(iter(self)))), *(list(self._cells(entry).values()) for entry in self)]

    def _repr_html_(self):
        """The table, with the source of each entry folded behind its name: it fits the width of a page."""
        head, *rows = self._table()
        body = ""
        for name, *cells, source in rows:
            named = f"<details><summary>{html.escape(name)}</summary> {html.escape(source)}</details>"
            body += f'<tr><th scope="row">{named}</th>\n{" ".join(f"<td>{html.escape(cell)}</td>" for cell in cells)}</tr>\n'
        titles = "".join(f'<th scope="col">{html.escape(title)}</th>' for title in head[:-1])
        return f'<div class="napkin-catalogue" tabindex="0"><table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>'

    def _repr_markdown_(self):
        head, *rows = self._table()
        return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in (head, ["---"] * len(head), *rows))


def table(file: str) -> Iterator[dict[str, str]]:
    """The rows of a table of the catalogue."""
    return csv.DictReader(resources.files(__package__).joinpath("data", file).read_text(encoding="utf-8").splitlines())


def _identifier(name):
    text = re.sub(r"\W+", "_", name).strip("_")
    return text if text.isidentifier() else f"_{text}"


def split(aliases):
    return tuple(alias.strip() for alias in aliases.split(";") if alias.strip())


def or_dash(value, unit=None):
    """A number as text, in its unit where it has one; a dash where it is not known."""
    return "—" if value is None else str(value) if unit is None else show(value, unit)


def card(title, rows):
    """An entry as a table in HTML: text by label, without what has no text."""
    cell = "<{0} style='text-align:left'>{1}</{0}>".format
    cells = "".join(f"<tr>{cell('th', label)}{cell('td', html.escape(text))}</tr>" for label, text in rows.items() if text)
    return f"<table><caption>{html.escape(title)}</caption>{cells}</table>"
