// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "base/text.h"
#include "base/vec.h"
#include "doc/load.h"
#include "model/api_version.h"
#include "model/snapshot.h"
#include "model/snapshot_header.h"

#include <stdlib.h>

// Where in the document the next event belongs.
enum place {
    PLACE_START,
    PLACE_TOP,          // keys of the document
    PLACE_MEASUREMENTS, // items of measurements
    PLACE_MEASUREMENT,
    PLACE_SUBTYPES,
    PLACE_SUBTYPE,
    PLACE_DATA,
    PLACE_CONTEXT,
    PLACE_TREE,    // inside a part that becomes a tree
    PLACE_SKIPPED, // inside what we do not know
    PLACE_END,
};

enum shape { SHAPE_TEXT, SHAPE_LIST, SHAPE_MAP, SHAPE_TREE };

enum member_name {
    MEMBER_KIND,
    MEMBER_API_VERSION,
    MEMBER_METADATA,
    MEMBER_MEASUREMENTS,
    MEMBER_COLLECTORS,
    MEMBER_REDACTED,
    MEMBER_TYPE,
    MEMBER_SUBTYPES,
    MEMBER_SUBTYPE,
    MEMBER_DATA,
    MEMBER_CONTEXT,
    MEMBER_COUNT,
    MEMBER_UNKNOWN,
};

static const struct member {
    const char *key;
    enum place place; // where the key stands
    enum shape shape;
    enum place inside; // of lists and maps
} members[MEMBER_COUNT] = {
    [MEMBER_KIND] = {"kind", PLACE_TOP, SHAPE_TEXT},
    [MEMBER_API_VERSION] = {"apiVersion", PLACE_TOP, SHAPE_TEXT},
    [MEMBER_METADATA] = {"metadata", PLACE_TOP, SHAPE_TREE},
    [MEMBER_MEASUREMENTS] = {"measurements", PLACE_TOP, SHAPE_LIST, PLACE_MEASUREMENTS},
    [MEMBER_COLLECTORS] = {"collectors", PLACE_TOP, SHAPE_TREE},
    [MEMBER_REDACTED] = {"redacted", PLACE_TOP, SHAPE_TREE},
    [MEMBER_TYPE] = {"type", PLACE_MEASUREMENT, SHAPE_TEXT},
    [MEMBER_SUBTYPES] = {"subtypes", PLACE_MEASUREMENT, SHAPE_LIST, PLACE_SUBTYPES},
    [MEMBER_SUBTYPE] = {"subtype", PLACE_SUBTYPE, SHAPE_TEXT},
    [MEMBER_DATA] = {"data", PLACE_SUBTYPE, SHAPE_MAP, PLACE_DATA},
    [MEMBER_CONTEXT] = {"context", PLACE_SUBTYPE, SHAPE_MAP, PLACE_CONTEXT},
};

struct reader {
    struct snapshot *snapshot;
    enum place place;
    enum place resume;                     // after PLACE_TREE and PLACE_SKIPPED
    unsigned depth;                        // inside those
    enum member_name member;               // whose value comes next
    unsigned seen;                         // bit per enum member_name: keys of the maps that are open
    struct map unknown[PLACE_SUBTYPE + 1]; // other keys, by the place of their map
    struct doc_builder *builder;

    const char *type; // of the measurement that is open
    struct doc_origin measurement_origin, subtype_origin;
    struct subtype *subtype;   // that is open
    struct subtype **subtypes; // of the measurement that is open
    size_t subtype_count, subtype_capacity;
    struct subtype *context; // its readings become the context of `subtype`
    struct reading reading;  // whose key has come
};

static const char *event_name(const struct doc_event *event) {
    switch (event->kind) {
    case DOC_EVENT_MAP_START:
        return "map";
    case DOC_EVENT_LIST_START:
        return "list";
    default:
        return doc_kind_name(event->scalar);
    }
}

static bool is_null(const struct doc_event *event) {
    return event->kind == DOC_EVENT_SCALAR && event->scalar == DOC_NULL;
}

// --- texts of the document's head ---

static int check_kind(const struct doc_event *event, struct error **err) {
    if (str_eq_ignore_case(event->text, "Snapshot"))
        return 0;
    doc_error(err, ERROR_INVALID, event->origin, "this document is a %s, where a snapshot (kind Snapshot) is expected",
              event->text);
    if (str_eq_ignore_case(event->text, "RecipeResult"))
        return error_hint(err, "it is a recipe: give it to --recipe, and the snapshot to --snapshot");
    return error_hint(err, "cnsctl snapshot makes a snapshot");
}

static int check_api_version(const struct doc_event *event, struct error **err) {
    if (api_version_is_known(event->text))
        return 0;
    return doc_error(err, ERROR_INVALID, event->origin,
                     "apiVersion '%s' is unknown; snapshots of " API_VERSIONS_READ " can be read", event->text);
}

static int take_text(struct reader *reader, const struct doc_event *event, struct error **err) {
    if (event->kind != DOC_EVENT_SCALAR)
        return doc_error(err, ERROR_INVALID, event->origin, "%s must be a text, not a %s", members[reader->member].key,
                         event_name(event));
    const char *text = arena_strndup(reader->snapshot->arena, event->text, event->length);
    switch (reader->member) {
    case MEMBER_KIND:
        return check_kind(event, err);
    case MEMBER_API_VERSION:
        reader->snapshot->api_version = text;
        return check_api_version(event, err);
    case MEMBER_TYPE:
        reader->type = text;
        return 0;
    default:
        reader->subtype->name = text;
        return 0;
    }
}

// --- parts that become trees, parts that are passed over ---

static int finish_tree(struct reader *reader, struct error **err) {
    const struct doc *tree = doc_builder_result(reader->builder);
    reader->builder = NULL;
    switch (reader->member) {
    case MEMBER_METADATA:
        return snapshot_read_metadata(reader->snapshot, tree, err);
    case MEMBER_COLLECTORS:
        return snapshot_read_collectors(reader->snapshot, tree, err);
    default:
        return snapshot_read_redacted(reader->snapshot, tree, err);
    }
}

static bool is_start(const struct doc_event *event) {
    return event->kind == DOC_EVENT_MAP_START || event->kind == DOC_EVENT_LIST_START;
}

static bool is_end(const struct doc_event *event) {
    return event->kind == DOC_EVENT_MAP_END || event->kind == DOC_EVENT_LIST_END;
}

// One event of a value; true when it was the value's last.
static bool step_over(struct reader *reader, const struct doc_event *event) {
    reader->depth += is_start(event);
    reader->depth -= is_end(event);
    return reader->depth == 0 && event->kind != DOC_EVENT_KEY;
}

static int on_tree(struct reader *reader, const struct doc_event *event, struct error **err) {
    int r = doc_builder_event(reader->builder, event, err);
    if (r < 0 || !step_over(reader, event))
        return r;
    reader->place = reader->resume;
    return finish_tree(reader, err);
}

static void on_skipped(struct reader *reader, const struct doc_event *event) {
    if (step_over(reader, event))
        reader->place = reader->resume;
}

// --- keys and values of the fixed maps ---

static int duplicate_key(const struct doc_event *event, struct error **err) {
    return doc_error(err, ERROR_INVALID, event->origin, "key '%s' is there twice", event->text);
}

static int on_key(struct reader *reader, const struct doc_event *event, struct error **err) {
    for (size_t i = 0; i < MEMBER_COUNT; i++)
        if (members[i].place == reader->place && str_eq_bytes(event->text, event->length, members[i].key)) {
            if (reader->seen & 1U << i)
                return duplicate_key(event, err);
            reader->seen |= 1U << i;
            reader->member = (enum member_name)i;
            return 0;
        }
    reader->member = MEMBER_UNKNOWN;
    const char *key = arena_strndup(reader->snapshot->arena, event->text, event->length);
    return map_put_bytes(&reader->unknown[reader->place], key, event->length, NULL) ? 0 : duplicate_key(event, err);
}

static int enter_tree(struct reader *reader, const struct doc_event *event, struct error **err) {
    reader->resume = reader->place;
    reader->place = PLACE_TREE;
    reader->builder = doc_builder_new(reader->snapshot->arena);
    return on_tree(reader, event, err);
}

static void enter_unknown(struct reader *reader, const struct doc_event *event) {
    reader->resume = reader->place;
    reader->place = PLACE_SKIPPED;
    on_skipped(reader, event);
}

static int on_value(struct reader *reader, const struct doc_event *event, struct error **err) {
    if (reader->member == MEMBER_UNKNOWN) {
        enter_unknown(reader, event);
        return 0;
    }
    const struct member *member = &members[reader->member];
    if (member->shape == SHAPE_TREE)
        return enter_tree(reader, event, err);
    if (is_null(event))
        return 0;
    if (member->shape == SHAPE_TEXT)
        return take_text(reader, event, err);
    if (event->kind != (member->shape == SHAPE_LIST ? DOC_EVENT_LIST_START : DOC_EVENT_MAP_START))
        return doc_error(err, ERROR_INVALID, event->origin, "%s must be a %s, not a %s", member->key,
                         member->shape == SHAPE_LIST ? "list" : "map", event_name(event));
    reader->place = member->inside;
    return 0;
}

// Forgets the keys of a map, so that the next one starts afresh.
static void forget_keys(struct reader *reader, enum place place) {
    for (size_t i = 0; i < MEMBER_COUNT; i++)
        if (members[i].place == place)
            reader->seen &= ~(1U << i);
    if (reader->unknown[place].count)
        map_done(&reader->unknown[place]);
}

// --- measurements and subtypes ---

static void start_measurement(struct reader *reader, const struct doc_event *event) {
    forget_keys(reader, PLACE_MEASUREMENT);
    reader->type = NULL;
    reader->subtype_count = 0;
    reader->measurement_origin = event->origin;
    reader->place = PLACE_MEASUREMENT;
}

static void start_subtype(struct reader *reader, const struct doc_event *event) {
    forget_keys(reader, PLACE_SUBTYPE);
    reader->subtype = subtype_new(reader->snapshot);
    reader->subtype->line = event->origin.line;
    reader->subtype_origin = event->origin;
    reader->context = NULL;
    reader->place = PLACE_SUBTYPE;
}

static int finish_subtype(struct reader *reader, struct error **err) {
    struct subtype *subtype = reader->subtype;
    if (str_is_empty(subtype->name))
        return doc_error(err, ERROR_INVALID, reader->subtype_origin, "a subtype has no name (key subtype)");
    subtype_trim(subtype);
    if (reader->context) {
        subtype_trim(reader->context);
        subtype->context = TAKE_PTR(reader->context->readings);
        subtype->context_count = reader->context->count;
    }
    VEC_GROW(reader->subtypes, reader->subtype_count, reader->subtype_capacity);
    reader->subtypes[reader->subtype_count++] = subtype;
    reader->place = PLACE_SUBTYPES;
    return 0;
}

// The type may come after the subtypes, so they are attached at the end.
static int finish_measurement(struct reader *reader, struct error **err) {
    if (str_is_empty(reader->type))
        return doc_error(err, ERROR_INVALID, reader->measurement_origin, "a measurement has no type");
    snapshot_measurement(reader->snapshot, reader->type);
    for (size_t i = 0; i < reader->subtype_count; i++) {
        struct subtype *subtype = reader->subtypes[i];
        if (snapshot_attach(reader->snapshot, reader->type, subtype))
            continue;
        const struct subtype *first = snapshot_find_subtype(reader->snapshot, reader->type, subtype->name);
        struct doc_origin origin = reader->measurement_origin;
        origin.line = subtype->line;
        return doc_error(err, ERROR_INVALID, origin, "%s.%s is there twice; the first stands in line %u", reader->type,
                         subtype->name, first->line);
    }
    reader->place = PLACE_MEASUREMENTS;
    return 0;
}

static int on_item(struct reader *reader, const struct doc_event *event, struct error **err) {
    bool are_subtypes = reader->place == PLACE_SUBTYPES;
    const char *what = are_subtypes ? "a subtype" : "a measurement";
    if (event->kind == DOC_EVENT_LIST_END) {
        reader->place = are_subtypes ? PLACE_MEASUREMENT : PLACE_TOP;
        return 0;
    }
    if (is_null(event)) {
        struct arena *arena = reader->snapshot->arena;
        snapshot_add_note(reader->snapshot, arena_printf(arena, "%s: %s is null and was passed over",
                                                         doc_origin_text(arena, event->origin), what));
        return 0;
    }
    if (event->kind != DOC_EVENT_MAP_START)
        return doc_error(err, ERROR_INVALID, event->origin, "%s must be a map, not a %s", what, event_name(event));
    if (are_subtypes)
        start_subtype(reader, event);
    else
        start_measurement(reader, event);
    return 0;
}

// --- readings ---

static int on_reading_key(struct reader *reader, const struct doc_event *event) {
    reader->reading.key = arena_strndup(reader->snapshot->arena, event->text, event->length);
    reader->reading.key_length = (uint32_t)event->length;
    return 0;
}

static int on_reading_value(struct reader *reader, struct subtype *subtype, const struct doc_event *event,
                            struct error **err) {
    struct reading *reading = &reader->reading;
    if (event->kind != DOC_EVENT_SCALAR)
        return doc_error(err, ERROR_INVALID, event->origin, "the reading '%s' must be a scalar, not a %s", reading->key,
                         event_name(event));
    reading->text = arena_strndup(reader->snapshot->arena, event->text, event->length);
    reading->text_length = (uint32_t)event->length;
    reading->line = event->origin.line;
    reading->kind = (uint8_t)event->scalar;
    reading->is_plain = event->is_plain;
    if (subtype_add(subtype, reading))
        return 0;
    return doc_error(err, ERROR_INVALID, event->origin, "key '%s' is there twice; the first stands in line %u",
                     reading->key, subtype_find_bytes(subtype, reading->key, reading->key_length)->line);
}

static int on_reading(struct reader *reader, const struct doc_event *event, struct error **err) {
    if (event->kind == DOC_EVENT_KEY)
        return on_reading_key(reader, event);
    if (event->kind == DOC_EVENT_MAP_END) {
        reader->place = PLACE_SUBTYPE;
        return 0;
    }
    if (reader->place == PLACE_DATA)
        return on_reading_value(reader, reader->subtype, event, err);
    if (!reader->context)
        reader->context = subtype_new(reader->snapshot);
    return on_reading_value(reader, reader->context, event, err);
}

// --- the whole ---

static int on_start(struct reader *reader, const struct doc_event *event, struct error **err) {
    if (event->kind != DOC_EVENT_MAP_START)
        return doc_error(err, ERROR_INVALID, event->origin, "a snapshot must be a map, not a %s", event_name(event));
    reader->place = PLACE_TOP;
    return 0;
}

static int on_map_end(struct reader *reader, struct error **err) {
    if (reader->place == PLACE_SUBTYPE)
        return finish_subtype(reader, err);
    if (reader->place == PLACE_MEASUREMENT)
        return finish_measurement(reader, err);
    reader->place = PLACE_END;
    return 0;
}

static int on_event(void *context, const struct doc_event *event, struct error **err) {
    struct reader *reader = context;
    switch (reader->place) {
    case PLACE_DATA:
    case PLACE_CONTEXT:
        return on_reading(reader, event, err);
    case PLACE_TREE:
        return on_tree(reader, event, err);
    case PLACE_SKIPPED:
        on_skipped(reader, event);
        return 0;
    case PLACE_MEASUREMENTS:
    case PLACE_SUBTYPES:
        return on_item(reader, event, err);
    case PLACE_START:
        return on_start(reader, event, err);
    default:
        break;
    }
    if (event->kind == DOC_EVENT_KEY)
        return on_key(reader, event, err);
    return event->kind == DOC_EVENT_MAP_END ? on_map_end(reader, err) : on_value(reader, event, err);
}

static int check_complete(const struct reader *reader, const char *name, struct error **err) {
    static const enum member_name needed[] = {MEMBER_KIND, MEMBER_API_VERSION, MEMBER_MEASUREMENTS};
    for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
        if (!(reader->seen & 1U << needed[i])) {
            error_set(err, ERROR_INVALID, "%s: this document has no %s, so it is no snapshot", name,
                      members[needed[i]].key);
            return error_hint(err, "cnsctl snapshot makes one: kind Snapshot, apiVersion %s, measurements",
                              API_VERSION);
        }
    return 0;
}

int snapshot_read(struct arena *arena, const struct doc_input *input, struct snapshot **ret, struct error **err) {
    struct reader reader = {.snapshot = snapshot_new(arena)};
    reader.snapshot->source = arena_strdup(arena, input->name);
    struct doc_input named = *input;
    named.name = reader.snapshot->source;
    struct doc_sink sink = {.event = on_event, .context = &reader};
    int r = doc_read_events(&named, DOC_FORMAT_AUTO, NULL, &sink, err);
    if (r == 0)
        r = check_complete(&reader, named.name, err);
    free(reader.subtypes);
    for (size_t i = 0; i < ARRAY_SIZE(reader.unknown); i++)
        map_done(&reader.unknown[i]);
    if (r == 0)
        *ret = reader.snapshot;
    return r;
}
