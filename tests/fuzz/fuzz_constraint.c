// SPDX-License-Identifier: Apache-2.0
// An expression and a value, separated by a NUL byte: parsing ends with clauses or with an error that tells a byte of
// the text; judging always has an outcome, and a reason whenever it is not satisfied.
#include "base/alloc.h"
#include "model/constraint_eval.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    _cleanup_free_ char *bytes = xcalloc(size + 2, 1);
    if (size)
        memcpy(bytes, data, size);
    const char *text = bytes, *actual = bytes + strlen(bytes) + 1;
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    struct constraint_expression expression;
    size_t offset = 0;
    if (constraint_expression_parse(arena, text, &expression, &offset, &err) < 0) {
        assert(err && err->code == ERROR_INVALID && *err->message && offset <= strlen(text));
        return 0;
    }
    assert(!err && expression.count >= 1);
    struct constraint_verdict verdict = {0};
    constraint_judge(arena, &expression, actual, NULL, &verdict);
    assert((verdict.reason == NULL) == (verdict.outcome == CONSTRAINT_SATISFIED));
    assert((verdict.obstacle == OBSTACLE_NONE) == (verdict.outcome != CONSTRAINT_UNKNOWN));
    struct constraint constraint = {.name = actual, .value = text};
    int r = constraint_evaluate(arena, &constraint, snapshot_new(arena), &verdict, &err);
    assert(r == 0 && verdict.outcome == CONSTRAINT_UNKNOWN && verdict.reason);
    (void)r;
    return 0;
}
