// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "collect/collectors.h"

#include <fnmatch.h>
#include <stdio.h>

#define MOUNTS_LIMIT ((size_t)16 * 1024 * 1024)

// Where images, containers, models and checkpoints lie.
static const char *const places[] = {
    "/",    "/boot", "/boot/efi",  "/dev/hugepages", "/dev/shm", "/home",        "/opt", "/raid",      "/scratch",
    "/tmp", "/usr",  "/var",       "/var/lib",       "/var/log", "/var/lib/cni", "/run", "/var/lib/*", "/mnt/*",
    "/mnt", "/data", "/data[0-9]", "/local*",        "/lustre*", "/fsx*",        "/ebs*"};

// And wherever they are: what other machines serve, and huge pages.
static const char *const types[] = {"nfs*", "lustre", "gpfs",     "beegfs*", "wekafs",    "ceph",  "cifs",
                                    "smb*", "9p",     "virtiofs", "fuse.*",  "hugetlbfs", "ocfs2", "gfs2"};

// What every container or pod brings along.
static const char *const noise[] = {"/var/lib/kubelet/*",
                                    "/var/lib/containerd/*",
                                    "/var/lib/docker/*",
                                    "/var/lib/containers/*",
                                    "/run/*",
                                    "/proc*",
                                    "/sys*",
                                    "/snap/*"};

// Of these it matters which mount they lie on.
static const char *const stores[] = {"/var/lib/kubelet", "/var/lib/containerd", "/var/lib/docker"};

static bool matches(const char *text, const char *const *patterns, size_t count, int flags) {
    for (size_t i = 0; i < count; i++)
        if (fnmatch(patterns[i], text, flags) == 0)
            return true;
    return false;
}

static bool matters(const char *place, const char *type) {
    if (matches(place, places, ARRAY_SIZE(places), FNM_PATHNAME))
        return true;
    return matches(type, types, ARRAY_SIZE(types), 0) && !matches(place, noise, ARRAY_SIZE(noise), 0);
}

// White space and backslashes stand in octal: "\040".
static void unescape(char *text) {
    char *out = text;
    for (const char *in = text; *in;) {
        if (in[0] == '\\' && in[1] >= '0' && in[1] <= '3' && in[2] >= '0' && in[2] <= '7' && in[3] >= '0' &&
            in[3] <= '7') {
            *out++ = (char)((in[1] - '0') << 6 | (in[2] - '0') << 3 | (in[3] - '0'));
            in += 4;
        } else {
            *out++ = *in++;
        }
    }
    *out = '\0';
}

static void add_options(const struct readings *readings, const char *key, const char *options) {
    struct collection *collection = readings->collection;
    _cleanup_strvec_ struct strvec parts = {0};
    strvec_add_split(&parts, options, ',');
    const char **words = arena_new_array(collection->arena, const char *, parts.count);
    for (size_t i = 0; i < parts.count; i++)
        words[i] = parts.items[i];
    const char *rule = redact_words(collection->policy, collection->arena, words, parts.count);
    _cleanup_text_ struct text joined = {0};
    for (size_t i = 0; i < parts.count; i++)
        text_addf(&joined, "%s%s", i ? "," : "", words[i]);
    reading_words(readings, key, text_str(&joined), rule);
}

static void add_mount(const struct readings *readings, char *const fields[4]) {
    const char *place = text_as_utf8(readings->collection->arena, fields[1], strlen(fields[1]));
    _cleanup_free_ char *device_key = xasprintf("%s.device", place);
    _cleanup_free_ char *type_key = xasprintf("%s.type", place);
    _cleanup_free_ char *options_key = xasprintf("%s.options", place);
    reading_string(readings, device_key, fields[0]);
    reading_string(readings, type_key, fields[2]);
    add_options(readings, options_key, fields[3]);
}

static bool is_below(const char *path, const char *place) {
    size_t length = strlen(place);
    return strcmp(place, "/") == 0 || (strncmp(path, place, length) == 0 && (!path[length] || path[length] == '/'));
}

static void add_stores(const struct readings *readings, const struct strvec *mounted) {
    for (size_t i = 0; i < ARRAY_SIZE(stores); i++) {
        if (!machine_has(readings->collection->machine, stores[i]))
            continue;
        const char *nearest = NULL;
        for (size_t j = 0; j < mounted->count; j++)
            if (is_below(stores[i], mounted->items[j]) && (!nearest || strlen(mounted->items[j]) >= strlen(nearest)))
                nearest = mounted->items[j];
        _cleanup_free_ char *key = xasprintf("%s.on", stores[i]);
        reading_string(readings, key, nearest);
    }
}

static int read_table(struct collection *collection, struct text *content, struct error **err) {
    // Below a root, "self" is this process, whose mounts are not that machine's: its first process has those.
    const char *path = machine_is_running_one(collection->machine) ? "/proc/self/mounts" : "/proc/1/mounts";
    if (!machine_has(collection->machine, path))
        path = "/proc/mounts";
    return machine_read(collection->machine, path, MOUNTS_LIMIT, content, err);
}

static int collect(struct collection *collection, struct error **err) {
    _cleanup_text_ struct text content = {0};
    _cleanup_strvec_ struct strvec mounted = {0};
    int r = read_table(collection, &content, err);
    if (r < 0)
        return r;
    struct readings readings = readings_of(collection, "mounts");
    char *rest = content.bytes, *line;
    while (rest && (line = strsep(&rest, "\n"))) {
        char *fields[4];
        size_t count = 0;
        while (count < ARRAY_SIZE(fields) && (fields[count] = strsep(&line, " ")))
            unescape(fields[count++]);
        if (count < ARRAY_SIZE(fields))
            continue;
        strvec_add(&mounted, fields[1]);
        if (matters(fields[1], fields[2]))
            add_mount(&readings, fields); // a later mount on the same place hides the earlier one
    }
    add_stores(&readings, &mounted);
    return 0;
}

const struct collector collector_os_mounts = {
    .type = "OS", .subtype = "mounts", .needs = "/proc", .budget_ms = 5000, .collect = collect};
