"""A real browser for the tests: an installed Chrome or Chromium, else the one that Playwright fetches."""

import contextlib
import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from playwright.sync_api import Error, sync_playwright

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "_build" / "html"
OTHERS = ("search", "genindex")  # pages of the book that its table of contents does not list
INSTALLED = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
)
HOW_TO_GET_ONE = (
    "The book is tested in a real browser, and there is none: install Chromium or Chrome (Debian: apt install chromium), "
    "or let Playwright fetch one: .venv/bin/python -m playwright install chromium"
)
#: No name outside this machine resolves: a page that asks for one fails its test, with a network or without.
NO_NETWORK = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1"
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]


def launch(playwright):
    """Start a browser; fail with a sentence where there is none."""
    arguments = [NO_NETWORK, *QUIET]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium refuses to run as root with it
    for name in INSTALLED:
        if path := shutil.which(name):
            return playwright.chromium.launch(executable_path=path, args=arguments)
    for fetch in (False, True):
        if fetch:
            subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
        with contextlib.suppress(Error):
            return playwright.chromium.launch(args=arguments)
    pytest.fail(HOW_TO_GET_ONE, pytrace=False)


@contextlib.contextmanager
def serving(folder):
    """Serve a folder on a free port of this machine; gives its address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()


@pytest.fixture(scope="module")
def chromium():
    """The browser, one for all tests of a file: Playwright runs once at a time in a process."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def book():
    """The built book's addresses: {"http": …, "file": …}."""
    if not (BOOK / "chapters" / "index.html").exists():
        pytest.fail("The book is not built: run `make html` (or `make test`, which does).")
    with serving(BOOK) as address:
        yield {"http": address, "file": BOOK.as_uri()}


def unfolded(page):
    """The page with every control in sight."""
    page.evaluate("document.querySelectorAll('.napkin-more').forEach((one) => { one.open = true; })")
    return page


def pages():
    """The names of the book's pages, from its table of contents."""
    import yaml

    contents = yaml.safe_load((ROOT / "_toc.yml").read_text())
    return [contents["root"], *(chapter["file"] for part in contents["parts"] for chapter in part["chapters"])]


class Watched:
    """A page that remembers what went wrong on it."""

    def __init__(self, browser, origin, **options):
        self.context = browser.new_context(**options)
        self.scripted = options.get("java_script_enabled", True)
        self.page = self.context.new_page()
        self.faults = []
        self.page.on("console", lambda m: self.faults.append(f"{m.type}: {m.text}") if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.faults.append(f"exception: {error}"))
        self.page.on("requestfailed", lambda request: self.faults.append(f"failed: {request.url}"))
        self.page.on("response", lambda r: self.faults.append(f"{r.status}: {r.url}") if r.status >= 400 else None)
        self.page.on(
            "request", lambda r: None if r.url.startswith((origin, "data:", "blob:")) else self.faults.append(f"elsewhere: {r.url}")
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def gone_wrong(self):
        """Close the page; what went wrong on it, without what a browser drops by itself."""
        faults = list(self.faults)  # closing breaks off what still loads
        self.context.close()
        if not self.scripted:  # scripts that a page without JavaScript has asked for ahead
            return [fault for fault in faults if not fault.startswith("failed: ")]
        # a page that is left again at once never gets its icon
        return [fault for fault in faults if not (fault.startswith("failed: ") and fault.endswith("favicon.svg"))]


@pytest.fixture
def opened(request, chromium, book):
    """Open a page of the book, `opened("05_users", "#context=5000")`; at the end demand that nothing went wrong on it.

    `how` is "http" or "file", the rest are options of the browser's context. A test file's BEFORE runs before a page's own scripts.
    """
    watched = []

    def open_page(name, link="", how="http", **options):
        one = Watched(chromium, book[how], **{"viewport": {"width": 1280, "height": 900}, **options})
        watched.append(one)
        if one.scripted and (before := getattr(request.module, "BEFORE", "")):
            one.page.add_init_script(before)
        folder = "" if "/" in name or name in OTHERS else "chapters/"
        one.page.goto(f"{book[how]}/{folder}{name}.html{link}")
        return one.page

    yield open_page
    faults = [fault for one in watched for fault in one.gone_wrong()]
    assert not faults, faults


@pytest.fixture(scope="module")
def kept():
    """Pages that `seen` keeps open: {options: Watched}, all of one page of the book."""
    pages_ = {}
    yield pages_
    for one in pages_.values():
        one.context.close()


@pytest.fixture
def seen(request, chromium, book, kept):
    """Like `opened`, for tests that only look and leave a page as it is: the next one that looks at it gets it as it stands."""
    looked_at = []

    def see_page(name, **options):
        key = (name, repr(options))
        if key not in kept:
            if any(other != name for other, _ in kept):
                for one in kept.values():
                    one.context.close()
                kept.clear()
            kept[key] = Watched(chromium, book["http"], **{"viewport": {"width": 1280, "height": 900}, **options})
            kept[key].page.add_init_script(getattr(request.module, "BEFORE", ""))
            kept[key].page.goto(f"{book['http']}/{name}.html")
        looked_at.append(kept[key])
        return kept[key].page

    yield see_page
    assert not any(one.faults for one in looked_at), [one.faults for one in looked_at]
