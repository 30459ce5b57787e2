// SPDX-License-Identifier: Apache-2.0
#pragma once

// A hash map from text to pointer that remembers insertion order. Starts as {0}; keys are borrowed and must outlive
// the map. Iterate with index 0 to count - 1 over entries[].

#include "base/macro.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_entry {
    const char *key;
    size_t key_length;
    void *value;
};

struct map {
    struct map_entry *entries;
    size_t count;
    size_t capacity;
    uint32_t *slots; // index + 1 into entries, 0 = free; power of two
    size_t slot_count;
};

void map_done(struct map *map);
#define _cleanup_map_ _cleanup_(map_done)

// Sets and returns true when the key is new; false (and the value replaced) when it was there.
bool map_put(struct map *map, const char *key, void *value);
bool map_put_bytes(struct map *map, const char *key, size_t key_length, void *value);
// NULL when absent.
void *map_get(const struct map *map, const char *key) _pure_;
void *map_get_bytes(const struct map *map, const char *key, size_t key_length) _pure_;
bool map_has(const struct map *map, const char *key) _pure_;

// The hash that map uses; seeded per process so that hostile keys cannot be prepared to collide.
uint64_t hash_bytes(const char *bytes, size_t length);
