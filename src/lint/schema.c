// SPDX-License-Identifier: Apache-2.0
// The rule of lint that holds documents against the JSON Schema of their kind. Keys that a schema does not have,
// sources and reasons are told by rules of their own; so is much else, and what another rule told of a place is not
// told again.
#include "doc/schema.h"
#include "base/text.h"
#include "doc/load.h"
#include "lint/context.h"

// Made from api/schemas/ by tools/embed_text.py.
extern const char schema_catalog_schema_json[], schema_compatibility_catalog_schema_json[],
    schema_component_facts_schema_json[], schema_component_registry_schema_json[],
    schema_component_upgrades_schema_json[], schema_criteria_catalog_schema_json[], schema_gpu_catalog_schema_json[],
    schema_instance_catalog_schema_json[], schema_recipe_metadata_schema_json[], schema_recipe_mixin_schema_json[],
    schema_tuning_delivery_schema_json[], schema_tuning_profile_schema_json[];

static const struct {
    const char *kind, *name, *text;
} schemas[] = {
    {"Catalog", "catalog.schema.json", schema_catalog_schema_json},
    {"CompatibilityCatalog", "compatibility-catalog.schema.json", schema_compatibility_catalog_schema_json},
    {"ComponentFacts", "component-facts.schema.json", schema_component_facts_schema_json},
    {"ComponentRegistry", "component-registry.schema.json", schema_component_registry_schema_json},
    {"ComponentUpgrades", "component-upgrades.schema.json", schema_component_upgrades_schema_json},
    {"CriteriaCatalog", "criteria-catalog.schema.json", schema_criteria_catalog_schema_json},
    {"GPUCatalog", "gpu-catalog.schema.json", schema_gpu_catalog_schema_json},
    {"InstanceCatalog", "instance-catalog.schema.json", schema_instance_catalog_schema_json},
    {"RecipeMetadata", "recipe-metadata.schema.json", schema_recipe_metadata_schema_json},
    {"RecipeMixin", "recipe-mixin.schema.json", schema_recipe_mixin_schema_json},
    {"TuningDelivery", "tuning-delivery.schema.json", schema_tuning_delivery_schema_json},
    {"TuningProfile", "tuning-profile.schema.json", schema_tuning_profile_schema_json},
};

static bool is_told_elsewhere(const struct schema_problem *problem) {
    static const char *const keys[] = {"source", "sources", "why", "apiVersion", "kind"};
    if (problem->kind == SCHEMA_UNKNOWN)
        return true;
    for (size_t i = 0; problem->key && i < ARRAY_SIZE(keys); i++)
        if (str_eq(problem->key, keys[i]))
            return true;
    return false;
}

static bool names_key(const struct check *check, const char *key) {
    return !key || (check->reason && strstr(check->reason, key)) ||
           (check->remediation && strstr(check->remediation, key));
}

// Of a map that misses something, only what another rule told of that key.
static bool is_told_at(const struct lint *lint, const char *where, const char *key) {
    for (size_t i = 0; i < lint->report->count; i++) {
        const struct check *check = &lint->report->checks[i];
        if (!str_eq(check->id, lint->rule->id) && str_eq(check->where, where) && names_key(check, key))
            return true;
    }
    return false;
}

// What is missing is a warning, because the engine gets along without it; what is wrong is an error.
static void report(void *context, const struct schema_problem *problem) {
    struct lint *lint = context;
    if (is_told_elsewhere(problem) || is_told_at(lint, doc_origin_text(lint->arena, problem->origin), problem->key))
        return;
    lint_find_as(lint, problem->kind == SCHEMA_MISSING ? SEVERITY_WARNING : SEVERITY_ERROR, problem->origin,
                 "docs/recipe-format.md describes the field; the schemas are in api/schemas", "%s", problem->message);
}

// To which schemas of other kinds refer.
#define SHARED_KIND "RecipeMetadata"

static bool is_needed(const struct lint *lint, const char *kind) {
    LINT_FOREACH_FILE(file, lint) {
        const char *own = doc_get_text(file->doc, "kind", NULL);
        if (str_eq(own, kind) || (str_eq(kind, SHARED_KIND) && (file->kind == LINT_MIXIN || file->kind == LINT_OTHER)))
            return true;
    }
    return false;
}

static void load_schemas(struct lint *lint, struct schema_file files[ARRAY_SIZE(schemas) + 1]) {
    const struct doc_limits limits = {0};
    for (size_t i = 0; i < ARRAY_SIZE(schemas); i++) {
        _cleanup_error_ struct error *ignored = NULL;
        files[i].name = schemas[i].name;
        if (is_needed(lint, schemas[i].kind) &&
            doc_load_buffer(lint->arena, schemas[i].text, strlen(schemas[i].text), schemas[i].name, DOC_FORMAT_JSON,
                            &limits, &files[i].schema, &ignored) < 0)
            files[i].schema = NULL;
    }
}

// Overlays with a shape that the engine refuses are told by document-shape.
static bool is_refused(const struct lint_file *file) {
    return (file->kind == LINT_OVERLAY || file->kind == LINT_MIXIN || file->kind == LINT_REGISTRY) && file->is_broken;
}

void lint_rule_schema(struct lint *lint) {
    struct schema_file files[ARRAY_SIZE(schemas) + 1] = {0};
    load_schemas(lint, files);
    LINT_FOREACH_FILE(file, lint) {
        const char *kind = doc_get_text(file->doc, "kind", NULL);
        bool is_ours = str_has_prefix(doc_get_text(file->doc, "apiVersion", ""), "cns.nvidia.com/");
        for (size_t i = 0; is_ours && !is_refused(file) && i < ARRAY_SIZE(schemas); i++)
            if (str_eq(schemas[i].kind, kind) && files[i].schema)
                schema_check(lint->arena, files[i].schema, files, file->doc, report, lint);
    }
}
