// SPDX-License-Identifier: Apache-2.0
#pragma once

// Beginnings of knowledge for people to go on from: an overlay for one combination of criteria, and a component from
// its chart. What they start from is real and stands as it is; what only they can know stands as comments. Pure: text
// comes out, the caller puts it into files.

#include "catalog/vocabulary.h"

struct scaffold_overlay_request {
    struct criteria criteria; // canonical names
    const char *name;         // NULL: by convention, such as h100-eks-ubuntu-training
};

struct scaffold_overlay {
    const char *name;
    const char *text; // of overlays/<name>.yaml
};

// The overlay builds on the most specific one that holds for the criteria, and tells in comments what comes by rule.
// ERROR_CONFLICT: an overlay is made for these criteria already, or has that name; ERROR_INVALID: the combination
// cannot work, or no criteria were given.
int scaffold_overlay(struct arena *arena, struct catalog *catalog, const struct vocabulary *vocabulary,
                     const struct scaffold_overlay_request *request, struct scaffold_overlay *ret,
                     struct error **err) _must_use_;

struct scaffold_component_request {
    const char *name;
    const char *repository, *namespace_;
    const char *version;      // NULL: that of Chart.yaml
    const char *source, *why; // NULL: asked for by a comment
    const struct doc *about;  // Chart.yaml
    const struct doc *values; // values.yaml
    const char *registry;     // text of the registry.yaml that the entry is added to; NULL: there is none
};

// Texts of files; NULL where there is nothing to say.
struct scaffold_component {
    const char *registry; // the whole registry.yaml
    const char *values;   // components/<name>/values.yaml
    const char *facts;    // components/<name>/facts.yaml
    const char *upgrades; // components/<name>/upgrades.yaml
    const char *mixin;    // mixins/<name>.yaml
};

// Placement paths are the keys nodeSelector and tolerations of the chart's values, storage class paths its keys
// storageClass and storageClassName. ERROR_CONFLICT: the registry has the component already; ERROR_INVALID: no version,
// a floating one, or a registry to which nothing can be added at its end.
int scaffold_component(struct arena *arena, const struct scaffold_component_request *request,
                       struct scaffold_component *ret, struct error **err) _must_use_;
