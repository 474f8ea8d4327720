"""Answers other than 200: which HTTP status, for which reasons, with which words for the person in front of the screen.

Reasons are listed by service, as `reason.proto` numbers them: below 100 any service and the edge, then a hundred for each
service. Which method gives which of its service's reasons stands in the rules of the services and is not said here.
"""

import functools

# google.rpc.Code -> HTTP status, as the edge maps it.
STATUS = {1: 499, 2: 500, 3: 400, 4: 504, 5: 404, 6: 409, 7: 403, 8: 429, 9: 400, 10: 409, 11: 400, 12: 501, 13: 500,
          14: 503, 15: 500, 16: 401}
# The edge's own, which have an HTTP status that no code maps to.
EDGE_STATUS = {"BODY_TOO_LARGE": 413, "HEADERS_TOO_LARGE": 431, "METHOD_NOT_ALLOWED": 405}
HUNDREDS = {"directory": 1, "event": 2, "volunteer": 3, "pairing": 4, "exchange": 5}
# Reasons that a service gives beside those of its own hundred.
ALSO = {"exchange": ["NOT_PARTY", "UNKNOWN_PARTY", "FOR_THE_OTHER_SIDE"]}
# Not an answer of a method that the reference describes: the caller is gone, or the method is not there.
NEVER = {"REASON_UNSPECIFIED", "CANCELLED", "UNKNOWN_METHOD", "REQUEST_REFUSED", "METHOD_NOT_ALLOWED"}
# What only a change can meet, or what has a body.
ONLY_WRITES = {"REQUEST_ID_REUSED", "STALE_ETAG", "ALREADY_EXISTS", "WRONG_STATE", "BODY_TOO_LARGE"}
ONLY_PAGED = {"INVALID_PAGE_TOKEN"}

TITLES = {
    400: "不符合要求，或现在不能这样做。The request is not valid, or the state of things forbids it.",
    401: "请先登录。No token, or one that is not (or no longer) good.",
    403: "没有权限。The caller may read this but not do that.",
    404: "没有找到，或无权查看。It is not there, or not for the caller.",
    409: "已经存在，或已被他人修改。It is there already, or was changed meanwhile.",
    413: "内容太大。The body is larger than 1 MiB.",
    429: "太频繁，或太多人。Too many calls; `retry-after` says when to try again.",
    431: "请求头太大。The headers are larger than 6 KiB.",
    500: "系统内部错误。A defect; `x-request-id` finds it in the logs.",
    503: "服务暂时不可用。Try again, with the same `requestId`.",
    504: "处理超时。Try again, with the same `requestId`.",
}

DETAIL = "type.googleapis.com/google.rpc."


class Refusals:
    def __init__(self, api):
        self.api = api
        self.components = {}

    @functools.lru_cache
    def by_status(self, service, writes, paged):
        """{HTTP status: [reason]} of a method of the service."""
        found = {}
        for name, value in self.api.reasons().items():
            if not self.concerns(name, value.number, service) or name in NEVER:
                continue
            if (name in ONLY_WRITES and not writes) or (name in ONLY_PAGED and not paged):
                continue
            found.setdefault(self.status(name, value), []).append(value)
        return dict(sorted(found.items()))

    def concerns(self, name, number, service):
        return number // 100 in (0, HUNDREDS[service]) or name in ALSO.get(service, ())

    def status(self, name, value):
        return EDGE_STATUS.get(name) or STATUS[self.api.code(value)]

    def responses(self, service, writes, paged):
        """The part of an operation's `responses`."""
        return {
            str(status): {"$ref": "#/components/responses/" + self.component(service, writes, paged, status, reasons)}
            for status, reasons in self.by_status(service, writes, paged).items()
        }

    def component(self, service, writes, paged, status, reasons):
        kind = "Change" if writes else "List" if paged else "Read"
        name = f"{service}.{kind}{status}"
        self.components[name] = {
            "description": TITLES[status] + "\n\n" + "\n".join(f"- `{r.name}` {self.api.zh(r)}" for r in reasons),
            "headers": headers(status),
            "content": {"application/json": {
                "schema": status_because_of(reasons),
                "example": example(self.api, reasons[0]),
            }},
        }
        return name


def headers(status=200):
    said = {"x-request-id": {"description": "Finds the call in the logs.", "schema": {"type": "string"}}}
    if status in (429, 503):
        said["retry-after"] = {"description": "Seconds to wait.", "schema": {"type": "string", "pattern": "^[0-9]+$"}}
    return said


def status_because_of(reasons):
    because = {"type": "object", "required": ["reason"], "properties": {"reason": {"enum": [r.name for r in reasons]}}}
    return {"allOf": [{"$ref": "#/components/schemas/Status"},
                      {"type": "object", "properties": {"details": {"type": "array", "contains": because}}}]}


def example(api, reason):
    details = [{"@type": DETAIL + "ErrorInfo", "reason": reason.name, "domain": "pingan"}]
    if reason.name == "INVALID_FIELD":
        violation = {"field": "title", "description": "长度须为 2 到 100 个字符"}
        details.append({"@type": DETAIL + "BadRequest", "fieldViolations": [violation]})
    if STATUS[api.code(reason)] in (429, 503):
        details.append({"@type": DETAIL + "RetryInfo", "retryDelay": "1s"})
    details.append({"@type": DETAIL + "LocalizedMessage", "locale": "zh-CN", "message": api.zh(reason)})
    return {"code": api.code(reason), "message": reason.name.lower().replace("_", " "), "details": details}


def schemas():
    """google.rpc.Status with the four details that are in use."""
    def detail(name, **properties):
        return {"type": "object", "title": name, "required": ["@type", *properties],
                "properties": {"@type": {"type": "string", "const": DETAIL + name}, **properties}}

    text = {"type": "string"}
    violation = {"type": "object", "required": ["field", "description"], "properties": {
        "field": {"type": "string", "description": "The field's path, as the proto spells it."},
        "description": {"type": "string", "description": "What is wanted, in Chinese."}}}
    info = detail("ErrorInfo", reason=text, domain={"type": "string", "const": "pingan"})
    info["properties"]["metadata"] = {"type": "object", "additionalProperties": text}
    return {
        "ErrorInfo": info,
        "BadRequest": detail("BadRequest", fieldViolations={"type": "array", "items": violation}),
        "LocalizedMessage": detail("LocalizedMessage", locale={"type": "string", "const": "zh-CN"}, message=text),
        "RetryInfo": detail("RetryInfo", retryDelay={"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?s$"}),
        "Status": {
            "type": "object",
            "title": "拒绝的原因",
            "description": "google.rpc.Status. `details` holds the reason for programs (ErrorInfo), every bad field "
                           "(BadRequest), words for the person in front of the screen (LocalizedMessage), and, where "
                           "trying again helps, when (RetryInfo).",
            "required": ["code", "message", "details"],
            "properties": {
                "code": {"type": "integer", "description": "google.rpc.Code.", "minimum": 1, "maximum": 16},
                "message": {"type": "string", "description": "For developers."},
                "details": {"type": "array", "items": {"oneOf": [
                    {"$ref": f"#/components/schemas/{name}"}
                    for name in ("ErrorInfo", "BadRequest", "LocalizedMessage", "RetryInfo")]}},
            },
        },
    }
