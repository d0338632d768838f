"""The book's generated files: a subset of the mathematics font, and of the theme's icons."""

import base64
import re
from pathlib import Path

import pydata_sphinx_theme
import sphinx_book_theme
import ziamath
from fontTools import subset
from fontTools.ttLib import TTFont

# ---- STIX Two Math (SIL Open Font License), carried by ziamath ------------------------------------

STIX = Path(ziamath.__file__).parent / "fonts" / "STIXTwoMath-Regular.ttf"
MATH_CHARACTERS = {
    *map(chr, range(0x20, 0x7F)),        # ASCII
    *map(chr, range(0x391, 0x3CA)), *"ϕϵϑϱ",   # Greek
    *map(chr, range(0x1D434, 0x1D468)), "ℎ",   # italic Latin, which a browser takes for <mi>x</mi>
    *map(chr, range(0x1D6E2, 0x1D71C)),  # italic Greek
    *"\u00a0\u2009\u200a\u2061\u2062\u2063\u2064",  # spaces and invisible operators
    *"¬°±·⋅×÷–—‖′″‴…⋯⋮⋱†‡•∗∘−∓∕√∛∞∝∂∇∑∏∫∈∉∋∀∃∅∪∩⊂⊆⊃⊇∧∨⊕⊗⊙",
    *"=≠≈≃≅∼≡≤≥≪≫≲≳⩽⩾≺≻≔∣∥⊥←→↑↓↔↦⇐⇒⇔⟵⟶⟹⌊⌋⌈⌉⟨⟩⏞⏟⎵⎴ℝℕℤℓ𝒪ˆ˜¯‾^_~̂̃̄̅⃗",
}


def in_math_font(character):
    return character in MATH_CHARACTERS or character.isspace()


def make_math_font(folder):
    """Write ``math.css`` with the font inside it: Firefox loads no other on file://."""
    options = subset.Options(flavor="woff2", layout_features=["ssty", "dtls", "flac", "kern"],
                             hinting=False, notdef_outline=True, drop_tables=["DSIG"])
    font = subset.load_font(str(STIX), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[ord(character) for character in MATH_CHARACTERS])
    subsetter.subset(font)
    font_file = folder / "math.woff2"
    subset.save_font(font, str(font_file), options)
    data = base64.b64encode(font_file.read_bytes()).decode()
    font_file.unlink()
    (folder / "math.css").write_text(
        '@font-face {\n  font-family: "STIX Two Math";\n  font-display: swap;\n'
        f'  src: url("data:font/woff2;base64,{data}") format("woff2");\n}}\n'
        'math { font-family: "STIX Two Math", math; }\n')


# ---- Font Awesome, carried by the theme ----------------------------------------------------------

PYDATA = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme"
BOOK = Path(sphinx_book_theme.__file__).parent
STYLES = "styles/pydata-sphinx-theme.css"
SCRIPT = "scripts/fontawesome.js"
SOLID = "vendor/fontawesome/webfonts/fa-solid-900.woff2"
ICON_RULE = re.compile(r'((?:\.fa-[\w-]+::?before,?)+)\{content:"[^"]*"\}')


def make_icons(folder):
    """Keep the icons that the two themes name: 60 kB of rules and 150 kB of font fewer a page.

    The theme's script does the same work as its font (1.5 MB of it), so it becomes empty.
    """
    sources = [file for theme in (PYDATA, PYDATA.parent.parent, BOOK) for file in theme.rglob("*")
               if file.suffix in (".html", ".py", ".js") and file.name != "fontawesome.js"]
    named = {name for file in sources
             for name in re.findall(r"fa-[\w-]+", file.read_text(encoding="utf-8"))}

    def keep(rule):
        names = re.findall(r"\.(fa-[\w-]+):", rule[1])
        return rule[0] if named.intersection(names) else ""

    css = ICON_RULE.sub(keep, (PYDATA / "static" / STYLES).read_text(encoding="utf-8"))
    others = "".join(file.read_text(encoding="utf-8") for file in BOOK.rglob("*.css"))
    codes = {int(code, 16) for code in re.findall(r"\\(f[0-9a-f]{3})\b", css + others)}

    options = subset.Options(flavor="woff2", layout_features=[])
    font = TTFont(PYDATA / "static" / SOLID)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)

    for name in (STYLES, SCRIPT, SOLID):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / STYLES).write_text(css, encoding="utf-8")
    (folder / SCRIPT).write_text("")
    subset.save_font(font, str(folder / SOLID), options)
