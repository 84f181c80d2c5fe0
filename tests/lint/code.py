# code.py: habits of the C files and of the tests that neither compiler nor formatter knows.
#
# SPDX-License-Identifier: MIT
import re

from common import below, files, finish, read

MOST_FUNCTION_LINES = 100

faults = []


def functions(lines):
    """(first line, its lines) of each body: its braces stand alone in the first column."""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif start and line.startswith("}"):
            yield start, lines[start:number - 1]
            start = None


for path in files(".c", ".cc", ".h"):
    text = read(path)
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if re.search(r"\btypedef\s+(struct|union|enum)\b", line):
            faults.append(f"{path}:{number}: a typedef that hides what the thing is")
        if below(path, "tests") and re.search(r"\b(u|nano)?sleep\(", line):
            faults.append(f"{path}:{number}: a sleep in a test: poll with a deadline")
    for start, body in functions(lines):
        if len(body) > MOST_FUNCTION_LINES:
            faults.append(f"{path}:{start}: a function of {len(body)} lines")
        labels = [
            line for line in body
            if re.fullmatch(r"\s*[a-z_]\w*:", line) and line.strip() != "default:"
        ]
        if len(labels) > 1:
            faults.append(f"{path}:{start}: {len(labels)} labels in one function, at most one")
    for macro in re.finditer(r"^ *# *define (?:[^\n]*\\\n)*[^\n]*", text, re.M):
        if re.search(r"\b(return|goto)\b", macro.group()):
            line = text.count("\n", 0, macro.start()) + 1
            faults.append(f"{path}:{line}: a macro that hides control flow")
    if path.suffix == ".h":
        for function in re.finditer(r"^(?:static inline )?enum err (\w+)\(", text, re.M):
            line = text.count("\n", 0, function.start()) + 1
            if not function.group(1).startswith(
                    "err_"):  # err.h turns one sort of error into another
                faults.append(
                    f"{path}:{line}: {function.group(1)} returns enum err without MUST_CHECK")

for path in files(".py"):
    if below(path, "tests") and path.name.startswith("test_"):
        for number, line in enumerate(read(path).splitlines(), 1):
            if re.search(r"\bsleep\(", line):
                faults.append(f"{path}:{number}: a sleep in a test: poll with a deadline")

finish(faults)
