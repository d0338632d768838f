"""Sentences whose numbers are computed: "A step takes {step_seconds}.", for one scenario now, and in the page for every other.

A field in braces is an expression of inputs and results: `{users}`, `{memory / bandwidth:second}`,
`{users(context=4000)}`. What stands in brackets after a name is pinned: it holds whatever the scenario. Behind a colon
stand the unit and, after a comma, the significant digits; a single name has its own.
"""

import ast
import functools
import html
import itertools
import json
import re

from .numbers import UNITS, show, show_exactly
from .graph import FORMULAS, REFINEMENTS, cut_of, evaluate, named, reason, term_of
from .inputs import INPUTS, NapkinError, nearest
from .printers import to_text

SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
DO = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b, "**": lambda a, b: a**b,
}
FIELD = re.compile(r"\{([^{}]+)\}")


class Field:
    """One computed number in a sentence.

    `node` is the expression: a number, a name, [sign, left, right] or ["at", name, {pinned inputs}]. `style` says how
    the number reads: "show" as on a page, "exact" as the result of arithmetic, "bare" as a part of it, "bytes" as bits
    that are counted in bytes there.
    """

    __slots__ = ("digits", "node", "style", "unit")

    def __init__(self, node, unit, digits, style="show"):
        self.node, self.unit, self.digits, self.style = node, unit, digits, style

    def value(self, given):
        """The number for these inputs, NaN where there is none."""
        return worth(self.node, given)

    def text(self, given):
        """The number as people read it, or why there is none."""
        value = self.value(given)
        if value != value:
            return _why(self.node, given)
        return written(value, self.unit, self.digits, self.style)

    def as_json(self):
        """What the page's script needs to write it anew."""
        return [self.node, self.unit, self.digits, self.style]


def written(value, unit, digits, style):
    """A number in one of the styles of `Field`."""
    if style == "bytes":
        return show_exactly(value / 8, "byte")
    if style == "show":
        return show(value, unit, digits)
    text = show_exactly(value, unit)
    if style == "exact":
        return text
    if unit in ("sequence", "user"):  # counts of people stand alone
        return text.rpartition(" ")[0]
    per = UNITS[unit][2]
    return text[: -len(per)] if per and text.endswith(per) else text


def worth(node, given):
    """The value of an expression for these inputs, NaN where there is none."""
    if isinstance(node, str):
        return evaluate((node,), given)[node]
    if not isinstance(node, list):
        return node
    if node[0] == "at":
        return evaluate((node[1],), {**given, **node[2]})[node[1]]
    try:
        return DO[node[0]](worth(node[1], given), worth(node[2], given))
    except (ZeroDivisionError, OverflowError):
        return float("nan")


def _why(node, given):
    """The reason of the first name in an expression that has no value."""
    if isinstance(node, str):
        value = worth(node, given)
        return reason(node, given) if value != value else None
    if not isinstance(node, list):
        return None
    if node[0] == "at":
        return _why(node[1], {**given, **node[2]})
    return _why(node[1], given) or _why(node[2], given) or "no number"


@functools.lru_cache(maxsize=None)
def fields_of(template):
    """A sentence as a tuple of strings and Fields. Raises NapkinError where a field cannot be read."""
    parts = FIELD.split(template)
    return tuple(_field(part) if i % 2 else part for i, part in enumerate(parts) if part)


def _field(text):
    expression, _, style = text.partition(":")
    node = node_of(expression)
    name = node if isinstance(node, str) else node[1] if isinstance(node, list) and node[0] == "at" else None
    unit, _, digits = style.partition(",")
    unit = unit.strip() or (named(name).unit if name else "1")
    if unit not in UNITS:
        raise NapkinError(f"{{{text}}} has the unit {unit!r}, which nothing can format" + nearest(unit, UNITS))
    return Field(node, unit, int(digits) if digits else named(name).digits if name else 3)


@functools.lru_cache(maxsize=None)
def node_of(expression):
    """An expression as its node; a number is one. Raises NapkinError where it cannot be read."""
    if not isinstance(expression, str):
        return expression
    try:
        return _node(ast.parse(expression.strip(), mode="eval").body)
    except SyntaxError:
        raise NapkinError(f"a field is an expression of inputs and results, got {expression!r}") from None


def names_of(node):
    """The names in an expression that follow the scenario, in order."""
    if isinstance(node, str):
        return (node,)
    if not isinstance(node, list):
        return ()
    return names_of(node[1]) if node[0] == "at" else tuple(dict.fromkeys([*names_of(node[1]), *names_of(node[2])]))


def _node(tree):
    if isinstance(tree, ast.Constant) and type(tree.value) in (int, float):
        return tree.value
    if isinstance(tree, ast.Name):
        named(tree.id)
        return tree.id
    if isinstance(tree, ast.BinOp) and type(tree.op) in SIGNS:
        return [SIGNS[type(tree.op)], _node(tree.left), _node(tree.right)]
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        return ["-", 0, _node(tree.operand)]
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and not tree.args:
        named(tree.func.id)
        pinned = {keyword.arg: ast.literal_eval(keyword.value) for keyword in tree.keywords}
        for name, value in pinned.items():
            named(name)
            if name in INPUTS:
                INPUTS[name].value_of(value)
        return ["at", tree.func.id, pinned]
    raise NapkinError(f"a field is made of names, numbers, + − × /, and name(input=number), got {ast.unparse(tree)!r}")


def fill(template, given):
    """The sentence for these inputs, as plain text."""
    return "".join(part if isinstance(part, str) else part.text(given) for part in fields_of(template))


def fill_html(template, given):
    """The sentence with its numbers marked up for the page's script; the words themselves are left as they are."""
    return "".join(part if isinstance(part, str) else span(part, given) for part in fields_of(template))


def span(field, given):
    """One number as HTML that the page's script keeps up to date: data-tell holds [expression, unit, digits, style, given]."""
    told = html.escape(json.dumps([*field.as_json(), given], separators=(",", ":")), quote=True)
    return f'<span class="napkin-live" data-tell="{told}">{html.escape(field.text(given))}</span>'


def arithmetic_of(name, given):
    """The numbers put into a formula, as a tuple of strings and Fields: "2 × 64 × 8 … = 131,072 B per token"."""
    return _arithmetic(name, cut_of(given))


@functools.lru_cache(maxsize=None)
def _arithmetic(name, cut):
    fields = []

    def field(one, as_bytes):
        fields.append(Field(one, named(one).unit, 5, "bytes" if as_bytes else "bare"))
        return f"\0{len(fields) - 1}\0"

    text = to_text(term_of(name, cut), field) + " = " + field(name, False)
    fields[-1].style = "exact"
    return tuple(fields[int(part)] if i % 2 else part for i, part in enumerate(text.split("\0")) if part)


def arithmetics_of(name, given):
    """The arithmetic under every choice of the switches that refine this formula: [(switches that are on, parts)].

    Each entry of the first is a list of switches of which one at least is on; the first entry that holds is told.
    """
    refinements = REFINEMENTS.get(name, ())
    told = []
    for chosen in itertools.product((True, False), repeat=len(refinements)):
        on = [list(one.switches) for one, yes in zip(refinements, chosen) if yes]
        given_here = {key: value for key, value in given.items() if not any(key in one.switches for one in refinements)}
        given_here |= {switches[0]: 1 for switches in on}
        told.append((on, arithmetic_of(name, given_here)))
    return told


def reasons_of(names):
    """What is told where a guard is not above zero: {guard: [[switches, sentence], …, [[], sentence]]}, the first that holds."""
    told = {}
    for name in names:
        refined = [[list(one.switches), one.positive] for one in REFINEMENTS.get(name, ()) if one.positive]
        told[name] = [*refined[::-1], [[], FORMULAS[name].positive]]
    return told
