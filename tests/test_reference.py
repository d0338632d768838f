"""The reference pages: every input and result once, links that lead somewhere, sources that are listed."""

import json
import re
import sys
from pathlib import Path

import pytest
import yaml

from napkin import FORMULAS, INPUTS
from napkin.chapters import CHAPTERS
from napkin.language.graph import BOOK, named
from napkin.language.units import UNITS
from napkin.page.reference import Notation, first_uses, in_words, plain_letter

sys.path.insert(0, str(Path(__file__).parents[1] / "_sphinx"))
import citing

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "chapters"
ROW = re.compile(r'^\| <a id="notation-(\w+)"></a>\$(.+?)\$ \| `(\w+)`<br>(.*) \| (.*) \|$', re.MULTILINE)
BOOKS = [name for name, one in FORMULAS.items() if one.module.startswith("napkin.")]  # not what other tests make


def markdown_of(page):
    """The Markdown of a page, without code and outputs."""
    if page.suffix == ".md":
        return page.read_text(encoding="utf-8")
    cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def cited_in(text):
    """The keys of what is cited; a citation is a link (_sphinx/citing.py) that says what the bibliography says."""
    faults = []
    found = re.findall(r"\{cite\}`([^`]+)`", citing.with_roles(text, ROOT / "references.bib", faults.append))
    assert not faults
    return {key for keys in found for key in keys.split(",")}


@pytest.fixture(scope="module")
def tables():
    return Notation()


def test_every_input_and_every_result_stands_once(tables):
    inputs = [row[0] for row in ROW.findall(tables.inputs._repr_markdown_())]
    assert sorted(inputs) == sorted(INPUTS)
    results = [row[0] for row in ROW.findall(tables.results._repr_markdown_())]
    assert sorted(results) == sorted(FORMULAS)
    assert set(inputs).isdisjoint(results)  # one name, one anchor


def test_rows_say_what_the_notation_says(tables):
    for table in (tables.inputs, tables.results):
        text = table._repr_markdown_()
        for anchor, letter, name, _, _ in ROW.findall(text):
            assert anchor == name and letter == named(name).letter
            assert named(name).says in str(table)
        assert all(line.count(" | ") == 2 for line in text.splitlines() if line.startswith("|"))
    row = next(row for row in ROW.findall(tables.inputs._repr_markdown_()) if row[0] == "power")
    assert row[3:] == ("power drawn for one GPU, cooling included", "watts<br>1.3 kW")
    assert "0 or 1<br>left out" in tables.inputs._repr_markdown_()
    assert r"dollars per hour<br>\$4.00" in tables.inputs._repr_markdown_()  # money, not mathematics


# Read off the chapters: the first one with a formula that has the letter in it.
FIRST = {
    "tile": 1,
    "weight_bits": 1,
    "d_model": 2,
    "batch": 2,
    "n_kv_heads": 3,
    "context": 3,
    "parameters": 3,
    "bandwidth": 4,
    "memory": 5,
    "duty_cycle": 5,
    "gpu_hour_price": 6,
    "electricity_price": 6,
    "window": 7,
    "count_caches": 7,
    "n_experts": 7,
    "prefix_hit": 8,
    "draft_length": 8,
    "tensor_parallel": 10,
    "link_latency": 10,
}


def test_first_uses_are_those_that_a_reader_finds(tables):
    order = list(CHAPTERS)
    assert {name: order.index(first_uses()[name]) + 1 for name in FIRST} == FIRST
    number = None
    for line in tables.inputs._repr_markdown_().splitlines():
        if heading := re.match(r"\*\*First used in chapter (\d+), ", line):
            number = int(heading[1])
        if (row := ROW.match(line)) and row[1] in FIRST:
            assert number == FIRST[row[1]]


def test_every_input_of_the_book_is_used_by_a_chapter():
    assert set(first_uses()) == set(INPUTS)


def test_chapters_are_those_of_the_book(tables):
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text())["parts"]
    files = [chapter["file"] for chapter in parts[0]["chapters"]]
    assert files == [f"chapters/{one.notebook}" for one in CHAPTERS.values()]
    for file, one in zip(files, CHAPTERS.values()):
        assert f"# {one.title}\n" in markdown_of(ROOT / f"{file}.ipynb")
    reference = [chapter["file"] for chapter in parts[1]["chapters"]]
    assert reference == [f"chapters/{name}" for name in ("catalogue", "ledger", "notation", "glossary", "bibliography")]
    for table in (tables.inputs, tables.results):
        links = re.findall(r"\]\(([^)]+)\)", table._repr_markdown_())
        assert links == [f"{file.removeprefix('chapters/')}.ipynb" for file in files]


def test_links_within_the_tables_lead_to_a_row(tables):
    text = tables._repr_markdown_()
    targets = re.findall(r'id="(notation-\w+)"', text)
    assert len(targets) == len(set(targets))
    jumps = re.findall(r'href="#(notation-\w+)"', text)
    assert jumps and set(jumps) <= set(targets)


def test_letters_that_repeat_are_all_listed_and_never_meet_in_a_formula(tables):
    letters = [named(name).letter for name in (*INPUTS, *FORMULAS)]
    listed = re.findall(r"^\| \$(.+?)\$ \| (.*) \|$", tables.repeated._repr_markdown_(), re.MULTILINE)
    assert {letter for letter, _ in listed} == {letter for letter in letters if letters.count(letter) > 1}
    for letter, names in listed:
        assert {named(name).letter for name in re.findall(r"<code>(\w+)</code>", names)} == {letter}
        assert names.count("<code>") == letters.count(letter)
    assert {"k", "e", "W", "p", r"\rho"} <= {letter for letter, _ in listed}
    for name in BOOKS:
        for term in (FORMULAS[name].term, *(one.term for one in BOOK.refinements.get(name, ()))):
            used = [named(one).letter for one in {name, *term.names()}]
            assert len(used) == len(set(used)), name


def test_units_in_words():
    assert in_words("byte/second") == "bytes per second"
    assert in_words("dollar/million_tokens") == "dollars per million tokens"
    assert in_words("token/second/sequence") == "tokens per second per conversation"
    assert in_words("1") == "a number"
    assert in_words("percent") == "a part of 1"
    for unit in UNITS:
        assert not re.search(r"[/_]|sequence|FLOPs", in_words(unit)), unit


def test_letters_without_latex():
    plain = {r"H_{\mathrm{kv}}": "H_kv", r"\beta_{\ell}": "β_ℓ", r"M_{\mathrm{E},B}": "M_E,B", r"a'_{\mathrm{full}}": "a'_full"}
    assert {letter: plain_letter(letter) for letter in plain} == plain
    for name in (*INPUTS, *FORMULAS):
        assert not re.search(r"[\\{}]", plain_letter(named(name).letter)), name


def test_the_page_has_its_letters_set_as_mathematics():
    cells = json.loads((PAGES / "notation.ipynb").read_text(encoding="utf-8"))["cells"]
    shown = [cell for cell in cells if "tables." in "".join(cell["source"]) and cell["cell_type"] == "code"]
    assert len(shown) == 4
    for cell in shown:
        assert cell["metadata"]["mystnb"] == {"markdown_format": "myst"}
        assert "remove-input" in cell["metadata"]["tags"]


# Glossary


def terms():
    """(term, what it says) of every entry."""
    entries = (PAGES / "glossary.md").read_text(encoding="utf-8").split("```{glossary}\n")[1].split("```")[0]
    return [tuple(entry.split("\n  ", 1)) for entry in entries.strip().split("\n\n")]


def test_the_glossary_is_in_order_and_short():
    names = [term for term, _ in terms()]
    assert 40 <= len(names) <= 65
    assert len({name.casefold() for name in names}) == len(names)
    assert names == sorted(names, key=str.casefold)


def test_every_entry_of_the_glossary_leads_to_a_chapter():
    for term, says in terms():
        links = re.findall(r"\[chapter (\d+)\]\(([^)]+)\)", says)
        assert len(links) == 1, term
        number, file = links[0]
        assert file == f"{list(CHAPTERS.values())[int(number) - 1].notebook}.ipynb", term
        assert (PAGES / file).exists(), term


# Bibliography


def entries():
    """The entries of references.bib: {key: text}."""
    found = re.findall(r"^@\w+\{(\w+),\n(.*?)^\}", (ROOT / "references.bib").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(found) == len(dict(found))
    return dict(found)


def test_what_is_cited_is_listed_and_what_is_listed_is_cited():
    pages = [*PAGES.glob("*.ipynb"), *PAGES.glob("*.md")]
    cited = set().union(*(cited_in(markdown_of(page)) for page in pages))
    assert cited == set(entries())


def test_entries_have_what_a_reader_needs():
    for key, text in entries().items():
        fields = dict(re.findall(r"^  (\w+) = (.*),$", text, re.MULTILINE))
        assert {"title", "author", "year"} <= set(fields), key
        assert "url" in fields or "doi" in fields, key
        assert int(fields["year"].strip("{}")) == int(re.search(r"\d{4}", key)[0]), key
        if paper := re.search(r"arxiv\.org/abs/(\d{4}\.\d{5})", text):  # the number holds the year and month of submission
            assert int(paper[1][:2]) + 2000 <= int(re.search(r"\d{4}", key)[0]), key


def test_sources_of_formulas_are_listed():
    known = set()
    for text in entries().values():
        author, year = re.search(r"author = \{[{\\]*(\w+)", text)[1], re.search(r"year = \{(\d+)", text)[1]
        known.add((author, year))
    for name in BOOKS:
        if source := FORMULAS[name].source:
            author, year = re.match(r"(\w+).*?(\d{4})", source).groups()
            assert (author, year) in known, f"{name}: {source}"
