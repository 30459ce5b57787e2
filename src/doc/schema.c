// SPDX-License-Identifier: Apache-2.0
#include "doc/schema.h"
#include "base/alloc.h"
#include "base/text.h"

#include <regex.h>
#include <stdlib.h>

#define DEPTH_LIMIT 128
// No text with a form is longer.
#define MATCH_LIMIT 4096

struct checker {
    struct arena *arena;
    const struct doc *root;
    const struct schema_file *others;
    void (*report)(void *context, const struct schema_problem *problem); // NULL: only whether there is one
    void *context;
    struct map patterns; // text -> regex_t
    size_t found;
    unsigned depth;
};

static void check(struct checker *checker, const struct doc *schema, const struct doc *value, const char *path);

// --- telling ---

static void find(struct checker *checker, enum schema_problem_kind kind, struct doc_origin origin, const char *path,
                 const char *key, const char *format, ...) _printf_(6, 7);
static void find(struct checker *checker, enum schema_problem_kind kind, struct doc_origin origin, const char *path,
                 const char *key, const char *format, ...) {
    checker->found++;
    if (!checker->report)
        return;
    va_list arguments;
    va_start(arguments, format);
    const struct schema_problem problem = {.kind = kind,
                                           .origin = origin,
                                           .path = path,
                                           .key = key,
                                           .message = arena_vprintf(checker->arena, format, arguments)};
    va_end(arguments);
    checker->report(checker->context, &problem);
}

static const char *label(const char *path) {
    return *path ? path : "the document";
}

static const char *join(struct checker *checker, const struct doc *list, const char *separator) {
    _cleanup_text_ struct text text = {0};
    DOC_FOREACH_ITEM(item, list)
    text_addf(&text, "%s%s", text.length ? separator : "",
              doc_is_scalar(item) ? doc_text(item) : doc_kind_name(item->kind));
    return arena_strdup(checker->arena, text_str(&text));
}

// Tries a schema without telling anything.
static bool holds(struct checker *checker, const struct doc *schema, const struct doc *value) {
    struct checker silent = *checker;
    silent.report = NULL;
    silent.found = 0;
    check(&silent, schema, value, "");
    checker->patterns = silent.patterns;
    return silent.found == 0;
}

// --- scalars ---

static bool is_type(const char *type, const struct doc *value) {
    static const char *const names[] = {
        [DOC_NULL] = "null",     [DOC_BOOL] = "boolean", [DOC_INT] = "integer", [DOC_FLOAT] = "number",
        [DOC_STRING] = "string", [DOC_LIST] = "array",   [DOC_MAP] = "object",
    };
    if (str_eq(type, "string"))
        return value->kind == DOC_STRING || (doc_is_scalar(value) && value->kind != DOC_NULL && value->is_plain);
    return str_eq(type, names[value->kind]) || (str_eq(type, "number") && value->kind == DOC_INT);
}

// As people call them.
static const char *type_label(const char *type) {
    static const struct {
        const char *type, *label;
    } labels[] = {
        {"string", "a text"},   {"object", "a map"},          {"array", "a list"}, {"integer", "a whole number"},
        {"number", "a number"}, {"boolean", "true or false"}, {"null", "null"}};
    for (size_t i = 0; i < ARRAY_SIZE(labels); i++)
        if (str_eq(labels[i].type, type))
            return labels[i].label;
    return type;
}

static bool check_type(struct checker *checker, const struct doc *type, const struct doc *value, const char *path) {
    _cleanup_text_ struct text wanted = {0};
    if (doc_is(type, DOC_STRING) && is_type(type->text, value))
        return true;
    if (doc_is(type, DOC_STRING))
        text_add(&wanted, type_label(type->text));
    DOC_FOREACH_ITEM(item, type) {
        if (is_type(doc_text(item), value))
            return true;
        text_addf(&wanted, "%s%s", wanted.length ? " or " : "", type_label(doc_text(item)));
    }
    find(checker, SCHEMA_WRONG, value->origin, path, NULL, "%s must be %s, not a %s", label(path), text_str(&wanted),
         doc_kind_name(value->kind));
    return false;
}

static bool is_same(const struct doc *wanted, const struct doc *value) {
    return doc_equal(wanted, value) || (wanted->kind == DOC_STRING && is_type("string", value) &&
                                        doc_is_scalar(value) && str_eq(doc_text(wanted), doc_text(value)));
}

static void check_choice(struct checker *checker, const struct doc *schema, const struct doc *value, const char *path) {
    const struct doc *only = doc_get(schema, "const"), *choices = doc_get(schema, "enum");
    bool is_one = false;
    if (only && !is_same(only, value))
        find(checker, SCHEMA_WRONG, value->origin, path, NULL, "%s must be %s", label(path),
             doc_is_scalar(only) ? doc_text(only) : doc_kind_name(only->kind));
    DOC_FOREACH_ITEM(choice, choices)
    is_one = is_one || is_same(choice, value);
    if (choices && !is_one)
        find(checker, SCHEMA_WRONG, value->origin, path, NULL, "%s is '%s', and must be one of %s", label(path),
             doc_is_scalar(value) ? doc_text(value) : doc_kind_name(value->kind), join(checker, choices, ", "));
}

static const regex_t *compiled(struct checker *checker, const char *pattern) {
    regex_t *regex = map_get(&checker->patterns, pattern);
    if (regex)
        return regex;
    regex = xmalloc(sizeof *regex);
    if (regcomp(regex, pattern, REG_EXTENDED | REG_NOSUB) != 0) {
        free(regex);
        return NULL;
    }
    map_put(&checker->patterns, pattern, regex);
    return regex;
}

static void check_text(struct checker *checker, const struct doc *schema, const struct doc *value, const char *path) {
    const char *pattern = doc_get_text(schema, "pattern", NULL);
    int64_t least;
    if (doc_to_int(doc_get(schema, "minLength"), &least) && (int64_t)strlen(doc_text(value)) < least)
        find(checker, SCHEMA_WRONG, value->origin, path, NULL, "%s is empty", label(path));
    const regex_t *regex = pattern ? compiled(checker, pattern) : NULL;
    if (regex && (strlen(doc_text(value)) > MATCH_LIMIT || regexec(regex, doc_text(value), 0, NULL, 0) != 0))
        find(checker, SCHEMA_WRONG, value->origin, path, NULL, "%s is '%.100s', which does not have the form %s",
             label(path), doc_text(value), pattern);
}

static void check_number(struct checker *checker, const struct doc *schema, const struct doc *value, const char *path) {
    double least, number;
    if (doc_to_double(doc_get(schema, "minimum"), &least) && doc_to_double(value, &number) && number < least)
        find(checker, SCHEMA_WRONG, value->origin, path, NULL, "%s is %s, and must be at least %s", label(path),
             doc_text(value), doc_text(doc_get(schema, "minimum")));
}

// --- lists and maps ---

static void check_list(struct checker *checker, const struct doc *schema, const struct doc *value, const char *path) {
    const struct doc *items = doc_get(schema, "items");
    int64_t least;
    if (doc_to_int(doc_get(schema, "minItems"), &least) && (int64_t)doc_count(value) < least)
        find(checker, SCHEMA_WRONG, value->origin, path, NULL, "%s must have at least %lld item%s", label(path),
             (long long)least, least == 1 ? "" : "s");
    for (size_t i = 0; i < doc_count(value); i++) {
        const struct doc *item = doc_item(value, i);
        bool is_twice = false;
        for (size_t k = 0; doc_get_bool(schema, "uniqueItems", false) && k < i; k++)
            is_twice = is_twice || doc_equal(doc_item(value, k), item);
        if (is_twice)
            find(checker, SCHEMA_WRONG, item->origin, path, NULL, "%s has the same item twice", label(path));
        if (items)
            check(checker, items, item, arena_printf(checker->arena, "%s[%zu]", path, i));
    }
}

static void require(struct checker *checker, const struct doc *names, const struct doc *value, const char *path) {
    DOC_FOREACH_ITEM(name, names)
    if (!doc_get(value, doc_text(name)))
        find(checker, SCHEMA_MISSING, value->origin, path, doc_text(name), "%s has no %s", label(path), doc_text(name));
}

static void check_members(struct checker *checker, const struct doc *schema, const struct doc *value,
                          const char *path) {
    const struct doc *properties = doc_get(schema, "properties"), *rest = doc_get(schema, "additionalProperties");
    const struct doc *names = doc_get(schema, "propertyNames");
    DOC_FOREACH_MEMBER(member, value) {
        struct doc *key = names ? doc_new_string_bytes(checker->arena, member->key, member->key_length) : NULL;
        if (key) {
            key->origin = member->key_origin;
            check(checker, names, key, arena_printf(checker->arena, "the key of %s", label(path)));
        }
        const struct doc *property = doc_get_bytes(properties, member->key, member->key_length);
        const char *name = arena_printf(checker->arena, "%s%s%s", path, *path ? "." : "", member->key);
        if (property || doc_is(rest, DOC_MAP))
            check(checker, property ? property : rest, member->value, name);
        else if (doc_is(rest, DOC_BOOL) && !rest->boolean)
            find(checker, SCHEMA_UNKNOWN, member->key_origin, path, member->key, "%s has an unknown key '%s'",
                 label(path), member->key);
    }
}

static void check_map(struct checker *checker, const struct doc *schema, const struct doc *value, const char *path) {
    int64_t least;
    if (doc_to_int(doc_get(schema, "minProperties"), &least) && (int64_t)doc_count(value) < least)
        find(checker, SCHEMA_WRONG, value->origin, path, NULL, "%s must have at least %lld member%s", label(path),
             (long long)least, least == 1 ? "" : "s");
    require(checker, doc_get(schema, "required"), value, path);
    check_members(checker, schema, value, path);
    DOC_FOREACH_MEMBER(member, doc_get(schema, "dependentRequired"))
    if (doc_get_bytes(value, member->key, member->key_length))
        require(checker, member->value, value, path);
    DOC_FOREACH_MEMBER(member, doc_get(schema, "dependentSchemas"))
    if (doc_get_bytes(value, member->key, member->key_length))
        check(checker, member->value, value, path);
}

// --- combinations ---

// "#/$defs/name", or the same behind the name of another file.
static const struct doc *resolve(const struct checker *checker, const char *reference, const struct doc **ret_root) {
    size_t name = strcspn(reference, "#");
    const struct doc *schema = name ? NULL : checker->root;
    for (const struct schema_file *file = checker->others; name && file && file->name; file++)
        if (str_eq_bytes(reference, name, file->name))
            schema = file->schema;
    *ret_root = schema;
    for (const char *at = strchr(reference + name, '/'); at && schema;) {
        size_t length = strcspn(++at, "/");
        schema = doc_get_bytes(schema, at, length);
        at = at[length] ? at + length : NULL;
    }
    return schema;
}

// What tells alternatives apart is mostly a key each: those keys.
static const char *alternatives(struct checker *checker, const struct doc *list) {
    _cleanup_text_ struct text text = {0};
    DOC_FOREACH_ITEM(item, list) {
        const struct doc *required = doc_get(item, "required");
        if (!doc_count(required))
            return NULL;
        text_addf(&text, "%s%s", text.length ? " or " : "", join(checker, required, " and "));
    }
    return arena_strdup(checker->arena, text_str(&text));
}

// The one alternative that is for values of this kind, to tell what it misses; NULL when there are none or several.
static const struct doc *only_fitting(struct checker *checker, const struct doc *list, const struct doc *value) {
    const struct doc *found = NULL, *root;
    DOC_FOREACH_ITEM(item, list) {
        const char *reference = doc_get_text(item, "$ref", NULL);
        const char *type = doc_get_text(reference ? resolve(checker, reference, &root) : item, "type", NULL);
        if (!type || (found && is_type(type, value)))
            return NULL;
        found = is_type(type, value) ? item : found;
    }
    return found;
}

static void check_alternatives(struct checker *checker, const struct doc *list, const struct doc *value,
                               const char *path, bool wants_one) {
    size_t count = 0;
    DOC_FOREACH_ITEM(item, list)
    count += holds(checker, item, value);
    if (!list || (wants_one ? count == 1 : count > 0))
        return;
    const char *keys = alternatives(checker, list);
    const struct doc *fitting = count ? NULL : only_fitting(checker, list, value);
    if (fitting)
        check(checker, fitting, value, path);
    else if (count > 1)
        find(checker, SCHEMA_WRONG, value->origin, path, NULL, "%s must have only one of %s", label(path),
             keys ? keys : "several forms that exclude each other");
    else if (keys)
        find(checker, SCHEMA_WRONG, value->origin, path, NULL, "%s must have %s", label(path), keys);
    else
        find(checker, SCHEMA_WRONG, value->origin, path, NULL, "%s has none of the forms that it may have",
             label(path));
}

static void check_combinations(struct checker *checker, const struct doc *schema, const struct doc *value,
                               const char *path) {
    const struct doc *not = doc_get(schema, "not"), *condition = doc_get(schema, "if");
    DOC_FOREACH_ITEM(item, doc_get(schema, "allOf"))
    check(checker, item, value, path);
    check_alternatives(checker, doc_get(schema, "anyOf"), value, path, false);
    check_alternatives(checker, doc_get(schema, "oneOf"), value, path, true);
    if (not &&holds(checker, not, value))
        find(checker, SCHEMA_WRONG, value->origin, path, NULL,
             doc_count(doc_get(not, "required")) ? "%s must not have %s together" : "%s must not be so: %s",
             label(path),
             doc_count(doc_get(not, "required")) ? join(checker, doc_get(not, "required"), " and ") : "see its schema");
    const struct doc *branch = condition ? doc_get(schema, holds(checker, condition, value) ? "then" : "else") : NULL;
    if (branch)
        check(checker, branch, value, path);
}

static void check_reference(struct checker *checker, const char *reference, const struct doc *value, const char *path) {
    const struct doc *own = checker->root, *root;
    const struct doc *schema = resolve(checker, reference, &root);
    if (!schema) {
        find(checker, SCHEMA_WRONG, value->origin, path, NULL, "%s: the schema refers to %s, which is not there",
             label(path), reference);
        return;
    }
    checker->root = root;
    check(checker, schema, value, path);
    checker->root = own;
}

static void check(struct checker *checker, const struct doc *schema, const struct doc *value, const char *path) {
    const struct doc *reference = doc_get(schema, "$ref"), *type = doc_get(schema, "type");
    if (checker->depth >= DEPTH_LIMIT)
        return;
    checker->depth++;
    if (reference)
        check_reference(checker, doc_text(reference), value, path);
    if (!type || check_type(checker, type, value, path)) {
        check_choice(checker, schema, value, path);
        if (doc_is_scalar(value) && value->kind != DOC_NULL)
            check_text(checker, schema, value, path);
        check_number(checker, schema, value, path);
        if (value->kind == DOC_LIST)
            check_list(checker, schema, value, path);
        if (value->kind == DOC_MAP)
            check_map(checker, schema, value, path);
        check_combinations(checker, schema, value, path);
    }
    checker->depth--;
}

bool schema_check(struct arena *arena, const struct doc *schema, const struct schema_file *others,
                  const struct doc *value, void (*report)(void *context, const struct schema_problem *problem),
                  void *context) {
    struct checker checker = {.arena = arena, .root = schema, .others = others, .report = report, .context = context};
    check(&checker, schema, value, "");
    for (size_t i = 0; i < checker.patterns.count; i++) {
        regfree(checker.patterns.entries[i].value);
        free(checker.patterns.entries[i].value);
    }
    map_done(&checker.patterns);
    return checker.found == 0;
}

// --- keywords ---

static bool is_listed(const char *const *list, const char *word) {
    for (; *list; list++)
        if (str_eq(*list, word))
            return true;
    return false;
}

static const char *find_unknown_among(const struct doc *children) {
    const char *found = NULL;
    DOC_FOREACH_MEMBER(member, children)
    found = found ? found : schema_find_unknown(member->value);
    DOC_FOREACH_ITEM(item, children)
    found = found ? found : schema_find_unknown(item);
    return found;
}

const char *schema_find_unknown(const struct doc *schema) {
    static const char *const plain[] = {
        "$schema",  "$id",         "title",         "description", "default",           "type",
        "const",    "enum",        "pattern",       "minLength",   "minimum",           "minItems",
        "required", "uniqueItems", "minProperties", "$ref",        "dependentRequired", NULL};
    static const char *const one[] = {"items",         "not", "if", "then", "else", "additionalProperties",
                                      "propertyNames", NULL};
    static const char *const many[] = {"properties", "$defs", "dependentSchemas", "allOf", "anyOf", "oneOf", NULL};
    const char *found = NULL;
    DOC_FOREACH_MEMBER(member, schema) {
        const char *below = is_listed(one, member->key)     ? schema_find_unknown(member->value)
                            : is_listed(many, member->key)  ? find_unknown_among(member->value)
                            : is_listed(plain, member->key) ? NULL
                                                            : member->key;
        found = found ? found : below;
    }
    return found;
}
