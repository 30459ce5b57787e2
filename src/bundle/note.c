// SPDX-License-Identifier: Apache-2.0
#include "bundle/note.h"

void note_add(struct arena *arena, struct notes *notes, bool is_warning, const char *component, const char *format,
              ...) {
    if (notes->count == notes->capacity) {
        size_t capacity = notes->capacity ? notes->capacity * 2 : 8;
        notes->items =
            arena_grow(arena, notes->items, notes->capacity * sizeof *notes->items, capacity * sizeof *notes->items);
        notes->capacity = capacity;
    }
    va_list arguments;
    va_start(arguments, format);
    notes->items[notes->count++] = (struct note){
        .component = component, .text = arena_vprintf(arena, format, arguments), .is_warning = is_warning};
    va_end(arguments);
}
