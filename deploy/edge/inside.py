"""What the edge has in a cluster only: a port for Prometheus and the kubelet, and the certificate."""

TYPE = "type.googleapis.com/envoy."
OWN_PAGE = "own_page"
PATHS = ["/stats/prometheus", "/ready"]  # the rest of Envoy's page can end it, so it stays on loopback


def listener(port):
    routes = [{"match": {"path": path}, "route": {"cluster": OWN_PAGE, "timeout": "10s"}} for path in PATHS]
    http = {
        "@type": TYPE + "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "inside",
        "common_http_protocol_options": {"idle_timeout": "300s"},
        "route_config": {"name": "inside", "virtual_hosts": [{"name": "inside", "domains": ["*"], "routes": routes}]},
        "http_filters": [{"name": "envoy.filters.http.router",
                          "typed_config": {"@type": TYPE + "extensions.filters.http.router.v3.Router"}}],
    }
    return {
        "name": "inside",
        "address": {"socket_address": {"address": "0.0.0.0", "port_value": port}},
        "ignore_global_conn_limit": True,
        "filter_chains": [{"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": http}]}],
    }


def own_page(admin_port):
    endpoint = {"address": {"socket_address": {"address": "127.0.0.1", "port_value": admin_port}}}
    return {"name": OWN_PAGE, "type": "STATIC", "connect_timeout": "1s",
            "load_assignment": {"cluster_name": OWN_PAGE, "endpoints": [{"lb_endpoints": [{"endpoint": endpoint}]}]}}


def tls():
    return {"name": "envoy.transport_sockets.tls", "typed_config": {
        "@type": TYPE + "extensions.transport_sockets.tls.v3.DownstreamTlsContext",
        "common_tls_context": {
            "alpn_protocols": ["h2", "http/1.1"],
            "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
            "tls_certificates": [{"certificate_chain": {"filename": "tls/tls.crt"}, "private_key": {"filename": "tls/tls.key"},
                                  "watched_directory": {"path": "tls"}}]}}}
