"""How the front end's modules become one script: imports decide the order, a circle is refused, nothing leaks."""

import re

import pytest

from napkin.page import scripts
from tests import node
from tests.browser import Watched


@pytest.fixture
def house(tmp_path, monkeypatch):
    """Write modules and bundle them from there."""

    def write(**modules):
        for name, source in modules.items():
            (tmp_path / f"{name}.js").write_text(source, "utf-8")

    monkeypatch.setattr(scripts, "WEB", tmp_path)
    scripts.bundled.cache_clear()
    yield write
    scripts.bundled.cache_clear()


def test_a_module_comes_once_and_after_what_it_imports(house):
    house(
        top='import { twice } from "./left.js";\nimport {\n  one,\n} from "./right.js";\nexport const sum = twice + one;\n',
        left='import { one } from "./base.js";\nconst more = 1;\nexport const twice = one + more;\n',
        right='import { zero } from "./base.js";\nconst more = 5;\nexport const one = zero + more;\n',
        base="export const one = 1;\nexport const zero = 0;\nexport async function late() {}\nexport class Kind {}\n",
    )
    source = scripts.bundled("top")
    assert re.findall(r"^const (\w+)_js", source, re.MULTILINE) == ["base", "left", "right", "top"]
    assert not re.search(r"^(import|export)\b", source, re.MULTILINE)
    assert node.run("", f"() => {{ {source} return [top_js.sum, Object.keys(base_js)]; }}") == [7, ["one", "zero", "late", "Kind"]]


def test_a_circle_is_refused(house):
    house(hen='import { egg } from "./egg.js";\nexport const hen = 1;\n', egg='import { hen } from "./hen.js";\nexport const egg = 1;\n')
    with pytest.raises(ValueError, match="hen → egg → hen"):
        scripts.bundled("hen")


def test_what_needs_no_page_runs_without_one():
    assert {"Case", "Scenario", "solve", "formatted", "worth", "readRecord"} <= set(
        node.run("answers numbers record scenario sentences solving", "(front) => Object.keys(front)")
    )


def test_a_page_has_one_script_and_few_global_names(chromium, book):
    with Watched(chromium, book["file"]) as watched:
        page = watched.page
        page.goto(f"{book['file']}/chapters/05_users.html")
        ours = page.eval_on_selector_all("script[src]", "all => all.map((one) => one.src).filter((one) => one.includes('napkin'))")
        assert len(ours) == 1
        own = page.evaluate("Object.getOwnPropertyNames(window).filter((name) => name.startsWith('napkin'))")
        shell = {"napkinMenus", "napkinBackToTop", "napkinTabStops", "napkinFocus", "napkinPaper", "napkinCode"}
        assert set(own) - shell == {"napkin", "napkinGuesses", "napkinBook", "napkinStore", "napkinGuessKept"}
        assert not watched.faults, watched.faults
