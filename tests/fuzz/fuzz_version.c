// SPDX-License-Identifier: Apache-2.0
// Two texts, separated by a NUL byte: whatever they say, comparing them has one answer from both sides.
#include "base/alloc.h"
#include "base/version.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int sign(int order) {
    return (order > 0) - (order < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    _cleanup_free_ char *bytes = xcalloc(size + 2, 1);
    if (size)
        memcpy(bytes, data, size);
    const char *a_text = bytes, *b_text = bytes + strlen(bytes) + 1;
    struct version a, b;
    if (!version_parse(a_text, &a))
        return 0;
    assert(a.count >= 1 && a.count <= VERSION_COMPONENTS);
    assert(a.suffix_length <= strlen(a_text));
    assert(version_compare(&a, &a) == 0 && version_is(&a, &a));
    if (!version_parse(b_text, &b))
        return 0;
    int order = sign(version_compare(&a, &b)), reverse = sign(version_compare(&b, &a));
    bool is_same = version_is(&a, &b);
    assert(order == -reverse && (!is_same || order == 0));
    (void)order;
    (void)reverse;
    (void)is_same;
    return 0;
}
