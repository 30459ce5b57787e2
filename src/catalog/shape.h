// SPDX-License-Identifier: Apache-2.0
#pragma once

// Checks that nothing in a document of recipes is misspelt or of the wrong shape, and the checks of what overlays,
// mixins and profiles have in common: constraints, componentRefs and validation. Internal to the catalog.

#include "base/text.h"
#include "doc/doc.h"

struct shape {
    struct arena *arena;
    bool is_tolerant; // unknown keys become a note, else they are errors
    struct text note; // freed by shape_check
    // Given: takes each unknown key, which is then no error; `where` is the path of the map that has it, `keys` what
    // that may have (NULL-ended).
    void (*report)(void *context, const struct doc_member *member, const char *where, const char *const *keys);
    void *context;
};

// Runs `check` over a document. *ret_note is what a tolerant check has to tell, in the arena; NULL: nothing.
int shape_check(struct shape *shape, int (*check)(struct shape *, const struct doc *, struct error **),
                const struct doc *doc, const char **ret_note, struct error **err) _must_use_;
// A map, or nothing, whose keys are all known. `keys` is NULL-ended.
int shape_map(struct shape *shape, const struct doc *map, const char *where, const char *const *keys,
              struct error **err) _must_use_;
// A list of such maps, each with a name of its own.
int shape_named_list(struct shape *shape, const struct doc *list, const char *where, const char *const *keys,
                     struct error **err) _must_use_;
// A list of texts that are not empty.
int shape_text_list(const struct doc *list, const char *where, struct error **err) _must_use_;
// The members constraints, componentRefs and validation of `layer`, which stands at `where`.
int shape_layer(struct shape *shape, const struct doc *layer, const char *where, struct error **err) _must_use_;
// kind, apiVersion and metadata.name of a document that is `what` ("an overlay"), of kind `kind`.
int shape_head(const struct doc *doc, const char *what, const char *kind, struct error **err) _must_use_;
