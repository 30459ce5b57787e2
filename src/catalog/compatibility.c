// SPDX-License-Identifier: Apache-2.0
#include "catalog/compatibility.h"
#include "base/text.h"

#include <stdlib.h>

#define CONFLICTS_SHOWN ((size_t)3)

// A document of the knowledge in use that external files add to: the built-in one first.
struct layered {
    const struct doc *docs[2];
};

static int read_layered(struct catalog *catalog, const char *path, struct layered *ret, struct error **err) {
    struct layered layered = {0};
    _cleanup_error_ struct error *absent = NULL;
    const struct catalog_file *file = catalog_find_file(catalog, path);
    if (catalog_mode(catalog) == CATALOG_OVERLAY) {
        int r = catalog_builtin_document(catalog, path, &layered.docs[0], &absent);
        if (r < 0 && r != -ERROR_NOT_FOUND) {
            *err = TAKE_PTR(absent);
            return r;
        }
    }
    int r = file && !file->embedded ? catalog_document(catalog, path, &layered.docs[1], err) : 0;
    if (r >= 0)
        *ret = layered;
    return r;
}

static int field_index(const char *name) {
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        if (str_eq(criteria_field_names[i], name))
            return i;
    return -1;
}

// --- one rule ---

static bool applies(const struct doc *when, const struct criteria *criteria, unsigned *fields) {
    DOC_FOREACH_MEMBER(member, when) {
        int field = field_index(member->key);
        if (field < 0 || !criteria->field[field] || !doc_list_has(member->value, criteria->field[field]))
            return false;
        *fields |= 1U << field;
    }
    return true;
}

// Whether a stated field breaks the list: is absent from it (`only`) or stands in it (`not`).
static bool breaks(const struct doc *lists, bool must_be_listed, const struct criteria *criteria, unsigned *fields) {
    bool is_broken = false;
    DOC_FOREACH_MEMBER(member, lists) {
        int field = field_index(member->key);
        if (field < 0 || !criteria->field[field] ||
            doc_list_has(member->value, criteria->field[field]) == must_be_listed)
            continue;
        *fields |= 1U << field;
        is_broken = true;
    }
    return is_broken;
}

static bool has_machine(const struct layered *instances, const struct criteria *criteria) {
    for (size_t i = 0; i < ARRAY_SIZE(instances->docs); i++) {
        DOC_FOREACH_ITEM(row, doc_get(instances->docs[i], "instances"))
        if (str_eq(doc_get_text(row, "service", NULL), criteria->field[CRITERIA_SERVICE]) &&
            str_eq(doc_get_text(row, "accelerator", NULL), criteria->field[CRITERIA_ACCELERATOR]))
            return true;
    }
    return false;
}

static bool lacks_machine(const struct layered *instances, const struct criteria *criteria, unsigned *fields) {
    if (!criteria->field[CRITERIA_SERVICE] || !criteria->field[CRITERIA_ACCELERATOR] ||
        has_machine(instances, criteria))
        return false;
    *fields |= 1U << CRITERIA_SERVICE | 1U << CRITERIA_ACCELERATOR;
    return true;
}

static bool is_broken(const struct doc *rule, const struct layered *instances, const struct criteria *criteria,
                      unsigned *ret_fields) {
    unsigned fields = 0;
    const struct doc *only = doc_get(rule, "only"), *not = doc_get(rule, "not");
    if (!doc_is(doc_get(rule, "when"), DOC_MAP) || !applies(doc_get(rule, "when"), criteria, &fields))
        return false;
    bool found = doc_get_bool(rule, "needsMachine", false) ? lacks_machine(instances, criteria, &fields)
                 : only                                    ? breaks(only, true, criteria, &fields)
                 : not                                     ? breaks(not, false, criteria, &fields)
                                                           : true;
    *ret_fields = fields;
    return found;
}

// --- all rules ---

struct rules {
    struct layered rules, instances;
};

static int read_rules(struct catalog *catalog, struct rules *ret, struct error **err) {
    *ret = (struct rules){0};
    if (catalog_is_predecessor(catalog))
        return 0;
    int r = read_layered(catalog, COMPATIBILITY_PATH, &ret->rules, err);
    return r < 0 ? r : read_layered(catalog, INSTANCES_PATH, &ret->instances, err);
}

static bool is_replaced(const struct layered *rules, const struct doc *rule) {
    DOC_FOREACH_ITEM(other, doc_get(rules->docs[1], "rules"))
    if (str_eq(doc_get_text(other, "name", ""), doc_get_text(rule, "name", NULL)))
        return true;
    return false;
}

static size_t find_conflicts(const struct rules *rules, const struct criteria *criteria, struct conflict *conflicts,
                             size_t capacity) {
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_SIZE(rules->rules.docs); i++) {
        DOC_FOREACH_ITEM(rule, doc_get(rules->rules.docs[i], "rules")) {
            struct conflict conflict = {.rule = rule};
            if (!is_broken(rule, &rules->instances, criteria, &conflict.fields) ||
                (i == 0 && is_replaced(&rules->rules, rule)))
                continue;
            if (count < capacity)
                conflicts[count] = conflict;
            count++;
        }
    }
    return count;
}

int compatibility_conflicts(struct catalog *catalog, const struct criteria *criteria, struct conflict *conflicts,
                            size_t capacity, size_t *ret_count, struct error **err) {
    struct rules rules;
    int r = read_rules(catalog, &rules, err);
    if (r == 0)
        *ret_count = find_conflicts(&rules, criteria, conflicts, capacity);
    return r;
}

// --- what to do instead ---

struct advice {
    const char *name;
    unsigned served; // fields of the most specific overlay that matches
    size_t position; // in the vocabulary
};

static int compare_advice(const void *a, const void *b) {
    const struct advice *first = a, *second = b;
    if (first->served != second->served)
        return first->served > second->served ? -1 : 1;
    return first->position < second->position ? -1 : first->position > second->position;
}

static unsigned how_served(const struct catalog *catalog, const struct criteria *criteria) {
    const struct overlay *overlays = NULL;
    size_t count = catalog_overlays(catalog, &overlays);
    unsigned best = 0;
    for (size_t i = 0; i < count; i++)
        if (overlays[i].has_criteria && criteria_match(&overlays[i].criteria, criteria))
            best = MAX(best, criteria_specificity(&overlays[i].criteria));
    return best;
}

struct adviser {
    struct arena *arena;
    const struct catalog *catalog;
    const struct vocabulary *vocabulary;
    const struct rules *rules;
    const struct criteria *criteria;
    unsigned fields;  // that may be changed
    size_t tolerated; // conflicts that a change may leave; 0: it must mend everything
};

// The other values of the field with which the combination may work.
static size_t find_advice(const struct adviser *adviser, enum criteria_field index, struct advice **ret) {
    const struct vocabulary_field *field = &adviser->vocabulary->field[index];
    struct arena *arena = adviser->arena;
    struct advice *advice = arena_new_array(arena, struct advice, field->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < field->count; i++) {
        struct criteria other = *adviser->criteria;
        other.field[index] = field->values[i].name;
        if (find_conflicts(adviser->rules, &other, NULL, 0) <= adviser->tolerated)
            advice[count++] = (struct advice){field->values[i].name, how_served(adviser->catalog, &other), i};
    }
    qsort(advice, count, sizeof *advice, compare_advice);
    *ret = advice;
    return count;
}

static void advise(const struct adviser *adviser, const char *lead, struct text *out) {
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        struct advice *advice = NULL;
        struct criteria without = *adviser->criteria;
        without.field[i] = NULL;
        if (!(adviser->fields & 1U << i))
            continue;
        size_t count = find_advice(adviser, i, &advice);
        const char *start = out->length ? "; or " : lead;
        if (count)
            text_addf(out, "%s--%s %s", start, criteria_field_names[i], advice[0].name);
        else if (find_conflicts(adviser->rules, &without, NULL, 0) <= adviser->tolerated)
            text_addf(out, "%sleave --%s out", start, criteria_field_names[i]);
        for (size_t j = 1; j < count; j++)
            text_addf(out, ", %s", advice[j].name);
    }
}

static void describe(const struct criteria *criteria, unsigned fields, struct text *out) {
    size_t start = out->length;
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        if (fields & 1U << i)
            text_addf(out, "%s%s=%s", out->length > start ? " " : "", criteria_field_names[i], criteria->field[i]);
}

static void describe_conflict(const struct criteria *criteria, const struct conflict *conflict, struct text *out) {
    const char *why = doc_get_text(conflict->rule, "why", "no reason is given");
    size_t length = strlen(why);
    describe(criteria, conflict->fields, out);
    // The source closes the sentence.
    text_addf(out, " cannot work: %.*s (source: %s)", (int)(length - str_has_suffix(why, ".")), why,
              doc_get_text(conflict->rule, "source", "none is given"));
}

int compatibility_check(struct arena *arena, struct catalog *catalog, const struct vocabulary *vocabulary,
                        const struct criteria *criteria, struct error **err) {
    struct rules rules;
    struct conflict conflicts[CONFLICTS_SHOWN];
    struct adviser adviser = {arena, catalog, vocabulary, &rules, criteria, 0, 0};
    int r = read_rules(catalog, &rules, err);
    if (r < 0)
        return r;
    size_t count = find_conflicts(&rules, criteria, conflicts, CONFLICTS_SHOWN);
    if (count == 0)
        return 0;
    _cleanup_text_ struct text reasons = {0}, hint = {0};
    for (size_t i = 0; i < MIN(count, CONFLICTS_SHOWN); i++) {
        text_add(&reasons, i ? "; and " : "");
        describe_conflict(criteria, &conflicts[i], &reasons);
        adviser.fields |= conflicts[i].fields;
    }
    error_set(err, ERROR_INVALID, "%s", text_str(&reasons));
    advise(&adviser, "what works instead: ", &hint);
    if (!hint.length) {
        adviser.tolerated = count - 1;
        advise(&adviser, "no single change mends all of this; a first step is ", &hint);
    }
    return hint.length ? error_hint(err, "%s", text_str(&hint)) : error_hint(err, "leave out some of the criteria");
}
