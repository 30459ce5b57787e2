// SPDX-License-Identifier: Apache-2.0
#pragma once

// A resolved recipe: components, constraints and validation phases for one set of criteria. Made by the recipe engine
// or read from a RecipeResult document; bundles and validation start from it. Lives in an arena. Optional texts are
// NULL. `doc` members point at the document node, whose origin (and `previous` chain) tells where a value comes from.

#include "doc/doc.h"
#include "model/criteria.h"

enum component_type { COMPONENT_HELM, COMPONENT_KUSTOMIZE };

// The keys of a componentRef and of a constraint, in the order in which recipes hold them. Whoever accepts, merges or
// writes them takes the list from here, so that no key is accepted in one place and lost in the next.
#define COMPONENT_REF_KEYS                                                                                  \
    "name", "namespace", "chart", "type", "source", "version", "tag", "valuesFile", "overrides", "patches", \
        "dependencyRefs", "manifestFiles", "preManifestFiles", "path", "cleanup", "expectedResources",      \
        "healthCheckAsserts", "sources", "why"
// Those of a componentRef that are kept, but have no effect.
extern const char *const component_idle_keys[2];
#define CONSTRAINT_KEYS "name", "value", "severity", "remediation", "unit", "source", "why", "relax", "relaxWhy"

struct constraint {
    const char *name;  // "K8s.server.version": type.subtype.key, or a performance name
    const char *value; // ">= 1.32.4"
    const char *severity, *remediation, *unit, *source, *why;
    bool relax;            // a child lowered what its parent demanded, and said so
    const char *relax_why; // its reason
    const struct doc *doc;
};

struct manifest {
    const char *path; // relative to the catalog
    const char *text;
    bool is_pre; // applied before the chart
};

// The registry's facts about a component.
struct registry_entry {
    const char *name, *display_name;
    const struct doc
        *doc; // the whole entry: valueOverrideKeys, nodeScheduling, podScheduling, validations, healthCheck, ...
};

struct component {
    const char *name;
    const char *namespace_, *chart, *source, *version, *tag, *path, *values_file;
    enum component_type type;
    const struct doc *overrides;       // map or NULL, as the recipe's overlays gave it
    const struct doc *dependency_refs; // list of strings or NULL
    const struct doc *manifest_files;  // list of strings or NULL
    const struct doc *pre_manifest_files;
    const struct doc *expected_resources;
    const struct doc *doc;                 // the merged componentRef
    const struct registry_entry *registry; // NULL: not in the registry
    // Filled by hydration (recipe_hydrate) or from an inlined document:
    const struct doc *values; // default values under valuesFile under overrides; map
    struct manifest *manifests;
    size_t manifest_count;
};

struct excluded_overlay {
    const char *overlay, *constraint, *expected, *actual, *reason;
};

// A choice among the named values of a profile (metadata.selectedProfile).
struct recipe_profile {
    const char *name, *value;
    const char *advertiser;        // what advertises the GPUs then; NULL: not told
    const struct doc *owned_paths; // component -> list of value paths that the choice decides; map or NULL
    // Where the recipe was resolved here: what the value says of itself, and all values by name. NULL: it was read.
    const struct doc *content, *values;
    const struct doc *doc;
};

struct recipe {
    const char *source;                           // file that it was read from; NULL: resolved here
    const char *version;                          // of the program that made it
    const char *catalog_version, *catalog_digest; // of the catalog that it was made from; NULL: not told
    struct criteria criteria;
    const char **applied_overlays;
    size_t applied_count;
    struct excluded_overlay *excluded;
    size_t excluded_count;
    struct excluded_overlay *warnings; // overlays that were kept although a constraint could not be judged
    size_t warning_count;
    struct recipe_profile *profiles;
    size_t profile_count;
    struct constraint *constraints; // sorted by name
    size_t constraint_count;
    struct component *components; // sorted by name
    size_t component_count;
    const char **deployment_order;
    size_t order_count;
    const struct doc *validation; // map of phases or NULL
    const char **notes;           // what the user should be told ("no overlay but the base matches")
    size_t note_count;
    const struct doc *doc; // the RecipeResult document
};

const struct component *recipe_component(const struct recipe *recipe, const char *name);
// Reads a RecipeResult document of ours or of either predecessor (values are not hydrated unless inlined).
// A document of another kind is ERROR_INVALID and the message names what it is.
int recipe_from_doc(struct arena *arena, const struct doc *doc, struct recipe **ret, struct error **err) _must_use_;
// Reads one constraint of a recipe, an overlay or a validation phase.
int constraint_from_doc(const struct doc *doc, struct constraint *ret, struct error **err) _must_use_;
