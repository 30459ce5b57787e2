// SPDX-License-Identifier: Apache-2.0
#pragma once

// The deployer for Helm and kubectl: a folder per component, and scripts that install and remove them wave by wave. The
// scripts' fixed parts are shell files in bundle/helm/; what comes from data is quoted into a plan of function calls.

#include "base/text.h"
#include "bundle/bundle.h"

int deployer_helm_render(struct arena *arena, struct bundle *bundle, struct error **err) _must_use_;

// --- private to deployer_helm*.c ---

void helm_add_script(const struct bundle *bundle, const char *about, const char *main_part, struct text *out);
// The commands that install one component by hand, one per line.
void helm_add_commands(const struct bundle_component *component, const char *prefix, struct text *out);
void helm_add_root_readme(const struct bundle *bundle, struct text *out);
void helm_add_component_readme(const struct bundle *bundle, const struct bundle_component *component, struct text *out);
