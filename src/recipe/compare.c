// SPDX-License-Identifier: Apache-2.0
#include "recipe/compare.h"
#include "base/sha256.h"
#include "base/text.h"
#include "doc/emit.h"
#include "doc/path.h"

#include <stdlib.h>

struct comparison {
    struct arena *arena;
    struct doc *changes;
};

// --- changes ---

// Of a value that may live elsewhere; scalars keep their kind.
static struct doc *own_copy(struct arena *arena, const struct doc *value) {
    struct doc *copy = NULL;
    if (doc_is(value, DOC_MAP)) {
        copy = doc_new_map(arena);
        DOC_FOREACH_MEMBER(member, value)
        doc_map_add(arena, copy, member->key, member->key_length, (struct doc_origin){0},
                    own_copy(arena, member->value));
    } else if (doc_is(value, DOC_LIST)) {
        copy = doc_new_list(arena);
        DOC_FOREACH_ITEM(item, value)
        doc_list_add(arena, copy, own_copy(arena, item));
    } else {
        copy = doc_new_string_bytes(arena, value->text ? value->text : "", value->text ? value->length : 0);
        copy->kind = value->kind;
        copy->is_plain = value->is_plain;
        if (value->kind == DOC_BOOL)
            copy->boolean = value->boolean;
        else if (value->kind == DOC_INT)
            copy->integer = value->integer;
        else if (value->kind == DOC_FLOAT)
            copy->real = value->real;
    }
    return copy;
}

static void add_change(struct comparison *comparison, const char *path, const struct doc *old, const struct doc *new) {
    struct arena *arena = comparison->arena;
    struct doc *change = doc_new_map(arena);
    doc_map_set_text(arena, change, "path", path);
    if (old)
        doc_map_set(arena, change, "old", own_copy(arena, old));
    if (new)
        doc_map_set(arena, change, "new", own_copy(arena, new));
    doc_list_add(arena, comparison->changes, change);
}

static const char *below(struct comparison *comparison, const char *path, const char *key) {
    return arena_printf(comparison->arena, "%s%s%s", path, *path ? "." : "", doc_path_escape(comparison->arena, key));
}

// For names that are not steps of a path: those of constraints have dots.
static const char *below_name(struct comparison *comparison, const char *path, const char *name) {
    return arena_printf(comparison->arena, "%s.%s", path, name);
}

// --- values ---

static bool is_map_or_absent(const struct doc *value) {
    return !value || doc_is(value, DOC_MAP);
}

// Leaves of maps one by one, everything else whole.
static void compare_values(struct comparison *comparison, const char *path, const struct doc *old,
                           const struct doc *new) {
    if (old && new &&doc_equal(old, new))
        return;
    if ((!old && !new) || !is_map_or_absent(old) || !is_map_or_absent(new) || doc_count(old) + doc_count(new) == 0) {
        if (old || new)
            add_change(comparison, path, old, new);
        return;
    }
    DOC_FOREACH_MEMBER(member, old)
    compare_values(comparison, below(comparison, path, member->key), member->value, doc_get(new, member->key));
    DOC_FOREACH_MEMBER(member, new)
    if (!doc_get(old, member->key))
        compare_values(comparison, below(comparison, path, member->key), NULL, member->value);
}

// --- constraints ---

static const struct doc *named(const struct doc *list, const char *name) {
    DOC_FOREACH_ITEM(item, list)
    if (str_eq(doc_get_text(item, "name", NULL), name))
        return item;
    return NULL;
}

static void compare_constraint(struct comparison *comparison, const char *path, const struct doc *old,
                               const struct doc *new) {
    compare_values(comparison, path, doc_get(old, "value"), doc_get(new, "value"));
    compare_values(comparison, below(comparison, path, "severity"), doc_get(old, "severity"), doc_get(new, "severity"));
}

static void compare_constraints(struct comparison *comparison, const char *path, const struct doc *old,
                                const struct doc *new) {
    DOC_FOREACH_ITEM(item, old) {
        const char *name = doc_get_text(item, "name", "");
        compare_constraint(comparison, below_name(comparison, path, name), item, named(new, name));
    }
    DOC_FOREACH_ITEM(item, new) {
        const char *name = doc_get_text(item, "name", "");
        if (!named(old, name))
            compare_constraint(comparison, below_name(comparison, path, name), NULL, item);
    }
}

static void compare_phase(struct comparison *comparison, const char *path, const struct doc *old,
                          const struct doc *new) {
    static const char *const keys[] = {"checks", "timeout", "nodeSelection", "infrastructure"};
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
        compare_values(comparison, below(comparison, path, keys[i]), doc_get(old, keys[i]), doc_get(new, keys[i]));
    compare_constraints(comparison, below(comparison, path, "constraints"), doc_get(old, "constraints"),
                        doc_get(new, "constraints"));
}

static void compare_validation(struct comparison *comparison, const struct doc *old, const struct doc *new) {
    DOC_FOREACH_MEMBER(member, old)
    compare_phase(comparison, below(comparison, "validation", member->key), member->value, doc_get(new, member->key));
    DOC_FOREACH_MEMBER(member, new)
    if (!doc_get(old, member->key))
        compare_phase(comparison, below(comparison, "validation", member->key), NULL, member->value);
}

// --- components ---

static const struct manifest *find_manifest(const struct component *component, const char *path) {
    for (size_t i = 0; i < component->manifest_count; i++)
        if (str_eq(component->manifests[i].path, path))
            return &component->manifests[i];
    return NULL;
}

// A manifest's text is too long to be shown: a digest stands for it.
static const struct doc *manifest_doc(struct arena *arena, const struct manifest *manifest) {
    char hex[SHA256_HEX_SIZE];
    if (!manifest)
        return NULL;
    return doc_new_stringf(arena, "sha256:%.16s%s", sha256_hex(manifest->text, strlen(manifest->text), hex),
                           manifest->is_pre ? " (before the chart)" : "");
}

static void compare_manifest(struct comparison *comparison, const char *path, const struct manifest *old,
                             const struct manifest *new) {
    const char *name = old ? old->path : new->path;
    compare_values(comparison, below_name(comparison, path, name), manifest_doc(comparison->arena, old),
                   manifest_doc(comparison->arena, new));
}

static void compare_manifests(struct comparison *comparison, const char *path, const struct component *old,
                              const struct component *new) {
    for (size_t i = 0; i < old->manifest_count; i++)
        compare_manifest(comparison, path, &old->manifests[i], find_manifest(new, old->manifests[i].path));
    for (size_t i = 0; i < new->manifest_count; i++)
        if (!find_manifest(old, new->manifests[i].path))
            compare_manifest(comparison, path, NULL, &new->manifests[i]);
}

static const struct doc *presence(struct arena *arena, const struct component *component) {
    const char *version = component->version ? component->version : component->tag;
    return doc_new_string(arena, version && *version ? version : "present");
}

static void compare_component(struct comparison *comparison, const struct component *old, const struct component *new) {
    static const char *const keys[] = {"type", "source",    "chart",          "version", "tag",
                                       "path", "namespace", "dependencyRefs", "patches", "expectedResources"};
    const char *path = below(comparison, "components", old ? old->name : new->name);
    if (!old || !new) {
        add_change(comparison, path, old ? presence(comparison->arena, old) : NULL,
                   new ? presence(comparison->arena, new) : NULL);
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
        compare_values(comparison, below(comparison, path, keys[i]), doc_get(old->doc, keys[i]),
                       doc_get(new->doc, keys[i]));
    compare_values(comparison, below(comparison, path, "values"), old->values, new->values);
    compare_manifests(comparison, below(comparison, path, "manifests"), old, new);
}

static int compare_paths(const void *a, const void *b) {
    return strcmp(doc_get_text(*(const struct doc *const *)a, "path", ""),
                  doc_get_text(*(const struct doc *const *)b, "path", ""));
}

struct doc *recipe_compare(struct arena *arena, const struct recipe *old, const struct recipe *new) {
    struct comparison comparison = {.arena = arena, .changes = doc_new_list(arena)};
    for (size_t i = 0; i < old->component_count; i++)
        compare_component(&comparison, &old->components[i], recipe_component(new, old->components[i].name));
    for (size_t i = 0; i < new->component_count; i++)
        if (!recipe_component(old, new->components[i].name))
            compare_component(&comparison, NULL, &new->components[i]);
    compare_constraints(&comparison, "constraints", doc_get(old->doc, "constraints"), doc_get(new->doc, "constraints"));
    compare_validation(&comparison, old->validation, new->validation);
    struct doc *changes = comparison.changes;
    if (changes->list.count)
        qsort(changes->list.items, changes->list.count, sizeof *changes->list.items, compare_paths);
    return changes;
}
