// SPDX-License-Identifier: Apache-2.0
#include "doc/patch.h"

#include "base/suggest.h"
#include "base/text.h"
#include "doc/path.h"

// RFC 6902. Nodes on the way to a change are copied, all others shared, so the input stays as it is.

struct operation {
    struct arena *arena;
    const struct doc *source; // the operation as it stands in the patch
    size_t number;
    const char *path_text;
    struct doc_path path;
    const char *from_text;
    struct doc_path from;
    const struct doc *value;
};

enum change { CHANGE_ADD, CHANGE_REMOVE, CHANGE_REPLACE };

static int operation_error(const struct operation *operation, enum error_code code, struct error **err,
                           const char *format, ...) _printf_(4, 5);
static int operation_error(const struct operation *operation, enum error_code code, struct error **err,
                           const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *message = arena_vprintf(operation->arena, format, arguments);
    va_end(arguments);
    return doc_error(err, code, operation->source->origin, "patch operation %zu: %s", operation->number, message);
}

static int missing(const struct operation *operation, const struct doc_path *path, size_t count, struct error **err) {
    _cleanup_text_ struct text pointer = {0};
    for (size_t i = 0; i < count; i++)
        text_addf(&pointer, "/%s", path->steps[i].key);
    return operation_error(operation, ERROR_NOT_FOUND, err, "there is no '%s'", text_str(&pointer));
}

// The index that a reference token means in a list; `limit` is the largest that is allowed.
static bool token_index(const char *token, size_t limit, size_t *ret) {
    size_t value = 0;
    if (!*token || (token[0] == '0' && token[1]))
        return false;
    for (const char *p = token; *p; p++) {
        if (*p < '0' || *p > '9' || value > limit)
            return false;
        value = value * 10 + (size_t)(*p - '0');
    }
    *ret = value;
    return value <= limit;
}

static void list_insert(struct arena *arena, struct doc *list, size_t index, const struct doc *value) {
    doc_list_add(arena, list, value);
    memmove(list->list.items + index + 1, list->list.items + index,
            (list->list.count - 1 - index) * sizeof *list->list.items);
    list->list.items[index] = value;
}

static void list_remove(struct doc *list, size_t index) {
    list->list.count--;
    memmove(list->list.items + index, list->list.items + index + 1,
            (list->list.count - index) * sizeof *list->list.items);
}

static int change_list(const struct operation *operation, enum change change, const struct doc *list,
                       const struct doc_path *path, const struct doc *value, const struct doc **ret,
                       struct error **err) {
    const char *token = path->steps[path->count - 1].key;
    size_t index = list->list.count;
    bool is_end = change == CHANGE_ADD && str_eq(token, "-");
    if (!is_end && !token_index(token, list->list.count, &index))
        return operation_error(operation, ERROR_NOT_FOUND, err, "'%s' is no index of a list with %zu items", token,
                               list->list.count);
    if (index == list->list.count && change != CHANGE_ADD)
        return missing(operation, path, path->count, err);
    struct doc *copy = doc_copy(operation->arena, list);
    if (change == CHANGE_ADD)
        list_insert(operation->arena, copy, index, value);
    else if (change == CHANGE_REMOVE)
        list_remove(copy, index);
    else
        copy->list.items[index] = value;
    *ret = copy;
    return 0;
}

static int change_map(const struct operation *operation, enum change change, const struct doc *map,
                      const struct doc_path *path, const struct doc *value, const struct doc **ret,
                      struct error **err) {
    const char *key = path->steps[path->count - 1].key;
    if (change != CHANGE_ADD && !doc_get(map, key))
        return missing(operation, path, path->count, err);
    struct doc *copy = doc_copy(operation->arena, map);
    if (change == CHANGE_REMOVE)
        doc_map_remove(copy, key);
    else
        doc_map_set(operation->arena, copy, key, value);
    *ret = copy;
    return 0;
}

// The container that the path's last token speaks of is given; puts the changed one into its parents, upwards.
static int change_at(const struct operation *operation, enum change change, const struct doc *doc,
                     const struct doc_path *path, size_t depth, const struct doc *value, const struct doc **ret,
                     struct error **err) {
    if (depth + 1 == path->count) {
        if (doc_is(doc, DOC_LIST))
            return change_list(operation, change, doc, path, value, ret, err);
        if (doc_is(doc, DOC_MAP))
            return change_map(operation, change, doc, path, value, ret, err);
        return missing(operation, path, path->count, err);
    }
    const char *token = path->steps[depth].key;
    size_t index = 0;
    bool is_list = doc_is(doc, DOC_LIST) && token_index(token, doc->list.count, &index);
    const struct doc *child = is_list ? doc_item(doc, index) : doc_get(doc, token), *changed;
    if (!child)
        return missing(operation, path, depth + 1, err);
    int r = change_at(operation, change, child, path, depth + 1, value, &changed, err);
    if (r < 0)
        return r;
    struct doc *copy = doc_copy(operation->arena, doc);
    if (is_list)
        copy->list.items[index] = changed;
    else
        doc_map_set(operation->arena, copy, token, changed);
    *ret = copy;
    return 0;
}

static int change(const struct operation *operation, enum change kind, const struct doc *doc,
                  const struct doc_path *path, const struct doc *value, const struct doc **ret, struct error **err) {
    if (path->count)
        return change_at(operation, kind, doc, path, 0, value, ret, err);
    if (kind == CHANGE_REMOVE)
        return operation_error(operation, ERROR_INVALID, err, "the whole document cannot be removed");
    *ret = value;
    return 0;
}

static int find(const struct operation *operation, const struct doc *doc, const struct doc_path *path,
                const struct doc **ret, struct error **err) {
    size_t depth;
    const struct doc *found = doc_path_find(doc, path, &depth);
    if (!found)
        return missing(operation, path, depth + 1, err);
    *ret = found;
    return 0;
}

// --- the six operations ---

static int apply_add(const struct operation *operation, const struct doc **doc, struct error **err) {
    return change(operation, CHANGE_ADD, *doc, &operation->path, operation->value, doc, err);
}

static int apply_remove(const struct operation *operation, const struct doc **doc, struct error **err) {
    return change(operation, CHANGE_REMOVE, *doc, &operation->path, NULL, doc, err);
}

static int apply_replace(const struct operation *operation, const struct doc **doc, struct error **err) {
    return change(operation, CHANGE_REPLACE, *doc, &operation->path, operation->value, doc, err);
}

static int apply_copy(const struct operation *operation, const struct doc **doc, struct error **err) {
    const struct doc *value;
    int r = find(operation, *doc, &operation->from, &value, err);
    return r < 0 ? r : change(operation, CHANGE_ADD, *doc, &operation->path, value, doc, err);
}

static int apply_move(const struct operation *operation, const struct doc **doc, struct error **err) {
    const struct doc *value;
    size_t length = strlen(operation->from_text);
    if (str_eq(operation->from_text, operation->path_text))
        return find(operation, *doc, &operation->from, &value, err);
    if (strncmp(operation->path_text, operation->from_text, length) == 0 && operation->path_text[length] == '/')
        return operation_error(operation, ERROR_INVALID, err, "a value cannot be moved into itself");
    int r = find(operation, *doc, &operation->from, &value, err);
    if (r == 0)
        r = change(operation, CHANGE_REMOVE, *doc, &operation->from, NULL, doc, err);
    return r < 0 ? r : change(operation, CHANGE_ADD, *doc, &operation->path, value, doc, err);
}

static int apply_test(const struct operation *operation, const struct doc **doc, struct error **err) {
    const struct doc *found;
    int r = find(operation, *doc, &operation->path, &found, err);
    if (r < 0 || doc_equal(found, operation->value))
        return r;
    return operation_error(operation, ERROR_CONFLICT, err, "the value at '%s' is not the one tested for",
                           operation->path_text);
}

static const struct operation_kind {
    const char *name;
    int (*apply)(const struct operation *operation, const struct doc **doc, struct error **err);
    bool needs_value;
    bool needs_from;
} kinds[] = {
    {"add", apply_add, true, false},        {"copy", apply_copy, false, true},       {"move", apply_move, false, true},
    {"remove", apply_remove, false, false}, {"replace", apply_replace, true, false}, {"test", apply_test, true, false},
};

static const struct operation_kind *find_kind(const char *name) {
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        if (str_eq(kinds[i].name, name))
            return &kinds[i];
    return NULL;
}

static int unknown_kind(const struct operation *operation, const char *name, struct error **err) {
    const char *names[ARRAY_SIZE(kinds)];
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        names[i] = kinds[i].name;
    operation_error(operation, ERROR_INVALID, err, "unknown op '%s'", name);
    const char *nearest = suggest_nearest(name, names, ARRAY_SIZE(names));
    if (nearest)
        return error_hint(err, "did you mean '%s'?", nearest);
    return error_hint(err, "an op is one of add, copy, move, remove, replace, test");
}

static int read_pointer(const struct operation *operation, const char *member, const char **ret_text,
                        struct doc_path *ret, struct error **err) {
    const struct doc *text = doc_get(operation->source, member);
    if (!doc_is(text, DOC_STRING) || strlen(text->text) != text->length)
        return operation_error(operation, ERROR_INVALID, err, "needs a '%s' that is a JSON pointer", member);
    int r = doc_pointer_parse(operation->arena, text->text, ret, err);
    if (r < 0)
        return error_prefix(err, "patch operation %zu", operation->number);
    *ret_text = text->text;
    return 0;
}

static int read_operation(struct operation *operation, const struct operation_kind **ret, struct error **err) {
    if (!doc_is(operation->source, DOC_MAP))
        return operation_error(operation, ERROR_INVALID, err, "must be a map, not a %s",
                               doc_kind_name(operation->source->kind));
    const struct doc *op = doc_get(operation->source, "op");
    if (!doc_is(op, DOC_STRING))
        return operation_error(operation, ERROR_INVALID, err, "needs an 'op' that is text");
    const struct operation_kind *kind = find_kind(op->text);
    if (!kind)
        return unknown_kind(operation, op->text, err);
    int r = read_pointer(operation, "path", &operation->path_text, &operation->path, err);
    if (r == 0 && kind->needs_from)
        r = read_pointer(operation, "from", &operation->from_text, &operation->from, err);
    if (r < 0)
        return r;
    operation->value = doc_get(operation->source, "value");
    if (kind->needs_value && !operation->value)
        return operation_error(operation, ERROR_INVALID, err, "op '%s' needs a 'value'", kind->name);
    *ret = kind;
    return 0;
}

int doc_patch_apply(struct arena *arena, const struct doc *doc, const struct doc *patch, const struct doc **ret,
                    struct error **err) {
    if (!doc_is(patch, DOC_LIST))
        return doc_error(err, ERROR_INVALID, patch->origin, "a JSON patch must be a list of operations, not a %s",
                         doc_kind_name(patch->kind));
    const struct doc *patched = doc;
    for (size_t i = 0; i < patch->list.count; i++) {
        struct operation operation = {.arena = arena, .source = patch->list.items[i], .number = i};
        const struct operation_kind *kind;
        int r = read_operation(&operation, &kind, err);
        if (r == 0)
            r = kind->apply(&operation, &patched, err);
        if (r < 0)
            return r;
    }
    *ret = patched;
    return 0;
}
