"""The picture shares the screen with whatever moves it, on every screen, and nothing below a slider shifts while it moves."""

import pytest

from tests.browser import pages, unfolded

#: Laptops, a projector, tablets, phones upright and lying, and 1280 × 720 at 200 %.
SIZES = ((1280, 720), (1280, 800), (1440, 900), (768, 1024), (390, 844), (844, 390), (640, 360))
CHAPTERS = [name for name in pages() if name.rpartition("/")[2][0] in "0i"]

# A reader comes to a figure, and from there scrolls as little as brings the control into sight; then the picture and the
# results have to be there whole, between what sticks to the window's edges.
OUT_OF_SIGHT = """
() => {
  const rect = (one) => one.getBoundingClientRect();
  const sticks = (selector, position) => [...document.querySelectorAll(selector)].filter((one) => getComputedStyle(one).position === position && one.checkVisibility());
  const found = [];
  for (const control of document.querySelectorAll(".napkin-playground .napkin-control")) {
    const view = control.closest(".napkin-playground").querySelector(".napkin-view");
    const moved = control.querySelector("input[type=range], select");
    moved.focus({ preventScroll: true });
    view.scrollIntoView({ block: "start" });
    moved.scrollIntoView({ block: "nearest" });
    const top = Math.max(0, ...sticks(".bd-header-article", "sticky").map((one) => rect(one).bottom));
    const bottom = Math.min(innerHeight, ...sticks("#napkin-scenario", "fixed").map((one) => rect(one).top));
    const seen = (box, slack) => box.top >= top - slack && box.bottom <= bottom + slack && box.height > 0;
    const where = rect(moved);
    const hit = document.elementFromPoint(where.left + where.width / 2, where.top + where.height / 2);
    const parts = [view, ...view.querySelectorAll("svg, output")];
    const out = parts.filter((one) => !seen(rect(one), 1)).map((one) => one.tagName + " " + [rect(one).top, rect(one).bottom].map(Math.round));
    if (!seen(where, 1)) out.push("the control itself");
    if (hit !== moved) out.push(`covered by ${hit?.className}`);
    if (out.length) found.push(`${moved.id}: ${out.slice(0, 2)} between ${Math.round(top)} and ${Math.round(bottom)}`);
  }
  return found;
}
"""


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
@pytest.mark.parametrize("name", CHAPTERS)
def test_the_picture_is_in_sight_of_every_control(opened, name, size):
    page = unfolded(opened(name, viewport=dict(zip(("width", "height"), size)), reduced_motion="reduce"))
    assert page.locator(".napkin-control").count() > 3
    assert page.evaluate(OUT_OF_SIGHT) == []


# The place of everything below a slider in its figure, of the figure's end, and of what comes after it.
BELOW = """
(slider) => {
  const figure = slider.closest(".napkin-playground");
  const all = [slider, ...figure.querySelectorAll(".napkin-control, figcaption, svg"), figure, figure.closest(".cell, section > *")?.nextElementSibling || figure];
  return all.flatMap((one) => [one.getBoundingClientRect().top, one.getBoundingClientRect().bottom]);
}
"""


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", CHAPTERS)
def test_nothing_shifts_while_a_slider_moves(opened, name, width):
    page = unfolded(opened(name, viewport={"width": width, "height": 844}, reduced_motion="reduce"))
    for slider in page.locator(".napkin-playground input[type=range]").all():
        slider.evaluate("(one) => { one.focus({ preventScroll: true }); one.scrollIntoView({ block: 'end' }); }")
        box = slider.bounding_box()
        y = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + box["width"] / 2, y)
        page.mouse.down()  # the hand stays on it
        before = slider.evaluate(BELOW)
        for part in (1, 0, 0.3, 0.8):
            page.mouse.move(box["x"] + part * box["width"], y)
            now = slider.evaluate(BELOW)
            # held heights are rounded to sixty-fourths of a pixel, several of them add up
            assert max(abs(a - b) for a, b in zip(now, before, strict=True)) < 0.25, (slider.get_attribute("id"), part)
        page.mouse.up()
        # what waits for the hand to rest would shift the next slider away from the mouse
        page.evaluate("napkinStore.catchUp()")
        page.wait_for_function("document.documentElement.style.overflowAnchor === ''")


def test_what_was_held_is_let_go_when_the_hand_rests(opened):
    page = opened("index")
    held = page.locator("#playground-whole-napkin .napkin-sentence")
    # however slow the machine: every style that it had
    held.evaluate(
        """(one) => {
          window.styles = [];
          new MutationObserver(() => window.styles.push(one.style.cssText)).observe(one, { attributeFilter: ["style"] });
        }"""
    )
    page.locator("#playground-whole-napkin [name=context]").press("End")
    page.wait_for_function("window.styles.length > 1 && window.styles.at(-1) === ''")
    assert "overflow: hidden" in page.evaluate("window.styles[0]")


def test_the_point_and_the_numbers_of_the_sentence_can_be_dragged(opened):
    page = opened("index")
    figure = page.locator("#playground-whole-napkin")
    figure.scroll_into_view_if_needed()

    def context():
        return figure.evaluate("(one) => JSON.parse(one.dataset.inputs).context")

    handle = figure.locator(".is-handle")
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=5)
    dragged = context()
    page.mouse.up()
    assert dragged > 20_000 and handle.get_attribute("aria-valuetext") == f"{dragged:,.0f} tokens"
    after = handle.bounding_box()
    assert abs(after["x"] + after["width"] / 2 - x - 60) < 3, "the point is under the pointer"
    handle.press("Home")
    assert context() == 100
    number = figure.locator(".napkin-sentence .napkin-drag").first
    assert number.inner_text() == "100 tokens" and number.get_attribute("role") == "slider"
    number.press("ArrowRight")
    assert context() == 110
    box = number.bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 205, box["y"] + 5, steps=5)
    page.mouse.up()
    assert context() > 5_000
    page.evaluate("napkinStore.put({ scenario: new napkinStore.scenario.constructor(napkinBook) })")
    assert context() == 20_000
