"""A headless Chromium, driven over its DevTools protocol by a pair of pipes: nothing but the browser is needed."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")


class BrowserError(Exception):
    """The browser did not do what it was told, or a script of the page failed."""


class Browser:
    """One page of a browser of its own; what the page's console says is kept in `errors`."""

    def __init__(self, width: int = 1400, height: int = 1000, dark: bool = False) -> None:
        if not PROGRAM:
            raise BrowserError("there is no chromium on the PATH: scripts/setup test installs it")
        self.errors: list[str] = []
        self._events: list[dict[str, Any]] = []
        self._rest = b""
        self._number = 0
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        ours, theirs = os.pipe(), os.pipe()
        self._write, self._read = ours[1], theirs[0]
        self._process = subprocess.Popen(
            # The browser reads commands from its descriptor 3 and answers on 4.
            ["sh", "-c", f'exec "$@" 3<&{ours[0]} 4>&{theirs[1]}', "sh", PROGRAM, "--headless=new", "--remote-debugging-pipe",
             "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
             "--hide-scrollbars", "--force-color-profile=srgb", f"--user-data-dir={self._profile.name}",
             f"--window-size={width},{height}", "about:blank"],
            pass_fds=(ours[0], theirs[1]), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(ours[0])
        os.close(theirs[1])
        page = next(target for target in self._ask("Target.getTargets")["targetInfos"] if target["type"] == "page")
        self._session = self._ask("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.do(f"{domain}.enable")
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.set_dark(dark)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._write)
        os.close(self._read)
        self._profile.cleanup()

    def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._ask(method, self._session, **parameters)

    def set_dark(self, dark: bool) -> None:
        self.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def open(self, page: str | Path, seconds: float = 60) -> None:
        """Waits until the page has drawn its first picture."""
        self.do("Page.navigate", url=page if "://" in str(page) else Path(page).resolve().as_uri())
        self.wait_for("document.documentElement?.dataset.ready === 'true' || document.getElementById('failure')?.hidden === false", seconds)
        self.settle()

    def wait_for(self, condition: str, seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while not self.run(f"Boolean({condition})"):
            if time.monotonic() > end:
                raise BrowserError(f"not so after {seconds} s: {condition}; console: {self.errors}")
            time.sleep(0.05)

    def run(self, script: str) -> Any:
        """The value of an expression; a promise's once it has one."""
        answer = self.do("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def settle(self) -> None:
        """Waits for what was asked for to be drawn, also where it is not on the screen."""
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done))))")
        self.wait_for("!document.documentElement.dataset.behind")

    def drag(self, start: tuple[float, float], end: tuple[float, float], shift: bool = False) -> None:
        modifiers = 8 if shift else 0
        self._mouse("mousePressed", start, modifiers, buttons=1)
        for step in range(1, 6):
            place = tuple(a + (b - a) * step / 5 for a, b in zip(start, end))
            self._mouse("mouseMoved", place, modifiers, buttons=1)
        self._mouse("mouseReleased", end, modifiers, buttons=0)
        self.settle()

    def _mouse(self, kind: str, place: tuple[float, ...], modifiers: int, buttons: int) -> None:
        self.do("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", buttons=buttons, clickCount=1,
                modifiers=modifiers)

    def key(self, key: str, modifiers: int = 0) -> None:
        codes = {"Tab": 9, "Enter": 13, " ": 32, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
        text = {"text": {"Enter": "\r"}.get(key, key)} if key == "Enter" or len(key) == 1 else {}
        for kind in ("keyDown", "keyUp"):
            self.do("Input.dispatchKeyEvent", type=kind, key=key, modifiers=modifiers,
                    windowsVirtualKeyCode=codes.get(key, ord(key[0].upper())), **(text if kind == "keyDown" else {}))
        self.settle()

    def picture(self, path: str | Path, whole: bool = False) -> None:
        clip = {}
        if whole:
            size = self.do("Page.getLayoutMetrics")["cssContentSize"]
            clip = {"clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}, "captureBeyondViewport": True}
        Path(path).write_bytes(base64.b64decode(self.do("Page.captureScreenshot", format="png", **clip)["data"]))

    # The protocol: messages of JSON, each ended by a zero byte.

    def _ask(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        text = json.dumps(message).encode() + b"\0"
        while text:
            text = text[os.write(self._write, text):]
        while True:
            answer = self._message()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']}")
                return answer["result"]
            self._note(answer)

    def _note(self, event: dict[str, Any]) -> None:
        parameters = event.get("params", {})
        if event.get("method") == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(parameters["exceptionDetails"]))
        elif event.get("method") == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
            self.errors.append(json.dumps(parameters["args"]))
        elif event.get("method") == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            self.errors.append(parameters["entry"]["text"])

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            if not select.select([self._read], [], [], 120)[0]:
                raise BrowserError("the browser does not answer")
            more = os.read(self._read, 1 << 20)
            if not more:
                raise BrowserError("the browser has ended")
            self._rest += more
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)
