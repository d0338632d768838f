"""What every test has: chance that repeats itself, and a scenario that nobody has touched. The browser is in browser.py."""

import random
import sys

import pytest


@pytest.fixture
def chance():
    """Random numbers that are the same in every run."""
    return random.Random(20261122)


@pytest.fixture(autouse=True)
def _nothing_is_set():
    """Every test starts with the first numbers: what one sets in a playground is not there in the next."""
    yield
    if playground := sys.modules.get("napkin.page.playground"):
        playground.forget_scenario()
