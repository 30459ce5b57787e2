// SPDX-License-Identifier: Apache-2.0
// Explanations as a document and as text.
#include "base/text.h"
#include "recipe/explain.h"

static void set_step(struct arena *arena, struct doc *map, const struct explanation_step *step) {
    doc_map_set_text(arena, map, "value", step->value);
    doc_map_set_text(arena, map, "file", step->origin.source);
    if (step->origin.line) {
        doc_map_set_int(arena, map, "line", step->origin.line);
        doc_map_set_int(arena, map, "column", step->origin.column);
    }
    doc_map_set_text(arena, map, "source", step->source);
    doc_map_set_text(arena, map, "why", step->why);
}

static const struct doc *choices_doc(struct arena *arena, const struct doc *choices) {
    struct doc *list = doc_new_list(arena);
    DOC_FOREACH_MEMBER(member, choices) {
        struct doc *row = doc_new_map(arena);
        doc_map_set_text(arena, row, "value", member->key);
        doc_map_set_text(arena, row, "description", doc_get_text(member->value, "description", NULL));
        doc_list_add(arena, list, row);
    }
    return list;
}

const struct doc *explanations_doc(struct arena *arena, const struct explanations *explanations) {
    struct doc *list = doc_new_list(arena);
    for (size_t i = 0; i < explanations->count; i++) {
        const struct explanation *item = &explanations->items[i];
        struct doc *map = doc_new_map(arena), *overrode = doc_new_list(arena);
        doc_map_set_text(arena, map, "path", item->path);
        set_step(arena, map, &item->steps[0]);
        for (size_t j = 1; j < item->count; j++) {
            struct doc *row = doc_new_map(arena);
            set_step(arena, row, &item->steps[j]);
            doc_list_add(arena, overrode, row);
        }
        doc_map_set(arena, map, "overrode", overrode);
        if (item->choices)
            doc_map_set(arena, map, "choices", choices_doc(arena, item->choices));
        doc_list_add(arena, list, map);
    }
    return list;
}

static void add_place(const struct explanation_step *step, struct text *out) {
    if (step->origin.line)
        text_addf(out, "%s:%u", step->origin.source ? step->origin.source : "(unknown)", step->origin.line);
    else
        text_add(out, step->origin.source ? step->origin.source : "computed");
}

static void add_choices(const struct explanation *item, struct text *out) {
    DOC_FOREACH_MEMBER(member, item->choices) {
        if (str_eq(member->key, item->steps[0].value))
            continue;
        const char *description = doc_get_text(member->value, "description", NULL);
        text_addf(out, "  or %s%s%s\n", member->key, description ? ": " : "", description ? description : "");
    }
}

void explanations_text(const struct explanations *explanations, struct text *out) {
    for (size_t i = 0; i < explanations->count; i++) {
        const struct explanation *item = &explanations->items[i];
        text_addf(out, "%s%s\n", i ? "\n" : "", item->path);
        for (size_t j = 0; j < item->count; j++) {
            const struct explanation_step *step = &item->steps[j];
            text_addf(out, "  %s %s\n      ", j ? "overrode" : "=", step->value);
            add_place(step, out);
            if (step->why)
                text_addf(out, "\n      why: %s", step->why);
            if (step->source)
                text_addf(out, "\n      source: %s", step->source);
            text_add_char(out, '\n');
        }
        add_choices(item, out);
    }
}
