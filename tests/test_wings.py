"""Which part of the house may use which: the arrows of CONTRIBUTING.md, read off every import."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import napkin

HOUSE = Path(napkin.__file__).parent
DOORS = {"napkin", "napkin.__main__"}  # they hand on what the wings make
#: What a wing may use beside itself; "front" is the notation, the chapters, their mistakes and limits.
MAY_USE = {
    "language": set(),
    "catalogue": {"language"},
    "front": {"language"},
    "questions": {"language", "catalogue", "front"},
    "page": {"language", "catalogue", "front", "questions"},
}


def wing(module):
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in MAY_USE else "front"


def name_of(file):
    return ".".join(("napkin", *file.relative_to(HOUSE).with_suffix("").parts)).removesuffix(".__init__")


MODULES = {name_of(file): file for file in HOUSE.rglob("*.py")}


def used_by(module):
    """The modules of the house that a module imports, at its top or within a function."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".") if MODULES[module].name == "__init__.py" else module.split(".")[:-1]
            above = ".".join([*base[: len(base) - node.level + 1], *filter(None, [node.module])]) if node.level else node.module
            found.update(f"{above}.{one.name}" if f"{above}.{one.name}" in MODULES else above for one in node.names)
    return found & set(MODULES) - {module}


@pytest.mark.parametrize("module", sorted(set(MODULES) - DOORS))
def test_a_module_uses_only_what_its_wing_may(module):
    allowed = MAY_USE[wing(module)] | {wing(module)}
    assert {one for one in used_by(module) if wing(one) not in allowed or one in DOORS} == set()


def test_no_circle_among_modules():
    list(TopologicalSorter({module: used_by(module) for module in set(MODULES) - DOORS}).static_order())


def test_the_arrows_are_read_at_all():
    assert "napkin.language.graph" in used_by("napkin.questions.solve") and wing("napkin.cost") == "front"
