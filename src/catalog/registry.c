// SPDX-License-Identifier: Apache-2.0
#include "catalog/registry.h"
#include "base/text.h"
#include "model/api_version.h"

const struct registry_entry *registry_find(const struct registry *registry, const char *name) {
    for (size_t i = 0; i < registry->count; i++)
        if (registry->entries[i].name[0] == name[0] && str_eq(registry->entries[i].name, name))
            return &registry->entries[i];
    return NULL;
}

static int read_entry(const struct doc *item, struct registry_entry *ret, struct error **err) {
    const char *name = doc_get_text(item, "name", NULL), *display = doc_get_text(item, "displayName", NULL);
    if (str_is_empty(name) || str_is_empty(display))
        return doc_error(err, ERROR_INVALID, item->origin, "an entry of the registry must have name and displayName");
    const struct doc *kustomize = doc_get(item, "kustomize");
    if (doc_is(doc_get(item, "helm"), DOC_MAP) && doc_is(kustomize, DOC_MAP))
        return doc_error(err, ERROR_INVALID, kustomize->origin, "component '%s' has both helm and kustomize", name);
    *ret = (struct registry_entry){.name = name, .display_name = display, .doc = item};
    return 0;
}

static int check_head(const struct doc *doc, struct error **err) {
    const char *kind = doc_get_text(doc, "kind", NULL);
    if (!str_eq(kind, "ComponentRegistry"))
        return doc_error(err, ERROR_INVALID, doc->origin, "this document must have kind ComponentRegistry, found %s",
                         kind ? kind : "none");
    const struct doc *version = doc_get(doc, "apiVersion");
    if (version && !api_version_is_known(doc_text(version)))
        return doc_error(err, ERROR_INVALID, version->origin,
                         "apiVersion '%s' is unknown; registries of " API_VERSIONS_READ " can be read",
                         doc_text(version) ? doc_text(version) : doc_kind_name(version->kind));
    if (!doc_is(doc_get(doc, "components"), DOC_LIST))
        return doc_error(err, ERROR_INVALID, doc->origin, "a registry must have a list 'components'");
    return 0;
}

int registry_add(struct arena *arena, struct registry *registry, const struct doc *doc, struct error **err) {
    int r = check_head(doc, err);
    if (r < 0)
        return r;
    const struct doc *list = doc_get(doc, "components");
    size_t old_count = registry->count;
    registry->entries = arena_grow(arena, registry->entries, old_count * sizeof *registry->entries,
                                   (old_count + doc_count(list)) * sizeof *registry->entries);
    DOC_FOREACH_ITEM(item, list) {
        struct registry_entry entry;
        r = read_entry(item, &entry, err);
        if (r < 0)
            return r;
        struct registry_entry *known = (struct registry_entry *)registry_find(registry, entry.name);
        if (known && known->doc->origin.source == item->origin.source)
            return doc_error(err, ERROR_INVALID, item->origin, "component '%s' stands in the registry twice (line %u)",
                             entry.name, known->doc->origin.line);
        if (known)
            *known = entry;
        else
            registry->entries[registry->count++] = entry;
    }
    return 0;
}

static bool has_key(const struct doc *doc, const char *key) {
    DOC_FOREACH_ITEM(item, doc_get(doc, "components"))
    if (doc_get(item, key) ||
        (str_eq(key, "healthCheck.assertFile") && doc_get(doc_get(item, "healthCheck"), "assertFile")))
        return true;
    return false;
}

const char *registry_idle_keys(struct arena *arena, const struct doc *doc) {
    static const char *const idle[] = {"class",
                                       "gkeCriticalPriority",
                                       "hasSelfRefCRDs",
                                       "healthCheck.assertFile",
                                       "manifestsUseChartCRDs",
                                       "ownsCRDs",
                                       "testTier",
                                       "upgrades"};
    _cleanup_text_ struct text list = {0};
    if (!api_version_is_newer(doc_get_text(doc, "apiVersion", NULL)))
        return NULL;
    for (size_t i = 0; i < ARRAY_SIZE(idle); i++)
        if (has_key(doc, idle[i]))
            text_addf(&list, "%s%s", list.length ? ", " : "", idle[i]);
    return list.length
               ? arena_printf(arena, "%s: has keys without effect here: %s", doc->origin.source, text_str(&list))
               : NULL;
}
