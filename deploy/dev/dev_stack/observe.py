"""A Prometheus for the stack, as Debian has it: it asks every part every few seconds, and knows the rules of deploy/observability."""

import json
import urllib.parse

import yaml

from dev_stack.parts import fetch
from dev_stack.processes import Process
from dev_stack.settings import ROOT, SERVICES, Trouble, write_new

PROGRAM = ROOT / "build/tools/bin/prometheus"
RULES = ROOT / "deploy/observability/rules.yaml"
SECONDS = 60


def process(settings):
    return Process(settings, "prometheus")


def url(settings):
    return f"http://127.0.0.1:{settings.prometheus_port}"


def start(parts):
    """Starts it unless it runs, and waits until it has seen every part."""
    settings = parts.settings
    folder = settings.home / "prometheus"
    folder.mkdir(exist_ok=True)
    write_new(folder / "rules.yaml", plain_rules())
    write_new(folder / "prometheus.yaml", json.dumps(config(parts)))
    command = [PROGRAM, "--config.file=prometheus.yaml", f"--storage.tsdb.path={folder / 'data'}",
               "--storage.tsdb.retention.size=256MB", f"--web.listen-address=127.0.0.1:{settings.prometheus_port}",
               "--log.level=warn"]
    files = [folder / "rules.yaml", folder / "prometheus.yaml"]
    prometheus = process(settings)
    if not prometheus.runs_as(command, files):
        prometheus.stop()
        prometheus.start(command, files, cwd=folder)
    try:
        prometheus.wait_until(lambda: all(state == "up" for state in targets(settings).values()), SECONDS)
    except Trouble as trouble:
        raise Trouble(f"{trouble}\nTargets: {targets(settings)}") from None
    return f"{url(settings)} sees {len(targets(settings))} of {len(config_targets(parts))} parts"


def plain_rules():
    """The rules without the object of Kubernetes around them."""
    return yaml.safe_dump(yaml.safe_load(RULES.read_text(encoding="utf-8"))["spec"], allow_unicode=True)


def config(parts):
    scrapes = [{"job_name": job, "metrics_path": path, "static_configs": [{"targets": addresses}]}
               for job, path, addresses in config_targets(parts)]
    return {"global": {"scrape_interval": "5s", "evaluation_interval": "15s"}, "rule_files": ["rules.yaml"],
            "scrape_configs": scrapes}


def config_targets(parts):
    """(job, path, addresses) of each part, under the names that the rules know."""
    settings = parts.settings
    found = [(service, "/metrics",
              [f"{replica.place.address}:{settings.metrics_port(service)}" for replica in parts.replicas[service]])
             for service in SERVICES]
    return found + [("edge", "/stats/prometheus", [f"127.0.0.1:{settings.edge_admin_port}"])]


def targets(settings):
    """{part: "up", "down" or "unknown"}, as Prometheus finds them; not yet all of them says `prometheus: starting`."""
    text = fetch(f"{url(settings)}/api/v1/targets?state=active")
    active = json.loads(text)["data"]["activeTargets"] if text else []
    return {f"{one['labels']['job']} {urllib.parse.urlsplit(one['scrapeUrl']).netloc}": one["health"] for one in active} or {
        "prometheus": "starting"}
