"""How fast things are: `make bench` prints medians and 95th percentiles beside their goals, and writes them into the README.

Each figure has its noise: what the package takes is measured in three rounds, minutes apart, and of what is measured once the
parts of the run are compared. Two measurements that differ by less than their noise say the same.

Needs the built book (`make bench` builds it) and a browser.
"""

import datetime
import gzip
import json
import os
import platform
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlparse

import numpy
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from napkin import FORMULAS, INPUTS, best, estimate, evaluate, solve_for
from tests.browser import BOOK, ROOT, launch, pages, serving

README = ROOT / "README.md"
MARKS = re.compile(r"(?<=<!-- bench -->\n).*(?=<!-- /bench -->)", re.DOTALL)

WHOLE_NAPKIN = (
    "kv_bytes_per_token",
    "kv_bytes_per_sequence",
    "sequences_that_fit",
    "memory_seconds",
    "compute_seconds",
    "step_seconds",
    "compute_idle_fraction",
    "tokens_per_second",
    "tokens_per_second_per_user",
    "users",
    "cost_per_user_hour",
    "cost_per_user_month",
    "capital_per_user",
    "cost_per_million_output_tokens",
)

TRIVIAL = """<!doctype html><html lang="en"><meta charset="utf-8"><title>trivial</title>
<input id="slider" type="range" min="0" max="1000" value="500"><output id="out">500</output>
<script>slider.addEventListener("input", () => { out.textContent = slider.value; });</script></html>"""

# From the key to the frame after the change is on the page; the right number must have appeared, a dead page has no time.
TIMER = """
([slider, output]) => {
  window.times = [];
  const target = document.querySelector(slider), shown = () => document.querySelector(output).textContent;
  let before = shown(), pressed = 0, handled = 0;
  target.addEventListener("keydown", () => { before = shown(); pressed = performance.now(); }, true);
  target.addEventListener("input", () => {
    queueMicrotask(() => {
      handled = performance.now();
      const start = pressed;
      requestAnimationFrame(() => setTimeout(() => {
        window.times.push([performance.now() - start, handled - start, shown() !== before, shown()]);
      }, 0));
    });
  });
}
"""


#: What was measured: {what: (unit, goal, {of what: [round, …]})}; a round is the list of what several runs took.
MEASURED = {}


def row(what, figures, unit, goal="", of=""):
    """Keep a round of figures, and print it; `of` names one of several things that are one line of the table together."""
    MEASURED.setdefault(what, (unit, goal, {}))[2].setdefault(of, []).append(figures)
    middle, high, _ = summary([figures])
    print(f"{f'{what}: {of}' if of else what:<70} {middle:>9.3g} {high:>9.3g} {unit:<4} {goal}", flush=True)
    return middle, high


def summary(rounds):
    """Median, 95th percentile, and half of what the medians of the rounds (of parts of one round) are apart, as a part of the median."""
    figures = [one for some in rounds for one in some]
    size = -(-len(figures) // 5)
    parts = rounds if len(rounds) > 1 else [figures[i : i + size] for i in range(0, len(figures), size)]
    middles = [statistics.median(part) for part in parts]
    middle = statistics.median(figures)
    return middle, sorted(figures)[max(0, -(-95 * len(figures) // 100) - 1)], (max(middles) - min(middles)) / 2 / middle


def table():
    """What was measured, as Markdown."""

    def span(values, unit):
        low, high = (f"{value:,.3g}" if value < 1000 else f"{value:,.0f}" for value in (min(values), max(values)))
        return f"{low} {unit}" if low == high else f"{low}–{high} {unit}"

    yield "| | median | p95 | noise | goal |"
    yield "|---|---|---|---|---|"
    for what, (unit, goal, several) in MEASURED.items():
        middles, highs, noises = zip(*map(summary, several.values()))
        count = f" ({len(several)} of them)" if len(several) > 1 else ""
        yield f"| {what}{count} | {span(middles, unit)} | {span(highs, unit)} | ± {max(noises):.0%} | {goal} |"


def machine():
    """The processor's name, as the system tells it."""
    if (told := Path("/proc/cpuinfo")).exists() and (name := re.search(r"model name\s*: (.*)", told.read_text())):
        return name[1]
    asked = (
        subprocess.run(["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=False)
        if sys.platform == "darwin"
        else None
    )
    return asked.stdout.strip() if asked else platform.processor() or platform.machine()


def timed(action, runs):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return times


def key_to_paint(page, slider, output, keys=205):
    """Milliseconds from key to painted page, and from key to changed page, for keys pressed on a slider.

    Readers do not press in step with the screen: each key comes at a random moment of a frame. A fixed pause falls into
    step with the frames, and then a millisecond more or less decides whether all keys wait for the next one, or none.
    """
    moments = random.Random(0)
    page.evaluate(TIMER, [slider, output])
    page.locator(slider).focus()
    for i in range(keys):
        page.keyboard.press("ArrowLeft" if (i // 10) % 2 else "ArrowRight")
        page.wait_for_function("(n) => window.times.length === n", arg=i + 1)
        page.wait_for_timeout(12 + moments.uniform(0, 1000 / 60))
    times = page.evaluate("window.times")
    if not all(changed for *_, changed, _ in times):
        raise SystemExit(f"{page.url}: a key changed nothing that was watched")
    return [painted for painted, *_ in times[5:]], [handled for _, handled, *_ in times[5:]]


def measure_pages(browser):
    with serving(BOOK) as address, tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "index.html").write_text(TRIVIAL)
        with serving(folder) as plain:
            page = browser.new_page()
            page.goto(plain)
            painted, _ = key_to_paint(page, "#slider", "#out")
            _, trivial = row("key on a slider to painted page, a trivial page", painted, "ms")
            page.close()
        for name in pages():
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            page = context.new_page()
            weights = {}
            page.on("response", lambda response, weights=weights: weights.update({response.url: response}))
            page.goto(f"{address}/{name}.html")
            page.wait_for_load_state("networkidle")
            weight = sum(packed(url, response) for url, response in list(weights.items()))
            for figure in page.eval_on_selector_all("figure.napkin-playground", "all => all.map((figure) => figure.id)"):
                # the first slider with room to both sides: at its end a key changes nothing
                slider = page.evaluate(
                    "(id) => [...document.querySelectorAll(`#${id} input[type=range]`)]"
                    ".find((one) => one.value > 0 && Number(one.value) + 11 < one.max)?.name",
                    figure,
                )
                if slider is None:  # a figure whose only sliders have a few stops
                    continue
                shown = f"#{figure} " + (".napkin-sentence" if page.query_selector(f"#{figure} .napkin-sentence") else ".napkin-results")
                painted, changed = key_to_paint(page, f"#{figure} [name={slider}]", shown)
                row("the same, a playground", painted, "ms", f"p95 ≤ {trivial + 4:.1f} ms (trivial + 4)", of=f"{figure}, {slider}")
                row("of these, until the page has changed", changed, "ms", of=f"{figure}, {slider}")
            row("first load of a page, gzipped", [weight / 1000], "kB", "≤ 200 kB", of=name)
            context.close()


def packed(url, response):
    """Bytes of a response as a server that compresses would send it; fonts and pictures are compressed already."""
    if urlparse(url).scheme == "data":
        return 0
    body = response.body()
    return len(body) if url.split("?")[0].endswith((".woff2", ".png")) else len(gzip.compress(body, 6))


def measure_package():
    names = {one for name in WHOLE_NAPKIN for one in FORMULAS[name].inputs if not INPUTS[one].computed}
    inputs = {one: INPUTS[one].default for one in INPUTS if one in names}
    evaluate(WHOLE_NAPKIN, inputs)
    many = 2000
    each = [t / many * 1e6 for t in timed(lambda: [evaluate(WHOLE_NAPKIN, inputs) for _ in range(many)], 25)]
    row(f"the whole napkin once: {len(WHOLE_NAPKIN)} results, {len(inputs)} inputs checked", each, "µs", "< 15 µs")
    random = numpy.random.default_rng(0)
    points = {**inputs, "context": random.integers(1000, 10**6, 10**6).astype(float), "duty_cycle": random.uniform(0.05, 1, 10**6)}
    row("the whole napkin at 1,000,000 points", timed(lambda: evaluate(WHOLE_NAPKIN, points), 7), "s", "< 0.5 s")
    asked = {"model": "Mixtral-8x7B", "gpu": "H200 SXM", "n_gpus": 2, "context": 20_000, "duty_cycle": 0.2}
    many = 500
    for count, what in (("article", "as the article has it"), ("all", "all counted")):
        each = [t / many * 1e6 for t in timed(lambda count=count: [estimate(**asked, count=count) for _ in range(many)], 25)]
        row(f"one estimate, two GPUs, {len(estimate(**asked))} quantities, {what}", each, "µs", "< 60 µs")
    wanted = {**asked, "cost_per_user_month": 5}
    del wanted["context"]
    row("one solve_for, context for $5 a user-month", [t * 1e3 for t in timed(lambda: solve_for("context", **wanted), 25)], "ms", "< 50 ms")
    fleet = {"model": "DeepSeek-V3", "gpu": "H200 SXM", "n_gpus": 16, "context": 20_000}
    each = timed(lambda: best(**fleet), 7)
    row("the best layout of 10,000 with their batches", [t / best(**fleet).looked_at * 10_000 for t in each], "s", "< 1 s")
    measure_sweep()
    imports = timed(lambda: subprocess.run([sys.executable, "-c", "import napkin"], check=True, cwd=ROOT), 7)
    idle = timed(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True, cwd=ROOT), 7)
    row("import napkin, in a new process", imports, "s", "< 1 s")
    row("Python itself, in a new process", idle, "s")


SWEEP = """
import json, resource, sys, time
import numpy
import napkin

grid = dict(
    model=["Qwen3-32B", "Mixtral-8x7B", "gpt-oss-120b", "DeepSeek-V3", "Llama-3.1-70B"], gpu=["H100", "H200", "B200", "GB200"],
    n_gpus=[1, 2, 4, 8, 16], context=numpy.linspace(1_000, 100_000, 100).round(), duty_cycle=numpy.linspace(0.01, 1, 100),
)
start = time.perf_counter()
made = napkin.sweep(**grid, memory_utilisation=0.9, block_tokens=16)
assert made.users.size == 1_000_000
print(json.dumps([time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6]))
"""


def measure_sweep():
    """Seconds and gigabytes of a sweep of the full model over a million points, each time in a process of its own."""
    runs = [json.loads(subprocess.run([sys.executable, "-c", SWEEP], check=True, cwd=ROOT, capture_output=True).stdout) for _ in range(5)]
    row("a sweep of the full model at 1,000,000 points, 8 results", [seconds for seconds, _ in runs], "s", "< 2 s")
    row("memory of that process at its highest", [memory for _, memory in runs], "GB", "< 1 GB")


def measure_build():
    with tempfile.TemporaryDirectory() as folder:
        book = str(Path(sys.executable).with_name("jupyter-book"))
        command = [book, "build", ".", "--all", "-W", "--keep-going", "-q", "--path-output", folder]

        def build():
            subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        row("the book from nothing: notebooks executed, pages written", timed(build, 2), "s")


if __name__ == "__main__":
    measure_package()
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        version = chromium.version
        measure_pages(chromium)
        chromium.close()
    measure_package()
    measure_build()
    measure_package()
    where = f"{os.cpu_count()} cores of {machine()} ({platform.system()}, Python {platform.python_version()}, headless Chromium {version.split('.')[0]})"
    text = (
        f"`make bench` on {where}, {datetime.date.today()}:\n\n"
        + "\n".join(table())
        + "\n\nEach playground gets 200 keys, at random moments of a frame.\n"
    )
    print(text)
    README.write_text(MARKS.sub(lambda _: text, README.read_text("utf-8")), "utf-8")
