// SPDX-License-Identifier: Apache-2.0
#include "usecase/recipe.h"
#include "base/log.h"
#include "base/text.h"
#include "catalog/detect.h"
#include "io/source.h"
#include "recipe/hydrate.h"
#include "recipe/resolve.h"
#include "recipe/result.h"

#include <inttypes.h>

struct making {
    struct arena *arena;
    const struct recipe_arguments *arguments;
    struct catalog *catalog;
    struct vocabulary *vocabulary;
    struct snapshot *snapshot;
    struct criteria criteria;
};

// --- criteria ---

static const char *shown(const char *value) {
    return value ? value : "any";
}

static int take_snapshot(struct making *making, struct error **err) {
    const char *location = making->arguments->snapshot;
    if (!location)
        return 0;
    _cleanup_source_ struct source *source = NULL;
    int r = source_open(location, &source, err);
    r = r < 0 ? r : snapshot_read(making->arena, source_input(source), &making->snapshot, err);
    if (r < 0)
        return r;
    for (size_t i = 0; i < making->snapshot->note_count; i++)
        log_warning("%s", making->snapshot->notes[i]);
    struct detection detection;
    r = detect_criteria(making->arena, making->catalog, making->vocabulary, making->snapshot, &detection, err);
    if (r < 0)
        return r;
    making->criteria = detection.criteria;
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        if (detection.from[i])
            log_info("%s: %s, because in %s %s", criteria_field_names[i], detection.criteria.field[i], location,
                     detection.from[i]);
    for (size_t i = 0; i < detection.note_count; i++)
        if (!making->arguments->field[detection.notes[i].field])
            log_warning("%s: %s", location, detection.notes[i].text);
    return 0;
}

static int take_criteria_file(struct making *making, struct error **err) {
    const char *location = making->arguments->criteria;
    if (!location)
        return 0;
    const struct doc *doc = NULL;
    struct criteria criteria;
    int r = source_load(making->arena, location, NULL, &doc, err);
    r = r < 0 ? r : vocabulary_read_criteria(making->vocabulary, doc, &criteria, err);
    if (r < 0)
        return r;
    const struct doc *spec = doc_get(doc, "spec");
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        // Naming any is a choice too, leaving a field out is none.
        if (!doc_get(spec, criteria_field_names[i]))
            continue;
        if (making->criteria.field[i] && !str_eq(making->criteria.field[i], criteria.field[i]))
            log_info("%s: %s, from %s, instead of %s", criteria_field_names[i], shown(criteria.field[i]), location,
                     making->criteria.field[i]);
        making->criteria.field[i] = criteria.field[i];
    }
    making->criteria.nodes = criteria.nodes;
    return 0;
}

static int take_words(struct making *making, struct error **err) {
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        const char *word = making->arguments->field[i], *value = NULL;
        if (!word)
            continue;
        const char *where = arena_printf(making->arena, "--%s", criteria_field_names[i]);
        int r = vocabulary_resolve(making->vocabulary, i, word, where, &value, err);
        if (r < 0)
            return r;
        if (making->criteria.field[i] && !str_eq(making->criteria.field[i], value))
            log_info("%s: %s, as asked for, instead of %s", criteria_field_names[i], shown(value),
                     making->criteria.field[i]);
        making->criteria.field[i] = value;
    }
    if (!making->arguments->has_nodes)
        return 0;
    if (making->arguments->nodes < 0)
        return error_set(err, ERROR_INVALID, "--nodes: %" PRId64 " is negative; it must be 0 (any) or more",
                         making->arguments->nodes);
    making->criteria.nodes = making->arguments->nodes;
    return 0;
}

static int check_anything_asked(const struct making *making, struct error **err) {
    const struct recipe_arguments *arguments = making->arguments;
    if (arguments->snapshot || arguments->criteria || !criteria_is_empty(&making->criteria))
        return 0;
    error_set(err, ERROR_INVALID, "no criteria were given, so there is nothing to choose a recipe by");
    return error_hint(err, "name one or more of --service, --accelerator, --intent, --os, --platform, or give "
                           "--snapshot or --criteria");
}

// --- the recipe ---

void recipe_tell_remarks(const struct recipe *recipe) {
    for (size_t i = 0; i < recipe->note_count; i++)
        log_warning("%s", recipe->notes[i]);
}

static const char *or_unknown(const char *version) {
    return version ? version : "of no version";
}

void recipe_tell_catalog(const struct recipe *recipe, const struct catalog_identity *used) {
    if (!recipe->catalog_digest || str_eq(recipe->catalog_digest, used->digest))
        return;
    log_warning(
        "%s was made from the catalog %s (%.19s...), this is %s (%.19s...), so that what the recipe only refers to "
        "may differ; --catalog takes the catalog that it was made from, cnsctl recipe catalog diff compares the two",
        recipe->source ? recipe->source : "the recipe", or_unknown(recipe->catalog_version), recipe->catalog_digest,
        or_unknown(used->version), used->digest);
}

static void tell(const struct making *making, const struct recipe *recipe) {
    const char *const *notes = NULL;
    size_t count = catalog_notes(making->catalog, &notes);
    for (size_t i = 0; i < count; i++)
        log_warning("%s", notes[i]);
    recipe_tell_remarks(recipe);
    for (size_t i = 0; i < recipe->excluded_count; i++) {
        const struct excluded_overlay *row = &recipe->excluded[i];
        if (row->constraint)
            log_warning("overlay '%s' is excluded: %s must be '%s': %s", row->overlay, row->constraint, row->expected,
                        row->reason);
        else
            log_warning("overlay '%s' is excluded: %s", row->overlay, row->reason);
    }
    for (size_t i = 0; i < recipe->warning_count; i++)
        log_warning("overlay '%s' is kept although %s '%s' could not be checked: %s", recipe->warnings[i].overlay,
                    recipe->warnings[i].constraint, recipe->warnings[i].expected, recipe->warnings[i].reason);
}

static int open_making(struct making *making, struct error **err) {
    int r = knowledge_open(making->arena, &making->arguments->knowledge, &making->catalog, err);
    return r < 0 ? r : vocabulary_open(making->arena, making->catalog, &making->vocabulary, err);
}

int recipe_make(struct arena *arena, const struct recipe_arguments *arguments, struct recipe_answer *ret,
                struct error **err) {
    struct making making = {.arena = arena, .arguments = arguments};
    int r = open_making(&making, err);
    r = r < 0 ? r : take_snapshot(&making, err);
    r = r < 0 ? r : take_criteria_file(&making, err);
    r = r < 0 ? r : take_words(&making, err);
    r = r < 0 ? r : check_anything_asked(&making, err);
    if (r < 0)
        return r;
    const struct recipe_request request = {
        .criteria = making.criteria,
        .snapshot = making.snapshot,
        .mixins = arguments->mixins,
        .mixin_count = arguments->mixin_count,
        .tuning = arguments->tuning,
        .tuning_count = arguments->tuning_count,
        .profiles = arguments->profiles,
        .profile_count = arguments->profile_count,
        .is_strict = arguments->is_strict,
    };
    struct recipe *recipe = NULL;
    r = recipe_resolve(arena, making.catalog, making.vocabulary, &request, &recipe, err);
    if (r >= 0 && arguments->inline_values)
        r = recipe_hydrate(arena, making.catalog, recipe, err);
    if (r < 0)
        return r;
    tell(&making, recipe);
    *ret = (struct recipe_answer){.catalog = making.catalog,
                                  .recipe = recipe,
                                  .doc = arguments->inline_values ? result_inline(arena, recipe) : recipe->doc};
    return 0;
}
