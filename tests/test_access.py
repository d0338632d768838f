"""The book for readers who use a keyboard, a screen reader, a phone, little light, less motion, or paper."""

import gzip
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser import BOOK, OTHERS, pages

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
    "preload": False,
}
EVERY = [*pages(), *OTHERS]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
FINGER = 44  # px: WCAG 2.5.5, what a fingertip hits

UNFOLD = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"

# A page has thousands of words in some dozens of looks. One of each look keeps its words, the others lose theirs: what looks
# alike, with all that it stands in, has the same contrast. (Axe takes five sixths of its time for contrast.)
ONE_OF_EACH = """
() => {
  const looks = new Map([[document.documentElement, ""]]);
  const own = (one) => one.tagName + [...one.attributes]
    .filter(({ name }) => /^(class|style|fill|role|type|disabled|open|hidden|data-theme|data-style|aria-(current|pressed|selected|disabled))$/.test(name))
    .map(({ name, value }) => name + value).join();
  const seen = new Set();
  for (const one of document.querySelectorAll("body, body *")) {
    looks.set(one, looks.get(one.parentElement) + ">" + own(one));
    if (one.closest("script, style, a, button, label, summary, th, h1, h2, h3, h4")) continue;
    const words = [...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!words.length) continue;
    if (seen.has(looks.get(one))) words.forEach((node) => node.remove());
    seen.add(looks.get(one));
  }
}
"""

# What can be touched and shows: controls, summaries, and links that are no part of a running text.
TOUCHED = """
() => [...document.querySelectorAll("a[href], button, select, input, textarea, summary, [role=button], [tabindex='0']:is(a, label)")]
  .filter((one) => {
    if (!one.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
    if (one.matches(".skip-link a, .headerlink")) return false;  // shown to a keyboard, or to a mouse, only
    const text = one.matches("a") && one.closest("p, td, th, li, dd, dt, figcaption, .citation, h1, h2, h3");
    return !(text && one.closest("article, .search-results, #search-results") && !one.closest(".prev-next-area, nav"));
  })
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([one, box]) => box.width && box.height && (box.width < 43.5 || box.height < 43.5))
  .map(([one, box]) => `${one.outerHTML.slice(0, 90)} ${Math.round(box.width)} x ${Math.round(box.height)}`)
"""


def faults(page, contrast=None):
    """What axe finds, a line each: by all rules, all but contrast (False), or contrast alone (True)."""
    rules = {**RULES, "runOnly": ["color-contrast"]} if contrast else RULES
    rules = {**rules, "rules": {"color-contrast": {"enabled": contrast is not False}}}
    found = Axe().run(page, options=rules).response["violations"]
    return [f"{one['id']}: {node['target']} {node['html'][:100]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("name", EVERY)
def test_axe_finds_nothing(opened, name):
    """Everything unfolded, since what is folded away is not looked at: on a phone and at the desk, then contrast in light and in dark."""
    page = opened(name, color_scheme="light", viewport=PHONE, reduced_motion="reduce")
    page.evaluate(UNFOLD)
    assert faults(page, contrast=False) == []
    page.set_viewport_size(DESK)
    assert faults(page, contrast=False) == []
    page.evaluate(ONE_OF_EACH)
    assert faults(page, contrast=True) == []
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    assert faults(page, contrast=True) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_what_opens(opened, scheme):
    """The sidebars on a phone, the search, and the menu."""
    page = opened(pages()[1], color_scheme=scheme, viewport=PHONE, reduced_motion="reduce")
    page.evaluate(ONE_OF_EACH)
    for button, dialog in (("primary-toggle", "pst-primary-sidebar-modal"), ("secondary-toggle", "pst-secondary-sidebar-modal")):
        page.locator(f".header-article-items .{button}").click()
        assert page.locator(f"#{dialog}").evaluate("(one) => one.open")
        assert faults(page) == []
        page.keyboard.press("Escape")
        assert not page.locator(f"#{dialog}").evaluate("(one) => one.open")
    page.locator(".header-article-items .search-button").click()
    assert page.locator("#pst-search-dialog input").evaluate("(one) => one === document.activeElement")
    assert faults(page) == []
    page.keyboard.press("Escape")
    menu = page.locator(".dropdown-download-buttons button").first
    menu.focus()  # a mouse that rests on it shows the menu anyway
    page.keyboard.press("Enter")
    assert menu.get_attribute("aria-expanded") == "true" and page.locator(".dropdown-menu").is_visible()
    assert faults(page) == []
    page.keyboard.press("Escape")
    assert menu.get_attribute("aria-expanded") == "false" and not page.locator(".dropdown-menu").is_visible()


@pytest.mark.parametrize("name", EVERY)
def test_a_fingertip_hits_what_it_aims_at(opened, name):
    page = opened(name, viewport=PHONE, has_touch=True, is_mobile=True)
    page.evaluate(UNFOLD)
    assert page.evaluate(TOUCHED) == []
    for button in ("primary-toggle", "secondary-toggle"):
        if page.locator(f".header-article-items .{button}").filter(visible=True).count():
            page.locator(f".header-article-items .{button}").click()
            assert page.evaluate(TOUCHED) == []
            page.keyboard.press("Escape")


@pytest.mark.parametrize("name", EVERY)
def test_what_scrolls_sideways_is_reached_by_keyboard(opened, name):
    page = opened(name, viewport=PHONE)
    page.evaluate(UNFOLD)
    page.wait_for_timeout(100)
    unreached = page.evaluate(
        """() => [...document.querySelectorAll("main *")].filter((one) => {
          const style = getComputedStyle(one);
          return ["auto", "scroll"].includes(style.overflowX) && one.scrollWidth > one.clientWidth + 1 && one.clientWidth
            && one.checkVisibility() && one.tabIndex < 0 && !one.matches("select, input, textarea, summary");
        }).map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert unreached == []


@pytest.mark.parametrize("name", EVERY)
def test_nothing_moves_by_itself_where_less_motion_is_asked_for(seen, name):
    page = seen(name, reduced_motion="reduce", viewport=DESK)
    moving = page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll("*")].flatMap((one) => ["", "::before", "::after"].flatMap((part) => {
          const style = getComputedStyle(one, part);
          const seconds = (list) => Math.max(...list.split(",").map(parseFloat));
          const moves = seconds(style.transitionDuration) > 0.001 || seconds(style.animationDuration) > 0.001 && style.animationName !== "none";
          return moves || style.scrollBehavior === "smooth" ? [one.outerHTML.slice(0, 80) + part] : [];
        }))"""
    )
    assert moving == []


@pytest.mark.parametrize("name", pages())
def test_paper_gets_the_page_and_not_its_frame(opened, name):
    page = opened(name, color_scheme="dark", viewport=DESK)
    page.evaluate("addEventListener('beforeprint', () => { window.printedIn = document.documentElement.dataset.theme; })")
    page.pdf()
    assert page.evaluate("window.printedIn") == "light"
    assert page.locator("html").get_attribute("data-theme") == "dark", "the screen keeps its theme"
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for left_out in (
        ".bd-sidebar-primary",
        ".bd-sidebar-secondary",
        ".bd-header-article",
        ".prev-next-footer",
        ".bd-footer",
        "button.copybtn",
        ".napkin-bar",
        ".napkin-playground input",
        ".napkin-playground select",
        "a.headerlink",
    ):
        assert page.locator(left_out).filter(visible=True).count() == 0, left_out
    assert page.locator("h1").filter(visible=True).count() == 1
    for figure in page.locator("figure.napkin-playground").all():
        assert figure.locator(".napkin-results").evaluate("(one) => getComputedStyle(one).position") == "static"
        assert figure.locator("output").filter(visible=True).count() == figure.locator("output").count()
        assert figure.evaluate("(one) => getComputedStyle(one).breakInside") == "avoid"
    cut = page.evaluate(
        """() => [...document.querySelectorAll("article :is(.napkin-catalogue, .pst-scrollable-table-container, div:has(> table))")].filter((one) =>
          one.checkVisibility() && getComputedStyle(one).overflow !== "visible"
          && (one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1)).map((one) => one.outerHTML.slice(0, 80))"""
    )
    assert cut == [], "a table is printed whole"
    # dark words on light paper: the relative luminance of what is written, and of what it is written on
    luminance = """(all, which) => {
      const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      return [...new Set(all.map((one) => getComputedStyle(one)[which]))].map((colour) => {
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return canvas.getImageData(0, 0, 1, 1).data.slice(0, 3).reduce((sum, part) => sum + part / 765, 0);
      });
    }"""
    assert min(page.locator("body").evaluate_all(luminance, "backgroundColor")) > 0.95
    for written in ("article p", "article h1", "article pre span", "article math", ".napkin-playground output"):
        assert max(page.locator(written).filter(visible=True).evaluate_all(luminance, "color"), default=0) < 0.6, written


@pytest.mark.parametrize("how", ["http", "file"])
def test_the_frame_works(opened, how):
    """Theme, copying, the menu, the way to the results of a search: with the theme's scripts cut down."""
    page = opened(pages()[1], how=how, viewport=DESK, color_scheme="light", reduced_motion="reduce")
    root = page.locator("html")
    switch = page.locator(".theme-switch-button").filter(visible=True).first
    seen = [(switch.click(), root.get_attribute("data-theme"))[1] for _ in range(3)]
    assert set(seen) == {"light", "dark"}
    page.locator(".primary-toggle").filter(visible=True).first.click()
    assert (
        not page.locator(".bd-sidebar-primary .bd-links").is_visible()
        or page.locator(".bd-sidebar-primary").evaluate("(one) => one.getBoundingClientRect().right") <= 0
    )
    page.locator(".primary-toggle").filter(visible=True).first.click()
    page.locator("details.hide summary").first.click()
    assert page.locator("details.hide pre").first.is_visible()
    block = page.locator("div.highlight").filter(visible=True).first
    block.hover()
    block.locator("button.copybtn").click()
    assert "success" in block.locator("button.copybtn").get_attribute("class")
    page.keyboard.press("Control+k")
    page.keyboard.type("bandwidth")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=bandwidth")
    page.locator("#search-results li a").first.wait_for()
    assert page.locator("#search-results li a").count() > 3


@pytest.mark.parametrize("name", EVERY)
def test_the_first_load_is_light(seen, name):
    """Everything a page asks for, packed as a server packs it."""
    page = seen(name, reduced_motion="reduce", viewport=DESK)
    addresses = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name).concat(location.href)")
    files = {BOOK / urlsplit(one).path.lstrip("/") for one in addresses if not one.startswith("data:")}
    assert {".html", ".css", ".js"} <= {file.suffix for file in files}
    weight = sum(file.stat().st_size if file.suffix in (".woff2", ".png") else len(gzip.compress(file.read_bytes(), 6)) for file in files)
    assert 30_000 < weight < 200_000, f"{weight:,} bytes"


def test_styles_keep_what_the_pages_use(book):
    """The cut is by names; every class that is written on a page, and has a rule in the theme, keeps one."""
    import pydata_sphinx_theme

    theirs = (Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static/styles/pydata-sphinx-theme.css").read_text()
    ours = (BOOK / "_static/styles/pydata-sphinx-theme.css").read_text()
    html = "".join(page.read_text() for page in (BOOK / "chapters").glob("*.html"))
    used = {name for classes in re.findall(r'class="([^"]*)"', html) for name in classes.split()}
    in_theirs, in_ours = ({name for name in used if re.search(rf"\.{re.escape(name)}(?![\w-])", text)} for text in (theirs, ours))
    assert in_ours and {name for name in in_theirs - in_ours if not alone_in_rules(name, theirs, used)} == set()


def alone_in_rules(name, text, used):
    """Whether each of the theme's rules for a class asks for another class too, which no page has."""
    selectors = [
        one
        for head in re.findall(r"[{}]([^{}]+)\{", text)
        for one in re.split(r",(?![^(]*\))", head)
        if re.search(rf"\.{re.escape(name)}(?![\w-])", one)
    ]
    return all(set(re.findall(r"\.([A-Za-z][\w-]*)", re.sub(r":not\([^)]*\)", "", one))) - used for one in selectors)
