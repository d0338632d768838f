"""Sentences whose numbers are computed: they read as Markdown, and as plain text where nothing renders."""

from .sentences import fill, fill_html


class say(str):  # noqa: N801  used as a verb
    """A sentence in Markdown whose {fields} are computed: `say("A step takes **{step_seconds}**.", context=20_000)`.

    Fields are those of telling.py. What is given by name is where the sentence starts from; in the built book its numbers
    then follow the reader's scenario. The string itself is the finished sentence.
    """

    def __new__(cls, template, **at):
        made = super().__new__(cls, fill(template, at))
        made._markdown = fill_html(template, at)
        return made

    def __repr__(self):
        return str(self)

    def _repr_markdown_(self):
        return self._markdown.replace("$", r"\$")  # dollars are money here, not mathematics
