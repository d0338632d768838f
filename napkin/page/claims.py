"""What the article claims, what we compute, and the verdict: the rows of data/claims.csv as tables."""

import csv
import functools
import html
import json
from collections import Counter
from importlib import resources
from typing import NamedTuple

from ..chapters import CHAPTERS
from ..language.errors import NapkinError, nearest
from ..language.graph import BOOK, FORMULAS
from ..language.inputs import INPUTS
from ..language.sentences import Field, fields_of, names_of, span, told
from ..language.terms import Term
from ..mistakes import SHOWN
from .reference import _plain, link_to

VERDICTS = ("holds", "rounding", "error", "modelling gap", "unsourced")
#: How many of each, in a sentence: one, and several.
COUNTED = {"holds": ("holds", "hold"), "error": ("is an error", "are errors"), "rounding": ("is a rounding", "are roundings")}
COUNTED |= {"modelling gap": ("is a gap in the model", "are gaps in the model"), "unsourced": ("has no source", "have no source")}
FOLLOWS = '<p class="napkin-moved-only" hidden><em>We compute</em> follows your scenario; the verdicts are about the article’s numbers.</p>'

FOLDED = '<details class="napkin-claims"><summary>What the article says here, and what we compute</summary>'


class Claim(NamedTuple):
    """One claim: `id` (none for a row of the reader's own), the `chapters` that deal with it, the article's words
    (`quote`) and ours (`says`), the article's value, and templates of language/sentences.py for what is `computed` and `why`."""

    id: str
    chapters: tuple
    quote: str
    says: str
    article: str
    computed: str
    verdict: str
    why: str


@functools.cache
def claims():
    """All claims of the article by id, in its order."""
    text = resources.files(__package__).joinpath("data/claims.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["id"]: Claim(chapters=tuple(map(int, row.pop("chapter").split())), **row) for row in rows}


class Claims:
    """A table of claims: `Claims("C23", "C24")`, those of a chapter `Claims(chapter=4)`, or the ledger of all, `Claims()`.

    A row of one's own is (what the article says, what we compute, the verdict, why). In the built book the numbers
    follow the reader's scenario, and a chapter's table offers the mistakes that can be switched on. A chapter's table is `folded`,
    and leads to the ledger.
    """

    def __init__(self, *rows, chapter=None, folded=None):
        self.chapter, self.ledger = chapter, not rows and chapter is None
        if chapter is not None and chapter not in range(1, len(CHAPTERS) + 1):
            raise NapkinError(f"chapter must be a whole number from 1 to {len(CHAPTERS)}, got {chapter!r}")
        self.folded = chapter is not None if folded is None else folded
        self.rows = [_row(one) for one in rows]
        if not rows:
            self.rows = [one for one in claims().values() if chapter is None or chapter in one.chapters]

    @property
    def counts(self):
        """How many rows have each verdict."""
        found = Counter(one.verdict for one in self.rows)
        return {verdict: found[verdict] for verdict in VERDICTS}

    @property
    def summary(self):
        """The counts in a sentence, the most frequent verdict first."""
        told = [f"{count} {COUNTED[verdict][count != 1]}" for verdict, count in Counter(self.counts).most_common() if count]
        return f"{len(self.rows)} claims: " + ", ".join(told) + "."

    def under(self, chapter):
        """The ledger's part under one chapter: the claims that it is the first to deal with."""
        part = Claims(chapter=chapter)
        part.ledger, part.rows = True, dict(part._by_chapter()).get(chapter, [])
        return part

    def _by_chapter(self):
        """The rows under the first chapter that deals with each."""
        groups = {}
        for one in self.rows:
            groups.setdefault(one.chapters[0] if one.chapters else 0, []).append(one)
        return sorted(groups.items())

    def __repr__(self):
        whole = self.ledger and not self.chapter
        lines = [self.summary] if whole else []
        for number, rows in self._by_chapter() if self.ledger else [(0, self.rows)]:
            lines += ["", f"Chapter {number}: {list(CHAPTERS.values())[number - 1].title}"] if whole else []
            for one in rows:
                said = [one.id, one.says, one.article] if self.ledger else [one.quote]
                lines.append(" | ".join([*said, _text(one.computed), one.verdict, _text(one.why)]))
        return "\n".join(lines)

    def _repr_markdown_(self):
        if not self.ledger:
            parts = [FOLLOWS, _table(self.rows, False), self._mistakes()]
            if self.folded:
                ledger = f"[The ledger](ledger.ipynb) has all {len(claims())} statements of the article that this book grew from."
                parts = [FOLDED, *parts, ledger, "</details>"]
            return "\n\n".join(filter(None, parts))
        parts = [] if self.chapter else [self.summary, FOLLOWS]
        for number, rows in self._by_chapter():
            where = link_to(list(CHAPTERS)[number - 1])
            parts += ([] if self.chapter else [f"**{where[0].upper()}{where[1:]}**"]) + [_table(rows, True)]
        return "\n\n".join(parts)

    def _mistakes(self):
        """What the article's mistakes come to in this chapter, beside the corrected numbers; the page's script adds the switch."""
        if not (shown := SHOWN.get(self.chapter)):
            return ""
        lines = []
        for name, at, words in shown:
            one = FORMULAS[name]
            wrong, right = (span(Field(Term("pinned", (name, {**at, "as_the_article": on})), one.unit, one.digits), {}) for on in (1, 0))
            label = html.escape(f"{one.label}, {words}" if words else one.label)
            lines.append(f"<li>{label}: as the article has it {wrong} · corrected: {right}</li>")
        results = html.escape(json.dumps([name for name, _, _ in shown]), quote=True)
        box = f'<div class="napkin-mistakes" data-results="{results}"><ul>{"".join(lines)}</ul></div>'
        return box.replace("$", "&#36;")  # raw HTML knows no escape for a dollar, and JupyterLab would take two for mathematics


def _row(given):
    """A claim by its id, or a row of one's own."""
    if isinstance(given, str):
        if given not in claims():
            raise NapkinError(f"there is no claim {given!r}" + nearest(given, claims()))
        return claims()[given]
    quote, computed, verdict, why = given
    if verdict not in VERDICTS:
        raise NapkinError(f"a verdict is one of {', '.join(VERDICTS)}, got {verdict!r} for “{quote}”")
    return Claim("", (), quote, quote, "", computed, verdict, why)


def _table(rows, ledger):
    """Rows as a table in Markdown. In the ledger verdict and reason share a column: five would leave each a few words wide."""
    lines = ["| claim | the article | we compute | verdict, and why |" if ledger else "| the article says | we compute | verdict | why |"]
    lines.append("|---|---|---|---|")
    for one in rows:
        anchor, quote, computed, why = one.id.lower(), _plain(one.quote), _live(one.computed), _live(one.why)
        if ledger:
            claim = f'<a id="{anchor}"></a>**{one.id}** {_plain(one.says)}'
            lines.append(f"| {claim} | {_plain(one.article)} | {computed} | {_verdict(one)}<br>{why} |")
        else:  # raw HTML leads to a row of the ledger, as its anchor is none that Markdown knows of
            said = f'<a href="ledger.html#{anchor}">{quote}</a>' if one.id else quote
            lines.append(f"| {said} | {computed} | {_verdict(one)} | {why} |")
    return "\n".join(lines)


def _verdict(claim):
    """The verdict in its colour; raw HTML, whose words Markdown has bold."""
    kind = claim.verdict.replace(" ", "-")
    return f'<span class="napkin-verdict napkin-is-{kind}">**{claim.verdict}**</span>'


def _parts(template):
    """A template as strings and Fields, the Fields as they are without the article's mistakes."""
    for part in fields_of(template):
        yield part if isinstance(part, str) else Field(_corrected(part.term), part.unit, part.digits, part.style)


def _text(template):
    """A template as plain text, in the article's case."""
    return told(_parts(template), {})


def _live(template):
    """A template as Markdown whose numbers follow the scenario, where they depend on it."""
    return "".join(
        _plain(part) if isinstance(part, str) else (span(part, {}) if names_of(part.term) else part.text({})).replace("$", r"\$")
        for part in _parts(template)
    )


def _corrected(term):
    """An expression whose names are computed as this book does, whatever the page shows."""

    def leaf(op, value):
        name, pins = value if op == "pinned" else (value, {})
        mistaken = op in ("name", "pinned") and _mistaken(name)
        return Term("pinned", (name, {**pins, "as_the_article": 0})) if mistaken else Term(op, value)

    return term.fold(leaf, lambda op, args: Term(op, *args))


def _mistaken(name):
    """Whether the article's mistakes change a result."""
    flags = {one for one in BOOK.switches if INPUTS[one].flag}
    return "as_the_article" in BOOK.view(BOOK.switches - flags, flags).inputs(name)
