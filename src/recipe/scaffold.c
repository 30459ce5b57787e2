// SPDX-License-Identifier: Apache-2.0
#include "recipe/scaffold.h"
#include "base/text.h"
#include "catalog/compatibility.h"
#include "recipe/maturity.h"
#include "recipe/resolve.h"

#define COMMENT_WIDTH 118

// The order in which names of overlays are put together: h100-eks-ubuntu-training-kubeflow.
static const enum criteria_field name_order[] = {CRITERIA_ACCELERATOR, CRITERIA_SERVICE, CRITERIA_OS, CRITERIA_INTENT,
                                                 CRITERIA_PLATFORM};
// Of two overlays as specific as each other, the base is the one for what stands further ahead here.
static const enum criteria_field base_order[] = {CRITERIA_SERVICE, CRITERIA_ACCELERATOR, CRITERIA_INTENT, CRITERIA_OS,
                                                 CRITERIA_PLATFORM};

struct scaffolding {
    struct arena *arena;
    struct catalog *catalog;
    const struct vocabulary *vocabulary;
    const struct criteria *criteria;
    const char *name;
    struct match match;
    const struct overlay *base; // NULL: the overlay named base
    struct recipe *recipe;
    struct text text;
};

// --- name and base ---

static const char *conventional_name(struct arena *arena, const struct criteria *criteria) {
    _cleanup_text_ struct text name = {0};
    for (size_t i = 0; i < ARRAY_SIZE(name_order); i++)
        if (criteria->field[name_order[i]])
            text_addf(&name, "%s%s", name.length ? "-" : "", criteria->field[name_order[i]]);
    if (str_eq(text_str(&name), criteria->field[CRITERIA_ACCELERATOR]))
        text_add(&name, "-any");
    return arena_strdup(arena, text_str(&name));
}

static unsigned rank(const struct overlay *overlay) {
    unsigned sum = criteria_specificity(&overlay->criteria) << ARRAY_SIZE(base_order);
    for (size_t i = 0; i < ARRAY_SIZE(base_order); i++)
        if (overlay->criteria.field[base_order[i]])
            sum += 1U << (ARRAY_SIZE(base_order) - 1 - i);
    return sum;
}

static const struct overlay *choose_base(const struct match *match) {
    const struct overlay *best = NULL;
    for (size_t i = 0; i < match->matching_count; i++)
        if (criteria_specificity(&match->matching[i]->criteria) && (!best || rank(match->matching[i]) > rank(best)))
            best = match->matching[i];
    return best;
}

static int check_new(struct scaffolding *scaffolding, struct error **err) {
    struct maturity maturity;
    const struct overlay *same = catalog_find_overlay(scaffolding->catalog, scaffolding->name);
    maturity_of_match(scaffolding->arena, scaffolding->catalog, &scaffolding->match, scaffolding->criteria, &maturity);
    if (maturity.own) {
        error_set(err, ERROR_CONFLICT, "%s: overlay '%s' is made for exactly these criteria", maturity.own->file.name,
                  maturity.own->name);
        return error_hint(err, "to change it for yourself, copy that file into the folder overlays of your data; a "
                               "file of the same name takes its place");
    }
    if (!same)
        return 0;
    error_set(err, ERROR_CONFLICT, "%s: there is an overlay '%s' already", same->file.name, scaffolding->name);
    return error_hint(err, "give another name with --name");
}

static int prepare(struct scaffolding *scaffolding, struct error **err) {
    const struct match_request match_request = {.criteria = scaffolding->criteria};
    const struct recipe_request recipe_request = {.criteria = *scaffolding->criteria};
    if (criteria_is_empty(scaffolding->criteria)) {
        error_set(err, ERROR_INVALID, "no criteria were given, so there is nothing that the overlay would be for");
        return error_hint(err, "name one or more of --service, --accelerator, --intent, --os, --platform");
    }
    int r = compatibility_check(scaffolding->arena, scaffolding->catalog, scaffolding->vocabulary,
                                scaffolding->criteria, err);
    r = r < 0 ? r
              : catalog_match(scaffolding->arena, scaffolding->catalog, scaffolding->vocabulary, &match_request,
                              &scaffolding->match, err);
    for (size_t i = 0; r == 0 && i < scaffolding->match.count; i++)
        r = catalog_overlay_load(scaffolding->catalog, scaffolding->match.overlays[i], err);
    r = r < 0 ? r : check_new(scaffolding, err);
    if (r < 0)
        return r;
    scaffolding->base = choose_base(&scaffolding->match);
    return recipe_resolve(scaffolding->arena, scaffolding->catalog, scaffolding->vocabulary, &recipe_request,
                          &scaffolding->recipe, err);
}

// --- text ---

static void comment(struct scaffolding *scaffolding, const char *prefix, const char *format, ...) _printf_(3, 4);
static void comment(struct scaffolding *scaffolding, const char *prefix, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    text_add_lines(&scaffolding->text, prefix, COMMENT_WIDTH, arena_vprintf(scaffolding->arena, format, arguments));
    va_end(arguments);
}

static const char *display(const struct scaffolding *scaffolding, enum criteria_field field) {
    const struct vocabulary_field *values = &scaffolding->vocabulary->field[field];
    for (size_t i = 0; i < values->count; i++)
        if (str_eq(values->values[i].name, scaffolding->criteria->field[field]))
            return values->values[i].display;
    return scaffolding->criteria->field[field];
}

static void add_head(struct scaffolding *scaffolding) {
    _cleanup_text_ struct text what = {0};
    for (size_t i = 0; i < ARRAY_SIZE(name_order); i++)
        if (scaffolding->criteria->field[name_order[i]])
            text_addf(&what, "%s%s", what.length ? ", " : "", display(scaffolding, name_order[i]));
    comment(scaffolding, "# ", "%s.", text_str(&what));
    text_add(&scaffolding->text, "#\n");
    comment(scaffolding, "# ",
            "Begun by cnsctl recipe scaffold. It holds as it stands and adds nothing yet to the layers below. Say what "
            "is special to this combination, each pin, value and constraint with source (where it is known from) and "
            "why, delete what is left over, and check it: cnsctl recipe lint --data FOLDER --fail-on warning. "
            "docs/recipe-format.md describes every field.");
    text_addf(&scaffolding->text, "apiVersion: cns.nvidia.com/v1alpha1\nkind: RecipeMetadata\nmetadata:\n  name: %s\n",
              scaffolding->name);
    comment(scaffolding, "  # ",
            "supported: its sources proved it on such machines. preview: derived, or not proved. planned.");
    text_add(&scaffolding->text, "  maturity: preview\nspec:\n");
}

static void add_criteria(struct scaffolding *scaffolding) {
    struct text *text = &scaffolding->text;
    if (scaffolding->base) {
        comment(scaffolding, "  # ", "The most specific overlay that holds for these criteria.");
        text_addf(text, "  base: %s\n", scaffolding->base->name);
    } else {
        comment(scaffolding, "  # ", "No overlay holds for these criteria, so it builds on the one named base.");
    }
    text_add(text, "  criteria:\n");
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        if (scaffolding->criteria->field[i])
            text_addf(text, "    %s: %s\n", criteria_field_names[i], scaffolding->criteria->field[i]);
    if (scaffolding->criteria->nodes)
        text_addf(text, "    nodes: %lld\n", (long long)scaffolding->criteria->nodes);
}

// --- what comes by rule ---

static const char *layers(struct scaffolding *scaffolding) {
    _cleanup_text_ struct text list = {0};
    for (size_t i = 0; i < scaffolding->match.count; i++)
        text_addf(&list, "%s%s", i ? ", " : "", scaffolding->match.overlays[i]->name);
    return arena_strdup(scaffolding->arena, text_str(&list));
}

static const char *components(struct scaffolding *scaffolding) {
    _cleanup_text_ struct text list = {0};
    for (size_t i = 0; i < scaffolding->recipe->component_count; i++) {
        const struct component *component = &scaffolding->recipe->components[i];
        const char *version = component->type == COMPONENT_KUSTOMIZE ? component->tag : component->version;
        text_addf(&list, "%s%s%s%s", i ? ", " : "", component->name, version ? " " : "", version ? version : "");
    }
    return arena_strdup(scaffolding->arena, text_str(&list));
}

static void add_machines(struct scaffolding *scaffolding) {
    const struct doc *doc = NULL;
    _cleanup_error_ struct error *ignored = NULL;
    const char *const *wanted = scaffolding->criteria->field;
    if (!catalog_find_file(scaffolding->catalog, INSTANCES_PATH) ||
        catalog_document(scaffolding->catalog, INSTANCES_PATH, &doc, &ignored) < 0)
        return;
    DOC_FOREACH_ITEM(row, doc_get(doc, "instances")) {
        _cleanup_text_ struct text machines = {0};
        if (!str_eq(doc_get_text(row, "service", NULL), wanted[CRITERIA_SERVICE]) ||
            !str_eq(doc_get_text(row, "accelerator", NULL), wanted[CRITERIA_ACCELERATOR]))
            continue;
        DOC_FOREACH_ITEM(machine, doc_get(row, "machines"))
        text_addf(&machines, "%s%s", machines.length ? ", " : "", doc_text(machine));
        comment(scaffolding, "  # ", "Machines: %s; fabric: %s.", text_str(&machines),
                doc_get_text(row, "fabric", "none known"));
    }
}

static void add_floors(struct scaffolding *scaffolding) {
    if (!scaffolding->recipe->constraint_count)
        return;
    comment(scaffolding, "  # ",
            "Constraints that hold already; one here may be stricter, or needs relax and relaxWhy:");
    for (size_t i = 0; i < scaffolding->recipe->constraint_count; i++) {
        const struct constraint *constraint = &scaffolding->recipe->constraints[i];
        comment(scaffolding, "  #   ", "%s: %s (%s)", constraint->name, constraint->value,
                constraint->doc && constraint->doc->origin.source ? constraint->doc->origin.source : "resolved");
    }
}

static void add_rules(struct scaffolding *scaffolding) {
    text_add(&scaffolding->text, "\n");
    comment(scaffolding, "  # ", "What comes by rule and need not be said here. Layers, in the order of merging: %s.",
            layers(scaffolding));
    comment(scaffolding, "  # ", "Components: %s.", components(scaffolding));
    add_machines(scaffolding);
    add_floors(scaffolding);
}

// --- what only people know ---

static const struct component *example_component(const struct scaffolding *scaffolding) {
    const struct component *operator_ = recipe_component(scaffolding->recipe, "gpu-operator");
    return operator_ ? operator_ : scaffolding->recipe->component_count ? &scaffolding->recipe->components[0] : NULL;
}

static void add_example_constraint(struct scaffolding *scaffolding) {
    const struct constraint *known =
        scaffolding->recipe->constraint_count ? &scaffolding->recipe->constraints[0] : NULL;
    text_addf(&scaffolding->text,
              "  # constraints:\n"
              "  #   - name: %s\n"
              "  #     value: \"%s\"\n"
              "  #     source: the page, release or measurement that says so\n"
              "  #     why: the reason, for whoever is about to change it\n",
              known ? known->name : "K8s.server.version", known ? known->value : ">= 1.32");
}

static void add_examples(struct scaffolding *scaffolding) {
    const struct component *component = example_component(scaffolding);
    text_add(&scaffolding->text, "\n");
    comment(scaffolding, "  # ", "What may be special here. Take the # away and fill in; nothing has to stay.");
    add_example_constraint(scaffolding);
    if (component)
        text_addf(&scaffolding->text,
                  "  # componentRefs:\n"
                  "  #   - name: %s\n"
                  "  #     type: %s\n"
                  "  #     overrides: {} # values that differ from those of the other layers\n"
                  "  #     sources: [where the values are known from]\n"
                  "  #     why: why they differ here\n",
                  component->name, component->type == COMPONENT_KUSTOMIZE ? "Kustomize" : "Helm");
    text_add(&scaffolding->text, "  # validation:\n"
                                 "  #   deployment:\n"
                                 "  #     checks: [operator-health]\n");
}

int scaffold_overlay(struct arena *arena, struct catalog *catalog, const struct vocabulary *vocabulary,
                     const struct scaffold_overlay_request *request, struct scaffold_overlay *ret, struct error **err) {
    struct scaffolding scaffolding = {
        .arena = arena, .catalog = catalog, .vocabulary = vocabulary, .criteria = &request->criteria};
    scaffolding.name = request->name ? request->name : conventional_name(arena, &request->criteria);
    int r = prepare(&scaffolding, err);
    if (r < 0)
        return r;
    add_head(&scaffolding);
    add_criteria(&scaffolding);
    add_rules(&scaffolding);
    add_examples(&scaffolding);
    *ret =
        (struct scaffold_overlay){.name = scaffolding.name, .text = arena_strdup(arena, text_str(&scaffolding.text))};
    text_done(&scaffolding.text);
    return 0;
}
