// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where the values of a recipe come from: for a component, a value path, a version, a constraint or a check, what
// holds, the place that set it, and what that replaced, back to the first.

#include "base/text.h"
#include "catalog/catalog.h"

struct explanation_step {
    const char *value;        // scalars as text, lists and maps as one line of JSON
    struct doc_origin origin; // line 0: made by the program
    const char *source;       // provenance that the data gives; NULL = none
    const char *why;
};

struct explanation {
    const char *path;               // "components.gpu-operator.values.driver.version"
    struct explanation_step *steps; // the value that holds first
    size_t count;
    const struct doc *choices; // of a profile: all values, a map from name to {description}; NULL: there is no choice
};

struct explanations {
    struct explanation *items;
    size_t count, capacity;
};

// Selectors: "" (every fact of every component, every constraint), a component, component:path and
// components.<name>[.values[.path] | .<fact>] (below a map: every leaf), constraints.<name> or the name alone,
// validation[.path], tuning[.<setting>], profile[.<name>] or the profile's name alone. ERROR_NOT_FOUND says what there
// is. Values are hydrated as far as they are asked for.
int recipe_explain(struct arena *arena, struct catalog *catalog, struct recipe *recipe, const char *selector,
                   struct explanations *ret, struct error **err) _must_use_;
// A list of {path, value, file, line, column, source, why, overrode[]}.
const struct doc *explanations_doc(struct arena *arena, const struct explanations *explanations);
// For people: the value and its place, then each overridden one below it.
void explanations_text(const struct explanations *explanations, struct text *out);
