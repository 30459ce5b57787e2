// SPDX-License-Identifier: Apache-2.0
#include "catalog/reasons.h"
#include "base/text.h"

// --- the layer's document ---

static const struct doc *layer_document(const struct catalog *catalog, const char *file) {
    const struct overlay *overlays = NULL, *base = catalog_find_overlay(catalog, "base");
    const struct mixin *mixins = NULL;
    size_t overlay_count = catalog_overlays(catalog, &overlays), mixin_count = catalog_mixins(catalog, &mixins);
    if (str_eq(base->file.name, file))
        return base->doc;
    for (size_t i = 0; i < overlay_count; i++)
        if (str_eq(overlays[i].file.name, file))
            return overlays[i].doc;
    for (size_t i = 0; i < mixin_count; i++)
        if (str_eq(mixins[i].file.name, file))
            return mixins[i].doc;
    return NULL;
}

static const struct doc *document_of(struct reasons *reasons, const char *file) {
    if (!str_eq(reasons->file, file)) {
        reasons->file = file;
        reasons->document = layer_document(reasons->catalog, file);
    }
    return reasons->document;
}

// --- the componentRef ---

static bool holds(const struct doc *doc, struct doc_origin origin) {
    if (doc->origin.line == origin.line && doc->origin.column == origin.column)
        return true;
    DOC_FOREACH_ITEM(item, doc)
    if (holds(item, origin))
        return true;
    DOC_FOREACH_MEMBER(member, doc)
    if (holds(member->value, origin))
        return true;
    return false;
}

static const struct doc *find_reference(const struct doc *references, const struct component *component,
                                        const struct doc *value) {
    DOC_FOREACH_ITEM(reference, references)
    if (str_eq(doc_get_text(reference, "name", NULL), component->name) && holds(reference, value->origin))
        return reference;
    return NULL;
}

static const struct doc *reference_of(const struct doc *document, const struct component *component,
                                      const struct doc *value) {
    const struct doc *spec = doc_get(document, "spec");
    const struct doc *found = find_reference(doc_get(spec, "componentRefs"), component, value);
    DOC_FOREACH_MEMBER(choice, doc_get(doc_get(spec, "profile"), "values"))
    if (!found)
        found = find_reference(doc_get(choice->value, "componentRefs"), component, value);
    return found;
}

// --- the reason ---

static const char *list_text(struct arena *arena, const struct doc *value) {
    if (!doc_is(value, DOC_LIST))
        return doc_text(value);
    _cleanup_text_ struct text text = {0};
    DOC_FOREACH_ITEM(item, value)
    text_addf(&text, "%s%s", item_index ? "; " : "", doc_text(item) ? doc_text(item) : "");
    return arena_strdup(arena, text_str(&text));
}

// Of the layers merged into one, that of the file: for a recipe that was read, whose layers are not at hand.
static const char *remark(struct arena *arena, const struct doc *owner, const char *key, const char *file) {
    for (const struct doc *value = doc_get(owner, key); value; value = value->previous)
        if (str_eq(value->origin.source, file))
            return list_text(arena, value);
    return NULL;
}

struct reason reason_of_value(struct reasons *reasons, const struct component *component, const struct doc *value) {
    struct arena *arena = reasons->arena;
    const char *file = value->origin.source;
    if (!file)
        return (struct reason){0};
    const struct doc *reference = reference_of(document_of(reasons, file), component, value);
    const struct doc *registry = component->registry ? component->registry->doc : NULL;
    struct reason reason = {0};
    if (reference)
        reason = (struct reason){list_text(arena, doc_get(reference, "sources")), doc_get_text(reference, "why", NULL)};
    else
        reason =
            (struct reason){remark(arena, component->doc, "sources", file), remark(arena, component->doc, "why", file)};
    if (!reason.why && registry && str_eq(registry->origin.source, file))
        reason = (struct reason){remark(arena, registry, "source", file), remark(arena, registry, "why", file)};
    return reason;
}
