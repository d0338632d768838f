"""The front end's modules as one script: a built page is opened as a file too, and there browsers load no modules."""

import re
from functools import cache
from pathlib import Path

WEB = Path(__file__).parent / "web"
IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";\n', re.MULTILINE)
COMMENT = re.compile(r"^ *//.*\n", re.MULTILINE)  # on lines of their own; a reader's browser has no use for them
EXPORT = re.compile(r"^export (?=(?:async )?(?:const|function|class) (\w+))", re.MULTILINE)


@cache
def bundled(entry):
    """The module `web/<entry>.js` and all that it imports, each in a scope of its own, as statements without import or export.

    What a module exports is in a constant of its name: `bundled("numbers")` ends with `const numbers_js = …`.
    Raises ValueError where modules import each other in a circle.
    """
    written = {}

    def write(name, *importers):
        if name in importers:
            raise ValueError("modules import each other in a circle: " + " → ".join([*importers[importers.index(name) :], name]))
        if name in written:
            return
        source = (WEB / f"{name}.js").read_text("utf-8")
        for _, imported in IMPORT.findall(source):
            write(imported, *importers, name)
        body = COMMENT.sub("", EXPORT.sub("", IMPORT.sub(r"const {\1} = \2_js;\n", source)))
        written[name] = f"const {name}_js = (() => {{\n{body}return {{ {', '.join(EXPORT.findall(source))} }};\n}})();\n"

    write(entry)
    return "".join(written.values())


def page_script():
    """The script of a built page: classic, and nothing of it is global but what a module puts there."""
    return f'(() => {{\n"use strict";\n{bundled("start")}}})();\n'


def widget_script(entry, export):
    """The module of a Jupyter widget, self-contained: `export`, an expression of what `web/<entry>.js` exports, is what it hands on."""
    return f"{bundled(entry)}export default {entry}_js.{export};\n"
