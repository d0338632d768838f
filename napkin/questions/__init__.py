"""What one asks of the formulas: an estimate, the same backwards, at its slopes, and many at once.

May use `language`, `catalogue` and the chapters. Hands on scenarios and their answers; draws nothing.
"""
