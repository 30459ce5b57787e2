#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns recipes/ into a C file: a table of files, and an index of overlays.

usage: embed.py RECIPES OUTPUT.c DEPFILE RECORD

RECORD is the program that parses documents (src/model/record.c), built just before.

Standard library only, because it runs in every build. The index needs a few scalars from the head of each overlay; they
are read by a small scanner that knows block style with plain or quoted scalars and refuses everything else, and a unit
test compares the whole index with what the real loader reads.
"""
import hashlib
import os
import re
import subprocess
import sys

FIELDS = ["service", "accelerator", "intent", "os", "platform"]
SKIPPED_SUFFIXES = (".md", "~", ".swp")


class Refused(Exception):
    pass


def list_files(root):
    files, folders = [], []
    for folder, names, entries in os.walk(root):
        names.sort()
        names[:] = [name for name in names if not name.startswith(".")]
        folders.append(folder)
        for entry in sorted(entries):
            if not entry.startswith(".") and not entry.endswith(SKIPPED_SUFFIXES):
                files.append(os.path.join(folder, entry))
    return files, folders


def scalar(text, where):
    text = text.strip()
    quoted = re.fullmatch(r"\"([^\"\\]*)\"(\s+#.*)?|'([^']*)'(\s+#.*)?", text)
    if quoted:
        return quoted.group(1) if quoted.group(1) is not None else quoted.group(3)
    text = re.sub(r"(^|\s)#.*$", "", text).strip()
    if text and text[0] in "{[&*!|>%@`\"'":
        raise Refused(f"{where}: write this scalar plain or in simple quotes, the index of overlays is made from it")
    return text


def read_head(path, text):
    """The value of metadata.name, spec.base and spec.criteria.*, by (indent, key) of block mappings."""
    found, stack = {}, []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#") or line.startswith("---"):
            continue
        if "\t" in line[: len(line) - len(line.lstrip())]:
            raise Refused(f"{path}:{number}: tab in indentation")
        indent = len(line) - len(line.lstrip())
        while stack and stack[-1][0] >= indent:
            stack.pop()
        match = re.match(r"\s*([A-Za-z_][\w-]*):(\s.*)?$", line)
        if not match:
            stack.append((indent, None))
            continue
        stack.append((indent, match.group(1)))
        keys = tuple(key for _, key in stack)
        if keys in {("metadata", "name"), ("spec", "base"), ("spec", "criteria")} or (
            len(keys) == 3 and keys[:2] == ("spec", "criteria")
        ):
            if keys in found:
                raise Refused(f"{path}:{number}: {'.'.join(keys)} stands here a second time")
            found[keys] = scalar(match.group(2) or "", f"{path}:{number}")
    return found


def any_is_none(value):
    return None if value in ("", "any", "~", "null") else value


def overlay_row(root, path):
    with open(path, encoding="utf-8") as file:
        head = read_head(path, file.read())
    name = head.get(("metadata", "name"))
    if not name:
        raise Refused(f"{path}: metadata.name is missing")
    row = {"path": os.path.relpath(path, root), "name": name, "base": head.get(("spec", "base")) or None, "criteria": {}}
    if row["base"] == "base":
        row["base"] = None
    row["has_criteria"] = ("spec", "criteria") in head
    for keys, value in head.items():
        if len(keys) == 3:
            if keys[2] not in FIELDS + ["nodes"]:
                raise Refused(f"{path}: unknown criterion {keys[2]}; known: {', '.join(FIELDS)}, nodes")
            row["criteria"][keys[2]] = any_is_none(value)
    return row


def literal(data):
    """C string literals, one line each of the source, so that the result can be read and diffed."""
    lines = []
    for line in data.split(b"\n"):
        escaped = []
        for byte in line:
            if byte in b'"\\?':
                escaped.append("\\" + chr(byte))
            elif 32 <= byte < 127:
                escaped.append(chr(byte))
            else:
                escaped.append(f"\\{byte:03o}")
        lines.append("".join(escaped))
    text = [f'    "{line}\\n"' for line in lines[:-1]]
    if lines[-1] or not text:
        text.append(f'    "{lines[-1]}"')
    return "\n".join(text)


def c_text(value):
    return "NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def is_document(relative):
    """Manifests are templates, which are no documents before they are rendered."""
    return relative.endswith((".yaml", ".yml")) and "manifests" not in relative.split("/")


def record(program, paths):
    """The recorded form of each path. The program writes, for each, the length as a line, then the bytes."""
    done = subprocess.run([program, *paths], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise Refused("a file of recipes/ is no document, see above")
    rest, found = done.stdout, []
    for _ in paths:
        length, rest = rest.split(b"\n", 1)
        found.append(rest[: int(length)])
        rest = rest[int(length) :]
    return found


def write_files(out, root, files, program):
    """Writes the table of files; returns the catalog's digest (docs/recipe-catalog.md)."""
    rows, index = [], hashlib.sha256()
    documents = [path for path in files if is_document(os.path.relpath(path, root).replace(os.sep, "/"))]
    recorded = dict(zip(documents, record(program, documents) if documents else []))
    for number, path in enumerate(files):
        with open(path, "rb") as file:
            data = file.read()
        out.append(f"static const char file_{number}[] =\n{literal(data)};\n")
        relative = os.path.relpath(path, root).replace(os.sep, "/")
        digest = hashlib.sha256(data).hexdigest()
        index.update(f"{digest}  {relative}\n".encode())
        row = f"    {{{c_text(relative)}, file_{number}, {len(data)}, .name = {c_text('recipes/' + relative)}"
        row += f", .digest = {c_text(digest)}"
        if path in recorded:
            out.append(f"static const char record_{number}[] =\n{literal(recorded[path])};\n")
            row += f", .recorded = record_{number}, .recorded_length = {len(recorded[path])}"
        rows.append(row + "},")
    out.append("static const struct embedded_file files[] = {\n" + "\n".join(rows + ["    {0}"]) + "\n};\n")
    return "sha256:" + index.hexdigest()


def catalog_head(root):
    """Members of metadata in catalog.yaml: name, version, released."""
    path, found = os.path.join(root, "catalog.yaml"), {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            for line in file:
                member = re.match(r"  (name|version|released):\s(.*)$", line)
                if member:
                    found[member.group(1)] = scalar(member.group(2), path)
    return found


def write_overlays(out, overlays):
    rows = []
    for row in overlays:
        fields = [
            f"[CRITERIA_{name.upper()}] = {c_text(row['criteria'][name])}"
            for name in FIELDS
            if row["criteria"].get(name) is not None
        ]
        criteria = f"{{{{{', '.join(fields) or '0'}}}, {int(row['criteria'].get('nodes') or 0)}}}"
        has_criteria = "true" if row["has_criteria"] else "false"
        rows.append(
            f"    {{{c_text(row['path'])}, {c_text(row['name'])}, {c_text(row['base'])}, {criteria}, {has_criteria}}},"
        )
    out.append("static const struct embedded_overlay overlays[] = {\n" + "\n".join(rows + ["    {0}"]) + "\n};\n")


def main():
    root, output, depfile, program = sys.argv[1:5]
    files, folders = list_files(root)
    files.sort(key=lambda path: os.path.relpath(path, root).encode())
    prefix = os.path.join(root, "overlays") + os.sep
    overlays = [overlay_row(root, path) for path in files if path.startswith(prefix) and path.endswith((".yaml", ".yml"))]
    overlays.sort(key=lambda row: row["name"].encode())
    for first, second in zip(overlays, overlays[1:]):
        if first["name"] == second["name"]:
            raise Refused(f"{first['path']} and {second['path']} are both named {first['name']}")
    out = ['// Made by tools/embed.py from recipes/. Not a source file.\n#include "model/embedded.h"\n']
    digest = write_files(out, root, files, program)
    head = catalog_head(root)
    write_overlays(out, overlays)
    out.append(
        "const struct embedded_knowledge embedded_knowledge = {\n"
        f"    .files = files, .file_count = {len(files)}, .overlays = overlays, .overlay_count = {len(overlays)},\n"
        f"    .name = {c_text(head.get('name'))}, .version = {c_text(head.get('version'))},\n"
        f"    .released = {c_text(head.get('released'))}, .digest = {c_text(digest)}}};\n"
    )
    with open(output, "w", encoding="utf-8") as file:
        file.write("\n".join(out))
    with open(depfile, "w", encoding="utf-8") as file:
        escape = lambda path: path.replace(" ", "\\ ")
        watched = files + folders if folders else [os.path.dirname(root) or "."]
        file.write(escape(output) + ": " + " ".join(escape(path) for path in watched) + "\n")


if __name__ == "__main__":
    try:
        main()
    except Refused as refused:
        sys.exit(f"embed.py: {refused}")
