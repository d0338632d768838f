"""What a family of architectures is: the columns of the table in `architectures`."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from .blocks import grouped, heads
from .layers import alike, full, sliding

Switch = bool | str  # on, off, or the name of the field that says so


@dataclass(frozen=True)
class Experts:
    """The mixture of experts of an architecture."""

    where: Callable = lambda fields, n: [True] * n  # which layers have experts
    width: str = "moe_intermediate_size"
    shared: int | str = 0  # how many experts every token visits besides
    shared_width: str = ""  # where they are not as wide as the routed ones
    correction: Switch = False  # one number an expert that steers the choice
    router_bias: bool = False
    expert_bias: bool = False
    shared_gate: bool = False
    shared_bias: Switch = False
    beside: bool = False  # a dense MLP works in parallel
    scales: bool = False
    empty: str = ""  # the field with how many experts have no weights
    latent: str = ""  # experts work in a space of this width
    hashed: str = ""  # so many first layers look up their experts by the token, without a correction


@dataclass(frozen=True)
class Family:
    """How an architecture is built. What is a function is described where those functions are, in `blocks` and `layers`."""

    attention: Callable = grouped
    shape: Callable = heads
    selects: Callable = lambda fields: fields.count("index_topk")  # how many tokens a step selects, where it does
    layers: Callable = full
    bare: Callable = lambda fields, n: [False] * n  # which layers have no MLP
    vary: Callable = alike
    window: Callable = sliding()
    bias: tuple[Switch, Switch, Switch] = ("attention_bias", "attention_bias", False)  # of queries, keys and values; of out; of the MLP
    qk_norm: Callable = lambda fields, shape: 0  # parameters
    gate: Switch = False  # a gate as wide as the output of attention
    head_gate: bool = False  # a gate for each head
    sinks: tuple[Switch, Switch] = (False, False)  # of full layers, of windowed ones
    matrices: int = 3  # of the MLP: three where one gates, else two
    mlp_width: str = "intermediate_size"
    mlp_extra: int | Callable = 0  # weights more, or a function of the model's width that says how many
    four_wide: bool = False  # an MLP four times as wide as the model, where the config does not say
    norms: int | Callable = 2  # of a layer
    norm_vectors: int = 1  # 2 where a norm has a bias
    final_norm: Switch = True
    tied: bool = False  # embedding and head, where the config does not say
    embedding: str = ""  # the field with its width, where it is not that of the model
    head_bias: Switch = False
    positions: int | None = None  # learned positions: how many more than the longest context
    experts: Experts | None = None
    extra: Callable = lambda fields, n: {}  # weights outside the layers
    also: Callable = lambda fields: {}  # fields under the names of the others, where the config has its own
    note: str = ""
    counts: tuple = ()  # the fields of CHANGES_THE_COUNT that its functions count
    defaults: dict = field(default_factory=dict)

    def but(self, defaults=(), **changes):
        """A family like this one but for these changes; defaults are added to its own."""
        return replace(self, defaults={**self.defaults, **dict(defaults)}, **changes)
