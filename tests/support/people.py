"""Who a call belongs to, by the policy alone (API.md, "Who is it?"): the oracle of the tests of
tests/property. A call is {"ext": …, "email": …, "phone": …}, those known.

SPDX-License-Identifier: MIT
"""
KINDS = ("ext", "email", "phone")  # strongest first


class People:
    def __init__(self):
        self.index = {}    # (kind, value) -> person
        self.fields = {}   # person -> {kind: its own value}
        self.calls = {}    # person -> how many calls were its

    def call(self, who):
        """The person that a call belongs to, after it."""
        known = [(kind, who[kind]) for kind in KINDS if who.get(kind)]
        person, found = self._find(who, known)
        if person is None:
            person = len(self.calls) + 1
            self.fields[person], self.calls[person] = {}, 0
        for kind, value in known[found + 1:]:
            if self.fields[person].get(kind) != value:
                self._join(person, who, kind, value)
        for kind, value in known:
            self.index.setdefault((kind, value), person)
            self.fields[person].setdefault(kind, value)
        self.calls[person] += 1
        return person

    def _find(self, who, known):
        """The person of the strongest identity that nothing stronger contradicts, and its place."""
        for i, (kind, value) in enumerate(known):
            person = self.index.get((kind, value))
            stronger = KINDS[:KINDS.index(kind)]
            theirs = self.fields[person] if person else {}
            if person and not any(who.get(one) and theirs.get(one, who[one]) != who[one]
                                  for one in stronger):
                return person, i
        return None, len(known)

    def _join(self, person, who, kind, value):
        """Merges whoever owns a weaker identity, unless they have a stronger one of their own."""
        other = self.index.get((kind, value))
        if other in (None, person):
            return
        ours = {one: self.fields[person].get(one) or who.get(one) for one in KINDS}
        theirs = self.fields[other]
        if any(one in theirs and theirs[one] != ours[one] for one in KINDS[:KINDS.index(kind)]):
            return
        self.fields[person] = {**theirs, **self.fields[person]}
        self.calls[person] += self.calls.pop(other)
        del self.fields[other]
        self.calls.setdefault(other, None)  # its number is not given again
        self.index = {identity: person if owner == other else owner
                      for identity, owner in self.index.items()}

    def partition(self):
        """The identities that belong together: {frozenset of (kind, value): number of calls}."""
        sets = {}
        for identity, person in self.index.items():
            sets.setdefault(person, set()).add(identity)
        return {frozenset(identities): self.calls[person] for person, identities in sets.items()}
