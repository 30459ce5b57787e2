// SPDX-License-Identifier: Apache-2.0
// What nvidia-smi -q -x may print, and what it may not: a document of the promised shape, or one error with a message.
#include "collect/gpu.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    const struct doc *found = NULL;
    int r = gpu_smi_parse(arena, (const char *)data, size, &found, &err);
    if (r < 0) {
        assert(err && err->code == (enum error_code) - r && *err->message && !found);
        return 0;
    }
    assert(!err && doc_is(doc_get(found, "gpus"), DOC_LIST));
    DOC_FOREACH_ITEM(gpu, doc_get(found, "gpus")) {
        assert(doc_is(gpu, DOC_MAP));
        DOC_FOREACH_MEMBER(member, gpu)
        assert(doc_is_scalar(member->value));
    }
    return 0;
}
