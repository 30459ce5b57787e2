// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "bundle/template.h"
#include "doc/load.h"

static const char data_text[] =
    "Values:\n"
    "  gpu-operator:\n"
    "    driver: {version: 24.10, enabled: false, name: nv, count: 3, big: 1000000}\n"
    "    empty: {}\n"
    "    none: null\n"
    "    list: [b, a]\n"
    "    tolerations:\n"
    "      - key: dedicated\n"
    "        operator: Exists\n"
    "      - {operator: Exists}\n"
    "    text: \"two\\nlines\\n\"\n"
    "    odd: {yes: 'on', \"10\": \"10\", \"9\": \"1e3\", date: \"2024-01-01\", tab: \"a\\tb\","
    " colon: \"a: b\", empty: \"\", tilde: \"~\", lead: \" x\", dash: \"- x\"}\n"
    "Release: {Name: gpu-operator, Namespace: gpu, Service: Helm}\n"
    "Chart: {Name: gpu-operator, Version: v1.2.3}\n";

static int render(const char *text, struct text *out, struct error **err) {
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct doc *data;
    struct error *load_error = NULL;
    assert_int_equal(
        doc_load_buffer(arena, data_text, strlen(data_text), "data", DOC_FORMAT_AUTO, NULL, &data, &load_error), 0);
    const struct template *template;
    int r = template_parse(arena, text, strlen(text), "m.yaml", &template, err);
    return r < 0 ? r : template_render(arena, template, data, out, err);
}

#define G "{{- $g := index .Values \"gpu-operator\" -}}"

static void test_renders(void **state _unused_) {
    static const struct {
        const char *template, *expected;
    } cases[] = {
        {"plain", "plain"},
        {"{{ .Release.Namespace }}-{{.Chart.Version}}", "gpu-v1.2.3"},
        {"a {{- /* gone */ -}} b", "ab"},
        {"a\n{{/* stays */}}\nb", "a\n\nb"},
        {G "{{ $g.driver.version }}", "24.10"},
        {G "{{ $g.driver.big }} {{ $g.driver.enabled }} {{ $g.nothing.at.all }}|", "1000000 false |"},
        {G "{{ if $g.empty }}yes{{ else if $g.none }}none{{ else }}no{{ end }}", "no"},
        {G "{{ with $g.driver }}{{ .name }}{{ $.Release.Name }}{{ end }}", "nvgpu-operator"},
        {G "{{ with $g.none }}x{{ else }}y{{ end }}", "y"},
        {G "{{ range $i, $v := $g.list }}{{ $i }}{{ $v }},{{ end }}", "0b,1a,"},
        {G "{{ range $k, $v := $g.driver }}{{ $k }}={{ $v }};{{ end }}",
         "big=1000000;count=3;enabled=false;name=nv;version=24.10;"},
        {G "{{ range $g.none }}x{{ else }}none{{ end }}", "none"},
        {G "{{ range $g.list }}{{ if eq . \"a\" }}{{ break }}{{ end }}{{ . }}{{ end }}", "b"},
        {"{{ range until 4 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ . }}{{ end }}", "023"},
        {"{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ end }}{{ $x }}", "2"},
        {G "{{ ne (toString ($g.driver.enabled | default true)) \"false\" }}", "false"},
        {G "{{ default \"d\" $g.none }} {{ $g.driver.name | default \"d\" }} {{ \"\" | default \"e\" }}", "d nv e"},
        {G "{{ and $g $g.driver $g.driver.name }} {{ or $g.empty $g.none \"z\" }} {{ and $g.none $g.x.y }}|", "nv z |"},
        {"{{ not 0 }} {{ not \"a\" }} {{ eq 1 1.0 }} {{ eq \"a\" \"b\" \"a\" }} {{ lt 1 2 }} {{ ge \"b\" \"a\" }}",
         "true false true true true true"},
        {G "x:\n  {{- toYaml $g.tolerations | nindent 2 }}",
         "x:\n  - key: dedicated\n    operator: Exists\n  - operator: Exists"},
        {G "{{ toYaml $g.empty }}|{{ toYaml $g.none }}|{{ toYaml $g.driver.enabled }}", "{}|null|false"},
        {G "{{ toYaml (dict \"t\" $g.text) }}", "t: |\n  two\n  lines"},
        {G "{{ toYaml $g.odd }}",
         "\"9\": \"1e3\"\n\"10\": \"10\"\ncolon: 'a: b'\ndash: '- x'\ndate: \"2024-01-01\"\nempty: \"\"\nlead: ' x'\n"
         "tab: \"a\\tb\"\ntilde: \"~\"\n\"yes\": \"on\""},
        {G "{{ toJson $g.list }} {{ toJson (dict \"a\" \"<&>\") }}", "[\"b\",\"a\"] {\"a\":\"\\u003c\\u0026\\u003e\"}"},
        {"{{ quote \"a\\\"b\" 1 nil }} {{ squote \"x\" }}", "\"a\\\"b\" \"1\" 'x'"},
        {"{{ printf \"%s-%05d %q %v %5.1f|%-4s|%t\" \"a\" 42 \"q\" (list 1 2) 1.25 \"z\" true }}",
         "a-00042 \"q\" [1 2]   1.2|z   |true"},
        {"{{ \"a.b\" | replace \".\" \"-\" | upper }} {{ trimSuffix \"x\" \"abx\" }} {{ trimPrefix \"a\" \"ab\" }}",
         "A-B ab b"},
        {"{{ `raw \\n` }} {{ \"\\u00e9\\x41\" }}", "raw \\n \xC3\xA9"
                                                   "A"},
        {"{{ len (list 1 2) }} {{ first (list 7 8) }} {{ (dict \"a\" 5).a }} {{ has 2 (list 1 2) }}", "2 7 5 true"},
        {G "{{ hasKey $g \"none\" }} {{ hasKey $g \"zip\" }} {{ get $g \"zip\" }}|", "true false |"},
        {"{{ add 1 2 3 }} {{ mul 2 3 }} {{ div 7 2 }} {{ max 1 5 2 }} {{ int \"12\" }}", "6 6 3 5 12"},
        {"{{ ternary \"a\" \"b\" true }} {{ coalesce \"\" nil \"c\" }}", "a c"},
        {"{{ dict \"b\" 1 \"a\" nil }} {{ 1e6 }} {{ 0.00001 }} {{ 1.5 }}", "map[a:<nil> b:1] 1e+06 1e-05 1.5"},
        {"{{ 1e3 }} {{ 1.0 }} {{ quote 2.5e3 }} {{ list 1e3 1.0 1.5 | toJson }}", "1000 1 \"2500\" [1000,1,1.5]"},
        {"{{-3}}{{ 3 -}} \n x", "-33x"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_text_ struct text out = {0};
        _cleanup_error_ struct error *err = NULL;
        if (render(cases[i].template, &out, &err) < 0)
            fail_msg("%s: %s", cases[i].template, err->message);
        assert_string_equal(text_str(&out), cases[i].expected);
    }
}

static void test_refuses(void **state _unused_) {
    static const struct {
        const char *template, *message;
    } cases[] = {
        {"a\n  {{ include \"x\" . }}", "m.yaml:2:6: 'include' is not known"},
        {"{{ toYml .Values }}", "m.yaml:1:4: function 'toYml' is not known"},
        {"{{ if .Values }}", "m.yaml:1:1: this block has no {{ end }}"},
        {"{{ end }}", "belongs to no block"},
        {"{{ if 1 }}{{ else }}{{ else }}{{ end }}", "second else"},
        {"{{ .Values", "never closed by }}"},
        {"{{/* x }}", "never closed by */"},
        {"{{ /* x */ }}", "unexpected '/'"},
        {"{{ \"abc }}", "never closed"},
        {"{{ $x }}", "'$x' is not defined"},
        {"{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}", "'$x' is not defined"},
        {"{{ .Values.gpu-operator }}", "is read with index"},
        {"{{ (eq 1 2 }}", "parenthesis is never closed"},
        {"{{ eq 1 2) }}", "never opened"},
        {"{{ }}", "value is missing"},
        {"{{ 1 | 2 }}", "must be a function"},
        {"{{ nil }}", "nil is no command"},
        {"{{ eq \"a\" 1 }}", "cannot compare a string with a integer"},
        {"{{ index (list 1) 5 }}", "outside of a list"},
        {"{{ .Capabilities.KubeVersion }}", "there is no .Capabilities"},
        {"{{ .Release.Name.x }}", "cannot read .x of a string"},
        {"{{ printf \"%d\" \"x\" }}", "cannot print a string"},
        {"{{ printf \"%s\" }}", "has no argument"},
        {"{{ fail \"my message\" }}", "m.yaml:1:4: my message"},
        {"{{ required \"set it\" .Values.x }}", "set it"},
        {"{{ break }}", "outside of range"},
        {"{{ range 3000000 }}{{ end }}", "steps"},
        {"{{ range 1000 }}{{ repeat 100000 \"x\" }}{{ end }}", "grows over"},
        {"{{ $x := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}{{ $x }}", "steps"},
        {"{{ $x := list 1 }}{{ range until 200 }}{{ $x = list $x }}{{ end }}{{ $x }}", "inside each other"},
        {"{{ $s := repeat 100000 \"x\" }}{{ range until 1000 }}{{ $x := upper $s }}{{ end }}", "steps"},
        {"{{ $s := repeat 100000 \"x\" }}{{ range until 1000 }}{{ $x := dict $s $s }}{{ end }}", "steps"},
        {"{{ uniq (until 90000) }}", "1000 items"},
        {"{{ div 1 0 }}", "division by zero"},
        {"{{ quote", "never closed"},
        {"{{ template \"x\" }}", "not known"},
        {"{{ 'a' }}", "double quotes"},
        {"\xff", "no valid UTF-8"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_text_ struct text out = {0};
        _cleanup_error_ struct error *err = NULL;
        text_add(&out, "before");
        if (render(cases[i].template, &out, &err) == 0)
            fail_msg("%s: rendered to '%s'", cases[i].template, text_str(&out));
        if (!strstr(err->message, cases[i].message))
            fail_msg("%s: message '%s' lacks '%s'", cases[i].template, err->message, cases[i].message);
        assert_string_equal(text_str(&out), "before");
    }
}

static void test_depth(void **state _unused_) {
    _cleanup_text_ struct text text = {0}, out = {0};
    for (int i = 0; i < 200; i++)
        text_add(&text, "{{ if true }}");
    _cleanup_error_ struct error *err = NULL;
    assert_int_equal(render(text_str(&text), &out, &err), -ERROR_LIMIT);
    text_truncate(&text, 0);
    text_add(&text, "{{ ");
    text_add_repeat(&text, '(', 100000);
    text_add(&text, " }}");
    _cleanup_error_ struct error *second = NULL;
    assert_int_equal(render(text_str(&text), &out, &second), -ERROR_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_renders),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
