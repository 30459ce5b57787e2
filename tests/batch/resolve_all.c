// SPDX-License-Identifier: Apache-2.0
// Properties that every recipe must have, looked at for all combinations of criteria, open fields included: it resolves
// or is refused with a reason and with what works instead; twice the same bytes; everything after what it depends on,
// and nothing that is not there; no constraint below what a layer of it demands, unless that says so; every value from
// a place in a file.
// Each recipe is looked at alone and with one of the mixins that are for it.
//
// usage: resolve_all [--step N]     every Nth combination, all by default
//        resolve_all --time         resolve all that may work once each, tell how long that took
#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "catalog/compatibility.h"
#include "catalog/mixin.h"
#include "doc/emit.h"
#include "recipe/combinations.h"
#include "recipe/hydrate.h"
#include "recipe/resolve.h"
#include "recipe/strictness.h"
#include "usecase/knowledge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct run {
    struct catalog *catalog;
    struct vocabulary *vocabulary;
    struct criteria criteria;
    const char *mixin; // asked for besides; NULL: none
    size_t next_mixin; // the one to try next
    size_t step, seen, resolved, mixed, refused, failures;
};

static _printf_(2, 3) void fail(struct run *run, const char *format, ...) {
    va_list arguments;
    fprintf(stderr, "not so for");
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        fprintf(stderr, " %s=%s", criteria_field_names[i], run->criteria.field[i] ? run->criteria.field[i] : "any");
    if (run->mixin)
        fprintf(stderr, " with %s", run->mixin);
    fprintf(stderr, ": ");
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    run->failures++;
}

// --- order and dependencies ---

static size_t place_of(const struct recipe *recipe, const char *name) {
    for (size_t i = 0; i < recipe->order_count; i++)
        if (str_eq(recipe->deployment_order[i], name))
            return i;
    return SIZE_MAX;
}

static void check_order(struct run *run, const struct recipe *recipe) {
    if (recipe->order_count != recipe->component_count)
        fail(run, "%zu components, %zu in the order", recipe->component_count, recipe->order_count);
    for (size_t i = 0; i < recipe->component_count; i++) {
        const struct component *component = &recipe->components[i];
        size_t own = place_of(recipe, component->name);
        if (own == SIZE_MAX)
            fail(run, "%s is not in the order", component->name);
        DOC_FOREACH_ITEM(item, component->dependency_refs) {
            size_t other = place_of(recipe, doc_text(item));
            if (other == SIZE_MAX)
                fail(run, "%s depends on %s, which is not there", component->name, doc_text(item));
            else if (other >= own)
                fail(run, "%s comes before %s, on which it depends", component->name, doc_text(item));
        }
    }
}

// --- constraints ---

// Whether what a layer demands still holds, or the layer, or one that relaxes it, says so.
static void check_layer(struct run *run, struct arena *arena, const struct recipe *recipe, const char *layer,
                        const struct doc *spec) {
    DOC_FOREACH_ITEM(item, doc_get(spec, "constraints")) {
        const char *name = doc_get_text(item, "name", ""), *wanted = doc_get_text(item, "value", "");
        const struct constraint *held = NULL;
        for (size_t i = 0; i < recipe->constraint_count; i++)
            if (str_eq(recipe->constraints[i].name, name))
                held = &recipe->constraints[i];
        if (!held)
            fail(run, "%s demands %s, which the recipe does not", layer, name);
        else if (!held->relax && strictness_compare(arena, wanted, held->value, NULL) == STRICTNESS_WEAKENS)
            fail(run, "%s demands %s %s, the recipe only %s", layer, name, wanted, held->value);
        else if (held->relax && str_is_empty(held->relax_why))
            fail(run, "%s is relaxed without a reason", name);
    }
}

static void check_constraints(struct run *run, struct arena *arena, const struct recipe *recipe) {
    for (size_t i = 0; i < recipe->applied_count; i++) {
        const struct overlay *overlay = catalog_find_overlay(run->catalog, recipe->applied_overlays[i]);
        if (!overlay || !overlay->doc) {
            fail(run, "overlay %s is applied and not there", recipe->applied_overlays[i]);
            continue;
        }
        check_layer(run, arena, recipe, overlay->name, doc_get(overlay->doc, "spec"));
    }
    DOC_FOREACH_ITEM(name, doc_get(doc_get(recipe->doc, "metadata"), "mixins")) {
        const struct mixin *mixin = NULL;
        _cleanup_error_ struct error *err = NULL;
        if (catalog_mixin(run->catalog, doc_text(name), "recipe", &mixin, &err) < 0)
            fail(run, "%s", err->message);
        else
            check_layer(run, arena, recipe, mixin->name, doc_get(mixin->doc, "spec"));
    }
}

// --- origins ---

static void check_origin(struct run *run, const char *component, const char *what, const struct doc *value) {
    if (doc_is(value, DOC_MAP) && doc_count(value) > 0) {
        DOC_FOREACH_MEMBER(member, value)
        check_origin(run, component, member->key, member->value);
        return;
    }
    if (!value || (doc_is(value, DOC_STRING) && value->length == 0))
        return;
    if (!value->origin.source || !value->origin.line)
        fail(run, "%s: nobody knows where %s comes from", component, what);
}

static void check_origins(struct run *run, const struct recipe *recipe) {
    static const char *const keys[] = {"source", "chart", "version", "tag", "namespace", "valuesFile", "path"};
    for (size_t i = 0; i < recipe->component_count; i++) {
        const struct component *component = &recipe->components[i];
        for (size_t j = 0; j < ARRAY_SIZE(keys); j++)
            check_origin(run, component->name, keys[j], doc_get(component->doc, keys[j]));
        // A component that sets nothing has an empty map that no file wrote.
        DOC_FOREACH_MEMBER(member, component->values)
        check_origin(run, component->name, member->key, member->value);
    }
    for (size_t i = 0; i < recipe->constraint_count; i++)
        check_origin(run, recipe->constraints[i].name, "the value", doc_get(recipe->constraints[i].doc, "value"));
}

static void check_maturity(struct run *run, const struct recipe *recipe) {
    const struct doc *metadata = doc_get(recipe->doc, "metadata");
    const char *maturity = doc_get_text(metadata, "maturity", NULL);
    bool is_by_rule = doc_get(metadata, "maturityReason") != NULL;
    if (!maturity)
        fail(run, "it does not tell its maturity");
    else if (is_by_rule && str_eq(maturity, "supported"))
        fail(run, "it is put together by rule and yet supported");
}

// --- one combination ---

static int make(struct run *run, struct arena *arena, struct recipe **ret, struct text *bytes, struct error **err) {
    const struct recipe_request request = {
        .criteria = run->criteria, .mixins = &run->mixin, .mixin_count = run->mixin != NULL};
    struct recipe *recipe = NULL;
    int r = recipe_resolve(arena, run->catalog, run->vocabulary, &request, &recipe, err);
    if (r < 0)
        return r;
    doc_emit(recipe->doc, EMIT_JSON_COMPACT, bytes);
    r = recipe_hydrate(arena, run->catalog, recipe, err);
    for (size_t i = 0; i < recipe->component_count && r == 0; i++)
        if (recipe->components[i].values)
            doc_emit(recipe->components[i].values, EMIT_JSON_COMPACT, bytes);
    if (r == 0)
        *ret = recipe;
    return r;
}

static void check_refusal(struct run *run, const struct error *error) {
    size_t conflicts = 0;
    _cleanup_error_ struct error *ignored = NULL;
    if (compatibility_conflicts(run->catalog, &run->criteria, NULL, 0, &conflicts, &ignored) < 0 || conflicts == 0)
        fail(run, "it does not resolve: %s", error->message);
    else if (!strstr(error->message, "cannot work: ") || !strstr(error->message, "(source: ") || !error->hint)
        fail(run, "it is refused without reason, source or what to do: %s", error->message);
    run->refused++;
}

static void check_recipe(struct run *run, struct arena *arena, const struct recipe *recipe, const struct text *bytes) {
    _cleanup_arena_ struct arena *other = arena_new();
    _cleanup_error_ struct error *ignored = NULL;
    _cleanup_text_ struct text again = {0};
    struct recipe *second = NULL;
    if (make(run, other, &second, &again, &ignored) < 0 || !str_eq(text_str(bytes), text_str(&again)))
        fail(run, "the second time it is another recipe");
    check_order(run, recipe);
    check_constraints(run, arena, recipe);
    check_origins(run, recipe);
    check_maturity(run, recipe);
}

// One mixin that is for these criteria, another one each time. Those that exclude one that is there are refused.
static void check_mixin(struct run *run, struct arena *arena) {
    const struct mixin *mixins = NULL, *mixin = NULL;
    _cleanup_error_ struct error *err = NULL;
    _cleanup_text_ struct text bytes = {0};
    struct recipe *recipe = NULL;
    size_t count = catalog_mixins(run->catalog, &mixins);
    for (size_t i = 0; i < count && !mixin; i++) {
        const struct mixin *candidate = &mixins[run->next_mixin++ % count];
        _cleanup_error_ struct error *refusal = NULL;
        if (catalog_mixin(run->catalog, candidate->name, "run", &candidate, &refusal) == 0 &&
            mixin_check_applies(run->vocabulary, candidate, &run->criteria, "run", &refusal) == 0)
            mixin = candidate;
    }
    if (!mixin)
        return;
    run->mixin = mixin->name;
    if (make(run, arena, &recipe, &bytes, &err) == 0)
        check_recipe(run, arena, recipe, &bytes);
    else if (!strstr(err->message, "exclude"))
        fail(run, "it does not resolve: %s", err->message);
    run->mixed += recipe != NULL;
    run->mixin = NULL;
}

static void check_combination(struct run *run) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    _cleanup_text_ struct text bytes = {0};
    struct recipe *recipe = NULL;
    if (make(run, arena, &recipe, &bytes, &err) < 0) {
        check_refusal(run, err);
        return;
    }
    run->resolved++;
    check_recipe(run, arena, recipe, &bytes);
    check_mixin(run, arena);
}

static void choose(struct run *run, int field) {
    if (field == CRITERIA_FIELD_COUNT) {
        if (run->seen++ % run->step == 0)
            check_combination(run);
        return;
    }
    const struct vocabulary_field *known = &run->vocabulary->field[field];
    for (size_t i = 0; i <= known->count; i++) {
        run->criteria.field[field] = i < known->count ? known->values[i].name : NULL;
        choose(run, field + 1);
    }
}

// --- time ---

static int time_all(struct run *run, struct error **err) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct combinations combinations;
    int r = combinations_list(arena, run->catalog, run->vocabulary, NULL, &combinations, err);
    uint64_t start = clock_monotonic_ns();
    for (size_t i = 0; r == 0 && i < combinations.count; i++) {
        _cleanup_arena_ struct arena *scratch = arena_new();
        const struct recipe_request request = {.criteria = combinations.items[i]};
        struct recipe *recipe = NULL;
        r = recipe_resolve(scratch, run->catalog, run->vocabulary, &request, &recipe, err);
    }
    if (r == 0)
        printf("{\"combinations\": %zu, \"nanoseconds\": %" PRIu64 "}\n", combinations.count,
               clock_monotonic_ns() - start);
    return r;
}

static int open_run(struct arena *arena, struct run *run, struct error **err) {
    const struct knowledge_source source = {0};
    int r = knowledge_open(arena, &source, &run->catalog, err);
    return r < 0 ? r : vocabulary_open(arena, run->catalog, &run->vocabulary, err);
}

int main(int argc, char **argv) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    struct run run = {.step = argc > 2 && str_eq(argv[1], "--step") ? strtoull(argv[2], NULL, 10) : 1};
    int r = open_run(arena, &run, &err);
    if (r == 0 && argc > 1 && str_eq(argv[1], "--time"))
        r = time_all(&run, &err);
    else if (r == 0)
        choose(&run, 0);
    if (r < 0 || run.step == 0) {
        fprintf(stderr, "resolve_all: %s\n", err ? err->message : "--step must be a number above 0");
        return 1;
    }
    if (run.seen)
        printf("%zu combinations: %zu recipes, %zu more with a mixin, %zu refused, %zu failures\n",
               run.resolved + run.refused, run.resolved, run.mixed, run.refused, run.failures);
    // A run that looked at nothing proves nothing.
    return run.failures > 0 || (run.seen && (run.resolved < 50 || run.mixed < 50 || run.refused < 50));
}
