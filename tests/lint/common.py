# common.py: what the checks of tests/lint share: the project's files, and how faults are told.
#
# A check is a program: it collects faults as "path:line: sentence" and ends with finish().
#
# SPDX-License-Identifier: MIT
import os
import pathlib
import re
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
NOT_OURS = {
    ".git", "build", "node_modules", "kvcrm-data", "__pycache__", ".pytest_cache", ".hypothesis",
    "corpus"
}


def files(*suffixes):
    """Paths of the project's files, relative to TOP, in order; all of them without suffixes.

    The folders are walked, git is not asked: the checks also work in an unpacked archive.
    """
    found = []
    for folder, below, names in os.walk(TOP):
        below[:] = [name for name in below if name not in NOT_OURS]
        for name in names:
            path = (pathlib.Path(folder) / name).relative_to(TOP)
            if not suffixes or path.suffix in suffixes:
                found.append(path)
    return sorted(found)


def read(path):
    """The file's text; bytes that are no UTF-8 do not stop a check."""
    return (TOP / path).read_text(encoding="utf-8", errors="replace")


def below(path, *folders):
    return any(str(path).startswith(folder + "/") for folder in folders)


def shell_scripts():
    return [path for path in files(".sh", "") if re.match(r"#!.*\b(ba)?sh\b", read(path)[:80])]


def table_rows(path):
    """Rows of a .def file: [(line, macro, [arguments as written])]; ValueError at a fault."""
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), read(path), flags=re.S)
    text = re.sub(r"^#.*", "", text, flags=re.M)
    rows, at = [], 0
    while True:
        at += len(text[at:]) - len(text[at:].lstrip())
        if at == len(text):
            return rows
        line = text.count("\n", 0, at) + 1
        head = re.compile(r"([A-Z][A-Z0-9_]*)\s*\(").match(text, at)
        if not head:
            raise ValueError(f"{path}:{line}: neither a row nor a comment")
        arguments, at = split_arguments(text, head.end())
        if arguments is None:
            raise ValueError(f"{path}:{line}: a row that does not end")
        rows.append((line, head.group(1), arguments))


def split_arguments(text, at):
    """The arguments from at to the closing parenthesis, and the position after it."""
    arguments, depth, start = [], 0, at
    for token in re.compile(r'"(?:[^"\\]|\\.)*"|[][(){},]').finditer(text, at):
        mark = token.group()
        if mark in "([{":
            depth += 1
        elif mark in ")]}" and depth > 0:
            depth -= 1
        elif mark in ",)" and depth == 0:
            arguments.append(text[start:token.start()].strip())
            start = token.end()
            if mark == ")":
                return arguments, token.end()
    return None, at


def unquote(argument):
    """The text of a C string without escapes; None for anything else (NULL)."""
    pieces = re.findall(r'"([^"]*)"', argument)
    return "".join(pieces) if pieces else None


def finish(faults):
    for fault in faults:
        print(fault)
    if faults:
        sys.exit(f"{len(faults)} faults")


def run_tool(tool, *arguments):
    """Ends the check with the tool's exit status; a tool that is not installed is a fault too."""
    if not shutil.which(tool):
        sys.exit(f"{tool} is not installed (deploy/packages.sh lists its package)")
    sys.exit(subprocess.run([tool, *map(str, arguments)], cwd=TOP).returncode)
