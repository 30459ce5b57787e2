// SPDX-License-Identifier: Apache-2.0
// Rules of lint about what may stand together: that the rules of compatibility.yaml speak of values that there are,
// that no overlay is made for what they refuse, and that every maturity is a known word.
#include "catalog/compatibility.h"
#include "base/text.h"
#include "lint/context.h"
#include "recipe/maturity.h"

// --- compatibility.yaml ---

static int field_of(const char *name) {
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        if (str_eq(criteria_field_names[i], name))
            return i;
    return -1;
}

static void check_word(struct lint *lint, int field, const struct doc *word) {
    const struct vocabulary_field *known = lint->vocabulary ? &lint->vocabulary->field[field] : NULL;
    const char **names = arena_new_array(lint->arena, const char *, known ? known->count : 0);
    for (size_t i = 0; known && i < known->count; i++) {
        names[i] = known->values[i].name;
        if (str_eq(names[i], doc_text(word)))
            return;
    }
    if (known)
        lint_find(lint, word->origin,
                  lint_suggest(lint, doc_text(word) ? doc_text(word) : "", names, known->count,
                               "name a value as criteria.yaml does, without aliases"),
                  "%s '%s' is no value that criteria.yaml or an overlay has", criteria_field_names[field],
                  doc_text(word) ? doc_text(word) : doc_kind_name(word->kind));
}

static void check_lists(struct lint *lint, const struct doc *rule, const char *key) {
    const struct doc *lists = doc_get(rule, key);
    const char *remedy = "write a map from criteria fields to lists of values";
    if (!lists)
        return;
    if (!doc_is(lists, DOC_MAP) || doc_count(lists) == 0)
        lint_find(lint, lists->origin, remedy, "%s must be a map with at least one field", key);
    DOC_FOREACH_MEMBER(member, lists) {
        int field = field_of(member->key);
        if (field < 0)
            lint_find(lint, member->key_origin, "fields are service, accelerator, intent, os and platform",
                      "'%s' is no criterion", member->key);
        else if (!doc_is(member->value, DOC_LIST) || doc_count(member->value) == 0)
            lint_find(lint, member->value->origin, remedy, "%s.%s must be a list of values", key, member->key);
        else
            DOC_FOREACH_ITEM(word, member->value)
        check_word(lint, field, word);
    }
}

static void check_rule(struct lint *lint, const struct doc *rule, struct map *names) {
    const char *name = doc_get_text(rule, "name", NULL);
    int conditions =
        (doc_get(rule, "only") != NULL) + (doc_get(rule, "not") != NULL) + (doc_get(rule, "needsMachine") != NULL);
    if (str_is_empty(name))
        lint_find(lint, rule->origin, "add a name; external rules of that name take its place", "a rule has no name");
    else if (!map_put(names, name, (void *)rule))
        lint_find(lint, rule->origin, "give one of the two another name", "rule '%s' is there twice", name);
    if (!doc_get(rule, "when"))
        lint_find(lint, rule->origin, "add when: a map from criteria fields to lists of values",
                  "rule '%s' does not say when it holds", name ? name : "?");
    if (conditions > 1)
        lint_find(lint, rule->origin, "make a rule of each", "rule '%s' has more than one of only, not, needsMachine",
                  name ? name : "?");
    if (str_is_empty(doc_get_text(rule, "why", NULL)) || str_is_empty(doc_get_text(rule, "source", NULL)))
        lint_find(lint, rule->origin, "a refusal must tell both: add why and source", "rule '%s' has no %s",
                  name ? name : "?", str_is_empty(doc_get_text(rule, "why", NULL)) ? "why" : "source");
    check_lists(lint, rule, "when");
    check_lists(lint, rule, "only");
    check_lists(lint, rule, "not");
}

void lint_rule_compatibility(struct lint *lint) {
    LINT_FOREACH_FILE(file, lint) {
        _cleanup_map_ struct map names = {0};
        if (file->kind != LINT_COMPATIBILITY)
            continue;
        DOC_FOREACH_ITEM(rule, doc_get(file->doc, "rules"))
        check_rule(lint, rule, &names);
    }
}

// --- overlays ---

static int canonical(const struct lint *lint, const struct lint_overlay *overlay, struct criteria *ret,
                     struct error **err) {
    int r = 0;
    *ret = overlay->head.criteria;
    for (int i = 0; i < CRITERIA_FIELD_COUNT && r == 0; i++)
        if (ret->field[i])
            r = vocabulary_resolve(lint->vocabulary, (enum criteria_field)i, ret->field[i], overlay->file->file.name,
                                   &ret->field[i], err);
    return r;
}

static void check_possible(struct lint *lint, struct lint_overlay *overlay) {
    struct criteria criteria;
    struct conflict conflict;
    size_t count = 0;
    _cleanup_error_ struct error *ignored = NULL;
    int r = canonical(lint, overlay, &criteria, &ignored);
    r = r < 0 ? r : compatibility_conflicts(lint->catalog, &criteria, &conflict, 1, &count, &ignored);
    if (r < 0 || count == 0)
        return;
    overlay->is_explained = true;
    lint_find(lint, doc_get(overlay->spec, "criteria")->origin,
              "correct the criteria, or the rule in compatibility.yaml (for a machine that there is: "
              "hardware/instances.yaml)",
              "overlay '%s' is made for what rule '%s' refuses: %s", overlay->head.name,
              doc_get_text(conflict.rule, "name", "?"), doc_get_text(conflict.rule, "why", "no reason is given"));
}

void lint_rule_possible(struct lint *lint) {
    LINT_FOREACH_OVERLAY(overlay, lint) {
        if (lint->catalog && lint->vocabulary && overlay->head.has_criteria)
            check_possible(lint, overlay);
    }
}

void lint_rule_maturity(struct lint *lint) {
    LINT_FOREACH_OVERLAY(overlay, lint) {
        const struct doc *maturity = doc_get(doc_get(overlay->file->doc, "metadata"), "maturity");
        const char *word = doc_text(maturity);
        if (maturity && (!word || maturity_rank(word) < 0))
            lint_find(lint, maturity->origin,
                      lint_suggest(lint, word ? word : "", maturity_names, MATURITY_COUNT,
                                   "write supported, preview or planned"),
                      "maturity '%s' of overlay '%s' is unknown", word ? word : doc_kind_name(maturity->kind),
                      overlay->head.name);
    }
}
