// SPDX-License-Identifier: Apache-2.0
// Command lines, told as words that NUL bytes separate: whatever they say, parsing ends with a filled struct or one
// error that has a message, and what was allocated is freed.
#include "base/alloc.h"
#include "cli/parse.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define MOST_WORDS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    _cleanup_free_ char *bytes = xmalloc(size + 1);
    if (size)
        memcpy(bytes, data, size);
    bytes[size] = '\0';
    char *words[MOST_WORDS];
    int count = 0;
    for (size_t i = 0; i < size && count < MOST_WORDS; i += strlen(bytes + i) + 1)
        words[count++] = bytes + i;
    _cleanup_command_line_ struct command_line line = {0};
    _cleanup_error_ struct error *err = NULL;
    int r = command_line_parse(commands, count, words, &line, &err);
    assert(r == 0 ? !err : err && err->code == ERROR_INVALID && *err->message);
    return 0;
}
