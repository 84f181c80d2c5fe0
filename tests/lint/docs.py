# docs.py: API.md has every operation and error code, KEYS.md every key pattern and none besides.
#
# SPDX-License-Identifier: MIT
import re

from common import TOP, finish, read, table_rows, unquote

OPS = "include/kvcrm/ops/ops.def"
ERRORS = "include/kvcrm/base/err.def"
KEYS = "include/kvcrm/model/keys.def"

faults = []
missing = [path for path in ("API.md", "KEYS.md", OPS) if not (TOP / path).exists()]
if missing:
    finish([f"{path}:1: there is no such file yet" for path in missing])

api = read("API.md")
for line, _, arguments in table_rows(OPS):
    method, route = unquote(arguments[1]), unquote(arguments[2])
    if not re.search(rf"{method}`?[ |]+`?{re.escape(route)}(?![\w/{{:-])", api):
        faults.append(f"{OPS}:{line}: API.md does not have {method} {route}")
for line, _, arguments in table_rows(ERRORS):
    code = unquote(arguments[1])
    if f"`{code}`" not in api:
        faults.append(f"{ERRORS}:{line}: API.md does not have the code `{code}`")

# A section is a heading with the pattern: crm_contact_email_<T><email>, crm_feed<t>.
patterns = {}
for line, _, arguments in table_rows(KEYS):
    prefix, rest = unquote(arguments[1]), unquote(arguments[2])
    patterns[prefix + (f"<T>{rest}" if rest else "<t>")] = line
sections = {}
for number, line in enumerate(read("KEYS.md").splitlines(), 1):
    if line.startswith("#"):
        for pattern in re.findall(r"`(crm_[^`]*)`", line):
            sections[pattern] = number
for pattern in patterns.keys() - sections.keys():
    faults.append(f"{KEYS}:{patterns[pattern]}: KEYS.md has no heading with `{pattern}`")
for pattern in sections.keys() - patterns.keys():
    faults.append(f"KEYS.md:{sections[pattern]}: `{pattern}` has no row in keys.def")
finish(sorted(faults))
