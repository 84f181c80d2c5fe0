"""Random things that people do, and that are done about them, and all that can be seen of it after:
two worlds are compared by it.

SPDX-License-Identifier: MIT
"""
import difflib
import itertools
from pprint import pformat

from hypothesis import strategies as st

from support.api import Person
from support.keys import key
from support.seed_000 import LEADS, Visitor, lead
from support.seed_003 import LEADS as CAPTURE, SEED_CONTEXT, contacts_of
from support.times import MINUTE
from support.whatsapp import write

EVENTS = ["page.viewed", "vehicle.viewed", "search.performed", "customer.login", "customer.created",
          "chat.message", "quote.requested", "payment.failed", "booking.started",
          "booking.step_completed", "booking.abandoned", "booking.completed", "customer.updated"]
DEEDS = ["fail", "form", "message", "contacted", "convert", "put aside"]
WORLDS = itertools.count(10**9)

EVENT = st.fixed_dictionaries({
    "who": st.integers(0, 2),
    "type": st.sampled_from(EVENTS + 2 * (DEEDS + ["booking.completed"])),
    "booking": st.sampled_from([None, "b1", "b2"]), "by": st.sampled_from(["all", "one"]),
    "vehicle": st.sampled_from(["Toyota Camry", "Fiat 500"]), "amount": st.integers(0, 900),
    "lead": st.integers(0, 2), "time": st.sampled_from(["6PM", "9PM"])})

LOOKUP = {"id": "customer_id", "email": "email", "phone": "phone"}

# What a merge and its undoing may leave: versions only ever rise.
NOT_COMPARED = {"version", "updated_at"}
# The names of a record, and what depends on the moment of looking.
NAMES = {"id", "uuid", "lead_no", "reference", "contact_id", "messages_per_day"}


# What Ann, Bob and Cyd are known by. With a customer id Ann is registered, without nobody is.
REGISTERED = (("id", "email", "phone", "name"), ("phone", "name"), ("email", "name"))
STRANGERS = (("email", "phone", "name"), *REGISTERED[1:])


def possible(known, early, *later):
    """Parts of a history without what a merge decides for good. A message is no lead when its
    sender is registered, also by a merge: with registered people nobody writes later, and of
    strangers nobody registers."""
    if known is REGISTERED:
        return early, *[[event for event in part if event["type"] != "message"] for part in later]
    return tuple([event for event in part if event["type"] not in ("customer.created", "convert")]
                 for part in (early, *later))


class World:
    """People, the leads they have got, and the minutes that pass."""

    def __init__(self, api, count, known):
        self.api, self.people, self.known = api, [Person() for _ in range(count)], known
        self.leads = [[] for _ in self.people]  # uuids, oldest first
        self.number = next(WORLDS)  # what its students' ids begin with
        self.students = itertools.count(100)
        self.minutes = itertools.count()
        self.bookings = 0
        self.counted = self._counters()

    def live(self, events, start):
        for event in events:
            at = start + next(self.minutes) * MINUTE
            deed = event["type"].replace(" ", "_")
            self.bookings += deed in ("booking.completed", "convert")
            if event["type"] in EVENTS:
                self._event(event, at)
            else:
                getattr(self, "_" + deed)(event["who"], event, at)

    def identities(self, place, by):
        known = self.known[place]
        return self.people[place].customer(*(known if by == "all" else known[:1]))

    def begin(self, at):
        for place in range(len(self.people)):
            self.api.event("page.viewed", self.identities(place, "all"), at=at)

    def _event(self, event, at):
        data = {"vehicle_name": event["vehicle"], "location": event["vehicle"],
                "total_amount": event["amount"], "step": 1}
        if event["booking"]:
            data["booking_id"] = event["booking"]
        self.api.event(event["type"], self.identities(event["who"], event["by"]), data, at=at)

    def _made(self, place, lead_id):
        if lead_id and lead_id not in self.leads[place]:
            self.leads[place].append(lead_id)

    def _fail(self, place, event, at):
        known = self.known[place]
        both = event["by"] == "all"
        has_phone = "phone" in known and (both or "email" not in known)
        contacts = contacts_of(self.people[place], phone=has_phone, email="email" in known)
        # What one failure repeats is decided once: so each fails on dates of their own, and after
        # a booking, which recovers the leads of a merged contact, at other times.
        context = {**SEED_CONTEXT, "preferred_date": f"2025-12-0{place + 1}",
                   "preferred_time": f"{event['time']} {self.bookings}"}
        answer = self.api.call("POST", CAPTURE, {"source": "BOOKING_FAILED", "contacts": contacts,
                                                 "context": context}, at=at).json()
        self._made(place, answer["id"])

    def _form(self, place, event, at):
        if "phone" not in self.known[place]:
            return
        person = self.people[place]
        fields = {"clientName": person.name, "clientPhone": person.phone}
        if event["by"] == "all" and "email" in self.known[place]:
            fields["clientEmail"] = person.email
        self._made(place, Visitor(self.api).track(fields, at=at)["uuid"])

    def _message(self, place, event, at):
        if "phone" in self.known[place]:
            answer = write(self.api, self.people[place], event["vehicle"], "Wanda", at=at)
            self._made(place, answer.get("uuid"))

    def _about_lead(self, place, event, method, path, body, at):
        leads = self.leads[place]
        if leads:
            path = path.format(leads[event["lead"] % len(leads)])
            answer = self.api.call(method, path, body, at=at)
            assert answer.status < 500, answer

    def _contacted(self, place, event, at):
        self._about_lead(place, event, "POST", "/v1/leads/{}/contacted", {"channel": "call"}, at)

    def _convert(self, place, event, at):
        self._about_lead(place, event, "POST", "/v1/leads/{}/convert",
                         {"student_id": int(f"{self.number}{next(self.students)}")}, at)

    def _put_aside(self, place, event, at):
        self._about_lead(place, event, "DELETE", LEADS + "/{}", None, at)

    # What can be seen ----------------------------------------------------------------------------

    def found(self, place):
        """The contact that every identity of a person leads to."""
        person = self.people[place]
        contacts = [self.api.lookup(**{LOOKUP[name]: getattr(person, name)})
                    for name in self.known[place] if name in LOOKUP]
        assert all(contact == contacts[0] for contact in contacts), contacts
        return contacts[0]

    def seen(self):
        """All that the service says of everybody, without what only names records."""
        whole = [self._person(place) for place in range(len(self.people))]
        whole.append({name: number - self.counted.get(name, 0)
                      for name, number in self._counters().items()
                      if number != self.counted.get(name, 0)})
        text = pformat(whole, width=160, sort_dicts=False).replace(str(self.number), "<student>")
        for n, person in enumerate(self.people):
            for value in (person.email, person.phone, person.phone[1:], person.id,
                          person.last_name):
                text = text.replace(value, f"<{n}>")
        return text

    def _person(self, place):
        contact = self.found(place)
        contact_id = contact["id"]
        leads = sorted(self.api.list("/v1/leads", contact_id=contact_id),
                       key=lambda row: row["lead_no"])
        order = {row["id"]: n for n, row in enumerate(leads)}
        timeline = [(entry["type"], entry["occurred_at"], entry["data"],
                     entry.get("status_change"), order.get(entry["lead_id"], entry["lead_id"]))
                    for entry in self.api.timeline(contact_id)]
        tasks = sorted((task["kind"], task["status"], task["due_at"], task["booking_id"] or "",
                        order.get(task["lead_id"], -1), task["completed_at"] or "")
                       for task in self.api.tasks(contact_id))
        listed = [row["id"] == contact_id
                  for row in self.api.list("/v1/contacts", lead_status=contact["lead_status"])
                  if row["id"] == contact_id]
        return (plain(contact), timeline, tasks, listed, [self._lead(row) for row in leads])

    def _lead(self, row):
        alert_id = self.api.hash("LEAD", row["id"]).get("alert_id")
        alert = alert_id and self.api.hash("ALERT", alert_id)
        admin = lead(self.api, row["id"])
        admin["messages"] = [plain(message) for message in admin["messages"]]
        del admin["tasks"], admin["activities"]  # _person has them
        return (plain(row), plain(admin),
                alert and (alert["contact_id"] == row["contact_id"], alert.get("acked_at"),
                           alert.get("acked_by")))

    def _counters(self):
        """What the leads of the day are now."""
        counters = self.api.redis.text.hgetall(key("LEAD_DAY", "20251111"))
        return {name: int(number) for name, number in counters.items()}


def differences(one, other):
    """The lines in which what was seen of two worlds differs."""
    return "\n".join(difflib.unified_diff(one.splitlines(), other.splitlines(), lineterm=""))


def plain(record):
    return {name: value for name, value in record.items()
            if name not in NOT_COMPARED | NAMES}
