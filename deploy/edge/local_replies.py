"""What Envoy answers itself, in the shape of the services' errors: google.rpc.Status with ErrorInfo and a
LocalizedMessage for the person in front of the screen."""

# HTTP status -> reason and English message; "%LOCAL_REPLY_BODY%" is what Envoy would say.
REPLIES = [
    ("EQ", 400, "MALFORMED_REQUEST", "%LOCAL_REPLY_BODY%"),
    ("EQ", 404, "NO_SUCH_PATH", "no such path"),
    ("EQ", 405, "METHOD_NOT_ALLOWED", "method not allowed"),
    ("EQ", 413, "BODY_TOO_LARGE", "request body too large"),
    ("EQ", 429, "RATE_LIMITED", "too many requests"),
    ("EQ", 431, "HEADERS_TOO_LARGE", "request headers too large"),
    ("EQ", 504, "DEADLINE_EXCEEDED", "deadline exceeded"),
    ("GE", 500, "UNAVAILABLE", "service unavailable"),
]
# What Envoy tells apart and a client need not: a connection to a service that broke (502) is a service that is not there.
SAID_AS = {502: 503}

# Of a token that is good but for its audience Envoy says 403, of every other bad one 401. Nothing else makes it say 403.
# A caller can do the same about all of them: sign in again. So all are 401.
REJECTED = {"status_code": 401}

AS_IT_IS = {"body_format_override": {"text_format_source": {"inline_string": "%LOCAL_REPLY_BODY%"}}}


def config(reasons):
    # gRPC callers get the status in trailers and must not get JSON in grpc-message. A transcoded call looks
    # like gRPC, too, but bears the transcoder's mark.
    grpc = [header("content-type", string_match={"prefix": "application/grpc"}),
            header("x-envoy-original-method", present_match=True, invert_match=True)]
    mappers = [
        {"filter": all_of(*grpc, status("EQ", 403)), **AS_IT_IS, **REJECTED},
        {"filter": all_of(*grpc), **AS_IT_IS},
        {"filter": status("LE", 399), **AS_IT_IS},
        reply(all_of(status("EQ", 401), header("authorization", present_match=True, invert_match=True)),
              "NOT_SIGNED_IN", "%LOCAL_REPLY_BODY%", reasons),
        reply(status("EQ", 401), "TOKEN_REJECTED", "%LOCAL_REPLY_BODY%", reasons),
        {**reply(status("EQ", 403), "TOKEN_REJECTED", "%LOCAL_REPLY_BODY%", reasons), **REJECTED},
    ]
    mappers += [reply(status("EQ", code), "UNAVAILABLE", "service unavailable", reasons) | {"status_code": said}
                for code, said in SAID_AS.items()]
    mappers += [reply(status(op, code), reason, words, reasons) for op, code, reason, words in REPLIES]
    return {"mappers": mappers, "body_format": body("REQUEST_REFUSED", "%LOCAL_REPLY_BODY%", reasons)}


def reply(filter_, reason, message, reasons):
    return {"filter": filter_, "body_format_override": body(reason, message, reasons)}


def body(reason, message, reasons):
    code, zh = reasons[reason]
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "pingan"}]
    if reason == "RATE_LIMITED":
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1s"})
    details.append({"@type": "type.googleapis.com/google.rpc.LocalizedMessage", "locale": "zh-CN", "message": zh})
    return {"json_format": {"code": code, "message": message, "details": details}}


def status(op, code):
    value = {"default_value": code, "runtime_key": f"reply.{op.lower()}.{code}"}
    return {"status_code_filter": {"comparison": {"op": op, "value": value}}}


def header(name, **match):
    return {"header_filter": {"header": {"name": name, **match}}}


def all_of(*filters):
    return {"and_filter": {"filters": list(filters)}}
