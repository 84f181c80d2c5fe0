"""Times as the service writes them: epoch ms inside the tests, RFC 3339 UTC with ms on the wire.

SPDX-License-Identifier: MIT
"""
import re
from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
WIRE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
TIMELIKE = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d")

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def ms(text):
    """Epoch ms of a time exactly as the service must write it."""
    assert WIRE.match(text), f"not RFC 3339 UTC with ms: {text!r}"
    return (datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z") - EPOCH) // timedelta(milliseconds=1)


def iso(epoch_ms):
    moment = EPOCH + timedelta(milliseconds=epoch_ms)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


# The moment at which most tests begin.
T0 = ms("2025-11-11T10:00:00.000Z")

# Members that hold what a caller sent, unchanged: a time in there is the caller's business.
CALLERS_OWN = {"data", "extra", "traits", "session", "eventDate"}


def wrong_times(value, path=""):
    """Paths of the texts in a JSON value that look like a time but are not written as one."""
    if isinstance(value, dict):
        return [wrong for name, member in value.items() if name not in CALLERS_OWN
                for wrong in wrong_times(member, f"{path}/{name}")]
    if isinstance(value, list):
        return [wrong for i, item in enumerate(value) for wrong in wrong_times(item, f"{path}/{i}")]
    if isinstance(value, str) and TIMELIKE.match(value) and not WIRE.match(value):
        return [f"{path}: {value}"]
    return []
