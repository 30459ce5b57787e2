// SPDX-License-Identifier: Apache-2.0
// The tuning section of a recipe: whatever is accepted becomes scripts whose plans are calls of known functions, one a
// line, and files for providers.
#include "base/text.h"
#include "bundle/tuning.h"
#include "doc/load.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_plan(const struct text *script) {
    static const char *const calls[] = {"    setting ", "    check ", "    boot_parameters ", "    made_for ", "}"};
    const char *line = strstr(text_str(script), "plan() {\n");
    if (!line)
        abort();
    while ((line = strchr(line, '\n') + 1) && *line != '}') {
        bool is_call = false;
        for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
            is_call = is_call || str_has_prefix(line, calls[i]);
        if (!is_call)
            abort();
    }
}

static void render(struct arena *arena, const struct tuning *tuning) {
    _cleanup_text_ struct text apply = {0}, verify = {0}, files = {0}, readme = {0};
    tuning_apply_script(arena, tuning, &apply);
    tuning_verify_script(tuning, &verify);
    check_plan(&apply);
    check_plan(&verify);
    tuning_gke_file(arena, tuning, &files);
    tuning_bottlerocket_file(arena, tuning, &files);
    tuning_talos_file(arena, tuning, &files);
    tuning_kubelet_file(arena, tuning, &files);
    tuning_readme(tuning, &readme);
    (void)tuning_scope(arena, tuning);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    const struct doc *doc = NULL;
    const struct doc_limits limits = {.alias_events = 1000};
    struct tuning tuning;
    if (doc_load_buffer(arena, (const char *)data, size, "recipe", DOC_FORMAT_AUTO, &limits, &doc, &err) == 0 &&
        tuning_from_doc(arena, doc, &tuning, &err) == 0)
        render(arena, &tuning);
    return 0;
}
