"""One call that changes something, to be made with a request id."""

from typing import NamedTuple

from support.cast import new_id


class Call(NamedTuple):
    session: object
    path: str
    body: dict
    # The resource alone is the body, and the rest goes into the query.
    query: dict = None

    def do(self, request_id):
        if self.query is None:
            return self.session.post(self.path, {**self.body, "requestId": request_id})
        return self.session.post(self.path, self.body, **self.query, requestId=request_id)

    def do_once(self):
        return self.do(new_id())
