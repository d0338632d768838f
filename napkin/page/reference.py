"""The tables of the reference pages: every input, every result, and the letters that stand for more than one of them."""

import re
import unicodedata

from ..chapters import CHAPTERS
from ..language.graph import BOOK, FORMULAS, named
from ..language.inputs import INPUTS
from ..language.numbers import show
from ..language.units import in_words


def first_uses():
    """The chapter, by its module's name, in which each input is first used by a formula or a refinement."""
    refinements = [one for some in BOOK.refinements.values() for one in some]
    chapters = {}
    for chapter in CHAPTERS:
        here = f"napkin.{chapter}"
        used = {name for one in (*FORMULAS.values(), *refinements) if one.module == here for name in one.term.names()}
        for one in refinements:  # mistakes.py is no chapter: its refinements belong to those of the formulas
            if here in (one.module, FORMULAS[one.refined].module if one.module == "napkin.mistakes" else ""):
                used.update(one.switches)
        chapters.update({name: chapter for name in INPUTS if name in used and name not in chapters})
    return chapters


def link_to(chapter):
    """A chapter as a Markdown link, with its number: "chapter 3, [The KV cache](03_kv_cache.ipynb)"."""
    number = list(CHAPTERS).index(chapter) + 1
    return f"chapter {number}, [{CHAPTERS[chapter].title}]({CHAPTERS[chapter].notebook}.ipynb)"


def default_text(known):
    """What an input is when nothing is given, in Markdown."""
    if known.computed:
        return f"as {_jump(known.default)}"
    text = known.choices[known.default] if known.choices else show(known.default, known.unit, known.digits)
    if known.choices and not known.flag:
        text = f"{show(known.default, known.unit)} ({text})"
    text = text.replace("$", r"\$")
    return f"{text}, follows {_jump(known.follows)}" if known.follows else text


def plain_letter(letter):
    """A letter without LaTeX, where nothing sets mathematics: `H_{\\mathrm{kv}}` is "H_kv"."""
    text = re.sub(r"\\mathrm|[{}]", "", letter).replace(r"\ell", "ℓ")
    return re.sub(r"\\([a-z]+)", lambda greek: unicodedata.lookup(f"GREEK SMALL LETTER {greek[1].replace('lambda', 'lamda')}"), text)


class Tables:
    """Tables under headings: [(heading, rows)]; they read as Markdown, and as plain text where nothing renders.

    A cell is Markdown; `$…$` in it is mathematics.
    """

    def __init__(self, columns, groups):
        self.columns, self.groups = columns, groups

    def _repr_markdown_(self):
        lines = []
        for heading, rows in self.groups:
            lines += [f"**{heading}**", ""] if heading else []
            lines += [f"| {' | '.join(row)} |" for row in (self.columns, ["---"] * len(self.columns), *rows)] + [""]
        return "\n".join(lines)

    def __repr__(self):
        lines = (row for heading, rows in self.groups for row in ([[heading]] if heading else []) + rows)
        return "\n".join(" | ".join(map(_unmarked, row)) for row in lines)


class Notation:
    """Every letter of the book: all `names`, each leading to its row, tables of the `inputs`, of the `results`, and of the letters
    that are `repeated`.

    The book sets them with `markdown_format` "myst" in the cell's metadata: its usual format knows no mathematics.
    """

    def __init__(self):
        first = first_uses()
        own = {name: one.module.rpartition(".")[2] for name, one in FORMULAS.items()}
        inputs = _by_chapter("First used in {}", INPUTS.values(), lambda one: first.get(one.name))
        results = _by_chapter("From {}", FORMULAS.values(), lambda one: own[one.name])
        jumps = [
            [str(i), *(", ".join(_jump(name) for name in of if of[name] == chapter) for of in (first, own))]
            for i, chapter in enumerate(CHAPTERS, 1)
        ]
        letters = {}
        for name in (*INPUTS, *FORMULAS):
            letters.setdefault(named(name).letter, []).append(name)
        repeated = [[f"${letter}$", ", ".join(map(_jump, names))] for letter, names in letters.items() if len(names) > 1]
        self.names = Tables(["chapter", "inputs", "results"], [("", jumps)])
        self.inputs = Tables(["letter", "name, and what it is", "unit, and default"], inputs)
        self.results = Tables(["letter", "name, what it says, and source", "unit"], results)
        self.repeated = Tables(["letter", "stands for"], [("", repeated)])

    def _repr_markdown_(self):
        return "\n".join(one._repr_markdown_() for one in (self.names, self.inputs, self.results, self.repeated))

    def __repr__(self):
        return "\n".join(map(repr, (self.names, self.inputs, self.results, self.repeated)))


def _by_chapter(heading, all_of_them, chapter_of):
    """Rows in groups, a chapter each; what belongs to none, such as a formula of the reader's own, comes last."""
    groups = {chapter: [] for chapter in (*CHAPTERS, None)}
    for one in all_of_them:
        chapter = chapter_of(one)
        groups[chapter if chapter in CHAPTERS else None].append(_row(one))
    return [(heading.format(link_to(one)) if one else "Elsewhere", rows) for one, rows in groups.items() if rows]


def _row(known):
    """Three columns and lines within them: five would leave each a few words wide. The letter is where a `_jump` arrives."""
    called, told = [f"`{known.name}`", _plain(known.says)], [in_words(known.unit)]
    if known.name in INPUTS:
        told = ["0 or 1" if known.flag else told[0], default_text(known)]
    elif known.source:
        called.append(f"*{_plain(known.source)}*")
    return [f'<a id="notation-{known.name}"></a>${known.letter}$', "<br>".join(called), "<br>".join(told)]


def _jump(name):
    """A name that leads to its row. Raw HTML: the row's anchor is none that Markdown knows of."""
    return f'<a href="#notation-{name}"><code>{name}</code></a>'


def _plain(text):
    """Text as Markdown that shows it as it is."""
    return re.sub(r"([|*<$\\])", r"\\\1", text)


def _unmarked(cell):
    """A cell as plain text."""
    cell = re.sub(r"(?<!\*)\*([^*]+)\*(?!\*)", r"\1", cell.replace("<br>", " | "))
    cell = re.sub(r"<[^>]*>|`|\*\*", "", cell)
    cell = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", cell)
    cell = re.sub(r"(?<!\\)\$(.*?)\$", lambda found: plain_letter(found[1]), cell)
    return re.sub(r"\\([|*<$\\])", r"\1", cell)
