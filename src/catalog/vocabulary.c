// SPDX-License-Identifier: Apache-2.0
#include "catalog/vocabulary.h"
#include "base/alloc.h"
#include "base/suggest.h"
#include "base/text.h"
#include "model/api_version.h"

#include <stdlib.h>

#define CRITERIA_PATH "criteria.yaml"

// --- opening ---

static struct vocabulary_value *find_value(const struct vocabulary_field *field, const char *name) {
    for (size_t i = 0; i < field->count; i++)
        if (str_eq(field->values[i].name, name))
            return &field->values[i];
    return NULL;
}

static void add_value(struct arena *arena, struct vocabulary_field *field, const struct vocabulary_value *value) {
    struct vocabulary_value *known = find_value(field, value->name);
    if (known) {
        *known = *value;
        return;
    }
    if (field->count == field->capacity) {
        size_t capacity = field->capacity ? field->capacity * 2 : 16;
        field->values =
            arena_grow(arena, field->values, field->capacity * sizeof *field->values, capacity * sizeof *field->values);
        field->capacity = capacity;
    }
    field->values[field->count++] = *value;
}

static int read_field(struct vocabulary *vocabulary, enum criteria_field index, const struct doc *doc,
                      struct error **err) {
    struct vocabulary_field *field = &vocabulary->field[index];
    DOC_FOREACH_ITEM(item, doc_get(doc, "values")) {
        const char *name = doc_get_text(item, "name", NULL);
        if (str_is_empty(name))
            return doc_error(err, ERROR_INVALID, item->origin, "a value of %s has no name",
                             criteria_field_names[index]);
        if (str_eq(name, "any"))
            field->any = doc_get(item, "aliases");
        else
            add_value(vocabulary->arena, field,
                      &(struct vocabulary_value){.name = name,
                                                 .display = doc_get_text(item, "display", name),
                                                 .aliases = doc_get(item, "aliases"),
                                                 .detect = doc_get(item, "detect")});
    }
    return 0;
}

static int read_document(struct vocabulary *vocabulary, const struct doc *doc, struct error **err) {
    if (!str_eq(doc_get_text(doc, "kind", NULL), "CriteriaCatalog"))
        return doc_error(err, ERROR_INVALID, doc->origin, "this document must have kind CriteriaCatalog, not %s",
                         doc_get_text(doc, "kind", "none"));
    const struct doc *fields = doc_get(doc, "fields");
    DOC_FOREACH_MEMBER(member, fields) {
        int index = 0;
        while (index < CRITERIA_FIELD_COUNT && !str_eq(criteria_field_names[index], member->key))
            index++;
        if (index == CRITERIA_FIELD_COUNT && !str_eq(member->key, "nodes"))
            return doc_error(err, ERROR_INVALID, member->key_origin, "unknown criterion '%s'", member->key);
        int r = index < CRITERIA_FIELD_COUNT ? read_field(vocabulary, index, member->value, err) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

static bool is_known_word(const struct vocabulary_field *field, const char *text) {
    for (size_t i = 0; i < field->count; i++)
        if (str_eq(field->values[i].name, text) || doc_list_has(field->values[i].aliases, text))
            return true;
    return doc_list_has(field->any, text);
}

static void add_overlay_values(struct vocabulary *vocabulary, const struct catalog *catalog) {
    const struct overlay *overlays = NULL;
    size_t count = catalog_overlays(catalog, &overlays);
    // The words of built-in overlays are those of the built-in criteria.yaml; a test sees to that.
    for (size_t i = 0; i < count; i++)
        for (int j = 0; j < CRITERIA_FIELD_COUNT && overlays[i].is_external; j++) {
            const char *value = overlays[i].criteria.field[j];
            if (value && !is_known_word(&vocabulary->field[j], value))
                add_value(vocabulary->arena, &vocabulary->field[j],
                          &(struct vocabulary_value){.name = value, .display = value});
        }
}

int vocabulary_open(struct arena *arena, struct catalog *catalog, struct vocabulary **ret, struct error **err) {
    struct vocabulary *vocabulary = arena_new_object(arena, struct vocabulary);
    vocabulary->arena = arena;
    // A predecessor's folder has no such file; the built-in words serve it too. An external file adds to them.
    const struct doc *doc = NULL;
    _cleanup_error_ struct error *absent = NULL;
    int r = catalog_builtin_document(catalog, CRITERIA_PATH, &doc, &absent);
    if (r < 0 && r != -ERROR_NOT_FOUND) {
        *err = TAKE_PTR(absent);
        return r;
    }
    const struct doc *builtin = doc;
    r = doc ? read_document(vocabulary, doc, err) : 0;
    if (r >= 0 && catalog_find_file(catalog, CRITERIA_PATH)) {
        r = catalog_document(catalog, CRITERIA_PATH, &doc, err);
        r = r < 0 || doc == builtin ? r : read_document(vocabulary, doc, err);
    }
    if (r < 0)
        return r;
    add_overlay_values(vocabulary, catalog);
    *ret = vocabulary;
    return 0;
}

// --- words to values ---

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *nearest_word(const struct vocabulary_field *field, const char *text) {
    size_t capacity = 1 + doc_count(field->any), count = 0;
    for (size_t i = 0; i < field->count; i++)
        capacity += 1 + doc_count(field->values[i].aliases);
    _cleanup_free_ const char **words = xcalloc(capacity, sizeof *words);
    words[count++] = "any";
    for (size_t i = 0; i < field->count; i++) {
        words[count++] = field->values[i].name;
        DOC_FOREACH_ITEM(item, field->values[i].aliases)
        words[count++] = doc_text(item);
    }
    DOC_FOREACH_ITEM(item, field->any)
    words[count++] = doc_text(item);
    return suggest_nearest(text, words, count);
}

static int unknown_value(const struct vocabulary *vocabulary, enum criteria_field index, const char *text,
                         const char *where, struct error **err) {
    const struct vocabulary_field *field = &vocabulary->field[index];
    _cleanup_free_ const char **names = xcalloc(field->count + 1, sizeof *names);
    for (size_t i = 0; i < field->count; i++)
        names[i] = field->values[i].name;
    qsort(names, field->count, sizeof *names, compare_names);
    _cleanup_text_ struct text list = {0};
    text_add(&list, "any");
    for (size_t i = 0; i < field->count; i++)
        text_addf(&list, ", %s", names[i]);
    error_set(err, ERROR_INVALID, "%s: unknown %s '%s'; valid values: %s", where, criteria_field_names[index], text,
              text_str(&list));
    const char *nearest = nearest_word(field, text);
    if (nearest)
        error_hint(err, "did you mean '%s'?", nearest);
    return -ERROR_INVALID;
}

int vocabulary_resolve(const struct vocabulary *vocabulary, enum criteria_field index, const char *text,
                       const char *where, const char **ret, struct error **err) {
    const struct vocabulary_field *field = &vocabulary->field[index];
    _cleanup_free_ char *copy = xstrdup(text);
    char *word = str_lower(str_trim(copy));
    if (!*word || str_eq(word, "any") || doc_list_has(field->any, word)) {
        *ret = NULL;
        return 0;
    }
    for (size_t i = 0; i < field->count; i++)
        if (str_eq(field->values[i].name, word) || doc_list_has(field->values[i].aliases, word)) {
            *ret = field->values[i].name;
            return 0;
        }
    return unknown_value(vocabulary, index, word, where, err);
}

// --- criteria documents ---

static int check_criteria_head(const struct doc *doc, struct error **err) {
    if (!doc_is(doc, DOC_MAP))
        return doc_error(err, ERROR_INVALID, doc->origin, "a criteria document must be a map, found %s",
                         doc_kind_name(doc->kind));
    const struct doc *kind = doc_get(doc, "kind"), *version = doc_get(doc, "apiVersion");
    if (kind && !str_eq(doc_text(kind), "RecipeCriteria") && !str_eq(doc_text(kind), "recipeCriteria"))
        return doc_error(err, ERROR_INVALID, kind->origin,
                         "this document is a %s, where criteria (kind RecipeCriteria) are expected",
                         doc_text(kind) ? doc_text(kind) : doc_kind_name(kind->kind));
    const char *text = doc_text(version);
    if (version && !api_version_is_known(text))
        return doc_error(err, ERROR_INVALID, version->origin,
                         "apiVersion '%s' is unknown; " API_VERSIONS_READ " can be read",
                         text ? text : doc_kind_name(version->kind));
    const struct doc *spec = doc_get(doc, "spec");
    if (!spec)
        return doc_error(err, ERROR_INVALID, doc->origin, "a criteria document must have spec");
    if (spec->kind != DOC_MAP && spec->kind != DOC_NULL)
        return doc_error(err, ERROR_INVALID, spec->origin, "spec must be a map, found %s", doc_kind_name(spec->kind));
    return 0;
}

static int unknown_criterion(const struct doc_member *member, struct error **err) {
    const char *names[CRITERIA_FIELD_COUNT + 1] = {[CRITERIA_FIELD_COUNT] = "nodes"};
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        names[i] = criteria_field_names[i];
    doc_error(err, ERROR_INVALID, member->key_origin, "unknown criterion '%s'", member->key);
    const char *nearest = suggest_nearest(member->key, names, ARRAY_SIZE(names));
    return nearest ? error_hint(err, "did you mean '%s'?", nearest)
                   : error_hint(err, "criteria are service, accelerator, intent, os, platform and nodes");
}

static int read_criterion(const struct vocabulary *vocabulary, const struct doc_member *member, struct criteria *ret,
                          struct error **err) {
    const struct doc *value = member->value;
    if (str_eq(member->key, "nodes")) {
        if (value->kind == DOC_NULL)
            return 0;
        if (!doc_to_int(value, &ret->nodes) || ret->nodes < 0)
            return doc_error(err, ERROR_INVALID, value->origin, "nodes must be an integer of 0 or more");
        return 0;
    }
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        if (!str_eq(criteria_field_names[i], member->key))
            continue;
        if (!doc_is_scalar(value))
            return doc_error(err, ERROR_INVALID, value->origin, "%s must be a name, found %s", member->key,
                             doc_kind_name(value->kind));
        const struct doc_origin *origin = &value->origin;
        _cleanup_free_ char *where = xasprintf("%s:%u:%u", origin->source, origin->line, origin->column);
        const char *text = value->kind == DOC_NULL ? "" : value->text;
        return vocabulary_resolve(vocabulary, i, text, where, &ret->field[i], err);
    }
    return unknown_criterion(member, err);
}

int vocabulary_read_criteria(const struct vocabulary *vocabulary, const struct doc *doc, struct criteria *ret,
                             struct error **err) {
    int r = check_criteria_head(doc, err);
    if (r < 0)
        return r;
    struct criteria criteria = {0};
    DOC_FOREACH_MEMBER(member, doc_get(doc, "spec")) {
        r = read_criterion(vocabulary, member, &criteria, err);
        if (r < 0)
            return r;
    }
    *ret = criteria;
    return 0;
}
