// SPDX-License-Identifier: Apache-2.0
#include "doc/record.h"
#include "doc/event.h"

#include <inttypes.h>

#define PLAIN_BIT 8
#define KIND_MASK 7

static void add_number(struct text *out, uint64_t value) {
    for (; value >= 0x80; value >>= 7)
        text_add_char(out, (char)(value | 0x80));
    text_add_char(out, (char)value);
}

static void add_position(struct text *out, struct doc_origin origin) {
    add_number(out, origin.line);
    add_number(out, origin.column);
}

static void add_terminated(struct text *out, const char *bytes, size_t length) {
    add_number(out, length);
    text_add_bytes(out, bytes, length);
    text_add_char(out, '\0');
}

void doc_record(const struct doc *doc, struct text *out) {
    text_add_char(out, (char)(doc->kind | (doc->is_plain ? PLAIN_BIT : 0)));
    add_position(out, doc->origin);
    if (doc_is_scalar(doc)) {
        add_terminated(out, doc->text, doc->length);
        return;
    }
    add_number(out, doc_count(doc));
    DOC_FOREACH_ITEM(item, doc)
    doc_record(item, out);
    DOC_FOREACH_MEMBER(member, doc) {
        add_position(out, member->key_origin);
        add_terminated(out, member->key, member->key_length);
        doc_record(member->value, out);
    }
}

struct reader {
    struct arena *arena;
    const unsigned char *at, *end;
    const char *source;
    unsigned depth;
};

static bool get_number(struct reader *reader, uint64_t *ret) {
    uint64_t value = 0;
    // Nearly all numbers have one byte.
    if (reader->at < reader->end && !(*reader->at & 0x80)) {
        *ret = *reader->at++;
        return true;
    }
    for (unsigned shift = 0; shift < 64 && reader->at < reader->end; shift += 7) {
        unsigned char byte = *reader->at++;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80)) {
            *ret = value;
            return true;
        }
    }
    return false;
}

static bool get_position(struct reader *reader, struct doc_origin *ret) {
    uint64_t line, column;
    if (!get_number(reader, &line) || !get_number(reader, &column))
        return false;
    *ret = (struct doc_origin){.source = reader->source, .line = (uint32_t)line, .column = (uint32_t)column};
    return true;
}

static bool get_terminated(struct reader *reader, const char **ret_text, size_t *ret_length) {
    uint64_t length;
    if (!get_number(reader, &length) || length >= (size_t)(reader->end - reader->at) || reader->at[length] != '\0')
        return false;
    *ret_text = (const char *)reader->at;
    *ret_length = length;
    reader->at += length + 1;
    return true;
}

// A node takes at least three bytes, which bounds what a count may ask for.
static bool get_count(struct reader *reader, size_t *ret) {
    uint64_t count;
    if (!get_number(reader, &count) || count > (size_t)(reader->end - reader->at))
        return false;
    *ret = count;
    return true;
}

static struct doc *get_node(struct reader *reader);

static bool get_items(struct reader *reader, struct doc *list) {
    size_t count;
    if (!get_count(reader, &count))
        return false;
    list->list.items = arena_new_array(reader->arena, const struct doc *, count);
    list->list.capacity = count;
    for (; list->list.count < count; list->list.count++)
        if (!(list->list.items[list->list.count] = get_node(reader)))
            return false;
    return true;
}

static bool get_members(struct reader *reader, struct doc *map) {
    size_t count;
    if (!get_count(reader, &count))
        return false;
    struct doc_member *members = arena_new_array(reader->arena, struct doc_member, count);
    for (size_t i = 0; i < count; i++) {
        struct doc_member *member = &members[i];
        if (!get_position(reader, &member->key_origin) || !get_terminated(reader, &member->key, &member->key_length) ||
            !(member->value = get_node(reader)))
            return false;
    }
    doc_map_adopt(reader->arena, map, members, count);
    return true;
}

static bool get_scalar(struct reader *reader, struct doc *scalar) {
    int64_t integer = 0;
    double real = 0;
    if (!get_terminated(reader, &scalar->text, &scalar->length))
        return false;
    if (scalar->kind == DOC_STRING || scalar->kind == DOC_NULL)
        return true;
    enum doc_kind kind = doc_resolve_plain(scalar->text, scalar->length, &integer, &real);
    if (scalar->kind == DOC_BOOL)
        scalar->boolean = integer != 0;
    else if (scalar->kind == DOC_INT)
        scalar->integer = integer;
    else
        scalar->real = kind == DOC_INT ? (double)integer : real;
    return true;
}

static struct doc *get_node(struct reader *reader) {
    if (reader->at == reader->end || reader->depth == DOC_DEFAULT_DEPTH_LIMIT)
        return NULL;
    unsigned head = *reader->at++;
    struct doc *doc = arena_new_object(reader->arena, struct doc);
    doc->kind = (enum doc_kind)(head & KIND_MASK);
    doc->is_plain = head & PLAIN_BIT;
    if (doc->kind > DOC_MAP || !get_position(reader, &doc->origin))
        return NULL;
    reader->depth++;
    bool is_whole = doc->kind == DOC_LIST  ? get_items(reader, doc)
                    : doc->kind == DOC_MAP ? get_members(reader, doc)
                                           : get_scalar(reader, doc);
    reader->depth--;
    return is_whole ? doc : NULL;
}

int doc_from_record(struct arena *arena, const char *bytes, size_t length, const char *source, const struct doc **ret,
                    struct error **err) {
    struct reader reader = {.arena = arena,
                            .at = (const unsigned char *)bytes,
                            .end = (const unsigned char *)bytes + length,
                            .source = source};
    const struct doc *doc = get_node(&reader);
    if (!doc || reader.at != reader.end)
        return error_set(err, ERROR_INTERNAL, "%s: is no recorded document (byte %zu of %zu)", source,
                         (size_t)(reader.at - (const unsigned char *)bytes), length);
    *ret = doc;
    return 0;
}
