// SPDX-License-Identifier: Apache-2.0
// The template engine as a program, for comparing it with Helm (tests/e2e/test_templates.py).
// usage: template_tool SCOPE.yaml TEMPLATE...: one line of JSON for each template, {"out": text} or {"error": message}.
#include "base/file.h"
#include "bundle/template.h"
#include "doc/emit.h"
#include "doc/load.h"

#include <stdio.h>

#define LIMIT ((size_t)64 * 1024 * 1024)

static int load(struct arena *arena, const char *path, const struct doc **ret, struct error **err) {
    _cleanup_text_ struct text content = {0};
    int r = file_read(path, LIMIT, &content, err);
    return r < 0 ? r
                 : doc_load_buffer(arena, text_str(&content), content.length, path, DOC_FORMAT_AUTO, NULL, ret, err);
}

static int render(struct arena *arena, const char *path, const struct doc *scope, struct text *out,
                  struct error **err) {
    _cleanup_text_ struct text content = {0};
    const struct template *template = NULL;
    int r = file_read(path, LIMIT, &content, err);
    if (r >= 0)
        r = template_parse(arena, text_str(&content), content.length, path, &template, err);
    return r < 0 ? r : template_render(arena, template, scope, out, err);
}

static void print_result(const char *key, const char *bytes, size_t length) {
    _cleanup_text_ struct text line = {0};
    text_addf(&line, "{\"%s\": ", key);
    doc_emit_json_string(bytes, length, &line);
    printf("%s}\n", text_str(&line));
}

int main(int argc, char **argv) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    const struct doc *scope = NULL;
    if (argc < 2 || load(arena, argv[1], &scope, &err) < 0) {
        fprintf(stderr, "%s\n", err ? err->message : "usage: template_tool SCOPE.yaml TEMPLATE...");
        return 1;
    }
    for (int i = 2; i < argc; i++) {
        _cleanup_text_ struct text out = {0};
        _cleanup_error_ struct error *failure = NULL;
        if (render(arena, argv[i], scope, &out, &failure) < 0)
            print_result("error", failure->message, strlen(failure->message));
        else
            print_result("out", text_str(&out), out.length);
    }
    return 0;
}
