// SPDX-License-Identifier: Apache-2.0
#include "usecase/snapshot.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/sha256.h"
#include "collect/collect.h"
#include "usecase/deliver.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#define HOST_NAME_SIZE 256

// The machine's own name, as against the name that its cluster knows it by.
static bool machine_host_name(const char *root, char name[HOST_NAME_SIZE]) {
    struct machine machine;
    _cleanup_error_ struct error *ignored = NULL;
    if (machine_open(root, &machine, &ignored) < 0)
        return false; // collecting says it better
    bool is_known = machine_is_running_one(&machine)
                        ? gethostname(name, HOST_NAME_SIZE - 1) == 0
                        : machine_line(&machine, "/proc/sys/kernel/hostname", name, HOST_NAME_SIZE) ||
                              machine_line(&machine, "/etc/hostname", name, HOST_NAME_SIZE);
    machine_done(&machine);
    return is_known && *name;
}

static const char *node_name(struct arena *arena, const char *host_name) {
    static const char *const variables[] = {"NODE_NAME", "KUBERNETES_NODE_NAME", "HOSTNAME"};
    for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
        const char *value = getenv(variables[i]);
        if (value && *value)
            return arena_strdup(arena, value);
    }
    return arena_strdup(arena, host_name);
}

static int make_key(const char *given, unsigned char key[REDACT_KEY_SIZE], struct error **err) {
    if (given) {
        struct sha256 hash;
        sha256_init(&hash);
        sha256_add(&hash, given, strlen(given));
        sha256_finish(&hash, key);
        return 0;
    }
    if (getrandom(key, REDACT_KEY_SIZE, 0) != REDACT_KEY_SIZE)
        return error_set_errno(err, errno, "no random numbers to make pseudonyms with");
    return 0;
}

static void log_outcomes(const struct snapshot *snapshot) {
    for (size_t i = 0; i < snapshot->outcome_count; i++) {
        const struct collector_outcome *outcome = &snapshot->outcomes[i];
        const char *reason = outcome->reason ? outcome->reason : "";
        log_debug("%s: %s after %.1f ms%s%s", outcome->name, collector_status_name(outcome->status),
                  (double)outcome->duration_ns / 1e6, *reason ? ": " : "", reason);
        if (outcome->status == COLLECTOR_FAILED)
            log_warning("%s was not collected: %s", outcome->name, reason);
    }
}

static void add_metadata(struct arena *arena, struct snapshot *snapshot, const struct redact_policy *policy,
                         const char *version, const char *node) {
    static const char *const modes[] = {[REDACT_DEFAULT] = "default", [REDACT_OFF] = "off", [REDACT_STRICT] = "strict"};
    char timestamp[CLOCK_TIMESTAMP_SIZE];
    snapshot->api_version = "cns.nvidia.com/v1alpha1";
    snapshot->timestamp = arena_strdup(arena, clock_timestamp(clock_now(), timestamp));
    snapshot->version = arena_strdup(arena, version ? version : CNS_VERSION);
    struct redaction name = redact_text(policy, arena, node);
    snapshot->source_node = name.text;
    snapshot->redaction = modes[policy->mode];
    if (name.rule)
        snapshot_add_redacted(snapshot, "metadata.source-node", name.rule);
}

int snapshot_take(struct arena *arena, const struct snapshot_request *request, struct snapshot **ret,
                  struct error **err) {
    char host_name[HOST_NAME_SIZE] = "";
    machine_host_name(request->root, host_name);
    const char *node = node_name(arena, host_name);
    const char *names[] = {node, host_name};
    struct redact_policy policy = {.mode = request->redact, .host_names = names, .host_name_count = ARRAY_SIZE(names)};
    int r = request->redact == REDACT_STRICT ? make_key(request->redact_key, policy.key, err) : 0;
    if (r < 0)
        return r;
    struct collect_request collect = {
        .root = request->root,
        .filter = request->filter,
        .exclude = request->exclude,
        .require = request->require,
        .policy = &policy,
        .budget_ms = request->budget_ms,
        .progress = request->progress,
        .progress_context = request->progress_context,
    };
    struct snapshot *snapshot;
    r = collect_run(arena, &collect, &snapshot, err);
    if (r < 0)
        return r;
    log_outcomes(snapshot);
    add_metadata(arena, snapshot, &policy, request->version, node);
    snapshot_sort(snapshot);
    *ret = snapshot;
    return 0;
}

int snapshot_deliver(const struct snapshot *snapshot, enum snapshot_format format, const char *location,
                     struct error **err) {
    _cleanup_text_ struct text text = {0};
    int r = snapshot_write(snapshot, format, &text, err);
    if (r < 0)
        return r;
    return deliver_text(location, &text, err);
}
