// SPDX-License-Identifier: Apache-2.0
// Build tool: parses the named files and writes, for each, a line with the length of its recorded form and that form.
#include "doc/record.h"
#include "base/file.h"
#include "base/log.h"
#include "doc/load.h"

#include <unistd.h>

static int record_file(const char *path, struct error **err) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_text_ struct text bytes = {0}, recorded = {0}, head = {0};
    const struct doc *doc = NULL;
    int r = file_read(path, DOC_DEFAULT_SIZE_LIMIT, &bytes, err);
    if (r == 0)
        r = doc_load_buffer(arena, text_str(&bytes), bytes.length, path, DOC_FORMAT_YAML, NULL, &doc, err);
    if (r < 0)
        return r;
    doc_record(doc, &recorded);
    text_addf(&head, "%zu\n", recorded.length);
    text_add_bytes(&head, recorded.bytes, recorded.length);
    return fd_write_all(STDOUT_FILENO, head.bytes, head.length, "standard output", err);
}

int main(int argc, char **argv) {
    log_init("record", LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
    for (int i = 1; i < argc; i++) {
        _cleanup_error_ struct error *err = NULL;
        if (record_file(argv[i], &err) < 0) {
            log_failure(err);
            return 1;
        }
    }
    return 0;
}
