"""Segments, by their scripts alone.

SPDX-License-Identifier: MIT
"""
from itertools import chain

from support.scripts import Received
from support.times import T0

RULE = 'message contains "price"'


class Segments:
    """The segments of a support.scripts.Workspace."""

    def __init__(self, ws):
        self.ws = ws
        self.redis = ws.redis
        self.keys = [ws.key("SEGMENT"), ws.key("WS"), ws.key("FEED")]

    # Definitions

    def save_arguments(self, segment, how="new", name="", text=RULE, expected="", now=T0, **pairs):
        return self.keys, [self.ws.before, now, how, segment, name, text, expected,
                           *chain(*pairs.items())]

    def save(self, segment, *args, **how):
        """[replayed, version, created at, updated at, members]"""
        keys, arguments = self.save_arguments(segment, *args, **how)
        return self.ws.run("segment_save", keys, *arguments)

    def delete_arguments(self, segment, expected="", now=T0, **pairs):
        return self.keys, [self.ws.before, now, segment, expected, *chain(*pairs.items())]

    def delete(self, segment, **how):
        keys, arguments = self.delete_arguments(segment, **how)
        return self.ws.run("segment_delete", keys, *arguments)

    def list_arguments(self, wanted="", known=""):
        return ([self.ws.key("FEED"), self.ws.key("SEGMENT"), self.ws.key("WS")],
                [self.ws.before, known, wanted])

    def list(self, wanted="", known=""):
        """(change id, version, {id: fields})"""
        keys, arguments = self.list_arguments(wanted, known)
        change, *rest = self.ws.run("segment_list", keys, *arguments)
        if not rest:
            return change, None, None
        rows = [dict(zip(row[::2], row[1::2])) for row in rest[1:]]
        return change, rest[0], {row["id"]: row for row in rows}

    # Messages

    def name(self, segment):
        """As in keys."""
        return f"{segment}:{self.list(segment)[2][segment]['n']}"

    def message(self, *segments, **how):
        """Keys and arguments of a message that belongs to segments."""
        return self.ws.message(segments=" ".join(map(self.name, segments)),
                               segments_v=self.list()[1], **how)

    def receive(self, *segments, **how):
        keys, arguments = self.message(*segments, **how)
        return Received(*self.ws.run("message_receive", keys, *arguments))

    # Members

    def members(self, segment):
        """{c: when it entered}, of a segment by its id or by its name in keys."""
        name = segment if ":" in segment else self.name(segment)
        return dict(self.redis.zrange(self.ws.key("SEGMENT_MEMBER", name), 0, -1, withscores=True))

    def of(self, c):
        """{name: when it was entered}"""
        return dict(self.redis.zrange(self.ws.key("CONTACT_SEGMENT", c), 0, -1, withscores=True))
