"""What a reader finds by searching, sorting and looking a word up, in a real browser."""

import re

import pytest

import napkin
from tests.browser import pages

WORDS = """TTFT TPOT ITL TP PP EP MBU MFU goodput MTP EAGLE quantization quantisation SLO disaggregated offloading preemption
    MoE throughput speculative prefill roofline GQA MLA""".split()


def results(page, query):
    """[(title, excerpt)] of a search."""
    page.goto(f"{page.url.split('?')[0]}?q={query}")
    page.wait_for_function("/found \\d+ page|did not match/.test(document.body.innerText)")
    count = int((re.search(r"found (\d+) page", page.locator("body").inner_text()) or "00")[1])
    page.wait_for_function("(count) => document.querySelectorAll('#search-results li p.context').length >= Math.min(count, 5)", arg=count)
    page.wait_for_load_state("networkidle")  # more pages than are waited for are on their way
    return page.eval_on_selector_all(
        "#search-results li", "all => all.map((one) => [one.querySelector('a').textContent, one.querySelector('p')?.textContent || ''])"
    )


def test_the_words_of_the_field_lead_to_sentences(opened):
    page = opened("search")
    for word in WORDS:
        found = results(page, word)
        excerpts = [excerpt for _, excerpt in found if re.search(rf"\b{word[:8]}", excerpt, re.IGNORECASE)]
        assert any(": " in excerpt for title, excerpt in found if title == "Glossary"), (word, found)
        assert excerpts, (word, found)
        for excerpt in excerpts:
            assert len(excerpt) < 330 and not excerpt.startswith("...") and "Contents" not in excerpt, excerpt


@pytest.mark.parametrize("name", ["H100", "B300", "MI300X", "DeepSeek-V3", "gpt-oss-120b", "Kimi-K3"])
def test_a_model_or_a_card_leads_to_the_catalogue(opened, name):
    row = next(excerpt for title, excerpt in results(opened("search"), name) if title == "The catalogue")
    assert row.startswith(name), row


def test_the_catalogue_sorts_and_fits_its_page(opened):
    page = opened("catalogue", viewport={"width": 1280, "height": 800})
    tables = page.locator(".napkin-catalogue").all()
    for catalogue, table in zip((napkin.gpu, napkin.model), tables, strict=True):
        assert table.evaluate("(one) => one.scrollWidth <= one.clientWidth + 1"), "in one screen's width"
        assert table.locator("tbody tr").count() == len(catalogue)
    column = tables[0].get_by_role("button", name="bandwidth")
    column.click()
    speeds = [napkin.gpu(one).bandwidth for one in tables[0].locator("tbody summary").all_inner_texts()]
    known = [one for one in speeds if one]
    assert known == sorted(known, reverse=True) and speeds[: len(known)] == known, "the fastest first, dashes last"
    assert tables[0].locator("th[aria-sort=descending]").inner_text().startswith("bandwidth")
    column.click()
    assert tables[0].locator("th[aria-sort=ascending]").count() == 1
    source = tables[0].locator("details").first
    source.locator("summary").click()
    assert len(source.inner_text()) > 30, "where its numbers come from"


def test_the_ledger_shows_one_verdict_at_a_time(opened):
    page = opened("ledger")
    counts = napkin.Claims().counts
    page.locator(".napkin-filter").get_by_role("button", name=f"error {counts['error']}").click()
    shown = page.locator(".napkin-verdict").filter(visible=True)
    assert shown.count() == counts["error"] and {one.lower() for one in shown.all_inner_texts()} == {"error"}
    page.locator(".napkin-filter").get_by_role("button", name="all").click()
    assert page.locator(".napkin-verdict").filter(visible=True).count() == sum(counts.values())


@pytest.mark.parametrize("name", [one for one in pages() if re.match(r"chapters/0[3-9]", one)])
def test_the_first_word_of_the_glossary_on_a_page_leads_there(seen, name):
    links = seen(name).locator("a.napkin-term").all()
    addresses = [one.get_attribute("href") for one in links]
    assert links and len(addresses) == len(set(addresses))
    for one in links:
        assert len(one.get_attribute("title")) > 20 and re.match(r"glossary\.html#term-", one.get_attribute("href"))


@pytest.mark.parametrize("name", pages())
def test_on_a_phone_a_table_that_goes_on_says_so_and_code_stays_in(opened, name):
    page = opened(name, viewport={"width": 390, "height": 844})
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.wait_for_timeout(50)  # a frame, for those who watch sizes
    silent = page.evaluate(
        """() => [...document.querySelectorAll("article :is(.pst-scrollable-table-container, .napkin-catalogue)")]
          .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1 && one.previousElementSibling.hidden)
          .map((one) => one.textContent.slice(0, 80))"""
    )
    assert silent == []
    wide = "all => all.filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent.slice(0, 60))"
    assert page.eval_on_selector_all("article div.highlight pre", wide) == []
