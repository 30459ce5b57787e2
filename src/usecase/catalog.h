// SPDX-License-Identifier: Apache-2.0
#pragma once

// Catalogs as things of their own: packed into one file or folder, shown with version, digest and files, and compared
// by the recipes that they give. A place is a folder or an archive; NULL is the built-in catalog.

#include "base/text.h"
#include "usecase/knowledge.h"

// Writes the catalog with its index (checksums.txt): an archive when the output ends in ".tar" or is "-", else a
// folder. The same catalog gives the same bytes; files have the time of SOURCE_DATE_EPOCH, else that of the release. A
// folder that is no packed catalog is ERROR_CONFLICT.
int catalog_pack(struct arena *arena, const char *place, const char *output, struct error **err) _must_use_;
// A document of kind CatalogSummary: identity, counts, files with digests. `verify`, if given, must be the digest, or
// it is ERROR_CONFLICT.
int catalog_show(struct arena *arena, const char *place, const char *verify, const struct doc **ret,
                 struct error **err) _must_use_;
// The same for people; with_files lists them, too.
void catalog_show_text(const struct doc *summary, bool with_files, struct text *out);

struct catalog_diff_arguments {
    const char *old_place, *new_place; // NULL: what is built in
    bool all_combinations;             // not only those that an overlay of either is made for
};

// A document of kind CatalogDiff: both identities, files that differ, and which combinations of criteria change and
// how. Combinations with equal changes stand together. *ret_has_drift tells whether any combination changes.
int catalog_diff(struct arena *arena, const struct catalog_diff_arguments *arguments, const struct doc **ret,
                 bool *ret_has_drift, struct error **err) _must_use_;
void catalog_diff_text(const struct doc *diff, struct text *out);
// The catalog of a place, and what it is opened from.
int catalog_open_place(struct arena *arena, const char *place, struct catalog_spec *ret_spec, struct catalog **ret,
                       struct error **err) _must_use_;
