// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where pods and volumes go: node selectors, tolerations, the workload selector, the gate taint, the number of nodes
// and the storage classes, written at the value paths that the registry names for a component. Nothing is written that
// was not asked for.

#include "base/text.h"
#include "base/vec.h"
#include "model/recipe.h"

// The words as they stand on the command line.
struct schedule_words {
    struct strvec system_selectors, system_tolerations;           // key=value; key=value:Effect, key:Effect, or *
    struct strvec accelerated_selectors, accelerated_tolerations; //
    struct strvec workload_selectors;                             // key=value
    const char *workload_gate;                                    // key=value:Effect or key:Effect; NULL: none
    int64_t nodes;                                                // 0: not told
    const char *storage_class, *shared_storage_class;             // names; NULL: none
};

#define SCHEDULE_OPTION_COUNT 9

// What they mean, as values. NULL or 0: not asked for.
struct schedule {
    const struct doc *system_selector, *system_tolerations;
    const struct doc *accelerated_selector, *accelerated_tolerations;
    const struct doc *workload_selector;
    const struct doc *workload_gate; // text
    int64_t nodes;
    const struct doc *storage_class, *shared_storage_class; // text
};

// ERROR_INVALID names the option and what is wrong with the word (label and taint syntax of Kubernetes).
int schedule_parse(struct arena *arena, const struct schedule_words *words, struct schedule *ret,
                   struct error **err) _must_use_;
// The values with everything in them that applies to the component: *ret is `values` itself when nothing does.
// ERROR_INVALID when the registry demands a node selector that was not given.
int schedule_apply(struct arena *arena, const struct schedule *schedule, const struct component *component,
                   const struct doc *values, const struct doc **ret, struct error **err) _must_use_;
// The options that were given although no component has a place for what they say. Returns how many.
size_t schedule_untaken(struct arena *arena, const struct schedule *schedule, const struct component *const *components,
                        size_t count, const char *ret_options[SCHEDULE_OPTION_COUNT]);
// A map that has every path at which schedule_apply may write, with null there; NULL when there is none.
const struct doc *schedule_paths(struct arena *arena, const struct component *component);

// For the checks of the registry (see check.h): paths of a list in the registry's entry, such as
// "nodeScheduling.accelerated.nodeSelectorPaths"; group and part may be NULL, and so is the result when it has none.
const struct doc *schedule_path_list(const struct component *component, const char *group, const char *part,
                                     const char *list);
