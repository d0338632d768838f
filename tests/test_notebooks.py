"""The chapters as JupyterLab, GitHub and nbconvert show them, without a kernel and without MyST: text, pictures, and nothing raw."""

import re
import sys

import nbformat
import pytest

from tests.browser import ROOT

sys.path.insert(0, str(ROOT / "_sphinx"))
import citing
import notebooks

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
WITH_EXERCISES = [path for path in CHAPTERS if path.name[0].isdigit()]
BIBLIOGRAPHY = ROOT / "references.bib"


def read(path):
    return nbformat.read(path, as_version=4)


def tags(cell):
    return cell.metadata.get("tags", [])


def hidden(cell):
    return {name for name, on in cell.metadata.get("jupyter", {}).items() if on}


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def cells(request):
    return read(request.param).cells


def test_text_holds_no_roles(cells):
    for cell in cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"\{[a-z:]+\}`|^:::|^\(\w+\)=", cell.source, re.MULTILINE), cell.source


def test_outputs_read_without_a_kernel(cells):
    for cell in cells:
        for output in cell.get("outputs", []):
            plain = output.get("data", {}).get("text/plain", "")
            assert not re.match(r"<Guess|VBox\(|<Figure|Output\(", plain), plain
            if re.match(r"<Playground|\[picture:", plain) or "nk.Ranking(" in cell.source:
                assert {"image/png", "image/svg+xml"} & {*output.data}


def test_plumbing_is_folded_and_formulas_stand_open(cells):
    for cell in cells:
        if cell.cell_type != "code":
            continue
        plumbing = {"remove-input", "hide-input"} & {*tags(cell)}
        expected = {"source_hidden", "outputs_hidden"} if "hide-cell" in tags(cell) else {"source_hidden"} if plumbing else set()
        assert hidden(cell) == expected, cell.source


@pytest.mark.parametrize("path", WITH_EXERCISES, ids=lambda path: path.stem)
def test_an_exercise_has_a_hint_that_renders_and_room_for_code_and_no_solution_under_it(path):
    cells = read(path).cells
    first = next(i for i, cell in enumerate(cells) if cell.source.startswith("## Exercises"))
    after = next(i for i, cell in enumerate(cells) if cell.source == "### Solutions")
    asked, room = cells[first:after:2], cells[first + 1 : after : 2]
    for number, (exercise, turn) in enumerate(zip(asked, room, strict=True), 1):
        assert f"**{number}.**" in exercise.source
        assert re.search(
            r"<details><summary>Hint</summary>\n\n.+\n\n</details>$", exercise.source, re.DOTALL
        )  # blank lines, or Markdown stays raw
        assert turn.source == "# Your turn." and "remove-cell" in tags(turn)
    solutions = cells[after + 1 : after + 1 + len(asked)]
    for number, solution in enumerate(solutions, 1):
        assert "hide-cell" in tags(solution) and solution.source.startswith(f"# Solution {number}\n")
        assert solution.metadata["mystnb"] == {"code_prompt_show": f"Solution {number}", "code_prompt_hide": f"Solution {number}"}
    assert sum("hide-cell" in tags(cell) for cell in cells) == len(asked)


def test_links_become_citations_and_equation_numbers():
    heard = []

    def roles(text):
        return citing.with_roles(text, BIBLIOGRAPHY, heard.append)

    kwon, qin = (
        "[Kwon et al., 2023](https://arxiv.org/abs/2309.06180)",
        "[Qin et al., 2025](https://www.usenix.org/conference/fast25/presentation/qin)",
    )
    assert roles(f"blocks [{kwon}], and [{kwon}, {qin}].") == "blocks {cite}`kwon2023`, and {cite}`kwon2023,qin2025`."
    assert roles("in [equation (users)](notation.ipynb#notation-users)") == "in {eq}`users`"
    plain = f"{kwon} and [chapter 3](03_kv_cache.ipynb)"
    assert roles(plain) == plain and not heard, "a link without brackets is a link"
    assert roles("[[Kwon, 2023](https://arxiv.org/abs/2309.06180)]") == "{cite}`kwon2023`"
    assert "Kwon et al., 2023" in heard.pop()
    assert roles("[[Me, 2026](https://example.org)]") == "[[Me, 2026](https://example.org)]"
    assert "no such address" in heard.pop()


def test_a_widget_without_a_face_leaves_no_output():
    view = {notebooks.VIEW: {}, "text/plain": "VBox(children=(…"}
    outputs = [nbformat.v4.new_output("display_data", data) for data in (view, {**view, "image/png": "…"}, {"text/plain": "5"})]
    made = notebooks.normalise(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=outputs)]))
    assert [{*output.data} for output in made.cells[0].outputs] == [{"text/plain", "image/png"}, {"text/plain"}]


def test_nbconvert_shows_pictures_and_text():
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter(template_name="basic").from_filename(str(ROOT / "chapters" / "05_users.ipynb"))
    assert [page.count(f"data:image/{kind};base64") for kind in ("png", "svg+xml")] == [
        2,
        2,
    ]  # playgrounds with charts; a drawing, and a playground with one
    assert "{cite}" not in page and "{eq}" not in page
    assert re.search(r"<summary>Hint</summary>\s*<p><code>memory</code> and", page)
    assert re.search(r'\[<a href="https://arxiv.org/abs/2309.06180"[^>]*>Kwon et al., 2023</a>\]', page)
    assert re.search(r"<strong>Guess first.</strong>", page)
