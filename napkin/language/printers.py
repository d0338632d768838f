"""A formula as its author wrote it, and what it is printed as: SymPy, LaTeX, arithmetic in words, programs.

SymPy sorts the factors of a product; a reader wants them in the order of the argument. So a formula is traced once
into a `Term`, a small tree in the author's order, and each face of the formula folds that tree in its own way.
"""

import operator

import sympy

from .inputs import NapkinError


class Term:
    """One step of a formula: an operation and its arguments (Terms), or a leaf: a number, a name, a unit."""

    __slots__ = ("args", "op")

    def __init__(self, op, *args):
        self.op, self.args = op, args

    @classmethod
    def of(cls, value):
        """Return `value` as a Term; numbers become leaves."""
        return value if isinstance(value, Term) else cls("number", value)

    def fold(self, leaf, apply):
        """Fold the tree: `leaf(op, value)` for leaves, `apply(op, folded arguments)` for operations."""
        if self.op in ("number", "name", "unit"):
            return leaf(self.op, self.args[0])
        return apply(self.op, [argument.fold(leaf, apply) for argument in self.args])

    __add__, __radd__ = (lambda a, b: Term("+", a, Term.of(b))), (lambda a, b: Term("+", Term.of(b), a))
    __sub__, __rsub__ = (lambda a, b: Term("-", a, Term.of(b))), (lambda a, b: Term("-", Term.of(b), a))
    __mul__, __rmul__ = (lambda a, b: Term("*", a, Term.of(b))), (lambda a, b: Term("*", Term.of(b), a))
    __truediv__, __rtruediv__ = (lambda a, b: Term("/", a, Term.of(b))), (lambda a, b: Term("/", Term.of(b), a))

    def __pow__(self, exponent):
        return Term("^", self, Term.of(exponent))

    def names(self):
        """The names in the tree, in order, each once."""
        if self.op == "name":
            return (self.args[0],)
        parts = (argument.names() for argument in self.args if isinstance(argument, Term))
        return tuple(dict.fromkeys(name for part in parts for name in part))

    def with_name(self, name, other):
        """The tree with another one in place of a name."""
        if self.op == "name":
            return other if self.args[0] == name else self
        return Term(self.op, *(a.with_name(name, other) if isinstance(a, Term) else a for a in self.args))


def _function(op, on_sympy):
    """Return a function that makes a Term of Terms, and a SymPy expression of anything else."""

    def call(*args):
        if any(isinstance(argument, Term) for argument in args):
            return Term(op, *map(Term.of, args))
        return on_sympy(*args)

    return call


# Rounding may leave 6/0.2 a hair below 30. The guard lifts every quotient by a billionth before the floor, and lowers
# it before the ceiling: one rule for SymPy, NumPy and JavaScript.
GUARD = 1 + sympy.Rational(1, 10**9)

whole = _function("floor", lambda x: sympy.floor(x * GUARD))
whole.__doc__ = "The whole number below x; a billionth short of the next one counts as the next."
whole_up = _function("ceiling", lambda x: sympy.ceiling(x / GUARD))
whole_up.__doc__ = "The whole number above x; a billionth beyond one counts as that one."
largest = _function("max", sympy.Max)
smallest = _function("min", sympy.Min)
in_bytes = _function("bytes", lambda bits: bits / sympy.Integer(8))

SYMPY = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "^": operator.pow,
    "floor": whole, "ceiling": whole_up, "max": largest, "min": smallest, "bytes": in_bytes,
    "choose": lambda flag, on, off: sympy.Piecewise((on, sympy.Ne(flag, 0)), (off, True)),
}


def to_sympy(term, symbol_of):
    """Return the SymPy expression of a Term; `symbol_of(name)` gives what stands for a name."""

    def leaf(op, value):
        if op == "unit":
            return sympy.Integer(1)
        return symbol_of(value) if op == "name" else sympy.nsimplify(value, rational=True)

    return term.fold(leaf, lambda op, args: SYMPY[op](*args))


def _written(term, leaf, marks):
    """Write a Term with the marks of one notation; units vanish, brackets come only where they are needed."""

    def apply(op, args):
        if op in "+-*/^":
            left, right = args
            if right is None:  # a unit: nothing to write
                return left
            if left is None:
                if op == "*":
                    return right
                left = ("1", 9)
            return marks[op](left, right)
        return marks[op](*args)

    return term.fold(leaf, apply)[0]


def _infix(sign, level, brackets):
    """Both sides joined by a sign; a looser side is bracketed, and so is an equally loose right side of - and /."""

    def join(left, right):
        strict = level + 1 if sign.strip() in ("−", "/", "-") else level
        return (_tight(left, level, brackets) + sign + _tight(right, strict, brackets), level)

    return join


def _tight(part, level, brackets):
    text, own = part
    return text if own >= level else brackets.format(text)


LATEX_BRACKETS = r"\left({}\right)"
LATEX = {
    "+": _infix(" + ", 1, LATEX_BRACKETS),
    "-": _infix(" - ", 1, LATEX_BRACKETS),
    "*": lambda a, b: _infix(r" \cdot " if b[0][0].isdigit() else r" \, ", 2, LATEX_BRACKETS)(a, b),
    "/": lambda a, b: (rf"\frac{{{a[0]}}}{{{b[0]}}}", 3),
    "^": lambda a, b: (f"{_tight(a, 4, LATEX_BRACKETS)}^{{{b[0]}}}", 3),
    "floor": lambda a: (rf"\left\lfloor {a[0]} \right\rfloor", 9),
    "ceiling": lambda a: (rf"\left\lceil {a[0]} \right\rceil", 9),
    "max": lambda *a: (r"\max\left(" + r",\; ".join(x for x, _ in a) + r"\right)", 9),
    "min": lambda *a: (r"\min\left(" + r",\; ".join(x for x, _ in a) + r"\right)", 9),
    "bytes": lambda a: (rf"\frac{{{a[0]}}}{{8}}", 3),
}

TEXT = {
    "+": _infix(" + ", 1, "({})"),
    "-": _infix(" − ", 1, "({})"),
    "*": _infix(" × ", 2, "({})"),
    "/": _infix(" / ", 2, "({})"),
    "^": lambda a, b: (_tight(a, 4, "({})") + {"2": "²", "3": "³"}.get(b[0], f"^{b[0]}"), 3),
    "floor": lambda a: (f"⌊{a[0]}⌋", 9),
    "ceiling": lambda a: (f"⌈{a[0]}⌉", 9),
    "max": lambda *a: (f"max({', '.join(x for x, _ in a)})", 9),
    "min": lambda *a: (f"min({', '.join(x for x, _ in a)})", 9),
    "bytes": lambda a: a,
}


def to_latex(term, letter_of):
    """Return the LaTeX of a Term in its author's order; `letter_of(name)` gives the letter of a name."""

    def leaf(op, value):
        if op == "unit":
            return None
        return (letter_of(value), 9) if op == "name" else (f"{value:,}".replace(",", r"{,}"), 9)

    return _written(term, leaf, LATEX)


def to_text(term, number_of):
    """Return a Term as arithmetic; `number_of(name, in_bytes)` gives the written value of a name.

    Bits that the formula turns into bytes are written as bytes (`8 bit / 8` reads "1 B").
    """
    byte_sized = set()

    def find(node):
        if node.op == "bytes" and node.args[0].op == "name":
            byte_sized.add(node.args[0].args[0])
        for argument in node.args:
            if isinstance(argument, Term):
                find(argument)

    find(term)

    def leaf(op, value):
        if op == "unit":
            return None
        return (number_of(value, value in byte_sized), 9) if op == "name" else (f"{value:,}", 9)

    return _written(term, leaf, TEXT)


def _program(**functions):
    """The marks of a programming language: everything bracketed, so that the order of operations is the author's."""
    signs = {sign: (lambda a, b, sign=sign: (f"({a[0]} {sign} {b[0]})", 9)) for sign in "+-*/"}
    named = {op: (lambda *a, call=call: (call.format(*(x for x, _ in a)), 9)) for op, call in functions.items()}
    return {**signs, "bytes": lambda a: (f"({a[0]} / 8)", 9), **named}


LIFT, LOWER = "{0} * 1.000000001", "{0} / 1.000000001"
PYTHON = _program(
    power="({0} ** {1})", floor=f"floor({LIFT})", ceiling=f"ceil({LOWER})", max="max({0}, {1})", min="min({0}, {1})",
    choose="({1} if {0} else {2})",
)
NUMPY = _program(
    power="({0} ** {1})", floor=f"floor({LIFT})", ceiling=f"ceil({LOWER})", max="maximum({0}, {1})", min="minimum({0}, {1})",
    choose="where({0} != 0, {1}, {2})",
)
JAVASCRIPT = _program(
    power="({0} ** {1})", floor=f"Math.floor({LIFT})", ceiling=f"Math.ceil({LOWER})", max="Math.max({0}, {1})",
    min="Math.min({0}, {1})", choose="({0} ? {1} : {2})",
)
for marks in (PYTHON, NUMPY, JAVASCRIPT):
    marks["^"] = marks.pop("power")


def smoothed(marks):
    """The same marks with every floor and ceiling read as the plain quotient."""
    return {**marks, "floor": lambda a: a, "ceiling": lambda a: a}


def to_code(term, marks, spelled):
    """Return a Term as an expression of a programming language; `spelled(name)` gives how a name is read there."""

    def leaf(op, value):
        if op == "unit":
            return None
        return (spelled(value) if op == "name" else repr(value), 9)

    return _written(term, leaf, marks)


def to_javascript(steps, names, guards=None, open_names=(), marks=JAVASCRIPT):
    """Return the source of a JavaScript function from an object of inputs to an object of outputs.

    `steps` are (name, Term) in an order in which each needs only earlier ones; names that no step makes are inputs.
    `names` are those returned. `guards` maps names to those that must be above zero: else the result is NaN, and what
    builds on it, unless a second argument waives them by name. Of `open_names` the function takes what it is given, and computes what it is not.
    It is a plain function: no `eval` is needed to use it.
    """
    made = {name for name, _ in steps}
    lines = []
    for name, term in steps:
        code = to_code(term, marks, lambda one: f"{one}_" if one in made else f"v.{one}")
        if needs := (guards or {}).get(name):
            code = f"({' && '.join(f'({need}_ > 0 || waived.{need})' for need in needs)} ? {code} : NaN)"
        lines.append(f"const {name}_ = {f'v.{name} ?? ' if name in open_names else ''}{code};")
    fields = ", ".join(f"{name}: {name}_" if name in made else f"{name}: v.{name}" for name in names)
    return "function (v, waived = {}) {\n" + "".join(f"  {line}\n" for line in lines) + f"  return {{{fields}}};\n}}"
