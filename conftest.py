"""Which tests need more than Python, and which share something that one process has to keep. Notebooks are tests too."""

import pytest

pytest_plugins = ["tests.browser"]

#: Whoever uses one of these needs more than Python: `make check` leaves it to `make test`.
BROWSER = {"book", "chromium", "cluster", "lab"}


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in its own hook
def pytest_collection_modifyitems(items):
    for item in items:
        if hasattr(item, "cell"):
            # Stored cells carry no execution counts, which nbval takes for "never run"; faces in HTML are not stored.
            item.cell.execution_count = 0
            item.parent.skip_compare += ("text/html",)
            item.add_marker(pytest.mark.xdist_group(item.path.name))  # a notebook's cells share one kernel
            continue
        if BROWSER & set(item.fixturenames):
            item.add_marker("browser")
            if "seen" in item.fixturenames:
                item.add_marker(pytest.mark.xdist_group(f"{item.path.name}:{item.callspec.params['name']}"))  # one page, one process
