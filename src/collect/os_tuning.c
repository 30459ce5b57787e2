// SPDX-License-Identifier: Apache-2.0
// What proves node tuning and stands nowhere else: the tuned profile in force, the parameters that the GPU driver was
// loaded with, and what the kubelet's managers do.
#include "base/alloc.h"
#include "collect/collectors.h"
#include "doc/load.h"

#define TUNED_FOLDER "/etc/tuned"
#define DRIVER_FOLDER "/proc/driver/nvidia"
#define KUBELET_FOLDER "/var/lib/kubelet"
#define SMALL_FILE ((size_t)256 * 1024)

// --- tuned ---

static void add_line(const struct readings *readings, const char *path, const char *key) {
    char line[1024];
    if (machine_line(readings->collection->machine, path, line, sizeof line))
        reading_string(readings, key, text_as_utf8(readings->collection->arena, line, strlen(line)));
}

static int collect_tuned(struct collection *collection, struct error **err _unused_) {
    struct readings readings = readings_of(collection, "tuned");
    add_line(&readings, TUNED_FOLDER "/active_profile", "active-profile");
    add_line(&readings, TUNED_FOLDER "/profile_mode", "profile-mode");
    return 0;
}

// --- the driver's parameters ---

// "NVRM version: NVIDIA UNIX Open Kernel Module for aarch64  580.95.05  Release Build ..."
static void add_driver(const struct readings *readings) {
    char line[1024];
    if (!machine_line(readings->collection->machine, DRIVER_FOLDER "/version", line, sizeof line))
        return;
    const char *text = strchr(line, ':');
    text = text ? str_trim((char *)text + 1) : line;
    reading_string(readings, "module", text_as_utf8(readings->collection->arena, text, strlen(text)));
}

static int collect_driver(struct collection *collection, struct error **err) {
    struct readings readings = readings_of(collection, "nvidia-driver");
    _cleanup_text_ struct text content = {0};
    add_driver(&readings);
    int r = machine_read(collection->machine, DRIVER_FOLDER "/params", SMALL_FILE, &content, err);
    if (r < 0)
        return r;
    char *rest = content.bytes, *line;
    while (rest && (line = strsep(&rest, "\n"))) {
        char *colon = strchr(line, ':');
        if (!colon)
            continue;
        *colon = '\0';
        const char *name = str_trim(line), *value = str_trim(colon + 1);
        if (!*name)
            continue;
        _cleanup_free_ char *key = xasprintf("parameter.%s", text_as_utf8(collection->arena, name, strlen(name)));
        reading_string(&readings, key, text_as_utf8(collection->arena, value, strlen(value)));
    }
    return 0;
}

// --- the kubelet ---

// The managers keep {"policyName": "static", ...} so that a kubelet which starts again knows what it gave away.
static void add_policy(const struct readings *readings, const char *path, const char *key) {
    struct collection *collection = readings->collection;
    _cleanup_text_ struct text content = {0};
    _cleanup_error_ struct error *why = NULL;
    const struct doc *doc = NULL;
    if (!machine_has(collection->machine, path))
        return;
    int r = machine_read(collection->machine, path, SMALL_FILE, &content, &why);
    r = r < 0 ? r
              : doc_load_buffer(collection->arena, text_str(&content), content.length, path, DOC_FORMAT_JSON, NULL,
                                &doc, &why);
    const char *policy = doc_get_text(doc, "policyName", NULL);
    if (r < 0)
        collection_note(collection, "%s", why->message);
    else
        reading_string(readings, key, policy);
}

static int collect_kubelet(struct collection *collection, struct error **err _unused_) {
    struct readings readings = readings_of(collection, "kubelet");
    add_policy(&readings, KUBELET_FOLDER "/cpu_manager_state", "cpu-manager-policy");
    add_policy(&readings, KUBELET_FOLDER "/memory_manager_state", "memory-manager-policy");
    return 0;
}

const struct collector collector_os_tuned = {.type = "OS",
                                             .subtype = "tuned",
                                             .needs = TUNED_FOLDER "/active_profile",
                                             .budget_ms = 5000,
                                             .collect = collect_tuned};
const struct collector collector_os_driver = {.type = "OS",
                                              .subtype = "nvidia-driver",
                                              .needs = DRIVER_FOLDER "/params",
                                              .budget_ms = 5000,
                                              .collect = collect_driver};
const struct collector collector_os_kubelet = {.type = "OS",
                                               .subtype = "kubelet",
                                               .needs = KUBELET_FOLDER "/cpu_manager_state",
                                               .budget_ms = 5000,
                                               .collect = collect_kubelet};
