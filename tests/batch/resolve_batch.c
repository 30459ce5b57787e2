// SPDX-License-Identifier: Apache-2.0
// Resolves and hydrates one recipe for each line of standard input, so that tests can go through thousands of criteria
// without a process each. A line is "service accelerator intent os platform", with "any" for what is open; the answer
// is one line of JSON: {"recipe": hydrated recipe, "notes": [...]}, or {"error": message}.
//
// usage: resolve_batch [CATALOG_DIRECTORY]
#include "base/alloc.h"
#include "base/arena.h"
#include "base/text.h"
#include "doc/emit.h"
#include "recipe/hydrate.h"
#include "recipe/hydrated.h"
#include "recipe/resolve.h"
#include "usecase/knowledge.h"

#include <stdio.h>

static int resolve(struct arena *arena, struct catalog *catalog, const struct vocabulary *vocabulary, char *line,
                   const struct doc **ret, struct error **err) {
    struct recipe_request request = {0};
    char *rest = NULL;
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        const char *word = strtok_r(i ? NULL : line, " \n", &rest);
        int r = vocabulary_resolve(vocabulary, i, word ? word : "", "line", &request.criteria.field[i], err);
        if (r < 0)
            return r;
    }
    struct recipe *recipe = NULL;
    int r = recipe_resolve(arena, catalog, vocabulary, &request, &recipe, err);
    r = r < 0 ? r : recipe_hydrate(arena, catalog, recipe, err);
    if (r < 0)
        return r;
    struct doc *answer = doc_new_map(arena), *notes = doc_new_list(arena);
    for (size_t i = 0; i < recipe->note_count; i++)
        doc_list_add(arena, notes, doc_new_string(arena, recipe->notes[i]));
    doc_map_set(arena, answer, "recipe", recipe_hydrated_doc(arena, recipe));
    doc_map_set(arena, answer, "notes", notes);
    *ret = answer;
    return 0;
}

static void answer_line(struct catalog *catalog, const struct vocabulary *vocabulary, char *line) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    _cleanup_text_ struct text text = {0};
    const struct doc *answer = NULL;
    if (resolve(arena, catalog, vocabulary, line, &answer, &err) < 0) {
        struct doc *failure = doc_new_map(arena);
        doc_map_set_text(arena, failure, "error", err->message);
        answer = failure;
    }
    doc_emit(answer, EMIT_JSON_COMPACT, &text);
    puts(text_str(&text));
}

int main(int argc, char **argv) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    const struct knowledge_source source = {.catalog = argc > 1 ? argv[1] : NULL};
    struct catalog *catalog = NULL;
    struct vocabulary *vocabulary = NULL;
    int r = knowledge_open(arena, &source, &catalog, &err);
    r = r < 0 ? r : vocabulary_open(arena, catalog, &vocabulary, &err);
    if (r < 0) {
        fprintf(stderr, "resolve_batch: %s\n", err->message);
        return 1;
    }
    char line[1024];
    while (fgets(line, sizeof line, stdin))
        answer_line(catalog, vocabulary, line);
    return 0;
}
