"""Sentences and tables whose numbers are computed: they read as Markdown, and as plain text where nothing renders."""

from .inputs import NapkinError

VERDICTS = ("holds", "rounding", "error", "modelling gap", "unsourced")


class say(str):  # noqa: N801  used as a verb
    """A sentence in Markdown: `say(f"It takes {step_seconds.text()}.")`."""

    def __repr__(self):
        return str(self)

    def _repr_markdown_(self):
        return self.replace("$", r"\$")  # dollars are money here, not mathematics


class Claims:
    """A table of claims: (what the article says, what we compute, the verdict, why), a row each."""

    def __init__(self, *rows):
        for says, _, verdict, _ in rows:
            if verdict not in VERDICTS:
                raise NapkinError(f"a verdict is one of {', '.join(VERDICTS)}, got {verdict!r} for “{says}”")
        self.rows = rows

    def __repr__(self):
        return "\n".join(f"{says} | {computed} | {verdict} | {why}" for says, computed, verdict, why in self.rows)

    def _repr_markdown_(self):
        lines = ["| the article says | we compute | verdict | why |", "|---|---|---|---|"]
        lines += [f"| {says} | {computed} | **{verdict}** | {why} |" for says, computed, verdict, why in self.rows]
        return say("\n".join(lines))._repr_markdown_()
