"""Sentences whose numbers are computed: "A step takes {step_seconds}.", for one scenario now, and in the page for every other.

A field in braces is an expression of inputs and results: `{users}`, `{memory / bandwidth:second}`,
`{users(context=4000)}`. What stands in brackets after a name is pinned: it holds whatever the scenario. Behind a colon
stand the unit and, after a comma, the significant digits; a single name has its own. An expression is a Term, and its
unit is checked as a formula's is.
"""

import ast
import functools
import html
import itertools
import json
import math
import re
from collections.abc import Collection, Iterable

from .errors import NapkinError
from .graph import BOOK, FORMULAS, named
from .inputs import INPUTS
from .numbers import show, show_exactly
from .operations import OPERATIONS, unit_of
from .printers import to_text
from .terms import Term
from .units import UNITS, dimension, spelled, unit_named

SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^"}
CHOICES = {"largest": "max", "smallest": "min"}
FIELD = re.compile(r"\{([^{}]+)\}")


class Field:
    """One computed number in a sentence.

    `term` is the expression. `style` says how the number reads: "show" as on a page, "exact" as the result of
    arithmetic, "bare" as a part of it, "bytes" as bits that are counted in bytes there.
    """

    __slots__ = ("digits", "style", "term", "unit")

    def __init__(self, term, unit, digits, style="show"):
        self.term, self.unit, self.digits, self.style = term, unit, digits, style

    def text(self, given, graph=BOOK):
        """The number as people read it, or why there is none."""
        value, why = answer(self.term, given, graph)
        return why or written(value, self.unit, self.digits, self.style)

    def as_json(self):
        """What the page's script needs to write it anew."""
        return [as_json(self.term), self.unit, self.digits, self.style]


def written(value, unit, digits, style):
    """A number in one of the styles of `Field`."""
    if style == "bytes":
        return show_exactly(value / 8, "byte")
    if style == "show":
        return show(value, unit, digits)
    text = show_exactly(value, unit)
    if style == "exact":
        return text
    known = UNITS[unit]
    return text.rpartition(" ")[0] if known.alone else text.removesuffix(known.per)


def answer(term, given, graph=BOOK):
    """(The value of an expression for these inputs, ""), or (NaN, the reason of the first name in it that has none)."""

    def leaf(op, value):
        if op in ("number", "unit"):
            return (1 if op == "unit" else value), ""
        name, inputs = (value[0], {**given, **value[1]}) if op == "pinned" else (value, given)
        found = graph.evaluate((name,), inputs)[name]
        return found, "" if found == found else graph.reason(name, inputs)

    def apply(op, args):
        why = next((why for _, why in args if why), "")
        try:
            found = math.nan if why else float(OPERATIONS[op].number(*(float(value) for value, _ in args)))
        except (ArithmeticError, ValueError, TypeError):  # a root of less than nothing is complex
            found = math.nan
        return (found, "") if math.isfinite(found) else (math.nan, why or "no number")

    return term.fold(leaf, apply)


def worth(term, given):
    """The value of an expression for these inputs, NaN where there is none."""
    return answer(term, given)[0]


def as_json(term):
    """An expression for the page's script: a number, a name, [operation, arguments …], or ["at", name, {pinned inputs}]."""
    return term.fold_written(
        lambda op, value: ["at", *value] if op == "pinned" else value,
        lambda op, args: ["/", *args, 8] if op == "bytes" else ["**" if op == "^" else op, *args],
    )


@functools.lru_cache(maxsize=4096)
def fields_of(template):
    """A sentence as a tuple of strings and Fields. Raises NapkinError where a field cannot be read."""
    if not isinstance(template, str):
        raise NapkinError(f"a sentence is a text with {{fields}}, got {template!r}")
    parts = FIELD.split(template)
    if any("{" in part or "}" in part for part in parts[::2]):
        raise NapkinError(f"a field stands between {{ and }}, and nothing else does: {template!r}")
    return tuple(_field(part) if i % 2 else part for i, part in enumerate(parts) if part)


def _field(text):
    expression, _, style = text.partition(":")
    term = term_of(expression)
    name = term.args[0] if term.op == "name" else term.args[0][0] if term.op == "pinned" else None
    unit, _, digits = (part.strip() for part in style.partition(","))
    unit = unit or (named(name).unit if name else "1")
    unit_named(unit, f"{{{text}}}")
    found = unit_of(term, lambda one: named(one).unit)
    # plain numbers are in whatever unit is said, and ":1" says the number of a quantity alone
    if names_of(term) and found != dimension(unit) and not (name and unit == "1"):
        comes = f"{{{text}}} comes to {spelled(found)}, which cannot be said in {unit}"
        raise NapkinError(f"{comes}: a number in it may carry a unit, as in 190e9 * byte")
    if digits and not (digits.isdigit() and 0 < int(digits) <= 17):
        raise NapkinError(f"the significant digits of {{{text}}} must be a whole number from 1 to 17, got {digits!r}")
    return Field(term, unit, int(digits) if digits else named(name).digits if name else 3)


@functools.lru_cache(maxsize=4096)
def term_of(expression):
    """An expression as a Term; a number is one. Raises NapkinError where it cannot be read."""
    if not isinstance(expression, str):
        return Term.of(expression)
    try:
        return _term(ast.parse(expression.strip(), mode="eval").body)
    except (SyntaxError, RecursionError, MemoryError):
        raise NapkinError(f"a field is an expression of inputs and results, got {expression[:80]!r}") from None


def names_of(term):
    """The names in an expression that follow the scenario, in order, pinned or not."""
    found = {}

    def leaf(op, value):
        if op in ("name", "pinned"):
            found[value if op == "name" else value[0]] = op

    term.fold(leaf, lambda *_: None)
    return tuple(found)


def _term(tree):
    if isinstance(tree, ast.Constant) and type(tree.value) in (int, float) and abs(tree.value) < 1e300:
        return Term.of(tree.value)
    if isinstance(tree, ast.Name):
        if tree.id not in INPUTS and tree.id not in FORMULAS and tree.id in ATOMS:
            return Term("unit", tree.id)
        named(tree.id)
        return Term("name", tree.id)
    if isinstance(tree, ast.BinOp) and type(tree.op) in SIGNS:
        return Term(SIGNS[type(tree.op)], _term(tree.left), _term(tree.right))
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        return -_term(tree.operand)
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
        if tree.func.id == "in_bytes" and len(tree.args) == 1 and not tree.keywords:
            return Term("bytes", _term(tree.args[0]))
        if tree.func.id in CHOICES and len(tree.args) == 2 and not tree.keywords:
            return Term(CHOICES[tree.func.id], *map(_term, tree.args))
        if not tree.args:
            return Term("pinned", (named(tree.func.id).name, {one.arg: _pinned(one.arg, one.value) for one in tree.keywords}))
    raise NapkinError(f"a field is made of names, numbers, + − × /, and name(input=number), got {ast.unparse(tree)!r}")


def _pinned(name, text):
    """A number in brackets behind a name, checked as that input's."""
    try:
        value = ast.literal_eval(text)
    except ValueError:
        value = None
    if type(value) not in (int, float):
        raise NapkinError(f"{name} must be a number here, got {ast.unparse(text)!r}")
    return named(name).value_of(value)


#: The units that stand in an expression by their names: what follows "per" in the table of units.
ATOMS = {basic for name in UNITS for basic in dimension(name)}


def told(parts, given, graph=BOOK):
    """Strings and Fields for these inputs, as plain text."""
    return "".join(part if isinstance(part, str) else part.text(given, graph) for part in parts)


def parts_as_json(parts):
    """Strings and Fields as the page's script needs them."""
    return [part if isinstance(part, str) else part.as_json() for part in parts]


def fill(template, given):
    """The sentence for these inputs, as plain text."""
    return told(fields_of(template), given)


def span(field, given, tag="span", text=""):
    """One number, or the text that stands for it, as an element that the page's script keeps up to date.

    Its data-tell holds [expression, unit, digits, style, given].
    """
    told = html.escape(json.dumps([*field.as_json(), given], separators=(",", ":")), quote=True)
    return f'<{tag} class="napkin-live" data-tell="{told}">{html.escape(text or field.text(given))}</{tag}>'


class say(str):  # a verb
    """A sentence in Markdown whose {fields} are computed: `say("A step takes **{step_seconds}**.", context=20_000)`.

    Fields are those of this module. What is given by name is where the sentence starts from; in the built book its numbers
    then follow the reader's scenario. The string itself is the finished sentence.
    """

    _markdown: str

    def __new__(cls, template: str, **at):
        made = super().__new__(cls, fill(template, at))
        made._markdown = "".join(part if isinstance(part, str) else span(part, at) for part in fields_of(template))
        return made

    def __repr__(self):
        return str(self)

    def _repr_markdown_(self):
        return self._markdown.replace("$", r"\$")  # dollars are money here, not mathematics


def table(columns: Collection, rows: Iterable[Iterable], **at) -> say:
    """A table in Markdown whose cells are sentences, as `say` tells them: numbers, texts, {fields}.

    >>> table(["batch", "a step"], [[n, f"{{step_seconds(batch={n})}}"] for n in (1, 8)], context=20_000)
    | batch | a step |
    |---|---|
    | 1 | 4.328 ms |
    | 8 | 6.621 ms |
    """
    head, *lines = ("|" + "|".join(f" {cell} " if cell != "" else " " for cell in row) + "|" for row in (columns, *rows))
    return say("\n".join([head, "|---" * len(columns) + "|", *lines]), **at)


#: Stands under an answer whose numbers stay while the reader's scenario has gone on.
STAYS = '<p class="napkin-moved-only" hidden>That is where the book starts; your scenario is another.</p>'


def play(asked: Iterable[tuple[str, str]], **at) -> say:
    """Questions in Markdown, each with an answer that can be opened. Both are sentences, as `say` tells them, for what is given
    by name; their numbers stay as they are wherever the reader goes from there.

    >>> print(play([("Who gains?", "The {sequences_that_fit} that fit.")], context=20_000))
    - Who gains?
    <BLANKLINE>
      <details><summary>Answer</summary>
    <BLANKLINE>
      The 61 conversations that fit.
    <BLANKLINE>
      <p class="napkin-moved-only" hidden>That is where the book starts; your scenario is another.</p>
    <BLANKLINE>
      </details>
    """
    opened = "- {}\n\n  <details><summary>Answer</summary>\n\n  {}\n\n" + f"  {STAYS}\n\n  </details>"
    return say("\n\n".join(opened.format(*(fill(part, at) for part in one)) for one in asked))


def arithmetic_of(name, given, graph=BOOK):
    """The numbers put into a formula, as a tuple of strings and Fields: "2 × 64 × 8 … = 131,072 B per token"."""
    fields = []

    def field(one, as_bytes):
        fields.append(Field(Term("name", one), graph.named(one).unit, 5, "bytes" if as_bytes else "bare"))
        return f"\0{len(fields) - 1}\0"

    text = to_text(graph.under(given).term(name), field) + " = " + field(name, False)
    fields[-1].style = "exact"
    return tuple(fields[int(part)] if i % 2 else part for i, part in enumerate(text.split("\0")) if part)


def arithmetics_of(name, given):
    """The arithmetic under every choice of the switches that refine this formula: [(switches that are on, parts)].

    Each entry of the first is a list of switches of which one at least is on; the first entry that holds is told.
    """
    refinements = BOOK.refinements.get(name, ())
    rest = {key: value for key, value in given.items() if not any(key in one.switches for one in refinements)}
    told = []
    for chosen in itertools.product((True, False), repeat=len(refinements)):
        on = [list(one.switches) for one, yes in zip(refinements, chosen) if yes]
        told.append((on, arithmetic_of(name, rest | {switches[0]: 1 for switches in on})))
    return told


def reasons_of(names):
    """What is told where a guard is not above zero: {guard: [[switches, sentence], …, [[], sentence]]}, the first that holds."""
    told = {}
    for name in names:
        refined = [[list(one.switches), one.otherwise] for one in BOOK.refinements.get(name, ()) if one.otherwise]
        told[name] = [*refined[::-1], [[], FORMULAS[name].otherwise]]
    return told
