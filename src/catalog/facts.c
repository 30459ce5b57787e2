// SPDX-License-Identifier: Apache-2.0
#include "catalog/facts.h"
#include "base/alloc.h"
#include "base/text.h"

#include <string.h>

int facts_load(struct catalog *catalog, const char *component, const struct doc **ret, struct error **err) {
    _cleanup_free_ char *path = xasprintf("components/%s/facts.yaml", component);
    const struct doc *doc = NULL;
    *ret = NULL;
    if (!catalog_find_file(catalog, path))
        return 0;
    int r = catalog_document(catalog, path, &doc, err);
    if (r < 0)
        return r;
    const char *kind = doc_get_text(doc, "kind", "none");
    if (!str_eq(kind, "ComponentFacts"))
        return doc_error(err, ERROR_INVALID, doc->origin, "this document must have kind ComponentFacts, not %s", kind);
    *ret = doc;
    return 0;
}

static const char *base_name(const char *file) {
    const char *slash = strrchr(file, '/');
    return slash ? slash + 1 : file;
}

static bool is_same_folder(const char *a, const char *b) {
    size_t length = (size_t)(base_name(a) - a);
    return length == (size_t)(base_name(b) - b) && strncmp(a, b, length) == 0;
}

// Facts write keys as they are; in the path of a value, what is no separator is escaped.
static bool covers(const char *fact, const char *path) {
    for (; *fact; fact++, path++) {
        path += *path == '\\';
        if (*fact != *path)
            return false;
    }
    return *path == '\0' || *path == '.';
}

struct fact facts_find(const struct doc *facts, const char *file, const char *path) {
    struct fact found = {0};
    size_t best = 0;
    if (!facts || !file || !facts->origin.source || !is_same_folder(facts->origin.source, file))
        return found;
    DOC_FOREACH_ITEM(item, doc_get(facts, "facts")) {
        const char *about = doc_get_text(item, "path", ""), *only = doc_get_text(item, "file", NULL);
        if (strlen(about) <= best || !covers(about, path) || (only && !str_eq(only, base_name(file))))
            continue;
        best = strlen(about);
        found = (struct fact){.source = doc_get_text(item, "source", NULL), .why = doc_get_text(item, "why", NULL)};
    }
    return found;
}
