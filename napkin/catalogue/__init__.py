"""What is known by name: accelerators and models, each with source and date, and how a config.json is counted.

May use `language`. Hands on `gpu`, `model`, `Gpu` and `Model`: facts that are inputs of the formulas. From the bottom:
`fields` of a config, `layers` and what each looks back on, `blocks` that a layer is made of, `architectures` that say which,
`counting` the sum, `formats` of weights, `configs` read, and the entries of the two catalogues, `models` and `gpus`.
"""

from .entries import Catalogue
from .formats import NAMED as NAMED_BITS
from .gpus import RATES, Gpu, gpu
from .models import Model, model

__all__ = ["NAMED_BITS", "RATES", "Catalogue", "Gpu", "Model", "gpu", "model"]
