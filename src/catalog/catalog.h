// SPDX-License-Identifier: Apache-2.0
#pragma once

// The knowledge in use: registry, overlays, component values and manifests, as a set of files by relative path. It is
// the embedded set, that set with external files over it (--data), or external files alone (--catalog). Files come in
// as bytes, so nothing here touches a disk. A document is parsed when it is first asked for and kept: it lives in the
// catalog's arena and never changes, so results of any number of resolutions share it safely.
//
// Reads the formats of both predecessors (kinds recipeMetadata and RecipeMetadata, RecipeMixin) unchanged. Not
// thread-safe.

#include "model/criteria.h"
#include "model/embedded.h"
#include "model/recipe.h"

struct catalog_file {
    const char *path; // relative: "overlays/eks.yaml"
    const char *name; // for origins and messages: "recipes/overlays/eks.yaml", "<DIR>/overlays/eks.yaml"
    const char *bytes;
    size_t length;
    const struct embedded_file *embedded; // NULL: external
};

enum catalog_mode {
    CATALOG_OVERLAY, // external files over the embedded ones (none: the embedded ones alone)
    CATALOG_REPLACE, // external files alone
};

// What to open. The arrays are borrowed and must live as long as the catalog.
struct catalog_spec {
    const struct catalog_file *files; // external, in any order
    size_t count;
    const char *directory; // where they come from, for messages; NULL: none
    enum catalog_mode mode;
    const struct embedded_knowledge *embedded; // NULL: what is built in
};

// An overlay as far as matching needs it. Its document is parsed on demand (catalog_overlay_load).
struct overlay {
    const char *name;
    const char *base; // NULL: the base
    struct criteria criteria;
    bool has_criteria; // without, it never matches by itself
    bool is_external;
    bool is_predecessor; // kind or apiVersion of a predecessor
    bool is_newer;       // of the newer generation of its documents
    struct catalog_file file;
    const struct doc *doc;       // NULL until loaded
    const struct doc *extension; // a document at the same path that only adds to its profile; NULL: none
};

// A mixin (mixin.h).
struct mixin {
    const char *name;
    bool is_external;
    bool is_predecessor, is_newer;
    struct catalog_file file;
    const struct doc *doc; // NULL until loaded
};

struct catalog;

// Reads what must be known at once: the embedded index, the heads of external overlays. The catalog lives in the arena.
int catalog_open(struct arena *arena, const struct catalog_spec *spec, struct catalog **ret,
                 struct error **err) _must_use_;
enum catalog_mode catalog_mode(const struct catalog *catalog);
// True when the catalog is a predecessor's own folder, whose rules then apply to the letter (docs/recipe.md).
bool catalog_is_predecessor(const struct catalog *catalog);
// True when it is one of the newer generation (aicr.run), which has rules of its own on top (newer.h).
bool catalog_is_newer(const struct catalog *catalog);
// Remarks made while reading ("unknown key ..."), in the order of files.
size_t catalog_notes(const struct catalog *catalog, const char *const **ret);

// The file with that relative path, the external one where there are both; NULL when there is none.
const struct catalog_file *catalog_find_file(struct catalog *catalog, const char *path);
// The paths of all files whose path begins so, sorted; the list lives in the catalog's arena.
size_t catalog_list(struct catalog *catalog, const char *prefix, const char *const **ret);
// The file as a document, parsed once. ERROR_NOT_FOUND, with a suggestion, when there is no such file.
int catalog_document(struct catalog *catalog, const char *path, const struct doc **ret, struct error **err) _must_use_;

// As catalog_document, but of the built-in knowledge whatever the mode is: for what a predecessor's folder cannot have.
int catalog_builtin_document(struct catalog *catalog, const char *path, const struct doc **ret,
                             struct error **err) _must_use_;

// All overlays but the base, sorted by name.
size_t catalog_overlays(const struct catalog *catalog, const struct overlay **ret);
// NULL when unknown. The base is found as "base".
const struct overlay *catalog_find_overlay(const struct catalog *catalog, const char *name);
// Parses and checks the overlay's document when that has not been done; the overlay's doc is then set.
int catalog_overlay_load(struct catalog *catalog, const struct overlay *overlay, struct error **err) _must_use_;

// All mixins, sorted by name. Their documents may not be loaded.
size_t catalog_mixins(const struct catalog *catalog, const struct mixin **ret);
// The mixin with its document. ERROR_NOT_FOUND, starting with `where`, tells which there are and suggests one.
int catalog_mixin(struct catalog *catalog, const char *name, const char *where, const struct mixin **ret,
                  struct error **err) _must_use_;

// *ret is NULL when the registry does not know the component. ERROR_INVALID when the registry is malformed.
int catalog_registry_entry(struct catalog *catalog, const char *name, const struct registry_entry **ret,
                           struct error **err) _must_use_;
// The whole registry: embedded entries in their order, then new external ones. An external entry of the same name
// replaces the embedded one whole.
int catalog_registry(struct catalog *catalog, const struct registry_entry **ret, size_t *ret_count,
                     struct error **err) _must_use_;
