// SPDX-License-Identifier: Apache-2.0
#include "recipe/merge.h"
#include "base/text.h"
#include "recipe/merge_parts.h"
#include "recipe/mixin.h"

void merger_init(struct merger *merger, struct arena *arena, struct catalog *catalog) {
    *merger = (struct merger){
        .arena = arena, .catalog = catalog, .constraints = doc_new_map(arena), .components = doc_new_map(arena)};
}

void merger_done(struct merger *merger) {
    map_done(&merger->set_by);
    map_done(&merger->mixins);
}

void merger_note(struct merger *merger, const char *format, ...) {
    if (merger->note_count == merger->note_capacity) {
        size_t capacity = merger->note_capacity ? merger->note_capacity * 2 : 8;
        merger->notes = arena_grow(merger->arena, merger->notes, merger->note_capacity * sizeof *merger->notes,
                                   capacity * sizeof *merger->notes);
        merger->note_capacity = capacity;
    }
    va_list arguments;
    va_start(arguments, format);
    merger->notes[merger->note_count++] = arena_vprintf(merger->arena, format, arguments);
    va_end(arguments);
}

// --- layers ---

static int add_layer(struct merger *merger, const struct layer *content, struct error **err) {
    // Constraints remember who set them.
    struct layer *layer = arena_new_object(merger->arena, struct layer);
    *layer = *content;
    DOC_FOREACH_ITEM(item, doc_get(layer->spec, "constraints")) {
        int r = merger_add_constraint(merger, layer, item, err);
        if (r < 0)
            return r;
    }
    DOC_FOREACH_ITEM(item, doc_get(layer->spec, "componentRefs")) {
        int r = merger_add_component(merger, item, err);
        if (r < 0)
            return r;
    }
    merger_add_validation(merger, doc_get(layer->spec, "validation"));
    return 0;
}

static int add_mixin(struct merger *merger, const struct mixin *mixin, const struct overlay *overlay,
                     struct error **err) {
    const struct layer layer = {
        .kind = LAYER_MIXIN,
        .name = mixin->name,
        .spec = doc_get(mixin->doc, "spec"),
        .overlay = overlay,
        .is_predecessor = mixin->is_predecessor,
    };
    if (map_has(&merger->mixins, mixin->name))
        return 0;
    int r = mixin_check_together(mixin, &merger->mixins, err);
    if (r < 0)
        return r;
    (void)map_put(&merger->mixins, mixin->name, (void *)mixin);
    return add_layer(merger, &layer, err);
}

int merger_add_mixin(struct merger *merger, const struct mixin *mixin, struct error **err) {
    return add_mixin(merger, mixin, NULL, err);
}

int merger_add_profile(struct merger *merger, const char *title, const struct doc *content,
                       const struct overlay *overlay, struct error **err) {
    const struct layer layer = {
        .kind = LAYER_PROFILE,
        .name = title,
        .spec = content,
        .overlay = overlay,
        .is_predecessor = overlay->is_predecessor,
    };
    return add_layer(merger, &layer, err);
}

int merger_add(struct merger *merger, const struct overlay *overlay, struct error **err) {
    const struct doc *spec = doc_get(overlay->doc, "spec");
    DOC_FOREACH_ITEM(item, doc_get(spec, "mixins")) {
        const struct mixin *mixin = NULL;
        int r =
            catalog_mixin(merger->catalog, doc_text(item), doc_origin_text(merger->arena, item->origin), &mixin, err);
        r = r < 0 ? r : add_mixin(merger, mixin, overlay, err);
        if (r < 0)
            return r;
    }
    const struct layer layer = {
        .kind = LAYER_OVERLAY,
        .name = overlay->name,
        .spec = spec,
        .overlay = overlay,
        .is_predecessor = overlay->is_predecessor,
    };
    return add_layer(merger, &layer, err);
}
