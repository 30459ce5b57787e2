// SPDX-License-Identifier: Apache-2.0
#pragma once

// A catalog of a few lines for tests of the recipe engine, and what they ask of a recipe.

#include "test.h"

#include "base/arena.h"
#include "base/text.h"
#include "doc/path.h"
#include "recipe/resolve.h"

#define HEAD "apiVersion: cns.nvidia.com/v1alpha1\nkind: RecipeMetadata\nmetadata: {name: "
#define PREDECESSOR_HEAD "apiVersion: aicr.nvidia.com/v1alpha1\nkind: RecipeMetadata\nmetadata: {name: "
#define REGISTRY "apiVersion: cns.nvidia.com/v1alpha1\nkind: ComponentRegistry\ncomponents:\n"
#define BASE HEAD "base}\nspec: {componentRefs: [{name: a, type: Helm}]}\n"

struct source {
    const char *path, *text;
};

struct world {
    struct arena *arena;
    struct catalog *catalog;
    struct vocabulary *vocabulary;
    struct error *err;
};

static _unused_ int open_world(struct world *world, const struct source *sources, size_t count) {
    world->arena = arena_new();
    struct catalog_file *files = arena_new_array(world->arena, struct catalog_file, count + 2);
    size_t used = 0;
    bool has_base = false, has_registry = false;
    for (size_t i = 0; i < count; i++) {
        files[used++] =
            (struct catalog_file){sources[i].path, sources[i].path, sources[i].text, strlen(sources[i].text)};
        has_base = has_base || str_eq(sources[i].path, "overlays/base.yaml");
        has_registry = has_registry || str_eq(sources[i].path, "registry.yaml");
    }
    if (!has_base)
        files[used++] = (struct catalog_file){"overlays/base.yaml", "overlays/base.yaml", BASE, strlen(BASE)};
    if (!has_registry)
        files[used++] =
            (struct catalog_file){"registry.yaml", "registry.yaml", REGISTRY "  []\n", strlen(REGISTRY) + 5};
    const struct catalog_spec spec = {.files = files, .count = used, .directory = "test", .mode = CATALOG_REPLACE};
    int r = catalog_open(world->arena, &spec, &world->catalog, &world->err);
    return r < 0 ? r : vocabulary_open(world->arena, world->catalog, &world->vocabulary, &world->err);
}

static _unused_ void close_world(struct world *world) {
    arena_free(world->arena);
    error_free(world->err);
}
#define _cleanup_world_ _cleanup_(close_world)

static _unused_ struct recipe *resolve(struct world *world, const struct recipe_request *request) {
    struct recipe *recipe = NULL;
    int r = recipe_resolve(world->arena, world->catalog, world->vocabulary, request, &recipe, &world->err);
    if (r < 0)
        print_message("%s\n", world->err->message);
    assert_int_equal(r, 0);
    return recipe;
}

static _unused_ void assert_fails(struct world *world, const struct recipe_request *request, const char *part) {
    struct recipe *recipe = NULL;
    assert_true(recipe_resolve(world->arena, world->catalog, world->vocabulary, request, &recipe, &world->err) < 0);
    if (!strstr(world->err->message, part))
        fail_msg("'%s' is not in '%s'", part, world->err->message);
    assert_null(recipe);
}

static _unused_ void assert_applied(const struct recipe *recipe, const char *expected) {
    _cleanup_text_ struct text text = {0};
    for (size_t i = 0; i < recipe->applied_count; i++)
        text_addf(&text, "%s%s", i ? " " : "", recipe->applied_overlays[i]);
    assert_string_equal(text_str(&text), expected);
}

static _unused_ const char *bound(const struct recipe *recipe, const char *name) {
    for (size_t i = 0; i < recipe->constraint_count; i++)
        if (str_eq(recipe->constraints[i].name, name))
            return recipe->constraints[i].value;
    return NULL;
}

static _unused_ bool has_note(const struct recipe *recipe, const char *part) {
    for (size_t i = 0; i < recipe->note_count; i++)
        if (strstr(recipe->notes[i], part))
            return true;
    return false;
}

static _unused_ const char *value_at(struct world *world, const struct recipe *recipe, const char *component,
                                     const char *path) {
    const struct doc *value = NULL;
    const struct component *found = recipe_component(recipe, component);
    assert_non_null(found);
    assert_int_equal(doc_path_get(world->arena, found->values, path, &value, &world->err), 0);
    return doc_text(value);
}
