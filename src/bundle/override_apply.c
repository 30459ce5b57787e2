// SPDX-License-Identifier: Apache-2.0
#include "base/suggest.h"
#include "bundle/override.h"

#include <ctype.h>

static int fail(const struct override *override, struct error **err, const char *what) {
    return error_set(err, ERROR_INVALID, "--%s %s: %s", override_kind_names[override->kind], override->argument, what);
}

static struct doc_origin origin_of(struct arena *arena, const struct override *override) {
    return (struct doc_origin){.source = arena_printf(arena, "--%s", override_kind_names[override->kind])};
}

// --- the kind of the new value ---

static bool is_decimal_integer(const char *text) {
    const char *digits = text + (*text == '-');
    size_t length = strspn(digits, "0123456789");
    return length && length <= 18 && !digits[length] && (digits[0] != '0' || (length == 1 && digits == text));
}

// -?digits, a fraction, an exponent: what JSON calls a number.
static bool is_number(const char *text) {
    const char *at = text + (*text == '-');
    size_t whole = strspn(at, "0123456789");
    if (!whole || (at[0] == '0' && whole > 1))
        return false;
    at += whole;
    if (*at == '.') {
        size_t fraction = strspn(at + 1, "0123456789");
        if (!fraction)
            return false;
        at += 1 + fraction;
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        at += *at == '+' || *at == '-';
        size_t exponent = strspn(at, "0123456789");
        if (!exponent)
            return false;
        at += exponent;
    }
    return !*at;
}

// What an unquoted word means where nothing says of which kind the value is.
static struct doc *infer(struct arena *arena, const char *text) {
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (str_eq_ignore_case(text, words[i])) // as Helm does: the text "False" would count as true in templates
            return doc_new_plain(arena, words[i], strlen(words[i]));
    return is_decimal_integer(text) ? doc_new_plain(arena, text, strlen(text)) : doc_new_string(arena, text);
}

static int make_scalar(struct arena *arena, const struct override *override, const struct doc *old, const char *text,
                       struct doc **ret, struct error **err) {
    if (override->kind == OVERRIDE_STRING || doc_is(old, DOC_STRING)) {
        bool removes = override->kind == OVERRIDE_SET && str_eq(text, "null");
        *ret = removes ? doc_new_null(arena) : doc_new_string(arena, text);
        return 0;
    }
    if (!old || old->kind == DOC_NULL || str_eq(text, "null")) {
        *ret = infer(arena, text);
        return 0;
    }
    switch (old->kind) {
    case DOC_BOOL:
        if (!str_eq_ignore_case(text, "true") && !str_eq_ignore_case(text, "false"))
            return fail(override, err, "the value that it replaces is a boolean, so it must be true or false");
        *ret = infer(arena, text);
        return 0;
    case DOC_INT:
    case DOC_FLOAT:
        if (!is_number(text)) {
            fail(override, err, "the value that it replaces is a number, and this is none");
            return error_hint(err, "--set-string makes it text");
        }
        *ret = doc_new_plain(arena, text, strlen(text));
        return 0;
    default:
        fail(override, err,
             old->kind == DOC_LIST ? "the value that it replaces is a list" : "the value that it replaces is a map");
        return error_hint(err, old->kind == DOC_LIST ? "write {a,b} for a list of words, or use --set-json"
                                                     : "name a key below it, or use --set-json");
    }
}

static int make_list(struct arena *arena, const struct override *override, const struct doc *old, struct doc **ret,
                     struct error **err) {
    if (old && old->kind != DOC_LIST && old->kind != DOC_NULL)
        return error_set(err, ERROR_INVALID, "--%s %s: the value that it replaces is a %s, not a list",
                         override_kind_names[override->kind], override->argument, doc_kind_name(old->kind));
    const struct doc *pattern = doc_is_scalar(doc_item(old, 0)) ? doc_item(old, 0) : NULL;
    struct doc *list = doc_new_list(arena);
    for (size_t i = 0; i < override->item_count; i++) {
        struct doc *item = NULL;
        int r = make_scalar(arena, override, pattern, override->items[i], &item, err);
        if (r < 0)
            return r;
        item->origin = origin_of(arena, override);
        doc_list_add(arena, list, item);
    }
    *ret = list;
    return 0;
}

static int make_value(struct arena *arena, const struct override *override, const struct doc *old,
                      const struct doc **ret, struct error **err) {
    if (override->value) { // JSON, or the content of a file
        *ret = override->value;
        return 0;
    }
    struct doc *value = NULL;
    int r = override->items ? make_list(arena, override, old, &value, err)
                            : make_scalar(arena, override, old, override->text, &value, err);
    if (r < 0)
        return r;
    value->origin = origin_of(arena, override);
    *ret = value;
    return 0;
}

// --- is the path known? ---

// How many steps can be followed; all of them also when the last one found says nothing of what is below (null, {},
// []).
static size_t known_depth(const struct doc *root, const struct doc_path *path, const struct doc **ret_last) {
    size_t depth = 0;
    const struct doc *at = root;
    for (; depth < path->count; depth++) {
        const struct doc_path_step *step = &path->steps[depth];
        bool is_open =
            depth > 0 && (doc_is(at, DOC_NULL) || ((doc_is(at, DOC_MAP) || doc_is(at, DOC_LIST)) && !doc_count(at)));
        if (is_open) {
            *ret_last = NULL;
            return path->count;
        }
        const struct doc *next = step->key ? doc_get(at, step->key) : doc_item(at, step->index);
        if (!next && !step->key && doc_is(at, DOC_LIST)) // a further item looks like the ones that are there
            next = doc_item(at, 0);
        if (!next)
            break;
        at = next;
    }
    *ret_last = at;
    return depth;
}

static int unknown_path(struct arena *arena, const struct override *override, const struct doc *parent, size_t depth,
                        struct error **err) {
    const char *target = override_target(arena, override);
    const struct doc_path_step *step = &override->path.steps[depth];
    const char *where = depth ? doc_path_text(arena, &override->path, depth) : NULL;
    if (where)
        error_set(err, ERROR_NOT_FOUND, "--%s %s: '%s' is no known value of %s: %s has no %s%s%s",
                  override_kind_names[override->kind], target,
                  doc_path_text(arena, &override->path, override->path.count), override->name, where,
                  step->key ? "'" : "list item", step->key ? step->key : "", step->key ? "'" : "");
    else
        error_set(err, ERROR_NOT_FOUND, "--%s %s: '%s' is no known value of %s", override_kind_names[override->kind],
                  target, step->key ? step->key : "[...]", override->name);
    const char *names[64];
    size_t count = 0;
    DOC_FOREACH_MEMBER(member, parent)
    if (count < ARRAY_SIZE(names))
        names[count++] = member->key;
    const char *nearest = step->key ? suggest_nearest(step->key, names, count) : NULL;
    if (nearest)
        return error_hint(err, "did you mean '%s'? (--allow-unknown sets it all the same)", nearest);
    return error_hint(err, "--allow-unknown sets it all the same; the values known are in the bundle's %s/values.yaml",
                      override->name);
}

// The value that the path has now, or is known to have in the chart, NULL when neither; an error when nobody knows it.
static int find_old(struct arena *arena, const struct override *override, const struct override_target_values *target,
                    const struct doc **ret, struct error **err) {
    const struct doc *const roots[] = {target->values, target->known, target->schedulable};
    const struct doc *deepest_parent = target->values;
    size_t deepest = 0;
    for (size_t i = 0; i < ARRAY_SIZE(roots); i++) {
        const struct doc *last = NULL;
        size_t depth = known_depth(roots[i], &override->path, &last);
        if (depth == override->path.count) {
            *ret = last;
            return 0;
        }
        if (depth > deepest) {
            deepest = depth;
            deepest_parent = last;
        }
    }
    *ret = NULL;
    return target->allows_unknown ? 0 : unknown_path(arena, override, deepest_parent, deepest, err);
}

// A number with zeros at its end loses them in every reader of YAML, which turns a version into another one.
static const char *note_on(struct arena *arena, const struct override *override, const struct doc *value) {
    if (override->kind != OVERRIDE_SET || !doc_is(value, DOC_FLOAT) || !strchr(value->text, '.') ||
        value->text[value->length - 1] != '0')
        return NULL;
    return arena_printf(arena,
                        "%s: %s is written as a number, because it replaces one; chart templates will see it without "
                        "the zeros at its end. If it is a version, use --set-string",
                        override_target(arena, override), value->text);
}

int override_apply(struct arena *arena, const struct override *override, const struct override_target_values *target,
                   const struct doc **ret, const char **ret_note, struct error **err) {
    const struct doc *old = NULL, *value = NULL;
    int r = find_old(arena, override, target, &old, err);
    if (r >= 0)
        r = make_value(arena, override, old, &value, err);
    if (r < 0)
        return r;
    const struct doc *values = target->values ? target->values : doc_new_map(arena);
    r = doc_path_set(arena, values, &override->path, value, ret, err);
    if (r < 0)
        return error_prefix(err, "--%s %s", override_kind_names[override->kind], override->argument);
    *ret_note = note_on(arena, override, value);
    return 0;
}
