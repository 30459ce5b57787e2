// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the files of the catalog's implementation share. Internal to them.

#include "catalog/identity.h"
#include "catalog/registry.h"

#define BASE_PATH "overlays/base.yaml"
#define REGISTRY_PATH "registry.yaml"
#define MIXIN_FOLDER "mixins/"

// A document is known by the bytes that it was made from: names may coincide (--data recipes).
struct parsed {
    const char *bytes;
    const struct doc *doc;
};

struct catalog {
    struct arena *arena;
    const struct embedded_knowledge *embedded;
    enum catalog_mode mode;
    const char *directory;
    struct catalog_identity identity;
    bool is_predecessor, is_newer;
    struct catalog_file *builtin;  // at the places of embedded files, those that were asked for; else without path
    struct catalog_file *external; // sorted by path
    size_t external_count;
    struct overlay base;
    struct overlay *overlays; // sorted by name
    size_t overlay_count;
    struct mixin *mixins; // sorted by name
    size_t mixin_count;
    struct parsed *documents;
    size_t document_count, document_capacity;
    struct registry registry;
    bool has_registry;
    const char **notes;
    size_t note_count, note_capacity;
};

bool catalog_path_is_yaml(const char *path);
const struct catalog_file *catalog_find_external(const struct catalog *catalog, const char *path);
const struct catalog_file *catalog_find_builtin(struct catalog *catalog, const char *path);
int catalog_load_file(struct catalog *catalog, const struct catalog_file *file, const struct doc **ret,
                      struct error **err) _must_use_;
void catalog_add_note(struct catalog *catalog, const char *note);

// Called once each, when a catalog is opened.
int catalog_read_overlays(struct catalog *catalog, struct error **err) _must_use_;
int catalog_read_mixins(struct catalog *catalog, struct error **err) _must_use_;
