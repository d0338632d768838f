"""The chapters in their order, which is that of their formulas and refinements too: the module of each, its notebook, its title."""

from typing import NamedTuple

from .language.graph import BOOK


class Chapter(NamedTuple):
    """Where a chapter stands and what it is called."""

    notebook: str
    title: str


CHAPTERS = {
    "matmul_cost": Chapter("01_matmul_cost", "Matmul cost"),
    "attention": Chapter("02_attention", "Attention"),
    "kv_cache": Chapter("03_kv_cache", "The KV cache"),
    "b200_budget": Chapter("04_b200_budget", "The B200 budget"),
    "capacity": Chapter("05_users", "Users"),
    "cost": Chapter("06_cost", "Cost"),
    "skipped": Chapter("07_skipped", "What the napkin skipped"),
    "many_tokens": Chapter("08_many_tokens", "Many tokens in one pass"),
    "request": Chapter("09_request", "A request"),
    "several_gpus": Chapter("10_several_gpus", "More than one GPU"),
}

#: The modules that add to the graph of the book, in the order in which their refinements apply.
BOOK.order = tuple(f"napkin.{module}" for module in (*CHAPTERS, "mistakes"))
