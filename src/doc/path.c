// SPDX-License-Identifier: Apache-2.0
#include "doc/path.h"

#include "base/alloc.h"
#include "base/suggest.h"
#include "base/text.h"
#include "doc/merge.h"

#include <stdlib.h>

// What a backslash takes literally; a key that has one of these is escaped when written.
#define SPECIAL ".[],=\\"
// So many neighbours of a missing key are named.
#define SHOWN_KEYS 12
// Lists cannot be longer than the input allows, so larger indexes are mistakes.
#define LARGEST_INDEX 1000000000

// --- parsing ---

static int path_error(struct error **err, const char *path, size_t offset, const char *what) {
    return error_set(err, ERROR_INVALID, "path '%s': %s at byte %zu", path, what, offset + 1);
}

static void add_step(struct arena *arena, struct doc_path *path, struct doc_path_step step) {
    // Grown by doubling; the capacity is the next power of two.
    bool is_full = (path->count & (path->count - 1)) == 0;
    if (is_full)
        path->steps = arena_grow(arena, path->steps, path->count * sizeof step,
                                 (path->count ? path->count * 2 : 1) * sizeof step);
    path->steps[path->count++] = step;
}

// [0-9]+ at *i, which moves behind it.
static bool parse_index(const char *text, size_t *i, size_t *ret) {
    size_t value = 0, start = *i;
    for (; text[*i] >= '0' && text[*i] <= '9' && value <= LARGEST_INDEX; ++*i)
        value = value * 10 + (size_t)(text[*i] - '0');
    *ret = value;
    return *i > start && value <= LARGEST_INDEX;
}

// ["..."] with \" and \\: any key, the empty one too.
static int parse_quoted(struct arena *arena, const char *text, size_t *i, struct doc_path *ret, struct error **err) {
    _cleanup_text_ struct text key = {0};
    size_t start = *i;
    for (*i += 2; text[*i] && text[*i] != '"'; ++*i) {
        if (text[*i] == '\\' && text[*i + 1])
            ++*i;
        text_add_char(&key, text[*i]);
    }
    if (text[*i] != '"' || text[*i + 1] != ']')
        return path_error(err, text, start, "[\" is not closed by \"]");
    *i += 2;
    add_step(arena, ret, (struct doc_path_step){.key = arena_strdup(arena, text_str(&key)), .offset = start});
    return 0;
}

static int parse_bracket(struct arena *arena, const char *text, size_t *i, struct doc_path *ret, struct error **err) {
    size_t start = *i, index = 0;
    if (text[*i + 1] == '"')
        return parse_quoted(arena, text, i, ret, err);
    ++*i;
    if (!parse_index(text, i, &index) || text[*i] != ']')
        return path_error(err, text, start, "brackets must hold an index such as [0]");
    ++*i;
    add_step(arena, ret, (struct doc_path_step){.index = index, .offset = start});
    return 0;
}

static int parse_key(struct arena *arena, const char *text, size_t *i, struct doc_path *ret, struct error **err) {
    _cleanup_text_ struct text key = {0};
    size_t start = *i;
    for (; text[*i] && text[*i] != '.' && text[*i] != '['; ++*i) {
        if (text[*i] == '\\') {
            if (!text[*i + 1] || !strchr(SPECIAL, text[*i + 1]))
                return path_error(err, text, *i, "a backslash must stand before one of . [ ] , = \\");
            ++*i;
        }
        text_add_char(&key, text[*i]);
    }
    if (*i == start)
        return path_error(err, text, start, "a key is missing");
    add_step(arena, ret, (struct doc_path_step){.key = arena_strdup(arena, text_str(&key)), .offset = start});
    return 0;
}

int doc_path_parse(struct arena *arena, const char *text, struct doc_path *ret, struct error **err) {
    struct doc_path path = {0};
    size_t i = text[0] == '.';
    while (text[i]) {
        int r = text[i] == '[' ? parse_bracket(arena, text, &i, &path, err) : parse_key(arena, text, &i, &path, err);
        if (r < 0)
            return r;
        if (text[i] != '.')
            continue;
        i++;
        if (!text[i])
            return path_error(err, text, i, "a key is missing");
    }
    *ret = path;
    return 0;
}

int doc_pointer_parse(struct arena *arena, const char *text, struct doc_path *ret, struct error **err) {
    struct doc_path path = {0};
    size_t i = 0;
    if (text[0] && text[0] != '/')
        return error_set(err, ERROR_INVALID, "JSON pointer '%s': must be empty or begin with '/'", text);
    while (text[i]) {
        _cleanup_text_ struct text key = {0};
        size_t start = i++;
        for (; text[i] && text[i] != '/'; i++) {
            if (text[i] == '~' && text[i + 1] != '0' && text[i + 1] != '1')
                return error_set(err, ERROR_INVALID, "JSON pointer '%s': '~' at byte %zu must be ~0 or ~1", text,
                                 i + 1);
            if (text[i] == '~')
                text_add_char(&key, text[++i] == '0' ? '~' : '/');
            else
                text_add_char(&key, text[i]);
        }
        add_step(arena, &path, (struct doc_path_step){.key = arena_strdup(arena, text_str(&key)), .offset = start});
    }
    *ret = path;
    return 0;
}

// --- finding ---

// A list takes indexes, and keys that are one without leading zeros.
static bool list_index(const struct doc_path_step *step, size_t *ret) {
    *ret = step->index;
    if (!step->key)
        return true;
    size_t i = 0;
    bool is_padded = step->key[0] == '0' && step->key[1];
    return !is_padded && parse_index(step->key, &i, ret) && !step->key[i];
}

static const struct doc *follow(const struct doc *doc, const struct doc_path_step *step) {
    size_t index;
    if (doc_is(doc, DOC_LIST))
        return list_index(step, &index) ? doc_item(doc, index) : NULL;
    return step->key ? doc_get(doc, step->key) : NULL;
}

const struct doc *doc_path_find(const struct doc *doc, const struct doc_path *path, size_t *ret_depth) {
    size_t depth = 0;
    const struct doc *next = doc;
    for (; next && depth < path->count; depth++) {
        next = follow(next, &path->steps[depth]);
        if (!next)
            break;
    }
    if (ret_depth)
        *ret_depth = depth;
    return next;
}

static void hint_keys(struct arena *arena, const struct doc *map, const char *key, struct error **err) {
    size_t count = doc_count(map), i = 0;
    if (count == 0) {
        error_hint(err, "the map is empty");
        return;
    }
    _cleanup_free_ const char **keys = xcalloc(count, sizeof *keys);
    DOC_FOREACH_MEMBER(member, map)
    keys[i++] = member->key;
    const char *nearest = suggest_nearest(key, keys, count);
    if (nearest) {
        error_hint(err, "did you mean '%s'?", doc_path_escape(arena, nearest));
        return;
    }
    _cleanup_text_ struct text list = {0};
    for (i = 0; i < MIN(count, (size_t)SHOWN_KEYS); i++)
        text_addf(&list, "%s%s", i ? ", " : "", keys[i]);
    error_hint(err, "there is: %s%s", text_str(&list), count > SHOWN_KEYS ? ", ..." : "");
}

static int not_found(struct arena *arena, const struct doc *parent, const struct doc_path *path, size_t depth,
                     const char *text, struct error **err) {
    const struct doc_path_step *step = &path->steps[depth];
    const char *where = depth ? doc_path_text(arena, path, depth) : "the document";
    const char *name = step->key ? step->key : arena_printf(arena, "[%zu]", step->index);
    if (doc_is(parent, DOC_MAP) && step->key) {
        error_set(err, ERROR_NOT_FOUND, "path '%s': %s has no '%s'", text, where, name);
        hint_keys(arena, parent, step->key, err);
        return -ERROR_NOT_FOUND;
    }
    if (doc_is(parent, DOC_LIST) && doc_count(parent))
        return error_set(err, ERROR_NOT_FOUND, "path '%s': %s has items [0] to [%zu], no '%s'", text, where,
                         doc_count(parent) - 1, name);
    if (doc_is(parent, DOC_LIST))
        return error_set(err, ERROR_NOT_FOUND, "path '%s': %s is an empty list", text, where);
    return error_set(err, ERROR_NOT_FOUND, "path '%s': %s is a %s and has no '%s'", text, where,
                     doc_kind_name(parent->kind), name);
}

int doc_path_get(struct arena *arena, const struct doc *doc, const char *text, const struct doc **ret,
                 struct error **err) {
    struct doc_path path;
    size_t depth;
    int r = doc_path_parse(arena, text, &path, err);
    if (r < 0)
        return r;
    const struct doc *found = doc_path_find(doc, &path, &depth);
    if (!found) {
        struct doc_path head = {path.steps, depth};
        return not_found(arena, doc_path_find(doc, &head, NULL), &path, depth, text, err);
    }
    *ret = found;
    return 0;
}

// --- setting ---

struct setting {
    struct arena *arena;
    const struct doc_path *path;
    const struct doc *value;
};

static int set_below(const struct setting *setting, const struct doc *old, size_t depth, const struct doc **ret,
                     struct error **err);

static int set_error(const struct setting *setting, size_t depth, struct error **err, const char *what) {
    return error_set(err, ERROR_INVALID, "path '%s': %s",
                     doc_path_text(setting->arena, setting->path, setting->path->count),
                     arena_printf(setting->arena, "'%s' %s",
                                  depth ? doc_path_text(setting->arena, setting->path, depth) : "the document", what));
}

static int set_in_list(const struct setting *setting, const struct doc *old, size_t depth, const struct doc **ret,
                       struct error **err) {
    size_t index, count = doc_count(old);
    if (!list_index(&setting->path->steps[depth], &index))
        return set_error(setting, depth, err, "is a list and needs an index such as [0]");
    if (index > count)
        return set_error(setting, depth, err, "would get a gap before that index");
    const struct doc *value;
    int r = set_below(setting, doc_item(old, index), depth + 1, &value, err);
    if (r < 0)
        return r;
    struct doc *list = old ? doc_copy(setting->arena, old) : doc_new_list(setting->arena);
    if (index == count)
        doc_list_add(setting->arena, list, value);
    else
        list->list.items[index] = value;
    *ret = list;
    return 0;
}

static int set_in_map(const struct setting *setting, const struct doc *old, size_t depth, const struct doc **ret,
                      struct error **err) {
    const char *key = setting->path->steps[depth].key;
    if (!key)
        return set_error(setting, depth, err, "is a map and has no indexes");
    const struct doc *value;
    int r = set_below(setting, doc_get(old, key), depth + 1, &value, err);
    if (r < 0)
        return r;
    struct doc *map = old ? doc_copy(setting->arena, old) : doc_new_map(setting->arena);
    doc_map_set(setting->arena, map, key, value);
    *ret = map;
    return 0;
}

static int set_below(const struct setting *setting, const struct doc *old, size_t depth, const struct doc **ret,
                     struct error **err) {
    if (depth == setting->path->count) {
        *ret = doc_replacing(setting->arena, setting->value, old);
        return 0;
    }
    // A null gives way like something absent.
    bool is_absent = !old || old->kind == DOC_NULL;
    if (doc_is(old, DOC_LIST) || (is_absent && !setting->path->steps[depth].key))
        return set_in_list(setting, is_absent ? NULL : old, depth, ret, err);
    if (doc_is(old, DOC_MAP) || is_absent)
        return set_in_map(setting, is_absent ? NULL : old, depth, ret, err);
    return set_error(setting, depth, err, "is neither a map nor a list");
}

int doc_path_set(struct arena *arena, const struct doc *doc, const struct doc_path *path, const struct doc *value,
                 const struct doc **ret, struct error **err) {
    struct setting setting = {.arena = arena, .path = path, .value = value};
    return set_below(&setting, doc, 0, ret, err);
}

// --- writing ---

static void add_key(struct text *out, const char *key) {
    if (!*key) {
        text_add(out, "[\"\"]");
        return;
    }
    for (const char *p = key; *p; p++) {
        if (strchr(SPECIAL, *p))
            text_add_char(out, '\\');
        text_add_char(out, *p);
    }
}

const char *doc_path_text(struct arena *arena, const struct doc_path *path, size_t count) {
    _cleanup_text_ struct text out = {0};
    for (size_t i = 0; i < count; i++) {
        const struct doc_path_step *step = &path->steps[i];
        if (!step->key) {
            text_addf(&out, "[%zu]", step->index);
            continue;
        }
        if (i)
            text_add_char(&out, '.');
        add_key(&out, step->key);
    }
    return arena_strdup(arena, text_str(&out));
}

const char *doc_path_escape(struct arena *arena, const char *key) {
    _cleanup_text_ struct text out = {0};
    add_key(&out, key);
    return arena_strdup(arena, text_str(&out));
}
