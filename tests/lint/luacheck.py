# luacheck.py: luacheck (.luacheckrc) on the expanded scripts: luacheck.py <build>/lua
#
# A snippet of lua/lib may bring more names than one script needs; only those may go unused.
#
# SPDX-License-Identifier: MIT
import pathlib
import re
import sys

from common import TOP, run_tool

scripts = sorted(pathlib.Path(sys.argv[1]).glob("*.lua"))
if not scripts:
    sys.exit(0 if not list((TOP /
                            "lua").glob("*.lua")) else f"no scripts in {sys.argv[1]}: build first")

shared = set()
for snippet in (TOP / "lua/lib").glob("*.lua"):
    shared.update(re.findall(r"^local (?:function )?(\w+)", snippet.read_text(), re.M))
ignore = ["--ignore", *(f"211/^{name}$" for name in sorted(shared))] if shared else []
run_tool("luacheck", "--quiet", "--no-color", "--no-cache", *scripts, *ignore)
