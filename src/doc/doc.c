// SPDX-License-Identifier: Apache-2.0
#include "doc/doc.h"
#include "base/alloc.h"
#include "base/text.h"
#include "doc/number.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

// Up to this many members a map is searched from front to back; more get a hash index.
#define INDEX_FROM 12

const char *doc_kind_name(enum doc_kind kind) {
    static const char *const names[] = {
        [DOC_NULL] = "null",     [DOC_BOOL] = "boolean", [DOC_INT] = "integer", [DOC_FLOAT] = "number",
        [DOC_STRING] = "string", [DOC_LIST] = "list",    [DOC_MAP] = "map",
    };
    return (size_t)kind < ARRAY_SIZE(names) ? names[kind] : "unknown";
}

size_t doc_count(const struct doc *doc) {
    if (doc_is(doc, DOC_LIST))
        return doc->list.count;
    return doc_is(doc, DOC_MAP) ? doc->map.count : 0;
}

bool doc_list_has(const struct doc *list, const char *text) {
    DOC_FOREACH_ITEM(item, list)
    if (str_eq(doc_text(item), text))
        return true;
    return false;
}

static size_t find_slot(const struct doc *map, const char *key, size_t length) {
    size_t mask = map->map.slot_count - 1;
    size_t slot = (size_t)hash_bytes(key, length) & mask;
    for (; map->map.slots[slot]; slot = (slot + 1) & mask) {
        const struct doc_member *member = &map->map.members[map->map.slots[slot] - 1];
        if (member->key_length == length && memcmp(member->key, key, length) == 0)
            break;
    }
    return slot;
}

static struct doc_member *find_member(const struct doc *map, const char *key, size_t length) {
    if (map->map.slot_count) {
        size_t slot = find_slot(map, key, length);
        return map->map.slots[slot] ? &map->map.members[map->map.slots[slot] - 1] : NULL;
    }
    for (size_t i = 0; i < map->map.count; i++) {
        struct doc_member *member = &map->map.members[i];
        if (member->key_length == length && memcmp(member->key, key, length) == 0)
            return member;
    }
    return NULL;
}

const struct doc_member *doc_member(const struct doc *doc, const char *key, size_t key_length) {
    return doc_is(doc, DOC_MAP) ? find_member(doc, key, key_length) : NULL;
}

const struct doc *doc_get_bytes(const struct doc *doc, const char *key, size_t key_length) {
    const struct doc_member *member = doc_member(doc, key, key_length);
    return member ? member->value : NULL;
}

const struct doc *doc_get(const struct doc *doc, const char *key) {
    return doc_get_bytes(doc, key, strlen(key));
}

const struct doc *doc_item(const struct doc *doc, size_t index) {
    return doc_is(doc, DOC_LIST) && index < doc->list.count ? doc->list.items[index] : NULL;
}

const char *doc_text(const struct doc *doc) {
    return doc_is_scalar(doc) ? doc->text : NULL;
}

const char *doc_get_text(const struct doc *doc, const char *key, const char *otherwise) {
    const struct doc *value = doc_get(doc, key);
    return doc_is_scalar(value) && value->kind != DOC_NULL ? value->text : otherwise;
}

bool doc_get_bool(const struct doc *doc, const char *key, bool otherwise) {
    const struct doc *value = doc_get(doc, key);
    return doc_is(value, DOC_BOOL) ? value->boolean : otherwise;
}

bool doc_to_int(const struct doc *doc, int64_t *ret) {
    if (!doc_is(doc, DOC_INT) || doc->integer == INT64_MAX || doc->integer == INT64_MIN)
        return false;
    *ret = doc->integer;
    return true;
}

bool doc_to_double(const struct doc *doc, double *ret) {
    if (!doc_is(doc, DOC_FLOAT) && !doc_is(doc, DOC_INT))
        return false;
    *ret = number_to_double(doc);
    return true;
}

static bool fits_64_bits(const struct doc *integer) {
    return integer->integer != INT64_MAX && integer->integer != INT64_MIN;
}

static bool numbers_equal(const struct doc *a, const struct doc *b) {
    if (a->kind == DOC_INT && b->kind == DOC_INT) {
        if (fits_64_bits(a) && fits_64_bits(b))
            return a->integer == b->integer;
        _cleanup_text_ struct text x = {0}, y = {0};
        number_add_json(a, &x);
        number_add_json(b, &y);
        return str_eq(text_str(&x), text_str(&y));
    }
    double x = number_to_double(a), y = number_to_double(b);
    return x == y || (isnan(x) && isnan(y));
}

static bool lists_equal(const struct doc *a, const struct doc *b) {
    if (a->list.count != b->list.count)
        return false;
    for (size_t i = 0; i < a->list.count; i++)
        if (!doc_equal(a->list.items[i], b->list.items[i]))
            return false;
    return true;
}

static bool maps_equal(const struct doc *a, const struct doc *b) {
    if (a->map.count != b->map.count)
        return false;
    DOC_FOREACH_MEMBER(member, a) {
        const struct doc *other = doc_get_bytes(b, member->key, member->key_length);
        if (!other || !doc_equal(member->value, other))
            return false;
    }
    return true;
}

bool doc_equal(const struct doc *a, const struct doc *b) {
    if (a == b)
        return true;
    if (!a || !b)
        return false;
    bool a_is_number = a->kind == DOC_INT || a->kind == DOC_FLOAT,
         b_is_number = b->kind == DOC_INT || b->kind == DOC_FLOAT;
    if (a_is_number && b_is_number)
        return numbers_equal(a, b);
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case DOC_NULL:
        return true;
    case DOC_BOOL:
        return a->boolean == b->boolean;
    case DOC_LIST:
        return lists_equal(a, b);
    case DOC_MAP:
        return maps_equal(a, b);
    default:
        return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
    }
}

const char *doc_origin_text(struct arena *arena, struct doc_origin origin) {
    const char *source = origin.source ? origin.source : "(unknown)";
    if (!origin.line)
        return source;
    return arena_printf(arena, "%s:%" PRIu32 ":%" PRIu32, source, origin.line, origin.column);
}

int doc_error(struct error **err, enum error_code code, struct doc_origin origin, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    _cleanup_free_ char *message = xvasprintf(format, arguments);
    va_end(arguments);
    if (!origin.source)
        return error_set(err, code, "%s", message);
    if (!origin.line)
        return error_set(err, code, "%s: %s", origin.source, message);
    return error_set(err, code, "%s:%" PRIu32 ":%" PRIu32 ": %s", origin.source, origin.line, origin.column, message);
}

// --- building ---

static struct doc *new_node(struct arena *arena, enum doc_kind kind) {
    struct doc *doc = arena_new_object(arena, struct doc);
    doc->kind = kind;
    return doc;
}

static struct doc *new_plain_scalar(struct arena *arena, enum doc_kind kind, const char *text) {
    struct doc *doc = new_node(arena, kind);
    doc->is_plain = true;
    doc->length = strlen(text);
    doc->text = arena_strndup(arena, text, doc->length);
    return doc;
}

struct doc *doc_new_null(struct arena *arena) {
    return new_plain_scalar(arena, DOC_NULL, "null");
}

struct doc *doc_new_bool(struct arena *arena, bool value) {
    struct doc *doc = new_plain_scalar(arena, DOC_BOOL, value ? "true" : "false");
    doc->boolean = value;
    return doc;
}

struct doc *doc_new_int(struct arena *arena, int64_t value) {
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRId64, value);
    struct doc *doc = new_plain_scalar(arena, DOC_INT, digits);
    doc->integer = value;
    return doc;
}

struct doc *doc_new_uint(struct arena *arena, uint64_t value) {
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, value);
    struct doc *doc = new_plain_scalar(arena, DOC_INT, digits);
    doc->integer = value > INT64_MAX ? INT64_MAX : (int64_t)value;
    return doc;
}

struct doc *doc_new_float(struct arena *arena, double value) {
    _cleanup_text_ struct text digits = {0};
    number_add_float(value, &digits);
    struct doc *doc = new_plain_scalar(arena, DOC_FLOAT, text_str(&digits));
    doc->real = value;
    return doc;
}

struct doc *doc_new_string_bytes(struct arena *arena, const char *bytes, size_t length) {
    struct doc *doc = new_node(arena, DOC_STRING);
    doc->text = arena_strndup(arena, bytes, length);
    doc->length = length;
    return doc;
}

struct doc *doc_new_string(struct arena *arena, const char *text) {
    return text ? doc_new_string_bytes(arena, text, strlen(text)) : doc_new_null(arena);
}

struct doc *doc_new_stringf(struct arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    _cleanup_free_ char *text = xvasprintf(format, arguments);
    va_end(arguments);
    return doc_new_string(arena, text);
}

struct doc *doc_new_list(struct arena *arena) {
    return new_node(arena, DOC_LIST);
}

struct doc *doc_new_map(struct arena *arena) {
    return new_node(arena, DOC_MAP);
}

struct doc *doc_new_plain(struct arena *arena, const char *text, size_t length) {
    int64_t integer = 0;
    double real = 0;
    struct doc *doc = doc_new_string_bytes(arena, text, length);
    doc->kind = doc_resolve_plain(text, length, &integer, &real);
    doc->is_plain = true;
    if (doc->kind == DOC_BOOL)
        doc->boolean = integer != 0;
    else if (doc->kind == DOC_INT)
        doc->integer = integer;
    else if (doc->kind == DOC_FLOAT)
        doc->real = real;
    return doc;
}

void doc_list_add(struct arena *arena, struct doc *list, const struct doc *item) {
    assert(list->kind == DOC_LIST && item);
    if (list->list.count == list->list.capacity) {
        size_t capacity = list->list.capacity ? list->list.capacity * 2 : 4;
        list->list.items = arena_grow(arena, list->list.items, list->list.capacity * sizeof *list->list.items,
                                      capacity * sizeof *list->list.items);
        list->list.capacity = capacity;
    }
    list->list.items[list->list.count++] = item;
}

static void build_index(struct arena *arena, struct doc *map, size_t slot_count) {
    map->map.slots = arena_new_array(arena, uint32_t, slot_count);
    map->map.slot_count = slot_count;
    for (size_t i = 0; i < map->map.count; i++)
        map->map.slots[find_slot(map, map->map.members[i].key, map->map.members[i].key_length)] = (uint32_t)(i + 1);
}

void doc_map_adopt(struct arena *arena, struct doc *map, struct doc_member *members, size_t count) {
    assert(map->kind == DOC_MAP && !map->map.count);
    map->map.members = members;
    map->map.count = map->map.capacity = count;
    if (count < INDEX_FROM)
        return;
    size_t slot_count = 64;
    while (slot_count < count * 2)
        slot_count *= 2;
    build_index(arena, map, slot_count);
}

static void append_member(struct arena *arena, struct doc *map, const struct doc_member *member) {
    if (map->map.count == map->map.capacity) {
        size_t capacity = map->map.capacity ? map->map.capacity * 2 : 4;
        map->map.members = arena_grow(arena, map->map.members, map->map.capacity * sizeof *map->map.members,
                                      capacity * sizeof *map->map.members);
        map->map.capacity = capacity;
    }
    map->map.members[map->map.count++] = *member;
    if (map->map.slot_count && map->map.count * 2 <= map->map.slot_count)
        map->map.slots[find_slot(map, member->key, member->key_length)] = (uint32_t)map->map.count;
    else if (map->map.count >= INDEX_FROM)
        build_index(arena, map, map->map.slot_count ? map->map.slot_count * 2 : 64);
}

bool doc_map_add(struct arena *arena, struct doc *map, const char *key, size_t key_length, struct doc_origin key_origin,
                 const struct doc *value) {
    assert(map->kind == DOC_MAP && value);
    if (find_member(map, key, key_length))
        return false;
    append_member(arena, map,
                  &(struct doc_member){.key = arena_strndup(arena, key, key_length),
                                       .key_length = key_length,
                                       .key_origin = key_origin,
                                       .value = value});
    return true;
}

void doc_map_set(struct arena *arena, struct doc *map, const char *key, const struct doc *value) {
    assert(map->kind == DOC_MAP && value);
    size_t length = strlen(key);
    struct doc_member *member = find_member(map, key, length);
    if (member)
        member->value = value;
    else
        append_member(arena, map,
                      &(struct doc_member){.key = arena_strndup(arena, key, length),
                                           .key_length = length,
                                           .key_origin = value->origin,
                                           .value = value});
}

void doc_map_set_text(struct arena *arena, struct doc *map, const char *key, const char *text) {
    if (text)
        doc_map_set(arena, map, key, doc_new_string(arena, text));
}

void doc_map_set_bool(struct arena *arena, struct doc *map, const char *key, bool value) {
    doc_map_set(arena, map, key, doc_new_bool(arena, value));
}

void doc_map_set_int(struct arena *arena, struct doc *map, const char *key, int64_t value) {
    doc_map_set(arena, map, key, doc_new_int(arena, value));
}

struct doc *doc_copy(struct arena *arena, const struct doc *doc) {
    struct doc *copy = new_node(arena, doc->kind);
    *copy = *doc;
    if (doc->kind == DOC_LIST) {
        copy->list.items = arena_new_array(arena, const struct doc *, doc->list.count);
        copy->list.capacity = doc->list.count;
        if (doc->list.count)
            memcpy(copy->list.items, doc->list.items, doc->list.count * sizeof *doc->list.items);
    } else if (doc->kind == DOC_MAP) {
        copy->map.members = arena_new_array(arena, struct doc_member, doc->map.count);
        copy->map.capacity = doc->map.count;
        if (doc->map.count)
            memcpy(copy->map.members, doc->map.members, doc->map.count * sizeof *doc->map.members);
        copy->map.slots = NULL;
        if (doc->map.slot_count)
            build_index(arena, copy, doc->map.slot_count);
    }
    return copy;
}

void doc_map_remove(struct doc *map, const char *key) {
    struct doc_member *member = doc_is(map, DOC_MAP) ? find_member(map, key, strlen(key)) : NULL;
    if (!member)
        return;
    size_t index = (size_t)(member - map->map.members);
    memmove(member, member + 1, (map->map.count - index - 1) * sizeof *member);
    map->map.count--;
    if (!map->map.slot_count)
        return;
    memset(map->map.slots, 0, map->map.slot_count * sizeof *map->map.slots);
    for (size_t i = 0; i < map->map.count; i++)
        map->map.slots[find_slot(map, map->map.members[i].key, map->map.members[i].key_length)] = (uint32_t)(i + 1);
}
