// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "base/vec.h"
#include "doc/emit.h"
#include "doc/scalar.h"

#include <assert.h>

// One state machine for both formats: a collection is only remembered when it starts, since what is written first
// depends on whether anything is in it, and in YAML on where it stands.

#define FLUSH_SIZE ((size_t)32 * 1024)
// YAML readers take longer text before a colon for no key, unless a question mark announces it.
#define LONGEST_SIMPLE_KEY 900

struct level {
    bool is_map;
    size_t count;   // items, or keys
    size_t indent;  // YAML: column of its items or keys
    bool is_inline; // YAML: the first one stands behind the dash of the parent
};

struct emitter {
    enum emit_format format;
    int (*flush)(void *context, const char *bytes, size_t length, struct error **err);
    void *context;
    struct text own;
    struct text *out;
    size_t start; // length of *out before us
    struct level *levels;
    size_t depth, capacity;
    bool has_key; // a key was written, its value comes next
};

static bool is_yaml(const struct emitter *emitter) {
    return emitter->format == EMIT_YAML;
}

struct emitter *emitter_new(enum emit_format format,
                            int (*flush)(void *context, const char *bytes, size_t length, struct error **err),
                            void *context) {
    struct emitter *emitter = xcalloc(1, sizeof *emitter);
    emitter->format = format;
    emitter->flush = flush;
    emitter->context = context;
    emitter->out = &emitter->own;
    return emitter;
}

void emitter_free(struct emitter *emitter) {
    if (!emitter)
        return;
    text_done(&emitter->own);
    free(emitter->levels);
    free(emitter);
}

static int flush_now(struct emitter *emitter, struct error **err) {
    if (!emitter->flush || !emitter->out->length)
        return 0;
    int r = emitter->flush(emitter->context, emitter->out->bytes, emitter->out->length, err);
    text_truncate(emitter->out, 0);
    return r < 0 ? r : 0;
}

static inline int flush_when_large(struct emitter *emitter, struct error **err) {
    return emitter->out->length >= FLUSH_SIZE ? flush_now(emitter, err) : 0;
}

static struct level *top(struct emitter *emitter) {
    return emitter->depth ? &emitter->levels[emitter->depth - 1] : NULL;
}

static void new_line(struct emitter *emitter, size_t indent) {
    text_add_char(emitter->out, '\n');
    text_add_repeat(emitter->out, ' ', indent);
}

// --- YAML ---

static void yaml_start_entry(struct emitter *emitter, struct level *level) {
    bool is_first = level->count++ == 0;
    // The first entry of the whole document has no line before it.
    if (is_first && emitter->depth == 1)
        return;
    if (is_first && level->is_inline)
        text_add_char(emitter->out, ' ');
    else
        new_line(emitter, level->indent);
}

static void yaml_key(struct emitter *emitter, struct level *level, const char *key, size_t length) {
    yaml_start_entry(emitter, level);
    size_t before = emitter->out->length;
    scalar_add_yaml_text(key, length, emitter->out);
    if (emitter->out->length - before <= LONGEST_SIMPLE_KEY) {
        text_add_char(emitter->out, ':');
        return;
    }
    text_truncate(emitter->out, before);
    text_add(emitter->out, "? ");
    scalar_add_yaml_text(key, length, emitter->out);
    new_line(emitter, level->indent);
    text_add_char(emitter->out, ':');
}

// Everything in front of a value but the space; returns the indent of what belongs to it.
static size_t yaml_before_value(struct emitter *emitter, struct level *level) {
    if (!level)
        return 0;
    if (!level->is_map) {
        yaml_start_entry(emitter, level);
        text_add_char(emitter->out, '-');
    }
    return level->indent + 2;
}

static void yaml_scalar(struct emitter *emitter, struct level *level, const struct doc *scalar) {
    size_t indent = yaml_before_value(emitter, level);
    if (level)
        text_add_char(emitter->out, ' ');
    scalar_add_yaml_value(scalar, level ? indent : 2, emitter->out);
}

// --- JSON ---

static void json_start_entry(struct emitter *emitter, struct level *level) {
    if (level->count++)
        text_add_char(emitter->out, ',');
    if (emitter->format == EMIT_JSON)
        new_line(emitter, 2 * emitter->depth);
}

static void json_before_value(struct emitter *emitter, struct level *level) {
    if (level && !level->is_map)
        json_start_entry(emitter, level);
}

static void json_key(struct emitter *emitter, struct level *level, const char *key, size_t length) {
    json_start_entry(emitter, level);
    doc_emit_json_string(key, length, emitter->out);
    text_add(emitter->out, emitter->format == EMIT_JSON ? ": " : ":");
}

// --- both ---

static void expect_value(struct emitter *emitter, const struct level *level _unused_) {
    assert(!level || !level->is_map || emitter->has_key);
    emitter->has_key = false;
}

static int start_level(struct emitter *emitter, bool is_map, struct error **err) {
    struct level *level = top(emitter), added = {.is_map = is_map};
    expect_value(emitter, level);
    if (is_yaml(emitter)) {
        added.indent = yaml_before_value(emitter, level);
        added.is_inline = level && !level->is_map;
    } else {
        json_before_value(emitter, level);
        text_add_char(emitter->out, is_map ? '{' : '[');
    }
    VEC_GROW(emitter->levels, emitter->depth, emitter->capacity);
    emitter->levels[emitter->depth++] = added;
    return flush_when_large(emitter, err);
}

static int end_level(struct emitter *emitter, bool is_map, struct error **err) {
    const struct level level = *top(emitter);
    assert(level.is_map == is_map && !emitter->has_key);
    emitter->depth--;
    if (is_yaml(emitter)) {
        if (!level.count)
            text_addf(emitter->out, "%s%s", emitter->depth ? " " : "", is_map ? "{}" : "[]");
    } else {
        if (level.count && emitter->format == EMIT_JSON)
            new_line(emitter, 2 * emitter->depth);
        text_add_char(emitter->out, is_map ? '}' : ']');
    }
    return flush_when_large(emitter, err);
}

int emitter_map_start(struct emitter *emitter, struct error **err) {
    return start_level(emitter, true, err);
}

int emitter_map_end(struct emitter *emitter, struct error **err) {
    return end_level(emitter, true, err);
}

int emitter_list_start(struct emitter *emitter, struct error **err) {
    return start_level(emitter, false, err);
}

int emitter_list_end(struct emitter *emitter, struct error **err) {
    return end_level(emitter, false, err);
}

static int add_key(struct emitter *emitter, const char *key, size_t length, struct error **err) {
    struct level *level = top(emitter);
    assert(level && level->is_map && !emitter->has_key);
    emitter->has_key = true;
    if (is_yaml(emitter))
        yaml_key(emitter, level, key, length);
    else
        json_key(emitter, level, key, length);
    return flush_when_large(emitter, err);
}

int emitter_key(struct emitter *emitter, const char *key, struct error **err) {
    return add_key(emitter, key, strlen(key), err);
}

static int add_scalar(struct emitter *emitter, const struct doc *scalar, struct error **err) {
    struct level *level = top(emitter);
    expect_value(emitter, level);
    if (is_yaml(emitter)) {
        yaml_scalar(emitter, level, scalar);
    } else {
        json_before_value(emitter, level);
        scalar_add_json(scalar, emitter->out);
    }
    return flush_when_large(emitter, err);
}

int emitter_scalar(struct emitter *emitter, enum doc_kind kind, const char *text, size_t length, struct error **err) {
    struct doc scalar = {.kind = kind, .text = text, .length = length};
    if (kind == DOC_BOOL)
        scalar.boolean = length && (text[0] | 0x20) == 't';
    else if (kind == DOC_INT)
        doc_resolve_plain(text, length, &scalar.integer, NULL);
    return add_scalar(emitter, &scalar, err);
}

int emitter_string(struct emitter *emitter, const char *text, struct error **err) {
    return emitter_scalar(emitter, DOC_STRING, text, strlen(text), err);
}

int emitter_event(struct emitter *emitter, const struct doc_event *event, struct error **err) {
    switch (event->kind) {
    case DOC_EVENT_MAP_START:
    case DOC_EVENT_LIST_START:
        return start_level(emitter, event->kind == DOC_EVENT_MAP_START, err);
    case DOC_EVENT_MAP_END:
    case DOC_EVENT_LIST_END:
        return end_level(emitter, event->kind == DOC_EVENT_MAP_END, err);
    case DOC_EVENT_KEY:
        return add_key(emitter, event->text, event->length, err);
    case DOC_EVENT_SCALAR:
        return emitter_scalar(emitter, event->scalar, event->text, event->length, err);
    }
    return 0;
}

static int add_map(struct emitter *emitter, const struct doc *map, struct error **err) {
    int r = start_level(emitter, true, err);
    DOC_FOREACH_MEMBER(member, map) {
        if (r == 0)
            r = add_key(emitter, member->key, member->key_length, err);
        if (r == 0)
            r = emitter_doc(emitter, member->value, err);
    }
    return r == 0 ? end_level(emitter, true, err) : r;
}

static int add_list(struct emitter *emitter, const struct doc *list, struct error **err) {
    int r = start_level(emitter, false, err);
    for (size_t i = 0; r == 0 && i < list->list.count; i++)
        r = emitter_doc(emitter, list->list.items[i], err);
    return r == 0 ? end_level(emitter, false, err) : r;
}

int emitter_doc(struct emitter *emitter, const struct doc *doc, struct error **err) {
    if (doc->kind == DOC_MAP)
        return add_map(emitter, doc, err);
    if (doc->kind == DOC_LIST)
        return add_list(emitter, doc, err);
    return add_scalar(emitter, doc, err);
}

int emitter_finish(struct emitter *emitter, struct error **err) {
    assert(emitter->depth == 0);
    // A literal block that keeps its last line breaks has written its own.
    if (emitter->format != EMIT_JSON_COMPACT)
        text_add_char(emitter->out, '\n');
    return flush_now(emitter, err);
}

void doc_emit(const struct doc *doc, enum emit_format format, struct text *out) {
    struct error *none = NULL;
    _cleanup_emitter_ struct emitter *emitter = emitter_new(format, NULL, NULL);
    emitter->out = out;
    // Without a flush function nothing can fail.
    if (emitter_doc(emitter, doc, &none) < 0 || emitter_finish(emitter, &none) < 0)
        abort();
}
