// SPDX-License-Identifier: Apache-2.0
#include "doc/merge.h"

// The chain of what a value replaced ends in `old`; nodes in front of it are copied, since they may be shared.
static const struct doc *with_previous(struct arena *arena, const struct doc *value, const struct doc *old) {
    struct doc *first = NULL, **place = &first;
    for (const struct doc *next = value; next; next = next->previous) {
        struct doc *copy = arena_new_object(arena, struct doc);
        *copy = *next;
        *place = copy;
        place = (struct doc **)&copy->previous;
    }
    *place = (struct doc *)old;
    return first;
}

const struct doc *doc_replacing(struct arena *arena, const struct doc *value, const struct doc *old) {
    return old && old != value ? with_previous(arena, value, old) : value;
}

const struct doc *doc_merge(struct arena *arena, const struct doc *under, const struct doc *over) {
    if (!under || !over)
        return over ? over : under;
    if (under == over)
        return under;
    if (under->kind != DOC_MAP || over->kind != DOC_MAP)
        return doc_replacing(arena, over, under);
    struct doc *merged = doc_new_map(arena);
    merged->origin = over->origin;
    merged->previous = under;
    DOC_FOREACH_MEMBER(member, under) {
        const struct doc *other = doc_get_bytes(over, member->key, member->key_length);
        (void)doc_map_add(arena, merged, member->key, member->key_length, member->key_origin,
                          doc_merge(arena, member->value, other));
    }
    DOC_FOREACH_MEMBER(member, over)
    (void)doc_map_add(arena, merged, member->key, member->key_length, member->key_origin, member->value);
    return merged;
}
