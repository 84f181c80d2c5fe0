# words.py: words that promise later, paths of one machine, and hosts that a file must not name.
#
# Each word is written here so that this file does not find itself.
#
# SPDX-License-Identifier: MIT
import re

from common import files, finish, read

WORDS = [
    (re.compile(r"\b(TOD[O]|FIXM[E]|XX[X]|HAC[K])\b"), "do it, or leave it out"),
    (re.compile(r"not[ ]implemented"), "do it, or leave it out"),
    (re.compile(r"(?<![\w.$}<>])/(wor[k]|far[m]|roo[t]|hom[e])/"), "a path of one machine"),
    (re.compile(r"registry[.]npmjs|registry[.]yarnpkg|pypi[.]org|pythonhosted[.]org"),
     "the name of a registry's host"),
]

faults = []
for path in files():
    if "lock" in path.name:
        continue
    for number, line in enumerate(read(path).splitlines(), 1):
        for word, sentence in WORDS:
            found = word.search(line)
            if found:
                faults.append(f"{path}:{number}: {found.group()}: {sentence}")
finish(faults)
