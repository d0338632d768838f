"""One version: the package says it, and everything else says the same."""

import importlib.metadata
import re

import yaml

import napkin
from tests.browser import ROOT


def test_one_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    newest = re.search(r"^## (\d\S*) - (\S+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert napkin.__version__ == importlib.metadata.version("inference-on-a-napkin") == citation["version"] == newest[1]
    assert str(citation["date-released"]) == newest[2]
