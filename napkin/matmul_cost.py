"""Chapter 1: what a matrix product costs in operations and in loads."""

from .language.formulas import FLOP, element, formula
from .language.operations import in_bytes


@formula(r"F_{\mathrm{mm}}", "FLOP", label="operations")
def matmul_flops(rows, inner, columns):
    """Multiplications and additions of an (N, d) by (d, M) matrix product."""
    return 2 * FLOP * rows * inner * columns


@formula(r"A_{\mathrm{naive}}", "element", label="loads, naive")
def matmul_loads_naive(rows, inner, columns):
    """Elements loaded when every multiplication fetches both of its factors."""
    return 2 * element * rows * inner * columns


@formula(r"A_{\mathrm{tiled}}", "element", label="loads, tiled", source="Wolfe 1989, tiling; derived in chapter 1")
def matmul_loads_tiled(rows, inner, columns, tile):
    """Elements loaded when a T × T tile of the product stays on chip (T divides N and M)."""
    return 2 * element * rows * columns * inner / tile


@formula(r"A_{\mathrm{once}}", "element", label="loads, each element once")
def matmul_loads_floor(rows, inner, columns):
    """Elements loaded when each element of both matrices is fetched once: no schedule needs fewer."""
    return element * inner * (rows + columns)


@formula(r"I_{\mathrm{tiled}}", "FLOP/byte", label="intensity, tiled", source="Williams et al. 2009, roofline")
def tiled_intensity(matmul_flops, matmul_loads_tiled, weight_bits):
    """Operations for every byte that a tiled product loads."""
    return matmul_flops / (matmul_loads_tiled * (in_bytes(weight_bits) / element))


@formula(r"I_{\mathrm{once}}", "FLOP/byte", label="intensity, each element once", source="Williams et al. 2009, roofline")
def floor_intensity(matmul_flops, matmul_loads_floor, weight_bits):
    """Operations for every byte when each element is loaded once: as intense as this product can be."""
    return matmul_flops / (matmul_loads_floor * (in_bytes(weight_bits) / element))
