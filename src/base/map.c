// SPDX-License-Identifier: Apache-2.0
#include "base/map.h"
#include "base/alloc.h"

#include <string.h>
#include <sys/auxv.h>

static uint64_t hash_seed(void) {
    static uint64_t seed;
    if (!seed) {
        // The kernel hands every process 16 random bytes; no system call is needed.
        const void *random = (const void *)getauxval(AT_RANDOM);
        if (random)
            memcpy(&seed, random, sizeof seed);
        seed |= 1;
    }
    return seed;
}

static inline uint64_t mix(uint64_t a, uint64_t b) {
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

// Multiply-and-fold over 8-byte words, in the manner of wyhash.
uint64_t hash_bytes(const char *bytes, size_t length) {
    const uint64_t k0 = UINT64_C(0xa0761d6478bd642f), k1 = UINT64_C(0xe7037ed1a0b428db);
    uint64_t h = hash_seed() ^ length * k0;
    uint64_t word;
    size_t left = length;
    for (; left >= 8; left -= 8, bytes += 8) {
        memcpy(&word, bytes, 8);
        h = mix(h ^ word, k1);
    }
    word = 0;
    memcpy(&word, bytes, left);
    return mix(h ^ word ^ k0, k1);
}

void map_done(struct map *map) {
    free(map->entries);
    free(map->slots);
    *map = (struct map){0};
}

static size_t find_slot(const struct map *map, const char *key, size_t key_length) {
    size_t mask = map->slot_count - 1;
    size_t slot = (size_t)hash_bytes(key, key_length) & mask;
    for (; map->slots[slot]; slot = (slot + 1) & mask) {
        const struct map_entry *entry = &map->entries[map->slots[slot] - 1];
        if (entry->key_length == key_length && memcmp(entry->key, key, key_length) == 0)
            break;
    }
    return slot;
}

static void rehash(struct map *map) {
    map->slot_count = map->slot_count ? map->slot_count * 2 : 16;
    free(map->slots);
    map->slots = xcalloc(map->slot_count, sizeof *map->slots);
    for (size_t i = 0; i < map->count; i++)
        map->slots[find_slot(map, map->entries[i].key, map->entries[i].key_length)] = (uint32_t)(i + 1);
}

bool map_put_bytes(struct map *map, const char *key, size_t key_length, void *value) {
    if ((map->count + 1) * 2 > map->slot_count)
        rehash(map);
    size_t slot = find_slot(map, key, key_length);
    if (map->slots[slot]) {
        map->entries[map->slots[slot] - 1].value = value;
        return false;
    }
    if (map->count == map->capacity) {
        map->capacity = map->capacity ? map->capacity * 2 : 8;
        map->entries = xreallocarray(map->entries, map->capacity, sizeof *map->entries);
    }
    map->entries[map->count++] = (struct map_entry){.key = key, .key_length = key_length, .value = value};
    map->slots[slot] = (uint32_t)map->count;
    return true;
}

bool map_put(struct map *map, const char *key, void *value) {
    return map_put_bytes(map, key, strlen(key), value);
}

static const struct map_entry *find(const struct map *map, const char *key, size_t key_length) {
    if (!map->slot_count)
        return NULL;
    size_t slot = find_slot(map, key, key_length);
    return map->slots[slot] ? &map->entries[map->slots[slot] - 1] : NULL;
}

void *map_get_bytes(const struct map *map, const char *key, size_t key_length) {
    const struct map_entry *entry = find(map, key, key_length);
    return entry ? entry->value : NULL;
}

void *map_get(const struct map *map, const char *key) {
    return map_get_bytes(map, key, strlen(key));
}

bool map_has(const struct map *map, const char *key) {
    return find(map, key, strlen(key)) != NULL;
}
