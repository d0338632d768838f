"""Many scenarios at once: lists of models, GPUs and numbers in, a labelled dataset out."""

import itertools

import numpy

from .estimate import LAYOUT, scenario
from ..language.graph import FORMULAS, cut_of, evaluate, formula_named, inputs_of
from ..language.errors import NapkinError
from ..language.inputs import INPUTS

#: What a sweep tells unless it is asked for other results.
RESULTS = (
    "sequences_that_fit", "users", "step_seconds", "tokens_per_second", "tokens_per_second_per_user", "time_to_first_token",
    "cost_per_user_month", "cost_per_million_output_tokens",
)

#: Arguments whose values are resolved together into inputs, since one decides what another means.
NAMED = ("model", "gpu", "n_gpus", "count", "compute_bits", "attention_bits")
RESOLVED = (*NAMED, "weight_bits", *LAYOUT)

BLOCK = 100_000  # points computed at once: what they need stays in the processor's caches


def sweep(results=RESULTS, *, chunks=None, **given):
    """Every combination of the lists given, as an `xarray.Dataset`.

    Takes what `estimate` takes; each argument may be a list (or a one-dimensional array), which becomes a dimension
    with that name. `results` are names of formulas. Points without an answer (nothing fits, a rate is not published)
    are NaN. Every variable carries `units`, `long_name` and `description`.

    With `chunks` (as in xarray: {"context": 1000}, or "auto") the arrays are Dask arrays, computed block by block
    when asked for, on whatever cluster Dask is connected to.

    Needs the extra `sweep` (xarray, and Dask for chunks). Raises NapkinError in one sentence for bad input.
    """
    xarray = _imported("xarray")
    if chunks is not None:
        _imported("dask.array")
    names = [formula_named(one).name for one in ([results] if isinstance(results, str) else results)]
    if not names:
        raise NapkinError("a sweep needs at least one result")
    lists = {name: _list(name, value) for name, value in given.items() if _is_list(value) and not (name == "count")}
    fixed = {name: value for name, value in given.items() if name not in lists}
    resolved = [name for name in lists if name in RESOLVED]
    inputs, unknown = _resolve(xarray, lists, resolved, fixed)
    for name in lists:
        if name not in RESOLVED:
            if name not in INPUTS and name not in FORMULAS:
                raise NapkinError(f"there is no input called {name!r}")
            checked = INPUTS[name].value_of(lists[name]) if name in INPUTS else numpy.asarray(lists[name], dtype=float)
            inputs[name] = xarray.DataArray(checked, dims=(name,), coords={name: checked})
    labels = {name: numpy.array([_label(value) for value in lists[name]]) for name in lists if name in RESOLVED}
    sizes = {name: len(lists[name]) for name in lists}
    if chunks is not None:
        inputs = _chunked(xarray, inputs, sizes, chunks)
    numbers = {name: value for name, value in inputs.items() if not isinstance(value, xarray.DataArray)}
    arrays = {name: value for name, value in inputs.items() if isinstance(value, xarray.DataArray)}
    blanks = {name: [one for one in unknown if one in inputs_of((name,), cut_of(inputs))] for name in names}
    masks = {one: unknown[one] for one in dict.fromkeys(one for some in blanks.values() for one in some)}
    arguments = {**arrays, **{f"unknown {name}": mask for name, mask in masks.items()}}
    if chunks is not None:
        arguments = {**arrays, **{f"unknown {name}": _chunked(xarray, {"it": mask}, sizes, chunks)["it"] for name, mask in masks.items()}}
    if not arguments:
        arguments = {"context": xarray.DataArray(numbers.pop("context", INPUTS["context"].default))}
    made = xarray.apply_ufunc(
        _block, *arguments.values(), kwargs={"keys": list(arguments), "numbers": numbers, "names": names, "blanks": blanks},
        output_core_dims=[[]] * len(names), dask="parallelized", output_dtypes=[float] * len(names), join="override",
    )
    made = made if isinstance(made, tuple) else (made,)
    whole = xarray.Dataset({name: one for name, one in zip(names, made)})
    whole = whole.transpose(*[name for name in lists if name in whole.dims])
    missing = {name: size for name, size in sizes.items() if name not in whole.dims}
    if missing:
        whole = whole.expand_dims(missing)
    whole = whole.assign_coords({**labels, **{name: inputs[name].coords[name].values for name in lists if name not in labels}})
    for name, variable in [*whole.data_vars.items(), *whole.coords.items()]:
        known = FORMULAS[name] if name in FORMULAS else INPUTS.get(name)
        if known is not None:
            variable.attrs = {"units": known.unit, "long_name": known.label, "description": known.says}
    whole.attrs = {name: str(value) for name, value in fixed.items()}
    return whole


def _block(*arrays, keys, numbers, names, blanks):
    """Results at the points of some arrays that broadcast; called by xarray, on a worker where there is one."""
    given = dict(zip(keys, arrays))
    masks = {key.removeprefix("unknown "): given.pop(key) for key in keys if key.startswith("unknown ")}
    shape = numpy.broadcast_shapes(*(numpy.shape(array) for array in arrays))
    made = [numpy.empty(shape) for _ in names]
    for part in _parts(shape):
        some = {key: array[_within(part, array.shape, shape)] for key, array in given.items()}
        found = evaluate(tuple(names), {**numbers, **some})
        for name, out in zip(names, made):
            out[part] = found[name]
            for blank in blanks[name]:
                mask = masks[blank][_within(part, masks[blank].shape, shape)]
                out[part] = numpy.where(mask, numpy.nan, out[part])
    return tuple(made) if len(made) > 1 else made[0]


def _parts(shape):
    """Index tuples that cut a shape into blocks of at most BLOCK points."""
    if not shape or numpy.prod(shape) <= BLOCK:
        return [tuple(slice(None) for _ in shape)]
    widths, room = [], BLOCK
    for size in reversed(shape):
        widths.append(max(1, min(size, room)))
        room = max(1, room // size)
    widths.reverse()
    starts = [range(0, size, width) for size, width in zip(shape, widths)]
    return [tuple(slice(i, i + w) for i, w in zip(corner, widths)) for corner in itertools.product(*starts)]


def _within(part, shape, whole):
    """The part of an array that broadcasts to a whole, for a block of the whole."""
    part = part[len(whole) - len(shape):]
    return tuple(slice(None) if size == 1 else cut for size, cut in zip(shape, part))


def _imported(module):
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError:
        raise NapkinError(
            f"a sweep needs {module.partition('.')[0]}, which is not installed: pip install 'inference-on-a-napkin[sweep]'"
        ) from None


def _is_list(value):
    return isinstance(value, (list, tuple, range)) or isinstance(value, numpy.ndarray) and value.ndim > 0


def _list(name, value):
    values = list(value)
    if not values:
        raise NapkinError(f"{name} is an empty list: give at least one value")
    if isinstance(value, numpy.ndarray) and value.ndim > 1:
        raise NapkinError(f"{name} must be a list of values, got an array of {value.ndim} dimensions")
    return values if name in RESOLVED else value


def _label(value):
    return value if isinstance(value, (str, int, float)) else value.name


def _resolve(xarray, lists, resolved, fixed):
    """Inputs of every combination of models, GPUs and what goes with them, stacked; and where one of them is unknown."""
    others = {name: value for name, value in fixed.items()}
    shape = tuple(len(lists[name]) for name in resolved)
    found = []
    for combination in itertools.product(*(lists[name] for name in resolved)):
        found.append(scenario(**{**others, **dict(zip(resolved, combination))}))
    keys = list(dict.fromkeys(key for one in found for key in one.inputs))
    missing = list(dict.fromkeys(key for one in found for key in one.unknown))
    inputs = {}
    for key in keys:
        column = [one.inputs[key] if key in one.inputs else _stand_in(key, one) for one in found]
        if all(value == column[0] for value in column):
            inputs[key] = column[0]
        else:
            inputs[key] = xarray.DataArray(numpy.array(column, dtype=float).reshape(shape), dims=resolved)
    unknown = {}
    for key in missing:
        mask = numpy.array([key in one.unknown for one in found]).reshape(shape)
        unknown[key] = xarray.DataArray(mask, dims=resolved)
        inputs.setdefault(key, INPUTS[key].default if not INPUTS[key].computed else evaluate((key,), found[0].inputs)[key])
    return inputs, unknown


def _stand_in(key, one):
    """What an input comes to in a scenario that does not give it."""
    if key in one.unknown:  # masked in the end; any number serves until then
        default = INPUTS[key].default
        return 1.0 if isinstance(default, str) else default
    return evaluate((key,), {name: value for name, value in one.inputs.items()})[key]


def _chunked(xarray, inputs, sizes, chunks):
    """The same arrays as Dask arrays, cut as asked."""
    if isinstance(chunks, (str, int)):
        import dask.array

        cut = dask.array.core.normalize_chunks(chunks, tuple(sizes.values()), dtype=float)
        chunks = dict(zip(sizes, cut))
    for name in chunks:
        if name not in sizes:
            raise NapkinError(f"chunks names {name!r}, which is no list of this sweep: those are {', '.join(sizes)}")
    return {
        key: value.chunk({name: chunks.get(name, -1) for name in value.dims}) if isinstance(value, xarray.DataArray) else value
        for key, value in inputs.items()
    }
