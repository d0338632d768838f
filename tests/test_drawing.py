"""Drawings: what they say and how long things are, against the formulas; and that they follow the page."""

import re
from importlib import resources

import pytest

import napkin as nk
from napkin.language.errors import NapkinError

NAMES = sorted(one.name.removesuffix(".svg") for one in resources.files("napkin.page").joinpath("drawings").iterdir())
CASES = [
    {},
    {"context": 20_000, "batch": 8},
    {"tensor_parallel": 4, "context": 7_000},
    {"memory": 3e10},
    {"draft_length": 3, "count_weights": 1},
]


def lengths(svg, tag):
    return [dict(re.findall(r'(\w+)="([^"]*)"', one)) for one in re.findall(rf"<{tag} ([^>]*)>", svg)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("at", CASES)
def test_every_drawing_has_words_and_lengths_for_every_scenario(name, at):
    svg = nk.Drawing(name, **at)._repr_mimebundle_()["image/svg+xml"]
    assert "{" not in re.sub(r"<style>.*?</style>", "", svg, flags=re.DOTALL) and "nan" not in svg
    left, top, wide, high = map(float, re.search(r'viewBox="([^"]*)"', svg)[1].split())
    for one in lengths(svg, "rect"):
        x, y, width, height = (float(one[key]) for key in ("x", "y", "width", "height"))
        assert width >= 0 and x >= left and y >= top and x + width <= wide + 0.01 and y + height <= high


def test_the_machine_is_drawn_to_scale():
    """The 560 pixels of memory are its bytes: weights, then a block for each conversation; the bars of a step are its seconds."""
    at = {"context": 20_000, "tensor_parallel": 2}
    svg = nk.Drawing("machine", **at)._repr_mimebundle_()["image/svg+xml"]
    memory = 2 * nk.INPUTS["memory"].default
    weights, caches, _, frame, *_ = lengths(svg, "rect")
    (block,) = lengths(svg, "pattern")
    scale = float(frame["width"]) / memory
    cache = 2 * 64 * 8 * 128 * 20_000  # keys and values, layers, heads, elements of a head, tokens; a byte each
    assert float(weights["width"]) == pytest.approx(32e9 * scale, rel=1e-5)
    assert float(block["width"]) == pytest.approx(cache * scale, rel=1e-5)
    assert float(caches["width"]) == pytest.approx((memory - 32e9) // cache * cache * scale, rel=1e-5)
    _, reading, _, multiplying = lengths(svg, "rect")[4:]
    told = nk.evaluate(("memory_seconds", "compute_seconds"), at)
    assert float(multiplying["width"]) / float(reading["width"]) == pytest.approx(
        told["compute_seconds"] / told["memory_seconds"], rel=1e-4
    )


def test_where_nothing_fits_a_drawing_says_so_with_dashes():
    made = nk.Drawing("machine", memory=2e10)
    assert ">—<" in made._repr_mimebundle_()["text/html"] and "does not fit" in made.alternative


def test_a_drawing_that_is_none():
    with pytest.raises(NapkinError, match="no drawing 'machin'; did you mean 'machine'"):
        nk.Drawing("machin")


def test_drawings_follow_the_scenario(opened):
    page = opened("05_users")
    drawing = page.locator("figure[data-at] > svg").first
    before = drawing.get_attribute("aria-label")
    page.evaluate("napkinStore.put({ scenario: napkinStore.scenario.with({ memory: 96e9 }) })")
    assert drawing.get_attribute("aria-label") == nk.Drawing("full_memory", memory=96e9).alternative != before
    now = drawing.evaluate("(svg) => [...svg.querySelectorAll('rect')].map((one) => Number(one.getAttribute('width')))")
    python = [float(one["width"]) for one in lengths(nk.Drawing("full_memory", memory=96e9)._repr_mimebundle_()["image/svg+xml"], "rect")]
    assert now == pytest.approx(python, rel=1e-5)
