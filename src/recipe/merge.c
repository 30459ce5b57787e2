// SPDX-License-Identifier: Apache-2.0
#include "recipe/merge.h"
#include "base/text.h"
#include "catalog/mixin.h"
#include "recipe/merge_parts.h"
#include "recipe/newer.h"

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
        int r = merger_add_component(merger, layer->is_newer ? newer_component(merger->arena, item) : item, err);
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
        .is_newer = mixin->is_newer,
    };
    if (map_has(&merger->mixins, mixin->name))
        return 0;
    int r = mixin_check_together(mixin, &merger->mixins, err);
    if (r >= 0 && catalog_is_newer(merger->catalog))
        r = newer_check_mixin(merger, mixin, err);
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
        .is_newer = overlay->is_newer,
    };
    return add_layer(merger, &layer, err);
}

static int add_mixins(struct merger *merger, const struct overlay *overlay, struct error **err) {
    DOC_FOREACH_ITEM(item, doc_get(doc_get(overlay->doc, "spec"), "mixins")) {
        const struct mixin *mixin = NULL;
        const char *where = doc_origin_text(merger->arena, item->origin);
        int r = catalog_mixin(merger->catalog, doc_text(item), where, &mixin, err);
        r = r < 0 ? r : add_mixin(merger, mixin, overlay, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int add_overlay(struct merger *merger, const struct overlay *overlay, struct error **err) {
    const struct layer layer = {
        .kind = LAYER_OVERLAY,
        .name = overlay->name,
        .spec = doc_get(overlay->doc, "spec"),
        .overlay = overlay,
        .is_predecessor = overlay->is_predecessor,
        .is_newer = overlay->is_newer,
    };
    return add_layer(merger, &layer, err);
}

int merger_add_match(struct merger *merger, const struct match *match, struct error **err) {
    bool is_newer = catalog_is_newer(merger->catalog);
    int r = 0;
    for (size_t i = 0; r >= 0 && i < match->count; i++) {
        r = catalog_overlay_load(merger->catalog, match->overlays[i], err);
        r = r < 0 || is_newer ? r : add_mixins(merger, match->overlays[i], err);
        r = r < 0 ? r : add_overlay(merger, match->overlays[i], err);
    }
    for (size_t i = 0; r >= 0 && is_newer && i < match->matching_count; i++)
        r = add_mixins(merger, match->matching[i], err);
    return r;
}
