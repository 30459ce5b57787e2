# SPDX-License-Identifier: Apache-2.0
"""The template engine against Helm's: the same templates and values through both, compared byte by byte.

Helm renders each template with tpl inside of one chart, whose only manifest carries the results as JSON, so that
nothing that Helm does to manifests afterwards blurs the comparison. Where we differ on purpose (docs/templates.md), the
difference itself is a test."""

import base64
import itertools
import json
import os
import random
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from support.program import ROOT

VALUES = {
    "gpu-operator": {
        "driver": {"version": "570.10", "enabled": True, "count": 3, "zero": 0, "off": False, "empty": "", "nothing": None},
        "tolerations": [{"key": "dedicated", "operator": "Exists"}, {"operator": "Exists", "effect": "NoSchedule"}],
        "selector": {"nodeGroup": "gpu", "10": "ten", "9": "nine", "a1": "x", "a10": "y", "a2": "z", "B": 1, "a-b": 2,
                     "a.b": 3, "_x": 4},
        "emptyMap": {}, "emptyList": [], "list": ["b", "a", "c"], "numbers": [3, 1, 2],
        "nested": [[1, 2], [], [[{"a": [1]}]], {}],
        "lines": "first\nsecond\n", "noEnd": "first\nsecond", "twoEnds": "first\n\n", "leading": "  x\ny\n",
        "strings": {},
    },
}
STRINGS = [
    "", " ", "plain", "two words", "yes", "no", "on", "off", "y", "n", "Y", "true", "True", "null", "Null", "~", "nul",
    "1", "01", "08", "1.5", "1.", ".5", "1e3", "1E+3", "0x1f", "0b101", "0o17", "1_000", "+1", "-1", "-", "--", "---",
    "- a", "-a", "?", "? a", "?a", ":", ": a", ":a", "a:", "a: b", "a:b", "#", "# a", "a#b", "a #b", "[", "]", "{", "}",
    "[a]", "{a}", ",", "a,b", "&a", "*a", "!a", "|", ">", "'", "''", '"', '""', "%a", "@a", "`a", "a'b", 'a"b', "a\\b",
    "2024-01-01", "2024-1-1", "2024-13-01", "2024-01-01T00:00:00Z", "2024-01-01 10:00:00", "12:30", "1:2:3", "190:20:30",
    ".inf", "-.inf", ".nan", ".NaN", "inf", "nan", "NaN", "<<", "=", "a=b", " lead", "trail ", "\ttab", "a\tb", "a\nb",
    "a\n", "\na", "\n", "\n\n", "a\n\nb", "a \nb", "a\n b", " a\nb", "a\r\nb", "\u00e9", "\u20ac uro", "\U0001F600", "\u00a0",
    "\ufeff", "\u2028", "\x01", "\x1b", "...", "... a", "key: |", "http://x.y/z?a=b#c", "v1.2.3",
    "24.10", "570.10.1", "0", "0.0", "-0", "1e", "e1", "0x", "0xg", "_1", "1__0", "long " + "word " * 40, "x" * 200,
    "ends with colon:", "a - b", "a? b", "%", "@", "100%", "$var", "${var}", "*", "a*", "\\", "\\n", "a\\nb", "'quoted'",
    '"quoted"', "it's", "0777", "007", "+", ".", "..", "-.", "+.5", "-.5", "1.5.6", "1,000", "2001-12-14t21:59:43.10-05:00",
]
VALUES["gpu-operator"]["strings"] = {f"s{i:03}": text for i, text in enumerate(STRINGS)}

G = '{{- $g := index .Values "gpu-operator" -}}'
TEMPLATES = [
    "plain text\n", "{{ .Release.Name }}/{{ .Release.Namespace }}/{{ .Release.Service }}", "{{ .Chart.Name }}-{{ .Chart.Version }}",
    "a\n{{- /* comment */ -}}\nb", "a\n{{/* c */}}\nb", "  {{- 1 }}  {{ 2 -}}  x", "{{`raw {{ }}`}}", "{{-1}}", "x {{- -1 -}} y",
    G + "{{ $g.driver.version }} {{ $g.driver.enabled }} {{ $g.driver.count }}",
    G + "[{{ $g.driver.nothing }}][{{ $g.driver.missing }}][{{ $g.driver.empty }}]",
    G + "{{ $g.list }} {{ $g.emptyMap }} {{ $g.emptyList }} {{ $g.tolerations }}",
    G + "{{ if $g.driver.enabled }}a{{ else }}b{{ end }}{{ if $g.driver.off }}a{{ else if $g.driver.zero }}b{{ else }}c{{ end }}",
    G + "{{ with $g.driver }}{{ .version }}{{ $.Release.Name }}{{ end }}{{ with $g.emptyMap }}x{{ else }}y{{ end }}",
    G + "{{ with $x := $g.driver.version }}{{ $x }}{{ . }}{{ end }}",
    G + "{{ if $x := $g.driver.count }}{{ $x }}{{ end }}{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ end }}{{ $x }}",
    G + "{{ range $g.list }}<{{ . }}>{{ end }}{{ range $i, $v := $g.list }}{{ $i }}{{ $v }}{{ end }}",
    G + "{{ range $k, $v := $g.selector }}{{ $k }}={{ $v }};{{ end }}",
    G + "{{ range $g.emptyList }}x{{ else }}none{{ end }}{{ range $g.driver.nothing }}x{{ else }}nil{{ end }}",
    G + "{{ range $g.numbers }}{{ if eq (int .) 1 }}{{ continue }}{{ end }}{{ . }}{{ end }}{{ range $g.list }}{{ break }}{{ end }}",
    G + "{{ and $g.driver.version $g.driver.empty }}|{{ or $g.driver.empty $g.list }}|{{ and 1 0 2 }}|{{ or 0 \"\" nil }}|",
    G + "{{ not $g.driver.off }}{{ not $g.emptyMap }}{{ not $g.list }}",
    "{{ eq 1 1 }}{{ eq \"a\" \"b\" \"a\" }}{{ ne 1 2 }}{{ lt 1 2 }}{{ le 2 2 }}{{ gt \"b\" \"a\" }}{{ ge 1.5 1.5 }}",
    G + "{{ eq $g.driver.version \"570.10\" }}",
    G + "{{ default \"d\" $g.driver.empty }} {{ $g.driver.nothing | default \"n\" }} {{ default \"d\" $g.driver.version }}",
    G + "{{ toString $g.driver.enabled }} {{ toString $g.driver.count }} {{ ne (toString (index $g.driver \"off\")) \"false\" }}",
    G + "{{ index $g \"list\" 1 }} {{ index $g.tolerations 0 \"key\" }} {{ (index $g.tolerations 1).effect }}",
    G + "x:\n  {{- toYaml $g.tolerations | nindent 2 }}\ny: {{ toYaml $g.selector | nindent 4 }}",
    G + "{{ toYaml $g.nested }}", G + "{{ toYaml $g.emptyMap }}{{ toYaml $g.emptyList }}{{ toYaml $g.driver.nothing }}",
    G + "{{ toYaml $g.driver }}", G + "{{ toYaml $g.lines }}", G + "{{ toYaml $g.noEnd }}", G + "{{ toYaml $g.leading }}",
    G + "{{ dict \"l\" $g.lines \"n\" $g.noEnd \"t\" $g.twoEnds \"s\" $g.leading | toYaml }}",
    G + "{{ list $g.lines $g.noEnd $g.twoEnds $g.leading | toYaml }}",
    G + "{{ toYaml $g.strings }}", G + "{{ range $k, $v := $g.strings }}{{ toYaml $v }}|\n{{ end }}",
    G + "{{ range $k, $v := $g.strings }}{{ toYaml (list $v) }}|\n{{ end }}",
    G + "{{ range $k, $v := $g.strings }}{{ toYaml (dict $v 1) }}|\n{{ end }}",
    G + "{{ range $k, $v := $g.strings }}{{ quote $v }} {{ squote $v }} {{ printf \"%q\" $v }}\n{{ end }}",
    G + "{{ range $k, $v := $g.strings }}{{ toJson $v }}|{{ trim $v }}|\n{{ end }}",
    G + "{{ range $k, $v := $g.strings }}{{ indent 3 $v }}|{{ nindent 2 $v }}|{{ b64enc $v }}|{{ sha256sum $v }}\n{{ end }}",
    G + "{{ range $k, $v := $g.strings }}{{ len $v }}{{ contains \"a\" $v }}{{ hasPrefix \"a\" $v }}{{ hasSuffix \"b\" $v }}\n{{ end }}",
    G + "{{ range $k, $v := $g.strings }}{{ trimSuffix \"b\" $v }}{{ trimPrefix \"a\" $v }}{{ replace \"a\" \"bb\" $v }}{{ trimAll \"ab\" $v }}\n{{ end }}",
    G + "{{ toJson $g.selector }}{{ toJson $g.nested }}{{ toJson $g.driver }}",
    "{{ quote 1 nil true \"x\" }}{{ squote \"a\" 2 }}",
    "{{ printf \"%s|%5s|%-5s|%.2s\" \"abc\" \"x\" \"y\" \"abc\" }}", "{{ printf \"%d|%5d|%-5d|%05d|%+d|%x|%X|%o\" 42 42 42 42 42 255 255 8 }}",
    "{{ printf \"%v %v %v %v\" 1 \"a\" true (list 1 \"b\") }}", "{{ printf \"%f|%.2f|%8.3f|%e|%g\" 1.5 2.345 3.14159 12345.678 0.5 }}",
    "{{ printf \"%t|%q|%%\" true \"a\\\"b\" }}", "{{ print 1 2 \"a\" \"b\" 3 }}|{{ println \"a\" 1 }}",
    "{{ trimSuffix \"-\" \"a-\" }}{{ trunc 3 \"abcdef\" }}{{ trunc -2 \"abcdef\" }}{{ repeat 3 \"ab\" }}",
    "{{ join \",\" (list \"a\" 1 true) }}{{ splitList \",\" \"a,b,c\" }}",
    "{{ list 1 2 3 | first }}{{ list 1 2 3 | last }}{{ rest (list 1 2 3) }}{{ initial (list 1 2 3) }}",
    "{{ append (list 1) 2 }}{{ prepend (list 1) 0 }}{{ concat (list 1) (list 2 3) }}{{ has 2 (list 1 2) }}{{ uniq (list 1 1 2) }}",
    "{{ compact (list 0 1 \"\" \"a\") }}{{ sortAlpha (list \"b\" \"a\") }}{{ len (dict \"a\" 1) }}",
    "{{ $d := dict \"a\" 1 \"b\" (dict \"c\" 2) }}{{ $d.b.c }}{{ hasKey $d \"a\" }}{{ get $d \"zz\" }}{{ pick $d \"a\" }}{{ omit $d \"a\" }}",
    "{{ keys (dict \"a\" 1) }}{{ values (dict \"a\" 1) }}{{ ternary 1 2 true }}{{ coalesce \"\" nil 5 }}{{ empty 0 }}",
    "{{ add 1 2 3 }}{{ sub 5 2 }}{{ mul 2 3 4 }}{{ div 7 2 }}{{ mod 7 3 }}{{ max 1 5 3 }}{{ min 4 2 8 }}{{ add1 4 }}",
    "{{ int \"12\" }}{{ int64 3.9 }}{{ until 4 }}{{ range until 3 }}{{ . }}{{ end }}{{ range 3 }}{{ . }}{{ end }}",
    "{{ 1.5 }} {{ 1e6 }} {{ 1e21 }} {{ 0.0001 }} {{ 0.00001 }} {{ 0x10 }}",
    "{{ \"\\u00e9\\x41\\101\\t\" }}{{ \"a\" | upper | printf \"%s-%s\" \"b\" }}{{ (printf \"%d\" 3) }}{{ ((1)) }}",
    "{{ title \"hello world\" }}{{ kindOf 1.5 }}{{ kindOf \"a\" }}{{ kindIs \"map\" (dict) }}{{ kindOf (list) }}{{ kindOf nil }}",
    "{{ required \"m\" \"x\" }}{{ deepCopy (dict \"a\" 1) }}{{ true }}{{ false }}", "{{ if eq .Release.Name \"x\" -}}\n  a\n{{- else -}}\n  b\n{{- end }}\n",
    "{{ 5 | toString | quote }}{{ `a\nb` | indent 2 }}{{ \"\" | quote }}{{ \"a,b\" | replace \",\" \"\\n\" | nindent 4 }}",
    "{{- with .Values }}{{ range $k, $v := . }}{{ $k }}{{ end }}{{ end -}}  tail",
]

# Refused by both, or by us alone where Helm would print something wrong.
REFUSED_BY_BOTH = [
    "{{ nosuch 1 }}", "{{ if }}{{ end }}", "{{ if true }}", "{{ end }}", "{{ $x }}", "{{ .Values.a-b }}", "{{ 1 | 2 }}", "{{ (1 }}",
    "{{ \"a }}", "{{ eq \"a\" 1 }}", "{{ index (list 1) 5 }}", "{{ fail \"x\" }}", "{{ required \"x\" nil }}", "{{ break }}", "{{ nil }}",
    "{{ range true }}{{ end }}", "{{ .Release.Name.x }}", "{{ else }}", "{{ /* c */ }}", "{{ len nil }}", "{{ template \"x\" }}",
    "{{ if true }}{{ else }}{{ else }}{{ end }}", "{{ dict 1 }}{{ index }}", "{{ 0x }}", "{{ 1a }}", "{{ , }}",
]


def yaml_flow(value):
    """JSON that is YAML too: characters beyond 16 bits as YAML escapes them."""
    text = json.dumps(value)
    return re.sub(r"\\ud([89ab]..)\\ud([c-f]..)", lambda pair: "\\U%08x" % (
        0x10000 + ((int("d" + pair[1], 16) & 0x3FF) << 10) + (int("d" + pair[2], 16) & 0x3FF)), text)


def find_template_tool():
    if os.environ.get("TEMPLATE_TOOL"):
        return Path(os.environ["TEMPLATE_TOOL"])
    named = os.environ.get("CNSCTL")
    builds = [Path(named).resolve().parent.parent] if named else []
    for build in builds + [ROOT / "build" / "test", ROOT / "build-dev"]:
        if (build / "tests" / "unit" / "template_tool").exists():
            return build / "tests" / "unit" / "template_tool"
    pytest.fail("no template_tool beside the program under test: build with -Dtests=true")
    return None


class Both:
    """Renders templates with Helm and with ours, many in one call."""

    def __init__(self, helm, folder):
        self.helm = helm
        self.folder = folder
        self.round = itertools.count()

    def chart(self, templates, values):
        chart = self.folder / f"chart-{next(self.round)}"
        (chart / "templates").mkdir(parents=True)
        (chart / "bodies").mkdir()
        (chart / "Chart.yaml").write_text("apiVersion: v2\nname: gpu-operator\nversion: v1.2.3\n")
        (chart / "values.yaml").write_text(yaml_flow(values))
        for number, text in enumerate(templates):
            (chart / "bodies" / f"{number:05}").write_bytes(text.encode())
        (chart / "templates" / "out.yaml").write_text(
            "{{- $out := dict }}{{ range $path, $_ := .Files.Glob \"bodies/*\" }}"
            "{{ $_ := set $out $path (tpl ($.Files.Get $path) $) }}{{ end }}"
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: out}\ndata:\n  out: {{ $out | toJson | b64enc }}\n")
        return chart

    def by_helm(self, chart):
        done = subprocess.run([self.helm, "template", "release", chart, "--namespace", "space"], capture_output=True,
                              timeout=120, check=False)
        if done.returncode != 0:
            return None
        return json.loads(base64.b64decode(yaml.safe_load(done.stdout)["data"]["out"]))

    def by_us(self, chart, count, values):
        scope = chart / "scope.yaml"
        scope.write_text(json.dumps({
            "Values": values, "Release": {"Name": "release", "Namespace": "space", "Service": "Helm"},
            "Chart": {"Name": "gpu-operator", "Version": "v1.2.3"}}))
        bodies = [chart / "bodies" / f"{number:05}" for number in range(count)]
        done = subprocess.run([find_template_tool(), scope, *bodies], capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr.decode()
        assert b"Sanitizer" not in done.stderr, done.stderr.decode()
        return [json.loads(line) for line in done.stdout.splitlines()]

    def differences(self, templates, values):
        chart = self.chart(templates, values)
        expected = self.by_helm(chart)
        if expected is None and len(templates) > 1:  # one of them does not render: find out which
            half = len(templates) // 2
            return self.differences(templates[:half], values) + self.differences(templates[half:], values)
        found = []
        for number, result in enumerate(self.by_us(chart, len(templates), values)):
            wanted = "refused" if expected is None else expected[f"bodies/{number:05}"]
            if result.get("out", "refused") != wanted:
                found.append(f"template {templates[number]!r}\n  Helm: {wanted!r}\n  ours: {result}")
        return found

    def compare(self, templates, values):
        found = self.differences(templates, values)
        assert not found, f"{len(found)} differences:\n" + "\n".join(found[:40])


@pytest.fixture
def both(tool, tmp_path):
    return Both(tool("helm"), tmp_path)


def test_templates(both):
    both.compare(TEMPLATES, VALUES)


@pytest.mark.parametrize("text", REFUSED_BY_BOTH)
def test_refused_by_both(both, text):
    chart = both.chart([text], VALUES)
    assert both.by_helm(chart) is None, "Helm takes it"
    assert "error" in both.by_us(chart, 1, VALUES)[0]


def test_catalog_manifests(both, shared):
    """Every manifest of the predecessors' catalogs, under values that switch its branches on and off."""
    values = [
        {"gpu-operator": {"driver": {"kernelModuleConfig": {"name": "params"}}, "dcgmExporter": {"config": {"name": "dcgm", "create": True}}},
         "skyhook-customizations": {"accelerator": "h100", "intent": "training", "service": "eks",
                                    "acceleratedNodeSelector": {"nodeGroup": "gpu"}, "workloadSelector": {"app": "x"},
                                    "acceleratedTolerations": [{"key": "a", "operator": "Equal", "value": "b", "effect": "NoSchedule"}]},
         "skyhook-operator": {"customization": "ubuntu", "customizationTolerations": [{"operator": "Exists"}],
                              "customizationNodeSelectors": [{"key": "a", "operator": "In", "values": ["b"]}]},
         "kgateway": {"nodeSelector": {"a": "b"}, "tolerations": [{"operator": "Exists"}]}},
        {"gpu-operator": {"dcgmExporter": {"config": {"create": False}}}, "kgateway": {}, "skyhook-operator": {},
         "skyhook-customizations": {"enabled": False}},
        {"gpu-operator": {}, "kgateway": {}, "skyhook-operator": {"customization": "cos"},
         "skyhook-customizations": {"accelerator": "gb200"}},
    ]
    paths = sorted((shared / "data" / "catalogs").glob("*/components/*/manifests/*.yaml"))
    assert len(paths) >= 15
    texts = [path.read_text() for path in paths]
    for value in values:
        both.compare(texts, value)


def test_random_values_as_yaml(both):
    """toYaml, toJson and printing of random documents."""
    source = random.Random(20240607)

    def document(depth):
        kind = source.randrange(8 if depth else 5)
        if kind == 0:
            return source.choice([True, False, None])
        if kind == 1:
            return source.randrange(-1000, 1000)
        if kind < 5:
            return source.choice(STRINGS) if source.random() < 0.7 else "".join(
                source.choice("ab0 :-#'\"\n\t,[]{}&*!|>%@`?\\.~é€") for _ in range(source.randrange(12)))
        if kind == 5:
            return [document(depth - 1) for _ in range(source.randrange(4))]
        return {source.choice(STRINGS[2:]) if source.random() < 0.3 else source.choice("abcxyz") + str(source.randrange(20)):
                document(depth - 1) for _ in range(source.randrange(5))}

    values = {f"v{number}": document(4) for number in range(300)}
    texts = [text for name in values for text in
             (f"{{{{ toYaml .Values.{name} }}}}", f"{{{{ toJson .Values.{name} }}}}", f"{{{{ .Values.{name} }}}}")]
    both.compare(texts, values)


# --- where we differ on purpose ---

@pytest.mark.parametrize("text,ours,helms", [
    ("{{ false | default true }}", "false", "true"),  # false that was given stays
    ("{{ 0 | default 5 }}", "0", "5"),
    ("{{ keys (dict \"b\" 1 \"a\" 2) }}", "[a b]", None),  # sorted; sprig's order is that of chance
    ("{{ .Values.nothing.at.all }}|", "|", "refused"),  # a field of nil is nil
    ("{{ index .Values \"x\" \"y\" }}|", "|", "refused"),
    ("{{ .Values.fraction }}", "24.10", "24.1"),  # an unquoted version keeps its zero
    ("{{ .Values.million }}", "1000000", None),
    ("{{ 100.0 }} {{ 123456789.5 }}", "100 123456789.5", "100 1.234567895e+08"),
    ("{{ eq 1 1.0 }}", "true", "refused"),  # numbers compare by value
    ("{{ printf \"%d\" \"x\" }}", "refused", "%!d(string=x)"),
    ("{{ printf \"%s\" }}", "refused", "%!s(MISSING)"),
    ("{{ upper 1 }}", "refused", "refused"),
    ("{{ int \"x\" }}", "refused", "0"),
    ("{{ .Capabilities.KubeVersion.Major }}", "refused", None),
    ("{{ .Files.Get \"x\" }}", "refused", ""),
    ("{{ include \"x\" . }}", "refused", "refused"),
    ("{{ 'a' }}", "refused", "97"),
    ("{{ $ := 1 }}{{ $ }}", "refused", "1"),
    ("{{ 1_000 }}", "refused", "1000"),
    ("{{ upper \"\u00e9\" }}", "refused", "\u00c9"),
])
def test_differences(both, text, ours, helms):
    values = {"fraction": 24.10, "million": 1000000}
    chart = both.chart([text], values)
    (chart / "values.yaml").write_text("fraction: 24.10\nmillion: 1000000\n")
    if helms is not None:
        found = both.by_helm(chart)
        assert ("refused" if found is None else found["bodies/00000"]) == helms
    scope = chart / "scope.yaml"
    scope.write_text("Values: {fraction: 24.10, million: 1000000}\nRelease: {}\nChart: {}\n")
    done = subprocess.run([find_template_tool(), scope, chart / "bodies" / "00000"], capture_output=True, timeout=60,
                          check=True)
    result = json.loads(done.stdout)
    assert result.get("out", "refused") == ours, result
