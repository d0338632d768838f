"""The language in which the chapters are written: inputs, formulas, refinements, units, sentences, and the graph they make.

Uses nothing of the house. Hands on `formula`, `refines`, `declare`, the graph with what it computes, and how numbers
and sentences are said.
"""
