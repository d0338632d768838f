"""Formulas as a graph: which builds on which, what each is in inputs alone, and how they are evaluated together."""

import functools
import math
import string

import numpy

from . import printers
from .numbers import show
from .inputs import INPUTS, TOGETHER, NapkinError, check_together, nearest


class _ByName(dict):
    def __missing__(self, name):
        raise NapkinError(f"there is no formula called {name!r}" + nearest_name(name))


#: Every formula by name, in the order of the chapters; formula.py fills it.
FORMULAS = _ByName()

#: Refinements by the name of the formula they refine, in the order in which they apply; formula.py fills it.
REFINEMENTS = {}

#: The inputs that turn refinements on.
SWITCHES = set()


def nearest_name(name):
    """The helpful end of 'there is no …': the nearest input or formula, if one is near."""
    return nearest(name, [*INPUTS, *FORMULAS])


def named(name):
    """The input or formula of that name."""
    return INPUTS.get(name) or FORMULAS[name]


def input_named(one):
    """The input of that name, or itself; NapkinError with the nearest name where there is none."""
    name = getattr(one, "name", one)
    if not isinstance(name, str) or name not in INPUTS:
        raise NapkinError(f"there is no input called {name!r}" + nearest(name, INPUTS))
    return INPUTS[name]


def formula_named(one):
    """The formula of that name, or itself; NapkinError with the nearest name where there is none."""
    name = getattr(one, "name", one)
    if not isinstance(name, str):
        raise NapkinError(f"a formula is asked for by its name, got {one!r}")
    return FORMULAS[name]


def forget():
    """Drop what was worked out before a formula was made or made anew."""
    for cached in (term_of, expression_of, guards_of, _steps, _compiled):
        cached.cache_clear()


# What is given changes the graph. A "cut" is a frozenset of names that says how: a result or an input that would be
# computed is taken as given; a switch lets its refinements in; a flag followed by "?" leaves the choice to the numbers,
# and so does any other name followed by "?": it is taken where it is given, and computed where it is not.
def cut_of(given, undecided=()):
    """The cut that these inputs and results by name make; flags named in `undecided` stay open."""
    cut = []
    for name in given:
        known = INPUTS.get(name)
        if known is None or known.computed:
            cut.append(name)
        elif name in undecided:
            cut.append(f"{name}?")
        elif name in SWITCHES and (not known.flag or given[name]):
            cut.append(name)
    return frozenset(cut)


@functools.lru_cache(maxsize=None)
def term_of(name, cut=frozenset()):
    """A formula as its author wrote it, refined as the cut says."""
    known = FORMULAS[name]
    term = known.term
    for refinement in REFINEMENTS.get(name, ()):
        on = any(switch in cut for switch in refinement.switches)
        undecided = [switch for switch in refinement.switches if f"{switch}?" in cut]
        if on or undecided:
            refined = refinement.term.with_name(name, term)
            term = refined if on else printers.Term("choose", printers.Term("name", undecided[0]), refined, term)
    return term


def _needed(name, cut):
    """The names that a name is computed from, in the author's order; none where it is given."""
    if name in cut:
        return ()
    if name in INPUTS:
        return (INPUTS[name].default,) if INPUTS[name].computed else ()
    return term_of(name, cut).names()


@functools.lru_cache(maxsize=None)
def expression_of(name, cut=frozenset()):
    """Return the SymPy expression of a name in inputs; names in `cut` are taken as given and not opened further."""
    if name in INPUTS:
        computed = INPUTS[name].computed and name not in cut
        return expression_of(INPUTS[name].default, cut) if computed else INPUTS[name]
    if name in cut:
        return FORMULAS[name].symbol
    return printers.to_sympy(term_of(name, cut), lambda parent: expression_of(parent, cut))


@functools.lru_cache(maxsize=None)
def guards_of(name, cut=frozenset()):
    """The names of the formulas that must be positive for `name` to have an answer, nearest to the inputs first."""
    if name in cut:
        return ()
    found = dict.fromkeys(guard for parent in _needed(name, cut) for guard in guards_of(parent, cut))
    found.update(dict.fromkeys(_own_guards(name, cut)))
    return tuple(found)


def _own_guards(name, cut):
    """The guards of a name itself."""
    if name in INPUTS:  # an input that stands for a count needs it above zero: a batch of none is no batch
        needs = [one for one in _needed(name, cut) if one in FORMULAS and FORMULAS[one].positive]
    else:
        needs = FORMULAS[name].needs
    return tuple(need for need in needs if need not in cut)


@functools.lru_cache(maxsize=None)
def _steps(names, cut, guarded=False):
    """The formulas behind these names as (name, Term), each after what it needs; `guarded`: after its guards too."""
    steps, entered = {}, set()

    def visit(name):
        if name in steps or name in entered:
            return
        entered.add(name)
        needed = _needed(name, cut)
        for parent in (*needed, *(_own_guards(name, cut) if guarded else ())):
            visit(parent)
        if needed or name not in cut and name in FORMULAS:
            steps[name] = printers.Term("name", needed[0]) if name in INPUTS else term_of(name, cut)

    for name in names:
        named(name)  # refuses one that it does not know
        visit(name)
    return tuple(steps.items())


def javascript_of(names, cut=frozenset(), *, smooth=False):
    """The source of a JavaScript function from inputs to these results; `smooth` as in `evaluate`."""
    marks = printers.smoothed(printers.JAVASCRIPT) if smooth else printers.JAVASCRIPT
    open_names = {name for name in open_of(cut) if not (name in INPUTS and INPUTS[name].flag)}
    guards = {name: _own_guards(name, cut) for name in (*FORMULAS, *INPUTS)}
    return printers.to_javascript(_steps(tuple(names), cut, True), names, guards, open_names, marks)


def open_of(cut):
    """The names that a cut leaves to the numbers."""
    return tuple(name.removesuffix("?") for name in cut if name.endswith("?"))


def inputs_of(names, cut=frozenset()):
    """The names of the inputs (and given results) that these names are computed from."""
    steps = _steps(tuple(names), cut)
    used = dict.fromkeys([*names, *(name for _, term in steps for name in term.names())])
    return tuple(name for name in used if name not in dict(steps))


class _Compiled:
    """Formulas as one program of numbers and one of arrays: a line a formula, in the author's order of operations."""

    def __init__(self, names, cut, smooth):
        self.names, self.smooth = names, smooth
        self.guards = {name: guards_of(name, cut) for name in names}
        self.checks = tuple(dict.fromkeys(guard for some in self.guards.values() for guard in some))
        self.outputs = tuple(dict.fromkeys([*names, *self.checks]))
        self.steps = _steps(self.outputs, cut)
        self.arguments = inputs_of(self.outputs, cut)
        #: (name, its default or None where that is not fixed) of each argument
        self.fixed = [
            (name, None if name not in INPUTS or INPUTS[name].follows else INPUTS[name].default) for name in self.arguments
        ]
        self.together = [pair for pair in TOGETHER if pair[0] in self.arguments and pair[1] in self.arguments]
        self.at = [(i, name) for i, name in enumerate(self.outputs) if name in self.checks]  # where the guards come
        self.whole = tuple(name in FORMULAS and FORMULAS[name].whole for name in self.outputs)

    @functools.cached_property
    def scalar(self):
        return self._function(printers.PYTHON, math)

    @functools.cached_property
    def array(self):
        return self._function(printers.NUMPY, numpy)

    def _function(self, marks, library):
        if self.smooth:
            marks = printers.smoothed(marks)
        # The names are identifiers that `formula` and `declare` have checked, the rest are numbers and signs.
        lines = [f"    {name} = {printers.to_code(term, marks, str)}\n" for name, term in self.steps]
        source = f"def program({', '.join(self.arguments)}):\n{''.join(lines)}    return [{', '.join(self.outputs)}]\n"
        scope = dict(vars(library)) if library is math else {
            name: getattr(numpy, name) for name in ("floor", "ceil", "maximum", "minimum", "where")
        }
        exec(compile(source, "<napkin>", "exec"), scope)
        return scope["program"]


@functools.lru_cache(maxsize=256)
def _compiled(names, cut, smooth):
    return _Compiled(names, cut, smooth)


def _checked(given, smooth=False):
    """Check what is given; return (values by name, the cut it makes, whether any is an array)."""
    values, cut, arrays = {}, [], False
    for name, value in given.items():
        known = INPUTS.get(name)
        if known is None:
            if name not in FORMULAS:
                raise NapkinError(f"there is no input called {name!r}" + nearest_name(name))
            values[name] = value = _result_given(FORMULAS[name], value)
            cut.append(name)
        else:
            values[name] = value = known.value_of(value, smooth)
            if known.computed:
                cut.append(name)
            elif name in SWITCHES:
                if not known.flag:
                    cut.append(name)
                elif type(value) is numpy.ndarray:
                    cut.append(f"{name}?")
                elif value:
                    cut.append(name)
        if type(value) is numpy.ndarray:
            arrays = True
    return values, frozenset(cut), arrays


def _result_given(known, value):
    array = numpy.asarray(value)
    real = array.dtype.kind in "iuf" and not isinstance(value, (str, bytes))
    if not real or not numpy.all(numpy.isfinite(array)) or numpy.any(array <= 0):
        raise NapkinError(f"{known.name} must be a finite number above 0, got {value!r}")
    if known.whole and numpy.any(array != numpy.floor(array)):
        raise NapkinError(f"{known.name} must be a whole number, got {value!r}")
    return array.astype(float) if array.ndim else array.item()


def default_of(name, values):
    """The default of an input, where `values` are given: a rate follows the precision it was published for."""
    known = INPUTS[name]
    followed = known.follows
    if followed and followed in values:
        return known.default * INPUTS[followed].default / values[followed]
    return known.default


def evaluate(names, given=None, *, smooth=False):
    """Evaluate formulas (and inputs) by name, for `given` inputs; return {name: number or array}.

    Points without an answer are NaN. `smooth` reads every floor and ceiling as the plain quotient and takes counts that
    are not whole: for following a result between whole numbers. Raises NapkinError for bad input.
    """
    if isinstance(names, str):
        names = (names,)
    given = {} if given is None else given
    if not isinstance(given, dict):
        raise NapkinError(f"inputs are given by name, as a dict, got {given!r}")
    values, cut, arrays = _checked(given, smooth)
    if type(names) is not tuple or not all(type(name) is str for name in names):
        names = tuple([getattr(name, "name", name) for name in names])
    compiled = _compiled(names, cut, smooth)
    arguments = [
        values[name] if name in values else default_of(name, values) if default is None else default
        for name, default in compiled.fixed
    ]
    if not smooth:
        if compiled.together:
            check_together(dict(zip(compiled.arguments, arguments)))
        check_together(values)  # what is given must go together even where this formula does not use it
    if not arrays:
        found = _scalars(compiled, arguments)
        if found is not None:
            return found
    return _arrays(compiled, dict(zip(compiled.arguments, arguments)), arrays)


def _scalars(compiled, arguments):
    """The quick way: plain numbers, everything finite; None where that fails."""
    try:
        results = compiled.scalar(*arguments)
        if not math.isfinite(sum(results)):
            return None
    except (ZeroDivisionError, OverflowError, ValueError):
        return None
    found = {
        name: result if type(result) is float and not whole else int(result) if whole and not compiled.smooth else float(result)
        for name, result, whole in zip(compiled.names, results, compiled.whole)
    }
    blocked = {name for i, name in compiled.at if not results[i] > 0}
    if blocked:
        for name in compiled.names:
            if not blocked.isdisjoint(compiled.guards[name]):
                found[name] = math.nan
    return found


def _arrays(compiled, arguments, arrays):
    """The careful way: everything as an array, NaN where a guard is not positive or a result not finite."""
    try:
        shape = numpy.broadcast_shapes(*(numpy.shape(value) for value in arguments.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {numpy.shape(value)}" for name, value in sorted(arguments.items()) if numpy.ndim(value))
        raise NapkinError(f"these shapes do not broadcast: {shapes}") from None
    with numpy.errstate(all="ignore"):
        results = compiled.array(*(numpy.asarray(value, dtype=float) for value in arguments.values()))
    found = dict(zip(compiled.outputs, results))
    answers = {}
    for name in compiled.names:
        result = numpy.asarray(found[name], dtype=float)
        bad = ~numpy.isfinite(result)
        for guard in compiled.guards[name]:
            bad = bad | ~(numpy.asarray(found[guard]) > 0)
        result = numpy.broadcast_to(numpy.where(bad, numpy.nan, result), shape if arrays else ())
        if arrays:
            answers[name] = result.copy()
        else:
            result = float(result)
            is_whole = name in FORMULAS and FORMULAS[name].whole and result == result
            answers[name] = int(result) if is_whole and not compiled.smooth else result
    return answers


def positive_of(name, cut):
    """What a guard says where it is not above zero, refined as the cut says."""
    told = FORMULAS[name].positive
    for refinement in REFINEMENTS.get(name, ()):
        if refinement.positive and any(switch in cut for switch in refinement.switches):
            told = refinement.positive
    return told


def reason(name, given):
    """Why `name` has no answer for these inputs, as its guard says it."""
    cut = _checked(given)[1]
    for guard in guards_of(name, cut):
        if evaluate((guard,), given)[guard] <= 0:
            return tell(positive_of(guard, cut), given)
    return "beyond what a number can hold"


def names_in(sentence):
    """The names between braces in a sentence, in order."""
    return tuple(dict.fromkeys(field for _, field, _, _ in string.Formatter().parse(sentence) if field))


def tell(sentence, given):
    """Fill the {names} of a sentence with formatted values."""
    names = names_in(sentence)
    values = evaluate(names, given)
    return sentence.format(**{name: show(values[name], named(name).unit, named(name).digits) for name in names})
