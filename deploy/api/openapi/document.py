"""The whole document, from the descriptors."""

import pathlib

from openapi import refusals
from openapi.examples import Examples
from openapi.operations import Operations
from openapi.schemas import Schemas
from openapi.words import Words

HERE = pathlib.Path(__file__).resolve().parents[1]
VERSION = "1.0.0"


class Incomplete(Exception):
    """Something of the API has no words; the message names all of it."""


def document(api):
    words = Words(api)
    schemas = Schemas(api, words)
    refused = refusals.Refusals(api)
    operations = Operations(api, schemas, words, refused, Examples(api, schemas))
    paths = {}
    for method in api.methods:
        for binding in method.bindings:
            said = operations.operation(method, binding)
            paths.setdefault(operations.path(binding), {})[binding.verb] = said
    made = {
        "openapi": "3.1.0",
        "info": info(),
        "servers": [{"url": "/"}],
        "tags": tags(api, words),
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {
                "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                "description": "`accessToken` of `/v1/auth:signIn`; it works for 15 minutes."}},
            "schemas": dict(sorted({**schemas.components, **refusals.schemas()}.items())),
            "responses": dict(sorted(refused.components.items())),
        },
    }
    if words.complaint():
        raise Incomplete(words.complaint())
    return made


def info():
    pages = [(HERE / page).read_text(encoding="utf-8") for page in ("callers.md", "grpc.md")]
    return {
        "title": "千企百村、平安共建 API",
        "version": VERSION,
        "summary": "pingan: towns, enterprises, events, volunteers, pairings and exchange, over HTTP + JSON and gRPC",
        "description": "\n".join(pages),
    }


def tags(api, words):
    services = {method.service.full_name: method.service for method in api.methods if method.bindings}
    return [{"name": words.of("services", name), "description": api.comment(service) or f"`{name}`"}
            for name, service in services.items()]
