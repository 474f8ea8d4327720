"""One-time codes on a cluster without a gateway: directory's pods say them, and they are gathered in a file."""

import subprocess
import threading

from kubectl import NAMESPACE, Failed, get, named
from rendered import KUBECTL


class Codes:
    """Follows every pod of directory, those that come later as well, until it is ended."""

    def __init__(self, file):
        self.file = file
        self._followed = {}  # {uid of a pod: process}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        file.touch()
        self._thread.start()

    def _run(self):
        while not self._end.wait(2):
            try:
                self._follow_pods()
            except (Failed, subprocess.TimeoutExpired):  # asked again in a moment
                pass

    def _follow_pods(self):
        for pod in get("pods", "-l", named("directory")):
            uid = pod["metadata"]["uid"]
            running = any("running" in status["state"] for status in pod["status"].get("containerStatuses", []))
            before = self._followed.get(uid)
            if running and (before is None or before.poll() is not None):
                since = ["--since=2s"] if before else []
                command = [KUBECTL, f"--namespace={NAMESPACE}", "logs", "--follow", *since, pod["metadata"]["name"]]
                process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
                self._followed[uid] = process
                threading.Thread(target=self._gather, args=(process,), daemon=True).start()

    def _gather(self, process):
        for line in process.stdout:
            if line.startswith('{"phone"'):  # all else is directory's log
                with open(self.file, "a", encoding="utf-8") as file:
                    file.write(line)

    def end(self):
        self._end.set()
        self._thread.join(30)
        for process in self._followed.values():
            process.terminate()
            process.wait(10)
