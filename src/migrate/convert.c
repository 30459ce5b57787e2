// SPDX-License-Identifier: Apache-2.0
#include "migrate/convert.h"
#include "base/text.h"
#include "doc/path.h"

// What was told about one path.
struct finding {
    const char *path, *why, *value;
    enum verdict verdict;
    struct doc_origin where; // of the first place
    size_t count;
};

struct conversion {
    struct arena *arena;
    const struct formats *formats;
    const char *from, *to; // ids
    const char *from_name, *to_name;
    const char *phase;
    struct report *report;
    struct finding *findings;
    size_t count, capacity;
    struct map by_key; // "path why" -> index + 1
};

// --- findings ---

static void find(struct conversion *conversion, enum verdict verdict, const char *path, const char *value,
                 struct doc_origin where, const char *why) {
    const char *key = arena_printf(conversion->arena, "%s %s", path, why);
    uintptr_t known = (uintptr_t)map_get(&conversion->by_key, key);
    if (known) {
        conversion->findings[known - 1].count++;
        return;
    }
    if (conversion->count == conversion->capacity) {
        size_t old = conversion->capacity;
        conversion->capacity = old ? old * 2 : 16;
        conversion->findings = arena_grow(conversion->arena, conversion->findings, old * sizeof *conversion->findings,
                                          conversion->capacity * sizeof *conversion->findings);
    }
    conversion->findings[conversion->count++] =
        (struct finding){.path = path, .why = why, .value = value, .verdict = verdict, .where = where, .count = 1};
    map_put(&conversion->by_key, key, (void *)(uintptr_t)conversion->count);
}

static const char *shown_value(struct arena *arena, const struct doc *value) {
    if (doc_is_scalar(value))
        return doc_text(value);
    return arena_printf(arena, "a %s of %zu", doc_kind_name(value->kind), doc_count(value));
}

static void tell_findings(struct conversion *conversion) {
    for (size_t i = 0; i < conversion->count; i++) {
        const struct finding *finding = &conversion->findings[i];
        const char *more =
            finding->count > 1 ? arena_printf(conversion->arena, " (and %zu more)", finding->count - 1) : "";
        verdict_add(conversion->report,
                    &(struct verdict_row){.id = finding->path,
                                          .phase = conversion->phase,
                                          .verdict = finding->verdict,
                                          .value = arena_printf(conversion->arena, "%s%s", finding->value, more),
                                          .why = finding->why,
                                          .where = finding->where});
    }
}

// --- data about keys ---

static bool is_in(const struct doc *rule, const char *format) {
    const struct doc *formats = doc_get(rule, "in");
    return !formats || doc_list_has(formats, format);
}

static const char *name_in(const struct doc_member *key, const char *format) {
    return doc_get_text(doc_get(key->value, "names"), format, key->key);
}

static bool has_alias(const struct doc_member *key, const char *name) {
    DOC_FOREACH_ITEM(alias, doc_get(key->value, "aliases"))
    if (str_eq(doc_text(alias), name))
        return true;
    return false;
}

static const struct doc_member *find_key(const struct doc *shape, const char *name, const char *format) {
    DOC_FOREACH_MEMBER(key, shape)
    if (str_eq(name_in(key, format), name))
        return key;
    DOC_FOREACH_MEMBER(key, shape)
    if (str_eq(key->key, name) || has_alias(key, name))
        return key;
    return NULL;
}

static const struct doc *shape_of(const struct conversion *conversion, const struct doc *rule, const char *word) {
    const char *name = doc_get_text(rule, word, NULL);
    return name ? doc_get(conversion->formats->shapes, name) : NULL;
}

// True when the target has no such word; lists of words stand by format, and a format without one takes any.
static bool is_strange_word(const struct conversion *conversion, const struct doc *rule, const struct doc *value) {
    const struct doc *words = doc_get(doc_get(rule, "words"), conversion->to);
    if (!words || !doc_is_scalar(value))
        return false;
    DOC_FOREACH_ITEM(word, words)
    if (str_eq_ignore_case(doc_text(word), doc_text(value)))
        return false;
    return true;
}

// --- values ---

static const struct doc *convert_map(struct conversion *conversion, const struct doc *map, const struct doc *shape,
                                     const char *path);

static void check_words(struct conversion *conversion, const struct doc *value, const struct doc *rule,
                        const char *path) {
    if (is_strange_word(conversion, rule, value))
        find(conversion, VERDICT_LOST, path, shown_value(conversion->arena, value), value->origin,
             arena_printf(conversion->arena, "%s has no word '%s' here; it is kept, but will be refused there.",
                          conversion->to_name, doc_text(value)));
    bool is_ours = str_eq(conversion->to, "cns");
    if (doc_get(rule, "comparisons") && !is_ours && doc_is_scalar(value) && strchr(doc_text(value), ','))
        find(conversion, VERDICT_LOST, path, doc_text(value), value->origin,
             arena_printf(conversion->arena,
                          "%s compares with one version, not with a range; it is kept, but cannot be judged there.",
                          conversion->to_name));
}

// An item of a list of maps that some formats write as the text of one member.
static const struct doc *unfold(struct conversion *conversion, const struct doc *item, const struct doc *text) {
    if (!text || !doc_is_scalar(item))
        return item;
    struct doc *map = doc_new_map(conversion->arena);
    map->origin = item->origin;
    doc_map_set(conversion->arena, map, doc_get_text(text, "member", ""), item);
    DOC_FOREACH_MEMBER(other, doc_get(text, "others"))
    doc_map_set(conversion->arena, map, other->key, other->value);
    return map;
}

static bool is_dropped_item(struct conversion *conversion, const struct doc *item, const struct doc *shape,
                            const char *path) {
    DOC_FOREACH_MEMBER(key, shape) {
        const struct doc *value = doc_get(item, key->key);
        if (!doc_get_bool(key->value, "drops", false) || !is_strange_word(conversion, key->value, value))
            continue;
        find(conversion, VERDICT_LOST, arena_printf(conversion->arena, "%s{%s: %s}", path, key->key, doc_text(value)),
             shown_value(conversion->arena, item), item->origin,
             arena_printf(conversion->arena, "%s knows no %s of this name.", conversion->to_name, key->key));
        return true;
    }
    return false;
}

static const struct doc *convert_list(struct conversion *conversion, const struct doc *list, const struct doc *rule,
                                      const char *path) {
    const struct doc *shape = shape_of(conversion, rule, "items"), *text = doc_get(rule, "text");
    struct doc *copy = doc_new_list(conversion->arena);
    copy->origin = list->origin;
    path = arena_printf(conversion->arena, "%s[]", path);
    DOC_FOREACH_ITEM(item, list) {
        const struct doc *whole = unfold(conversion, item, text);
        if (is_dropped_item(conversion, whole, shape, path))
            continue;
        whole = convert_map(conversion, whole, shape, path);
        bool is_text = text && is_in(text, conversion->to) && doc_is(whole, DOC_MAP);
        const struct doc *member = is_text ? doc_get(whole, doc_get_text(text, "member", "")) : whole;
        if (member)
            doc_list_add(conversion->arena, copy, member);
        else
            find(conversion, VERDICT_LOST, path, shown_value(conversion->arena, item), item->origin,
                 arena_printf(conversion->arena, "It has no %s, which is all that %s keeps of it.",
                              doc_get_text(text, "member", ""), conversion->to_name));
    }
    return copy;
}

static const struct doc *convert_value(struct conversion *conversion, const struct doc *value, const struct doc *rule,
                                       const char *path) {
    check_words(conversion, value, rule, path);
    if (doc_is(value, DOC_LIST) && doc_get(rule, "items"))
        return convert_list(conversion, value, rule, path);
    if (doc_is(value, DOC_MAP) && doc_get(rule, "shape"))
        return convert_map(conversion, value, shape_of(conversion, rule, "shape"), path);
    if (!doc_is(value, DOC_MAP) || !doc_get(rule, "values"))
        return value;
    struct doc *copy = doc_new_map(conversion->arena);
    DOC_FOREACH_MEMBER(member, value)
    doc_map_set(conversion->arena, copy, member->key,
                convert_map(conversion, member->value, shape_of(conversion, rule, "values"),
                            arena_printf(conversion->arena, "%s.*", path)));
    return copy;
}

static void convert_member(struct conversion *conversion, struct doc *copy, const struct doc_member *member,
                           const struct doc *shape, const char *path) {
    struct arena *arena = conversion->arena;
    const struct doc_member *key = find_key(shape, member->key, conversion->from);
    path = arena_printf(arena, "%s%s%s", path, *path ? "." : "", doc_path_escape(arena, member->key));
    if (!key && str_eq(conversion->from, conversion->to)) {
        doc_map_set(arena, copy, member->key, member->value);
        return;
    }
    if (!key || !is_in(key->value, conversion->to)) {
        find(conversion, VERDICT_LOST, path, shown_value(arena, member->value), member->key_origin,
             key ? arena_printf(arena, "%s has no such key.", conversion->to_name)
                 : "No format that is known here has this key.");
        return;
    }
    const char *name = name_in(key, conversion->to);
    if (!str_eq(name, member->key))
        find(conversion, VERDICT_CARRIED, path, shown_value(arena, member->value), member->key_origin,
             arena_printf(arena, "It is called %s in %s.", name, conversion->to_name));
    doc_map_set(arena, copy, name, convert_value(conversion, member->value, key->value, path));
}

static const struct doc *convert_map(struct conversion *conversion, const struct doc *map, const struct doc *shape,
                                     const char *path) {
    if (!doc_is(map, DOC_MAP) || !shape)
        return map;
    struct doc *copy = doc_new_map(conversion->arena);
    copy->origin = map->origin;
    DOC_FOREACH_MEMBER(member, map)
    convert_member(conversion, copy, member, shape, path);
    return copy;
}

// --- the document ---

static const char *version_for(struct arena *arena, const struct doc *document, const struct doc *converted) {
    DOC_FOREACH_ITEM(instead, doc_get(document, "instead")) {
        const struct doc *found = NULL;
        struct doc_path path;
        _cleanup_error_ struct error *ignored = NULL;
        if (doc_path_parse(arena, doc_get_text(instead, "has", ""), &path, &ignored) == 0)
            found = doc_path_find(converted, &path, NULL);
        if (found)
            return doc_get_text(instead, "apiVersion", NULL);
    }
    return doc_get_text(document, "apiVersion", NULL);
}

static const struct doc *convert_body(struct conversion *conversion, const struct doc *doc, const struct doc *shape,
                                      const struct doc *document) {
    struct arena *arena = conversion->arena;
    struct doc *copy = doc_new_map(arena), *body = doc_new_map(arena);
    copy->origin = doc->origin;
    // Kind and version stand where the source has them.
    DOC_FOREACH_MEMBER(member, doc) {
        if (!str_eq(member->key, "kind") && !str_eq(member->key, "apiVersion"))
            convert_member(conversion, body, member, shape, "");
    }
    bool kind_first = doc_get(doc, "kind") == doc->map.members[0].value;
    if (kind_first)
        doc_map_set_text(arena, copy, "kind", doc_get_text(document, "kind", NULL));
    doc_map_set_text(arena, copy, "apiVersion", version_for(arena, document, body));
    doc_map_set_text(arena, copy, "kind", doc_get_text(document, "kind", NULL));
    DOC_FOREACH_MEMBER(member, body)
    doc_map_set(arena, copy, member->key, member->value);
    return copy;
}

static int refuse(const struct doc *doc, const struct format_match *match, const struct doc *to, struct error **err) {
    if (match)
        return doc_error(err, ERROR_INVALID, doc->origin, "%s has no document like this %s",
                         doc_get_text(to, "name", ""), doc_get_text(doc, "kind", ""));
    const char *kind = doc_get_text(doc, "kind", NULL), *version = doc_get_text(doc, "apiVersion", NULL);
    doc_error(err, ERROR_INVALID, doc->origin, "a document of kind %s and apiVersion %s cannot be converted",
              kind ? kind : "(none)", version ? version : "(none)");
    return error_hint(err, "recipes, overlays, mixins, registries, snapshots and criteria can be");
}

int convert_document(struct report *report, const struct formats *formats, const struct doc *to, const char *phase,
                     const struct doc *doc, const struct doc **ret, struct error **err) {
    struct format_match match;
    struct arena *arena = report->arena;
    if (!formats_identify(formats, doc, &match))
        return refuse(doc, NULL, to, err);
    const char *is = doc_get_text(match.document, "is", "");
    const struct doc *document = formats_document(to, is);
    if (!document)
        return refuse(doc, &match, to, err);
    struct conversion conversion = {.arena = arena,
                                    .formats = formats,
                                    .from = doc_get_text(match.format, "id", ""),
                                    .to = doc_get_text(to, "id", ""),
                                    .from_name = doc_get_text(match.format, "name", ""),
                                    .to_name = doc_get_text(to, "name", ""),
                                    .phase = phase,
                                    .report = report};
    const struct doc *converted = convert_body(&conversion, doc, doc_get(formats->shapes, is), document);
    verdict_add(report,
                &(struct verdict_row){.id = "document",
                                      .phase = phase,
                                      .verdict = VERDICT_CARRIED,
                                      .value = arena_printf(arena, "%s %s", doc_get_text(doc, "apiVersion", ""),
                                                            doc_get_text(doc, "kind", "")),
                                      .to = arena_printf(arena, "%s %s", doc_get_text(converted, "apiVersion", ""),
                                                         doc_get_text(converted, "kind", "")),
                                      .where = doc->origin});
    tell_findings(&conversion);
    map_done(&conversion.by_key);
    *ret = converted;
    return 0;
}
