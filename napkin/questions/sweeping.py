"""Many scenarios at once: lists of models, GPUs and numbers in, a labelled dataset out."""

import importlib
import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy

from ..language.errors import NapkinError
from ..language.graph import FORMULAS, evaluate, formula_named
from ..language.inputs import INPUTS
from ..several_gpus import LAYOUT
from .scenario import ARTICLES, NAMED, Scenario, asks_inputs, depends

if TYPE_CHECKING:  # an extra
    import xarray

# fmt: off
#: What a sweep tells unless it is asked for other results.
RESULTS = ("sequences_that_fit", "users", "step_seconds", "tokens_per_second", "tokens_per_second_per_user", "time_to_first_token",
           "cost_per_user_month", "cost_per_million_output_tokens")
# fmt: on

#: Arguments whose values are resolved together, since one decides what another means; of others it matters that they are given.
RESOLVED = (*NAMED, "weight_bits", *LAYOUT)

BLOCK = 100_000  # points computed at once: what they need stays in the processor's caches


@asks_inputs
def sweep(
    results=RESULTS, *, chunks=None, model=None, gpu=None, n_gpus=None, count="all", compute_bits=None, attention_bits=16, **given
) -> "xarray.Dataset":
    """Every combination of the lists given, as an `xarray.Dataset`.

    Parameters: `results`, names of formulas, or one of them; `chunks`, as in xarray ({"context": 1000}, a number, or "auto"): the
    arrays are then Dask arrays, computed block by block when asked for, on whatever cluster Dask is connected to; all else as
    `estimate` takes it, and each but `count` may be a list (or a one-dimensional array), which becomes a dimension with that name.
    Returns: the results, float64, one dimension for each list in the order given; NaN at points without an answer (nothing
    fits, a rate is not published). Every variable carries `units`, `long_name` and `description`.
    Raises: NapkinError in one sentence, for bad input, and where the extra `sweep` (xarray, and Dask for chunks) is not installed.

    >>> made = sweep("sequences_that_fit", model="Qwen3-32B", gpu=["H100", "B200"], context=[8_000, 32_000])
    >>> made.sequences_that_fit.values.tolist()
    [[3.0, 0.0], [50.0, 12.0]]
    """
    xarray = _imported("xarray")
    if chunks is not None:
        _imported("dask.array")
    asked = zip(NAMED, (model, gpu, n_gpus, count, compute_bits, attention_bits))
    given = {**{name: value for name, value in asked if value is not None}, **given}
    names = _names(results)
    lists = {name: _list(name, value) for name, value in given.items() if _is_list(value) and name != "count"}
    fixed = {name: value for name, value in given.items() if name not in lists}
    resolved = [name for name in lists if name in RESOLVED or name == "n_heads" and "n_gpus" in given]
    inputs, unknown, resolved = _resolve(xarray, lists, resolved, fixed)
    for name in [name for name in lists if name not in resolved]:
        if name in INPUTS:
            checked = INPUTS[name].value_of(lists[name])
        else:
            checked = numpy.array([Scenario.of(**{name: value}).given[name] for value in lists[name]], dtype=float)
        inputs[name] = xarray.DataArray(checked, dims=(name,), coords={name: checked})
    sizes = {name: len(lists[name]) for name in lists}
    if chunks is not None:
        inputs, unknown = _chunked(xarray, inputs, sizes, chunks), _chunked(xarray, unknown, sizes, chunks)
    numbers = {name: value for name, value in inputs.items() if not isinstance(value, xarray.DataArray)}
    arrays = {name: value for name, value in inputs.items() if isinstance(value, xarray.DataArray)}
    blanks = {name: [one for one in unknown if one in depends(name, inputs)] for name in names}
    masks = {one: unknown[one] for one in dict.fromkeys(one for some in blanks.values() for one in some)}
    if not arrays and not masks:
        arrays = {"context": xarray.DataArray(numbers.pop("context", INPUTS["context"].default))}
    made = xarray.apply_ufunc(
        _block,
        *arrays.values(),
        *masks.values(),
        kwargs={"keys": [*arrays], "masked": [*masks], "numbers": numbers, "names": names, "blanks": blanks},
        output_core_dims=[[]] * len(names),
        dask="parallelized",
        output_dtypes=[float] * len(names),
        join="override",
    )
    whole = xarray.Dataset(dict(zip(names, made if isinstance(made, tuple) else (made,))))
    whole = whole.transpose(*[name for name in lists if name in whole.dims])
    whole = whole.expand_dims({name: size for name, size in sizes.items() if name not in whole.dims})
    labels = {name: numpy.array([_label(name, value) for value in lists[name]]) for name in resolved}
    whole = whole.assign_coords({**labels, **{name: inputs[name].coords[name].values for name in lists if name not in labels}})
    for name, variable in [*whole.data_vars.items(), *whole.coords.items()]:
        if (known := FORMULAS.get(name) or INPUTS.get(name)) is not None:
            variable.attrs = {"units": known.unit, "long_name": known.label, "description": known.says}
    whole.attrs = {name: str(value) for name, value in fixed.items()}
    return whole


def _names(results):
    """The names of the results that are asked for."""
    some = [results] if isinstance(results, str) or hasattr(results, "name") else results
    if not isinstance(some, (list, tuple, set, frozenset, Mapping)):
        raise NapkinError(f"results are names of formulas, got {results!r}")
    if not some:
        raise NapkinError("a sweep needs at least one result")
    return [formula_named(one).name for one in some]


def _block(*arrays, keys, masked, numbers, names, blanks):
    """Results at the points of some arrays that broadcast; called by xarray, on a worker where there is one."""
    given, masks = dict(zip(keys, arrays)), dict(zip(masked, arrays[len(keys) :]))
    shape = numpy.broadcast_shapes(*(numpy.shape(array) for array in arrays))
    made = [numpy.empty(shape) for _ in names]
    for part in _parts(shape):
        some = {key: array[_within(part, array.shape, shape)] for key, array in given.items()}
        found = evaluate(tuple(names), {**numbers, **some})
        for name, out in zip(names, made):
            out[part] = found[name]
            for mask in (masks[blank] for blank in blanks[name]):
                out[part] = numpy.where(mask[_within(part, mask.shape, shape)], numpy.nan, out[part])
    return tuple(made) if len(made) > 1 else made[0]


def _parts(shape):
    """Index tuples that cut a shape into blocks of at most BLOCK points."""
    if not shape or numpy.prod(shape) <= BLOCK:
        return [tuple(slice(None) for _ in shape)]
    widths, room = [], BLOCK
    for size in reversed(shape):
        widths.append(max(1, min(size, room)))
        room = max(1, room // size)
    cuts = [[slice(i, i + width) for i in range(0, size, width)] for size, width in zip(shape, widths[::-1])]
    return list(itertools.product(*cuts))


def _within(part, shape, whole):
    """The part of an array that broadcasts to a whole, for a block of the whole."""
    return tuple(slice(None) if size == 1 else cut for size, cut in zip(shape, part[len(whole) - len(shape) :]))


def _imported(module):
    try:
        return importlib.import_module(module)
    except ImportError:
        name = module.partition(".")[0]
        raise NapkinError(f"a sweep needs {name}, which is not installed: pip install 'inference-on-a-napkin[sweep]'") from None


def _is_list(value):
    return isinstance(value, (list, tuple, range)) or isinstance(value, numpy.ndarray) and value.ndim > 0


def _list(name, value):
    if not len(value):
        raise NapkinError(f"{name} is an empty list: give at least one value")
    if isinstance(value, numpy.ndarray) and value.ndim > 1:
        raise NapkinError(f"{name} must be a list of values, got an array of {value.ndim} dimensions")
    return value if isinstance(value, numpy.ndarray) else list(value)


def _label(name, value):
    """What stands on the axis for a value; names for entries, and for None what is in force then."""
    if value is None:
        return {**ARTICLES, "n_gpus": 1}.get(name, "as weight_bits")
    return value if isinstance(value, (str, int, float)) else getattr(value, "name", value)


def _resolve(xarray, lists, resolved, fixed):
    """Inputs of every combination of models, GPUs and what goes with them, stacked; and where one of them is unknown."""
    shape = tuple(len(lists[name]) for name in resolved)
    given = {name: values[0] for name, values in lists.items() if name not in resolved}  # that they are given decides too
    found = [
        Scenario.of(**fixed, **given, **dict(zip(resolved, combination))).case
        for combination in itertools.product(*(lists[name] for name in resolved))
    ]
    keys = [key for key in dict.fromkeys(key for one in found for key in (*one.inputs, *one.unknown)) if key not in given]
    kinds = {(frozenset(one.inputs), frozenset(one.unknown)): one for one in found}
    absent = [(key, one) for one in kinds.values() for key in keys if key not in one.inputs and key not in one.unknown]
    computed = {name for key, one in absent for name in depends(key, one.inputs)}
    if deciding := [name for name in given if name in computed]:  # where a model brings no such input, it is computed from these
        return _resolve(xarray, lists, resolved + deciding, fixed)

    def spread(column, dtype):
        return xarray.DataArray(numpy.array(column, dtype=dtype).reshape(shape), dims=resolved)

    columns = {key: [_in_force(key, one) for one in found] for key in keys}
    inputs = {key: column[0] if all(value == column[0] for value in column) else spread(column, float) for key, column in columns.items()}
    facts = dict.fromkeys(key for one in found for key in one.unknown)
    unknown = {key: spread([key in one.unknown for one in found], bool) for key in facts}
    return inputs, unknown, resolved


def _in_force(key, one):
    """An input as it is in force; what is unknown is masked in the end, and any number serves until then."""
    if key in one.unknown:
        return 1.0
    return one.inputs[key] if key in one.inputs else evaluate((key,), one.inputs)[key]


def _chunked(xarray, inputs, sizes, chunks):
    """The same arrays as Dask arrays, cut as asked."""
    import dask.array

    for name in chunks if isinstance(chunks, Mapping) else ():
        if name not in sizes:
            raise NapkinError(f"chunks names {name!r}, which is no list of this sweep: those are {', '.join(sizes)}")
    try:
        wanted = tuple(chunks.get(name, -1) for name in sizes) if isinstance(chunks, Mapping) else chunks
        cut = dict(zip(sizes, dask.array.core.normalize_chunks(wanted, tuple(sizes.values()), dtype=float)))
    except (ValueError, TypeError, ArithmeticError, NotImplementedError):
        raise NapkinError(f'chunks must be a number of points, "auto" or {{list: points}}, got {chunks!r}') from None
    return {
        key: value.chunk({name: cut[name] for name in value.dims}) if isinstance(value, xarray.DataArray) else value
        for key, value in inputs.items()
    }
