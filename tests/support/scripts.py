"""The scripts of lua/ as they are built, called one by one: what the tests of tests/lua stand on.

Workspace knows the keys of one workspace in one Redis and runs scripts over them; Event is one call
of event_track with the arguments that the service would send, which a test may change or spoil.

SPDX-License-Identifier: MIT
"""
import hashlib
import itertools
import json
import os
import re
from typing import NamedTuple

import redis

from support.keys import BY_NAME, WHOLE_DATABASE, row_of
from support.redis_server import CLUSTER
from support.service import BINARY
from support.times import DAY, HOUR, T0, iso

LUA = os.path.join(os.path.dirname(BINARY), "lua")
IDENTITIES = ("ext", "email", "phone")  # strongest first
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"

# What events.def says of the types that do more than lie on the timeline.
RULES = {
    "customer.created": {"status": "new_lead"},
    "booking.started": {"status": "hot_booking", "booking": "started"},
    "booking.step_completed": {"booking": "step"},
    "booking.abandoned": {"status": "hot_abandoned", "booking": "abandoned",
                          "task": ("abandoned_booking", "urgent", "sales", 0, 1 * HOUR)},
    "booking.completed": {"status": "customer", "booking": "completed",
                          "closes": "abandoned_booking", "revenue": True,
                          "task": ("booking_welcome", "normal", "customer_service", 2, 24 * HOUR)},
    "payment.failed": {"task": ("payment_failed", "high", "sales", 1, 4 * HOUR)},
}


class Text(NamedTuple):
    text: str
    sha1: str


def read_scripts():
    found = {}
    for name in sorted(os.listdir(LUA)):
        if name.endswith(".lua"):
            with open(os.path.join(LUA, name), encoding="utf-8") as script:
                text = script.read()
            found[name[:-4]] = Text(text, hashlib.sha1(text.encode()).hexdigest())
    return found


SCRIPTS = read_scripts() if os.path.isdir(LUA) else {}


def constant(script, name):
    """A number that a script calls by name."""
    return int(re.search(rf"^local {name} = (\d+)$", SCRIPTS[script].text, re.M).group(1))


def uuid(number):
    """A UUIDv7 that rises with number."""
    digits = f"{number:012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-000000000000"


def contact_name(number):
    """The 13 characters of a contact's key."""
    text = ""
    for _ in range(13):
        number, digit = divmod(number, 32)
        text = ALPHABET[digit] + text
    return text


class Tracked(NamedTuple):
    """What event_track answers."""
    replayed: int
    contact: str
    created: str
    activity: str
    status: str
    score: str
    task: str
    notes: tuple = ()

    @property
    def c(self):
        return self.contact[len("contact_"):]

    @property
    def again(self):
        """The answer to the same event once more."""
        return self._replace(replayed=1)


class Visited(NamedTuple):
    """What event_anon answers to an event that it has taken."""
    replayed: int
    contact: str
    created: str
    activity: str
    status: str
    score: str
    task: str
    session: str = ""

    @property
    def again(self):
        """The answer to the same event once more."""
        return self._replace(replayed=1)


class Received(NamedTuple):
    """What message_receive answers."""
    replayed: int
    lead: str
    number: object
    lead_made: str
    count: object
    contact: str
    contact_made: str
    registered: str

    @property
    def c(self):
        return self.contact[len("contact_"):]


class Event:
    """One call of event_track. who: {"ext": …, "email": …, "phone": …}, those known; pairs:
    the script's pairs of name and value, and as "=<field>" the fields that the event sets."""

    def __init__(self, workspace, event_type, who, at=T0, now=None, data=None, amount=0, **pairs):
        now = at if now is None else now
        number = next(workspace.numbers)
        rule = RULES.get(event_type, {})
        self.workspace = workspace
        self.activity = uuid(number)
        self.keys = [workspace.key("FEED"), workspace.day(now)]
        member = {"i": self.activity, "t": event_type, **({"d": data} if data else {})}
        self.head = [workspace.before, workspace.after, now, at, contact_name(number), number,
                     event_type, self.activity, json.dumps(member, separators=(",", ":")),
                     f"{now // HOUR % 24:02}"]
        self.identities = []
        for word in IDENTITIES:
            if who.get(word) is not None:
                self.keys.append(workspace.index(word, who[word]))
                self.identities += [word, who[word]]
        self.given = {"last_action": event_type}
        self.pairs = {}
        for name in ("status", "booking", "closes"):
            if name in rule:
                self.pairs[name] = rule[name]
        if "revenue" in rule:
            self.pairs.update({"+total_bookings": 1, "+total_revenue_cents": amount,
                               "revenue": amount})
        if "task" in rule:
            kind, priority, queue, rank, due = rule["task"]
            self.pairs.update(task=uuid(0xf00000000000 + number), task_kind=kind, task_title=kind,
                              task_note="note", task_priority=priority, task_queue=queue,
                              task_rank=rank, task_due=now + due)
        for n in range(1, len(self.identities) // 2):
            self.pairs[f"merge_{n}"] = uuid((n << 40) + 0xa00000000000 + number)
        for name, value in pairs.items():
            if name.startswith("="):
                self.given[name[1:]] = value
            elif value is not None:
                self.pairs[name] = value

    def arguments(self):
        return [*self.head, len(self.given), *self.identities,
                *itertools.chain(*self.given.items(), *self.pairs.items())]

    def run(self):
        answer = self.workspace.run("event_track", self.keys, *self.arguments())
        return Tracked(*answer[:7], tuple(answer[7:]))


class Workspace:
    """A workspace's keys, and the scripts over them. name: None for the default one."""

    def __init__(self, server, name=None):
        self.server = server
        self.redis = server.text
        name = name or ("default" if CLUSTER else None)
        self.before, self.after = (f"{{{name}}}_", f"_{{{name}}}") if name else ("", "")
        self.numbers = itertools.count(1)

    def emptied(self):
        self.server.raw.flushall()
        return self

    # Keys

    def key(self, name, rest=None):
        row = BY_NAME[name]
        assert bool(row.rest) == (rest is not None), f"{name} has rest {row.rest}"
        if name in WHOLE_DATABASE:
            return row.prefix
        return row.prefix + (self.before + rest if row.rest else self.after)

    def index(self, word, value):
        """The index key of an identity."""
        return self.key(f"CONTACT_{word.upper()}", value)

    def seen(self, event_id):
        return self.key("SEEN", f"event:{event_id}")

    def day(self, now=T0, name="STATS"):
        """The key of a day's counters."""
        return self.key(name, iso(now)[:10].replace("-", ""))

    # What stands there

    def hash(self, name, rest=None):
        return self.redis.hgetall(self.key(name, rest))

    def contact(self, c):
        return self.hash("CONTACT", c)

    def counters(self, now=T0):
        """The counters of a day, as numbers."""
        return {name: int(count) for name, count in self.redis.hgetall(self.day(now)).items()}

    def members(self, c):
        """The activities in a contact's timeline, oldest first, each with its time as "at"."""
        rows = self.redis.zrange(self.key("ACTIVITY", c), 0, -1, withscores=True)
        return [{**json.loads(member), "at": int(at)} for member, at in rows]

    def feed(self):
        return [entry for _, entry in self.redis.xrange(self.key("FEED"))]

    def open_tasks(self, kind=None):
        """The open tasks, urgent first: {id: hash}."""
        tasks = {id_: self.hash("TASK", id_)
                 for id_ in self.redis.zrange(self.key("TASK_OPEN"), 0, -1)}
        return {id_: task for id_, task in tasks.items() if kind in (None, task["kind"])}

    # Scripts

    def words(self, name, keys, *arguments):
        return ["EVALSHA", SCRIPTS[name].sha1, len(keys), *keys, *arguments]

    def load(self):
        for script in SCRIPTS.values():
            assert self.redis.script_load(script.text) == script.sha1

    def run(self, name, keys, *arguments):
        words = self.words(name, keys, *arguments)
        try:
            return self.redis.execute_command(*words)
        except redis.exceptions.NoScriptError:
            self.load()
            return self.redis.execute_command(*words)

    def event(self, event_type, who, at=T0, now=None, **how):
        return Event(self, event_type, who, at, now, **how)

    def track(self, event_type, who, at=T0, now=None, **how):
        return self.event(event_type, who, at, now, **how).run()

    def track_all(self, events):
        """Many events, in one pipeline: their answers."""
        self.load()
        pipe = self.redis.pipeline(transaction=False)
        for event in events:
            pipe.execute_command(*self.words("event_track", event.keys, *event.arguments()))
        return [Tracked(*answer[:7], tuple(answer[7:])) for answer in pipe.execute()]

    def merge(self, winner, loser, now=T0, forced=True):
        """Makes one contact of two: the id of the merge."""
        merge = uuid(0xc00000000000 + next(self.numbers))
        self.run("contact_merge", self.merge_keys(now), self.before, self.after, now, merge, winner,
                 loser, "1" if forced else "0", "", "api")
        return merge

    def booking(self, phone="", session="", address="aa", now=T0, verb="track", email=None, step=1,
                fields=None):
        """Keys and arguments of a call of the booking form; with a phone it has name and phone."""
        number = next(self.numbers)
        who = {"email": email, "phone": phone or None}
        known = [(word, value) for word, value in who.items() if value]
        keys = [self.key("FEED"), self.day(now), *(self.index(*pair) for pair in known)]
        ids = [uuid(0xb00000000000 + 2 * number + n) for n in range(2)]
        members = ['{"i":"%s","t":"booking_form.%s"}' % pair
                   for pair in zip(ids, ("tracked", "submitted"))]
        fields = {"=eventName": "Wedding", **(fields or {})}
        return keys, [
            self.before, self.after, now, 86400000, "fixed", verb, uuid(0xd00000000000 + number),
            contact_name(number), number, iso(now)[:10].replace("-", ""), 3 if phone else step,
            "1" if phone else "0", phone, session, address, "", *members,
            *itertools.chain(*known, *fields.items()),
            "merge_1", uuid(0xa00000000000 + number), "merge_2", uuid(0xa10000000000 + number),
            "session_keep", 2592000, "floor", 50]

    def book(self, **how):
        keys, arguments = self.booking(**how)
        return self.run("lead_booking", keys, *arguments)

    def failure(self, email=None, phone=None, now=T0, reason="slot_unavailable", floor=85,
                window=86400000, source="booking_failed", date="2025-11-15", time="6PM",
                fields=None, **more):
        """Keys and arguments of lead_capture; reason=None: a lead of another source. more: pairs
        that are added, or left out when None."""
        number = next(self.numbers)
        known = [(word, value) for word, value in (("email", email), ("phone", phone)) if value]
        keys = [self.key("FEED"), self.day(now), *(self.index(*pair) for pair in known)]
        task, alert = uuid(0xe00000000000 + number), uuid(0xe10000000000 + number)
        pairs = {"preferred_date": date, "preferred_time": time,
                 "session_keep": 2592000, "merge_1": uuid(0xa00000000000 + number),
                 "merge_2": uuid(0xa10000000000 + number)}
        if reason:
            pairs.update(reason=reason, other=reason, task=task, task_kind="failed_booking",
                         task_title="Call", task_note="Soon", task_priority="urgent",
                         task_queue="sales", task_rank=0, task_due=now + HOUR, alert=alert,
                         alert_kind="failed_booking", alert_severity="high",
                         alert_title="Failed booking", alert_due=now + 300000)
        pairs.update(more)
        pairs = {name: value for name, value in pairs.items() if value is not None}
        return keys, [
            self.before, self.after, now, window, "fixed", iso(now)[:10].replace("-", ""), source,
            source.upper(), uuid(0xd10000000000 + number), contact_name(number), number, now,
            '{"i":"%s","t":"booking.failed"}' % uuid(0xb10000000000 + number), "Failed booking",
            floor, *itertools.chain(*known, *(fields or {"=name": "Ann"}).items(),
                                    *pairs.items())]

    def fail(self, **how):
        keys, arguments = self.failure(**how)
        return self.run("lead_capture", keys, *arguments)

    def message(self, phone="+15550001111", wa=None, at=T0, now=None, text="Hi", name="Ann Lee",
                message_id=None, **more):
        """Keys and arguments of message_receive, by phone or by a WhatsApp id that is none. more:
        pairs that are added, or left out when None."""
        number = next(self.numbers)
        now = at if now is None else now
        word, value = ("wa", wa) if wa else ("phone", phone)
        activity, message = (uuid(0xb20000000000 + 2 * number + n) for n in range(2))
        first, _, last = name.partition(" ")
        pairs = {"floor": 50, "reactivate": 1, "segments_v": 0, "name": name, "@first_name": first,
                 "@last_name": last, "whatsapp": phone[1:],
                 "temp_email": f"temp+{phone[1:]}@edubot.local"}
        if wa:
            pairs.update(whatsapp=None, temp_email=None)
        if message_id:
            pairs.update(seen=self.key("SEEN", f"message:{message_id}"), seen_keep=7 * DAY)
        pairs.update(more)
        pairs = {name: value for name, value in pairs.items() if value not in (None, "")}
        return [self.key("FEED"), self.day(now), self.index(word, value)], [
            self.before, self.after, now, at, word, value, value, uuid(0xd20000000000 + number),
            contact_name(number), number, iso(now)[:10].replace("-", ""), activity, text,
            '{"i":"%s","t":"whatsapp.message"}' % activity,
            json.dumps({"i": message, "dir": "in", "type": "text", "text": text},
                       separators=(",", ":")),
            '{"i":"%s","t":"whatsapp.reactivated"}' % uuid(0xb30000000000 + number),
            *itertools.chain(*pairs.items())]

    def receive(self, **how):
        """A message that comes: Received."""
        keys, arguments = self.message(**how)
        return Received(*self.run("message_receive", keys, *arguments))

    def messages(self, c):
        """A contact's conversation, oldest first, each message with its time as "at"."""
        rows = self.redis.zrange(self.key("MESSAGE", c), 0, -1, withscores=True)
        return [{**json.loads(member), "at": int(at)} for member, at in rows]

    def update(self, lead, now=T0, data="", by="id", **pairs):
        """lead_update; a pair with None is left out. form, other: (status, those that it may
        follow)."""
        arguments = {name: value for name, value in pairs.items() if value is not None}
        for kind in ("form", "other"):
            if kind in arguments:
                arguments[kind], arguments[f"{kind}_after"] = arguments[kind]
        keys = [self.key("LEAD" if by == "id" else "LEAD_NO", lead), self.key("FEED"),
                self.day(now)]
        replayed, row = self.run(
            "lead_update", keys, self.before, by, self.after, now,
            uuid(0xb20000000000 + next(self.numbers)), data, *itertools.chain(*arguments.items()))
        return replayed, dict(zip(row[::2], row[1::2]))

    def convert(self, lead, student=None, now=T0, **pairs):
        return self.update(lead, now, other=("converted", "new contacted"), converts="1",
                           form=("approved", "tracking pending"), registers="1", student=student,
                           **pairs)

    def complete(self, task, outcome="done", now=T0, note="", agent="", **pairs):
        replayed, row = self.run(
            "task_complete", [self.key("TASK", task), self.key("FEED")], self.before, self.after,
            now, task, outcome, note, agent, uuid(0xb30000000000 + next(self.numbers)), "",
            *itertools.chain(*pairs.items()))
        return replayed, dict(zip(row[::2], row[1::2]))

    def log_call(self, c, lead="", now=T0, at=None, reaches=True, kind="call", **pairs):
        """activity_add."""
        activity = uuid(0xb40000000000 + next(self.numbers))
        keys = [self.key("FEED"), self.key("LEAD", lead) if lead else self.key("FEED")]
        return self.run("activity_add", keys, self.before, self.after, now, c,
                        now if at is None else at, activity,
                        '{"i":"%s","t":"%s"}' % (activity, kind), "id" if lead else "",
                        "1" if reaches else "0", *itertools.chain(*pairs.items()))

    def erase_lead(self, lead, now=T0, **pairs):
        """lead_delete."""
        return self.run("lead_delete", [self.key("LEAD", lead), self.key("FEED")], self.before,
                        "id", self.after, now, *itertools.chain(*pairs.items()))

    def merge_keys(self, now=T0):
        return [self.key("FEED"), self.key("MERGE_LOG"), self.day(now)]

    def undo(self, merge, now=T0):
        return self.run("merge_undo", self.merge_keys(now), self.before, self.after, now, merge)

    # Sessions

    def visit_arguments(self, sid, event_type="page.viewed", at=T0, now=None, data=None,
                        keep_s=30 * 86400, **pairs):
        """(keys, arguments) of event_anon."""
        now = at if now is None else now
        activity = uuid(0xb00000000000 + next(self.numbers))
        member = {"i": activity, "t": event_type, **({"d": data} if data else {}),
                  "s": {"session_id": sid}}
        keys = [self.key("FEED"), self.day(now), self.key("SESSION", sid),
                self.key("SESSIONLOG", sid)]
        return keys, [self.before, now, at, sid, sid, event_type, activity,
                      json.dumps(member, separators=(",", ":")), f"{now // HOUR % 24:02}", keep_s,
                      *itertools.chain(*pairs.items())]

    def visit(self, sid, *how, **named):
        """An event of a visitor nobody knows: Visited, or whose session it is."""
        keys, arguments = self.visit_arguments(sid, *how, **named)
        answer = self.run("event_anon", keys, *arguments)
        return answer[1] if answer[0] == 2 else Visited(*answer)

    def link(self, sid, contact):
        """As event_track leaves a session that it has given to a contact."""
        self.redis.hset(self.key("SESSION", sid), "contact_id", contact)
        self.redis.delete(self.key("SESSIONLOG", sid))
        self.redis.sadd(self.key("CONTACT_ALIAS", contact[8:21]), f"session:{sid}")

    def session(self, sid):
        return self.hash("SESSION", sid)

    def log(self, sid):
        """The activities in a session's log, oldest first, each with its time as "at"."""
        rows = self.redis.zrange(self.key("SESSIONLOG", sid), 0, -1, withscores=True)
        return [{**json.loads(member), "at": int(at)} for member, at in rows]

    def read_session(self, sid, now=T0, keep_s=30 * 86400):
        """What session_get finds: (fields, activities)."""
        flat, rows = self.run("session_get",
                              [self.key("SESSION", sid), self.key("SESSIONLOG", sid)],
                              self.before, sid, now, keep_s)
        found = [{**json.loads(member), "at": int(at)} for at, member in zip(rows[::2], rows[1::2])]
        return dict(zip(flat[::2], flat[1::2])), found

    def calls(self, function):
        """What function() returns, and how often Redis ran each command meanwhile, in scripts too:
        {command: calls}."""
        self.redis.config_resetstat()
        result = function()
        stats = self.redis.info("commandstats")
        counts = {name[len("cmdstat_"):]: figures["calls"] for name, figures in stats.items()}
        return result, {name: calls for name, calls in counts.items()
                        if name not in ("info", "config|resetstat", "evalsha")}

    def script_us(self, function):
        """Microseconds of Redis for each script that function() runs, on average."""
        self.redis.config_resetstat()
        function()
        return self.redis.info("commandstats")["cmdstat_evalsha"]["usec_per_call"]

    # Soundness

    FSCK = {"CONTACT": "contact", "CONTACT_MERGED": "merged", "CONTACT_EXT": "index",
            "CONTACT_EMAIL": "index", "SEARCH": "list", "SESSION": "session",
            "CONTACT_PHONE": "index", "CONTACT_WA": "index", "MESSAGE": "part",
            "TASK": "task", "CREATED": "list", "REVENUE": "list",
            "STATUS": "list", "TASK_DUE": "list", "TASK_OPEN": "list", "TASK_CLOSED": "list",
            "ACTIVITY": "part", "ACTIVITY_OLD": "part", "BOOKING": "part", "CONTACT_ALIAS": "part",
            "CONTACT_TASK": "part", "LEAD": "lead", "LEAD_NO": "number", "ALERT": "alert",
            "ALERT_OPEN": "list", "LEAD_STUDENT": "student", "SLOT": "slots", "SLOT_DAY": "list",
            "WAITLIST": "line", "WAITLIST_ENTRY": "entry", "WAITLIST_WAITING": "list",
            "CONTACT_SEGMENT": "entered", "SEGMENT_MEMBER": "members",
            **{f"LEAD_{name}": "leads" for name in (
                "STATUS", "ANONYMOUS", "CREATED", "UPDATED", "PRIORITY", "SCORE", "STATE",
                "SOURCE", "QUALITY", "REASON", "RESPONSE")}}

    def fsck(self, key):
        """What fsck_check says of a key: its faults."""
        row = row_of(key)
        kind = self.FSCK.get(row.name)
        if kind == "contact" and "~" in key:
            kind = "side"
        name, members = key[len(row.prefix + self.before):], []
        if kind == "index":
            name = row.name.split("_")[1].lower()
        if kind in ("list", "line"):
            name = name if row.rest else row.name.split("_")[-1].lower()
            name = "alert" if row.name == "ALERT_OPEN" else name
        if kind in ("list", "line", "leads", "members"):
            members = self.redis.zrange(key, 0, -1)
        return kind and self.run("fsck_check", [key], self.before, self.after, kind, name,
                                 *members)[1:]

    def faults(self):
        """The faults that fsck_check finds in the database: {key: sentences}."""
        found = {key: self.fsck(key) for key in self.redis.scan_iter(count=1000)}
        return {key: sentences for key, sentences in found.items() if sentences}
