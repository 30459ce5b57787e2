// SPDX-License-Identifier: Apache-2.0
#include "usecase/convert_check.h"
#include "base/text.h"
#include "recipe/resolve.h"

struct side {
    struct catalog *catalog;
    struct vocabulary *vocabulary;
};

static int open_side(struct arena *arena, const struct catalog_spec *spec, struct side *ret, struct error **err) {
    int r = catalog_open(arena, spec, &ret->catalog, err);
    return r < 0 ? r : vocabulary_open(arena, ret->catalog, &ret->vocabulary, err);
}

static void add(struct text *out, const char *what) {
    text_addf(out, "%s%s", out->length ? "; " : "", what);
}

static const struct constraint *find_constraint(const struct recipe *recipe, const char *name) {
    for (size_t i = 0; i < recipe->constraint_count; i++)
        if (str_eq(recipe->constraints[i].name, name))
            return &recipe->constraints[i];
    return NULL;
}

static void compare_constraints(struct arena *arena, const struct recipe *a, const struct recipe *b, struct text *out) {
    for (size_t i = 0; i < a->constraint_count; i++) {
        const struct constraint *before = &a->constraints[i], *after = find_constraint(b, before->name);
        if (!after || !str_eq(before->value, after->value))
            add(out,
                arena_printf(arena, "%s %s becomes %s", before->name, before->value, after ? after->value : "nothing"));
    }
    for (size_t i = 0; i < b->constraint_count; i++)
        if (!find_constraint(a, b->constraints[i].name))
            add(out, arena_printf(arena, "%s %s comes in", b->constraints[i].name, b->constraints[i].value));
}

static bool is_same(const struct doc *a, const struct doc *b) {
    return (!a && !b) || (a && b && doc_equal(a, b));
}

static void compare_component(struct arena *arena, const struct component *a, const struct component *b,
                              struct text *out) {
    static const char *const keys[] = {"namespace", "chart",      "source",    "version",       "tag",
                                       "path",      "valuesFile", "overrides", "manifestFiles", "dependencyRefs"};
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
        if (!is_same(doc_get(a->doc, keys[i]), doc_get(b->doc, keys[i])))
            add(out, arena_printf(arena, "%s: %s", a->name, keys[i]));
}

static void compare_components(struct arena *arena, const struct recipe *a, const struct recipe *b, struct text *out) {
    for (size_t i = 0; i < a->component_count; i++) {
        const struct component *after = recipe_component(b, a->components[i].name);
        if (after)
            compare_component(arena, &a->components[i], after, out);
        else
            add(out, arena_printf(arena, "%s goes out", a->components[i].name));
    }
    for (size_t i = 0; i < b->component_count; i++)
        if (!recipe_component(a, b->components[i].name))
            add(out, arena_printf(arena, "%s comes in", b->components[i].name));
}

static int resolve(struct arena *arena, const struct side *side, const struct criteria *criteria, struct recipe **ret,
                   struct text *problem) {
    _cleanup_error_ struct error *err = NULL;
    const struct recipe_request request = {.criteria = *criteria};
    int r = recipe_resolve(arena, side->catalog, side->vocabulary, &request, ret, &err);
    if (r < 0)
        add(problem, err->message);
    return r;
}

static bool compare_overlay(struct report *report, const struct side *before, const struct side *after,
                            const struct overlay *overlay) {
    struct arena *arena = report->arena;
    struct recipe *a = NULL, *b = NULL;
    _cleanup_text_ struct text differences = {0};
    if (resolve(arena, before, &overlay->criteria, &a, &differences) == 0 &&
        resolve(arena, after, &overlay->criteria, &b, &differences) == 0) {
        compare_constraints(arena, a, b, &differences);
        compare_components(arena, a, b, &differences);
    }
    if (!differences.length)
        return true;
    verdict_add(report, &(struct verdict_row){.id = overlay->name,
                                              .phase = "results",
                                              .verdict = VERDICT_DECISION,
                                              .value = arena_strdup(arena, text_str(&differences)),
                                              .why = "The recipe for the criteria of this overlay is another one "
                                                     "in the new format, whose rules of merging differ."});
    return false;
}

int convert_check(struct report *report, const struct catalog_spec *before, const struct catalog_spec *after,
                  struct error **err) {
    struct side a, b;
    const struct overlay *overlays = NULL;
    size_t same = 0, all = 0;
    int r = open_side(report->arena, before, &a, err);
    r = r < 0 ? r : open_side(report->arena, after, &b, err);
    if (r < 0)
        return r;
    size_t count = catalog_overlays(a.catalog, &overlays);
    for (size_t i = 0; i < count; i++) {
        if (!overlays[i].has_criteria || criteria_is_empty(&overlays[i].criteria))
            continue;
        all++;
        same += compare_overlay(report, &a, &b, &overlays[i]);
    }
    verdict_add(report,
                &(struct verdict_row){.id = "recipes",
                                      .phase = "results",
                                      .verdict = VERDICT_CARRIED,
                                      .value = arena_printf(report->arena, "%zu of %zu are the same", same, all),
                                      .why = "The criteria of every overlay were resolved before and after."});
    return 0;
}
