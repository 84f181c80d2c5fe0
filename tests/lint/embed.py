# embed.py: lua/embed.cmake embeds what it should, and refuses what breaks the contract of a script.
#
# SPDX-License-Identifier: MIT
import hashlib
import pathlib
import subprocess
import tempfile

from common import TOP, finish

GOOD = """#!lua flags=no-writes
-- one: answers what it was given.
-- @keys 2
-- Returns  {text}
-- @include lib/a.lua
-- @include lib/b.lua

return {a, b, 'one; [two] "three" \\\\ $x ${y} @z@ ü'}
"""
SNIPPETS = {"a.lua": "-- @include lib/b.lua\nlocal a = b\n", "b.lua": "local b = ';'\n"}
EXPANDED = GOOD.replace("-- @include lib/a.lua",
                        "local b = ';'\nlocal a = b").replace("-- @include lib/b.lua\n", "")

faults = []


def embed(scripts, snippets):
    """What the embedder makes, in its own folder: (output when it refused, expanded, C, header)."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "lua/lib").mkdir(parents=True)
        for file, text in scripts.items():
            (folder / "lua" / file).write_text(text)
        for file, text in snippets.items():
            (folder / "lua/lib" / file).write_text(text)
        (folder / "list").write_text(";".join(str(folder / "lua" / file) for file in scripts))
        made = {name: folder / name for name in ("out", "c", "h")}
        run = subprocess.run([
            "cmake", f"-DSOURCE_DIR={folder}/lua", f"-DLIST={folder}/list",
            f"-DLUA_DIR={made['out']}", f"-DC_FILE={made['c']}", f"-DHEADER={made['h']}", "-P",
            TOP / "lua/embed.cmake"
        ],
                             capture_output=True,
                             text=True)
        if run.returncode:
            return " ".join(run.stderr.split()), {}, "", ""
        expanded = {path.name: path.read_text() for path in made["out"].glob("*.lua")}
        return None, expanded, made["c"].read_text(), made["h"].read_text()


def expect(name, holds):
    if not holds:
        faults.append(f"lua/embed.cmake:1: {name}")


def refuses(name, script, said, **snippets):
    snippets = {f"{stem}.lua": text for stem, text in snippets.items()}
    output, _, _, _ = embed({"one.lua": script}, {**SNIPPETS, **snippets})
    expect(f"{name}: expected a refusal with \"{said}\", got {output}", output and said in output)


output, expanded, c, header = embed({"one.lua": GOOD}, SNIPPETS)
expect(f"refuses a good script: {output}", output is None)
expect("expands each include once and changes nothing else", expanded.get("one.lua") == EXPANDED)
expect("knows the digest", hashlib.sha1(EXPANDED.encode()).hexdigest() in c)
expect("knows keys and flags", ", 2, false}" in c)
expect("embeds every byte", "".join(f"0x{byte:02x}," for byte in EXPANDED.encode())
       in c.replace("\n", ""))
expect("declares the script", "extern const struct script script_one;" in header)

_, _, c, _ = embed({"one.lua": GOOD.replace(" flags=no-writes", "")}, SNIPPETS)
expect("a script without flags writes", ", 2, true}" in c)
_, _, c, _ = embed({}, {})
expect("no scripts at all make an empty table", "scripts[] = {\n    NULL,\n}" in c)

refuses("another first line", GOOD.replace("#!lua", "#!lua5"), "first line")
refuses("another name", GOOD.replace("one:", "two:"), "-- one:")
refuses("no number of keys", GOOD.replace("@keys 2", "@keys"), "@keys")
refuses("no reply", GOOD.replace("Returns", "Gives"), "Returns")
refuses("a missing snippet", GOOD.replace("lib/a", "lib/c"), "one.lua -> lib/c.lua")
refuses("a circle",
        GOOD,
        "one.lua -> lib/a.lua -> lib/b.lua -> lib/a.lua",
        b="-- @include lib/a.lua\n")
refuses("a path out of lib", GOOD.replace("lib/a", "../a"), "expected lib/<name>.lua")
refuses("an include that is none", GOOD.replace("-- @include lib/a", "--@include lib/a"),
        "@include")
refuses("no newline at the end", GOOD.rstrip("\n"), "newline")
finish(faults)
