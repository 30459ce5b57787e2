// SPDX-License-Identifier: Apache-2.0
#include "usecase/recipe_list.h"
#include "base/log.h"
#include "base/suggest.h"
#include "catalog/pin.h"
#include "model/constraint_eval.h"
#include "recipe/resolve.h"

struct listing {
    struct arena *arena;
    const struct recipe_list_arguments *arguments;
    struct catalog *catalog;
    struct vocabulary *vocabulary;
    struct criteria wanted;
    struct map bases; // names that an overlay builds on
    struct doc *recipes;
    size_t skipped; // by maturity
    const char **maturities;
    size_t maturity_count;
};

// --- what is wrong ---

static void add_problem(struct listing *listing, struct doc *problems, const char *text) {
    doc_list_add(listing->arena, problems, doc_new_string(listing->arena, text));
}

static bool check_pins(struct listing *listing, const struct recipe *recipe, struct doc *problems) {
    size_t before = doc_count(problems);
    for (size_t i = 0; i < recipe->component_count; i++)
        if (!component_is_pinned(&recipe->components[i]))
            add_problem(listing, problems,
                        arena_printf(listing->arena, "%s has no pinned version", recipe->components[i].name));
    return doc_count(problems) == before;
}

// Where a component comes from: a chart and its repository, a kustomization's source, or manifests of the catalog.
static bool has_origin(const struct component *component) {
    if (component->type == COMPONENT_KUSTOMIZE)
        return !str_is_empty(component->source);
    bool is_manifests = doc_count(component->manifest_files) + doc_count(component->pre_manifest_files) > 0;
    return str_is_empty(component->source) ? str_is_empty(component->chart) && is_manifests
                                           : !str_is_empty(component->chart);
}

static bool check_charts(struct listing *listing, const struct recipe *recipe, struct doc *problems) {
    size_t before = doc_count(problems);
    for (size_t i = 0; i < recipe->component_count; i++)
        if (!has_origin(&recipe->components[i]))
            add_problem(listing, problems,
                        arena_printf(listing->arena, "%s names no chart with a repository, no source and no manifests",
                                     recipe->components[i].name));
    return doc_count(problems) == before;
}

static void check_expression(struct listing *listing, const struct doc *item, struct doc *problems) {
    struct constraint constraint;
    struct constraint_expression expression;
    _cleanup_error_ struct error *error = NULL;
    int r = constraint_from_doc(item, &constraint, &error);
    r = r < 0 ? r : constraint_expression_parse(listing->arena, constraint.value, &expression, NULL, &error);
    if (r < 0)
        add_problem(listing, problems, error->message);
}

static bool check_constraints(struct listing *listing, const struct recipe *recipe, struct doc *problems) {
    size_t before = doc_count(problems);
    for (size_t i = 0; i < recipe->constraint_count; i++)
        check_expression(listing, recipe->constraints[i].doc, problems);
    DOC_FOREACH_MEMBER(phase, recipe->validation) {
        DOC_FOREACH_ITEM(item, doc_get(phase->value, "constraints"))
        check_expression(listing, item, problems);
    }
    return doc_count(problems) == before;
}

static void check_file(struct listing *listing, const char *path, struct doc *problems) {
    if (!str_is_empty(path) && !catalog_find_file(listing->catalog, path))
        add_problem(listing, problems, arena_printf(listing->arena, "there is no file '%s'", path));
}

static bool check_files(struct listing *listing, const struct recipe *recipe, struct doc *problems) {
    size_t before = doc_count(problems);
    for (size_t i = 0; i < recipe->component_count; i++) {
        const struct component *component = &recipe->components[i];
        check_file(listing, component->values_file, problems);
        DOC_FOREACH_ITEM(path, component->manifest_files)
        check_file(listing, doc_text(path), problems);
        DOC_FOREACH_ITEM(path, component->pre_manifest_files)
        check_file(listing, doc_text(path), problems);
    }
    return doc_count(problems) == before;
}

// --- one recipe ---

static struct doc *make_health(struct listing *listing, const struct recipe *recipe, const char *unresolved) {
    struct arena *arena = listing->arena;
    struct doc *health = doc_new_map(arena), *problems = doc_new_list(arena);
    if (unresolved)
        add_problem(listing, problems, unresolved);
    doc_map_set_text(arena, health, "status", "sound");
    doc_map_set_bool(arena, health, "resolves", recipe != NULL);
    if (recipe) {
        doc_map_set_bool(arena, health, "pinned", check_pins(listing, recipe, problems));
        doc_map_set_bool(arena, health, "chartsKnown", check_charts(listing, recipe, problems));
        doc_map_set_bool(arena, health, "constraintsParse", check_constraints(listing, recipe, problems));
        doc_map_set_bool(arena, health, "filesPresent", check_files(listing, recipe, problems));
    }
    if (doc_count(problems)) {
        doc_map_set_text(arena, health, "status", "broken");
        doc_map_set(arena, health, "problems", problems);
    }
    return health;
}

static struct doc *make_validated(struct arena *arena, const struct recipe *recipe) {
    struct doc *validated = doc_new_map(arena);
    DOC_FOREACH_MEMBER(phase, recipe->validation) {
        struct doc *counts = doc_new_map(arena);
        doc_map_set_int(arena, counts, "checks", (int64_t)doc_count(doc_get(phase->value, "checks")));
        doc_map_set_int(arena, counts, "constraints", (int64_t)doc_count(doc_get(phase->value, "constraints")));
        doc_map_set(arena, validated, phase->key, counts);
    }
    return validated;
}

static const struct doc *make_profiles(struct arena *arena, const struct recipe *recipe) {
    struct doc *list = doc_new_list(arena);
    for (size_t i = 0; i < recipe->profile_count; i++) {
        struct doc *row = doc_new_map(arena), *values = doc_new_list(arena);
        doc_map_set_text(arena, row, "name", recipe->profiles[i].name);
        doc_map_set_text(arena, row, "default", recipe->profiles[i].value);
        DOC_FOREACH_MEMBER(value, recipe->profiles[i].values)
        doc_list_add(arena, values, doc_new_string(arena, value->key));
        doc_map_set(arena, row, "values", values);
        doc_list_add(arena, list, row);
    }
    return list;
}

static void set_recipe(struct arena *arena, struct doc *row, const struct recipe *recipe) {
    struct doc *names = doc_new_list(arena);
    for (size_t i = 0; i < recipe->component_count; i++)
        doc_list_add(arena, names, doc_new_string(arena, recipe->components[i].name));
    doc_map_set_int(arena, row, "componentCount", (int64_t)recipe->component_count);
    doc_map_set(arena, row, "components", names);
    doc_map_set_int(arena, row, "constraintCount", (int64_t)recipe->constraint_count);
    if (recipe->profile_count)
        doc_map_set(arena, row, "profiles", make_profiles(arena, recipe));
    doc_map_set(arena, row, "validated", make_validated(arena, recipe));
}

static int canonical(struct listing *listing, const struct overlay *overlay, struct criteria *ret, struct error **err) {
    int r = 0;
    *ret = overlay->criteria;
    for (int i = 0; i < CRITERIA_FIELD_COUNT && r == 0; i++)
        if (overlay->is_external && ret->field[i])
            r = vocabulary_resolve(listing->vocabulary, i, ret->field[i], overlay->file.name, &ret->field[i], err);
    return r;
}

static const char *maturity_of(const struct overlay *overlay) {
    return doc_get_text(doc_get(overlay->doc, "metadata"), "maturity", NULL);
}

// Remembers the word, for the message when a filter finds nothing.
static bool has_maturity(struct listing *listing, const char *maturity) {
    if (maturity)
        listing->maturities[listing->maturity_count++] = maturity;
    return !listing->arguments->maturity || str_eq_ignore_case(maturity, listing->arguments->maturity);
}

static bool is_wanted(const struct listing *listing, const struct criteria *criteria) {
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        if (listing->arguments->field[i] && !str_eq(listing->wanted.field[i], criteria->field[i]))
            return false;
    return true;
}

static void list_overlay(struct listing *listing, const struct overlay *overlay) {
    struct arena *arena = listing->arena;
    _cleanup_error_ struct error *error = NULL;
    struct recipe_request request = {0};
    struct recipe *recipe = NULL;
    int r = catalog_overlay_load(listing->catalog, overlay, &error);
    r = r < 0 ? r : canonical(listing, overlay, &request.criteria, &error);
    if (!is_wanted(listing, &request.criteria) || (r == 0 && !has_maturity(listing, maturity_of(overlay))))
        return;
    struct doc *row = doc_new_map(arena);
    doc_map_set_text(arena, row, "name", overlay->name);
    doc_map_set_text(arena, row, "file", overlay->file.name);
    doc_map_set_bool(arena, row, "isLeaf", !map_has(&listing->bases, overlay->name));
    doc_map_set(arena, row, "criteria", criteria_document(arena, &request.criteria));
    doc_map_set_text(arena, row, "maturity", maturity_of(overlay));
    const char *unresolved = overlay->has_criteria ? NULL : "it has no criteria, and nothing builds on it";
    if (r == 0 && !unresolved)
        r = recipe_resolve(arena, listing->catalog, listing->vocabulary, &request, &recipe, &error);
    if (r < 0)
        unresolved = arena_strdup(arena, error->message);
    else if (recipe)
        set_recipe(arena, row, recipe);
    doc_map_set(arena, row, "health", make_health(listing, recipe, unresolved));
    doc_list_add(arena, listing->recipes, row);
}

// --- the whole ---

static int read_filters(struct listing *listing, struct error **err) {
    int r = 0;
    for (int i = 0; i < CRITERIA_FIELD_COUNT && r == 0; i++)
        if (listing->arguments->field[i])
            r = vocabulary_resolve(listing->vocabulary, i, listing->arguments->field[i],
                                   arena_printf(listing->arena, "--%s", criteria_field_names[i]),
                                   &listing->wanted.field[i], err);
    return r;
}

static int check_maturity(const struct listing *listing, struct error **err) {
    const char *word = listing->arguments->maturity;
    for (size_t i = 0; word && i < listing->maturity_count; i++)
        if (str_eq_ignore_case(word, listing->maturities[i]))
            return 0;
    if (!word || (!listing->maturity_count && doc_count(listing->recipes)))
        return 0;
    if (!listing->maturity_count)
        return error_set(err, ERROR_INVALID, "--maturity: no recipe of this catalog tells its maturity");
    error_set(err, ERROR_INVALID, "--maturity: no recipe has the maturity '%s'", word);
    const char *nearest = suggest_nearest(word, listing->maturities, listing->maturity_count);
    return error_hint(err, "did you mean '%s'?", nearest ? nearest : listing->maturities[0]);
}

static void list_all(struct listing *listing) {
    const struct overlay *overlays = NULL;
    size_t count = catalog_overlays(listing->catalog, &overlays);
    listing->maturities = arena_new_array(listing->arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        if (overlays[i].base)
            map_put(&listing->bases, overlays[i].base, listing);
    for (size_t i = 0; i < count; i++)
        if (overlays[i].has_criteria || !map_has(&listing->bases, overlays[i].name))
            list_overlay(listing, &overlays[i]);
    map_done(&listing->bases);
}

int recipe_list_make(struct arena *arena, const struct recipe_list_arguments *arguments, const struct doc **ret,
                     struct error **err) {
    struct listing listing = {.arena = arena, .arguments = arguments, .recipes = doc_new_list(arena)};
    int r = knowledge_open(arena, &arguments->knowledge, &listing.catalog, err);
    r = r < 0 ? r : vocabulary_open(arena, listing.catalog, &listing.vocabulary, err);
    r = r < 0 ? r : read_filters(&listing, err);
    if (r < 0)
        return r;
    list_all(&listing);
    r = check_maturity(&listing, err);
    if (r < 0)
        return r;
    const char *const *notes = NULL;
    size_t count = catalog_notes(listing.catalog, &notes);
    for (size_t i = 0; i < count; i++)
        log_warning("%s", notes[i]);
    struct doc *list = doc_new_map(arena);
    doc_map_set_text(arena, list, "kind", "RecipeList");
    doc_map_set_text(arena, list, "apiVersion", "cns.nvidia.com/v1alpha1");
    doc_map_set_int(arena, list, "count", (int64_t)doc_count(listing.recipes));
    doc_map_set(arena, list, "recipes", listing.recipes);
    *ret = list;
    return 0;
}

// --- for people ---

enum column {
    COLUMN_NAME,
    COLUMN_SERVICE,
    COLUMN_ACCELERATOR,
    COLUMN_INTENT,
    COLUMN_OS,
    COLUMN_PLATFORM,
    COLUMN_MATURITY,
    COLUMN_COMPONENTS,
    COLUMN_HEALTH,
    COLUMN_VALIDATED,
    COLUMN_COUNT,
};

static const char *const titles[COLUMN_COUNT] = {
    [COLUMN_NAME] = "NAME",
    [COLUMN_SERVICE] = "SERVICE",
    [COLUMN_ACCELERATOR] = "ACCELERATOR",
    [COLUMN_INTENT] = "INTENT",
    [COLUMN_OS] = "OS",
    [COLUMN_PLATFORM] = "PLATFORM",
    [COLUMN_MATURITY] = "MATURITY",
    [COLUMN_COMPONENTS] = "COMPONENTS",
    [COLUMN_HEALTH] = "HEALTH",
    [COLUMN_VALIDATED] = "VALIDATED",
};

static const char *validated_text(struct arena *arena, const struct doc *row) {
    _cleanup_text_ struct text text = {0};
    // R, D, P, C: readiness, deployment, performance, conformance.
    DOC_FOREACH_MEMBER(phase, doc_get(row, "validated")) {
        int64_t checks = 0, constraints = 0;
        (void)doc_to_int(doc_get(phase->value, "checks"), &checks);
        (void)doc_to_int(doc_get(phase->value, "constraints"), &constraints);
        if (checks + constraints)
            text_addf(&text, "%s%c%lld", text.length ? " " : "", phase->key[0] - 'a' + 'A',
                      (long long)(checks + constraints));
    }
    return arena_strdup(arena, text.length ? text_str(&text) : "-");
}

static const char *cell(struct arena *arena, const struct doc *row, enum column column) {
    const struct doc *criteria = doc_get(row, "criteria");
    switch (column) {
    case COLUMN_NAME:
        return doc_get_text(row, "name", "-");
    case COLUMN_MATURITY:
        return doc_get_text(row, "maturity", "-");
    case COLUMN_COMPONENTS:
        return doc_get_text(row, "componentCount", "-");
    case COLUMN_HEALTH:
        return doc_get_text(doc_get(row, "health"), "status", "-");
    case COLUMN_VALIDATED:
        return validated_text(arena, row);
    default:
        return doc_get_text(criteria, criteria_field_names[column - COLUMN_SERVICE], "any");
    }
}

static void add_row(const char *const *cells, const size_t *widths, struct text *out) {
    for (int column = 0; column < COLUMN_COUNT; column++) {
        text_add(out, cells[column]);
        if (column < COLUMN_COUNT - 1)
            text_add_repeat(out, ' ', widths[column] - utf8_width(cells[column]) + 2);
    }
    text_add_char(out, '\n');
}

void recipe_list_table(const struct doc *list, struct text *out) {
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct doc *recipes = doc_get(list, "recipes");
    size_t count = doc_count(recipes) + 1, widths[COLUMN_COUNT] = {0};
    const char **cells = arena_new_array(arena, const char *, count *COLUMN_COUNT);
    memcpy(cells, titles, sizeof titles);
    DOC_FOREACH_ITEM(row, recipes) {
        for (int column = 0; column < COLUMN_COUNT; column++)
            cells[(row_index + 1) * COLUMN_COUNT + (size_t)column] = cell(arena, row, (enum column)column);
    }
    for (size_t i = 0; i < count * COLUMN_COUNT; i++)
        widths[i % COLUMN_COUNT] = MAX(widths[i % COLUMN_COUNT], utf8_width(cells[i]));
    for (size_t i = 0; i < count; i++)
        add_row(cells + i * COLUMN_COUNT, widths, out);
    DOC_FOREACH_ITEM(row, recipes) {
        DOC_FOREACH_ITEM(problem, doc_get(doc_get(row, "health"), "problems"))
        text_addf(out, "%s: %s\n", doc_get_text(row, "name", "?"), doc_text(problem));
    }
}
