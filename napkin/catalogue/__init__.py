"""What is known by name: accelerators and models, each with source and date, and how a config.json is counted.

May use `language`. Hands on `gpu`, `model`, `Gpu` and `Model`: facts that are inputs of the formulas.
"""
