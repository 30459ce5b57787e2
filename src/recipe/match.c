// SPDX-License-Identifier: Apache-2.0
#include "recipe/match.h"
#include "base/map.h"
#include "base/suggest.h"
#include "base/text.h"
#include "model/constraint_eval.h"

#include <stdlib.h>

struct candidate {
    const struct overlay *overlay;
    unsigned specificity;
    const struct overlay **chain; // root to leaf, without the base
    size_t chain_count;
    bool is_excluded;
};

struct matcher {
    struct arena *arena;
    struct catalog *catalog;
    const struct vocabulary *vocabulary;
    const struct match_request *request;
    struct candidate *candidates;
    size_t count;
    struct map by_name; // of candidates
    struct map placed;  // names of overlays that have their place in the order
    struct match *result;
    size_t excluded_capacity, warning_capacity;
};

// --- candidates ---

// Embedded overlays use canonical names (a test sees to it); external ones may use any word of the vocabulary.
static int canonical_criteria(const struct matcher *matcher, const struct overlay *overlay, struct criteria *ret,
                              struct error **err) {
    *ret = overlay->criteria;
    if (!overlay->is_external)
        return 0;
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        if (!ret->field[i])
            continue;
        int r = vocabulary_resolve(matcher->vocabulary, i, ret->field[i], overlay->file.name, &ret->field[i], err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int compare_candidates(const void *a, const void *b) {
    const struct candidate *first = a, *second = b;
    if (first->specificity != second->specificity)
        return first->specificity < second->specificity ? -1 : 1;
    return strcmp(first->overlay->name, second->overlay->name);
}

static int find_candidates(struct matcher *matcher, struct error **err) {
    const struct overlay *overlays = NULL;
    size_t count = catalog_overlays(matcher->catalog, &overlays);
    matcher->candidates = arena_new_array(matcher->arena, struct candidate, count);
    for (size_t i = 0; i < count; i++) {
        struct criteria criteria;
        if (!overlays[i].has_criteria)
            continue;
        int r = canonical_criteria(matcher, &overlays[i], &criteria, err);
        if (r < 0)
            return r;
        if (catalog_is_newer(matcher->catalog))
            criteria.nodes = 0; // there it is written, but not matched
        if (criteria_match(&criteria, matcher->request->criteria))
            matcher->candidates[matcher->count++] =
                (struct candidate){.overlay = &overlays[i], .specificity = criteria_specificity(&criteria)};
    }
    qsort(matcher->candidates, matcher->count, sizeof *matcher->candidates, compare_candidates);
    return 0;
}

// --- chains ---

static int unknown_base(struct matcher *matcher, const struct overlay *overlay, struct error **err) {
    int r = catalog_overlay_load(matcher->catalog, overlay, err);
    if (r < 0)
        return r;
    const struct overlay *overlays = NULL;
    size_t count = catalog_overlays(matcher->catalog, &overlays);
    const char **names = arena_new_array(matcher->arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        names[i] = overlays[i].name;
    doc_error(err, ERROR_NOT_FOUND, doc_get(doc_get(overlay->doc, "spec"), "base")->origin,
              "overlay '%s' inherits from '%s', which the catalog does not have", overlay->name, overlay->base);
    const char *nearest = suggest_nearest(overlay->base, names, count);
    if (nearest)
        error_hint(err, "did you mean '%s'?", nearest);
    return -ERROR_NOT_FOUND;
}

// Called when the way up from `leaf` is longer than there are overlays: it is in a circle by now.
static int circular_base(struct matcher *matcher, const struct overlay *inside, struct error **err) {
    _cleanup_text_ struct text path = {0};
    const struct overlay *overlay = inside, *last = inside;
    // The circle is told from its smallest name on, wherever it was entered.
    for (overlay = catalog_find_overlay(matcher->catalog, inside->base); overlay != inside;
         overlay = catalog_find_overlay(matcher->catalog, overlay->base))
        last = strcmp(overlay->name, last->name) < 0 ? overlay : last;
    const struct overlay *first = last;
    overlay = first;
    do {
        text_addf(&path, "%s -> ", overlay->name);
        last = overlay;
        overlay = catalog_find_overlay(matcher->catalog, overlay->base);
    } while (overlay != first);
    int r = catalog_overlay_load(matcher->catalog, last, err);
    if (r < 0)
        return r;
    return doc_error(err, ERROR_INVALID, doc_get(doc_get(last->doc, "spec"), "base")->origin,
                     "overlays inherit in a circle: %s%s", text_str(&path), first->name);
}

static int measure_chain(struct matcher *matcher, struct candidate *candidate, struct error **err) {
    const struct overlay *all = NULL;
    size_t limit = catalog_overlays(matcher->catalog, &all);
    const struct overlay *overlay = candidate->overlay;
    for (candidate->chain_count = 1; overlay->base; candidate->chain_count++) {
        if (candidate->chain_count > limit)
            return circular_base(matcher, overlay, err);
        const struct overlay *base = catalog_find_overlay(matcher->catalog, overlay->base);
        if (!base)
            return unknown_base(matcher, overlay, err);
        overlay = base;
    }
    return 0;
}

static int find_chain(struct matcher *matcher, struct candidate *candidate, struct error **err) {
    int r = measure_chain(matcher, candidate, err);
    if (r < 0)
        return r;
    candidate->chain = arena_new_array(matcher->arena, const struct overlay *, candidate->chain_count);
    const struct overlay *overlay = candidate->overlay;
    for (size_t i = candidate->chain_count; i > 0; i--) {
        candidate->chain[i - 1] = overlay;
        overlay = overlay->base ? catalog_find_overlay(matcher->catalog, overlay->base) : NULL;
    }
    return 0;
}

bool overlay_inherits(const struct catalog *catalog, const struct overlay *overlay, const struct overlay *ancestor) {
    if (ancestor == catalog_find_overlay(catalog, "base"))
        return true;
    const struct overlay *overlays = NULL;
    size_t steps = catalog_overlays(catalog, &overlays);
    for (size_t i = 0; overlay && i <= steps; i++) {
        if (overlay == ancestor)
            return true;
        overlay = overlay->base ? catalog_find_overlay(catalog, overlay->base) : NULL;
    }
    return false;
}

// --- exclusion ---

static void add_row(struct arena *arena, struct excluded_overlay **rows, size_t *count, size_t *capacity,
                    const struct excluded_overlay *row) {
    if (*count == *capacity) {
        size_t larger = *capacity ? *capacity * 2 : 8;
        *rows = arena_grow(arena, *rows, *capacity * sizeof **rows, larger * sizeof **rows);
        *capacity = larger;
    }
    (*rows)[(*count)++] = *row;
}

static void exclude(struct matcher *matcher, struct candidate *candidate, const struct excluded_overlay *row) {
    candidate->is_excluded = true;
    add_row(matcher->arena, &matcher->result->excluded, &matcher->result->excluded_count, &matcher->excluded_capacity,
            row);
}

static int judge_constraint(struct matcher *matcher, struct candidate *candidate, const struct doc *item,
                            struct error **err) {
    struct constraint constraint;
    struct constraint_verdict verdict;
    int r = constraint_from_doc(item, &constraint, err);
    r = r < 0 ? r : constraint_evaluate(matcher->arena, &constraint, matcher->request->snapshot, &verdict, err);
    if (r < 0)
        return r;
    struct excluded_overlay row = {
        .overlay = candidate->overlay->name,
        .constraint = constraint.name,
        .expected = constraint.value,
        .actual =
            verdict.reading ? arena_strndup(matcher->arena, verdict.reading->text, verdict.reading->text_length) : NULL,
        .reason = verdict.reason,
    };
    if (verdict.outcome == CONSTRAINT_VIOLATED)
        exclude(matcher, candidate, &row);
    else if (verdict.outcome == CONSTRAINT_UNKNOWN)
        add_row(matcher->arena, &matcher->result->warnings, &matcher->result->warning_count, &matcher->warning_capacity,
                &row);
    return 0;
}

static int judge_constraints(struct matcher *matcher, struct candidate *candidate, const struct doc *spec,
                             struct error **err) {
    DOC_FOREACH_ITEM(item, doc_get(spec, "constraints")) {
        int r = judge_constraint(matcher, candidate, item, err);
        if (r < 0)
            return r;
    }
    return 0;
}

// The constraints of its mixins count as the overlay's own.
static int judge_candidate(struct matcher *matcher, struct candidate *candidate, struct error **err) {
    int r = catalog_overlay_load(matcher->catalog, candidate->overlay, err);
    if (r < 0)
        return r;
    const struct doc *spec = doc_get(candidate->overlay->doc, "spec");
    r = judge_constraints(matcher, candidate, spec, err);
    DOC_FOREACH_ITEM(item, doc_get(spec, "mixins")) {
        const struct mixin *mixin = NULL;
        const char *where = doc_origin_text(matcher->arena, item->origin);
        r = r < 0 ? r : catalog_mixin(matcher->catalog, doc_text(item), where, &mixin, err);
        r = r < 0 ? r : judge_constraints(matcher, candidate, doc_get(mixin->doc, "spec"), err);
    }
    return r;
}

// An overlay that was left out must not come back as part of a descendant's chain.
static void exclude_descendant(struct matcher *matcher, struct candidate *candidate) {
    for (size_t i = 0; i + 1 < candidate->chain_count; i++) {
        const struct candidate *ancestor = map_get(&matcher->by_name, candidate->chain[i]->name);
        if (!ancestor || !ancestor->is_excluded)
            continue;
        exclude(matcher, candidate,
                &(struct excluded_overlay){.overlay = candidate->overlay->name,
                                           .reason =
                                               arena_printf(matcher->arena, "it inherits from '%s', which is excluded",
                                                            candidate->chain[i]->name)});
        return;
    }
}

static int exclude_by_snapshot(struct matcher *matcher, struct error **err) {
    if (!matcher->request->snapshot)
        return 0;
    for (size_t i = 0; i < matcher->count; i++) {
        int r = judge_candidate(matcher, &matcher->candidates[i], err);
        if (r < 0)
            return r;
    }
    for (size_t i = 0; i < matcher->count; i++)
        map_put(&matcher->by_name, matcher->candidates[i].overlay->name, &matcher->candidates[i]);
    for (size_t i = 0; i < matcher->count; i++)
        if (!matcher->candidates[i].is_excluded)
            exclude_descendant(matcher, &matcher->candidates[i]);
    return 0;
}

// --- the order of merging ---

static void add_overlay(struct matcher *matcher, const struct overlay *overlay) {
    if (map_put(&matcher->placed, overlay->name, (void *)overlay))
        matcher->result->overlays[matcher->result->count++] = overlay;
}

// Newer predecessors merge an overlay only as part of the chain of another one that matches too.
static bool is_maximal(const struct matcher *matcher, const struct candidate *candidate) {
    for (size_t i = 0; i < matcher->count; i++) {
        const struct candidate *other = &matcher->candidates[i];
        for (size_t j = 0; !other->is_excluded && j + 1 < other->chain_count; j++)
            if (other->chain[j] == candidate->overlay)
                return false;
    }
    return true;
}

static void put_in_order(struct matcher *matcher) {
    const struct overlay *all = NULL;
    size_t limit = catalog_overlays(matcher->catalog, &all) + 1;
    struct match *match = matcher->result;
    match->overlays = arena_new_array(matcher->arena, const struct overlay *, limit);
    match->matching = arena_new_array(matcher->arena, const struct overlay *, limit);
    add_overlay(matcher, catalog_find_overlay(matcher->catalog, "base"));
    for (size_t i = 0; i < matcher->count; i++) {
        const struct candidate *candidate = &matcher->candidates[i];
        if (candidate->is_excluded || (catalog_is_newer(matcher->catalog) && !is_maximal(matcher, candidate)))
            continue;
        match->matching[match->matching_count++] = candidate->overlay;
        for (size_t j = 0; j < candidate->chain_count; j++)
            add_overlay(matcher, candidate->chain[j]);
    }
}

int catalog_match(struct arena *arena, struct catalog *catalog, const struct vocabulary *vocabulary,
                  const struct match_request *request, struct match *ret, struct error **err) {
    struct match match = {0};
    struct matcher matcher = {
        .arena = arena, .catalog = catalog, .vocabulary = vocabulary, .request = request, .result = &match};
    int r = find_candidates(&matcher, err);
    for (size_t i = 0; r >= 0 && i < matcher.count; i++)
        r = find_chain(&matcher, &matcher.candidates[i], err);
    r = r < 0 ? r : exclude_by_snapshot(&matcher, err);
    if (r >= 0) {
        put_in_order(&matcher);
        *ret = match;
    }
    map_done(&matcher.by_name);
    map_done(&matcher.placed);
    return r < 0 ? r : 0;
}
