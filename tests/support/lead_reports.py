"""Reports on leads: the same figures counted from the leads themselves, and leads that are made or
changed by lua/lib/lead.lua alone, without the service.

SPDX-License-Identifier: MIT
"""
import os
import re
from collections import Counter
from decimal import Decimal

from support.redis_server import CLUSTER
from support.service import ROOT
from support.times import DAY, iso, ms

INCLUDE = re.compile(r"^-- @include (lib/\w+\.lua)\n", re.M)
STEPS = (60, 300, 900, 1800, 3600, 14400, 86400, None)
# Words of the sources that are counted by name, and how.
SOURCES = {"Booking Form": "booking_form", "BOOKING_FAILED": "booking_failed",
           "AI Recommendation": "ai_recommendation", "Face Analysis": "face_analysis",
           "Cost Calculator": "cost_calculator", "WhatsApp": "whatsapp"}
CONVERTED = ("approved", "CONVERTED")

# Scripts ------------------------------------------------------------------------------------------


def _resolved(name, done):
    with open(os.path.join(ROOT, "lua", name), encoding="utf-8") as snippet:
        text = snippet.read()

    def include(found):
        if found.group(1) in done:
            return ""
        done.add(found.group(1))
        return _resolved(found.group(1), done)

    return INCLUDE.sub(include, text)


LEAD_LIB = "#!lua\n" + _resolved("lib/lead.lua", {"lib/lead.lua"})
TAGS = ("{default}_", "_{default}") if CLUSTER else ("", "")

CHANGE = LEAD_LIB + """
local T, t, changes = ARGV[1], ARGV[2], {}
for i = 5, #ARGV, 2 do changes[ARGV[i]] = ARGV[i + 1] end
lead_change(T, t, lead_read(T, ARGV[3]), changes, ARGV[4])
"""

# Leads of one source, made on one day at `now`, that waited so many ms; every third is converted.
MADE = LEAD_LIB + """
local T, t, now = ARGV[1], ARGV[2], ARGV[3]
for i = 7, #ARGV do
    lead_listed(T, t, nil, {id = ARGV[4] .. i, source = ARGV[5], day = ARGV[6], created_at = now,
        has_contact = '1', is_active = '1', score = '50', updated_at = now,
        status = i % 3 == 0 and 'converted' or 'contacted',
        first_contact_at = string.format('%.0f', now + ARGV[i])}, now)
end
"""


def change(api, lead_id, now, **fields):
    """A lead gets other fields, and its lists and counters follow."""
    api.redis.text.eval(CHANGE, 1, f"crm_lead_{TAGS[0]}{lead_id}", *TAGS, lead_id, now,
                        *(part for pair in fields.items() for part in pair))


def make_contacted(api, source, now, times, name="x"):
    """Leads that have been contacted after so many ms: their lists and counters, no records."""
    day = date_of(now).replace("-", "")
    for at in range(0, len(times), 500):
        api.redis.text.eval(MADE, 1, f"crm_lead_{TAGS[0]}x", *TAGS, now, f"{name}{at}-", source,
                            day, *times[at:at + 500])


def date_of(now):
    return iso(now)[:10]


# Recounts -----------------------------------------------------------------------------------------


def rate(part, whole, digits=4):
    return Decimal(f"{float(part) / float(whole):.{digits}f}") if whole else None


def word(lead):
    return lead["source"] if lead["source"] in SOURCES else "other"


def within(leads, since, until):
    return [lead for lead in leads if since <= ms(lead["created_at"]) < until]


def waited(lead):
    return max(ms(lead["first_contact_at"]) - ms(lead["created_at"]), 0)


def seconds(milliseconds):
    return (milliseconds + 500) // 1000


def rank(values, percent):
    """Nearest rank."""
    return sorted(values)[-(-len(values) * percent // 100) - 1] if values else None


def quality_of(leads):
    counts = Counter(lead["quality"] for lead in leads)
    bands = Counter(min(lead["score"] // 10, 9) for lead in leads)
    return {
        **{name: counts[name] for name in ("HOT", "WARM", "COLD")}, "total": len(leads),
        "hot_warm_rate": rate(counts["HOT"] + counts["WARM"], len(leads)),
        "average_score": rate(sum(lead["score"] for lead in leads), len(leads), 1),
        "histogram": [{"from": 10 * n, "to": 100 if n == 9 else 10 * n + 9, "count": bands[n]}
                      for n in range(10)]}


def response_of(leads):
    contacted = [lead for lead in leads if lead["first_contact_at"]]
    times = [waited(lead) for lead in contacted]
    by_source = {}
    for lead in contacted:
        by_source.setdefault(word(lead), []).append(waited(lead))
    curve, before = [], -10**15
    for step in STEPS:
        end = 10**15 if step is None else 1000 * step
        inside = [lead for lead in contacted if before < waited(lead) <= end]
        won = sum(lead["status"] in CONVERTED for lead in inside)
        curve.append({"up_to_s": step, "leads": len(inside), "converted": won,
                      "rate": rate(won, len(inside))})
        before = end
    p50, p90 = rank(times, 50), rank(times, 90)
    return {
        "count": len(times), "uncontacted": len(leads) - len(times),
        "average_s": seconds(sum(times) // len(times)) if times else None,
        "p50_s": seconds(p50) if times else None, "p90_s": seconds(p90) if times else None,
        "within_300_s": rate(sum(time <= 300000 for time in times), len(times)),
        "within_3600_s": rate(sum(time <= 3600000 for time in times), len(times)),
        "by_source": {name: {"count": len(each), "average_s": seconds(sum(each) // len(each))}
                      for name, each in by_source.items()}, "curve": curve}


def sources_of(leads, revenue_of):
    """{source: row}. revenue_of: the amount that a lead has brought."""
    rows = {}
    for name in {word(lead) for lead in leads}:
        own = [lead for lead in leads if word(lead) == name]
        won = sum(lead["status"] in CONVERTED for lead in own)
        rows[name] = {
            "leads": len(own), "hot": sum(lead["quality"] == "HOT" for lead in own),
            "quality_leads": sum(lead["score"] > 70 for lead in own), "conversions": won,
            "conversion_rate": rate(won, len(own)),
            "revenue": sum(map(revenue_of, own), Decimal(0))}
    return rows


def campaigns_of(leads):
    counts = Counter((word(lead), lead["utm_campaign"]) for lead in leads if lead["utm_campaign"])
    won = Counter((word(lead), lead["utm_campaign"]) for lead in leads
                  if lead["status"] in CONVERTED)
    return {each: (count, won[each]) for each, count in counts.items()}


def overview_of(leads, since, until):
    now, before = within(leads, since, until), within(leads, 2 * since - until, since)

    def converted(some):
        return sum(lead["status"] in CONVERTED for lead in some)

    def average(some):
        return rate(sum(lead["score"] for lead in some), len(some), 1)

    series = []
    for start in range(since, until, DAY):
        made = within(leads, start, start + DAY)
        series.append({"date": date_of(start), "leads": len(made), "converted": converted(made),
                       "conversion_rate": rate(converted(made), len(made))})
    value, previous = rate(converted(now), len(now)), rate(converted(before), len(before))
    return {
        "leads": {"total": len(now), "previous": len(before),
                  "change": rate(len(now) - len(before), len(before))},
        "average_score": {"value": average(now), "previous": average(before)},
        "conversion_rate": {"value": value, "previous": previous,
                            "change": rate(10000 * (value - previous), 10000 * previous)
                            if value is not None and previous else None},
        "series": series}
