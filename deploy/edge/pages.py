"""Routes of the files that deploy/api/generate writes: the reference and the page that shows it, open to anyone. Only on
these neither a token is asked for nor a method looked for."""

TYPE = "type.googleapis.com/envoy."
LARGEST = 4 << 20
# A file that nobody reads stays in memory once for each request, whatever flow control says. So no more of one file begin in a
# second than this; the overload manager ends those that are not read faster than new ones come.
A_SECOND = 50

# path -> (file, content type)
FILES = {
    "/openapi.yaml": ("openapi.yaml", "application/yaml; charset=utf-8"),
    "/docs": ("index.html", "text/html; charset=utf-8"),
    "/docs/": ("index.html", "text/html; charset=utf-8"),
    "/docs/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/docs/page.css": ("page.css", "text/css; charset=utf-8"),
    "/docs/swagger-ui.css": ("swagger-ui.css.gz", "text/css; charset=utf-8"),
    "/docs/swagger-ui-bundle.js": ("swagger-ui-bundle.js.gz", "text/javascript; charset=utf-8"),
}
# The page runs its own scripts, styles itself in elements, and speaks with its own edge; nothing else.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def routes(folder):
    return [route(path, f"{folder}/{file}", kind) for path, (file, kind) in FILES.items()]


def route(path, file, kind):
    headers = {"content-type": kind, "cache-control": "max-age=300", "x-content-type-options": "nosniff"}
    if file.endswith(".gz"):
        headers["content-encoding"] = "gzip"
    if kind.startswith("text/html"):
        headers["content-security-policy"] = POLICY
    return {
        "match": match(path),
        "direct_response": {"status": 200, "body": {"filename": file}},
        "response_headers_to_add": [
            {"append_action": "OVERWRITE_IF_EXISTS_OR_ADD", "header": {"key": key, "value": value}}
            for key, value in headers.items()
        ],
        "typed_per_filter_config": {**without_token_and_transcoder(), **few_a_second()},
    }


def match(path):
    return {"path": path, "headers": [{"name": ":method", "string_match": {"exact": "GET"}}]}


def without_token_and_transcoder():
    return {
        "envoy.filters.http.jwt_authn": {
            "@type": TYPE + "extensions.filters.http.jwt_authn.v3.PerRouteConfig", "disabled": True},
        "envoy.filters.http.grpc_json_transcoder": {"@type": TYPE + "config.route.v3.FilterConfig", "disabled": True},
    }


def few_a_second():
    all_of_them = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}
    return {
        "envoy.filters.http.local_ratelimit": {
            "@type": TYPE + "extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
            "stat_prefix": "page_rate",
            "token_bucket": {"max_tokens": A_SECOND, "tokens_per_fill": A_SECOND, "fill_interval": "1s"},
            "filter_enabled": all_of_them,
            "filter_enforced": all_of_them,
        },
    }
