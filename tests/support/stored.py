"""What lies in Redis: all of it as plain bytes, and whether `kvcrm fsck` finds it sound.

SPDX-License-Identifier: MIT
"""
import re

from support.service import run

READERS = {
    b"string": lambda redis, name: redis.get(name),
    b"hash": lambda redis, name: redis.hgetall(name),
    b"list": lambda redis, name: redis.lrange(name, 0, -1),
    b"set": lambda redis, name: redis.smembers(name),
    b"zset": lambda redis, name: redis.zrange(name, 0, -1, withscores=True),
    b"stream": lambda redis, name: redis.xrange(name)}


def flat(value):
    """The texts in a reply, in order."""
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, dict):
        yield from flat(list(value.items()))
    elif isinstance(value, (list, tuple, set)):
        for item in value:
            yield from flat(item)
    else:
        yield str(value).encode()


def stored(server):
    """Every key, field, member and value, joined by newlines: to look for what must not be there.
    (DUMP compresses, so a text may be inside without being seen.)"""
    texts = []
    for name in sorted(server.raw.scan_iter(count=1000)):
        texts += [name, *flat(READERS[server.raw.type(name)](server.raw, name))]
    return b"\n".join(texts)


def fsck(api):
    """(exit code, output, errors) of kvcrm fsck over the api's Redis."""
    return run("fsck", "--redis", api.redis.url)


def assert_sound(api):
    code, output, errors = fsck(api)
    assert code == 0 and re.search(r"\b0 faults\b", output), output + errors
