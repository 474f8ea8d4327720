"""Writes the edge's configuration from the API's descriptors and the two templates beside this file.

    deploy/edge/generate --api build/release/api.binpb --jwks FILE --out FOLDER [--hosts .localhost] ...
    deploy/edge/generate --jwks FILE --out FOLDER --keys_only
    deploy/edge/generate --api FILE --out FOLDER --cluster [--tls] ...

FOLDER gets envoy.yaml, api.binpb and jwt/jwt.yaml; Envoy runs with FOLDER as its working directory. jwt.yaml is
replaced by rename, which a running Envoy notices: `--keys_only` after every rotation of the users' keys. Without --jwks
there is no jwt.yaml: in a cluster it comes as a secret.
"""

import argparse
import json
import os
import pathlib
import shutil

import yaml

import inside
import local_replies
import methods
import pages

TEMPLATES = pathlib.Path(__file__).resolve().parent
TYPE = "type.googleapis.com/envoy."
# The fixed place of each service: --base_port + its number. A new service is appended.
SERVICES = ["directory", "event", "volunteer", "pairing", "exchange"]
CLUSTER_METRICS_PORT = 9902


def main():
    options = parse_options()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.jwks:
        write_keys(options)
    if options.keys_only:
        return
    with open(TEMPLATES / "envoy.template.yaml", encoding="utf-8") as template:
        config = yaml.safe_load(template)
    api = methods.read(options.api)
    fill(config, api, options)
    shutil.copyfile(options.api, options.out / "api.binpb")
    replace(options.out / "envoy.yaml", as_yaml(config))


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--api", type=pathlib.Path, help="descriptors of the API with all imports")
    parser.add_argument("--jwks", type=pathlib.Path, help="public keys of users' tokens")
    parser.add_argument("--issuer", default="https://pingan.local", help="`iss` of users' tokens")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--keys_only", action="store_true")
    parser.add_argument("--address", default="127.0.0.1", help="where the edge listens")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--admin_port", type=int, default=9901, help="Envoy's own page, loopback only")
    parser.add_argument("--hosts", default=".pingan", help="services are <service><hosts>; .localhost is loopback")
    parser.add_argument("--endpoint", action="append", default=[], metavar="SERVICE=ADDRESS:PORT",
                        help="where a replica of a service is, instead of <service><hosts>; may be given often")
    parser.add_argument("--base_port", type=int, default=50051, help="port of the first service")
    parser.add_argument("--metrics_port", type=int, default=0,
                        help="Envoy's metrics and readiness on all addresses, and nothing else of its page; 0: not")
    parser.add_argument("--cluster", action="store_true", help="as in Kubernetes: every service and the edge have an "
                        "address of their own, so services share a port and the edge listens on all addresses")
    parser.add_argument("--tls", action="store_true", help="encrypted, with tls/tls.crt and tls/tls.key, read again when changed")
    parser.add_argument("--per_address", type=int, default=200,
                        help="calls a second from one address, twice that at once; 0: no limit")
    parser.add_argument("--origins", default="", help="pages that may call: origins with commas between")
    parser.add_argument("--pages", default="",
                        help="where Envoy finds what deploy/api/generate wrote, as seen from FOLDER; without it there is no "
                             "/docs and no /openapi.yaml")
    options = parser.parse_args()
    for name in ["jwks"] if options.keys_only else ["api"] if options.cluster else ["api", "jwks"]:
        if not getattr(options, name):
            parser.error(f"--{name} is missing")
    if options.cluster:
        options.address = "0.0.0.0"
        options.metrics_port = options.metrics_port or CLUSTER_METRICS_PORT
    return options


def write_keys(options):
    """jwt/jwt.yaml with the current public keys inside."""
    keys = json.loads(options.jwks.read_text())
    if any("d" in key for key in keys["keys"]):
        raise SystemExit(f"{options.jwks} holds private keys; the edge gets public ones only")
    with open(TEMPLATES / "jwt.template.yaml", encoding="utf-8") as template:
        config = yaml.safe_load(template)
    provider = config["resources"][0]["typed_config"]["providers"]["pingan"]
    provider["issuer"] = options.issuer
    provider["local_jwks"] = {"inline_string": json.dumps(keys)}
    (options.out / "jwt").mkdir(exist_ok=True)
    replace(options.out / "jwt/jwt.yaml", as_yaml(config))


def fill(config, api, options):
    config["admin"]["address"]["socket_address"]["port_value"] = options.admin_port
    listener = config["static_resources"]["listeners"][0]
    listener["address"]["socket_address"].update(address=options.address, port_value=options.port)
    http = listener["filter_chains"][0]["filters"][0]["typed_config"]
    filters = {one["name"]: one for one in http["http_filters"]}

    http["local_reply_config"] = local_replies.config(api.reasons)
    filters["envoy.filters.http.grpc_json_transcoder"]["typed_config"]["services"] = api.public_services()
    limit_addresses(filters["envoy.filters.http.local_ratelimit"]["typed_config"], options.per_address)
    host = http["route_config"]["virtual_hosts"][0]
    host["routes"] = (pages.routes(options.pages) if options.pages else []) + routes(api)
    http["route_config"]["max_direct_response_body_size_bytes"] = pages.LARGEST
    cors = host["typed_per_filter_config"]["envoy.filters.http.cors"]
    cors["allow_origin_string_match"] = [{"exact": origin} for origin in options.origins.split(",") if origin]
    if options.tls:
        listener["filter_chains"][0]["transport_socket"] = inside.tls()
    config["static_resources"]["clusters"] += [cluster(service, options) for service in SERVICES]
    if options.metrics_port:
        config["static_resources"]["listeners"].append(inside.listener(options.metrics_port))
        config["static_resources"]["clusters"].append(inside.own_page(options.admin_port))


def limit_addresses(limit, rate):
    if not rate:
        del limit["descriptors"], limit["rate_limits"]
        return
    limit["descriptors"][0]["token_bucket"].update(max_tokens=2 * rate, tokens_per_fill=rate)


def routes(api):
    """One route for each public method, by its exact gRPC path. Methods only for services have none, so they are
    not found here; nor has anything else but JSON paths, which the transcoder turns into these before the token
    is asked for."""
    found = []
    for method in api.public():
        timeout = f"{method.timeout}s"
        route = {"cluster": method.service.split(".")[1]}
        if method.streams:
            route |= {"timeout": "0s", "idle_timeout": "300s"}
        else:
            route |= {"timeout": timeout, "max_stream_duration": {"grpc_timeout_header_max": timeout}}
        found.append({"match": {"path": f"/{method.service}/{method.name}"}, "route": route})
        if method.is_open:
            found[-1]["typed_per_filter_config"] = {"envoy.filters.http.jwt_authn": {
                "@type": TYPE + "extensions.filters.http.jwt_authn.v3.PerRouteConfig",
                "requirement_name": "optional"}}
    # A JSON path before the transcoder rewrites it: carries only CORS and limits.
    found.append({"match": {"prefix": "/v1/"}, "route": {"cluster": SERVICES[0]}})
    return found


def cluster(service, options):
    return {
        "name": service,
        "type": "STRICT_DNS",
        "dns_lookup_family": "V4_PREFERRED",
        "connect_timeout": "1s",
        "circuit_breakers": {"thresholds": [{
            "max_requests": 1024, "max_pending_requests": 256,
            "retry_budget": {"budget_percent": {"value": 20}, "min_retry_concurrency": 3}}]},
        "health_checks": [{
            "timeout": "1s", "interval": "5s", "no_traffic_interval": "5s", "unhealthy_threshold": 2,
            "healthy_threshold": 1, "grpc_health_check": {"service_name": "readiness"}}],
        "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": TYPE + "extensions.upstreams.http.v3.HttpProtocolOptions",
            # No HPACK dynamic table towards gRPC 1.51: nothing to desynchronise.
            "explicit_http_config": {"http2_protocol_options": {
                "hpack_table_size": 0, "max_concurrent_streams": 100,
                # Calls to a replica whose machine or network is gone are answered within a quarter of a minute. Services take
                # a ping every 10 s at the most (common/rpc/server.cc).
                "connection_keepalive": {"interval": "12s", "timeout": "3s"}}}}},
        "load_assignment": {"cluster_name": service, "endpoints": [{"lb_endpoints": endpoints(service, options)}]},
    }


def endpoints(service, options):
    """Its replicas as the options name them, or all that its host name resolves to."""
    given = [one.partition("=")[2] for one in options.endpoint if one.startswith(service + "=")]
    port = options.base_port if options.cluster else options.base_port + SERVICES.index(service)
    addresses = [one.rsplit(":", 1) for one in given or [f"{service}{options.hosts}:{port}"]]
    return [{"endpoint": {"address": {"socket_address": {"address": host, "port_value": int(port)}}}}
            for host, port in addresses]


def as_yaml(config):
    return "# Generated by deploy/edge/generate.\n" + yaml.safe_dump(
        config, allow_unicode=True, sort_keys=False, width=120, default_flow_style=None)


def replace(path, text):
    new = path.with_name(path.name + ".new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)


main()
