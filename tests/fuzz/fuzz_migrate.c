// SPDX-License-Identifier: Apache-2.0
// Files of other programs, through every map and into every format of the embedded knowledge: each key gets a row, and
// what is written can be read again.
#include "base/text.h"
#include "doc/emit.h"
#include "doc/load.h"
#include "migrate/convert.h"
#include "migrate/migration_write.h"
#include "model/embedded.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct doc *embedded(struct arena *arena, const char *path) {
    _cleanup_error_ struct error *err = NULL;
    const struct embedded_file *file = embedded_find(&embedded_knowledge, path);
    const struct doc *doc = NULL;
    assert(file && embedded_document(arena, file, path, &doc, &err) == 0);
    return doc;
}

static void convert(struct arena *arena, const struct doc *doc, const char *to) {
    struct formats formats;
    struct report report;
    _cleanup_error_ struct error *err = NULL, *refused = NULL, *unreadable = NULL;
    _cleanup_text_ struct text out = {0};
    const struct doc *target = NULL, *converted = NULL, *again = NULL;
    report_init(&report, arena, "MigrationReport");
    assert(formats_open(embedded(arena, "migrate/documents.yaml"), &formats, &err) == 0);
    assert(formats_find(&formats, to, &target, &err) == 0);
    if (convert_document(&report, &formats, target, "in", doc, &converted, &refused) < 0)
        return;
    assert(report.count > 0);
    doc_emit(converted, EMIT_JSON, &out);
    assert(doc_load_buffer(arena, text_str(&out), out.length, "out", DOC_FORMAT_JSON, NULL, &again, &unreadable) == 0);
}

static void migrate(struct arena *arena, const struct doc *doc, const char *map) {
    static const struct recipe empty;
    const struct migration_input input = {.file = doc};
    const struct migration_knowledge knowledge = {.recipe = &empty};
    struct mapping *mapping = NULL;
    struct migration *migration = NULL;
    _cleanup_error_ struct error *err = NULL;
    _cleanup_text_ struct text out = {0};
    assert(mapping_open(arena, embedded(arena, map), &mapping, &err) == 0);
    if (migration_read(arena, mapping, &input, &migration, &err) < 0 ||
        migration_judge(migration, &knowledge, &err) < 0)
        return;
    assert(migration->report.count >= migration->given.count);
    migration_commands(migration, &(struct migration_context){0}, &out);
    migration_text(migration, &(struct migration_context){0}, &out);
    doc_emit(migration_document(migration, &(struct migration_context){0}), EMIT_YAML, &out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const formats[] = {"cns", "aicr", "aicr-alpha", "cnsctl"};
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    const struct doc_limits limits = {.depth = 32, .alias_events = 1000};
    const struct doc *doc = NULL;
    if (doc_load_buffer(arena, (const char *)data, size, "in", DOC_FORMAT_AUTO, &limits, &doc, &err) < 0)
        return 0;
    for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
        convert(arena, doc, formats[i]);
    migrate(arena, doc, "migrate/cns-v1.yaml");
    migrate(arena, doc, "migrate/aicr-config.yaml");
    return 0;
}
