// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "base/text.h"
#include "doc/alias.h"
#include "doc/yaml_reader.h"

// libyaml's events become ours one by one, with its own text, so that nothing is copied. What YAML allows and we do not
// (keys that are no text, merge keys, documents after the first) ends here with a position.

#define NO_ANCHOR SIZE_MAX
// More tag directives than anyone writes: libyaml compares each with all before.
#define TAG_DIRECTIVE_LIMIT 1000
// A replayed text counts as one event more per so many bytes, or one long text could be repeated without end.
#define ALIAS_BYTES_PER_EVENT 256

// --- input ---

static int count_tag_directives(struct yaml_reader *reader, const char *bytes, size_t length) {
    for (const char *p = bytes, *end = bytes + length; p < end && (p = memchr(p, '%', (size_t)(end - p))); p++) {
        bool is_first = p == bytes ? reader->is_after_newline : p[-1] == '\n' || p[-1] == '\r';
        if (is_first && ++reader->tag_directives > TAG_DIRECTIVE_LIMIT)
            return error_set(&reader->input_error, ERROR_LIMIT, "%s: has more than %d lines that begin with %%",
                             reader->request->name, TAG_DIRECTIVE_LIMIT);
    }
    reader->is_after_newline = length ? bytes[length - 1] == '\n' || bytes[length - 1] == '\r' : false;
    return 0;
}

// libyaml asks for input here; 0 tells it that reading failed.
static int give_input(void *context, unsigned char *buffer, size_t size, size_t *size_read) {
    struct yaml_reader *reader = context;
    struct read_request *request = reader->request;
    *size_read = 0;
    if (reader->chunk)
        yaml_advance(reader->chunk, reader->chunk_length, &reader->chunk_line, &reader->chunk_column);
    reader->chunk_offset += reader->chunk_length;
    reader->chunk_length = 0;
    if (request->start == request->end) {
        ssize_t got = read_more(request, request->window, request->capacity, &reader->input_error);
        if (got < 0)
            return 0;
        request->start = 0;
        request->end = (size_t)got;
    }
    const char *bytes = request->window + request->start;
    size_t part = MIN(size, request->end - request->start);
    if (count_tag_directives(reader, bytes, part) < 0)
        return 0;
    memcpy(buffer, bytes, part);
    request->start += part;
    reader->chunk = bytes;
    reader->chunk_length = part;
    *size_read = part;
    return 1;
}

// --- one event on its way to the sink ---

static int refuse(struct yaml_reader *reader, const struct doc_event *event, const char *what, const char *hint,
                  struct error **err) {
    read_error(reader->request, err, ERROR_INVALID, event->origin.line, event->origin.column, "%s", what);
    return error_hint(err, "%s", hint);
}

static int refuse_merge(struct yaml_reader *reader, const struct doc_event *event, struct error **err) {
    return refuse(reader, event, "the merge key << is not part of YAML 1.2 and is not followed",
                  "write the members out, or quote \"<<\" where a key of that name is meant", err);
}

// Where a node stands: as a key, or as a value.
static int place_node(struct yaml_reader *reader, struct doc_event *event, struct level *parent, struct error **err) {
    bool is_collection = event->kind != DOC_EVENT_SCALAR;
    if (!parent->is_map) {
        if (parent->is_merge_list && event->kind == DOC_EVENT_MAP_START)
            return refuse_merge(reader, event, err);
    } else if (parent->expects_key) {
        if (is_collection)
            return refuse(reader, event, "a key must be text, not a list or a map",
                          "text that begins with { or [ needs quotes", err);
        event->kind = DOC_EVENT_KEY;
        parent->expects_key = false;
        parent->is_merge = event->is_plain && event->length == 2 && memcmp(event->text, "<<", 2) == 0;
    } else {
        if (parent->is_merge && event->kind == DOC_EVENT_MAP_START)
            return refuse_merge(reader, event, err);
        parent->expects_key = true;
    }
    return 0;
}

static int open_level(struct yaml_reader *reader, const struct doc_event *event, size_t anchor, struct error **err) {
    const struct level *parent = reader->depth ? &reader->levels[reader->depth - 1] : NULL;
    if (reader->depth == reader->request->depth_limit)
        return read_error(reader->request, err, ERROR_LIMIT, event->origin.line, event->origin.column,
                          "nested more than %u levels deep", reader->request->depth_limit);
    bool is_map = event->kind == DOC_EVENT_MAP_START;
    reader->levels[reader->depth++] = (struct level){
        .is_map = is_map,
        .expects_key = is_map,
        .is_merge_list = !is_map && parent && parent->is_map && parent->is_merge,
        .anchor = anchor,
    };
    return 0;
}

static int deliver(struct yaml_reader *reader, struct doc_event *event, const char *anchor, struct error **err) {
    size_t number = NO_ANCHOR;
    bool is_end = event->kind == DOC_EVENT_MAP_END || event->kind == DOC_EVENT_LIST_END;
    if (anchor) {
        if (!reader->log)
            reader->log = alias_log_new(reader->request->alias_limit);
        number = alias_log_open(reader->log, anchor);
    }
    if (reader->log && alias_log_is_recording(reader->log))
        alias_log_add(reader->log, event);
    int r = 0;
    if (is_end) {
        number = reader->levels[--reader->depth].anchor;
    } else {
        bool is_collection = event->kind != DOC_EVENT_SCALAR;
        if (reader->depth)
            r = place_node(reader, event, &reader->levels[reader->depth - 1], err);
        if (r == 0 && is_collection) {
            r = open_level(reader, event, number, err);
            number = NO_ANCHOR;
        }
    }
    if (r < 0)
        return r;
    if (number != NO_ANCHOR)
        alias_log_close(reader->log, number);
    r = reader->request->sink->event(reader->request->sink->context, event, err);
    reader->request->has_sink_failed = r < 0;
    return r;
}

// --- aliases ---

static int unknown_alias(struct yaml_reader *reader, const char *name, struct doc_origin origin, struct error **err) {
    read_error(reader->request, err, ERROR_INVALID, origin.line, origin.column,
               "alias *%s: no anchor &%s stands before it", name, name);
    const char *nearest = reader->log ? alias_log_suggest(reader->log, name) : NULL;
    if (nearest)
        return error_hint(err, "did you mean *%s? Text that begins with * needs quotes", nearest);
    return error_hint(err, "text that begins with * needs quotes");
}

static int alias_limit(struct yaml_reader *reader, struct doc_origin origin, struct error **err) {
    return read_error(reader->request, err, ERROR_LIMIT, origin.line, origin.column,
                      "aliases repeat more than %zu values", reader->request->alias_limit);
}

static int replay(struct yaml_reader *reader, const char *name, struct doc_origin origin, struct error **err) {
    const struct alias_range *found = reader->log ? alias_log_find(reader->log, name) : NULL;
    if (!found)
        return unknown_alias(reader, name, origin, err);
    struct alias_range range = *found;
    if (range.is_open)
        return read_error(reader->request, err, ERROR_INVALID, origin.line, origin.column,
                          "alias *%s stands inside the value that it repeats", name);
    if (range.is_too_large)
        return alias_limit(reader, origin, err);
    for (size_t i = range.start; i < range.end; i++) {
        struct doc_event event = alias_log_event(reader->log, i);
        reader->replayed += 1 + event.length / ALIAS_BYTES_PER_EVENT;
        if (reader->replayed > reader->request->alias_limit)
            return alias_limit(reader, origin, err);
        int r = deliver(reader, &event, NULL, err);
        if (r < 0)
            return r;
    }
    return 0;
}

// --- scalars and tags ---

#define CORE_TAG "tag:yaml.org,2002:"

static int wrong_tag(struct yaml_reader *reader, const struct doc_event *event, const char *tag, struct error **err) {
    return read_error(reader->request, err, ERROR_INVALID, event->origin.line, event->origin.column,
                      "the value is tagged !!%s but is not one", tag + strlen(CORE_TAG));
}

// !!str makes text, !!int and the like must fit what stands there; a tag nobody defined leaves text as it is.
static int apply_tag(struct yaml_reader *reader, struct doc_event *event, const char *tag, struct error **err) {
    static const struct {
        const char *name;
        enum doc_kind kind;
    } kinds[] = {{"null", DOC_NULL}, {"bool", DOC_BOOL}, {"int", DOC_INT}, {"float", DOC_FLOAT}};
    event->scalar = DOC_STRING;
    event->is_plain = false;
    if (strncmp(tag, CORE_TAG, strlen(CORE_TAG)) != 0)
        return 0;
    const char *name = tag + strlen(CORE_TAG);
    if (str_eq(name, "map") || str_eq(name, "seq"))
        return wrong_tag(reader, event, tag, err);
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (!str_eq(name, kinds[i].name))
            continue;
        enum doc_kind kind = doc_resolve_plain(event->text, event->length, NULL, NULL);
        if (kind != kinds[i].kind && !(kind == DOC_INT && kinds[i].kind == DOC_FLOAT))
            return wrong_tag(reader, event, tag, err);
        event->scalar = kinds[i].kind;
        event->is_plain = true;
    }
    return 0;
}

// libyaml drops the non-specific tag "!", which makes text of what follows; only the gap before the text tells.
static bool has_hidden_tag(const yaml_event_t *event) {
    return !event->data.scalar.anchor && event->start_mark.line == event->end_mark.line &&
           event->end_mark.column - event->start_mark.column != event->data.scalar.length;
}

static int scalar_event(struct yaml_reader *reader, const yaml_event_t *source, struct doc_origin origin,
                        struct error **err) {
    struct doc_event event = {
        .kind = DOC_EVENT_SCALAR,
        .scalar = DOC_STRING,
        .text = (const char *)source->data.scalar.value,
        .length = source->data.scalar.length,
        .origin = origin,
    };
    if (source->data.scalar.tag) {
        int r = apply_tag(reader, &event, (const char *)source->data.scalar.tag, err);
        if (r < 0)
            return r;
    } else if (source->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
        event.is_plain = true;
        event.scalar = doc_resolve_plain(event.text, event.length, NULL, NULL);
        if (event.scalar != DOC_STRING && has_hidden_tag(source)) {
            event.scalar = DOC_STRING;
            event.is_plain = false;
        }
    }
    return deliver(reader, &event, (const char *)source->data.scalar.anchor, err);
}

static int collection_event(struct yaml_reader *reader, enum doc_event_kind kind, const yaml_char_t *tag,
                            const yaml_char_t *anchor, struct doc_origin origin, struct error **err) {
    static const char *const scalar_tags[] = {"str", "null", "bool", "int", "float"};
    struct doc_event event = {.kind = kind, .origin = origin};
    const char *name = tag && strncmp((const char *)tag, CORE_TAG, strlen(CORE_TAG)) == 0
                           ? (const char *)tag + strlen(CORE_TAG)
                           : NULL;
    if (name && str_eq(name, kind == DOC_EVENT_MAP_START ? "seq" : "map"))
        return wrong_tag(reader, &event, (const char *)tag, err);
    for (size_t i = 0; name && i < ARRAY_SIZE(scalar_tags); i++)
        if (str_eq(name, scalar_tags[i]))
            return wrong_tag(reader, &event, (const char *)tag, err);
    return deliver(reader, &event, (const char *)anchor, err);
}

static int translate(struct yaml_reader *reader, const yaml_event_t *event, struct error **err) {
    struct doc_origin origin = {reader->request->name, (uint32_t)event->start_mark.line + 1,
                                (uint32_t)event->start_mark.column + 1};
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return scalar_event(reader, event, origin, err);
    case YAML_ALIAS_EVENT:
        return replay(reader, (const char *)event->data.alias.anchor, origin, err);
    case YAML_MAPPING_START_EVENT:
        return collection_event(reader, DOC_EVENT_MAP_START, event->data.mapping_start.tag,
                                event->data.mapping_start.anchor, origin, err);
    case YAML_SEQUENCE_START_EVENT:
        return collection_event(reader, DOC_EVENT_LIST_START, event->data.sequence_start.tag,
                                event->data.sequence_start.anchor, origin, err);
    case YAML_MAPPING_END_EVENT:
        return deliver(reader, &(struct doc_event){.kind = DOC_EVENT_MAP_END, .origin = origin}, NULL, err);
    case YAML_SEQUENCE_END_EVENT:
        return deliver(reader, &(struct doc_event){.kind = DOC_EVENT_LIST_END, .origin = origin}, NULL, err);
    default:
        return 0;
    }
}

// --- documents ---

static int end_document(struct yaml_reader *reader, struct error **err) {
    // Anchors end with their document.
    alias_log_free(reader->log);
    reader->log = NULL;
    return reader->request->document ? reader->request->document(reader->request->document_context, err) : 0;
}

static int several_documents(struct yaml_reader *reader, const yaml_event_t *event, struct error **err) {
    read_error(reader->request, err, ERROR_INVALID, event->start_mark.line + 1, event->start_mark.column + 1,
               "a second document begins here; one is expected");
    return error_hint(err, "put each document into a file of its own, and leave no '---' at the end");
}

static int read_stream(struct yaml_reader *reader, struct error **err) {
    for (size_t documents = 0;;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reader->parser, &event))
            return yaml_parser_failed(reader, err);
        int r = 0;
        bool is_end = event.type == YAML_STREAM_END_EVENT;
        if (event.type == YAML_DOCUMENT_START_EVENT && documents++ && !reader->request->document)
            r = several_documents(reader, &event, err);
        else if (event.type == YAML_DOCUMENT_END_EVENT)
            r = end_document(reader, err);
        else if (is_end && documents == 0 && !reader->request->document)
            r = error_set(err, ERROR_INVALID, "%s: holds no document, only comments or white space",
                          reader->request->name);
        else
            r = translate(reader, &event, err);
        yaml_event_delete(&event);
        if (r < 0 || is_end)
            return r;
    }
}

int yaml_read(struct read_request *request, struct error **err) {
    struct yaml_reader reader = {
        .request = request,
        .chunk_offset = request->start,
        .chunk_line = 1,
        .chunk_column = 1,
        .is_after_newline = true,
    };
    if (!yaml_parser_initialize(&reader.parser))
        return error_set(err, ERROR_INTERNAL, "%s: libyaml ran out of memory", request->name);
    reader.levels = xcalloc(request->depth_limit, sizeof *reader.levels);
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input(&reader.parser, give_input, &reader);
    int r = read_stream(&reader, err);
    yaml_parser_delete(&reader.parser);
    alias_log_free(reader.log);
    error_free(reader.input_error);
    free(reader.levels);
    return r;
}
