"""The front end's modules without a page: run as they are, in the node that comes with Playwright."""

import json
import subprocess
from functools import cache
from pathlib import Path

import playwright

from napkin.page import knowledge, scripts

NODE = next((Path(playwright.__file__).parent / "driver").glob("node*"))
PROGRAM = """{book}
const modules = await Promise.all({modules}.map((one) => import(one)));
const front = Object.assign({{ book: globalThis.napkinBook }}, ...modules);
console.log(JSON.stringify(({code})(front, ...{arguments})));
"""


@cache
def book():
    return knowledge.script()


def run(modules, code, *arguments):
    """What a JavaScript function makes of an object with all that these modules export (and the `book`), and of the arguments."""
    program = PROGRAM.format(
        book=book(),
        modules=json.dumps([(scripts.WEB / f"{one}.js").as_uri() for one in modules.split()]),
        code=code,
        arguments=json.dumps(arguments),
    )
    done = subprocess.run([NODE, "--input-type=module", "-"], input=program, capture_output=True, text=True, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)
