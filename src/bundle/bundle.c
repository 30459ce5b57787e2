// SPDX-License-Identifier: Apache-2.0
#include "bundle/bundle.h"
#include "bundle/tuning.h"

static void add_recipe_notes(struct arena *arena, struct bundle *bundle) {
    const struct recipe *recipe = bundle->request->recipe;
    for (size_t i = 0; i < recipe->note_count; i++)
        note_add(arena, &bundle->notes, true, NULL, "%s", recipe->notes[i]);
}

int bundle_render(struct arena *arena, const struct bundle_request *request, struct bundle *ret, struct error **err) {
    const struct deployer *deployer = NULL;
    int r = deployer_find(request->deployer, &deployer, err);
    if (r < 0)
        return r;
    struct bundle bundle = {.request = request};
    tree_init(&bundle.tree, arena);
    add_recipe_notes(arena, &bundle);
    r = tuning_from_doc(arena, request->recipe->doc, &bundle.tuning, err);
    if (r >= 0)
        r = bundle_set_values(arena, &bundle, err);
    if (r >= 0 && !bundle.count)
        r = error_set(err, ERROR_INVALID, "the bundle would be empty: %s",
                      request->recipe->component_count ? "all components are switched off"
                                                       : "the recipe has no components");
    if (r >= 0)
        r = bundle_plan(arena, &bundle, err);
    bundle.tuning_scope = tuning_scope(arena, &bundle.tuning);
    for (size_t i = 0; i < bundle.count && r >= 0; i++)
        r = bundle_render_manifests(arena, &bundle, &bundle.components[i], err);
    if (r >= 0)
        r = deployer->render(arena, &bundle, err);
    if (r >= 0)
        r = bundle_add_tuning(arena, &bundle, err);
    if (r >= 0)
        r = tree_add_checksums(&bundle.tree, err);
    if (r >= 0)
        *ret = bundle;
    return r;
}
