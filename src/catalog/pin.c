// SPDX-License-Identifier: Apache-2.0
#include "catalog/pin.h"
#include "base/text.h"

bool version_is_floating(const char *version) {
    static const char *const words[] = {"latest", "main", "master", "head", "stable", "dev", "nightly", "x"};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (str_eq_ignore_case(version, words[i]))
            return true;
    return strpbrk(version, "^~<>=*| ,") || str_has_suffix(version, ".x") || str_has_suffix(version, ".X") ||
           strstr(version, ".x.");
}

bool component_is_pinned(const struct component *component) {
    bool is_kustomization = component->type == COMPONENT_KUSTOMIZE;
    const char *pin = is_kustomization ? component->tag : component->version;
    bool is_fetched = component->source && (is_kustomization || component->chart);
    if (!str_is_empty(pin))
        return !version_is_floating(pin);
    // A kustomization may be pinned by its address.
    return !is_fetched ||
           (is_kustomization && (strstr(component->source, "?ref=") || strstr(component->source, "@sha256:")));
}
