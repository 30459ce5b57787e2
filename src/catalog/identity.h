// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a catalog is called and what it is: name and version as its catalog.yaml tells, and a digest of all its files,
// so that two catalogs with one digest give the same recipes. The index is a line for each file, sorted by path, as
// sha256sum writes them; the digest is the SHA-256 of the index. A packed catalog carries its index along.

#include "base/text.h"
#include "catalog/catalog.h"

#define CATALOG_HEAD_PATH "catalog.yaml"
#define CATALOG_INDEX_PATH "checksums.txt" // no part of the catalog, and not in the index

struct catalog_identity {
    const char *name, *version, *released; // NULL: the catalog does not tell
    const char *digest;                    // "sha256:" and 64 hexadecimal digits
    const char *source;                    // the folder or archive; NULL: built in
};

// Of what a catalog is opened from. A folder over the built-in knowledge has the built-in version, followed by "+" and
// its own where it has one, and an index of both: built-in files that it replaces are left out, those that it adds to
// (registry.yaml and others) stand there twice. ERROR_INVALID: a catalog.yaml that is none.
int catalog_identify(struct arena *arena, const struct catalog_spec *spec, struct catalog_identity *ret,
                     struct error **err) _must_use_;
// Of an open catalog; made when it was opened.
const struct catalog_identity *catalog_identity(const struct catalog *catalog);
void catalog_add_index(const struct catalog_spec *spec, struct text *out);
// Whether external files are what the index among them says; true where there is none. *ret_path is the first file that
// differs, is missing or is not listed.
bool catalog_index_holds(struct arena *arena, const struct catalog_spec *spec, const char **ret_path);
