// SPDX-License-Identifier: Apache-2.0
// A recipe document: whatever is accepted has an order that names each component once, after its dependencies.
#include "base/text.h"
#include "doc/load.h"
#include "model/recipe.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_order(const struct recipe *recipe) {
    if (recipe->order_count != recipe->component_count)
        abort();
    for (size_t i = 0; i < recipe->order_count; i++) {
        if (!recipe_component(recipe, recipe->deployment_order[i]))
            abort();
        for (size_t j = 0; j < i; j++)
            if (str_eq(recipe->deployment_order[i], recipe->deployment_order[j]))
                abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    const struct doc *doc = NULL;
    const struct doc_limits limits = {.alias_events = 1000};
    struct recipe *recipe = NULL;
    if (doc_load_buffer(arena, (const char *)data, size, "recipe", DOC_FORMAT_AUTO, &limits, &doc, &err) == 0 &&
        recipe_from_doc(arena, doc, &recipe, &err) == 0)
        check_order(recipe);
    return 0;
}
