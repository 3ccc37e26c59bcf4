"""A headless Chromium, told what to do over a pipe (DevTools protocol). Standard library only."""
import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time


def program():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    return None


class Browser:
    """One browser with one page; everything it says is kept in `said`."""

    def __init__(self, language="en-US"):
        self.profile = tempfile.mkdtemp(prefix="policy-browser-")
        to_read, self.to = self._pipe()
        self.of, to_write = self._pipe()
        # Its two pipes are descriptors 3 and 4; the shell puts them there.
        command = (
            f'exec "$0" --headless --no-sandbox --disable-gpu --hide-scrollbars --no-first-run --lang={language} '
            f'--remote-debugging-pipe --user-data-dir="$1" about:blank 3<&{to_read} 4>&{to_write}'
        )
        self.process = subprocess.Popen(
            ["bash", "-c", command, program(), self.profile], pass_fds=(to_read, to_write),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "LANGUAGE": language},
        )
        os.close(to_read)
        os.close(to_write)
        self.number, self.rest, self.said, self.session = 0, b"", [], None
        target = self.send("Target.createTarget", {"url": "about:blank"})["targetId"]
        self.session = self.send("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(domain + ".enable")

    @staticmethod
    def _pipe():
        ends = os.pipe()
        high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
        for end in ends:
            os.close(end)
        return high

    def send(self, method, parameters=None, seconds=60):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters or {}}
        if self.session:
            message["sessionId"] = self.session
        rest = json.dumps(message).encode() + b"\0"
        while rest:
            rest = rest[os.write(self.to, rest):]
        end = time.monotonic() + seconds
        while True:
            while b"\0" not in self.rest:
                if not select.select([self.of], [], [], max(0, end - time.monotonic()))[0]:
                    raise TimeoutError(f"{method} has no answer after {seconds} s")
                piece = os.read(self.of, 1 << 20)
                if not piece:
                    raise EOFError("the browser is gone")
                self.rest += piece
            text, _, self.rest = self.rest.partition(b"\0")
            answer = json.loads(text)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.said.append(answer)

    def run(self, script):
        """The value of a script, awaited."""
        result = self.send(
            "Runtime.evaluate", {"expression": script, "awaitPromise": True, "returnByValue": True, "userGesture": True})
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"])[:600])
        return result["result"].get("value")

    def show(self, path, width=1280, height=1000, scheme="light"):
        """Opens a file and waits for its first drawing; milliseconds until then."""
        self.send("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
        self.send("Emulation.setEmulatedMedia", {
            "media": "", "features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.send("Page.navigate", {"url": "file://" + os.path.abspath(path)})
        end = time.monotonic() + 60
        while time.monotonic() < end:
            marks = self.run("performance.getEntriesByName('first-render').map((mark) => mark.startTime)")
            if marks and self.run("location.protocol") == "file:":
                return marks[0]
            time.sleep(0.05)
        raise TimeoutError(f"{path} was not drawn")

    def key(self, name, text=None):
        parameters = {"key": name, "code": name}
        codes = {"Enter": 13, "ArrowDown": 40, "ArrowUp": 38, "ArrowRight": 39, "End": 35, "Home": 36, "Backspace": 8,
                 "Escape": 27, "Tab": 9}
        if name in codes:
            parameters["windowsVirtualKeyCode"] = codes[name]
        if text:
            parameters["text"] = text
        self.send("Input.dispatchKeyEvent", {"type": "keyDown", **parameters})
        self.send("Input.dispatchKeyEvent", {"type": "keyUp", **parameters})

    def picture(self, path, whole=True):
        data = self.send("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": whole})["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def paper(self):
        return base64.b64decode(self.send("Page.printToPDF", {"printBackground": False})["data"])

    def complaints(self):
        """Errors and messages of the page, and whatever it wanted besides itself."""
        found = []
        for event in self.said:
            parameters = event.get("params", {})
            if event.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled"):
                found.append(json.dumps(parameters)[:400])
            if event.get("method") == "Network.requestWillBeSent":
                address = parameters["request"]["url"]
                if not address.startswith(("file://", "data:", "about:")):
                    found.append("asked for " + address)
        return found

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)
