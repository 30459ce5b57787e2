// SPDX-License-Identifier: Apache-2.0
#include "base/suggest.h"
#include "base/text.h"
#include "recipe/tuning.h"

#define PREFIX "tuning."

static struct explanation *add(struct arena *arena, struct explanations *result, const char *path) {
    if (result->count == result->capacity) {
        size_t old = result->capacity;
        result->capacity = old ? old * 2 : 32;
        result->items =
            arena_grow(arena, result->items, old * sizeof *result->items, result->capacity * sizeof *result->items);
    }
    struct explanation *item = &result->items[result->count++];
    *item = (struct explanation){.path = path};
    return item;
}

// What the file that set the value says about it; each value of a chain has its own.
static const char *remark(const struct doc *setting, const char *key, const char *file) {
    for (const struct doc *value = doc_get(setting, key); value; value = value->previous)
        if (str_eq(value->origin.source, file))
            return doc_text(value);
    return NULL;
}

static void explain_setting(struct arena *arena, const struct tuning_setting *setting, struct explanations *result) {
    struct explanation *item = add(arena, result, arena_printf(arena, PREFIX "%s", setting->name));
    const struct doc *value = doc_get(setting->doc, "value");
    size_t count = !setting->is_enabled;
    for (const struct doc *step = value; step; step = step->previous)
        count++;
    item->steps = arena_new_array(arena, struct explanation_step, count + 1);
    if (!setting->is_enabled)
        item->steps[item->count++] =
            (struct explanation_step){.value = "off", .origin = setting->doc->origin, .why = setting->reason};
    for (const struct doc *step = value; step; step = step->previous)
        item->steps[item->count++] = (struct explanation_step){
            .value = arena_printf(arena, "%s %s: %s", tuning_kind_names[setting->kind], setting->key, doc_text(step)),
            .origin = step->origin,
            .source = remark(setting->doc, "source", step->origin.source),
            .why = remark(setting->doc, "why", step->origin.source),
        };
    if (!item->count)
        item->steps[item->count++] = (struct explanation_step){.value = "", .origin = setting->doc->origin};
}

static int not_found(struct arena *arena, const struct tuning *tuning, const char *name, struct error **err) {
    const char **names = arena_new_array(arena, const char *, tuning->count + 1);
    _cleanup_text_ struct text list = {0};
    for (size_t i = 0; i < tuning->count; i++) {
        names[i] = tuning->settings[i].name;
        text_addf(&list, "%s%s", i ? ", " : "", names[i]);
    }
    error_set(err, ERROR_NOT_FOUND, "the recipe has no tuning setting '%s'; it has %s", name,
              tuning->count ? text_str(&list) : "none");
    const char *near = suggest_nearest(name, names, tuning->count);
    return near ? error_hint(err, "did you mean '%s'?", near) : -ERROR_NOT_FOUND;
}

int tuning_explain(struct arena *arena, const struct recipe *recipe, const char *selector, struct explanations *ret,
                   struct error **err) {
    struct tuning tuning;
    int r = tuning_from_doc(arena, recipe->doc, &tuning, err);
    if (r < 0)
        return r;
    const char *name = str_has_prefix(selector, PREFIX) ? selector + strlen(PREFIX) : NULL;
    size_t before = ret->count;
    for (size_t i = 0; i < tuning.count; i++)
        if (!name || str_eq(name, tuning.settings[i].name))
            explain_setting(arena, &tuning.settings[i], ret);
    return name && ret->count == before ? not_found(arena, &tuning, name, err) : 0;
}
