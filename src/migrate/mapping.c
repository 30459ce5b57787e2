// SPDX-License-Identifier: Apache-2.0
#include "migrate/mapping.h"
#include "base/text.h"

static int add_entry(struct mapping *mapping, const struct doc *entry, struct error **err) {
    const char *key = doc_get_text(entry, "key", NULL);
    if (!key)
        return doc_error(err, ERROR_INVALID, entry->origin, "an entry of a migration map has no key");
    if (!map_put(&mapping->entries, key, (void *)entry))
        return doc_error(err, ERROR_INVALID, entry->origin, "'%s' stands in the map twice", key);
    if (!doc_is(doc_get(entry, "outcomes"), DOC_LIST) && !doc_get(entry, "verdict"))
        return doc_error(err, ERROR_INVALID, entry->origin, "'%s' has neither outcomes nor a verdict", key);
    return 0;
}

static void drop_entries(void *mapping) {
    map_done(&((struct mapping *)mapping)->entries);
}

int mapping_open(struct arena *arena, const struct doc *doc, struct mapping **ret, struct error **err) {
    const struct doc *keys = doc_get(doc_get(doc, "spec"), "keys");
    if (!str_eq(doc_get_text(doc, "kind", NULL), "MigrationMap") || !doc_is(keys, DOC_LIST))
        return doc_error(err, ERROR_INVALID, doc->origin, "a migration map has kind MigrationMap and a list spec.keys");
    struct mapping *mapping = arena_new_object(arena, struct mapping);
    mapping->arena = arena;
    mapping->doc = doc;
    mapping->spec = doc_get(doc, "spec");
    mapping->name = doc_get_text(doc_get(doc, "metadata"), "name", "");
    arena_on_free(arena, drop_entries, mapping);
    DOC_FOREACH_ITEM(entry, keys) {
        int r = add_entry(mapping, entry, err);
        if (r < 0)
            return r;
    }
    *ret = mapping;
    return 0;
}

bool mapping_is_for(const struct doc *map, const struct doc *file) {
    const struct doc *reads = doc_get(doc_get(map, "spec"), "reads");
    const char *kind = doc_get_text(file, "kind", NULL);
    DOC_FOREACH_ITEM(known, doc_get(reads, "kinds"))
    if (kind && str_eq(doc_text(known), kind))
        return true;
    DOC_FOREACH_ITEM(key, doc_get(reads, "keys"))
    if (!kind && doc_get(file, doc_text(key)))
        return true;
    return false;
}

// --- what a file gives ---

static const char *boolean_word(const char *text) {
    static const char *const yes[] = {"yes", "true", "on", "y"}, *const no[] = {"no", "false", "off", "n"};
    for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
        if (str_eq_ignore_case(text, yes[i]))
            return "true";
        if (str_eq_ignore_case(text, no[i]))
            return "false";
    }
    return text;
}

static const char *value_text(struct arena *arena, const struct doc *value, const struct doc *entry) {
    if (value->kind == DOC_NULL)
        return "";
    if (doc_is_scalar(value))
        return str_eq(doc_get_text(entry, "type", NULL), "boolean") ? boolean_word(doc_text(value)) : doc_text(value);
    _cleanup_text_ struct text text = {0};
    DOC_FOREACH_ITEM(item, value)
    text_addf(&text, "%s%s", item_index ? "," : "", doc_is_scalar(item) ? doc_text(item) : "...");
    DOC_FOREACH_MEMBER(member, value)
    text_addf(&text, "%s%s=%s", text.length ? "," : "", member->key,
              doc_is_scalar(member->value) ? doc_text(member->value) : "...");
    return arena_strdup(arena, text_str(&text));
}

static int add_given(const struct mapping *mapping, struct given_list *list, const struct given *given,
                     struct error **err) {
    const struct given *known = given_find(list, given->key);
    if (known && !doc_equal(known->value, given->value))
        return doc_error(err, ERROR_INVALID, given->origin,
                         "'%s' is the older name of '%s', which line %u sets to something else", given->written,
                         given->key, known->origin.line);
    if (known)
        return 0;
    if (list->count == list->capacity) {
        size_t old = list->capacity;
        list->capacity = old ? old * 2 : 64;
        list->items =
            arena_grow(mapping->arena, list->items, old * sizeof *list->items, list->capacity * sizeof *list->items);
    }
    list->items[list->count++] = *given;
    map_put(&list->by_key, given->key, (void *)(uintptr_t)list->count);
    return 0;
}

// A key that the map knows is taken whole; a map that it does not know is looked into.
static int read_members(const struct mapping *mapping, const struct doc *map, const char *prefix,
                        struct given_list *list, struct error **err) {
    const struct doc *renamed = doc_get(mapping->spec, "renamed");
    int r = 0;
    DOC_FOREACH_MEMBER(member, map) {
        const char *written = *prefix ? arena_printf(mapping->arena, "%s.%s", prefix, member->key) : member->key;
        const char *key = doc_get_text(renamed, written, written);
        const struct doc *entry = map_get(&mapping->entries, key);
        if (!entry && doc_is(member->value, DOC_MAP) && doc_count(member->value)) {
            r = read_members(mapping, member->value, written, list, err);
        } else {
            const struct given given = {.key = key,
                                        .written = written,
                                        .text = value_text(mapping->arena, member->value, entry),
                                        .value = member->value,
                                        .origin = member->key_origin,
                                        .entry = entry};
            r = add_given(mapping, list, &given, err);
        }
        if (r < 0)
            return r;
    }
    return 0;
}

int mapping_read(const struct mapping *mapping, const struct doc *file, struct given_list *ret, struct error **err) {
    const char *root = doc_get_text(mapping->spec, "root", NULL);
    const struct doc *map = root ? doc_get(file, root) : file;
    if (!doc_is(map, DOC_MAP))
        return doc_error(err, ERROR_INVALID, map ? map->origin : file->origin, "%s must be a map",
                         root ? root : "a file of values");
    struct given_list list = {0};
    int r = read_members(mapping, map, "", &list, err);
    if (r < 0) {
        given_list_done(&list);
        return r;
    }
    *ret = list;
    return 0;
}

void given_list_done(struct given_list *list) {
    map_done(&list->by_key);
}

const struct given *given_find(const struct given_list *list, const char *key) {
    uintptr_t place = (uintptr_t)map_get(&list->by_key, key);
    return place ? &list->items[place - 1] : NULL;
}
