// SPDX-License-Identifier: Apache-2.0
#pragma once

// The document value: what YAML and JSON files become. A tree in an arena, immutable once built (readers take
// `const struct doc *`), whose nodes know their source text and where they come from. Because nodes never change,
// two trees may share them.
//
// A plain scalar keeps the text that stood in the source: an unquoted 24.10 is a DOC_FLOAT whose text is "24.10".
// Whoever wants text uses doc_text() and gets what the author wrote; whoever wants a number uses doc_to_*.

#include "base/arena.h"
#include "base/error.h"
#include "base/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum doc_kind { DOC_NULL, DOC_BOOL, DOC_INT, DOC_FLOAT, DOC_STRING, DOC_LIST, DOC_MAP };

// line and column count from 1, column in characters; line 0: made by the program, not read from a source.
struct doc_origin {
    const char *source; // file name, "-" for standard input, URL, "--set" and the like; NULL = unknown
    uint32_t line;
    uint32_t column;
};

struct doc;

struct doc_member {
    const char *key; // terminated; length counts bytes, which may include NUL
    size_t key_length;
    struct doc_origin key_origin;
    const struct doc *value;
};

struct doc {
    enum doc_kind kind;
    bool is_plain; // scalar: written without quotes
    struct doc_origin origin;
    const struct doc *previous; // what this value replaced when documents were merged; NULL = nothing. See merge.h
    union {
        struct {
            const char *text; // source text, escapes resolved; terminated
            size_t length;
            union {
                bool boolean;
                int64_t integer;
                double real;
            };
        };
        struct {
            const struct doc **items;
            size_t count;
            size_t capacity;
        } list;
        struct {
            struct doc_member *members; // in source order
            size_t count;
            size_t capacity;
            uint32_t *slots; // hash index, made when the map has more than a few members
            size_t slot_count;
        } map;
    };
};

// --- reading ---

// "null", "boolean", "integer", "number", "string", "list", "map".
const char *doc_kind_name(enum doc_kind kind);
static inline bool doc_is(const struct doc *doc, enum doc_kind kind) {
    return doc && doc->kind == kind;
}
static inline bool doc_is_scalar(const struct doc *doc) {
    return doc && doc->kind < DOC_LIST;
}
// Members of a map, items of a list, 0 for everything else and NULL.
size_t doc_count(const struct doc *doc) _pure_;
// Whether one of the items is this text; of what is no list, false.
bool doc_list_has(const struct doc *list, const char *text) _pure_;
// The value of a key; NULL when the key is absent, or doc is NULL or no map.
const struct doc *doc_get(const struct doc *doc, const char *key) _pure_;
const struct doc *doc_get_bytes(const struct doc *doc, const char *key, size_t key_length) _pure_;
// The whole member, for the place of its key; NULL when absent.
const struct doc_member *doc_member(const struct doc *doc, const char *key, size_t key_length) _pure_;
// The item of a list; NULL when out of range or no list.
const struct doc *doc_item(const struct doc *doc, size_t index) _pure_;
// Source text of a scalar; NULL for NULL, lists and maps. A DOC_NULL gives its text ("null", "~" or "").
const char *doc_text(const struct doc *doc) _pure_;
// doc_text() of a member, `otherwise` when it is absent, null or no scalar.
const char *doc_get_text(const struct doc *doc, const char *key, const char *otherwise) _pure_;
// A member that must be a boolean when present.
bool doc_get_bool(const struct doc *doc, const char *key, bool otherwise) _pure_;
// True and the value when the scalar is an integer in range (a string of digits is not one).
bool doc_to_int(const struct doc *doc, int64_t *ret);
// Integers and floats.
bool doc_to_double(const struct doc *doc, double *ret);
// Same kind and value; maps regardless of order; 1 and 1.0 differ in kind but are equal; text "a" equals only "a".
bool doc_equal(const struct doc *a, const struct doc *b);

// A `break` ends one item, not the loop.
#define DOC_FOREACH_ITEM(item, list_)                                                                              \
    for (size_t item##_index = 0; item##_index < ((list_) && (list_)->kind == DOC_LIST ? (list_)->list.count : 0); \
         item##_index++)                                                                                           \
        for (const struct doc *item = (list_)->list.items[item##_index], *item##_once = item; item##_once;         \
             item##_once = NULL)
#define DOC_FOREACH_MEMBER(member, doc)                                                                 \
    for (const struct doc_member *member = (doc) && (doc)->kind == DOC_MAP ? (doc)->map.members : NULL; \
         member && member < (doc)->map.members + (doc)->map.count; member++)

// "file.yaml:3:7" into the arena; only the source when the line is unknown.
const char *doc_origin_text(struct arena *arena, struct doc_origin origin);
// error_set with "<source>:<line>:<column>: " in front.
int doc_error(struct error **err, enum error_code code, struct doc_origin origin, const char *format, ...)
    _printf_(4, 5);

// --- building ---
// A node may be changed only by the code that makes it, before it is handed out.

struct doc *doc_new_null(struct arena *arena);
struct doc *doc_new_bool(struct arena *arena, bool value);
struct doc *doc_new_int(struct arena *arena, int64_t value);
struct doc *doc_new_uint(struct arena *arena, uint64_t value);
// Shortest decimal that reads back as the same value; NaN and infinities as YAML writes them.
struct doc *doc_new_float(struct arena *arena, double value);
// NULL text becomes DOC_NULL.
struct doc *doc_new_string(struct arena *arena, const char *text);
struct doc *doc_new_string_bytes(struct arena *arena, const char *bytes, size_t length);
struct doc *doc_new_stringf(struct arena *arena, const char *format, ...) _printf_(2, 3);
struct doc *doc_new_list(struct arena *arena);
struct doc *doc_new_map(struct arena *arena);
// A scalar from text that stood unquoted in a YAML source: kind by the YAML 1.2 core schema.
struct doc *doc_new_plain(struct arena *arena, const char *text, size_t length);
void doc_list_add(struct arena *arena, struct doc *list, const struct doc *item);
// Adds the key at the end or, when it is there, replaces its value in place. The key is copied.
void doc_map_set(struct arena *arena, struct doc *map, const char *key, const struct doc *value);
// Fills an empty map with members whose keys are known to differ. The array, made in the arena, becomes the map's.
void doc_map_adopt(struct arena *arena, struct doc *map, struct doc_member *members, size_t count);
// As doc_map_set; false, and nothing changed, when the key was there.
bool doc_map_add(struct arena *arena, struct doc *map, const char *key, size_t key_length, struct doc_origin key_origin,
                 const struct doc *value);
// Shorthands that skip a NULL text, so that optional fields need no if.
void doc_map_set_text(struct arena *arena, struct doc *map, const char *key, const char *text);
void doc_map_set_bool(struct arena *arena, struct doc *map, const char *key, bool value);
void doc_map_set_int(struct arena *arena, struct doc *map, const char *key, int64_t value);
// A copy whose own members or items may be changed; what hangs below is shared.
struct doc *doc_copy(struct arena *arena, const struct doc *doc);
void doc_map_remove(struct doc *map, const char *key);

// The YAML 1.2 core schema (section 10.3.2): the kind of a plain scalar; the value when it is a bool or a number
// and wanted (either pointer may be NULL).
// Integers that do not fit int64 are DOC_INT with the value saturated: their text is what counts.
enum doc_kind doc_resolve_plain(const char *text, size_t length, int64_t *ret_integer, double *ret_real);
