// SPDX-License-Identifier: Apache-2.0
// The rule of lint about profiles: every value that may be chosen gives a recipe. What the default gives is looked at
// by the rules about what overlays resolve to.
#include "base/text.h"
#include "lint/context.h"
#include "recipe/resolve.h"

static void check_value(struct lint *lint, const struct lint_overlay *overlay, const struct criteria *criteria,
                        const char *name, const struct doc_member *value) {
    const char *word = arena_printf(lint->arena, "%s=%s", name, value->key);
    const struct recipe_request request = {.criteria = *criteria, .profiles = &word, .profile_count = 1};
    struct recipe *recipe = NULL;
    _cleanup_error_ struct error *error = NULL;
    if (recipe_resolve(lint->arena, lint->catalog, lint->vocabulary, &request, &recipe, &error) < 0)
        lint_find(lint, value->key_origin,
                  error->hint ? arena_strdup(lint->arena, error->hint) : "correct what the message names",
                  "with %s, overlay '%s' does not resolve: %s", word, overlay->head.name, error->message);
}

void lint_rule_profiles(struct lint *lint) {
    LINT_FOREACH_OVERLAY(overlay, lint) {
        const struct doc *profile = doc_get(overlay->spec, "profile");
        struct criteria criteria;
        _cleanup_error_ struct error *ignored = NULL;
        // Without a recipe of its own, the overlay has a finding already.
        if (!profile || !overlay->recipe || lint_criteria(lint, overlay, &criteria, &ignored) < 0)
            continue;
        DOC_FOREACH_MEMBER(value, doc_get(profile, "values"))
        if (value->value->kind != DOC_NULL) // taken away
            check_value(lint, overlay, &criteria, doc_get_text(profile, "name", ""), value);
    }
}
