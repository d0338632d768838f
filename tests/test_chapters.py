"""How the chapters are written: one face of the package, named once where the reader sees it."""

import ast
import doctest
import json
import random

import pytest

import napkin as nk
from napkin.language import sentences
from napkin.questions.estimate import NAMES
from tests.browser import ROOT
from tests.oracle import random_scenario

NOTEBOOKS = sorted((ROOT / "chapters").glob("*.ipynb"))
HIDDEN = {"remove-input", "hide-input"}


def cells_of(path):
    """(whether a reader sees its code at once, its syntax tree) of every code cell."""
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            yield HIDDEN.isdisjoint(cell["metadata"].get("tags", ())), ast.parse("".join(cell["source"]))


def imports_of(tree):
    """The lines of a cell that import the package."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    return [ast.unparse(node) for node in found if "napkin" in ast.unparse(node)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_package_is_imported_once_where_it_is_seen(path):
    seen, named, letters = [], set(), set()
    for i, (visible, tree) in enumerate(cells_of(path)):
        lines = imports_of(tree)
        if not visible:
            assert lines in ([], ["import napkin as nk"][: i == 0])  # what stands above the first visible cell runs too
            continue
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        if lines:
            seen.append(lines)
            assert tree.body[0].lineno == 1 and ast.unparse(tree.body[0]) == lines[0] == "import napkin as nk"
            letters = {name.name for node in tree.body[1:2] if isinstance(node, ast.ImportFrom) for name in node.names}
            assert len(lines) == 2 and letters <= set(nk.INPUTS) if lines[1:] else True
        assert seen or "nk" not in used  # not before it is imported
        named |= used
    assert len(seen) == ("nk" in named)
    assert not seen or not seen[0][1:] or letters <= named  # every letter is one of the derivations


def numbers_at(expression, formula, switch, chance):
    """An expression and its formula at a random scenario of the expression's own inputs that has an answer."""
    for _ in range(200):
        given = random_scenario(sorted({switch, *(one.name for one in expression.free_symbols)}), chance)
        given[switch] = 1 if nk.INPUTS[switch].flag else given[switch]
        computed = nk.evaluate(formula.name, given)[formula.name]
        if computed == computed:
            return float(expression.subs({one: given[one.name] for one in expression.free_symbols})), computed
    raise AssertionError(f"no scenario has a value of {formula.name}")


@pytest.mark.long
@pytest.mark.parametrize("name", nk.BOOK.refinements)
def test_an_expression_with_a_switch_is_what_is_computed_with_it(name):
    formula, chance = nk.FORMULAS[name], random.Random(name)
    assert formula.expression_with() == formula.expression
    for switch in {switch for one in nk.BOOK.refinements[name] for switch in one.switches}:
        by_hand, computed = numbers_at(formula.expression_with(**{switch: 1}), formula, switch, chance)
        assert by_hand == pytest.approx(computed, rel=1e-9), switch


CASES = [
    {},
    {"model": "gpt-oss-120b", "gpu": "B200 SXM", "context": 20_000},
    {"weight_bits": 16, "peak_flops": 4.5e15},
    {"users": 300, "weight_bits": 4},
    {"model": "Llama-3.1-70B", "gpu": "H100 SXM", "n_gpus": 8, "memory_utilisation": 0.9, "count": "article"},
]


@pytest.mark.parametrize("asked", CASES)
def test_what_differs_says_all_that_is_in_force(asked):
    found = nk.estimate(**asked)
    told = nk.estimate(count="article", **found.differing)
    assert {name: told.text(name) for name in NAMES} == {name: found.text(name) for name in NAMES}
    for name in found.differing:
        rest = {one: value for one, value in found.inputs.items() if one != name}
        assert name in nk.FORMULAS or nk.evaluate(name, rest)[name] != found.inputs[name] or nk.INPUTS[name].computed


def test_a_table_has_its_cells_told():
    made = nk.table(["", "{batch}"], [[8, "{step_seconds(batch=8)}"], ["both", "$1"]], batch=2, context=20_000)
    step = nk.step_seconds.text(batch=8, context=20_000)
    assert made == f"| | 2 conversations |\n|---|---|\n| 8 | {step} |\n| both | $1 |"
    assert made._repr_markdown_().count("napkin-live") == 2 and r"\$1" in made._repr_markdown_()


def test_the_examples_are_right():
    found = doctest.testmod(sentences)
    assert found.attempted and not found.failed
