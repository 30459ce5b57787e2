// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whether a component names one version, today and tomorrow.

#include "model/recipe.h"

// A word, branch or range that will mean another version one day: "latest", "main", "^1.2", "1.x", "*".
bool version_is_floating(const char *version);
// True for components that need no pin, because nothing is fetched for them. `component` has the registry's defaults.
bool component_is_pinned(const struct component *component);
