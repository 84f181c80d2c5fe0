"""Waiting for something to become true: the only place where a test lets time pass.

SPDX-License-Identifier: MIT
"""
import time


def until(what, condition, seconds=10):
    """Asks condition() until it gives something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.01)
