// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "collect/collector.h"

#include <inttypes.h>
#include <stdio.h>

int collection_absent(struct collection *collection, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    _cleanup_free_ char *reason = xvasprintf(format, arguments);
    va_end(arguments);
    text_truncate(&collection->reason, 0);
    text_add(&collection->reason, reason);
    return COLLECT_ABSENT;
}

void collection_note(struct collection *collection, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    _cleanup_free_ char *note = xvasprintf(format, arguments);
    va_end(arguments);
    if (collection->reason.length)
        text_add(&collection->reason, "; ");
    text_add(&collection->reason, note);
}

static bool has_name(const struct strvec *names, const char *name) {
    for (size_t i = 0; i < names->count; i++)
        if (str_eq_ignore_case(names->items[i], name))
            return true;
    return false;
}

bool collection_wants(const struct collection *collection, const char *subtype) {
    if (has_name(&collection->excluded_subtypes, subtype))
        return false;
    return !collection->subtypes.count || has_name(&collection->subtypes, subtype);
}

struct readings readings_of(struct collection *collection, const char *subtype) {
    const char *name = redact_text(collection->policy, collection->arena, subtype).text;
    return (struct readings){
        .collection = collection,
        .subtype = snapshot_subtype(collection->snapshot, collection->collector->type, name),
        .name = name,
    };
}

const char *text_as_utf8(struct arena *arena, const char *bytes, size_t length) {
    if (utf8_is_valid(bytes, length, NULL) && !memchr(bytes, '\0', length))
        return bytes[length] ? arena_strndup(arena, bytes, length) : bytes;
    _cleanup_text_ struct text out = {0};
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] && !(bytes[i] & 0x80))
            text_add_char(&out, bytes[i]);
        else
            text_addf(&out, "\\x%02x", (unsigned char)bytes[i]);
    }
    return arena_strndup(arena, text_str(&out), out.length);
}

static void add(const struct readings *readings, const char *key, enum doc_kind kind, const char *text,
                const char *rule) {
    struct collection *collection = readings->collection;
    struct redaction name = redact_text(collection->policy, collection->arena, key);
    snapshot_set(collection->snapshot, readings->subtype, name.text, kind, text);
    if (rule || name.rule) {
        _cleanup_free_ char *path = xasprintf("%s.%s.%s", collection->collector->type, readings->name, name.text);
        snapshot_add_redacted(collection->snapshot, path, rule ? rule : name.rule);
    }
}

void reading_string(const struct readings *readings, const char *key, const char *text) {
    struct collection *collection = readings->collection;
    if (!text)
        return;
    const char *clean = text_as_utf8(collection->arena, text, strlen(text));
    struct redaction redaction = redact_value(collection->policy, collection->arena, key, clean);
    add(readings, key, DOC_STRING, redaction.text, redaction.rule);
}

void reading_stringf(const struct readings *readings, const char *key, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    _cleanup_free_ char *text = xvasprintf(format, arguments);
    va_end(arguments);
    reading_string(readings, key, text);
}

void reading_scalar(const struct readings *readings, const char *key, enum doc_kind kind, const char *text) {
    struct collection *collection = readings->collection;
    struct redaction redaction = redact_value(collection->policy, collection->arena, key, text);
    add(readings, key, redaction.rule ? DOC_STRING : kind, redaction.text, redaction.rule);
}

void reading_words(const struct readings *readings, const char *key, const char *text, const char *rule) {
    struct collection *collection = readings->collection;
    const char *clean = text_as_utf8(collection->arena, text, strlen(text));
    add(readings, key, DOC_STRING, clean, rule);
}

void reading_int(const struct readings *readings, const char *key, int64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    reading_scalar(readings, key, DOC_INT, text);
}

void reading_uint(const struct readings *readings, const char *key, uint64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    reading_scalar(readings, key, DOC_INT, text);
}

void reading_bool(const struct readings *readings, const char *key, bool value) {
    reading_scalar(readings, key, DOC_BOOL, value ? "true" : "false");
}
