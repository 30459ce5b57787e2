// SPDX-License-Identifier: Apache-2.0
// Rules of lint about the mixins that overlays name.
#include "base/text.h"
#include "lint/context.h"

const struct lint_layer *lint_mixin(const struct lint *lint, const char *name) {
    LINT_FOREACH_LAYER(layer, lint)
    if (str_eq(layer->what, "mixin") && str_eq(layer->name, name))
        return layer;
    return NULL;
}

// A file that is there, but broken or misnamed, has findings of its own.
static bool has_file(const struct lint *lint, const char *name) {
    return lint_file(lint, arena_printf(lint->arena, "mixins/%s.yaml", name)) != NULL;
}

static void find_unknown(struct lint *lint, const struct lint_overlay *overlay, const struct doc *name) {
    const char **names = arena_new_array(lint->arena, const char *, lint->layer_count);
    size_t count = 0;
    LINT_FOREACH_LAYER(layer, lint)
    if (str_eq(layer->what, "mixin"))
        names[count++] = layer->name;
    lint_find(lint, name->origin,
              lint_suggest(lint, doc_text(name), names, count, "add the file mixins/<name>.yaml, or take it out"),
              "overlay '%s' names the mixin '%s', which the catalog does not have", overlay->head.name, doc_text(name));
}

// What a recipe that has the overlay is for: its own criteria or those of an ancestor fix it.
static const char *fixed_criterion(const struct lint *lint, const struct lint_overlay *overlay,
                                   enum criteria_field field) {
    const char *value = NULL;
    for (; overlay && !value; overlay = overlay->base)
        value = lint_criterion(lint, overlay, field);
    return value;
}

static void check_applies(struct lint *lint, const struct lint_overlay *overlay, const struct doc *place,
                          const struct lint_layer *mixin) {
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        const struct doc *allowed = doc_get(doc_get(mixin->spec, "appliesTo"), criteria_field_names[i]);
        const char *value = fixed_criterion(lint, overlay, (enum criteria_field)i);
        bool is_allowed = doc_count(allowed) == 0;
        DOC_FOREACH_ITEM(item, allowed) {
            const char *word = lint_word(lint, (enum criteria_field)i, doc_text(item));
            is_allowed = is_allowed || !word || str_eq(word, value);
        }
        if (!is_allowed)
            lint_find(lint, place->origin, "name it in an overlay that it is for, or widen its appliesTo",
                      "overlay '%s' is for %s '%s', for which its mixin '%s' is not", overlay->head.name,
                      criteria_field_names[i], value ? value : "any", mixin->name);
    }
}

void lint_rule_mixins(struct lint *lint) {
    LINT_FOREACH_OVERLAY(overlay, lint) {
        DOC_FOREACH_ITEM(name, doc_get(overlay->spec, "mixins")) {
            const struct lint_layer *mixin = lint_mixin(lint, doc_text(name));
            if (mixin && !mixin->file->is_broken && !overlay->is_circular)
                check_applies(lint, overlay, name, mixin);
            else if (!mixin && doc_is_scalar(name) && !has_file(lint, doc_text(name)))
                find_unknown(lint, overlay, name);
        }
    }
}
