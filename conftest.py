"""Notebooks as tests: their stored text outputs are golden values."""


def pytest_collection_modifyitems(items):
    for item in items:
        if hasattr(item, "cell"):
            # Stored cells carry no execution counts, which nbval takes for "never run"; faces in HTML are not stored.
            item.cell.execution_count = 0
            item.parent.skip_compare += ("text/html",)
