"""A formula as its author wrote it: a small tree of steps, in the author's order.

SymPy sorts the factors of a product; a reader wants them in the order of the argument. So a formula is traced once
into a `Term`, and each face of the formula folds that tree in its own way (operations.py).
"""

from .errors import NapkinError

LEAVES = ("number", "name", "unit", "pinned")


class Term:
    """One step of a formula: an operation and its arguments (Terms), or a leaf.

    Leaves are a number, a name, a unit (which vanishes from what is computed and shown, and counts when units are
    checked), and, in sentences, a name pinned to some inputs: (name, {input: number}).
    """

    __slots__ = ("args", "op")

    def __init__(self, op, *args):
        self.op, self.args = op, args

    def __reduce__(self):
        return Term, (self.op, *self.args)

    @classmethod
    def of(cls, value):
        """Return `value` as a Term; numbers become leaves."""
        return value if isinstance(value, Term) else cls("number", value)

    def fold(self, leaf, apply):
        """Fold the tree: `leaf(op, value)` for leaves, `apply(op, folded arguments)` for operations."""
        if self.op in LEAVES:
            return leaf(self.op, self.args[0])
        return apply(self.op, [argument.fold(leaf, apply) for argument in self.args])

    def fold_written(self, leaf, apply):
        """The same for what is written and computed: units vanish, and leave a 1 where nothing else stands above a line."""

        def without(op, args):
            if op in ("*", "/") and None in args:
                left, right = args
                if right is None or op == "*":
                    return left if right is None else right
                args = [leaf("number", 1), right]
            return apply(op, args)

        return self.fold(lambda op, value: None if op == "unit" else leaf(op, value), without)

    __add__, __radd__ = (lambda a, b: Term("+", a, Term.of(b))), (lambda a, b: Term("+", Term.of(b), a))
    __sub__, __rsub__ = (lambda a, b: Term("-", a, Term.of(b))), (lambda a, b: Term("-", Term.of(b), a))
    __mul__, __rmul__ = (lambda a, b: Term("*", a, Term.of(b))), (lambda a, b: Term("*", Term.of(b), a))
    __truediv__, __rtruediv__ = (lambda a, b: Term("/", a, Term.of(b))), (lambda a, b: Term("/", Term.of(b), a))
    __pow__, __rpow__ = (lambda a, b: Term("^", a, Term.of(b))), (lambda a, b: Term("^", Term.of(b), a))
    __neg__ = lambda a: Term("-", Term.of(0), a)  # noqa: E731  beside its kin

    def _undecided(self, *_):
        said = "a formula is read once, with names for numbers, so it cannot branch on one"
        raise NapkinError(f"{said}: use largest, smallest or a refinement with a switch")

    __bool__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __floor__ = __ceil__ = __round__ = __int__ = __float__ = _undecided
    __hash__ = object.__hash__

    def names(self):
        """The names in the tree, in order, each once."""
        found = {}
        self.fold(lambda op, value: found.setdefault(value) if op == "name" else None, lambda *_: None)
        return tuple(found)

    def with_name(self, name, other):
        """The tree with another one in place of a name."""
        return self.fold(lambda op, value: other if op == "name" and value == name else Term(op, value), lambda op, args: Term(op, *args))

    def __repr__(self):
        return f"{self.op}({', '.join(map(repr, self.args))})"
