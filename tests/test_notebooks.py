"""The chapters, run when the book was built: what their cells store is what a run gives."""

import sys

import nbformat
import pytest

from tests.browser import BOOK, ROOT

sys.path.append(str(ROOT / "_sphinx"))

from notebooks import normalise

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))


def told(cell):
    """What a cell shows, without pictures: another machine's fonts draw them otherwise."""
    return [
        {face: text for face, text in output.get("data", {output.output_type: output.get("text")}).items() if not face.startswith("image/")}
        for output in cell.get("outputs", ())
    ]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_stored_outputs_are_what_a_run_gives(book, path):
    stored = nbformat.read(path, as_version=4)
    run = normalise(nbformat.read(BOOK.parent / "executed" / path.name, as_version=4))
    assert [cell.source for cell in run.cells] == [cell.source for cell in stored.cells], "the book is older than this chapter: make html"
    assert any(told(cell) for cell in stored.cells)
    for was, now in zip(stored.cells, run.cells):
        assert told(now) == told(was), was.source
