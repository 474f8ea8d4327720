"""The API's descriptors, as deploy/api reads them: one reader for the reference and for the tests."""

from openapi.descriptors import (  # noqa: F401
    OPEN,
    SERVICES,
    SIGNED_IN,
    Api,
    Binding,
    Method,
    is_enum,
    is_message,
    is_string,
)
