"""Which tests need more than Python, and which share something that one process has to keep. Notebooks are tests too."""

import re

import pytest
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["tests.browser"]

#: Whoever uses one of these needs more than Python: `make check` leaves it to `make test`.
BROWSER = {"book", "chromium", "cluster", "firefox", "lab"}


def pytest_collection_modifyitems(items):
    for item in items:
        if hasattr(item, "cell"):
            # Stored cells carry no execution counts, which nbval takes for "never run"; faces in HTML are not stored.
            item.cell.execution_count = 0
            item.parent.skip_compare += ("text/html",)
        elif BROWSER & set(item.fixturenames):
            item.add_marker("browser")


class Together(LoadScopeScheduling):
    """Where tests go: a notebook's cells share one kernel, looks at one page share the page, all else goes where there is room."""

    def _split_scope(self, nodeid):
        file, _, test = nodeid.partition("::")
        if file.startswith("chapters/") or file in ("tests/test_turning.py", "tests/test_firefox.py"):
            return file
        page = re.search(r"\[(chapters/\w+|search|genindex)\]", test)
        return f"{file}::{page[1]}" if page else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return Together(config, log)
