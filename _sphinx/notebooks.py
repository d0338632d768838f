"""Execute notebooks in place and store outputs that are the same from run to run.

python _sphinx/notebooks.py chapters/*.ipynb
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient

# An output keeps what any viewer can show; live faces come back when a cell is run.
VIEW = "application/vnd.jupyter.widget-view+json"
DROPPED = (VIEW, "text/html")
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def normalise(notebook):
    """Remove what differs from run to run or from machine to machine; returns the notebook."""
    notebook.metadata = nbformat.from_dict(KERNEL)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        cell.execution_count = None
        # "VBox(children=(…" tells a reader nothing
        cell.outputs = [output for output in cell.outputs if {*output.get("data", {})} != {VIEW, "text/plain"}]
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = None
            for face in DROPPED:
                if len(output.get("data", {})) > 1:
                    output.data.pop(face, None)
            output.get("metadata", {}).clear()
    return notebook


def executed(path):
    """A notebook with the outputs of its cells, run where it lies."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=180,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    return notebook


def all_executed(paths):
    """(path, notebook with outputs) of each, as many at a time as there are cores; the largest first, or one would wait for it."""
    paths = sorted(paths, key=lambda path: -path.stat().st_size)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from zip(paths, pool.map(executed, paths))


if __name__ == "__main__":
    for path, notebook in all_executed(map(Path, sys.argv[1:])):
        print(f"  {path}", flush=True)
        nbformat.write(normalise(notebook), path)
