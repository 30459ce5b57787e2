// SPDX-License-Identifier: Apache-2.0
#include "usecase/query.h"
#include "base/text.h"
#include "doc/jq.h"
#include "doc/path.h"
#include "recipe/hydrate.h"
#include "recipe/hydrated.h"

static int hydrate_needed(struct arena *arena, const struct recipe_answer *answer, const char *selector,
                          struct error **err) {
    enum hydration_need need = HYDRATION_ALL;
    const char *name = NULL;
    int r = hydration_need(arena, selector, &need, &name, err);
    for (size_t i = 0; r >= 0 && need != HYDRATION_NONE && i < answer->recipe->component_count; i++) {
        struct component *component = &answer->recipe->components[i];
        if (need == HYDRATION_ALL || str_eq(component->name, name))
            r = component_hydrate_values(arena, answer->catalog, component, err);
    }
    return r;
}

int query_run(struct arena *arena, const struct query_arguments *arguments, struct query_answer *ret,
              struct error **err) {
    const char *selector = arguments->selector ? arguments->selector : "";
    struct recipe_answer answer;
    const struct doc *value = NULL, *outputs = NULL;
    int r = recipe_make(arena, &arguments->recipe, &answer, err);
    r = r < 0 ? r : hydrate_needed(arena, &answer, selector, err);
    r = r < 0 ? r : doc_path_get(arena, recipe_hydrated_doc(arena, answer.recipe), selector, &value, err);
    if (r >= 0 && arguments->jq)
        r = doc_jq(arena, value, arguments->jq, &outputs, err);
    if (r < 0)
        return r;
    if (outputs) {
        *ret = (struct query_answer){.values = outputs->list.items, .count = outputs->list.count};
        return 0;
    }
    const struct doc **one = arena_new_array(arena, const struct doc *, 1);
    one[0] = value;
    *ret = (struct query_answer){.values = one, .count = 1};
    return 0;
}
