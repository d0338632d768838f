"""A Term as LaTeX, as arithmetic in words, and as a program."""

from .operations import OPERATIONS
from .terms import Term


def _written(term, leaf, face):
    """Write a Term in one notation; units vanish, brackets come only where they are needed."""

    def apply(op, args):
        if op in ("*", "/") and None in args:  # a unit: nothing to write
            left, right = args
            if right is None:
                return left
            if op == "*":
                return right
            args = [("1", 9), right]
        return getattr(OPERATIONS[op], face)(*args)

    return term.fold(leaf, apply)[0]


def to_latex(term, letter_of):
    """Return the LaTeX of a Term in its author's order; `letter_of(name)` gives the letter of a name."""

    def leaf(op, value):
        if op == "unit":
            return None
        return (letter_of(value), 9) if op == "name" else (f"{value:,}".replace(",", r"{,}"), 9)

    return _written(term, leaf, "latex")


def to_text(term, number_of):
    """Return a Term as arithmetic; `number_of(name, in_bytes)` gives the written value of a name.

    Bits that the formula turns into bytes are written as bytes (`8 bit / 8` reads "1 B").
    """
    byte_sized = set()
    term.fold(lambda op, value: value if op == "name" else None, lambda op, args: byte_sized.update(args) if op == "bytes" else None)

    def leaf(op, value):
        if op == "unit":
            return None
        return (number_of(value, value in byte_sized), 9) if op == "name" else (f"{value:,}", 9)

    return _written(term, leaf, "text")


def to_code(term, language, spelled):
    """Return a Term as an expression of "python", "numpy" or "javascript"; `spelled(name)` gives how a name is read there.

    Every step is bracketed, so that the order of operations is the author's.
    """

    def leaf(op, value):
        if op == "unit":
            return None
        return spelled(value) if op == "name" else repr(value)

    def apply(op, args):
        if op in ("*", "/") and None in args:
            left, right = args
            if right is None or op == "*":
                return left if right is None else right
            args = ["1", right]
        return getattr(OPERATIONS[op], language).format(*args)

    return term.fold(leaf, apply)


def to_javascript(steps, names, guards=None, open_names=()):
    """Return the source of a JavaScript function from an object of inputs to an object of outputs.

    `steps` are (name, Term) in an order in which each needs only earlier ones; names that no step makes are inputs.
    `names` are those returned. `guards` maps names to those that must be above zero: else the result is NaN, and what
    builds on it, unless a second argument waives them by name. Of `open_names` the function takes what it is given, and
    computes what it is not; "?name" in a Term is 1 where it is not given. It is a plain function: no `eval` is needed to use it.
    """
    made = {name for name, _ in steps}
    lines = []

    def spelled(one):
        if one.startswith("?"):
            return f"(v.{one[1:]} === undefined ? 1 : 0)"
        return f"{one}_" if one in made else f"v.{one}"

    for name, term in steps:
        code = to_code(term, "javascript", spelled)
        if needs := (guards or {}).get(name):
            code = f"({' && '.join(f'({need}_ > 0 || waived.{need})' for need in needs)} ? {code} : NaN)"
        lines.append(f"const {name}_ = {f'v.{name} ?? ' if name in open_names else ''}{code};")
    fields = ", ".join(f"{name}: {name}_" if name in made else f"{name}: v.{name}" for name in names)
    return "function (v, waived = {}) {\n" + "".join(f"  {line}\n" for line in lines) + f"  return {{{fields}}};\n}}"
