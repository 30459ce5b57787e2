// SPDX-License-Identifier: Apache-2.0
#include "validate/remediation.h"
#include "base/text.h"

struct rule {
    const char *check; // the check's id, or its beginning followed by "*"
    const struct doc *causes;
    const char *text;
};

static bool wants_remediation(const struct check *check) {
    return check->status != CHECK_PASSED && check->status != CHECK_NOT_APPLICABLE && !check->remediation;
}

bool remediation_is_needed(const struct report *report) {
    for (size_t i = 0; i < report->count; i++)
        if (wants_remediation(&report->checks[i]))
            return true;
    return false;
}

static int read_rule(const struct doc *doc, struct rule *ret, struct error **err) {
    struct rule rule = {
        .check = doc_get_text(doc, "check", NULL),
        .causes = doc_get(doc, "causes"),
        .text = doc_get_text(doc, "text", NULL),
    };
    if (!rule.check || !rule.text || !doc_is(rule.causes, DOC_LIST))
        return doc_error(err, ERROR_INVALID, doc->origin, "a remediation rule has check, causes (a list) and text");
    *ret = rule;
    return 0;
}

static bool name_matches(const char *pattern, const char *name) {
    size_t length = strlen(pattern);
    if (length && pattern[length - 1] == '*')
        return strncmp(pattern, name, length - 1) == 0;
    return str_eq(pattern, name);
}

static bool rule_matches(const struct rule *rule, const struct check *check) {
    if (!name_matches(rule->check, check->id))
        return false;
    DOC_FOREACH_ITEM(cause, rule->causes)
    if (str_eq(doc_text(cause), check->cause))
        return true;
    return false;
}

// The first part of the check's name: "OS" of "OS.release.ID".
static const char *type_of(struct arena *arena, const struct check *check) {
    return arena_strndup(arena, check->id, strcspn(check->id, "."));
}

// Replaces {check}, {type}, {expected} and {actual}.
static const char *fill_in(struct arena *arena, const char *template, const struct check *check) {
    const struct {
        const char *name, *value;
    } fields[] = {
        {"{check}", check->id},
        {"{type}", type_of(arena, check)},
        {"{expected}", check->expected ? check->expected : "nothing"},
        {"{actual}", check->actual ? check->actual : "nothing"},
    };
    _cleanup_text_ struct text text = {0};
    for (const char *at = template; *at;) {
        size_t i = 0;
        while (i < ARRAY_SIZE(fields) && !str_has_prefix(at, fields[i].name))
            i++;
        if (i < ARRAY_SIZE(fields)) {
            text_add(&text, fields[i].value);
            at += strlen(fields[i].name);
        } else {
            text_add_char(&text, *at++);
        }
    }
    return arena_strndup(arena, text_str(&text), text.length);
}

int remediation_apply(const struct doc *catalog, struct report *report, struct error **err) {
    const struct doc *rules = doc_get(catalog, "rules");
    if (!doc_is(rules, DOC_LIST))
        return doc_error(err, ERROR_INVALID, catalog->origin, "a RemediationCatalog has a list of rules");
    struct rule *table = arena_new_array(report->arena, struct rule, doc_count(rules));
    DOC_FOREACH_ITEM(item, rules) {
        int r = read_rule(item, &table[item_index], err);
        if (r < 0)
            return r;
    }
    for (size_t i = 0; i < report->count; i++) {
        struct check *check = &report->checks[i];
        for (size_t j = 0; wants_remediation(check) && j < doc_count(rules); j++)
            if (rule_matches(&table[j], check))
                check->remediation = fill_in(report->arena, table[j].text, check);
    }
    return 0;
}
