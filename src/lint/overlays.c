// SPDX-License-Identifier: Apache-2.0
// Rules of lint about overlays among each other: bases, circles, criteria, and constraints along a chain.
#include "base/text.h"
#include "lint/context.h"
#include "model/constraint_eval.h"
#include "recipe/strictness.h"

static struct doc_origin head_origin(const struct lint_overlay *overlay, const char *key) {
    const struct doc *node = doc_get(overlay->spec, key);
    return node ? node->origin : lint_file_origin(overlay->file);
}

// --- chains ---

void lint_rule_bases(struct lint *lint) {
    const char **names = arena_new_array(lint->arena, const char *, lint->overlay_count);
    for (size_t i = 0; i < lint->overlay_count; i++)
        names[i] = lint->overlays[i].head.name;
    LINT_FOREACH_OVERLAY(overlay, lint) {
        if (overlay->head.base && !overlay->base && !overlay->is_base)
            lint_find(lint, head_origin(overlay, "base"),
                      lint_suggest(lint, overlay->head.base, names, lint->overlay_count,
                                   "name an overlay of this catalog, or leave base out to inherit from 'base'"),
                      "overlay '%s' inherits from '%s', which the catalog does not have", overlay->head.name,
                      overlay->head.base);
    }
}

// A circle is told once, from its smallest name; what merely leads into it is not part of it.
static bool is_first_of_circle(const struct lint_overlay *overlay) {
    const struct lint_overlay *above = overlay->base;
    for (; above && above != overlay; above = above->base)
        if (strcmp(above->head.name, overlay->head.name) < 0)
            return false;
    return above == overlay;
}

static bool is_in_circle(const struct lint *lint, const struct lint_overlay *overlay) {
    const struct lint_overlay *above = overlay->base;
    for (size_t i = 0; above && above != overlay && i < lint->overlay_count; i++)
        above = above->base;
    return above == overlay;
}

void lint_rule_circles(struct lint *lint) {
    LINT_FOREACH_OVERLAY(overlay, lint) {
        if (!overlay->is_circular || !is_in_circle(lint, overlay) || !is_first_of_circle(overlay))
            continue;
        _cleanup_text_ struct text path = {0};
        for (const struct lint_overlay *above = overlay->base; above != overlay; above = above->base)
            text_addf(&path, "%s -> ", above->head.name);
        lint_find(lint, head_origin(overlay, "base"), "let one of them inherit from an overlay outside the circle",
                  "overlays inherit in a circle: %s -> %s%s", overlay->head.name, text_str(&path), overlay->head.name);
    }
}

// --- criteria ---

void lint_rule_unreachable(struct lint *lint) {
    LINT_FOREACH_OVERLAY(overlay, lint) {
        if (!overlay->is_reached)
            lint_find(lint, lint_file_origin(overlay->file),
                      "give it criteria, make it the base of an overlay that has some, or delete it",
                      "overlay '%s' has no criteria, and no overlay with criteria inherits from it",
                      overlay->head.name);
    }
}

const char *lint_word(const struct lint *lint, enum criteria_field field, const char *word) {
    const char *value = word;
    _cleanup_error_ struct error *ignored = NULL;
    if (word && lint->vocabulary && vocabulary_resolve(lint->vocabulary, field, word, "", &value, &ignored) < 0)
        return word;
    return value;
}

const char *lint_criterion(const struct lint *lint, const struct lint_overlay *overlay, enum criteria_field field) {
    return lint_word(lint, field, overlay->head.criteria.field[field]);
}

static const char *criteria_key(const struct lint *lint, const struct lint_overlay *overlay) {
    _cleanup_text_ struct text key = {0};
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        const char *value = lint_criterion(lint, overlay, (enum criteria_field)i);
        if (value)
            text_addf(&key, "%s%s=%s", key.length ? ", " : "", criteria_field_names[i], value);
    }
    if (overlay->head.criteria.nodes)
        text_addf(&key, "%snodes=%lld", key.length ? ", " : "", (long long)overlay->head.criteria.nodes);
    return arena_strdup(lint->arena, key.length ? text_str(&key) : "any");
}

void lint_rule_same_criteria(struct lint *lint) {
    _cleanup_map_ struct map seen = {0};
    LINT_FOREACH_OVERLAY(overlay, lint) {
        if (!overlay->head.has_criteria || overlay->is_base)
            continue;
        const char *key = criteria_key(lint, overlay);
        const struct lint_overlay *first = map_get(&seen, key);
        // Two of one name are told by duplicate-name.
        if (first && !str_eq(first->head.name, overlay->head.name))
            lint_find(lint, head_origin(overlay, "criteria"),
                      "merge the two, or make the criteria of one of them more specific",
                      "overlays '%s' and '%s' have the same criteria (%s), so that their names decide which one wins",
                      first->head.name, overlay->head.name, key);
        else if (!first)
            map_put(&seen, key, overlay);
    }
}

static void check_contradiction(struct lint *lint, const struct lint_overlay *overlay,
                                const struct lint_overlay *above) {
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        const char *own = lint_criterion(lint, overlay, (enum criteria_field)i),
                   *inherited = lint_criterion(lint, above, (enum criteria_field)i);
        if (overlay->head.has_criteria && inherited && !str_eq(own, inherited))
            lint_find(lint, head_origin(overlay, "criteria"), "inherit from another overlay, or correct the criteria",
                      "overlay '%s' is for %s '%s', but inherits from '%s', which is for '%s'", overlay->head.name,
                      criteria_field_names[i], own ? own : "any", above->head.name, inherited);
    }
}

void lint_rule_contradictions(struct lint *lint) {
    LINT_FOREACH_OVERLAY(overlay, lint) {
        if (!overlay->is_circular && overlay->base)
            check_contradiction(lint, overlay, overlay->base);
    }
}

static const struct doc *criteria_catalog(const struct lint *lint) {
    const struct lint_file *own = lint_document(lint, LINT_CRITERIA);
    const struct doc *doc = NULL;
    _cleanup_error_ struct error *ignored = NULL;
    if (own)
        return own->doc;
    return lint->catalog && catalog_builtin_document(lint->catalog, "criteria.yaml", &doc, &ignored) == 0 ? doc : NULL;
}

static void check_criterion(struct lint *lint, const struct doc *fields, const struct lint_overlay *overlay,
                            const char *field, const struct doc *value) {
    const struct doc *list = doc_get(doc_get(fields, field), "values");
    const char **known = arena_new_array(lint->arena, const char *, doc_count(list));
    size_t count = 0;
    DOC_FOREACH_ITEM(item, list) {
        known[count++] = doc_get_text(item, "name", "");
        if (str_eq_ignore_case(known[count - 1], doc_text(value)))
            return;
        DOC_FOREACH_ITEM(alias, doc_get(item, "aliases"))
        if (str_eq_ignore_case(doc_text(alias), doc_text(value)))
            return;
    }
    lint_find(lint, value->origin,
              lint_suggest(lint, doc_text(value), known, count, "add it to criteria.yaml, with its other names"),
              "%s '%s' of overlay '%s' is not listed in criteria.yaml", field, doc_text(value), overlay->head.name);
}

void lint_rule_criteria_values(struct lint *lint) {
    const struct doc *fields = doc_get(criteria_catalog(lint), "fields");
    LINT_FOREACH_OVERLAY(overlay, lint) {
        for (int i = 0; i < CRITERIA_FIELD_COUNT && fields; i++)
            if (overlay->head.criteria.field[i])
                check_criterion(lint, fields, overlay, criteria_field_names[i],
                                doc_get(doc_get(overlay->spec, "criteria"), criteria_field_names[i]));
    }
}

// --- constraints ---

static void check_expressions(struct lint *lint, const struct doc *constraints) {
    DOC_FOREACH_ITEM(item, constraints) {
        const struct doc *value = doc_get(item, "value");
        struct constraint_expression expression;
        _cleanup_error_ struct error *error = NULL;
        if (!doc_is_scalar(value) ||
            constraint_expression_parse(lint->arena, doc_text(value), &expression, NULL, &error) == 0)
            continue;
        lint_find(
            lint, value->origin,
            error->hint
                ? arena_strdup(lint->arena, error->hint)
                : "write an operator and a version, several joined by commas, or an exact text; see docs/versions.md",
            "constraint '%s': %s", doc_get_text(item, "name", "?"), error->message);
    }
}

void lint_rule_expressions(struct lint *lint) {
    LINT_FOREACH_LAYER(layer, lint) {
        check_expressions(lint, doc_get(layer->spec, "constraints"));
        DOC_FOREACH_MEMBER(phase, doc_get(layer->spec, "validation"))
        check_expressions(lint, doc_get(phase->value, "constraints"));
    }
}

// Of a phase of validation; NULL: the constraints of the overlay itself.
static const struct doc *constraints_of(const struct doc *spec, const char *phase) {
    return doc_get(phase ? doc_get(doc_get(spec, "validation"), phase) : spec, "constraints");
}

static const struct doc *constraint_in(const struct doc *spec, const char *phase, const char *name) {
    DOC_FOREACH_ITEM(item, constraints_of(spec, phase))
    if (str_eq(doc_get_text(item, "name", NULL), name))
        return item;
    return NULL;
}

// What its mixins demand counts as the overlay's own.
static const struct doc *constraint_of(const struct lint *lint, const struct lint_overlay *overlay, const char *phase,
                                       const char *name) {
    const struct doc *found = constraint_in(overlay->spec, phase, name);
    DOC_FOREACH_ITEM(item, doc_get(overlay->spec, "mixins")) {
        const struct lint_layer *mixin = lint_mixin(lint, doc_text(item));
        if (mixin && !found)
            found = constraint_in(mixin->spec, phase, name);
    }
    return found;
}

static void check_weakened(struct lint *lint, const struct lint_overlay *overlay, const char *phase,
                           const struct doc *item) {
    const char *name = doc_get_text(item, "name", NULL);
    const struct lint_overlay *above = overlay->base;
    const struct doc *inherited = NULL;
    for (; name && above && !inherited; above = inherited ? above : above->base)
        inherited = constraint_of(lint, above, phase, name);
    const struct doc *own_value = doc_get(item, "value"), *old_value = doc_get(inherited, "value");
    if (!doc_is_scalar(own_value) || !doc_is_scalar(old_value) || doc_get_bool(item, "relax", false) ||
        strictness_compare(lint->arena, doc_text(old_value), doc_text(own_value), NULL) != STRICTNESS_WEAKENS)
        return;
    struct check check = {
        .severity = lint->is_predecessor ? SEVERITY_WARNING : SEVERITY_ERROR,
        .expected = doc_text(old_value),
        .actual = doc_text(own_value),
        .where = doc_origin_text(lint->arena, own_value->origin),
        .source = doc_origin_text(lint->arena, old_value->origin),
        .cause = "weakened",
        .reason = arena_printf(lint->arena, "overlay '%s' lowers %s from '%s', which it inherits, to '%s'",
                               overlay->head.name, name, doc_text(old_value), doc_text(own_value)),
        .remediation = "take the constraint out, raise it, or add relax: true with relaxWhy",
    };
    lint_add(lint, &check);
}

static void check_layer(struct lint *lint, const struct lint_overlay *overlay, const struct doc *spec) {
    DOC_FOREACH_ITEM(item, constraints_of(spec, NULL))
    check_weakened(lint, overlay, NULL, item);
    DOC_FOREACH_MEMBER(phase, doc_get(spec, "validation")) {
        DOC_FOREACH_ITEM(item, constraints_of(spec, phase->key))
        check_weakened(lint, overlay, phase->key, item);
    }
}

void lint_rule_weakened(struct lint *lint) {
    LINT_FOREACH_OVERLAY(overlay, lint) {
        if (overlay->is_circular)
            continue;
        check_layer(lint, overlay, overlay->spec);
        DOC_FOREACH_ITEM(name, doc_get(overlay->spec, "mixins")) {
            const struct lint_layer *mixin = lint_mixin(lint, doc_text(name));
            if (mixin)
                check_layer(lint, overlay, mixin->spec);
        }
    }
}
