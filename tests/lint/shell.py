# shell.py: shellcheck has nothing to say about the shell scripts.
#
# SPDX-License-Identifier: MIT
from common import run_tool, shell_scripts

run_tool("shellcheck", "--external-sources", *shell_scripts())
