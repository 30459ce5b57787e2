// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "collect/collectors.h"

#include <errno.h>

#define MODULES_LIMIT ((size_t)4 * 1024 * 1024)
#define VALUE_SIZE 4096

// Parameters that root alone may read are counted: their absence is not "none".
static size_t add_parameters(const struct readings *readings, const char *module) {
    struct collection *collection = readings->collection;
    size_t unreadable = 0;
    _cleanup_strvec_ struct strvec names = {0};
    _cleanup_free_ char *folder = xasprintf("/sys/module/%s/parameters", module);
    machine_list(collection->machine, folder, &names);
    for (size_t i = 0; i < names.count; i++) {
        char value[VALUE_SIZE];
        _cleanup_free_ char *path = xasprintf("%s/%s", folder, names.items[i]);
        _cleanup_free_ char *key = xasprintf("%s.parameter.%s", module, names.items[i]);
        if (machine_line(collection->machine, path, value, sizeof value))
            reading_string(readings, key, value);
        else
            unreadable++;
    }
    return unreadable;
}

static void add_fact(const struct readings *readings, const char *module, const char *file, const char *name) {
    char value[256];
    _cleanup_free_ char *path = xasprintf("/sys/module/%s/%s", module, file);
    if (!machine_line(readings->collection->machine, path, value, sizeof value) || !value[0])
        return;
    _cleanup_free_ char *key = xasprintf("%s.%s", module, name);
    reading_string(readings, key, value);
}

static int collect(struct collection *collection, struct error **err) {
    _cleanup_text_ struct text content = {0};
    int r = machine_read(collection->machine, "/proc/modules", MODULES_LIMIT, &content, err);
    if (r < 0)
        return r;
    struct readings readings = readings_of(collection, "kmod");
    struct readings detail = readings_of(collection, "kmod-detail");
    size_t unreadable = 0;
    char *rest = content.bytes, *line;
    while (rest && (line = strsep(&rest, "\n"))) {
        line[strcspn(line, " \t")] = '\0';
        if (!*line || strchr(line, '/'))
            continue;
        const char *module = text_as_utf8(collection->arena, line, strlen(line));
        reading_bool(&readings, module, true);
        add_fact(&detail, module, "version", "version");
        add_fact(&detail, module, "srcversion", "source-version");
        add_fact(&detail, module, "taint", "taint");
        unreadable += add_parameters(&detail, module);
    }
    if (unreadable)
        collection_note(collection, "%zu module parameters could not be read", unreadable);
    return 0;
}

const struct collector collector_os_kmod = {
    .type = "OS", .subtype = "kmod", .needs = "/proc/modules", .budget_ms = 10000, .collect = collect};
