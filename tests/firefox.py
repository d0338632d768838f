"""Firefox for the tests, driven by WebDriver BiDi: it speaks the protocol itself, so that nothing else is to be installed."""

import itertools
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time

import pytest
import websocket

HOW_TO_GET_ONE = "The book is tested in Firefox too, and there is none: install it (Debian: apt install firefox-esr)."
#: No name outside this machine resolves, and nothing is asked of Mozilla's servers.
QUIET = """
user_pref("network.dns.offline-localhost", false);
user_pref("network.proxy.type", 1);
user_pref("network.proxy.http", "127.0.0.1");
user_pref("network.proxy.http_port", 9);
user_pref("network.proxy.ssl", "127.0.0.1");
user_pref("network.proxy.ssl_port", 9);
user_pref("network.proxy.no_proxies_on", "localhost, 127.0.0.1");
user_pref("network.proxy.allow_hijacking_localhost", false);
user_pref("app.update.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("ui.prefersReducedMotion", 1);
"""


class Firefox:
    """One page in a headless Firefox: `goto`, `evaluate`, `press`, `drag`, `resize`; `faults` are what its console complains of."""

    def __init__(self):
        path = shutil.which("firefox-esr") or shutil.which("firefox")
        if path is None:
            pytest.fail(HOW_TO_GET_ONE, pytrace=False)
        self._profile = tempfile.mkdtemp()
        with open(f"{self._profile}/user.js", "w") as preferences:
            preferences.write(QUIET)
        command = [path, "--headless", "--no-remote", "--profile", self._profile, "--remote-debugging-port", "0"]
        self._process = subprocess.Popen(
            command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env={**os.environ, "HOME": self._profile}
        )
        address = next(found[1] for line in self._process.stderr if (found := re.search(r"WebDriver BiDi listening on (ws://\S+)", line)))
        threading.Thread(target=self._process.stderr.read, daemon=True).start()  # or a full pipe would stop it
        self._socket = websocket.create_connection(f"{address}/session", timeout=60, suppress_origin=True)
        self._numbers, self.faults = itertools.count(1), []
        self._ask("session.new", capabilities={})
        self._ask("session.subscribe", events=["log.entryAdded"])
        self._page = self._ask("browsingContext.getTree")["contexts"][0]["context"]

    def _ask(self, method, **params):
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            told = json.loads(self._socket.recv())
            if told.get("method") == "log.entryAdded" and told["params"]["level"] in ("error", "warn"):
                self.faults.append(told["params"]["text"])
            if told.get("id") == number:
                assert told["type"] == "success", told
                return told["result"]

    def goto(self, address):
        self._ask("browsingContext.navigate", context=self._page, url=address, wait="complete")

    def resize(self, width, height):
        self._ask("browsingContext.setViewport", context=self._page, viewport={"width": width, "height": height})

    def evaluate(self, script, *arguments):
        """What a function of JavaScript returns for these arguments."""
        asked = f"JSON.stringify([({script})({', '.join(map(json.dumps, arguments))})])"
        told = self._ask("script.evaluate", expression=asked, target={"context": self._page}, awaitPromise=False)
        assert told["type"] == "success", told["exceptionDetails"]["text"]
        return json.loads(told["result"]["value"])[0]

    def wait_for(self, script, *arguments):
        until = time.monotonic() + 20
        while not (found := self.evaluate(script, *arguments)):
            assert time.monotonic() < until, script
            time.sleep(0.05)
        return found

    def press(self, *keys):
        """Keys as a keyboard sends them: letters, or the names of KEYS."""
        actions = [{"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")]
        self._ask("input.performActions", context=self._page, actions=[{"type": "key", "id": "keys", "actions": actions}])

    def drag(self, x, y, to_x, to_y):
        """The mouse from one point of the window to another, its button held."""
        moves = [{"type": "pointerMove", "x": round(x + (to_x - x) * i / 8), "y": round(y + (to_y - y) * i / 8)} for i in range(1, 9)]
        start = [{"type": "pointerMove", "x": round(x), "y": round(y)}, {"type": "pointerDown", "button": 0}]
        steps = [*start, *moves, {"type": "pointerUp", "button": 0}]
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": steps}
        self._ask("input.performActions", context=self._page, actions=[mouse])

    def close(self):
        self._socket.close()
        self._process.terminate()
        self._process.wait(20)
        shutil.rmtree(self._profile, ignore_errors=True)


KEYS = {
    "Enter": "\ue007",
    "Escape": "\ue00c",
    "Tab": "\ue004",
    "Home": "\ue011",
    "End": "\ue010",
    "ArrowRight": "\ue014",
    "ArrowLeft": "\ue012",
}
