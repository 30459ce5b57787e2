// SPDX-License-Identifier: Apache-2.0
#include "model/snapshot.h"
#include "base/alloc.h"
#include "base/vec.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SLOT_COUNT 16
#define LARGE_SLOT_COUNT ((size_t)64 * 1024)

// --- memory ---

// Large arrays grow by realloc, which moves pages instead of copying them and leaves no old copy behind, as growing
// inside the arena would.
static void snapshot_release(void *pointer) {
    struct snapshot *snapshot = pointer;
    for (struct subtype *subtype = snapshot->owned; subtype; subtype = subtype->next_owned) {
        free(subtype->readings);
        free(subtype->slots);
        free(subtype->context);
    }
    for (size_t i = 0; i < snapshot->count; i++) {
        map_done(&snapshot->measurements[i].by_name);
        free(snapshot->measurements[i].subtypes);
    }
    map_done(&snapshot->by_type);
    free(snapshot->measurements);
    free(snapshot->outcomes);
    free(snapshot->redacted);
    free(snapshot->notes);
}

struct snapshot *snapshot_new(struct arena *arena) {
    struct snapshot *snapshot = arena_new_object(arena, struct snapshot);
    snapshot->arena = arena;
    arena_on_free(arena, snapshot_release, snapshot);
    return snapshot;
}

struct subtype *subtype_new(struct snapshot *snapshot) {
    struct subtype *subtype = arena_new_object(snapshot->arena, struct subtype);
    subtype->next_owned = snapshot->owned;
    snapshot->owned = subtype;
    return subtype;
}

void subtype_trim(struct subtype *subtype) {
    if (subtype->count && subtype->count < subtype->capacity) {
        subtype->readings = xreallocarray(subtype->readings, subtype->count, sizeof *subtype->readings);
        subtype->capacity = subtype->count;
    }
}

// --- the index over a subtype's keys ---

// A slot holds the reading's index plus 1 in its low bits (as many as the table's size needs) and, in the rest, bits of
// the key's hash, so that a probe rarely has to look at a key that is not the one.
static uint32_t slot_tag(uint64_t hash, size_t slot_count) {
    return (uint32_t)(hash >> 32) & ~(uint32_t)(slot_count - 1);
}

static size_t find_slot(const struct subtype *subtype, const char *key, size_t length, uint64_t hash) {
    size_t mask = subtype->slot_count - 1;
    uint32_t tag = slot_tag(hash, subtype->slot_count);
    size_t slot = (size_t)hash & mask;
    for (; subtype->slots[slot]; slot = (slot + 1) & mask) {
        if ((subtype->slots[slot] & ~(uint32_t)mask) != tag)
            continue;
        const struct reading *reading = &subtype->readings[(subtype->slots[slot] & mask) - 1];
        if (reading->key_length == length && memcmp(reading->key, key, length) == 0)
            break;
    }
    return slot;
}

static void fill_slot(struct subtype *subtype, size_t slot, size_t index, uint64_t hash) {
    subtype->slots[slot] = slot_tag(hash, subtype->slot_count) | (uint32_t)(index + 1);
}

static void reindex(struct subtype *subtype, size_t slot_count) {
    free(subtype->slots);
    subtype->slots = xcalloc(slot_count, sizeof *subtype->slots);
    subtype->slot_count = slot_count;
    size_t mask = slot_count - 1;
    for (size_t i = 0; i < subtype->count; i++) {
        uint64_t hash = hash_bytes(subtype->readings[i].key, subtype->readings[i].key_length);
        size_t slot = (size_t)hash & mask;
        // Keys are known to differ, so the first free slot is the one.
        while (subtype->slots[slot])
            slot = (slot + 1) & mask;
        fill_slot(subtype, slot, i, hash);
    }
}

static struct reading *find(const struct subtype *subtype, const char *key, size_t length) {
    if (!subtype->slot_count)
        return NULL;
    size_t slot = find_slot(subtype, key, length, hash_bytes(key, length));
    uint32_t value = subtype->slots[slot];
    return value ? &subtype->readings[(value & (uint32_t)(subtype->slot_count - 1)) - 1] : NULL;
}

// In large steps as long as the table is small, so that keys are hashed anew less often.
static size_t larger_slot_count(size_t slot_count) {
    if (!slot_count)
        return FIRST_SLOT_COUNT;
    return slot_count < LARGE_SLOT_COUNT ? slot_count * 4 : slot_count * 2;
}

bool subtype_add(struct subtype *subtype, const struct reading *reading) {
    if ((subtype->count + 1) * 4 > subtype->slot_count * 3)
        reindex(subtype, larger_slot_count(subtype->slot_count));
    uint64_t hash = hash_bytes(reading->key, reading->key_length);
    size_t slot = find_slot(subtype, reading->key, reading->key_length, hash);
    if (subtype->slots[slot])
        return false;
    VEC_GROW(subtype->readings, subtype->count, subtype->capacity);
    fill_slot(subtype, slot, subtype->count, hash);
    subtype->readings[subtype->count++] = *reading;
    return true;
}

// --- building ---

struct measurement *snapshot_measurement(struct snapshot *snapshot, const char *type) {
    size_t found = (size_t)map_get(&snapshot->by_type, type);
    if (found)
        return &snapshot->measurements[found - 1];
    VEC_GROW(snapshot->measurements, snapshot->count, snapshot->capacity);
    struct measurement *measurement = &snapshot->measurements[snapshot->count++];
    *measurement = (struct measurement){.type = arena_strdup(snapshot->arena, type)};
    map_put(&snapshot->by_type, measurement->type, (void *)snapshot->count);
    return measurement;
}

bool snapshot_attach(struct snapshot *snapshot, const char *type, struct subtype *subtype) {
    struct measurement *measurement = snapshot_measurement(snapshot, type);
    if (map_has(&measurement->by_name, subtype->name))
        return false;
    VEC_GROW(measurement->subtypes, measurement->count, measurement->capacity);
    measurement->subtypes[measurement->count++] = subtype;
    map_put(&measurement->by_name, subtype->name, subtype);
    return true;
}

struct subtype *snapshot_subtype(struct snapshot *snapshot, const char *type, const char *name) {
    struct subtype *subtype = map_get(&snapshot_measurement(snapshot, type)->by_name, name);
    if (subtype)
        return subtype;
    subtype = subtype_new(snapshot);
    subtype->name = arena_strdup(snapshot->arena, name);
    snapshot_attach(snapshot, type, subtype);
    return subtype;
}

void snapshot_set(struct snapshot *snapshot, struct subtype *subtype, const char *key, enum doc_kind kind,
                  const char *text) {
    struct reading reading = {
        .text = arena_strdup(snapshot->arena, text ? text : "null"),
        .text_length = (uint32_t)strlen(text ? text : "null"),
        .kind = (uint8_t)(text ? kind : DOC_NULL),
        .is_plain = !text || kind != DOC_STRING,
    };
    struct reading *existing = find(subtype, key, strlen(key));
    reading.key = existing ? existing->key : arena_strdup(snapshot->arena, key);
    reading.key_length = (uint32_t)strlen(key);
    if (existing)
        *existing = reading;
    else
        subtype_add(subtype, &reading);
}

void snapshot_set_string(struct snapshot *snapshot, struct subtype *subtype, const char *key, const char *text) {
    snapshot_set(snapshot, subtype, key, DOC_STRING, text);
}

void snapshot_set_int(struct snapshot *snapshot, struct subtype *subtype, const char *key, int64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    snapshot_set(snapshot, subtype, key, DOC_INT, text);
}

void snapshot_set_uint(struct snapshot *snapshot, struct subtype *subtype, const char *key, uint64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    snapshot_set(snapshot, subtype, key, DOC_INT, text);
}

void snapshot_set_bool(struct snapshot *snapshot, struct subtype *subtype, const char *key, bool value) {
    snapshot_set(snapshot, subtype, key, DOC_BOOL, value ? "true" : "false");
}

void snapshot_add_outcome(struct snapshot *snapshot, const char *name, enum collector_status status, const char *reason,
                          uint64_t duration_ns) {
    VEC_GROW(snapshot->outcomes, snapshot->outcome_count, snapshot->outcome_capacity);
    snapshot->outcomes[snapshot->outcome_count++] = (struct collector_outcome){
        .name = arena_strdup(snapshot->arena, name),
        .status = status,
        .reason = reason ? arena_strdup(snapshot->arena, reason) : NULL,
        .duration_ns = duration_ns,
    };
}

void snapshot_add_redacted(struct snapshot *snapshot, const char *path, const char *rule) {
    VEC_GROW(snapshot->redacted, snapshot->redacted_count, snapshot->redacted_capacity);
    snapshot->redacted[snapshot->redacted_count++] = (struct redacted_reading){
        .path = arena_strdup(snapshot->arena, path),
        .rule = arena_strdup(snapshot->arena, rule),
    };
}

void snapshot_add_note(struct snapshot *snapshot, const char *note) {
    VEC_GROW(snapshot->notes, snapshot->note_count, snapshot->note_capacity);
    snapshot->notes[snapshot->note_count++] = arena_strdup(snapshot->arena, note);
}

// --- order ---

static int compare_readings(const void *a, const void *b) {
    return strcmp(((const struct reading *)a)->key, ((const struct reading *)b)->key);
}

static int compare_subtypes(const void *a, const void *b) {
    return strcmp((*(struct subtype *const *)a)->name, (*(struct subtype *const *)b)->name);
}

static int compare_measurements(const void *a, const void *b) {
    return strcmp(((const struct measurement *)a)->type, ((const struct measurement *)b)->type);
}

static int compare_outcomes(const void *a, const void *b) {
    return strcmp(((const struct collector_outcome *)a)->name, ((const struct collector_outcome *)b)->name);
}

static int compare_redacted(const void *a, const void *b) {
    const struct redacted_reading *left = a, *right = b;
    int order = strcmp(left->path, right->path);
    return order ? order : strcmp(left->rule, right->rule);
}

static void sort_array(void *items, size_t count, size_t size, int (*compare)(const void *, const void *)) {
    if (count > 1)
        qsort(items, count, size, compare);
}

void snapshot_sort(struct snapshot *snapshot) {
    sort_array(snapshot->measurements, snapshot->count, sizeof *snapshot->measurements, compare_measurements);
    for (size_t i = 0; i < snapshot->count; i++) {
        struct measurement *measurement = &snapshot->measurements[i];
        map_put(&snapshot->by_type, measurement->type, (void *)(i + 1));
        sort_array(measurement->subtypes, measurement->count, sizeof *measurement->subtypes, compare_subtypes);
        for (size_t j = 0; j < measurement->count; j++) {
            struct subtype *subtype = measurement->subtypes[j];
            sort_array(subtype->readings, subtype->count, sizeof *subtype->readings, compare_readings);
            sort_array(subtype->context, subtype->context_count, sizeof *subtype->context, compare_readings);
            if (subtype->slot_count)
                reindex(subtype, subtype->slot_count);
        }
    }
    sort_array(snapshot->outcomes, snapshot->outcome_count, sizeof *snapshot->outcomes, compare_outcomes);
    sort_array(snapshot->redacted, snapshot->redacted_count, sizeof *snapshot->redacted, compare_redacted);
}

// --- lookup ---

const struct measurement *snapshot_find_measurement(const struct snapshot *snapshot, const char *type) {
    size_t found = (size_t)map_get(&snapshot->by_type, type);
    return found ? &snapshot->measurements[found - 1] : NULL;
}

const struct subtype *snapshot_find_subtype(const struct snapshot *snapshot, const char *type, const char *name) {
    const struct measurement *measurement = snapshot_find_measurement(snapshot, type);
    return measurement ? map_get(&measurement->by_name, name) : NULL;
}

const struct reading *subtype_find_bytes(const struct subtype *subtype, const char *key, size_t length) {
    return subtype ? find(subtype, key, length) : NULL;
}

const struct reading *subtype_find(const struct subtype *subtype, const char *key) {
    return subtype_find_bytes(subtype, key, strlen(key));
}

const struct reading *snapshot_find(const struct snapshot *snapshot, const char *type, const char *subtype,
                                    const char *key) {
    return subtype_find(snapshot_find_subtype(snapshot, type, subtype), key);
}
