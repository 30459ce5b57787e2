// SPDX-License-Identifier: Apache-2.0
#pragma once

// Making a bundle: reads the recipe, looks up what it only refers to, renders, and writes the folder.

#include "bundle/bundle.h"
#include "usecase/knowledge.h"

struct bundle_arguments {
    const char *recipe; // path, URL or "-"
    const char *output; // folder
    struct knowledge_source knowledge;
    const char *deployer;
    const struct strvec *overrides; // "<kind>:<argument>", kind as in override_kind_names, in order
    struct schedule_words schedule; // its lists are borrowed
    bool allows_unknown;
    bool force;
    bool skips_writing; // render and check only
};

struct bundle_result {
    struct bundle bundle; // in the arena
    const char *aside;    // where --force moved what was in the folder; NULL: nothing was moved
};

int bundle_make(struct arena *arena, const struct bundle_arguments *arguments, struct bundle_result *ret,
                struct error **err) _must_use_;
