"""Code that is folded: a small link under what it shows, one switch for the whole book, and the minutes at the head."""

import re
import sys

import pytest

from tests.browser import BOOK, ROOT, pages

sys.path.insert(0, str(ROOT / "_sphinx"))
import values

CHAPTERS = [name for name in pages() if re.match(r"chapters/\d", name)]
SIZES = [{"width": 1280, "height": 800}, {"width": 390, "height": 844}]


def open_code(page):
    """How many pieces of code stand open: those that the switch moves, and all."""
    return [page.locator(f"details.napkin-code{kind}[open]").count() for kind in (".is-switched", "")]


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_comes_folded(opened, name, size):
    page = opened(name, viewport=size)
    assert page.locator("div.cell_input pre").filter(visible=True).count() == 0
    assert page.locator("details.hide.above-input p.collapsed").filter(visible=True).all_inner_texts() == [
        f"Solution {number}" for number in range(1, 1 + page.locator("div.cell.tag_hide-cell").count())
    ], "no grey bar but that of a solution"
    links = page.locator("details.napkin-code > summary").all_inner_texts()
    assert {"code", "checked"} == set(links)
    # a link stands below what it opens the code of, or at its end; never above
    above = page.evaluate(
        """() => [...document.querySelectorAll("div.cell.is-folded")].filter((cell) => {
          const output = cell.querySelector(".cell_output");
          return output && cell.querySelector(":scope > details > summary").getBoundingClientRect().bottom < output.getBoundingClientRect().bottom - 12;
        }).map((cell) => cell.textContent.slice(0, 80))"""
    )
    assert above == []


def test_one_switch_for_the_whole_book(opened):
    page = opened(CHAPTERS[0])
    switch = page.locator(".napkin-code-switch")
    assert switch.inner_text() == "Show the code" and open_code(page) == [0, 0]
    switch.focus()
    page.keyboard.press("Enter")
    every = page.locator("details.napkin-code.is-switched").count()
    assert switch.inner_text() == "Fold the code" and open_code(page) == [every, every]
    first = page.locator("div.cell.is-folded:has(> .cell_output):has(> .is-switched)").first
    code, output = (first.locator(part).bounding_box()["y"] for part in (".cell_input", ".cell_output"))
    assert code < output, "open, code comes before what it does"
    page.goto(page.url.replace(CHAPTERS[0], CHAPTERS[3]))
    assert page.locator(".napkin-code-switch").inner_text() == "Fold the code" and open_code(page)[0] > 10
    page.locator(".napkin-code-switch").click()
    page.reload()
    assert open_code(page) == [0, 0]


def test_a_piece_opens_by_itself_without_a_script(opened):
    page = opened(CHAPTERS[3], java_script_enabled=False)
    assert page.locator(".napkin-code-switch").filter(visible=True).count() == 0
    one = page.locator("details.napkin-code").nth(2)
    one.locator("summary").click()
    assert one.locator("pre").is_visible() and open_code(page)[1] == 1


def test_paper_gets_the_code_as_it_stands(opened):
    page = opened(CHAPTERS[3])
    page.locator("details.napkin-code summary").nth(2).click()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert open_code(page)[1] == 1
    assert page.locator("details.napkin-code > summary, .napkin-code-switch").filter(visible=True).count() == 0


@pytest.mark.browser  # it reads the book as built
def test_the_minutes_are_those_of_what_is_read():
    for name in CHAPTERS:
        text = (BOOK / f"{name}.html").read_text("utf-8")
        alone, with_code = map(int, re.search(r'class="napkin-reading">(\d+) minutes, (\d+) with the code', text).groups())
        folded = re.findall(r'<details class="napkin-code is-switched">.*?<pre>(.*?)</pre>', text, re.DOTALL)
        lines = sum(bool(line.strip()) for code in folded for line in re.sub("<[^>]*>", "", code).splitlines())
        assert 5 <= alone < with_code <= 30, name
        assert abs(with_code - alone - lines * 4 / 60) <= 1, name


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        ("peak | 4.5 PFLOP/s\nmemory | 192 GB\n", ([], [["peak", "4.5 PFLOP/s"], ["memory", "192 GB"]])),
        ("{'mxfp4': 4.25, 20000: 8}", ([], [["mxfp4", "4.25"], ["20,000", "8"]])),
        ("{'a, b': [$9.44, 10,336 h],\n 'c': [$1.00, 2 h]}", ([], [["a, b", "$9.44", "10,336 h"], ["c", "$1.00", "2 h"]])),
        ("{'x': {1: 'a: b', 2: 'c'}, 'y': {1: 3, 2: 4}}", (["", "1", "2"], [["x", "a: b", "c"], ["y", "3", "4"]])),
        ("(1741952, 56192)", "1,741,952 · 56,192"),
        ("'60.7 GiB'", "60.7 GiB"),
        ("((8, 5), (3, 8, 5))", None),
        ("{'a': [1, 2], 'b': [3]}", None),
        ("192 GB − 32 GB = 160 GB", None),
        ("{}", None),
        ("", None),
    ],
)
def test_what_python_prints_reads_as_a_table_or_a_line(printed, told):
    assert values.read(printed) == told
