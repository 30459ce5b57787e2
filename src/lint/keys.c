// SPDX-License-Identifier: Apache-2.0
// Which keys our documents may have, told once as a table; overlays and mixins have theirs in overlay.c and mixin.c. A
// path ends in [] for the items of a list and in .* for the members of a map whose keys are free. What has no row is
// free.
#include "base/text.h"
#include "catalog/mixin.h"
#include "catalog/overlay.h"
#include "lint/context.h"

#define HEAD "apiVersion", "kind"
#define KEYS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct key_row {
    enum lint_kind kind;
    const char *path;
    const char *const *keys;
    bool has_free_members; // keys are checked, but all members share the rows of path.*
} key_rows[] = {
    {LINT_REGISTRY, "", KEYS(HEAD, "metadata", "components"), false},
    {LINT_REGISTRY, "metadata", KEYS("name", "description", "labels", "annotations"), false},
    {LINT_REGISTRY, "components[]",
     KEYS("name", "displayName", "topic", "description", "valueOverrideKeys", "helm", "kustomize", "manifest",
          "nodeScheduling", "podScheduling", "storageClassPaths", "sharedStorageClassPaths", "manifestFiles",
          "mixinSafeOverridePaths", "validations", "healthCheck", "source", "why"),
     false},
    {LINT_REGISTRY, "components[].helm",
     KEYS("defaultRepository", "defaultChart", "defaultVersion", "defaultNamespace"), false},
    {LINT_REGISTRY, "components[].kustomize", KEYS("defaultSource", "defaultPath", "defaultTag", "defaultNamespace"),
     false},
    {LINT_REGISTRY, "components[].manifest", KEYS("defaultNamespace"), false},
    {LINT_REGISTRY, "components[].nodeScheduling", KEYS("system", "accelerated", "nodeCountPaths"), false},
    {LINT_REGISTRY, "components[].nodeScheduling.system",
     KEYS("nodeSelectorPaths", "tolerationPaths", "taintStrPaths", "requireNodeSelector",
          "requireNodeSelectorIfStorageClassSet"),
     false},
    {LINT_REGISTRY, "components[].nodeScheduling.accelerated",
     KEYS("nodeSelectorPaths", "tolerationPaths", "taintStrPaths", "requireNodeSelector",
          "requireNodeSelectorIfStorageClassSet"),
     false},
    {LINT_REGISTRY, "components[].podScheduling", KEYS("workload"), false},
    {LINT_REGISTRY, "components[].podScheduling.workload", KEYS("workloadSelectorPaths"), false},
    {LINT_REGISTRY, "components[].validations[]", KEYS("function", "severity", "conditions", "paths", "message"),
     false},
    {LINT_REGISTRY, "components[].validations[].conditions", KEYS("service", "accelerator", "intent", "os", "platform"),
     false},
    {LINT_REGISTRY, "components[].healthCheck", KEYS("timeout", "resources", "assertFile"), false},
    {LINT_REGISTRY, "components[].healthCheck.resources[]",
     KEYS("apiVersion", "kind", "name", "namespace", "labelSelector", "condition", "field", "equals", "when",
          "optional"),
     false},
    {LINT_REGISTRY, "components[].healthCheck.resources[].when", KEYS("path", "equals"), false},
    {LINT_FACTS, "", KEYS(HEAD, "component", "facts"), false},
    {LINT_FACTS, "facts[]", KEYS("path", "file", "source", "why", "notInChartValues"), false},
    {LINT_UPGRADES, "", KEYS(HEAD, "component", "transitions"), false},
    {LINT_UPGRADES, "transitions[]",
     KEYS("from", "to", "verdict", "summary", "precondition", "steps", "reversible", "reversibleNotes",
          "affectedResources", "verifiedBy", "references", "source"),
     false},
    {LINT_UPGRADES, "transitions[].affectedResources[]", KEYS("group", "kinds"), false},
    {LINT_TUNING, "", KEYS(HEAD, "metadata", "spec"), false},
    {LINT_TUNING, "metadata", KEYS("name", "title"), false},
    {LINT_TUNING, "spec", KEYS("appliesTo", "holdsBack", "settings"), false},
    {LINT_TUNING, "spec.appliesTo", KEYS("service", "accelerator", "intent", "os", "platform"), false},
    {LINT_TUNING, "spec.holdsBack", KEYS("except", "unsettled", "source"), false},
    {LINT_TUNING, "spec.settings[]",
     KEYS("name", "kind", "key", "value", "packages", "packagesOnly", "enabled", "unsettled", "reboot", "why",
          "tradeoff", "source", "verify"),
     false},
    {LINT_TUNING, "spec.settings[].verify", KEYS("reading", "value", "expect", "absent", "absentWhy", "anyOccurrence"),
     false},
    {LINT_DELIVERY, "", KEYS(HEAD, "metadata", "spec"), false},
    {LINT_DELIVERY, "metadata", KEYS("name", "title"), false},
    {LINT_DELIVERY, "spec", KEYS("notFor", "osRelease", "mechanisms", "rules"), false},
    {LINT_DELIVERY, "spec.notFor[]", KEYS("service", "why"), false},
    {LINT_DELIVERY, "spec.mechanisms[]", KEYS("name", "title", "apply", "revert"), false},
    {LINT_DELIVERY, "spec.rules[]",
     KEYS("kinds", "values", "package", "always", "when", "component", "mechanism", "componentRef", "unused"), false},
    {LINT_DELIVERY, "spec.rules[].when", KEYS("service", "accelerator", "intent", "os", "platform"), false},
    {LINT_DELIVERY, "spec.rules[].componentRef",
     KEYS("name", "manifestFiles", "preManifestFiles", "overrides", "sources", "why"), false},
    {LINT_DELIVERY, "spec.rules[].unused",
     KEYS("name", "manifestFiles", "preManifestFiles", "overrides", "sources", "why"), false},
    {LINT_CRITERIA, "", KEYS(HEAD, "metadata", "fields"), false},
    {LINT_CRITERIA, "metadata", KEYS("name"), false},
    {LINT_CRITERIA, "fields", KEYS("service", "accelerator", "intent", "os", "platform"), true},
    {LINT_CRITERIA, "fields.*", KEYS("values"), false},
    {LINT_CRITERIA, "fields.*.values[]", KEYS("name", "display", "aliases", "detect"), false},
    {LINT_CRITERIA, "fields.*.values[].detect[]", KEYS("path", "equals", "contains", "prefix", "model", "pci", "note"),
     false},
    {LINT_GPUS, "", KEYS(HEAD, "metadata", "gpus"), false},
    {LINT_GPUS, "metadata", KEYS("name"), false},
    {LINT_GPUS, "gpus[]", KEYS("pci", "model", "architecture", "memoryMiB", "accelerator", "source", "note"), false},
    {LINT_COMPATIBILITY, "", KEYS(HEAD, "metadata", "rules"), false},
    {LINT_COMPATIBILITY, "metadata", KEYS("name"), false},
    {LINT_COMPATIBILITY, "rules[]", KEYS("name", "when", "only", "not", "needsMachine", "why", "source"), false},
    {LINT_INSTANCES, "", KEYS(HEAD, "metadata", "instances"), false},
    {LINT_INSTANCES, "metadata", KEYS("name"), false},
    {LINT_INSTANCES, "instances[]",
     KEYS("service", "accelerator", "machines", "fabric", "gpus", "architecture", "labels", "source"), false},
    {LINT_SERVICES, "", KEYS(HEAD, "metadata", "services"), false},
    {LINT_SERVICES, "metadata", KEYS("name"), false},
    {LINT_SERVICES, "services[]",
     KEYS("name", "pool", "labels", "taints", "create", "autoscaler", "storage", "identities", "source"), false},
    {LINT_SERVICES, "services[].pool", KEYS("label", "title"), false},
    {LINT_SERVICES, "services[].labels[]", KEYS("label", "meaning"), false},
    {LINT_SERVICES, "services[].taints[]", KEYS("taint", "meaning"), false},
    {LINT_SERVICES, "services[].storage[]", KEYS("class", "provisioner", "access", "origin"), false},
    {LINT_SERVICES, "services[].identities[]", KEYS("component", "account", "permission", "ways"), false},
    {LINT_SERVICES, "services[].identities[].ways[]", KEYS("name", "how", "valuePath"), false},
    {LINT_CATALOG, "", KEYS(HEAD, "metadata"), false},
    {LINT_CATALOG, "metadata", KEYS("name", "version", "released", "description"), false},
    {LINT_REMEDIATION, "", KEYS(HEAD, "metadata", "rules"), false},
    {LINT_REMEDIATION, "rules[]", KEYS("check", "causes", "text"), false},
};

static size_t count_keys(const char *const *keys) {
    size_t count = 0;
    while (keys[count])
        count++;
    return count;
}

// Predecessors ignore what they do not know, and so do we in their documents.
static void find_key(struct lint *lint, const struct doc_member *member, const char *where, const char *const *keys) {
    _cleanup_text_ struct text list = {0};
    size_t count = count_keys(keys);
    text_add(&list, "known keys: ");
    for (size_t i = 0; i < count; i++)
        text_addf(&list, "%s%s", i ? ", " : "", keys[i]);
    lint_find_as(lint, lint->is_predecessor ? SEVERITY_WARNING : SEVERITY_ERROR, member->key_origin,
                 lint_suggest(lint, member->key, keys, count, arena_strdup(lint->arena, text_str(&list))),
                 "unknown key '%s'%s%s", member->key, *where ? " in " : "", where);
}

static void find_layer_key(void *context, const struct doc_member *member, const char *where, const char *const *keys) {
    find_key(context, member, where, keys);
}

static const struct key_row *find_row(enum lint_kind kind, const char *path) {
    for (size_t i = 0; i < ARRAY_SIZE(key_rows); i++)
        if (key_rows[i].kind == kind && str_eq(key_rows[i].path, path))
            return &key_rows[i];
    return NULL;
}

static bool is_known(const char *const *keys, const char *key) {
    for (; *keys; keys++)
        if (str_eq(*keys, key))
            return true;
    return false;
}

// Keys of a newer predecessor's registry; which of them have no effect here is told when the catalog is opened.
static bool is_newer_key(const struct lint *lint, enum lint_kind kind, const char *key) {
    static const char *const keys[] = {
        "class", "gkeCriticalPriority", "hasSelfRefCRDs", "manifestsUseChartCRDs", "ownsCRDs", "testTier", "upgrades",
        NULL};
    return lint->is_newer && kind == LINT_REGISTRY && is_known(keys, key);
}

static void check_keys(struct lint *lint, enum lint_kind kind, const struct doc *doc, const char *path) {
    DOC_FOREACH_ITEM(item, doc)
    check_keys(lint, kind, item, arena_printf(lint->arena, "%s[]", path));
    const struct key_row *row = doc_is(doc, DOC_MAP) ? find_row(kind, path) : NULL;
    if (!row)
        return;
    DOC_FOREACH_MEMBER(member, doc) {
        if (!is_known(row->keys, member->key) && !is_newer_key(lint, kind, member->key))
            find_key(lint, member, path, row->keys);
        const char *name = row->has_free_members ? "*" : member->key;
        check_keys(lint, kind, member->value, arena_printf(lint->arena, "%s%s%s", path, *path ? "." : "", name));
    }
}

void lint_rule_keys(struct lint *lint) {
    LINT_FOREACH_FILE(file, lint) {
        if (!file->doc)
            continue;
        if (file->kind == LINT_OVERLAY)
            overlay_unknown_keys(lint->arena, file->doc, find_layer_key, lint);
        else if (file->kind == LINT_MIXIN)
            mixin_unknown_keys(lint->arena, file->doc, find_layer_key, lint);
        else
            check_keys(lint, file->kind, file->doc, "");
    }
}
