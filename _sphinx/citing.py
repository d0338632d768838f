"""Citations and equations that read as text wherever a notebook is read, and become Sphinx's here.

`[[Kwon et al., 2023](https://arxiv.org/abs/2309.06180)]` is {cite}`kwon2023`, found by its address in references.bib; several stand in
one pair of brackets. `[equation (users)](notation.ipynb#notation-users)` is {eq}`users`.
"""

import functools
import re
from pathlib import Path

from pybtex.database import parse_file
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)

LINK = r"\[([^\[\]]+)\]\((https?://[^\s()]+)\)"
CITATION = re.compile(rf"\[({LINK}(?:, {LINK})*)\]")
EQUATION = re.compile(r"\[equation \((\w+)\)\]\(notation\.ipynb#notation-(\w+)\)")


@functools.cache
def cited(bibliography):
    """{address: (key, what a citation says)} of every entry."""
    entries = parse_file(str(bibliography), "bibtex").entries
    return {address(entry): (key, label(entry)) for key, entry in entries.items()}


def address(entry):
    return entry.fields.get("url") or f"https://doi.org/{entry.fields['doi']}"


def label(entry):
    """Author and year, as the bibliography's style has them: "Kwon et al., 2023"."""
    names = [" ".join(map(str, person.rich_prelast_names + person.rich_last_names)) for person in entry.persons["author"]]
    who = names[0] if len(names) == 1 else " and ".join(names) if len(names) == 2 else f"{names[0]} et al."
    return f"{who}, {entry.fields['year']}"


def with_roles(text, bibliography, complain):
    """The text with roles in place of links; `complain` hears of a citation that is none of the bibliography's."""
    known = cited(bibliography)

    def cite(match):
        keys = []
        for said, url in re.findall(LINK, match[1]):
            key, expected = known.get(url, ("", ""))
            if said != expected:
                complain(f"the citation [{said}]({url}) is not in {bibliography.name}, which has {expected or 'no such address'}")
            keys.append(key)
        return f"{{cite}}`{','.join(keys)}`" if all(keys) else match[0]

    def refer(match):
        if match[1] != match[2]:
            complain(f"{match[0]} names two equations")
        return f"{{eq}}`{match[1]}`"

    return EQUATION.sub(refer, CITATION.sub(cite, text))


def read(app, docname, source):
    bibliography = Path(app.srcdir) / app.config.bibtex_bibfiles[0]
    source[0] = with_roles(source[0], bibliography, lambda fault: LOGGER.warning(fault, location=docname))
