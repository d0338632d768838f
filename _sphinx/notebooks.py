"""Execute notebooks in place and store outputs that are the same from run to run.

    python _sphinx/notebooks.py chapters/*.ipynb
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

# An output keeps what any viewer can show; live faces come back when a cell is run.
DROPPED = ("application/vnd.jupyter.widget-view+json", "text/html")
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def normalise(notebook):
    """Remove what differs from run to run or from machine to machine; returns the notebook."""
    notebook.metadata = nbformat.from_dict(KERNEL)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        cell.execution_count = None
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = None
            for face in DROPPED:
                if len(output.get("data", {})) > 1:
                    output.data.pop(face, None)
            output.get("metadata", {}).clear()
    return notebook


def refresh(path):
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=180, kernel_name="python3", record_timing=False,
                            coalesce_streams=True,
                            resources={"metadata": {"path": str(path.parent)}})
    client.execute()
    nbformat.write(normalise(notebook), path)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(f"  {name}", flush=True)
        refresh(Path(name))
