// SPDX-License-Identifier: Apache-2.0
#include "doc/load.h"

#include "base/text.h"
#include "doc/emit.h"
#include "doc/reader.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>

// A message shows so much of a key, with control characters as escapes.
#define LONGEST_SHOWN_KEY ((size_t)200)

struct doc_builder {
    struct arena *arena;
    const struct doc *result;
    struct doc **open; // containers that are not complete, outermost first
    size_t depth, capacity;
};

struct doc_builder *doc_builder_new(struct arena *arena) {
    struct doc_builder *builder = arena_new_object(arena, struct doc_builder);
    builder->arena = arena;
    return builder;
}

const struct doc *doc_builder_result(const struct doc_builder *builder) {
    return builder->depth ? NULL : builder->result;
}

static int duplicate_key(const struct doc *map, const struct doc_event *event, struct error **err) {
    const struct doc_member *first = doc_member(map, event->text, event->length);
    _cleanup_text_ struct text shown = {0};
    doc_emit_json_string(event->text, event->length, &shown);
    doc_error(err, ERROR_INVALID, event->origin, "duplicate key '%.*s'; it was set at line %" PRIu32 " already",
              (int)MIN(shown.length - 2, LONGEST_SHOWN_KEY), shown.bytes + 1, first->key_origin.line);
    return error_hint(err, "remove one of the two, or give it another name");
}

static int add_key(struct doc_builder *builder, const struct doc_event *event, struct error **err) {
    // Stands in until the value comes, so that the key is looked up only once.
    static const struct doc pending = {.kind = DOC_NULL, .text = ""};
    struct doc *map = builder->open[builder->depth - 1];
    if (doc_map_add(builder->arena, map, event->text, event->length, event->origin, &pending))
        return 0;
    return duplicate_key(map, event, err);
}

static void attach(struct doc_builder *builder, struct doc *doc) {
    if (!builder->depth) {
        builder->result = doc;
        return;
    }
    struct doc *parent = builder->open[builder->depth - 1];
    if (parent->kind == DOC_LIST)
        doc_list_add(builder->arena, parent, doc);
    else
        parent->map.members[parent->map.count - 1].value = doc;
}

static void open_container(struct doc_builder *builder, struct doc *doc) {
    attach(builder, doc);
    if (builder->depth == builder->capacity) {
        size_t larger = builder->capacity ? builder->capacity * 2 : 16;
        builder->open = arena_grow(builder->arena, builder->open, builder->capacity * sizeof(struct doc *),
                                   larger * sizeof(struct doc *));
        builder->capacity = larger;
    }
    builder->open[builder->depth++] = doc;
}

static struct doc *new_scalar(struct arena *arena, const struct doc_event *event) {
    struct doc *doc = event->is_plain ? doc_new_plain(arena, event->text, event->length)
                                      : doc_new_string_bytes(arena, event->text, event->length);
    // Only a tag makes the kind differ from what the text says.
    if (doc->kind == DOC_INT && event->scalar == DOC_FLOAT) {
        double real = NAN;
        doc_to_double(doc, &real);
        doc->real = real;
    }
    doc->kind = event->scalar;
    return doc;
}

int doc_builder_event(void *context, const struct doc_event *event, struct error **err) {
    struct doc_builder *builder = context;
    struct doc *doc = NULL;
    switch (event->kind) {
    case DOC_EVENT_KEY:
        return add_key(builder, event, err);
    case DOC_EVENT_MAP_END:
    case DOC_EVENT_LIST_END:
        assert(builder->depth);
        builder->depth--;
        return 0;
    case DOC_EVENT_MAP_START:
        doc = doc_new_map(builder->arena);
        break;
    case DOC_EVENT_LIST_START:
        doc = doc_new_list(builder->arena);
        break;
    case DOC_EVENT_SCALAR:
        doc = new_scalar(builder->arena, event);
        break;
    }
    doc->origin = event->origin;
    if (event->kind == DOC_EVENT_SCALAR)
        attach(builder, doc);
    else
        open_container(builder, doc);
    return 0;
}

int doc_load(struct arena *arena, const struct doc_input *input, enum doc_format format,
             const struct doc_limits *limits, const struct doc **ret, struct error **err) {
    struct doc_builder *builder = doc_builder_new(arena);
    struct doc_sink sink = {.event = doc_builder_event, .context = builder};
    struct doc_input named = *input;
    named.name = arena_strdup(arena, input->name ? input->name : "input");
    int r = doc_read_events(&named, format, limits, &sink, err);
    if (r < 0)
        return r;
    *ret = doc_builder_result(builder);
    return 0;
}

int doc_load_buffer(struct arena *arena, const char *bytes, size_t length, const char *name, enum doc_format format,
                    const struct doc_limits *limits, const struct doc **ret, struct error **err) {
    struct doc_builder *builder = doc_builder_new(arena);
    struct doc_sink sink = {.event = doc_builder_event, .context = builder};
    const char *copy = arena_strdup(arena, name ? name : "input");
    int r = doc_read_events_buffer(bytes, length, copy, format, limits, &sink, err);
    if (r < 0)
        return r;
    *ret = doc_builder_result(builder);
    return 0;
}

struct collection {
    struct doc_builder *builder;
    struct doc *list;
};

static int collect_document(void *context, struct error **err _unused_) {
    struct collection *collection = context;
    const struct doc *doc = doc_builder_result(collection->builder);
    bool is_empty = doc_is(doc, DOC_NULL) && doc->is_plain && doc->length == 0;
    if (doc && !is_empty)
        doc_list_add(collection->builder->arena, collection->list, doc);
    return 0;
}

int doc_load_all_buffer(struct arena *arena, const char *bytes, size_t length, const char *name,
                        const struct doc_limits *limits, const struct doc **ret, struct error **err) {
    struct collection collection = {.builder = doc_builder_new(arena), .list = doc_new_list(arena)};
    struct doc_sink sink = {.event = doc_builder_event, .context = collection.builder};
    struct doc_documents documents = {.sink = &sink, .end = collect_document, .context = &collection};
    const char *copy = arena_strdup(arena, name ? name : "input");
    int r = doc_read_all_events(&documents, bytes, length, copy, limits, err);
    if (r < 0)
        return r;
    collection.list->origin = (struct doc_origin){.source = copy, .line = 1, .column = 1};
    *ret = collection.list;
    return 0;
}
