"""The book in Firefox: every page, the figures under the hand, and what is set, as in Chromium."""

import urllib.parse

import pytest

from napkin import estimate
from tests.browser import BOOK, pages, serving
from tests.firefox import Firefox
from tests.test_sight import CHAPTERS, OUT_OF_SIGHT, SIZES

FIGURE = "document.getElementById('playground-whole-napkin')"


@pytest.fixture(scope="module")
def firefox():
    one = Firefox()
    yield one
    one.close()


@pytest.fixture(scope="module")
def address():
    assert (BOOK / "chapters" / "index.html").exists(), "The book is not built: run `make html` (or `make test`, which does)."
    with serving(BOOK) as found:
        yield found


@pytest.fixture
def opened(firefox, address):
    """Opens a page with a scenario of its own; at the end demands that the console had nothing to complain of."""

    def open_page(name, link="", size=(1280, 800)):
        firefox.resize(*size)
        folder = "" if "/" in name or name == "search" else "chapters/"
        firefox.goto("about:blank")
        firefox.goto(f"{address}/{folder}{name}.html{link}")
        return firefox

    yield open_page
    firefox.evaluate("() => globalThis.napkinStore?.forget()")
    faults, firefox.faults = firefox.faults, []
    assert not faults, faults


@pytest.mark.parametrize("name", pages())
def test_every_page_lives_and_fits_a_phone(opened, name):
    page = opened(name, size=(390, 844))
    assert page.evaluate(
        "() => [...document.querySelectorAll('figure.napkin-playground')].every((one) => one.classList.contains('is-live'))"
    )
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    assert page.evaluate("() => document.querySelectorAll('#napkin-scenario').length") == 1
    assert page.evaluate(
        "() => [...document.querySelectorAll('math')].every((one) => one.getBoundingClientRect().height > 5 || !one.checkVisibility())"
    )
    assert not page.evaluate(r"() => /\\frac|\\mathrm|\{eq\}|undefined|NaN/.test(document.querySelector('main').innerText)")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
@pytest.mark.parametrize("name", [one for one in CHAPTERS if one.rpartition("/")[2][:2] in ("in", "04", "09")])
def test_the_picture_is_in_sight_of_every_control(opened, name, size):
    page = opened(name, size=size)
    page.evaluate("() => document.querySelectorAll('.napkin-more').forEach((one) => { one.open = true; })")
    assert page.evaluate(OUT_OF_SIGHT.strip()) == []


def context(page):
    return page.evaluate(f"() => JSON.parse({FIGURE}.dataset.inputs).context")


def where(page, selector):
    """The middle of something, in sight."""
    script = """(selector) => {
      const one = document.querySelector(selector);
      one.scrollIntoView({ block: "center" });
      const { left, top, width, height } = one.getBoundingClientRect();
      return [left + width / 2, top + height / 2];
    }"""
    return page.evaluate(script, selector)


def test_sliders_points_numbers_and_fields_move_the_scenario(opened):
    page = opened("index")
    x, y = where(page, "#playground-whole-napkin .is-handle")
    page.drag(x, y, x + 60, y)
    assert context(page) > 20_000, "the point"
    x, y = where(page, "#playground-whole-napkin .napkin-sentence .napkin-drag")
    page.drag(x, y, x - 400, y)
    assert context(page) == 100, "the number in the sentence"
    page.evaluate(f"() => {FIGURE}.querySelector('[name=context]').focus()")
    page.press("End")
    assert context(page) == 1_000_000, "the slider, by key"
    page.evaluate(f"() => {FIGURE}.querySelector('[data-types=context]').select()")
    page.press(*"20.000", "Enter")
    assert context(page) == 20_000, "the field"
    page.evaluate(f"() => {FIGURE}.querySelector('[data-types=context]').select()")
    page.press(*"nought", "Enter")
    assert page.evaluate(f"() => {FIGURE}.querySelector('.napkin-refused:not(:empty)').textContent").startswith("Context must be")
    assert context(page) == 20_000


def test_what_is_set_travels_and_agrees_with_the_package(opened, address):
    link = "#" + urllib.parse.urlencode({"model": "Qwen3-32B", "gpu": "H100 SXM", "context": 9000, "n_gpus": 4})
    page = opened("04_b200_budget", link)
    page.evaluate("() => { napkinStore.change({ batch: 7 }); napkinStore.save(); }")
    expected = estimate("Qwen3-32B", "H100 SXM", 4, context=9000, duty_cycle=0.2)
    page.goto(f"{address}/chapters/06_cost.html")
    for name in ("users", "cost_per_user_month"):
        said = page.evaluate("(name) => Number(document.querySelector(`.napkin-value[data-name=${name}]`).dataset.value)", name)
        assert said == pytest.approx(expected[name], rel=1e-12)
    assert "batch" not in page.evaluate("() => napkinStore.scenario.given")


def test_a_figure_alone_and_back(opened):
    page = opened("05_users", "#context=5000&alone=playground-full-gpu", size=(1280, 720))
    assert page.evaluate("() => document.querySelector('dialog.napkin-alone').open")
    bottom, width = page.evaluate(
        "() => { const one = document.querySelector('dialog.napkin-alone svg').getBoundingClientRect(); return [one.bottom, one.width]; }"
    )
    assert bottom <= 720 and width > 600
    page.press("Escape")
    page.wait_for("() => !document.querySelector('dialog.napkin-alone') && document.querySelector('main #playground-full-gpu') !== null")
    assert page.evaluate("() => location.hash") == ""


def test_the_search_finds_a_word_of_the_field(opened):
    page = opened("search", "?q=TTFT")
    page.wait_for("() => /time to first token \\(TTFT\\): /.test(document.getElementById('search-results').innerText)")
