"""What a row of the tables of operations says."""

import re
from typing import Any, Callable, NamedTuple


class Row(NamedTuple):
    """`good` and `bad` are the parameters of a call, or what makes them of the prepared world."""

    service: str
    operation: str
    good: Any
    fields: Any
    bad: Any
    code: str
    words: str


class After(NamedTuple):
    """A field of the answer to another call, which is made after the one of the row."""

    call: str
    path: str
    parameters: Callable

    def __hash__(self):
        return hash((self.call, self.path))


class By(NamedTuple):
    """A call of somebody else: of `guest`, who may do nothing, or of a `stranger`, whose key nobody knows."""

    caller: str
    parameters: Any


class Size:
    """Bytes or a list of this length."""

    def __init__(self, length):
        self.length = length

    def __eq__(self, other):
        return other is not None and len(other) == self.length

    def __repr__(self):
        return f"{self.length} bytes or entries"


#: Any value that is there and not empty.
THERE = re.compile(r"^(?!None$).")


def like(pattern):
    return re.compile(pattern)
