// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "catalog/mixin.h"
#include "model/constraint_eval.h"
#include "recipe/merge_parts.h"
#include "recipe/newer.h"
#include "recipe/resolve_state.h"
#include "recipe/tuning.h"

static int check_mixins(struct resolver *resolver, const struct overlay *overlay, struct error **err) {
    DOC_FOREACH_ITEM(item, doc_get(doc_get(overlay->doc, "spec"), "mixins")) {
        const struct mixin *mixin = NULL;
        const char *where = doc_origin_text(resolver->arena, item->origin);
        int r = catalog_mixin(resolver->catalog, doc_text(item), where, &mixin, err);
        r = r < 0 ? r : mixin_check_applies(resolver->vocabulary, mixin, &resolver->request->criteria, where, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int merge_overlays(struct resolver *resolver, struct error **err) {
    for (size_t i = 0; i < resolver->match.count; i++) {
        const struct overlay *overlay = resolver->match.overlays[i];
        int r = catalog_overlay_load(resolver->catalog, overlay, err);
        r = r < 0 ? r : check_mixins(resolver, overlay, err);
        if (r < 0)
            return r;
    }
    return merger_add_match(&resolver->merger, &resolver->match, err);
}

static int judge(struct resolver *resolver, const struct doc *item, struct constraint *ret_constraint,
                 struct constraint_verdict *ret, struct error **err) {
    int r = constraint_from_doc(item, ret_constraint, err);
    return r < 0 ? r : constraint_evaluate(resolver->arena, ret_constraint, resolver->request->snapshot, ret, err);
}

static const char *other_values(struct resolver *resolver, const struct profile_choice *choice) {
    _cleanup_text_ struct text list = {0};
    DOC_FOREACH_MEMBER(member, choice->values)
    if (!str_eq(member->key, choice->value))
        text_addf(&list, "%s%s", list.length ? ", " : "", member->key);
    return arena_strdup(resolver->arena, text_str(&list));
}

// What was asked for by name is kept even where the snapshot contradicts it, and that is told.
static int judge_mixin(struct resolver *resolver, const struct mixin *mixin, struct error **err) {
    DOC_FOREACH_ITEM(item, resolver->request->snapshot ? doc_get(doc_get(mixin->doc, "spec"), "constraints") : NULL) {
        struct constraint constraint;
        struct constraint_verdict verdict;
        int r = judge(resolver, item, &constraint, &verdict, err);
        if (r < 0)
            return r;
        if (verdict.outcome == CONSTRAINT_VIOLATED)
            merger_note(&resolver->merger, "mixin '%s' demands %s '%s', which the snapshot does not satisfy: %s",
                        mixin->name, constraint.name, constraint.value, verdict.reason);
    }
    return 0;
}

static int merge_asked_mixins(struct resolver *resolver, struct error **err) {
    const struct recipe_request *request = resolver->request;
    for (size_t i = 0; i < request->mixin_count; i++) {
        const struct mixin *mixin = NULL;
        int r = catalog_mixin(resolver->catalog, request->mixins[i], "--mixin", &mixin, err);
        r = r < 0 ? r : mixin_check_applies(resolver->vocabulary, mixin, &request->criteria, "--mixin", err);
        r = r < 0 ? r : judge_mixin(resolver, mixin, err);
        r = r < 0 ? r : merger_add_mixin(&resolver->merger, mixin, err);
        if (r < 0)
            return r;
    }
    return 0;
}

// As judge_mixin: the choice is the user's, or a default that was meant for machines without a snapshot.
static int judge_profile(struct resolver *resolver, const struct profile_choice *choice, struct error **err) {
    DOC_FOREACH_ITEM(item, resolver->request->snapshot ? doc_get(choice->content, "constraints") : NULL) {
        struct constraint_verdict verdict;
        struct constraint constraint;
        int r = judge(resolver, item, &constraint, &verdict, err);
        if (r < 0)
            return r;
        if (verdict.outcome == CONSTRAINT_VIOLATED)
            merger_note(&resolver->merger,
                        "profile %s=%s demands %s '%s', which the snapshot does not satisfy: %s; "
                        "choose another value with --profile %s=VALUE (%s)",
                        choice->name, choice->value, constraint.name, constraint.value, verdict.reason, choice->name,
                        other_values(resolver, choice));
    }
    return 0;
}

static int merge_profiles(struct resolver *resolver, struct error **err) {
    const struct recipe_request *request = resolver->request;
    int r = profiles_choose(resolver->arena, &resolver->match, request->profiles, request->profile_count,
                            &resolver->profiles, err);
    for (size_t i = 0; r >= 0 && i < resolver->profiles.count; i++) {
        const struct profile_choice *choice = &resolver->profiles.items[i];
        const char *title = arena_printf(resolver->arena, "%s=%s", choice->name, choice->value);
        r = judge_profile(resolver, choice, err);
        r = r < 0 ? r : merger_add_profile(&resolver->merger, title, choice->content, choice->overlay, err);
    }
    return r;
}

// Behind all that gives components, because how a setting reaches a node depends on them.
static int add_tuning(struct resolver *resolver, struct error **err) {
    const struct tuning_request request = {.criteria = &resolver->request->criteria,
                                           .choices = resolver->request->tuning,
                                           .choice_count = resolver->request->tuning_count,
                                           .components = resolver->merger.components};
    struct tuning_answer answer = {0};
    int r = tuning_resolve(resolver->arena, resolver->catalog, &request, &answer, err);
    for (size_t i = 0; r >= 0 && i < answer.component_ref_count; i++)
        r = merger_add_component(&resolver->merger, answer.component_refs[i], err);
    resolver->tuning = answer.section;
    return r;
}

int resolver_merge(struct resolver *resolver, struct error **err) {
    int r = merge_overlays(resolver, err);
    r = r < 0 ? r : merge_asked_mixins(resolver, err);
    r = r < 0 ? r : merge_profiles(resolver, err);
    return r < 0 ? r : add_tuning(resolver, err);
}
