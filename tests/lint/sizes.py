# sizes.py: no file over 600 lines, no line of Python over 100 columns (C has clang-format, Lua
# luacheck).
#
# SPDX-License-Identifier: MIT
from common import files, finish, read, shell_scripts

MOST_LINES = 600
MOST_COLUMNS = 100

code = files(".c", ".cc", ".h", ".lua", ".py", ".js", ".cmake") + shell_scripts()
faults = []
for path in code:
    lines = read(path).splitlines()
    if len(lines) > MOST_LINES:
        faults.append(
            f"{path}:1: {len(lines)} lines, at most {MOST_LINES}: cut it where one idea ends")
    for number, line in enumerate(lines, 1):
        if path.suffix == ".py" and len(line) > MOST_COLUMNS:
            faults.append(f"{path}:{number}: {len(line)} columns, at most {MOST_COLUMNS}")
finish(faults)
