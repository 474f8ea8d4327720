"""connect-web in Node, driven from a test over a pipe."""

import json
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(os.path.join(HERE, "..", "..", "build"))


class WebClient:
    """One Node process with one transport; `call` answers {"answer": ...} or {"code", "reason", "zh"}."""

    def __init__(self, descriptors, edge):
        node = os.path.join(BUILD, ".venv", "bin", "node")
        self.process = subprocess.Popen(
            [node, os.path.join(HERE, "web_client.mjs"), descriptors, edge, os.path.join(BUILD, "npm")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def call(self, full_name, request=None, token=None):
        service, _, method = full_name.rpartition(".")
        line = json.dumps({"service": service, "method": method, "request": request or {}, "token": token})
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, f"the Node client ended with {self.process.wait()}"
        return json.loads(answer)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=10)
