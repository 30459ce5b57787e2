// SPDX-License-Identifier: Apache-2.0
#pragma once

// A region of memory that is freed as a whole. A command or a request owns one; everything that it loads or makes
// lives there, so nothing inside has an owner of its own. Not thread-safe: threads that build use an arena each.

#include "base/macro.h"

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void) __attribute__((returns_nonnull));
void arena_free(struct arena *arena);
DEFINE_CLEANUP(struct arena *, arena, arena_free)
#define _cleanup_arena_ _cleanup_(arena_cleanup)

// Zeroed memory, aligned for any type. Never NULL.
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, returns_nonnull));
// Grows an array made in the arena; the old place is reused when it is the newest allocation, else abandoned.
void *arena_grow(struct arena *arena, void *pointer, size_t old_size, size_t new_size) __attribute__((returns_nonnull));
// Unaligned, not zeroed: for text. The returned space holds `size` bytes.
char *arena_text_space(struct arena *arena, size_t size) __attribute__((returns_nonnull));
char *arena_strdup(struct arena *arena, const char *text) __attribute__((returns_nonnull));
char *arena_strndup(struct arena *arena, const char *text, size_t length) __attribute__((returns_nonnull));
char *arena_printf(struct arena *arena, const char *format, ...) _printf_(2, 3) __attribute__((returns_nonnull));
char *arena_vprintf(struct arena *arena, const char *format, va_list arguments) _printf_(2, 0)
    __attribute__((returns_nonnull));
// Calls function(pointer) when the arena is freed, newest first.
void arena_on_free(struct arena *arena, void (*function)(void *), void *pointer);
// Bytes taken from the heap so far.
size_t arena_size(const struct arena *arena) _pure_;

#define arena_new_object(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define arena_new_array(arena, type, count) ((type *)arena_alloc((arena), sizeof(type) * (count)))
