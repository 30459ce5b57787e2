// SPDX-License-Identifier: Apache-2.0
// Manifest templates: whatever parses is rendered against a small document.
#include "bundle/template.h"
#include "doc/load.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char values[] = "{Values: {a: {b: [1, x, {c: 2.50}], n: null, f: false, s: \"l1\\nl2\"}, a-b: {}},"
                                 " Release: {Name: r, Namespace: n, Service: Helm}, Chart: {Name: c, Version: v1}}";
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    _cleanup_text_ struct text out = {0};
    const struct template *template;
    const struct doc *document;
    if (size > 64 * 1024 || template_parse(arena, (const char *)data, size, "fuzz", &template, &err) < 0)
        return 0;
    if (doc_load_buffer(arena, values, sizeof values - 1, "values", DOC_FORMAT_YAML, NULL, &document, &err) < 0)
        abort();
    (void)!template_render(arena, template, document, &out, &err);
    return 0;
}
