#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that the source tree keeps the rules of docs/architecture.md that a compiler does not see: who may include
whom, who may include a library's headers, what the pure engines may call, and how a file begins.

usage: check_layers.py [SOURCE_ROOT]    exit 0: all kept; 1: one line per breach"""

import re
import sys
from pathlib import Path

# A folder may include its own headers and those of the folders named here.
GROUND = ("base",)
DOCUMENTS = ("base", "doc")
PURE = ("base", "doc", "model")
EFFECTS = PURE + ("io",)
ENGINES = ("catalog", "recipe", "bundle", "diff", "policy", "collect", "validate", "oci", "trust", "store")
MAY_INCLUDE = {
    "base": (),
    "doc": GROUND,
    "model": DOCUMENTS,
    "io": DOCUMENTS,
    "catalog": PURE,
    "recipe": PURE + ("catalog",),
    "lint": PURE + ("catalog", "recipe"),
    "bundle": PURE,
    "migrate": PURE,
    "diff": PURE,
    "policy": PURE,
    "collect": EFFECTS,
    "validate": EFFECTS,
    "oci": EFFECTS,
    "trust": EFFECTS,
    "store": EFFECTS,
    "plugin": EFFECTS + ENGINES,
    "usecase": EFFECTS + ENGINES + ("lint", "migrate", "plugin"),
    "cli": PURE + ("usecase",),
    "server": PURE + ("usecase",),
}
PURE_FOLDERS = ("catalog", "recipe", "lint", "bundle", "migrate", "diff", "policy")

# A library's headers are included in its owner only.
LIBRARY_OWNERS = {
    r"yaml\.h|jv\.h|jq\.h": "doc",
    r"curl/.*|expat\.h|systemd/.*|nvml\.h|openssl/.*|git2.*|archive.*|sqlite3\.h|libpq.*|hwloc.*|zlib\.h|zstd\.h": "io",
    r"microhttpd\.h|grpc/.*|protobuf-c/.*": "server",
}
LIBRARY_OWNERS = {re.compile(f"(?:{pattern})$"): owner for pattern, owner in LIBRARY_OWNERS.items()}

# What reaches outside the process has no place in a pure engine.
IMPURE_HEADERS = {"base/file.h", "base/clock.h", "base/process.h", "fcntl.h", "unistd.h", "time.h", "dirent.h",
                  "sys/stat.h", "sys/socket.h", "spawn.h", "pthread.h", "dlfcn.h"}
IMPURE_CALL = re.compile(r"(?<![\w.>])(fopen|open|openat|read|write|getenv|secure_getenv|time|clock_gettime|gettimeofday|"
                         r"popen|system|fork|socket|printf|puts|rand|random|getpid|dlopen)\s*\(")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')
STRING_OR_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?\*/', re.S)
SPDX = "SPDX-License-Identifier: Apache-2.0"
SPDX_SUFFIXES = {".c", ".h", ".py", ".sh", ".build"}


def code_only(text):
    """The text with strings and comments blanked, line numbers kept."""
    return STRING_OR_COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def includes_of(text):
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1) == '"', match.group(2)


def check_includes(path, folder, text):
    for number, is_ours, header in includes_of(text):
        if not is_ours or folder not in MAY_INCLUDE:
            continue
        target = header.split("/", 1)[0]
        if "/" not in header or ".." in header:
            yield number, f'"{header}": write the path from src/, as in "base/error.h"'
        elif target not in MAY_INCLUDE:
            yield number, f'"{header}": {target} is no folder of the table in tools/check_layers.py'
        elif target != folder and target not in MAY_INCLUDE[folder]:
            allowed = ", ".join(MAY_INCLUDE[folder]) or "the C library"
            yield number, f'"{header}": {folder} may include only {allowed}'


def check_libraries(path, folder, text):
    if not folder and path.parent.name in ("bench", "fakes"):
        return  # a baseline is a library used bare; a fake is what the library talks to
    for number, _, header in includes_of(text):
        for pattern, owner in LIBRARY_OWNERS.items():
            if pattern.match(header) and folder != owner:
                yield number, f"<{header}>: only src/{owner} may include this library"


def check_purity(path, folder, text):
    if folder not in PURE_FOLDERS:
        return
    for number, _, header in includes_of(text):
        if header in IMPURE_HEADERS:
            yield number, f"{header}: {folder} is pure: no files, network, clock or environment"
    for number, line in enumerate(code_only(text).splitlines(), 1):
        match = IMPURE_CALL.search(line)
        if match:
            yield number, f"{match.group(1)}(): {folder} is pure: no files, network, clock or environment"


def check_header(path, folder, text):
    """A header begins: licence, #pragma once, a paragraph that says what this is."""
    if path.suffix != ".h":
        return
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2 or lines[1].strip() != "#pragma once":
        yield 2, "#pragma once is missing as the second line"
    elif len(lines) < 3 or not lines[2].startswith("//"):
        yield 3, "the opening paragraph is missing: what this is, who owns what"


def check_licence(path, folder, text):
    first = text.splitlines()[:2]
    if text.startswith("#!"):
        first = first[1:]
    if not first or SPDX not in first[0]:
        yield 1, f"the first line (after #!) must be: {SPDX}"


CODE_CHECKS = (check_includes, check_libraries, check_purity, check_header)


def folder_of(root, path):
    """src/doc/yaml.c -> "doc"; files in src/ itself and tests are bound by no layer."""
    parts = path.relative_to(root).parts
    return parts[1] if parts[0] == "src" and len(parts) > 2 else ""


def files_to_check(root):
    for top in ("src", "tests", "tools", "include", ".ci"):
        for path in sorted((root / top).rglob("*")):
            if path.is_file() and not path.is_symlink() and not {"seeds", "__pycache__"} & set(path.parts):
                yield path


def breaches(root):
    for path in files_to_check(root):
        is_script = path.suffix == "" and path.read_bytes()[:2] == b"#!"
        if path.suffix not in SPDX_SUFFIXES and not is_script:
            continue
        text = path.read_text()
        # A case's input files are data.
        if "cases" in path.parts and path.parent.name != "cases":
            continue
        checks = (check_licence,) + (CODE_CHECKS if path.suffix in (".c", ".h") else ())
        for check in checks:
            for number, message in check(path, folder_of(root, path), text):
                yield f"{path.relative_to(root)}:{number}: {message}"


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]).resolve()
    if not (root / "src").is_dir():
        print(f"{root}: no src/ here", file=sys.stderr)
        return 2
    found = list(breaches(root))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
