// SPDX-License-Identifier: Apache-2.0
// A path, and after a zero byte a document: whatever parses must survive being written and parsed again, and what was
// set must be found.
#include "doc/load.h"
#include "doc/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(struct arena *arena, const struct doc_path *path) {
    _cleanup_error_ struct error *err = NULL;
    struct doc_path again;
    const char *text = doc_path_text(arena, path, path->count);
    if (doc_path_parse(arena, text, &again, &err) < 0 || again.count != path->count)
        abort();
    for (size_t i = 0; i < path->count; i++) {
        const struct doc_path_step *a = &path->steps[i], *b = &again.steps[i];
        if (a->index != b->index || !a->key != !b->key || (a->key && strcmp(a->key, b->key) != 0)) {
            fprintf(stderr, "step %zu of '%s'\n", i, text);
            abort();
        }
    }
}

static void check_set(struct arena *arena, const struct doc *doc, const struct doc_path *path) {
    _cleanup_error_ struct error *err = NULL;
    const struct doc *changed = NULL, *value = doc_new_string(arena, "value");
    if (doc_path_set(arena, doc, path, value, &changed, &err) < 0)
        return;
    const struct doc *found = doc_path_find(changed, path, NULL);
    if (!found || strcmp(doc_text(found), "value") != 0)
        abort();
}

static const struct doc *load_or_null(struct arena *arena, const char *bytes, size_t size) {
    _cleanup_error_ struct error *err = NULL;
    const struct doc *doc = NULL;
    struct doc_limits limits = {.alias_events = 1000};
    if (doc_load_buffer(arena, bytes, size, "f", DOC_FORMAT_AUTO, &limits, &doc, &err) < 0)
        return doc_new_null(arena);
    return doc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL, *pointer_error = NULL, *get_error = NULL;
    const char *text = arena_strndup(arena, (const char *)data, size);
    size_t length = strlen(text);
    const struct doc *doc =
        length < size ? load_or_null(arena, (const char *)data + length + 1, size - length - 1) : doc_new_null(arena);
    const struct doc *found = NULL;
    struct doc_path path, pointer;
    if (doc_pointer_parse(arena, text, &pointer, &pointer_error) == 0)
        (void)doc_path_find(doc, &pointer, NULL);
    if (doc_path_parse(arena, text, &path, &err) < 0)
        return 0;
    check_round_trip(arena, &path);
    (void)!doc_path_get(arena, doc, text, &found, &get_error);
    check_set(arena, doc, &path);
    return 0;
}
