#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns text files into C strings: embed_text.py OUTPUT.c PREFIX FILE...

Each FILE `deploy.sh` becomes `const char PREFIX_deploy_sh[]`, so that scripts are kept, read and checked as scripts."""

import re
import sys
from pathlib import Path


def c_string(text):
    def escape(line):
        return line.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("??", '?""?')

    lines = text.split("\n")
    parts = [f'    "{escape(line)}\\n"' for line in lines[:-1]]
    if lines[-1]:
        parts.append(f'    "{escape(lines[-1])}"')
    return "\n".join(parts) or '    ""'


def main():
    output, prefix, *files = sys.argv[1:]
    out = ["// Made by tools/embed_text.py."]
    for file in files:
        name = prefix + "_" + re.sub(r"[^A-Za-z0-9]", "_", Path(file).name)
        out.append(f"extern const char {name}[];\nconst char {name}[] =\n{c_string(Path(file).read_text(encoding='ascii'))};")
    Path(output).write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
