// SPDX-License-Identifier: Apache-2.0
#pragma once

// Recipe in, tree of files out: components with their final values and rendered manifests, the plan in which order they
// are installed, and a deployer that turns them into files. Pure: whoever calls reads and writes. Everything that is
// returned lives in the caller's arena.

#include "base/text.h"
#include "bundle/note.h"
#include "bundle/override.h"
#include "bundle/schedule.h"
#include "model/tree.h"
#include "model/tuning.h"

struct bundle_request {
    const struct recipe *recipe;           // hydrated
    const struct doc *const *known_values; // one per component of the recipe, NULL where nothing more is known; or NULL
    const struct override_list *overrides;
    const struct schedule *schedule;
    bool allows_unknown;         // overrides may set paths that nobody knows
    const char *deployer;        // "helm"
    const char *program_version; // goes into README and plan
};

enum bundle_method { BUNDLE_HELM, BUNDLE_KUSTOMIZE, BUNDLE_MANIFESTS };

struct bundle_workload {
    const char *namespace_, *kind, *name;
};

struct bundle_manifest {
    const char *path; // in the bundle: "gpu-operator/manifests/dcgm-exporter.yaml"
    const char *text; // rendered
    size_t length;
    bool is_pre;
    bool has_definitions;    // holds CustomResourceDefinitions
    bool has_namespaces;     // holds Namespaces
    bool sets_own_namespace; // an object names another namespace than the component's
    struct bundle_workload *workloads;
    size_t workload_count;
};

struct bundle_component {
    const struct component *component;
    const char *name, *title;
    const char
        *namespace_; // "" for a kustomization whose recipe names none: its objects say themselves where they belong
    enum bundle_method method;
    const char *chart;      // as helm or kubectl kustomize takes it; NULL for BUNDLE_MANIFESTS
    const char *chart_name; // last part of the chart, or the component's name
    const char *repository; // for --repo; NULL: the chart tells where it is
    const char *version;    // NULL: the newest
    const char *timeout;
    bool waits;
    const struct doc *values; // a map
    struct bundle_manifest *manifests;
    size_t manifest_count;
    const char **dependencies; // in the bundle, sorted
    size_t dependency_count;
    unsigned wave; // from 1
};

struct bundle {
    const struct bundle_request *request;
    struct bundle_component *components; // by wave, then by name
    size_t count;
    unsigned wave_count;
    const char **removed; // components of the recipe that are switched off
    size_t removed_count;
    struct notes notes;
    struct tuning tuning;
    const struct doc *tuning_scope; // what templates see as .Tuning: a map, empty where nothing is tuned
    struct tree tree;
};

// ERROR_INVALID, ERROR_NOT_FOUND: the recipe or an argument cannot be used; ERROR_UNAVAILABLE: a known deployer that is
// not built.
int bundle_render(struct arena *arena, const struct bundle_request *request, struct bundle *ret,
                  struct error **err) _must_use_;

// --- deployers ---

struct deployer {
    const char *name;
    const char *summary;
    // Adds its files to the bundle's tree; NULL: planned, not built.
    int (*render)(struct arena *arena, struct bundle *bundle, struct error **err);
};

// Ended by a row without a name.
extern const struct deployer deployers[];
// Case does not matter. ERROR_INVALID with a suggestion, ERROR_UNAVAILABLE.
int deployer_find(const char *name, const struct deployer **ret, struct error **err) _must_use_;

// --- parts of rendering, each in its file ---

// bundle_component.c: names, chart and namespace of a component.
int bundle_component_init(struct arena *arena, const struct component *component, struct bundle_component *ret,
                          struct error **err) _must_use_;
// The part of a path behind its last slash.
const char *bundle_base_name(const char *path);
// bundle_values.c: which components are in, and with which values. Fills components (unordered), removed and notes.
int bundle_set_values(struct arena *arena, struct bundle *bundle, struct error **err) _must_use_;
// bundle_plan.c: dependencies, waves, order. Cycles and unknown references are ERROR_INVALID.
int bundle_plan(struct arena *arena, struct bundle *bundle, struct error **err) _must_use_;
// bundle_manifests.c: the component's manifests, rendered with its values; what is empty is left out.
int bundle_render_manifests(struct arena *arena, struct bundle *bundle, struct bundle_component *component,
                            struct error **err) _must_use_;
// bundle_plan.c: the plan as a document.
const struct doc *bundle_plan_doc(struct arena *arena, const struct bundle *bundle);
// checksums.c: adds checksums.txt, which covers every other file of the tree.
int tree_add_checksums(struct tree *tree, struct error **err) _must_use_;

#define BUNDLE_CHECKSUMS "checksums.txt"
