# rows.py: every acceptance row that rows.txt claims is proved by a test with its id in the name.
#
# SPDX-License-Identifier: MIT
import re

from common import TOP, below, files, finish, read

FILE = "tests/lint/rows.txt"

# The C, Python and browser tests define tests by a name, alone or as a function.
named = set()
for path in files(".py", ".c", ".js"):
    if below(path, "tests") and not below(path, "tests/lint", "tests/support"):
        named.update(re.findall(r"\btest_([a-ex][0-9]{2})_[a-z0-9_]+", read(path)))

faults, seen = [], set()
for number, line in enumerate((TOP / FILE).read_text().splitlines(), 1):
    row = line.strip()
    if not row or row.startswith("#"):
        continue
    name = row.lower().replace("-", "")
    if not re.fullmatch(r"[A-EX]-[0-9]{2}", row):
        faults.append(f"{FILE}:{number}: {row} is no row's id")
    elif row in seen:
        faults.append(f"{FILE}:{number}: {row} stands here twice")
    elif name not in named:
        faults.append(f"{FILE}:{number}: {row} has no test: expected a name with test_{name}_")
    seen.add(row)
finish(faults)
