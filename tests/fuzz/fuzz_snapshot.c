// SPDX-License-Identifier: Apache-2.0
// Snapshot documents: whatever the bytes are, reading ends with a snapshot whose readings are all found again, or with
// one error that has a message.
#include "model/snapshot.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bytes {
    const uint8_t *at;
    size_t left;
};

static ssize_t read_bytes(void *context, char *buffer, size_t size, struct error **err _unused_) {
    struct bytes *bytes = context;
    size_t length = MIN(size, bytes->left);
    if (length)
        memcpy(buffer, bytes->at, length);
    bytes->at += length;
    bytes->left -= length;
    return (ssize_t)length;
}

static void check_subtype(const struct subtype *subtype) {
    for (size_t i = 0; i < subtype->count; i++) {
        const struct reading *reading = &subtype->readings[i];
        const struct reading *found = subtype_find_bytes(subtype, reading->key, reading->key_length);
        assert(found == reading && reading->kind < DOC_LIST && reading->line > 0);
        (void)found;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bytes bytes = {data, size};
    struct doc_input input = {.read = read_bytes, .context = &bytes, .name = "fuzz"};
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    struct snapshot *snapshot = NULL;
    if (snapshot_read(arena, &input, &snapshot, &err) < 0) {
        assert(err && *err->message && !snapshot);
        return 0;
    }
    assert(!err);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < snapshot->count; i++)
            for (size_t j = 0; j < snapshot->measurements[i].count; j++)
                check_subtype(snapshot->measurements[i].subtypes[j]);
        snapshot_sort(snapshot);
    }
    return 0;
}
