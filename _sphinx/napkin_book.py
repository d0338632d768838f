"""The book's Sphinx extension: equations as MathML, numbered outputs, pages that need no network.

Files made here go to ``_build/generated``, the last static path: each replaces the theme's file of
the same name.
"""

import functools
import hashlib
import re
import shutil
from pathlib import Path

from docutils import nodes
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from math_core import LatexError, LatexToMathML
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

import assets
import citing
import notebooks
from folding import FoldCode
from napkin.page.knowledge import script
from napkin.page.scripts import WEB, page_script
from terms import LinkTerms

LOGGER = logging.getLogger(__name__)
HERE = Path(__file__).parent

# ---- Notebooks ----------------------------------------------------------------------------------


def execute(app, env, docnames):
    """Run the notebooks side by side and hand their outputs to MyST-NB, which would run one after another.

    Its cache is the way in; it is removed first, since a stored output would outlive a change in napkin/.
    """
    folder = Path(app.outdir).parent / ".jupyter_cache"
    shutil.rmtree(folder, ignore_errors=True)
    cache = get_cache(folder)
    paths = [Path(env.doc2path(name)) for name in docnames]
    for path, notebook in notebooks.all_executed(path for path in paths if path.suffix == ".ipynb"):
        cache.cache_notebook_bundle(CacheBundleIn(notebook, str(path)), check_validity=False)


# ---- Equations ----------------------------------------------------------------------------------

TO_MATHML = LatexToMathML(annotation=True, fancy_error=False)
LONG = 30  # characters; an inline formula longer than this scrolls inside itself on a phone


def mathml(node, display):
    """The node's LaTeX as MathML; what cannot be set is a warning and stays as LaTeX."""
    latex = node.astext().strip()
    if display and r"\\" in latex and r"\begin" not in latex:
        latex = rf"\begin{{aligned}}{latex}\end{{aligned}}"
    try:
        markup = TO_MATHML.convert_with_local_state(latex, displaystyle=display)
    except LatexError as error:
        LOGGER.warning("cannot typeset the formula %s: %s", latex, error, location=node)
        return f"<code>{nodes.Text(latex).astext()}</code>", latex
    shown = re.sub(r"<annotation.*?</annotation>|<[^>]*>|&\w+;", "", markup, flags=re.DOTALL)
    if missing := {letter for letter in shown if not assets.in_math_font(letter)}:
        LOGGER.warning("the mathematics font lacks %s, used in %s", " ".join(sorted(missing)), latex, location=node)
    return markup, shown


def visit_inline(writer, node):
    markup, shown = mathml(node, display=False)
    classes = "math long" if len(shown) > LONG else "math"
    writer.body.append(writer.starttag(node, "span", "", CLASS=classes) + markup + "</span>")
    raise nodes.SkipNode


def visit_display(writer, node):
    markup, _ = mathml(node, display=True)
    writer.body.append(writer.starttag(node, "div", CLASS="math"))
    writer.body.append(f'<div class="math-scroll">{markup}</div>')
    if node.get("number"):
        writer.body.append(f'<span class="eqno">({get_node_equation_number(writer, node)})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    writer.body.append("</div>\n")
    raise nodes.SkipNode


class NumberOutputs(SphinxTransform):
    """Number an output's equation whose first line is ``% equation: label``.

    The label's first appearance in the book gets the number; {eq}`label` refers to it.
    """

    default_priority = 500
    comment = re.compile(r"\s*%\s*equation:\s*(\S+)\s*\n")

    def apply(self):
        domain = self.env.get_domain("math")
        for node in list(self.document.findall(nodes.math_block)):
            if not (found := self.comment.match(node.astext())):
                continue
            latex, label = node.astext()[found.end() :], found[1]
            node.rawsource, node.children = latex, []
            node += nodes.Text(latex)
            if label in domain.equations:
                continue
            node["ids"].append(nodes.make_id(f"equation-{label}"))
            self.document.note_explicit_target(node)
            domain.note_equation(self.env.docname, label, location=node)
            node.update_all_atts(
                {"docname": self.env.docname, "label": label, "number": domain.get_equation_number_for(label)}, replace=True
            )


# ---- Pages --------------------------------------------------------------------------------------

UNWANTED = ("thebe", "mathjax", "require.js", "widget-state", "widget-view", "html-manager")
#: Scripts and styles that a page needs only where its body has one of these classes.
WHERE = {
    "design-tabs": "sd-tab",
    "sphinx-design": "sd-",
    "togglebutton": "dropdown|toggle",
    "clipboard": "highlight",
    "copybutton": "highlight",
}
IN_BODY = re.compile(
    r'<script type="(text/x-thebe-config|application/vnd\.jupyter\.widget-[\w+]+)">'
    r".*?</script>|<script>kernelName = .*?</script>",
    re.DOTALL,
)
NO_FETCH = 'if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;'


def lighten(app, pagename, templatename, context, doctree):
    """Drop the scripts that need a kernel or a network, and those for what the page has not; keep search quiet on file://."""
    if pagename == "search":
        app.add_js_file(None, body=NO_FETCH)
        app.add_js_file("search.js", defer="defer")
    classes = " ".join(re.findall(r'class="([^"]*)"', context.get("body", "")))

    def wanted(file):
        about = f"{file.filename} {file.attributes.get('type', '')} {file.attributes.get('body', '')}".lower()
        if "sphinx_highlight" in about and pagename != "search":  # what was searched for would stay marked on page after page
            return False
        return not any(word in about for word in UNWANTED) and all(
            re.search(rf"(?<![\w-])({needed})", classes) for word, needed in WHERE.items() if word in about
        )

    context["script_files"] = [file for file in context["script_files"] if wanted(file)]
    context["css_files"] = [file for file in context["css_files"] if wanted(file)]
    if "body" in context:
        context["body"] = IN_BODY.sub("", context["body"])


# ---- The finished book ----------------------------------------------------------------------------

#: The theme loads the search on every page, for results while one types; here only the page of results has them.
SEARCH = re.compile(r'\s*<script src="[^"]*(?:searchtools|language_data|searchindex)\.js[^"]*"></script>')
VERSIONED = re.compile(r'(?<=[ "])((?:\.\./)?_static/[^"?]+)\?[^"]*(?=")')
REPLACED = (  # what the theme writes, and what says the same to a screen reader without a fault
    ('<div id="pst-primary-sidebar" class', '<div id="pst-primary-sidebar" role="region" aria-label="Book" class'),
    (' role="doc-biblioentry"', ' role="listitem"'),
    ('<th class="head"><p></p></th>', "<td></td>"),
)
#: A link to a page within an output, which Markdown there leaves as it is.
TO_NOTEBOOK = re.compile(r'href="([\w-]+)\.(?:ipynb|md)(?=["#])')
#: What is in the header is in the sidebar too, and hidden; but the theme's scripts would take its buttons for the ones that show.
HEADER = re.compile(r'(<header id="pst-header"[^>]*>).*?(?=</header>)', re.DOTALL)


def finish(app, exception):
    """Make every page lighter, and fit for a screen reader; then cut fonts and styles to what the pages use."""
    if exception is not None or app.builder.name != "html":
        return
    folder = Path(app.outdir)
    write_front_door(app, folder)
    pages = [*folder.glob("*.html"), *folder.glob("chapters/*.html")]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        if page.name != "search.html":
            text = SEARCH.sub("", text)
        text = HEADER.sub(r"\1", text)
        for theirs, ours in REPLACED:
            text = text.replace(theirs, ours)
        text = TO_NOTEBOOK.sub(r'href="\1.html', text)
        page.write_text(text, encoding="utf-8")
    own = {file.name for static in app.config.html_static_path for file in (Path(app.srcdir) / static).glob("*.css")}
    assets.lighten(folder, own)

    @functools.cache
    def version(name):  # a browser that has seen the book before takes the new file
        return hashlib.sha256((folder / name).read_bytes()).hexdigest()[:8]

    for page in pages:
        text = page.read_text(encoding="utf-8")
        text = VERSIONED.sub(lambda match: f"{match[1]}?v={version(match[1].removeprefix('../'))}", text)
        page.write_text(text, encoding="utf-8")


def write_front_door(app, folder):
    """``index.html`` leads to the first page (Jupyter Book writes a barer one, if none is there)."""
    first = f"{app.config.root_doc}.html"
    (folder / "index.html").write_text(
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f"<title>{app.config.html_title}</title>\n"
        f'<link rel="icon" href="data:,">\n'
        f'<meta http-equiv="refresh" content="0; url={first}">\n'
        f'<p><a href="{first}">{app.config.html_title}</a></p>\n</html>\n',
        encoding="utf-8",
    )


def generate(app):
    """The front end, and files that replace the theme's: its two large scripts, and an empty place for the mathematics font."""
    generated = Path(app.outdir).parent / "generated"
    shutil.rmtree(generated, ignore_errors=True)
    (generated / "scripts").mkdir(parents=True)
    (generated / "scripts" / "fontawesome.js").write_text("")  # 1.5 MB that do the work of its font
    shutil.copy(HERE / "shell.js", generated / "scripts" / "bootstrap.js")
    for sheet in (HERE / "book.css", HERE / "search.js", *WEB.glob("*.css")):
        shutil.copy(sheet, generated)
    (generated / "math.css").write_text("")
    (generated / "napkin.js").write_text(script() + page_script(), encoding="utf-8")
    app.config.html_static_path.append(str(generated))
    app.add_js_file("napkin.js", defer="defer")
    app.add_css_file("math.css", priority=300)
    app.add_css_file("book.css", priority=310)


def setup(app):
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_display, None))
    app.add_transform(NumberOutputs)
    app.add_post_transform(FoldCode)
    app.add_post_transform(LinkTerms)
    app.connect("builder-inited", generate)
    app.connect("env-before-read-docs", execute)
    app.connect("source-read", citing.read)
    app.connect("html-page-context", lighten, priority=900)
    app.connect("build-finished", finish)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
