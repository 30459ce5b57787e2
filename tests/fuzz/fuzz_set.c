// SPDX-License-Identifier: Apache-2.0
// The arguments of --set and its like: whatever parses is applied to a small document.
#include "bundle/override.h"
#include "doc/load.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char values[] = "{a: {b: [1, x, {c: 2.50}], n: null, f: false, s: text}, e: {}, l: []}";
    if (size == 0 || size > 16 * 1024)
        return 0;
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    struct override_list list = {0};
    struct override_target_values target = {.allows_unknown = data[0] & 4};
    const char *argument = arena_strndup(arena, (const char *)data + 1, size - 1);
    if (doc_load_buffer(arena, values, sizeof values - 1, "values", DOC_FORMAT_YAML, NULL, &target.values, &err) < 0)
        abort();
    if (override_parse(arena, data[0] % 3, argument, &list, &err) < 0) // files are the caller's
        return 0;
    for (size_t i = 0; i < list.count; i++) {
        const char *note = NULL;
        _cleanup_error_ struct error *failure = NULL;
        (void)!override_apply(arena, &list.items[i], &target, &target.values, &note, &failure);
        (void)override_target(arena, &list.items[i]);
    }
    return 0;
}
