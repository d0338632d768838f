"""What travels through the book and what stays in its chapter, what a link carries, and one figure alone: in a real browser."""

import re

import nbformat
import pytest

from napkin import INPUTS
from napkin.page.knowledge import CHAT
from napkin.questions.ready import READY
from tests.browser import BOOK, ROOT, pages, unfolded
from tests.test_scenario import BAR, in_force, told, visit

CHAPTERS = [name.removeprefix("chapters/") for name in pages() if name.removeprefix("chapters/")[0].isdigit()]
REASONS = r"""() => [...new Set([
  ...[...document.querySelectorAll("figure output.is-reason")].map((one) => `${one.closest("figure").id}: ${one.name}`),
  ...[...document.querySelectorAll(".napkin-why")].map((one) => one.textContent.replace(/[\d.,]+/g, "#")).filter(Boolean),
])]"""


def put(page, **changes):
    page.evaluate("(changes) => { napkinStore.change(changes); napkinStore.catchUp(); napkinStore.save(); }", changes)


def test_what_belongs_to_a_chapter_stays_there_unless_it_is_taken_along(opened):
    page = opened("04_b200_budget")
    put(page, batch=4096, context=5000)
    visit(page, "05_users")
    assert in_force(page)["given"] == {"context": 5000}
    visit(page, "04_b200_budget")
    assert in_force(page)["given"] == {"context": 5000, "batch": 4096}, "it is there again"
    page.locator(f"{BAR} summary").click()
    assert "batch 4,096 conversations, on this page only" in page.locator(".napkin-set").inner_text()
    page.get_by_role("button", name="batch 4,096 conversations: take along").click()
    visit(page, "05_users")
    assert in_force(page)["given"] == {"context": 5000, "batch": 4096}
    notes = page.locator("#playground-machine-full .napkin-notes")
    assert "Also set: batch 4,096 conversations. undo" in notes.inner_text()
    notes.get_by_role("button", name="undo").click()
    assert in_force(page)["given"] == {"context": 5000} and "Also set" not in notes.inner_text()
    visit(page, "index")
    put(page, n_kv_heads=4)
    visit(page, "03_kv_cache")
    assert in_force(page)["given"]["n_kv_heads"] == 4, "what is set on the first page holds everywhere"
    page.reload()
    visit(page, "05_users")
    assert in_force(page)["given"]["n_kv_heads"] == 4


#: What the tasks ask for where their answers say it in no number.
ALSO = {
    "01_matmul_cost": [{"rows": 256}],
    "07_skipped": [
        {"batch": 512},
        {"n_experts": 1024},
        {"batch": 300},
        dict.fromkeys(("count_weights", "count_caches", "count_formats"), 1),
    ],
}


def tasks_of(chapter):
    """What a reader sets who does what the chapter asks: the inputs in the answers to its tasks."""
    cells = nbformat.read(ROOT / "chapters" / f"{chapter}.ipynb", 4).cells
    asked = " ".join(cell.source for cell in cells if "nk.play(" in cell.source)
    found = [{name: float(value)} for name, value in re.findall(r"\b(\w+)=(\d[\d_.e]*)", asked) if name in INPUTS]
    return [one for i, one in enumerate(found) if one not in found[:i]] + ALSO.get(chapter, [])


@pytest.mark.parametrize(("name", "after"), zip(CHAPTERS, [*CHAPTERS[1:], "index"]))
def test_doing_what_a_chapter_asks_breaks_nothing_after_it(opened, name, after):
    page = opened(after)
    untouched, tasks = page.evaluate(REASONS), tasks_of(name)
    assert tasks
    for task in tasks:
        visit(page, name)
        page.evaluate("napkinStore.forget()")
        put(page, **task)
        visit(page, after)
        assert page.evaluate(REASONS) == untouched, task


@pytest.mark.parametrize("name", ["index", *CHAPTERS])
def test_no_figure_and_bar_show_two_values_without_a_word(opened, name):
    page = opened(name)
    for given in ({}, {"context": 7000}, {"duty_cycle": 0.5}):
        page.evaluate("napkinStore.replace({})")
        put(page, **given)
        bar = {**CHAT, "tensor_parallel": 1, **given}
        shown = page.eval_on_selector_all(
            "figure.napkin-playground",
            """all => all.map((one) => [one.id, JSON.parse(one.dataset.inputs), one.querySelector(".napkin-notes").textContent])""",
        )
        for figure, inputs, notes in shown:
            for one, value in bar.items():
                if one in inputs and inputs[one] != value:
                    assert f"{INPUTS[one].label} " in notes and "in the bar" in notes, (figure, one, notes)
            assert ("in the bar" in notes) == any(one in inputs and inputs[one] != value for one, value in bar.items()), (figure, notes)


def test_a_link_carries_both_scenarios_and_opens_at_a_figure(opened):
    page = opened("05_users", "#context=5000")
    page.evaluate("napkinStore.put({ kept: napkinStore.scenario }); napkinStore.change({ context: 9000, n_kv_heads: 4 })")
    users = told(page)["users"]
    link = page.evaluate("napkinStore.address({ at: 'playground-users-of-one-gpu' })")
    page.evaluate("napkinStore.forget()")
    visit(page, "05_users", "#" + link.split("#")[1])
    assert told(page)["users"] == users and page.evaluate("napkinStore.kept.given.context") == 5000
    assert page.locator("#playground-users-of-one-gpu svg").bounding_box()["y"] > 0
    box = page.locator("#playground-users-of-one-gpu").bounding_box()
    assert -200 < box["y"] < 700, "the figure is in sight"
    assert "Dashed: scenario A." in page.locator("#playground-users-of-one-gpu .napkin-notes").inner_text()


def test_a_link_with_errors_says_so_openly(opened):
    page = opened("05_users", "#model=Foo&gpu=H100+SXM&context=abc&n_gpus=4")
    notice = page.locator(".napkin-notice")
    assert notice.is_visible() and "2 parts of it could not be understood" in notice.inner_text()
    assert in_force(page) == {"model": "", "gpu": "H100 SXM", "given": {"tensor_parallel": 4}}


def test_reset_everything_forgets_everything_and_can_be_undone(opened):
    page = opened("04_b200_budget", "#context=5000")
    put(page, batch=7)
    visit(page, "index")
    page.locator(".napkin-guess-typed").first.fill("100")
    page.get_by_role("button", name="That is my guess").first.click()
    page.locator(f"{BAR} summary").click()
    page.get_by_role("button", name="Keep as A").click()
    page.get_by_role("button", name="Reset everything").click()
    assert "forgotten" in page.locator(".napkin-notice").inner_text() and page.locator(".is-guessed").count() == 0
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('napkin-') && localStorage.getItem(key))") == [
        "napkin-scenario"
    ]
    assert page.evaluate("localStorage.getItem('napkin-scenario')") == "count=article"
    page.get_by_role("button", name="undo").click()
    assert in_force(page)["given"] == {"context": 5000} and page.evaluate("napkinStore.kept !== null")
    assert page.evaluate("JSON.parse(localStorage.getItem('napkin-guesses'))")


def test_the_bar_has_a_key_closes_and_is_short_where_nothing_is_computed(opened):
    page = opened("05_users")
    page.keyboard.press("Alt+s")
    assert page.locator(".napkin-panel").is_visible() and page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.get_by_text("close ×").click()
    assert not page.locator(".napkin-panel").is_visible()
    wide = page.locator(BAR).bounding_box()["width"]
    visit(page, "glossary")
    assert page.locator(BAR).bounding_box()["width"] < 0.6 * wide and not page.locator(".napkin-value").first.is_visible()


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)], ids=str)
def test_the_open_bar_leaves_the_picture_in_sight(opened, size):
    page = opened("05_users", viewport=dict(zip(("width", "height"), size)))
    page.locator(f"{BAR} summary").click()
    page.get_by_role("button", name="Keep as A").click()
    page.locator("#playground-full-gpu svg").scroll_into_view_if_needed()
    assert page.locator(BAR).bounding_box()["height"] < 0.56 * size[1]


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (390, 844)], ids=str)
def test_a_figure_alone_is_large_whole_and_keeps_its_scenario_in_the_address(opened, size):
    page = opened("04_b200_budget", "#context=5000&alone=playground-b200-budget", viewport=dict(zip(("width", "height"), size)))
    dialog = page.locator("dialog.napkin-alone")
    assert dialog.is_visible() and page.url.endswith("#context=5000&alone=playground-b200-budget")
    for part in ("svg", "output >> nth=0"):
        box = dialog.locator(part).first.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= size[0] + 1 and box["y"] + box["height"] <= size[1] + 1
    if size[0] > 1000:
        assert dialog.locator("svg").bounding_box()["width"] > 0.5 * size[0]
    dialog.locator("[data-types=context]").fill("8000")
    page.keyboard.press("Enter")
    page.wait_for_function("location.hash.includes('context=8000')")
    page.reload()
    assert dialog.is_visible() and in_force(page)["given"] == {"context": 8000}
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert page.locator("main #playground-b200-budget").is_visible()
    assert "#" not in page.url
    unfolded(page).locator("#playground-b200-budget").get_by_role("button", name="present").click()
    assert dialog.is_visible()


def test_a_ready_scenario_keeps_the_readers_model_and_prices(opened):
    page = opened("index", "#model=Qwen3-8B&gpu_hour_price=2")
    page.get_by_role("link", name="coding agent").click()
    assert in_force(page) == {"model": "Qwen3-8B", "gpu": "", "given": {"gpu_hour_price": 2, **READY["coding agent"][0]}}
    page.locator(f"{BAR} summary").click()
    page.get_by_role("button", name="support chat").click()
    assert in_force(page)["given"].items() >= READY["support chat"][0].items()


@pytest.mark.parametrize("name", pages())
def test_every_link_within_the_book_leads_somewhere(seen, name):
    page = seen(name)
    addresses = page.eval_on_selector_all("main a[href]", "all => all.map((one) => one.href.split('#')[0])")
    here = page.url.rpartition("/chapters/")[0]
    for address in {one for one in addresses if one.startswith(here)}:
        assert (BOOK / address.removeprefix(f"{here}/")).exists(), address
