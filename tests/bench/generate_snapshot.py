#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a large snapshot whose readings look like those of many nodes' kernel settings.

usage: generate_snapshot.py [--readings N] [--subtypes N] [--format yaml|json] [--output FILE]

The same arguments give the same bytes. A million readings in the default thousand subtypes are 53 MB of YAML, 44 MB of
JSON. The subtypes server and release are always there, so that a recipe's constraints find something."""

import argparse
import sys

FAMILIES = ("net/ipv4/conf", "net/ipv6/conf", "net/mpls/conf", "dev/raid/conf")
SETTINGS = ("tag", "mtu", "mode", "input", "rp_filter", "autoconf", "keep", "medium")
VALUES = ("0", "1", "2", "128", "1500", "60", "4096", "30000")
SMALL = (("K8s", "server", (("version", "v1.33.5-eks-3025e55"), ("platform", "linux/amd64"))),
         ("OS", "release", (("ID", "ubuntu"), ("VERSION_ID", "24.04"))))
METADATA = {"timestamp": "2026-01-02T03:04:05Z", "version": "0.1.0", "source-node": "generated"}
CHUNK = 4096


def readings(start, count):
    """Pairs of key and value, all keys different within a count of a billion."""
    for i in range(start, start + count):
        family, setting = FAMILIES[i & 3], SETTINGS[i >> 2 & 7]
        yield f"/proc/sys/{family}/e{i >> 5:x}/{setting}", VALUES[i * 7 >> 3 & 7]


class Yaml:
    head = ("kind: Snapshot\napiVersion: cns.nvidia.com/v1alpha1\nmetadata:\n"
            + "".join(f'    {key}: "{value}"\n' for key, value in METADATA.items()) + "measurements:\n")
    tail = ""

    @staticmethod
    def measurement(name, first):
        return f"    - type: {name}\n      subtypes:\n"

    measurement_end = ""

    @staticmethod
    def subtype(name, first):
        return f"        - subtype: {name}\n          data:\n"

    subtype_end = ""

    @staticmethod
    def lines(pairs, first):
        return "".join(f'            {key}: "{value}"\n' for key, value in pairs)


class Json:
    head = ('{"kind": "Snapshot", "apiVersion": "cns.nvidia.com/v1alpha1", "metadata": {'
            + ", ".join(f'"{key}": "{value}"' for key, value in METADATA.items()) + '}, "measurements": [')
    tail = "\n]}\n"

    @staticmethod
    def measurement(name, first):
        return ("" if first else ",") + f'\n{{"type": "{name}", "subtypes": ['

    measurement_end = "]}"

    @staticmethod
    def subtype(name, first):
        return ("" if first else ",") + f'\n{{"subtype": "{name}", "data": {{\n'

    subtype_end = "\n}}"

    @staticmethod
    def lines(pairs, first):
        return ("" if first else ",\n") + ",\n".join(f'"{key}":"{value}"' for key, value in pairs)


def write_subtype(out, form, name, first, start, count):
    out.write(form.subtype(name, first))
    for offset in range(0, count, CHUNK):
        out.write(form.lines(readings(start + offset, min(CHUNK, count - offset)), offset == 0))
    out.write(form.subtype_end)


def write_snapshot(out, form, total, subtypes):
    small = sum(len(pairs) for _, _, pairs in SMALL)
    total = max(total - small, subtypes)
    out.write(form.head)
    for index, (kind, name, pairs) in enumerate(SMALL):
        out.write(form.measurement(kind, index == 0) + form.subtype(name, True) + form.lines(pairs, True)
                  + form.subtype_end + form.measurement_end)
    out.write(form.measurement("Sysctl", False))
    for index in range(subtypes):
        start, end = total * index // subtypes, total * (index + 1) // subtypes
        write_subtype(out, form, f"node-{index:05}", index == 0, start, end - start)
    out.write(form.measurement_end + form.tail)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--readings", type=int, default=1000000)
    parser.add_argument("--subtypes", type=int, default=1000)
    parser.add_argument("--format", choices=("yaml", "json"), default="yaml")
    parser.add_argument("--output")
    options = parser.parse_args()
    form = Yaml if options.format == "yaml" else Json
    if not options.output:
        write_snapshot(sys.stdout, form, options.readings, options.subtypes)
        return
    with open(options.output, "w", encoding="utf-8", buffering=1 << 20) as out:
        write_snapshot(out, form, options.readings, options.subtypes)


if __name__ == "__main__":
    main()
