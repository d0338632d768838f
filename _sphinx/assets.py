"""The book's generated files, made of what its finished pages use: mathematics font, icons, the theme's styles."""

import base64
import functools
import io
from pathlib import Path

import ziamath
from fontTools import subset
from fontTools.ttLib import TTFont

import trim

# ---- STIX Two Math (SIL Open Font License), carried by ziamath ------------------------------------

STIX = Path(ziamath.__file__).parent / "fonts" / "STIXTwoMath-Regular.ttf"
#: Ranges of letters, and where their italics begin: a browser takes those for <mi>x</mi>.
ITALICS = (("A", "Z", 0x1D434), ("a", "z", 0x1D44E), ("Α", "Ω", 0x1D6E2), ("α", "ω", 0x1D6FC))

#: The fields of a font that say whose it is, what it is called, and under which licence (13, 14): they go where the font goes.
LICENCE = [0, 1, 2, 13, 14]


@functools.cache
def characters():
    """The code points that the font has."""
    return frozenset(TTFont(STIX).getBestCmap())


def in_math_font(character):
    return ord(character) in characters() or character.isspace()


def drawn(character):
    """The code points with which a browser may draw a character of an equation: its own, and its italic."""
    yield ord(character)
    for first, last, italic in ITALICS:
        if first <= character <= last:
            yield 0x210E if character == "h" else italic + ord(character) - ord(first)


def math_style(used):
    """A style sheet with the font inside it (Firefox loads no other on file://), cut down to the characters used."""
    options = subset.Options(
        flavor="woff2", layout_features=["ssty", "kern"], hinting=False, notdef_outline=True, drop_tables=["DSIG"], name_IDs=LICENCE
    )
    font = subset.load_font(str(STIX), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[code for character in used for code in drawn(character)])
    subsetter.subset(font)
    licence = " ".join(font["name"].getDebugName(number) for number in (0, 13, 14))
    return (
        f"/* {licence} */\n"
        '@font-face {\n  font-family: "STIX Two Math";\n  font-display: swap;\n'
        f'  src: url("data:font/woff2;base64,{base64.b64encode(packed(font)).decode()}") format("woff2");\n}}\n'
        'math { font-family: "STIX Two Math", math; }\n'
    )


def packed(font):
    """The font's bytes as woff2."""
    file = io.BytesIO()
    font.flavor = "woff2"
    font.save(file)
    return file.getvalue()


# ---- Font Awesome, carried by the theme ----------------------------------------------------------

SOLID = "vendor/fontawesome/webfonts/fa-solid-900.woff2"


def cut_icons(file, styles):
    """Keep the icons that the styles name: 150 kB of font fewer a page."""
    font = TTFont(file, recalcTimestamp=False)  # two builds of the same pages are the same, byte for byte
    subsetter = subset.Subsetter(subset.Options(layout_features=[], name_IDs=LICENCE))
    subsetter.populate(unicodes={ord(letter) for letter in styles if "\ue000" <= letter <= "\uf8ff"})
    subsetter.subset(font)
    file.write_bytes(packed(font))


# ---- A finished book ------------------------------------------------------------------------------


def lighten(folder, own):
    """Cut what no page of the built book uses from its fonts and from the theme's styles.

    `own` are the names of the book's own styles, which are left as they are.
    """
    static = folder / "_static"
    found = trim.Names()
    for page in (*folder.glob("*.html"), *folder.glob("chapters/*.html")):
        found.feed(page.read_text(encoding="utf-8"))
        found.close()
        found.reset()
    scripts = [file.read_text(encoding="utf-8") for file in static.rglob("*.js") if "locales" not in file.parts]
    for script in scripts:
        found.names.update(trim.WORD.findall(script))

    sheets = {file: file.read_text(encoding="utf-8") for file in static.rglob("*.css")}
    theirs = {file: text for file, text in sheets.items() if file.name not in own}
    ours = [text for file, text in sheets.items() if file.name in own]
    styles = trim.trim(theirs, found.names, "\n".join(scripts + ours))
    for file, text in styles.items():
        file.write_text(text, encoding="utf-8")
    cut_icons(static / SOLID, "".join(styles.values()))
    (static / "math.css").write_text(math_style(found.equations), encoding="utf-8")
    for file in static.rglob("*.map"):  # of scripts and styles that were replaced
        if file.name not in file.with_suffix("").read_text(encoding="utf-8"):
            file.unlink()
