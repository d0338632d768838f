"""The ledger of claims: its numbers against those worked out by hand, and the mistakes that can be switched on."""

import csv
import json
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

import napkin
from napkin import FORMULAS, INPUTS, Claims, NapkinError, Playground, estimate, evaluate
from napkin.__main__ import parser
from napkin.language.graph import BOOK
from napkin.language.sentences import fields_of, worth
from napkin.mistakes import SHOWN
from napkin.page.claims import VERDICTS, _parts, claims
from napkin.page.knowledge import knowledge
from napkin.questions.written import COUNTS
from tests.browser import pages
from tests.oracle import base_inputs, random_scenario

TABLE = Path(napkin.__file__).parent / "page" / "data" / "claims.csv"
MISTAKEN = [name for name, some in BOOK.refinements.items() if any("as_the_article" in one.switches for one in some)]

# The article recomputed by hand, in base units, claim by claim: every number of "we compute" in its order. A number is
# right if it is the same to the digits that stand here.
ORACLE = {
    "C01": ["26843545600000", "26843545600000"],  # 2 · 200,000 · 8192 · 8192, loads and operations
    "C02": ["1705508864", "209715200000", "128"],  # 8192 · 208,192; the product above over a tile of 128
    "C04": ["128", "11.3", "90.5"],
    "C08": ["272"],  # 281 · 8192 · 8193 against 8192 · (281 + 8192): 1.886e10 against 6.94e7
    "C09": ["26.84e12"],
    "C11": ["26.84e12"],
    "C12": ["1705508864"],
    "C13": ["5.44e16"],  # 1.25e16 with weights, 4.19e16 in attention
    "C14": ["15739"],
    "C15": ["1.17e7", "0.00597"],
    "C16": ["67117056"],
    "C17": ["134217728"],
    "C18": ["1.9998", "15739"],
    "C19": ["2.000", "16.000"],
    "C20": ["7.7e12", "0.0375"],
    "C21": ["4500e12"],
    "C22": ["562.5"],
    "C23": ["281.25"],
    "C24": ["281.25", "868.0556"],
    "C25": ["32.0e9"],
    "C26": ["51.5e9"],
    "C27": ["209.72e9", "209.82e9"],
    "C28": ["209.7e9"],
    "C29": ["209.7e9", "192e9"],
    "C30": ["8.0"],
    "C31": ["26.2144e9"],
    "C32": ["160e9"],
    "C33": ["6.10"],
    "C34": ["305", "30"],
    "C35": ["40", "61"],
    "C36": ["5.000"],
    "C37": ["200", "300"],
    "C38": ["0.02366", "0.02375"],
    "C39": ["0.000645", "0.000507"],
    "C40": ["15.3"],
    "C41": ["0.973", "0.979"],
    "C42": ["253.6", "252.6"],
    "C43": ["42.3", "42.1"],
    "C44": ["6666.67"],
    "C45": ["133.33"],
    "C46": ["0.013333"],
    "C47": ["9.60", "9.74"],
    "C48": ["10000", "1.14"],
    "C49": ["9000e12"],
}
WHY = {"C13": ["449"], "C33": ["5"], "C37": ["160", "7.6e3"], "C38": ["189.29e9"], "C40": ["12.0", "16.0"]}

# What the article makes of its own premises, and what is right: (quantity, premises, the article's, the right one).
SLIPS = [
    ("matmul_loads_tiled", {"rows": 200_000, "inner": 8192, "columns": 8192}, "1705508864", "209715200000"),  # C02: 1.7 billion
    ("projection_loads", {"batch": 281, "tokens": 1, "d_model": 8192}, "1.886e10", "6.94e7"),  # C08
    ("projection_loads", {"batch": 281, "tokens": 200_000, "d_model": 8192}, "4.792e11", "4.605e11"),  # C08: 4.1 % where N is long
    ("kv_intensity", {"batch": 6}, "12.0", "16.0"),  # C19
    ("arithmetic_intensity", {"batch": 6}, "12.0", "15.3"),  # C40
    ("compute_seconds", {"batch": 6, "step_bytes": 190e9}, "0.000507", "0.000645"),  # C39: 190 · 2 · 6 / 4500
    ("compute_idle_fraction", {"batch": 6, "step_bytes": 190e9}, "0.979", "0.973"),  # C41 as written
    ("balanced_batch", {}, "331", "281.25"),  # C23
    ("cost_per_user_month", {"users": 300}, "9.36", "9.60"),  # C47
]


def close(number, typed):
    """Whether a number is the typed one to its digits."""
    return abs(Decimal(number) - Decimal(typed)) <= Decimal((0, (5,), Decimal(typed).as_tuple().exponent - 1))


def numbers_of(template):
    return [worth(part.term, {}) for part in fields_of(template) if not isinstance(part, str)]


def test_all_49_claims_have_a_verdict():
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == [f"C{number:02d}" for number in range(1, 50)]
    assert Counter(row["verdict"] for row in rows) == {"holds": 17, "error": 14, "rounding": 10, "modelling gap": 5, "unsourced": 3}
    for row in rows:
        assert all(row.values()), row["id"]
        assert len(row["quote"]) <= 80 and len(row["says"]) <= 100, row["id"]  # short; and the second in our own words
        assert row["quote"].lower() not in row["says"].lower()
    assert [one.id for one in claims().values()] == [row["id"] for row in rows]
    # errors and gaps as the errata list them
    of = {verdict: [one.id for one in claims().values() if one.verdict == verdict] for verdict in VERDICTS}
    assert of["error"] == ["C04", "C05", "C07", "C08", "C10", "C13", "C15", "C16", "C17", "C23", "C26", "C27", "C37", "C47"]
    assert of["modelling gap"] == ["C02", "C19", "C24", "C39", "C40"] and of["unsourced"] == ["C34", "C36", "C48"]


def test_every_number_of_the_ledger_is_the_one_worked_out_by_hand():
    assert len(ORACLE) >= 30
    for column, oracle in (("computed", ORACLE), ("why", WHY)):
        for one in claims().values():
            found, typed = numbers_of(getattr(one, column)), oracle.get(one.id, [])
            assert len(found) == len(typed), one.id
            for number, expected in zip(found, typed):
                assert close(number, expected), (one.id, number, expected)


def test_what_stands_in_words_is_what_the_catalogue_says():
    assert claims()["C10"].computed == "5120" == str(napkin.model("Qwen3-32B").inputs["d_model"])
    widths = Counter(napkin.model[name].inputs.get("d_model") for name in napkin.model.choices)
    assert widths[8192] < widths[5120]


def test_numbers_follow_the_scenario_and_are_never_mistaken():
    """The table on a page follows what the reader moves, but not the switch of the mistakes."""
    found = 0
    for one in claims().values():
        for template in (one.computed, one.why):
            plain = [part for part in fields_of(template) if not isinstance(part, str)]
            corrected = [part for part in _parts(template) if not isinstance(part, str)]
            for given in ({}, {"context": 20_000}, {"n_heads": 32, "bandwidth": 4e12, "weight_bits": 16}):
                right = [worth(part.term, given) for part in plain]
                assert [worth(part.term, {**given, "as_the_article": 1}) for part in corrected] == right
                found += [worth(part.term, {**given, "as_the_article": 1}) for part in plain] != right
    assert found > 10  # the switch would have changed them


def test_tables_read_as_text_and_as_markdown():
    table = Claims("C23", ("a|b *c*", "{users(context=20_000)}", "holds", "it costs $4"))
    assert (
        repr(table)
        == "2B = 562 ⟹ B = 331 | 281 conversations | error | 331 would need a balance of 662\na|b *c* | 61 users | holds | it costs $4"
    )
    lines = table._repr_markdown_().splitlines()
    assert lines[4].startswith('| <a href="ledger.html#c23">2B = 562 ⟹ B = 331</a> | <span class="napkin-live" data-tell=')
    assert lines[5].startswith(r"| a\|b \*c\* | ") and lines[5].endswith(r'napkin-is-holds">**holds**</span> | it costs \$4 |')
    assert 'class="napkin-moved-only"' in lines[0] and "napkin-mistakes" not in table._repr_markdown_()
    for line in lines[4:6]:
        assert len(re.findall(r"(?<!\\)\|", line)) == 5


def test_the_ledger_has_every_claim_once_under_its_chapter():
    ledger = Claims()
    text = ledger._repr_markdown_()
    assert ledger.summary == "49 claims: 17 hold, 14 are errors, 10 are roundings, 5 are gaps in the model, 3 have no source."
    assert ledger.summary in text and ledger.summary in repr(ledger)
    assert sorted(re.findall(r'<a id="(c\d+)">', text)) == [f"c{number:02d}" for number in range(1, 50)]
    assert len(re.findall(r"^\*\*Chapter \d, \[.*\]\(0\d_\w+\.ipynb\)\*\*$", text, re.MULTILINE)) == 6
    assert "<" not in repr(ledger)
    for chapter in range(1, 7):
        for one in Claims(chapter=chapter).rows:
            assert chapter in one.chapters
    assert sum(len(Claims(chapter=chapter).rows) for chapter in range(1, 10)) == 50  # C19 in chapters 3 and 4
    parts = [ledger.under(chapter) for chapter in range(1, 7)]
    assert [one.id for part in parts for one in part.rows] == re.findall(r"^C\d\d", repr(ledger), re.MULTILINE)
    assert all(repr(part) in repr(ledger) and part._repr_markdown_() in text for part in parts)


def test_a_wrong_row_is_refused():
    for wrong, said in (
        (lambda: Claims("C50"), "there is no claim 'C50'"),
        (lambda: Claims(("a", "b", "perhaps", "c")), "a verdict is one of holds"),
        (lambda: Claims(chapter=11), "chapter must be a whole number from 1 to 10, got 11"),
        (lambda: repr(Claims(("a", "{ussers}", "holds", "c"))), "did you mean 'users'"),
    ):
        with pytest.raises(NapkinError, match=re.escape(said)):
            wrong()


@pytest.mark.parametrize(("name", "premises", "theirs", "right"), SLIPS)
def test_each_mistake_gives_the_articles_figure(name, premises, theirs, right):
    known = FORMULAS[name]
    assert close(known(**premises, as_the_article=1), theirs)
    assert close(known(**{key: value for key, value in premises.items() if key != "step_bytes"}, as_the_article=0), right)


def test_every_mistake_is_tried_and_cites_its_claim():
    tried = {name for name, *_ in SLIPS}
    assert {name for name in MISTAKEN if name != "step_flops"} <= tried  # step_flops shows in what is made of it
    for name in MISTAKEN:
        (mistake,) = [one for one in BOOK.refinements[name] if "as_the_article" in one.switches]
        assert mistake.switches == ("as_the_article",) and mistake is BOOK.refinements[name][-1]
        cited = re.findall(r"C\d\d", mistake.says)
        assert cited and all(claims()[one].verdict in ("error", "modelling gap") for one in cited)


def test_nothing_turns_the_mistakes_on_by_itself(chance):
    assert "as_the_article" not in COUNTS and all(name.startswith("count_") for name in COUNTS)
    assert INPUTS["as_the_article"].default == 0
    for name in FORMULAS:
        for flags in ({}, dict.fromkeys(COUNTS, 1)):
            given = random_scenario(base_inputs([name], flags), chance)
            plain, off = (evaluate((name,), {**given, **flags, **more})[name] for more in ({}, {"as_the_article": 0}))
            assert plain == off or plain != plain and off != off
    for one in (estimate(), estimate("Qwen3-32B", "B200 SXM", context=20_000), estimate(count="all")):
        assert "as_the_article" not in one.inputs
    assert "as-the-article" not in parser().format_help() and "mistakes" not in parser().format_help()
    known = knowledge()
    assert "as_the_article" not in known["inputs"] and "as_the_article" not in known["flags"] and "as_the_article" not in known["start"]
    playground = Playground([INPUTS["context"]], [FORMULAS["balanced_batch"], FORMULAS["cost_per_user_month"]], shared=False)
    assert "as_the_article" not in playground.value
    playground.value = {"model": "Qwen3-32B"}
    assert "as_the_article" not in playground.value


def test_the_box_has_what_the_chapter_deals_with():
    for chapter in range(1, 10):
        text = Claims(chapter=chapter)._repr_markdown_()
        assert ("napkin-mistakes" in text) == (chapter in SHOWN) == (chapter <= 6)
    box = next(line for line in Claims(chapter=6)._repr_markdown_().splitlines() if "napkin-mistakes" in line)
    assert re.sub(r"<[^>]*>", "", box) == "rent for a user-month, 300 users: as the article has it &#36;9.36 · corrected: &#36;9.60"
    assert "331 conversations" in Claims(chapter=4)._repr_markdown_()


def test_a_chapter_s_table_is_folded_and_leads_to_the_ledger():
    for folded, table in ((True, Claims(chapter=4)), (False, Claims("C23")), (True, Claims("C23", folded=True)), (False, Claims())):
        text = table._repr_markdown_()
        parts = text.startswith("<details"), text.endswith("\n\n</details>"), f"(ledger.ipynb) has all {len(claims())} statements" in text
        assert parts == (folded,) * 3


# In the built book


def unfold(page):
    page.locator("details.napkin-claims > summary").click()


@pytest.mark.parametrize("name", [name for name in pages() if re.match(r"chapters/0[1-8]", name)])
def test_claims_come_last_after_takeaway_and_exercises(opened, name):
    page = opened(name)
    said = page.locator("main article").inner_text()
    order = ["Takeaway.", "\nExercises", "What the article says here, and what we compute"]
    assert sorted(order, key=said.index) == order
    assert page.locator("details.napkin-claims table").filter(visible=True).count() == 0
    assert said.rindex("Answer") < said.index("Takeaway."), "answers belong to Play"


def test_quotes_lead_to_their_rows(opened):
    page = opened("04_b200_budget")
    unfold(page)
    page.locator("a[href='ledger.html#c23']").click()
    page.wait_for_url("**/ledger.html*")
    row = page.locator("tr:has(#c23)")
    assert "281 conversations" in row.inner_text() and row.bounding_box()["y"] < 900
    chapters = page.locator("main a[href*='0'][href$='.html']").evaluate_all(
        "all => [...new Set(all.map((one) => one.getAttribute('href')))]"
    )
    assert {"01_matmul_cost.html", "02_attention.html", "03_kv_cache.html", "04_b200_budget.html", "05_users.html", "06_cost.html"} <= set(
        chapters
    )


def test_a_page_shows_the_mistakes_and_corrects_them_again(opened):
    page = opened("06_cost")
    unfold(page)
    rents = page.locator(".napkin-arithmetic .napkin-sum")
    before, claimed = rents.all_inner_texts(), page.locator("table:has(a[href='ledger.html#c47'])").inner_text()
    address = page.url
    button = page.locator(".napkin-mistakes button")
    assert button.get_attribute("aria-pressed") == "false" and button.inner_text() == "Show this page with the article’s mistakes"
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    assert page.locator(".napkin-mistakes [role=status]").inner_text()
    assert page.evaluate("document.documentElement.classList.contains('has-mistakes')")
    figure = page.locator("figure.napkin-playground").first
    inputs = json.loads(figure.get_attribute("data-inputs"))
    assert inputs["as_the_article"] == 1
    shown = float(figure.locator("output[name=cost_per_user_month]").get_attribute("data-value"))
    assert shown == pytest.approx(FORMULAS["cost_per_user_month"](**inputs), rel=1e-12)
    assert shown != FORMULAS["cost_per_user_month"](**{**inputs, "as_the_article": 0})
    assert page.locator("table:has(a[href='ledger.html#c47'])").inner_text() == claimed, "what we compute stays right"
    page.wait_for_timeout(300)  # longer than the store waits before it saves
    assert "as_the_article" not in page.evaluate("JSON.stringify(localStorage) + napkinStore.scenario.link")
    assert page.url == address
    button.click()
    assert button.get_attribute("aria-pressed") == "false" and rents.all_inner_texts() == before
    button.click()
    page.reload()
    unfold(page)
    assert page.locator(".napkin-mistakes button").get_attribute("aria-pressed") == "false"
    assert not page.evaluate("document.documentElement.classList.contains('has-mistakes')")


@pytest.mark.parametrize(
    ("chapter", "texts"),
    [
        ("01_matmul_cost", ["1.71 billion elements", "210 billion elements"]),
        ("02_attention", ["18.9 billion elements", "69.4 million elements"]),
        ("03_kv_cache", ["12 FLOP/B", "16 FLOP/B"]),
        ("04_b200_budget", ["331 conversations", "281 conversations", "12 FLOP/B", "16 FLOP/B"]),
        ("05_users", ["12 FLOP/B", "15.3 FLOP/B", "505 µs", "645 µs", "97.9 %", "97.3 %"]),
        ("06_cost", ["$9.36", "$9.60"]),
    ],
)
def test_the_box_says_both_numbers_whatever_the_switch(opened, chapter, texts):
    page = opened(chapter)
    unfold(page)
    shown = page.locator(".napkin-mistakes .napkin-live")
    assert shown.all_inner_texts() == texts
    page.locator(".napkin-mistakes button").click()
    assert shown.all_inner_texts() == texts


def test_pages_without_mistakes_have_no_switch(opened):
    for name in ("ledger", "07_skipped"):
        assert opened(name).locator(".napkin-mistakes button").count() == 0
