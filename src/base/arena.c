// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"
#include "base/alloc.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define FIRST_BLOCK_SIZE ((size_t)8 * 1024)
#define LARGEST_BLOCK_SIZE ((size_t)1024 * 1024)
#define ALIGNMENT (_Alignof(max_align_t))

struct block {
    struct block *next;
    size_t size;
    size_t used;
    char data[] __attribute__((aligned(16)));
};

struct on_free {
    struct on_free *next;
    void (*function)(void *);
    void *pointer;
};

struct arena {
    struct block *blocks;
    struct on_free *on_free;
    size_t next_size;
    size_t total;
};

struct arena *arena_new(void) {
    struct arena *arena = xcalloc(1, sizeof *arena);
    arena->next_size = FIRST_BLOCK_SIZE;
    return arena;
}

void arena_free(struct arena *arena) {
    if (!arena)
        return;
    for (struct on_free *entry = arena->on_free; entry; entry = entry->next)
        entry->function(entry->pointer);
    for (struct block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    free(arena);
}

static struct block *add_block(struct arena *arena, size_t needed) {
    size_t size = MAX(arena->next_size, needed);
    struct block *block = xmalloc(sizeof *block + size);
    block->size = size;
    block->used = 0;
    arena->total += sizeof *block + size;
    // An allocation larger than a block gets a block of its own behind the current one, whose rest stays usable.
    if (needed > arena->next_size && arena->blocks) {
        block->next = arena->blocks->next;
        arena->blocks->next = block;
    } else {
        block->next = arena->blocks;
        arena->blocks = block;
        arena->next_size = MIN(arena->next_size * 2, LARGEST_BLOCK_SIZE);
    }
    return block;
}

static void *take(struct arena *arena, size_t size, size_t alignment) {
    struct block *block = arena->blocks;
    if (block) {
        size_t start = (block->used + alignment - 1) & ~(alignment - 1);
        if (start <= block->size && size <= block->size - start) {
            block->used = start + size;
            return block->data + start;
        }
    }
    block = add_block(arena, size);
    block->used = size;
    return block->data;
}

void *arena_alloc(struct arena *arena, size_t size) {
    void *pointer = take(arena, size ? size : 1, ALIGNMENT);
    memset(pointer, 0, size);
    return pointer;
}

void *arena_grow(struct arena *arena, void *pointer, size_t old_size, size_t new_size) {
    struct block *block = arena->blocks;
    if (pointer && block && (char *)pointer + old_size == block->data + block->used &&
        new_size - old_size <= block->size - block->used) {
        memset((char *)pointer + old_size, 0, new_size - old_size);
        block->used += new_size - old_size;
        return pointer;
    }
    void *moved = arena_alloc(arena, new_size);
    if (old_size)
        memcpy(moved, pointer, old_size);
    return moved;
}

char *arena_text_space(struct arena *arena, size_t size) {
    return take(arena, size ? size : 1, 1);
}

char *arena_strndup(struct arena *arena, const char *text, size_t length) {
    char *copy = arena_text_space(arena, length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text) {
    return arena_strndup(arena, text, strlen(text));
}

char *arena_vprintf(struct arena *arena, const char *format, va_list arguments) {
    _cleanup_free_ char *text = xvasprintf(format, arguments);
    return arena_strdup(arena, text);
}

char *arena_printf(struct arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_vprintf(arena, format, arguments);
    va_end(arguments);
    return text;
}

void arena_on_free(struct arena *arena, void (*function)(void *), void *pointer) {
    struct on_free *entry = arena_new_object(arena, struct on_free);
    entry->next = arena->on_free;
    entry->function = function;
    entry->pointer = pointer;
    arena->on_free = entry;
}

size_t arena_size(const struct arena *arena) {
    return arena->total;
}
