// SPDX-License-Identifier: Apache-2.0
// Functions of templates over lists, maps and truth.
#include "bundle/template_tree.h"

#include <stdlib.h>

#define UNIQ_LIMIT 1000 // every item is compared with every other

static int want(const struct template_call *call, size_t index, enum doc_kind kind, struct error **err) {
    if (doc_is(call->arguments[index], kind))
        return 0;
    return doc_error(err, ERROR_INVALID, call->origin, "'%s' takes a %s as argument %zu, not a %s", call->name,
                     doc_kind_name(kind), index + 1, template_type_name(call->arguments[index]));
}

static int give_bool(const struct template_call *call, bool value, const struct doc **ret) {
    *ret = doc_new_bool(call->arena, value);
    return 0;
}

// The evaluator answers these itself, since they stop early.
static int call_logic(const struct template_call *call, const struct doc **ret, struct error **err) {
    (void)ret;
    return doc_error(err, ERROR_INTERNAL, call->origin, "'%s' was called as a plain function", call->name);
}

static int call_not(const struct template_call *call, const struct doc **ret, struct error **err _unused_) {
    return give_bool(call, !template_is_true(call->arguments[0]), ret);
}

static int call_empty(const struct template_call *call, const struct doc **ret, struct error **err _unused_) {
    return give_bool(call, !template_is_true(call->arguments[0]), ret);
}

// Replaces nil and "" only, not every empty value as in Helm, so that `false` given on purpose stays false.
static int call_default(const struct template_call *call, const struct doc **ret, struct error **err _unused_) {
    const struct doc *value = call->count == 2 ? call->arguments[1] : NULL;
    bool is_missing = template_is_nil(value) || (value->kind == DOC_STRING && value->length == 0);
    *ret = is_missing ? call->arguments[0] : value;
    return 0;
}

static int call_coalesce(const struct template_call *call, const struct doc **ret, struct error **err _unused_) {
    *ret = NULL;
    for (size_t i = 0; i < call->count && !*ret; i++)
        if (template_is_true(call->arguments[i]))
            *ret = call->arguments[i];
    return 0;
}

static int call_ternary(const struct template_call *call, const struct doc **ret, struct error **err) {
    int r = want(call, 2, DOC_BOOL, err);
    if (r >= 0)
        *ret = call->arguments[call->arguments[2]->boolean ? 0 : 1];
    return r;
}

static int call_required(const struct template_call *call, const struct doc **ret, struct error **err) {
    const struct doc *value = call->arguments[1];
    if (template_is_nil(value) || (value->kind == DOC_STRING && value->length == 0))
        return doc_error(err, ERROR_INVALID, call->origin, "%s", template_to_text(call->arena, call->arguments[0]));
    *ret = value;
    return 0;
}

static int call_fail(const struct template_call *call, const struct doc **ret _unused_, struct error **err) {
    return doc_error(err, ERROR_INVALID, call->origin, "%s", template_to_text(call->arena, call->arguments[0]));
}

static int call_to_yaml(const struct template_call *call, const struct doc **ret, struct error **err _unused_) {
    _cleanup_text_ struct text out = {0};
    template_yaml(call->arena, call->arguments[0], &out);
    *ret = doc_new_string_bytes(call->arena, text_str(&out), out.length);
    return 0;
}

static int call_to_json(const struct template_call *call, const struct doc **ret, struct error **err _unused_) {
    _cleanup_text_ struct text out = {0};
    template_json(call->arena, call->arguments[0], &out);
    *ret = doc_new_string_bytes(call->arena, text_str(&out), out.length);
    return 0;
}

static int call_len(const struct template_call *call, const struct doc **ret, struct error **err) {
    const struct doc *value = call->arguments[0];
    if (template_is_nil(value) || (doc_is_scalar(value) && value->kind != DOC_STRING))
        return doc_error(err, ERROR_INVALID, call->origin, "a %s has no length", template_type_name(value));
    *ret = doc_new_int(call->arena, (int64_t)(value->kind == DOC_STRING ? value->length : doc_count(value)));
    return 0;
}

// --- maps ---

static int call_dict(const struct template_call *call, const struct doc **ret, struct error **err) {
    if (call->count % 2)
        return doc_error(err, ERROR_INVALID, call->origin,
                         "dict takes keys and values in turn; the last value is missing");
    struct doc *map = doc_new_map(call->arena);
    for (size_t i = 0; i < call->count; i += 2) {
        const struct doc *value = call->arguments[i + 1];
        doc_map_set(call->arena, map, template_to_text(call->arena, call->arguments[i]),
                    value ? value : doc_new_null(call->arena));
    }
    *ret = map;
    return 0;
}

static int call_get(const struct template_call *call, const struct doc **ret, struct error **err) {
    bool is_question = str_eq(call->name, "hasKey");
    int r = template_is_nil(call->arguments[0]) ? 0 : want(call, 0, DOC_MAP, err);
    if (r >= 0)
        r = want(call, 1, DOC_STRING, err);
    if (r < 0)
        return r;
    const struct doc *value = doc_get(call->arguments[0], call->arguments[1]->text);
    if (is_question)
        return give_bool(call, value != NULL, ret);
    *ret = value ? value : doc_new_string(call->arena, "");
    return 0;
}

// Sorted, where sprig's order is that of chance.
static int call_keys(const struct template_call *call, const struct doc **ret, struct error **err) {
    int r = want(call, 0, DOC_MAP, err);
    if (r < 0)
        return r;
    struct doc *list = doc_new_list(call->arena);
    const struct doc_member **members = template_sorted_members(call->arena, call->arguments[0]);
    bool wants_values = str_eq(call->name, "values");
    for (size_t i = 0; i < doc_count(call->arguments[0]); i++)
        doc_list_add(call->arena, list,
                     wants_values ? members[i]->value : doc_new_string(call->arena, members[i]->key));
    *ret = list;
    return 0;
}

// pick keeps the keys that are named, omit drops them.
static int call_pick(const struct template_call *call, const struct doc **ret, struct error **err) {
    int r = want(call, 0, DOC_MAP, err);
    for (size_t i = 1; i < call->count && r >= 0; i++)
        r = want(call, i, DOC_STRING, err);
    if (r < 0)
        return r;
    struct doc *map = doc_new_map(call->arena);
    DOC_FOREACH_MEMBER(member, call->arguments[0]) {
        bool is_named = false;
        for (size_t i = 1; i < call->count; i++)
            is_named = is_named || str_eq(member->key, call->arguments[i]->text);
        if (is_named == str_eq(call->name, "pick"))
            doc_map_set(call->arena, map, member->key, member->value);
    }
    *ret = map;
    return 0;
}

// --- lists ---

static int call_list(const struct template_call *call, const struct doc **ret, struct error **err _unused_) {
    struct doc *list = doc_new_list(call->arena);
    for (size_t i = 0; i < call->count; i++)
        doc_list_add(call->arena, list, call->arguments[i] ? call->arguments[i] : doc_new_null(call->arena));
    *ret = list;
    return 0;
}

static int call_slice(const struct template_call *call, const struct doc **ret, struct error **err) {
    const struct doc *list = call->arguments[0];
    if (template_is_nil(list)) {
        *ret = NULL;
        return 0;
    }
    int r = want(call, 0, DOC_LIST, err);
    if (r < 0)
        return r;
    size_t count = doc_count(list);
    if (str_eq(call->name, "first") || str_eq(call->name, "last")) {
        *ret = count ? doc_item(list, call->name[0] == 'f' ? 0 : count - 1) : NULL;
        return 0;
    }
    struct doc *part = doc_new_list(call->arena);
    bool is_rest = str_eq(call->name, "rest");
    for (size_t i = is_rest; i + !is_rest < count; i++)
        doc_list_add(call->arena, part, doc_item(list, i));
    *ret = part;
    return 0;
}

static int call_append(const struct template_call *call, const struct doc **ret, struct error **err) {
    int r = want(call, 0, DOC_LIST, err);
    if (r < 0)
        return r;
    const struct doc *added = call->arguments[1] ? call->arguments[1] : doc_new_null(call->arena);
    struct doc *list = doc_new_list(call->arena);
    if (str_eq(call->name, "prepend"))
        doc_list_add(call->arena, list, added);
    DOC_FOREACH_ITEM(item, call->arguments[0])
    doc_list_add(call->arena, list, item);
    if (str_eq(call->name, "append"))
        doc_list_add(call->arena, list, added);
    *ret = list;
    return 0;
}

static int call_concat(const struct template_call *call, const struct doc **ret, struct error **err) {
    struct doc *list = doc_new_list(call->arena);
    for (size_t i = 0; i < call->count; i++) {
        int r = want(call, i, DOC_LIST, err);
        if (r < 0)
            return r;
        DOC_FOREACH_ITEM(item, call->arguments[i])
        doc_list_add(call->arena, list, item);
    }
    *ret = list;
    return 0;
}

static bool list_has(const struct doc *list, const struct doc *value) {
    DOC_FOREACH_ITEM(item, list)
    if (doc_equal(item, value))
        return true;
    return false;
}

static int call_has(const struct template_call *call, const struct doc **ret, struct error **err) {
    int r = template_is_nil(call->arguments[1]) ? 0 : want(call, 1, DOC_LIST, err);
    return r < 0 ? r : give_bool(call, call->arguments[0] && list_has(call->arguments[1], call->arguments[0]), ret);
}

static int call_uniq(const struct template_call *call, const struct doc **ret, struct error **err) {
    int r = want(call, 0, DOC_LIST, err);
    if (r < 0)
        return r;
    struct doc *list = doc_new_list(call->arena);
    bool is_compact = str_eq(call->name, "compact");
    if (!is_compact && doc_count(call->arguments[0]) > UNIQ_LIMIT)
        return doc_error(err, ERROR_LIMIT, call->origin, "uniq takes lists of %d items at most", UNIQ_LIMIT);
    DOC_FOREACH_ITEM(item, call->arguments[0])
    if (is_compact ? template_is_true(item) : !list_has(list, item))
        doc_list_add(call->arena, list, item);
    *ret = list;
    return 0;
}

static int compare_texts(const void *a, const void *b) {
    return strcmp((*(const struct doc *const *)a)->text, (*(const struct doc *const *)b)->text);
}

static int call_sort_alpha(const struct template_call *call, const struct doc **ret, struct error **err) {
    int r = want(call, 0, DOC_LIST, err);
    if (r < 0)
        return r;
    struct doc *list = doc_new_list(call->arena);
    DOC_FOREACH_ITEM(item, call->arguments[0])
    doc_list_add(call->arena, list, doc_new_string(call->arena, template_to_text(call->arena, item)));
    if (doc_count(list))
        qsort(list->list.items, doc_count(list), sizeof *list->list.items, compare_texts);
    *ret = list;
    return 0;
}

// kindOf with Go's names of kinds; numbers as YAML readers of Helm see them.
static const char *kind_name(const struct doc *value) {
    static const char *const names[] = {
        [DOC_NULL] = "invalid",  [DOC_BOOL] = "bool",  [DOC_INT] = "int64", [DOC_FLOAT] = "float64",
        [DOC_STRING] = "string", [DOC_LIST] = "slice", [DOC_MAP] = "map"};
    return names[template_is_nil(value) ? DOC_NULL : value->kind];
}

static int call_kind(const struct template_call *call, const struct doc **ret, struct error **err) {
    if (str_eq(call->name, "kindOf")) {
        *ret = doc_new_string(call->arena, kind_name(call->arguments[0]));
        return 0;
    }
    int r = want(call, 0, DOC_STRING, err);
    return r < 0 ? r : give_bool(call, str_eq(call->arguments[0]->text, kind_name(call->arguments[1])), ret);
}

static int call_identity(const struct template_call *call, const struct doc **ret, struct error **err _unused_) {
    *ret = call->arguments[0];
    return 0;
}

const struct template_function template_data_functions[] = {
    {"and", 1, -1, call_logic},
    {"append", 2, 2, call_append, true},
    {"coalesce", 0, -1, call_coalesce},
    {"compact", 1, 1, call_uniq, true},
    {"concat", 0, -1, call_concat, true},
    {"deepCopy", 1, 1, call_identity},
    {"default", 1, 2, call_default},
    {"dict", 0, -1, call_dict, true},
    {"empty", 1, 1, call_empty},
    {"eq", 2, -1, template_compare},
    {"fail", 1, 1, call_fail},
    {"first", 1, 1, call_slice},
    {"ge", 2, 2, template_compare},
    {"get", 2, 2, call_get},
    {"gt", 2, 2, template_compare},
    {"has", 2, 2, call_has},
    {"hasKey", 2, 2, call_get},
    {"index", 1, -1, template_index},
    {"initial", 1, 1, call_slice, true},
    {"keys", 1, 1, call_keys, true},
    {"kindIs", 2, 2, call_kind},
    {"kindOf", 1, 1, call_kind},
    {"last", 1, 1, call_slice},
    {"le", 2, 2, template_compare},
    {"len", 1, 1, call_len},
    {"list", 0, -1, call_list, true},
    {"lt", 2, 2, template_compare},
    {"ne", 2, 2, template_compare},
    {"not", 1, 1, call_not},
    {"omit", 1, -1, call_pick, true},
    {"or", 1, -1, call_logic},
    {"pick", 1, -1, call_pick, true},
    {"prepend", 2, 2, call_append, true},
    {"required", 2, 2, call_required},
    {"rest", 1, 1, call_slice, true},
    {"sortAlpha", 1, 1, call_sort_alpha, true},
    {"ternary", 3, 3, call_ternary},
    {"toJson", 1, 1, call_to_json},
    {"toYaml", 1, 1, call_to_yaml},
    {"uniq", 1, 1, call_uniq, true},
    {"values", 1, 1, call_keys, true},
    {0},
};
