# contracts.py: every file says what it is; every script says its keys, and keeps to what it may do.
#
# That a script's name, @keys and Returns are there is checked by lua/embed.cmake.
#
# SPDX-License-Identifier: MIT
import re

from common import TOP, below, files, finish, read, shell_scripts, table_rows, unquote

faults = []

# The top of a file: its name, and the licence.
for path in files(".c", ".h", ".def", ".lua", ".py", ".js", ".cmake") + shell_scripts():
    text = read(path)
    if not text.strip():
        continue
    top = text.splitlines()[:30]
    named = path.suffix == ".py" and text.startswith(
        '"""')  # a module's docstring, which help() shows
    if not named and not any(re.search(rf"\b{re.escape(path.stem)}\b", line) for line in top[:4]):
        faults.append(f"{path}:1: the first lines do not name the file and say what it is for")
    if path.suffix not in (".def", ".lua") and not any("SPDX-License-Identifier: MIT" in line
                                                       for line in top):
        faults.append(f"{path}:1: no line SPDX-License-Identifier: MIT at the top")

# The commands that deploy/users.acl lets the service run: those of the scripts, those that
# src/store sends itself, and no other.
STORE_SENDS = {"auth", "select", "client|setname", "info", "ping", "script|load", "evalsha"}
ACL = "deploy/users.acl"
allowed = set()
for line in (TOP / ACL).read_text().splitlines():
    if line.startswith("user kvcrm "):
        allowed = set(re.findall(r"\+([a-z|]+)", line))
if not allowed:
    faults.append(f"{ACL}:1: no line for the user kvcrm")

error_words = {
    unquote(arguments[3])
    for _, _, arguments in table_rows("include/kvcrm/base/err.def")
}

CALL = re.compile(r"\bp?call\(\s*(['\"])(\w+)\1(?:\s*,\s*(['\"])(\w+)\3)?")
SUBCOMMANDS = {"xinfo", "script", "client", "object", "config"}
UNBOUNDED = {"keys", "scan", "flushall", "flushdb", "time", "randomkey"}


def without_comments(text):
    return re.sub(r"--[^\n]*", "", text)


used = set(STORE_SENDS)
for path in files(".lua"):
    if not below(path, "lua"):
        continue
    text = read(path)
    code = without_comments(text)
    for call in CALL.finditer(code):
        command = call.group(2).lower()
        if command in UNBOUNDED:
            faults.append(
                f"{path}:1: {command.upper()}: scripts neither search the database nor ask "
                "for the time")
            continue
        if command in SUBCOMMANDS and call.group(4):
            command += "|" + call.group(4).lower()
        used.add(command)
        if command not in allowed:
            faults.append(f"{path}:1: {command} is not in {ACL}")
    for word in re.findall(r"error_reply\(\s*['\"](\w+)", code):
        if word not in error_words:
            faults.append(f"{path}:1: the error word {word} has no row in err.def")
    if re.search(r"\b(os\.|math\.random)", code):
        faults.append(f"{path}:1: time and chance come in as arguments")

    # Every declared key is explained: KEYS[3], or a range KEYS[2..4], KEYS[2…].
    keys = re.search(r"^-- @keys ([0-9]+)$", text, re.M)
    contract = "\n".join(line for line in text.splitlines() if line.startswith("--"))
    said = {int(i) for i in re.findall(r"KEYS\[([0-9]+)\]", contract)}
    for first, last in re.findall(r"KEYS\[([0-9]+)(?:\.\.\.?|…)([0-9]*)\]", contract):
        said.update(range(int(first), int(last or first) + 1))
    for i in range(1, int(keys.group(1)) + 1 if keys else 0):
        if i not in said:
            faults.append(f"{path}:1: the contract does not say what KEYS[{i}] is")

for command in sorted(allowed - used):
    faults.append(f"{ACL}:1: nothing uses {command}, so the service may not run it")
finish(faults)
