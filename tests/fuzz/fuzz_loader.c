// SPDX-License-Identifier: Apache-2.0
// Bytes as a document, in the format that the first byte picks: whatever loads must come back the same from each of our
// formats, the canonical form must not depend on the way, and a stream must say what the tree says.
#include "doc/canonical.h"
#include "doc/emit.h"
#include "doc/load.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct doc_limits limits = {.size = 1024 * 1024, .alias_events = 2000};

static void fail(const char *what, const struct text *text) {
    fprintf(stderr, "%s:\n%s\n", what, text_str(text));
    abort();
}

// JSON has no NaN and no infinities, which become text.
static bool has_named_number(const struct doc *doc) {
    if (doc->kind == DOC_FLOAT)
        return !isfinite(doc->real) && strpbrk(doc->text, "nN");
    // An octal or hexadecimal number beyond 64 bits is rounded.
    if (doc->kind == DOC_INT)
        return doc->integer == INT64_MAX && strpbrk(doc->text, "xo");
    DOC_FOREACH_ITEM(item, doc)
    if (has_named_number(item))
        return true;
    DOC_FOREACH_MEMBER(member, doc)
    if (has_named_number(member->value))
        return true;
    return false;
}

static void check_way(const struct doc *doc, enum emit_format format, enum doc_format back) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    _cleanup_text_ struct text out = {0}, again = {0};
    const struct doc *reloaded = NULL;
    doc_emit(doc, format, &out);
    if (doc_load_buffer(arena, out.bytes, out.length, "out", back, NULL, &reloaded, &err) < 0)
        fail(err->message, &out);
    if (!doc_equal(doc, reloaded))
        fail("another value came back", &out);
    doc_emit(reloaded, format, &again);
    if (again.length != out.length || memcmp(again.bytes, out.bytes, out.length) != 0)
        fail("written differently the second time", &out);
}

static int to_emitter(void *context, const struct doc_event *event, struct error **err) {
    return emitter_event(context, event, err);
}

static int collect(void *context, const char *bytes, size_t length, struct error **err _unused_) {
    text_add_bytes(context, bytes, length);
    return 0;
}

static void check_stream(const uint8_t *data, size_t size, enum doc_format format, const struct doc *doc) {
    _cleanup_error_ struct error *err = NULL;
    _cleanup_text_ struct text tree = {0}, stream = {0};
    _cleanup_emitter_ struct emitter *emitter = emitter_new(EMIT_YAML, collect, &stream);
    struct doc_sink sink = {.event = to_emitter, .context = emitter};
    doc_emit(doc, EMIT_YAML, &tree);
    if (doc_read_events_buffer((const char *)data, size, "f", format, &limits, &sink, &err) < 0 ||
        emitter_finish(emitter, &err) < 0)
        fail(err->message, &tree);
    if (!str_eq(text_str(&stream), text_str(&tree)))
        fail("the stream differs from the tree", &stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL, *canonical_error = NULL;
    _cleanup_text_ struct text table = {0}, canonical = {0};
    const struct doc *doc = NULL, *list = NULL;
    if (size == 0)
        return 0;
    enum doc_format format = (enum doc_format)(data[0] % 3);
    data++;
    size--;
    if (doc_load_all_buffer(arena, (const char *)data, size, "f", &limits, &list, &err) < 0) {
        error_free(err);
        err = NULL;
    }
    if (doc_load_buffer(arena, (const char *)data, size, "f", format, &limits, &doc, &err) < 0)
        return 0;
    check_way(doc, EMIT_YAML, DOC_FORMAT_YAML);
    check_way(doc, EMIT_YAML, DOC_FORMAT_AUTO);
    if (!has_named_number(doc)) {
        check_way(doc, EMIT_JSON, DOC_FORMAT_JSON);
        check_way(doc, EMIT_JSON_COMPACT, DOC_FORMAT_AUTO);
    }
    check_stream(data, size, format, doc);
    doc_emit_table(doc, &table);
    (void)!doc_canonical(doc, &canonical, &canonical_error);
    return 0;
}
