"""People write, are merged and parted, segments are made anew: at each moment a segment has who
belongs to it, since the first message of theirs that fitted.

SPDX-License-Identifier: MIT
"""
import os

from hypothesis import HealthCheck, given, settings, strategies as st

from support.api import Person, bare
from support.keys import key
from support.stored import assert_sound
from support.times import MINUTE, T0
from support.whatsapp import write

EXAMPLES = int(os.environ.get("KVCRM_PROPERTY_EXAMPLES", "40"))
PROPERTY = {"max_examples": EXAMPLES, "deadline": None, "database": None, "derandomize": True,
            "suppress_health_check": list(HealthCheck)}

PEOPLE, WORDS = range(4), ("apple", "pear")
STEP = st.one_of(
    st.tuples(st.just("send"), st.sampled_from(PEOPLE), st.sets(st.sampled_from(WORDS))),
    st.tuples(st.just("send"), st.sampled_from(PEOPLE), st.sets(st.sampled_from(WORDS))),
    st.tuples(st.just("merge"), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)),
    st.tuples(st.just("undo"), st.none(), st.none()),
    st.tuples(st.just("remake"), st.sampled_from(WORDS), st.none()))


class World:
    """What ought to be: when each person has entered each segment, and who is one with whom."""

    def __init__(self, api):
        self.api = api
        self.people = [Person() for _ in PEOPLE]
        self.entered = {word: {} for word in WORDS}
        self.merges = []  # (id, groups before)
        self.minute = 0
        for word in WORDS:
            self.remake(word)
        self.ids = [self.write(who, "hello") for who in PEOPLE]
        self.groups = {who: self.ids[who] for who in PEOPLE}  # person: contact id

    def now(self):
        self.minute += 1
        return T0 + self.minute * MINUTE

    def write(self, who, words):
        return write(self.api, self.people[who], words, at=self.now())["contact_id"]

    def remake(self, word, _=None):
        self.api.call("DELETE", f"/v1/segments/{word}")
        self.api.call("POST", "/v1/segments",
                      {"id": word, "text": f'message contains "{word}"'}, 201)
        self.entered[word] = {}

    def send(self, who, words):
        assert self.write(who, " ".join(sorted(words)) or "hello") == self.groups[who]
        for word in words:
            self.entered[word].setdefault(who, T0 + self.minute * MINUTE)

    def merge(self, one, other):
        winner, loser = self.groups[one], self.groups[other]
        if winner == loser:
            return
        made = self.api.call("POST", "/v1/merges", {"winner": winner, "loser": loser,
                                                    "force": True}, 201, at=self.now()).json()
        self.merges.append((made["id"], dict(self.groups)))
        self.groups = {who: winner if contact == loser else contact
                       for who, contact in self.groups.items()}

    def undo(self, *_):
        if self.merges:
            merge, self.groups = self.merges.pop()
            self.api.call("POST", f"/v1/merges/{merge}/undo", expect=200, at=self.now())

    def check(self):
        for word in WORDS:
            wanted = {}
            for who, at in self.entered[word].items():
                contact = bare(self.groups[who])
                wanted[contact] = min(at, wanted.get(contact, at))
            n = self.api.redis.text.hget(key("SEGMENT"), word).split('"n":"')[1].split('"')[0]
            found = self.api.redis.text.zrange(key("SEGMENT_MEMBER", f"{word}:{n}"), 0, -1,
                                               withscores=True)
            assert {contact: int(at) for contact, at in found} == wanted, word


@given(steps=st.lists(STEP, max_size=24))
@settings(**PROPERTY)
def test_e47_members_are_those_who_wrote_however_they_are_merged_and_parted(svc, steps):
    world = World(svc)
    for verb, *arguments in steps:
        getattr(world, verb)(*arguments)
        world.check()
    while world.merges:
        world.undo()
        world.check()


def test_e47_the_database_is_sound_after_all_that(svc):
    world = World(svc)
    for verb, *arguments in [("send", 0, WORDS), ("merge", 1, 0), ("send", 2, WORDS[:1]),
                             ("merge", 1, 2), ("send", 0, WORDS), ("remake", WORDS[0], None),
                             ("send", 2, WORDS), ("undo", None, None)]:
        getattr(world, verb)(*arguments)
        world.check()
        assert_sound(svc)
