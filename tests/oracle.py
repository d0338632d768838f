"""What formulas are held against: every one of them, random scenarios, exact arithmetic."""

import mpmath

import napkin
from napkin import FORMULAS, INPUTS
from napkin.language.graph import BOOK
from napkin.language.terms import Term
from napkin.questions.written import CHAT, COUNTS, implied


def random_value(name, chance):
    """A value of an input within its range, ends included now and then."""
    known = INPUTS[name]
    if known.choices:
        return chance.choice(list(known.choices))
    if known.stops:
        return chance.choice(known.stops)
    if chance.random() < 0.1:
        return chance.choice([known.low, known.high])
    if known.scale == "log":
        value = known.low * (known.high / known.low) ** chance.random()
    else:
        value = known.low + (known.high - known.low) * chance.random()
    return int(value) if known.whole else min(known.high, max(known.low, value))


def random_scenario(names, chance):
    """Values for these inputs that go together."""
    values = {name: random_value(name, chance) for name in names}
    if "n_heads" in values and "n_kv_heads" in values:
        values["n_kv_heads"] = chance.choice([n for n in INPUTS["n_kv_heads"].stops if values["n_heads"] % n == 0])
    if "experts_per_token" in values:
        values["experts_per_token"] = min(values["experts_per_token"], values.get("n_experts", 1))
    for part in ("expert_parameters", "active_parameters"):
        if part in values:
            values[part] = min(values[part], int(values.get("parameters", INPUTS["parameters"].default)))
    if "shared_prefix" in values:
        values["shared_prefix"] = min(values["shared_prefix"], values.get("context", 200) // 2)  # no model is made for less
    return values


def a_scenario(chance):
    """Names and numbers as a reader might set them, ends of the ranges included."""
    one = {"model": "", "gpu": "", "given": {}}
    for name, catalogue in (("model", napkin.model), ("gpu", napkin.gpu)):
        if chance.random() < 0.5:
            one[name] = chance.choice(catalogue.choices)
    names = [name for name in INPUTS if name not in (*COUNTS, "as_the_article")]
    chosen = chance.sample(names, chance.randrange(0, 12))
    given = random_scenario(chosen, chance)
    for first, second in (("n_heads", "n_kv_heads"), ("experts_per_token", "n_experts")):
        if first in given or second in given:  # with the model's other half they might not go together
            given.pop(first, None), given.pop(second, None)
    if one["model"]:  # it brings experts and what is multiplied, which the weights may not fall below
        for part in ("parameters", "expert_parameters", "active_parameters"):
            given.pop(part, None)
    one["given"] = {name: given[name] for name in names if name in given}
    if chance.random() < 0.3:
        flags = {flag: chance.choice([0, 1]) for flag in COUNTS}
        if any(value != (1 if one["model"] or one["gpu"] else 0) for value in flags.values()):
            one["given"].update(flags)
    return one


def given_to_estimate(one):
    """The same for `estimate`, with the book's own conversations where none are set."""
    named = {name: one[name] or None for name in ("model", "gpu")}
    return {**named, "count": implied(**named), **CHAT, **one["given"]}


def expression_from(node):
    """The Term of an expression as the page has it."""
    if not isinstance(node, list):
        return Term("name", node) if isinstance(node, str) else Term.of(node)
    if node[0] == "at":
        return Term("pinned", tuple(node[1:]))
    return Term({"**": "^"}.get(node[0], node[0]), *map(expression_from, node[1:]))


class Exact:
    """The algebra of (value at 50 digits, error that rounding may leave): a subtraction may lose 1e-12 of its larger side."""

    loss, guard = mpmath.mpf("1e-12"), 1 + mpmath.mpf(10) ** -9
    operations = {
        "+": lambda a, b, ea, eb: (a + b, ea + eb),
        "-": lambda a, b, ea, eb: (a - b, ea + eb + Exact.loss * max(abs(a), abs(b))),
        "*": lambda a, b, ea, eb: (a * b, ea * abs(b) + eb * abs(a)),
        "/": lambda a, b, ea, eb: (a / b, ea / abs(b) + eb * abs(a) / b**2) if b else (mpmath.nan, mpmath.mpf(0)),
        "^": lambda a, b, ea, eb: (a**b, abs(b) * ea * abs(a) ** (b - 1) if a else ea),
        "bytes": lambda a, ea: (a / 8, ea / 8),
        "floor": lambda a, ea: (mpmath.floor(a * Exact.guard), mpmath.mpf(0)),
        "ceiling": lambda a, ea: (mpmath.ceil(a / Exact.guard), mpmath.mpf(0)),
        "max": lambda a, b, ea, eb: (max(a, b), max(ea, eb)),
        "min": lambda a, b, ea, eb: (min(a, b), max(ea, eb)),
        "log": lambda a, ea: (mpmath.log(a), ea / abs(a)),
        "choose": lambda flag, on, off, _, eon, eoff: (on, eon) if flag else (off, eoff),
        "at least": lambda a, b, ea, eb: (mpmath.mpf(a >= b), mpmath.mpf(0)),
    }

    def __init__(self, values):
        self.values = values

    def given(self, name):
        return mpmath.mpf(self.values[name] if name in self.values else INPUTS[name].default), mpmath.mpf(0)

    def constant(self, op, value):
        return mpmath.mpf(1 if op == "unit" else value), mpmath.mpf(0)

    def apply(self, op, args):
        return self.operations[op](*(value for value, _ in args), *(error for _, error in args))


def exact(name, values):
    """A formula at 50 digits, from its author's term, beside the error that rounding may leave: (value, allowed error)."""
    mpmath.mp.dps = 50
    value, error = BOOK.under(values).walk(name, Exact(values))
    return value, error + Exact.loss * abs(value) + mpmath.mpf("1e-300")  # what no double can hold is 0


def base_inputs(names, flags=None):
    """The inputs that these formulas need when nothing is given but flags; with flags, several GPUs and the rest too."""
    if not flags:
        return sorted({one for name in names for one in FORMULAS[name].inputs})
    view = BOOK.under({**flags, **{one: None for one in BOOK.switches if not INPUTS[one].flag}})
    return sorted(one for one in view.inputs(*names) if one not in flags)


#: Flags that let every refinement in that hangs on one; a mistake of the article's would take the place of others.
MISTAKES = {"as_the_article": 1}
FLAGS = {name: 1 for name, known in INPUTS.items() if known.flag and name not in MISTAKES}
#: Every formula twice: on its own, and where it can be refined, with all that refines it; and as the article mistakes it.
FACES = (
    [(name, {}) for name in FORMULAS]
    + [(name, FLAGS) for name in FORMULAS if len(base_inputs([name], {})) < len(base_inputs([name], FLAGS))]
    + [(name, MISTAKES) for name, refined in BOOK.refinements.items() if any("as_the_article" in one.switches for one in refined)]
)
