// SPDX-License-Identifier: Apache-2.0
// A criteria document: whatever is accepted must resolve, by words that the vocabulary knows.
#include "doc/load.h"
#include "recipe/resolve.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct catalog *catalog;
static struct vocabulary *vocabulary;

// Opened once: nothing that a run does may change it.
static void open_knowledge(void) {
    static struct arena *arena;
    _cleanup_error_ struct error *err = NULL;
    if (arena)
        return;
    arena = arena_new();
    if (catalog_open(arena, &(struct catalog_spec){0}, &catalog, &err) < 0 ||
        vocabulary_open(arena, catalog, &vocabulary, &err) < 0)
        abort();
}

static void check_words(const struct criteria *criteria) {
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        _cleanup_error_ struct error *err = NULL;
        const char *canonical = NULL;
        if (criteria->field[i] &&
            (vocabulary_resolve(vocabulary, i, criteria->field[i], "fuzz", &canonical, &err) < 0 ||
             canonical != criteria->field[i]))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    const struct doc *doc = NULL;
    const struct doc_limits limits = {.alias_events = 1000};
    struct recipe_request request = {0};
    struct recipe *recipe = NULL;
    open_knowledge();
    if (doc_load_buffer(arena, (const char *)data, size, "criteria", DOC_FORMAT_AUTO, &limits, &doc, &err) < 0 ||
        vocabulary_read_criteria(vocabulary, doc, &request.criteria, &err) < 0)
        return 0;
    check_words(&request.criteria);
    // What cannot work is refused, with what does instead; everything else resolves.
    if (recipe_resolve(arena, catalog, vocabulary, &request, &recipe, &err) < 0 &&
        (err->code != ERROR_INVALID || !err->hint || !strstr(err->message, "cannot work")))
        abort();
    return 0;
}
