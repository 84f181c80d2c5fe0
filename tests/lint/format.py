# format.py: all C is as clang-format writes it (.clang-format). To mend: clang-format -i <file>.
#
# SPDX-License-Identifier: MIT
from common import files, run_tool

run_tool("clang-format", "--dry-run", "-Werror", *files(".c", ".cc", ".h"))
