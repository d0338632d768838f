"""One chapter in JupyterLab, start to end: the same playground, with a kernel behind it."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from napkin import sensitivity, solve_for
from tests.browser import Watched

ROOT = Path(__file__).parents[1]
FIGURE = "#playground-kv-cache"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab that serves the first page, and chapter 3 with a second playground and a cell that moves the scenario from Python."""
    folder = tmp_path_factory.mktemp("lab")
    chapter = json.loads((ROOT / "chapters" / "03_kv_cache.ipynb").read_text("utf-8"))
    last = {
        "cell_type": "code",
        "id": "from-python",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": 'playground.value = {"context": 5_000}\nprint("from Python:", playground.results["sequences_that_fit"])',
    }
    other = {
        **last,
        "id": "another",
        "source": 'from napkin import Playground, gpu\nPlayground(["context", gpu], ["tokens_per_second"], name="another")',
    }
    chapter["cells"] += [other, last]
    (folder / "chapter.ipynb").write_text(json.dumps(chapter), "utf-8")
    shutil.copy(ROOT / "chapters" / "index.ipynb", folder)
    # All cells on the page at once, so that tests need not scroll.
    settings = folder / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (folder / "lab.log").open("w")
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--allow-root",
            f"--port={port}",
            "--ServerApp.port_retries=0",
            "--IdentityProvider.token=",
            f"--ServerApp.root_dir={folder}",
            f"--LabApp.user_settings_dir={folder / 'settings'}",
            "--LabApp.expose_app_in_browser=True",
            "--LabApp.news_url=",
        ],
        stdout=log,
        stderr=log,
        env={**os.environ, "PYTHONPATH": str(ROOT), "JUPYTER_PREFER_ENV_PATH": "1"},
    )
    address = f"http://localhost:{port}"
    for _ in range(120):
        try:
            urllib.request.urlopen(f"{address}/api", timeout=2).close()
            break
        except OSError:
            assert server.poll() is None, (folder / "lab.log").read_text()
            time.sleep(0.5)
    yield address
    server.terminate()
    server.wait(20)
    log.close()


@contextlib.contextmanager
def opened(chromium, lab, notebook):
    """A notebook in JupyterLab whose cells run."""
    with Watched(chromium, lab, viewport={"width": 1280, "height": 1000}) as watched:
        watched.page.set_default_timeout(60_000)
        watched.page.goto(f"{lab}/lab/tree/{notebook}.ipynb?reset")
        watched.page.wait_for_function("window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'")
        watched.page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
        yield watched


def test_a_chapter_runs_in_jupyterlab_and_its_playground_talks_to_the_kernel(lab, chromium):
    with opened(chromium, lab, "chapter") as watched:
        page = watched.page
        page.locator("text=from Python: 244").wait_for()  # 160 GB / (5,000 × 131,072 B)
        assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']").count() == 0

        # The last cell set a trait from Python: the slider has moved, and so has the linked ipywidgets control.
        slider = page.locator(f"{FIGURE}.is-live [name=context]")
        slider.wait_for()
        page.wait_for_function(f"document.querySelector('{FIGURE} [name=context]').dataset.value === '5000'")
        assert page.locator(f"{FIGURE} output[name=sequences_that_fit]").get_attribute("data-value") == "244"
        linked = ".jp-OutputArea-output .widget-readout"
        page.wait_for_function(f"document.querySelector('{linked}').textContent === '5,000 tokens'")

        # Moving the slider changes playground.value: the control of the reader's own cell follows through the kernel.
        figure_before = page.locator(".jp-OutputArea-output .jp-RenderedImage img").last.get_attribute("src")
        slider.focus()
        page.keyboard.press("End")
        page.wait_for_function(f"document.querySelector('{FIGURE} [name=context]').dataset.value === '1000000'")
        page.wait_for_function(f"document.querySelector('{linked}').textContent === '1,000,000 tokens'")
        page.wait_for_function(
            "(before) => [...document.querySelectorAll('.jp-OutputArea-output .jp-RenderedImage img')].at(-1).src !== before",
            arg=figure_before,
        )
        # The second playground has followed, and moves the first.
        another = "#playground-another"
        page.wait_for_function(f"document.querySelector('{another} [name=context]').dataset.value === '1000000'")
        page.locator(f"{another} [name=gpu]").select_option("H200 SXM")
        page.wait_for_function(f"JSON.parse(document.querySelector('{FIGURE}').dataset.inputs).memory > 1.4e11")
        page.wait_for_function(f"JSON.parse(document.querySelector('{another}').dataset.inputs).memory < 1.6e11")
        page.locator(f"{another} .napkin-reset").click()
        page.wait_for_function(f"JSON.parse(document.querySelector('{FIGURE}').dataset.inputs).memory === 1.92e11")
        # Sums and sentences follow, as in the built book.
        sums, sentences = (f"[...document.querySelectorAll('.jp-Notebook {one}')]" for one in (".napkin-sum", ".napkin-live"))
        page.locator(f"{FIGURE} [data-types=n_kv_heads]").fill("4")
        page.locator(f"{FIGURE} [data-types=n_kv_heads]").press("Enter")
        page.wait_for_function(f"{sums}.some((one) => one.textContent.endsWith('= 65,536 B per token'))")
        page.wait_for_function(f"{sentences}.some((one) => one.textContent === '65.5 kB')")
        # The same exact typing, the same refusals.
        typed = page.locator(f"{FIGURE} [data-types=context]")
        typed.fill("20,001")
        typed.press("Enter")
        page.wait_for_function(f"document.querySelector('{linked}').textContent === '20,001 tokens'")
        assert slider.get_attribute("data-value") == "20001"
        assert not [fault for fault in watched.faults if fault.startswith("elsewhere")], watched.faults
        page.locator(FIGURE).scroll_into_view_if_needed()
        if folder := os.environ.get("NAPKIN_SCREENSHOTS"):
            page.screenshot(path=f"{folder}/lab.png")


def test_the_first_page_lives_in_jupyterlab(lab, chromium):
    with opened(chromium, lab, "index") as watched:
        page = watched.page
        turn, ranking = page.locator(".napkin-turn.is-live"), page.locator(".napkin-ranking")
        assert turn.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(251, 247, 238)"  # the playground's paper
        turn.get_by_label("What should this be?").select_option("context")
        answer = solve_for("context", count="article", duty_cycle=0.2, cost_per_user_month=5)
        page.wait_for_function(f"document.querySelector('.napkin-turn .napkin-answer').dataset.value === '{float(answer):.0f}'")
        # What is put into the scenario goes through the kernel to the playground, and the other way round to card and ranking.
        turn.get_by_role("button", name="put it into the scenario").click()
        page.wait_for_function(f"document.querySelector('.napkin-playground [name=context]').dataset.value === '{float(answer):.0f}'")
        page.locator(".napkin-playground [name=gpu]").select_option("H200 SXM")
        expected = solve_for("context", gpu="H200 SXM", duty_cycle=0.2, cost_per_user_month=5)
        page.wait_for_function(f"document.querySelector('.napkin-turn .napkin-answer').dataset.value === '{float(expected):.0f}'")
        at = {"context": float(answer), "duty_cycle": 0.2}
        (first, slope), *_ = sensitivity("cost_per_user_month", gpu="H200 SXM", **at).items()
        page.wait_for_function(f"document.querySelector('.napkin-ranking li').dataset.name === '{first}'")
        assert float(ranking.locator("li").first.get_attribute("data-value")) == pytest.approx(slope, rel=1e-9)
        assert ranking.locator("li").first.locator(".napkin-ranking-bar").evaluate("one => one.getBoundingClientRect().width") > 100
        assert not [fault for fault in watched.faults if fault.startswith("elsewhere")], watched.faults
