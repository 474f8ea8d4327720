"""deploy/dev/status, and what `up` says at its end."""

import argparse
import json
import sys

from dev_stack.parts import Parts
from dev_stack.settings import SERVICES, Settings, Trouble

TOWN = "330481003"


def main():
    parser = argparse.ArgumentParser(prog="deploy/dev/status")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        settings = Settings()
    except Trouble as trouble:
        sys.exit(str(trouble))
    parts = Parts(settings)
    states = parts.states()
    if options.json:
        print(json.dumps(as_json(settings, parts, states), ensure_ascii=False, indent=1))
    else:
        print("".join(f"{part:<10} {state}\n" for part, state in states.items()))
        print(summary(settings))
    sys.exit(any(state != "running" for state in states.values()))


def as_json(settings, parts, states):
    services = {service: replicas[0].process for service, replicas in parts.replicas.items()}
    processes = {**services, "postgres": parts.postgres, "edge": parts.edge}
    demo = read(settings.logins)
    return {
        "running": all(state == "running" for state in states.values()),
        "edge": settings.edge_url(),
        "addresses": {"json": settings.edge_url(), "grpc_web": settings.edge_url(),
                      "grpc": f"127.0.0.1:{settings.edge_port}",
                      "docs": settings.edge_url() + "/docs", "openapi": settings.edge_url() + "/openapi.yaml",
                      "edge_admin": f"http://127.0.0.1:{settings.edge_admin_port}"},
        "api_descriptors": str(settings.build / "api.binpb"),
        "code_file": str(settings.codes),
        "towns": demo.get("towns", {}),
        "logins": logins(settings),
        "parts": {part: {"state": state, "pid": processes[part].pid(), **place(settings, parts, part)}
                  for part, state in states.items()},
        "home": str(settings.home),
    }


def place(settings, parts, part):
    if part == "postgres":
        return {"conninfo": parts.postgres.conninfo("pingan"), "log": str(parts.postgres.log)}
    if part in SERVICES:
        first = parts.replicas[part][0]
        return {"address": first.address(), "log": str(first.process.log),
                "metrics": f"http://{first.place.address}:{settings.metrics_port(part)}/metrics"}
    return {"address": f"127.0.0.1:{settings.edge_port}", "log": str(parts.edge.log)}


def logins(settings):
    """Who can sign in: with `password`, or with the newest code for the phone in `code_file`."""
    found = read(settings.logins).get("logins", [])
    admin = read(settings.admin)
    for login in found:
        if login.get("phone") == admin.get("phone"):
            login["password"] = admin["password"]
    if not found and admin:
        found = [{"role": "PLATFORM_ADMIN", "title": "平台管理员", **admin}]
    return found


def read(file):
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def summary(settings):
    url = settings.edge_url()
    lines = [f"edge       {url}   (HTTP + JSON, gRPC and gRPC-Web)",
             f"reference  {url}/docs   (a page for people), {url}/openapi.yaml (for programs)",
             f"state      {settings.home}", "", "who can sign in:"]
    for login in logins(settings):
        how = f"password {login['password']}" if "password" in login else "code"
        lines.append(f"  {login['phone']}  {login['role']:<20} {login.get('title', '')}  {how}")
    lines += [
        f"  codes arrive in {settings.codes}", "", "try:",
        f"  curl -s {url}/v1/towns/{TOWN}/events:summarize",
        f"  curl -s '{url}/v1/towns/{TOWN}/events?pageSize=3'",
        f"  curl -s {url}/v1/auth:sendCode -d '{{\"phone\": \"{first_phone(settings)}\"}}' && tail -n 1 {settings.codes}",
    ]
    return "\n".join(lines)


def first_phone(settings):
    return next((login["phone"] for login in logins(settings) if "code_file" in login), "13900000000")


if __name__ == "__main__":
    main()
