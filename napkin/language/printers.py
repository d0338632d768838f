"""A Term as LaTeX, as arithmetic in words, and as a program."""

from .operations import OPERATIONS


def to_latex(term, letter_of):
    """Return the LaTeX of a Term in its author's order; `letter_of(name)` gives the letter of a name."""
    return term.fold_written(
        lambda op, value: (letter_of(value) if op == "name" else f"{value:,}".replace(",", r"{,}"), 9),
        lambda op, args: OPERATIONS[op].latex(*args),
    )[0]


def to_text(term, number_of):
    """Return a Term as arithmetic; `number_of(name, in_bytes)` gives the written value of a name.

    Bits that the formula turns into bytes are written as bytes (`8 bit / 8` reads "1 B").
    """
    in_bytes = set()
    term.fold(lambda op, value: value if op == "name" else None, lambda op, args: in_bytes.update(args) if op == "bytes" else None)
    return term.fold_written(
        lambda op, value: (number_of(value, value in in_bytes) if op == "name" else f"{value:,}", 9),
        lambda op, args: OPERATIONS[op].text(*args),
    )[0]


def to_code(term, language, spelled):
    """Return a Term as an expression of "python", "numpy" or "javascript"; `spelled(name)` gives how a name is read there.

    Every step is bracketed, so that the order of operations is the author's.
    """
    return term.fold_written(
        lambda op, value: spelled(value) if op == "name" else repr(value), lambda op, args: getattr(OPERATIONS[op], language).format(*args)
    )


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
