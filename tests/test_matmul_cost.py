"""Chapter 1 against loops that count what they do."""

import itertools

import pytest

from napkin.matmul_cost import floor_intensity, matmul_flops, matmul_loads_floor, matmul_loads_naive, matmul_loads_tiled, tiled_intensity


def count_naive(n, d, m):
    loads = operations = 0
    for _ in itertools.product(range(n), range(m), range(d)):
        loads += 2  # one element of each matrix
        operations += 2  # one multiplication, one addition
    return loads, operations


def count_tiled(n, d, m, tile):
    loads = 0
    for top in range(0, n, tile):
        for left in range(0, m, tile):
            for _ in range(d):
                loads += len(range(top, min(top + tile, n)))  # a column's piece of the left matrix
                loads += len(range(left, min(left + tile, m)))  # a row's piece of the right one
    return loads


@pytest.mark.parametrize(("n", "d", "m"), [(1, 1, 1), (2, 3, 4), (7, 5, 3), (8, 16, 4)])
def test_naive(n, d, m):
    shape = {"rows": n, "inner": d, "columns": m}
    assert (matmul_loads_naive(**shape), matmul_flops(**shape)) == count_naive(n, d, m)


@pytest.mark.parametrize(("n", "d", "m", "tile"), [(4, 3, 8, 2), (6, 5, 6, 3), (8, 7, 4, 4), (5, 2, 3, 1)])
def test_tiled(n, d, m, tile):
    assert matmul_loads_tiled(rows=n, inner=d, columns=m, tile=tile) == count_tiled(n, d, m, tile)


@pytest.mark.parametrize(("n", "d", "m"), [(4, 3, 8), (7, 5, 7)])
def test_one_tile_over_everything_is_the_floor(n, d, m):
    assert matmul_loads_floor(rows=n, inner=d, columns=m) == count_tiled(n, d, m, max(n, m))


def test_a_tile_of_T_gives_T_operations_an_element():
    assert tiled_intensity(tile=128, weight_bits=8) == 128
    assert tiled_intensity(tile=128, weight_bits=16) == 64
    assert floor_intensity(rows=4, inner=3, columns=8, weight_bits=8) == 2 * 4 * 3 * 8 / (3 * (4 + 8))
