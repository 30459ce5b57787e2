// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "collect/collectors.h"

#include <stdlib.h>
#include <unistd.h>

#define NODE_FOLDER "/sys/devices/system/node"
#define HUGEPAGE_FOLDER "/sys/kernel/mm/hugepages"
#define SMALL_FILE ((size_t)256 * 1024)

// "MemTotal:  16384 kB" and "Node 0 MemTotal: 16384 kB".
static bool meminfo_value(const char *text, const char *name, uint64_t *ret) {
    size_t length = strlen(name);
    for (const char *at = text; (at = strstr(at, name)); at += length) {
        bool is_start = at == text || at[-1] == '\n' || at[-1] == ' ';
        if (!is_start || at[length] != ':')
            continue;
        *ret = strtoull(at + length + 1, NULL, 10);
        return true;
    }
    return false;
}

static void add_meminfo(const struct readings *readings, const char *text, const char *name, const char *key) {
    uint64_t value;
    if (meminfo_value(text, name, &value))
        reading_uint(readings, key, value);
}

static int collect_memory(struct collection *collection, struct error **err) {
    _cleanup_text_ struct text content = {0};
    int r = machine_read(collection->machine, "/proc/meminfo", SMALL_FILE, &content, err);
    if (r < 0)
        return r;
    struct readings readings = readings_of(collection, "memory");
    add_meminfo(&readings, text_str(&content), "MemTotal", "total-kib");
    add_meminfo(&readings, text_str(&content), "MemAvailable", "available-kib");
    add_meminfo(&readings, text_str(&content), "CommitLimit", "commit-limit-kib");
    if (machine_is_live(collection->machine))
        reading_int(&readings, "page-size-bytes", sysconf(_SC_PAGESIZE));
    return 0;
}

// Lines of /proc/swaps after its header: file, type, size, used, priority.
static int collect_swap(struct collection *collection, struct error **err) {
    _cleanup_text_ struct text content = {0};
    int r = machine_read(collection->machine, "/proc/swaps", SMALL_FILE, &content, err);
    if (r < 0)
        return r;
    struct readings readings = readings_of(collection, "swap");
    uint64_t total = 0, count = 0;
    char *rest = content.bytes, *line;
    strsep(&rest, "\n");
    while (rest && (line = strsep(&rest, "\n"))) {
        char *field, *fields[3] = {0};
        size_t used = 0;
        while (used < ARRAY_SIZE(fields) && (field = strsep(&line, " \t")))
            if (*field)
                fields[used++] = field;
        if (used < ARRAY_SIZE(fields))
            continue;
        count++;
        total += strtoull(fields[2], NULL, 10);
        const char *file = text_as_utf8(collection->arena, fields[0], strlen(fields[0]));
        _cleanup_free_ char *type_key = xasprintf("device.%s.type", file);
        _cleanup_free_ char *size_key = xasprintf("device.%s.size-kib", file);
        reading_string(&readings, type_key, fields[1]);
        reading_uint(&readings, size_key, strtoull(fields[2], NULL, 10));
    }
    reading_bool(&readings, "enabled", count > 0);
    reading_uint(&readings, "device-count", count);
    reading_uint(&readings, "total-kib", total);
    return 0;
}

// "always [madvise] never": what stands in brackets is in force.
static void add_choice(const struct readings *readings, const char *path, const char *key) {
    char line[256];
    if (!machine_line(readings->collection->machine, path, line, sizeof line))
        return;
    char *start = strchr(line, '['), *end = start ? strchr(start, ']') : NULL;
    if (end)
        *end = '\0';
    reading_string(readings, key, end ? start + 1 : line);
}

static void add_pages_of(const struct readings *readings, const char *folder, const char *prefix) {
    static const struct {
        const char *file, *name;
    } counts[] = {{"nr_hugepages", "total"},
                  {"free_hugepages", "free"},
                  {"resv_hugepages", "reserved"},
                  {"surplus_hugepages", "surplus"},
                  {"nr_overcommit_hugepages", "overcommit"}};
    const struct machine *machine = readings->collection->machine;
    _cleanup_strvec_ struct strvec sizes = {0};
    machine_list(machine, folder, &sizes);
    for (size_t i = 0; i < sizes.count; i++) {
        if (!str_has_prefix(sizes.items[i], "hugepages-"))
            continue;
        for (size_t j = 0; j < ARRAY_SIZE(counts); j++) {
            int64_t value;
            _cleanup_free_ char *path = xasprintf("%s/%s/%s", folder, sizes.items[i], counts[j].file);
            _cleanup_free_ char *key =
                xasprintf("%s%s.%s", prefix, sizes.items[i] + strlen("hugepages-"), counts[j].name);
            if (machine_number(machine, path, &value))
                reading_int(readings, key, value);
        }
    }
}

static int collect_hugepages(struct collection *collection, struct error **err _unused_) {
    struct readings readings = readings_of(collection, "hugepages");
    add_pages_of(&readings, HUGEPAGE_FOLDER, "");
    _cleanup_strvec_ struct strvec nodes = {0};
    machine_list(collection->machine, NODE_FOLDER, &nodes);
    for (size_t i = 0; i < nodes.count; i++) {
        if (!str_has_prefix(nodes.items[i], "node"))
            continue;
        _cleanup_free_ char *folder = xasprintf(NODE_FOLDER "/%s/hugepages", nodes.items[i]);
        _cleanup_free_ char *prefix = xasprintf("%s.", nodes.items[i]);
        add_pages_of(&readings, folder, prefix);
    }
    _cleanup_text_ struct text meminfo = {0};
    _cleanup_error_ struct error *ignored = NULL;
    if (machine_read(collection->machine, "/proc/meminfo", SMALL_FILE, &meminfo, &ignored) == 0)
        add_meminfo(&readings, text_str(&meminfo), "Hugepagesize", "default-size-kib");
    add_choice(&readings, "/sys/kernel/mm/transparent_hugepage/enabled", "transparent.enabled");
    add_choice(&readings, "/sys/kernel/mm/transparent_hugepage/defrag", "transparent.defrag");
    return 0;
}

static void add_node(const struct readings *readings, const char *node) {
    const struct machine *machine = readings->collection->machine;
    char line[4096];
    _cleanup_free_ char *cpus = xasprintf(NODE_FOLDER "/%s/cpulist", node);
    _cleanup_free_ char *distances = xasprintf(NODE_FOLDER "/%s/distance", node);
    _cleanup_free_ char *memory = xasprintf(NODE_FOLDER "/%s/meminfo", node);
    _cleanup_free_ char *cpus_key = xasprintf("%s.cpus", node);
    _cleanup_free_ char *distances_key = xasprintf("%s.distances", node);
    _cleanup_free_ char *memory_key = xasprintf("%s.memory-kib", node);
    if (machine_line(machine, cpus, line, sizeof line))
        reading_string(readings, cpus_key, line);
    if (machine_line(machine, distances, line, sizeof line))
        reading_string(readings, distances_key, line);
    _cleanup_text_ struct text content = {0};
    _cleanup_error_ struct error *ignored = NULL;
    if (machine_read(machine, memory, SMALL_FILE, &content, &ignored) == 0)
        add_meminfo(readings, text_str(&content), "MemTotal", memory_key);
}

static int collect_numa(struct collection *collection, struct error **err _unused_) {
    _cleanup_strvec_ struct strvec nodes = {0};
    machine_list(collection->machine, NODE_FOLDER, &nodes);
    struct readings readings = readings_of(collection, "numa");
    uint64_t count = 0;
    for (size_t i = 0; i < nodes.count; i++) {
        if (!str_has_prefix(nodes.items[i], "node") || !strchr("0123456789", nodes.items[i][4]) || !nodes.items[i][4])
            continue;
        count++;
        add_node(&readings, nodes.items[i]);
    }
    reading_uint(&readings, "node-count", count);
    return 0;
}

const struct collector collector_os_memory = {
    .type = "OS", .subtype = "memory", .needs = "/proc/meminfo", .budget_ms = 5000, .collect = collect_memory};
const struct collector collector_os_swap = {
    .type = "OS", .subtype = "swap", .needs = "/proc/swaps", .budget_ms = 5000, .collect = collect_swap};
const struct collector collector_os_hugepages = {
    .type = "OS", .subtype = "hugepages", .needs = HUGEPAGE_FOLDER, .budget_ms = 5000, .collect = collect_hugepages};
const struct collector collector_os_numa = {
    .type = "OS", .subtype = "numa", .needs = NODE_FOLDER, .budget_ms = 5000, .collect = collect_numa};
