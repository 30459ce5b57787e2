// SPDX-License-Identifier: Apache-2.0
#include "base/suggest.h"
#include "bundle/template_tree.h"

static const struct template_function *const tables[] = {template_text_functions, template_data_functions,
                                                         template_math_functions};

const struct template_function *template_function_find(const char *name) {
    for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
        for (const struct template_function *function = tables[i]; function->name; function++)
            if (str_eq(function->name, name))
                return function;
    return NULL;
}

const char *template_function_suggest(const char *name) {
    const char *names[256];
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
        for (const struct template_function *function = tables[i]; function->name; function++)
            if (count < ARRAY_SIZE(names))
                names[count++] = function->name;
    return suggest_nearest(name, names, count);
}
