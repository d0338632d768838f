"""Which tests need more than Python, and which share something that one process has to keep."""

import pytest

pytest_plugins = ["tests.browser"]

#: Whoever uses one of these needs more than Python: `make check` leaves it to `make test`.
BROWSER = {"book", "chromium", "cluster", "lab"}


def pytest_collection_modifyitems(items):
    for item in items:
        if BROWSER & set(item.fixturenames):
            item.add_marker("browser")
            if "seen" in item.fixturenames:
                item.add_marker(pytest.mark.xdist_group(f"{item.path.name}:{item.callspec.params['name']}"))  # one page, one process
