"""The error answers of the observer contract (paper-runtime.md section 14)."""

from http import HTTPStatus

from replayglass.canon import encode
from replayglass.live.answer import NOT_KEPT, Answer, answer_bytes

KIND = "application/json"
STATUS = {
    "NOT_IMPLEMENTED": HTTPStatus.NOT_IMPLEMENTED,
    "UNAUTHORIZED": HTTPStatus.UNAUTHORIZED,
    "NOT_FOUND": HTTPStatus.NOT_FOUND,
    "INTERNAL_ERROR": HTTPStatus.INTERNAL_SERVER_ERROR,
    "BAD_REQUEST": HTTPStatus.BAD_REQUEST,
}
"""The contract's codes and the statuses that are natural for them."""


class ObserverError(Exception):
    """A question that gets no answer: ``code`` is one of `STATUS`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def answer_error(error: ObserverError) -> Answer:
    """Return the answer: the fields of the contract's exception."""
    body = encode({"name": "ObserverError", "code": error.code, "message": error.message})
    return answer_bytes(body, KIND, NOT_KEPT, status=STATUS[error.code])
