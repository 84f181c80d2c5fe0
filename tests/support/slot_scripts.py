"""The scripts of slots and of the waitlist over a workspace, with the arguments that the service
sends.

SPDX-License-Identifier: MIT
"""
import itertools
import json

from support.scripts import uuid
from support.times import T0

DATE, TIME = "2025-11-15", "6PM"


class Slots:
    def __init__(self, workspace):
        self.ws = workspace
        self.ids = itertools.count(1)

    def tasks(self, count):
        return " ".join(uuid(0xe00000000000 + next(self.ids)) for _ in range(count))

    def put_call(self, *slots, now=T0, told_at_once=16, **pairs):
        """(keys, arguments) of slot_put. slots: (date, time, capacity, booked or None), or whole
        objects."""
        items = [one if isinstance(one, dict) else
                 {name: value for name, value in zip("dtcb", one) if value is not None}
                 for one in slots]
        return [self.ws.key("FEED"), self.ws.key("SLOT_DAY")], [
            self.ws.before, self.ws.after, now, json.dumps(items), self.tasks(told_at_once),
            *itertools.chain(*pairs.items())]

    def put(self, *slots, **how):
        keys, arguments = self.put_call(*slots, **how)
        return self.ws.run("slot_put", keys, *arguments)

    def _touch(self, date, time, now, told_at_once=16):
        """Keys and arguments that all scripts have which touch one slot."""
        return [self.ws.key("SLOT", date), self.ws.key("SLOT_HOLD", f"{date}.{time}"),
                self.ws.key("FEED")], [self.ws.before, self.ws.after, now, date, time, time,
                                       self.tasks(told_at_once)]

    def hold_call(self, token, date=DATE, time=TIME, now=T0, ttl=300_000, **pairs):
        keys, arguments = self._touch(date, time, now)
        return keys, [*arguments, token, ttl, *itertools.chain(*pairs.items())]

    def hold(self, token, *how, **named):
        keys, arguments = self.hold_call(token, *how, **named)
        return self.ws.run("slot_hold", keys, *arguments)

    def unhold_call(self, token, date=DATE, time=TIME, now=T0, told_at_once=16, **pairs):
        keys, arguments = self._touch(date, time, now, told_at_once)
        return keys, [*arguments, token, *itertools.chain(*pairs.items())]

    def unhold(self, token, *how, **named):
        keys, arguments = self.unhold_call(token, *how, **named)
        return self.ws.run("slot_unhold", keys, *arguments)

    def delete_call(self, date=DATE, time=TIME, now=T0, **pairs):
        keys, _ = self._touch(date, time, now)
        return [*keys[:2], self.ws.key("SLOT_DAY"), keys[2]], [
            now, date, time, *itertools.chain(*pairs.items())]

    def delete(self, *how, **named):
        keys, arguments = self.delete_call(*how, **named)
        return self.ws.run("slot_delete", keys, *arguments)

    def list_call(self, first=20251101, last="+inf", wanted=51, now=T0, after=""):
        return [self.ws.key("FEED"), self.ws.key("SLOT_DAY")], [
            self.ws.before, first, last, wanted, now, after]

    def list(self, **how):
        """The slots, in the order of their texts: (date, time, end, capacity, booked, held)."""
        keys, arguments = self.list_call(**how)
        rows = self.ws.run("slot_list", keys, *arguments)[1:]
        return sorted((*rows[i:i + 3], *map(int, rows[i + 3:i + 6]))
                      for i in range(0, len(rows), 6))

    def held(self, now=T0):
        """{time: held places} of all slots."""
        return {row[1]: row[5] for row in self.list(now=now)}

    # The waitlist

    def lead(self, phone, now=T0):
        """The id of a lead with contact details."""
        return self.ws.book(phone=phone, now=now)[1]

    def leads(self, count):
        return [self.lead(f"+1555000{n:04}") for n in range(count)]

    def wait_call(self, lead, date=DATE, time=TIME, now=T0, kind="id", **pairs):
        keys, arguments = self._touch(date, time, now)
        pattern = "LEAD" if kind == "id" else "LEAD_NO"
        return [*keys, self.ws.key(pattern, str(lead))], [
            *arguments, kind, date.replace("-", ""), *itertools.chain(*pairs.items())]

    def wait(self, lead, *how, **named):
        keys, arguments = self.wait_call(lead, *how, **named)
        return self.ws.run("waitlist_add", keys, *arguments)

    def leave_call(self, lead, date=DATE, time=TIME, now=T0, **pairs):
        line = f"{date}:{time}"
        entry = f"{line}:{lead}"
        return [self.ws.key("WAITLIST_ENTRY", entry), self.ws.key("WAITLIST", line),
                self.ws.key("WAITLIST_WAITING"), self.ws.key("WAITLIST_TOLD"),
                self.ws.key("FEED")], [now, lead, entry, *itertools.chain(*pairs.items())]

    def leave(self, *how, **named):
        keys, arguments = self.leave_call(*how, **named)
        return self.ws.run("waitlist_remove", keys, *arguments)

    def line(self, date=DATE, time=TIME):
        """The leads in line."""
        return self.ws.redis.zrange(self.ws.key("WAITLIST", f"{date}:{time}"), 0, -1)

    def told(self):
        """(lead, task) of each notification, in order."""
        return [(entry["l"], entry["k"]) for entry in self.ws.feed()
                if entry["t"] == "waitlist.notified"]

    def entry(self, lead, date=DATE, time=TIME):
        return self.ws.hash("WAITLIST_ENTRY", f"{date}:{time}:{lead}")
