"""What of a name is compared: cards as drivers and clouds print them, models as repositories call them."""

import difflib
import itertools
import re
from collections.abc import Iterable, Iterator

#: Words that tell no two cards apart: who makes it, its line, its kind of memory.
NOISE = re.compile(
    r"nvidia|geforce|tesla|quadro|amd|instinct|radeon|intel|habana|google|cloud|apple|aws|amazon|huawei|"
    r"blackwell|generation|edition|graphics|gpu|accelerator|oam|hbm\de?"
)
PLACES = re.compile(r"sxm|pcie|\d+gb")  # what stands before or behind: A100-SXM4-80GB is the A100 80GB SXM
SIZES = (8, 10, 11, 12, 16, 18, 20, 24, 32, 36, 40, 48, 64, 72, 80, 94, 96, 128, 141, 144, 180, 186, 192, 256, 270, 288, 512)  # on labels

#: Words of a repository's name that leave the sizes of a model as they are: what it was trained for, and when.
KINDS = re.compile(r"instruct|chat|it|pt|hf|base|thinking|exp|ud|\d{4}")
#: Words that name how the weights are stored.
FORMATS = re.compile(
    r"(nv|mx)?fp\d+|bf16|nf4|int\d\w*|awq|gptq|gguf|ggml|bnb|exl\d|mlx|hqq|aqlm|quark|torchao|autoround|bitnet|quantized|qat|"
    r"\d?bit|[\d.]+bpw|w\d+a\d+\w*|i?q\d\w*"
)


def plain(name: str) -> str:
    """Case, spaces, dashes and underscores do not matter."""
    return re.sub(r"[\s_-]+", "", name.casefold())


def card(name: str) -> str:
    """A card's name without its maker's words, and with socket and memory behind.

    >>> card("NVIDIA A100-SXM4-80GB") == card("A100 80GB SXM"), card("Tesla T4")
    (True, 't4')
    """
    text = re.sub(r"\b(\d+)\s*gi?b?\b", r"\1gb", re.sub(r"[\s_/-]+", " ", re.sub(r"\(([^()]*)\)", r" \1 ", name.casefold())))
    words = [re.sub(r"^sxm\d$", "sxm", word) for word in text.split()]
    words = [word for word in words if not NOISE.fullmatch(word)] or words
    places = sorted(word for word in words if PLACES.fullmatch(word))
    return "".join([word for word in words if not PLACES.fullmatch(word)] + places)


def with_size(row: dict) -> Iterator[str]:
    """The names of a card with its memory behind, as labels round it."""
    memory = float(row["memory"])
    sizes = {next((size for size in SIZES if size * 2**30 >= memory), None), round(memory / 1e9)} - {None}
    for alias in (row["name"], *row["aliases"].split(";")):
        if alias.strip() and not re.search(r"\dGB", alias):
            yield from (f"{alias.strip()} {size}GB" for size in sizes)


def _words(name):
    last = re.sub(r"\b(\d)[\s_-]bit\b", r"\1bit", name.rstrip("/").rpartition("/")[2].casefold())
    words = [word for word in re.split(r"[\s_:-]+|\.(?=[^\W\d])", last) if word]
    return words[1:] if words[:1] == ["meta"] else words


def repository(name: str) -> str:
    """A model's name without who stores it and what it was trained for.

    >>> repository("meta-llama/Meta-Llama-3.1-8B-Instruct") == repository("Llama-3.1-8B")
    True
    """
    words = _words(name)
    return "".join([word for word in words if not KINDS.fullmatch(word)] or words)


def without_format(name: str) -> str | None:
    """What stands before the words that name a format of weights; None where there are none.

    >>> without_format("Qwen/Qwen3-32B-AWQ"), without_format("Qwen/Qwen3-32B")
    ('qwen3-32b', None)
    """
    words = _words(name)
    at = next((at for at, word in enumerate(words) if FORMATS.fullmatch(word)), 0)
    return "-".join(words[:at]) or None


def nearest(asked: str, known: Iterable[str]) -> str | None:
    """The name that is most like the one asked for, of the same letters in front; None where none is near."""
    letters = _letters(asked)
    alike = [(difflib.SequenceMatcher(None, asked, one).ratio(), one) for one in known if _letters(one) == letters]
    ratio, best = max(alike, default=(0.0, None), key=lambda found: found[0])
    return best if ratio >= (0.6 if letters else 0.8) else None


def _letters(name):
    return "".join(itertools.takewhile(str.isalpha, name))
