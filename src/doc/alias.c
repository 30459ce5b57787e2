// SPDX-License-Identifier: Apache-2.0
#include "doc/alias.h"

#include "base/alloc.h"
#include "base/suggest.h"
#include "base/vec.h"

// Text of anchored nodes that is kept, in bytes.
#define TEXT_LIMIT ((size_t)32 * 1024 * 1024)

struct alias_log {
    struct arena *arena;
    struct doc_event *events;
    size_t count, capacity;
    size_t text_size;
    size_t limit;
    size_t open_count;
    bool is_full;
    struct map names; // anchor -> its number + 1
    struct alias_range *ranges;
    size_t range_count, range_capacity;
};

struct alias_log *alias_log_new(size_t limit) {
    struct alias_log *log = xcalloc(1, sizeof *log);
    log->arena = arena_new();
    log->limit = limit;
    return log;
}

void alias_log_free(struct alias_log *log) {
    if (!log)
        return;
    arena_free(log->arena);
    map_done(&log->names);
    free(log->events);
    free(log->ranges);
    free(log);
}

size_t alias_log_open(struct alias_log *log, const char *anchor) {
    VEC_GROW(log->ranges, log->range_count, log->range_capacity);
    log->ranges[log->range_count] =
        (struct alias_range){.start = log->count, .is_open = true, .is_too_large = log->is_full};
    log->open_count++;
    map_put(&log->names, arena_strdup(log->arena, anchor), (void *)(log->range_count + 1));
    return log->range_count++;
}

bool alias_log_is_recording(const struct alias_log *log) {
    return log->open_count && !log->is_full;
}

void alias_log_add(struct alias_log *log, const struct doc_event *event) {
    log->text_size += event->length;
    if (log->count >= log->limit || log->text_size > TEXT_LIMIT) {
        log->is_full = true;
        for (size_t i = 0; i < log->range_count; i++)
            log->ranges[i].is_too_large = log->ranges[i].is_too_large || log->ranges[i].is_open;
        return;
    }
    VEC_GROW(log->events, log->count, log->capacity);
    struct doc_event *copy = &log->events[log->count++];
    *copy = *event;
    copy->text = event->text ? arena_strndup(log->arena, event->text, event->length) : NULL;
}

void alias_log_close(struct alias_log *log, size_t number) {
    log->ranges[number].end = log->count;
    log->ranges[number].is_open = false;
    log->open_count--;
}

const struct alias_range *alias_log_find(const struct alias_log *log, const char *anchor) {
    size_t number = (size_t)map_get(&log->names, anchor);
    return number ? &log->ranges[number - 1] : NULL;
}

const char *alias_log_suggest(const struct alias_log *log, const char *anchor) {
    _cleanup_free_ const char **names = xcalloc(log->names.count + 1, sizeof *names);
    size_t count = MIN(log->names.count, (size_t)100);
    for (size_t i = 0; i < count; i++)
        names[i] = log->names.entries[i].key;
    return suggest_nearest(anchor, names, count);
}

struct doc_event alias_log_event(const struct alias_log *log, size_t index) {
    return log->events[index];
}
