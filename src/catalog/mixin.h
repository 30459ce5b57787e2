// SPDX-License-Identifier: Apache-2.0
#pragma once

// Mixins: fragments of knowledge (constraints, componentRefs, validation) that overlays name in spec.mixins, or that a
// user adds to a recipe. A mixin names no other one, so there are no circles. The struct is in catalog.h, whose
// arena owns it.

#include "catalog/vocabulary.h"

// True for a RecipeMixin of ours and of the predecessors.
bool mixin_is_kind(const char *kind);
// Fills name, is_predecessor and doc. ERROR_INVALID, with file and line, when the head is missing or wrong.
int mixin_from_doc(const struct doc *doc, struct mixin *ret, struct error **err) _must_use_;
// As overlay_check and overlay_unknown_keys.
int mixin_check(struct arena *arena, const struct doc *doc, bool is_tolerant, const char **ret_note,
                struct error **err) _must_use_;
void mixin_unknown_keys(struct arena *arena, const struct doc *doc,
                        void (*report)(void *context, const struct doc_member *member, const char *where,
                                       const char *const *keys),
                        void *context);
// Whether a loaded mixin may be part of a recipe for the criteria (spec.appliesTo). ERROR_INVALID, starting with
// `where`, tells what it is for.
int mixin_check_applies(const struct vocabulary *vocabulary, const struct mixin *mixin, const struct criteria *criteria,
                        const char *where, struct error **err) _must_use_;
// Whether it may join those (name -> struct mixin) that are in the recipe already: none of the two names the other in
// spec.excludes. ERROR_INVALID names both.
int mixin_check_together(const struct mixin *mixin, const struct map *mixins, struct error **err) _must_use_;
