// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "collect/collectors.h"
#include "io/systemd_bus.h"

#include <fnmatch.h>
#include <unistd.h>

#define PRIVATE_SOCKET "/run/systemd/private"
#define BUS_SOCKET "/run/dbus/system_bus_socket"

// Told even where they are not installed: recipes and older readers look at their LoadState.
static const char *const always[] = {"containerd.service", "docker.service", "kubelet.service"};

// Asked for by name, because a unit that is stopped and not wanted by another is in no list of loaded units.
static const char *const if_installed[] = {
    "crio.service",        "nvidia-fabricmanager.service", "nvidia-imex.service", "nvidia-persistenced.service",
    "nvidia-dcgm.service", "nvidia-mig-manager.service",   "openibd.service",     "rdma-ndd.service",
    "tuned.service",
};

// And what else is loaded and belongs to containers, GPUs, fabric and time.
static const char *const patterns[] = {
    "nvidia*.service",    "nvsm*.service",  "dcgm*.service",          "containerd*.service",
    "docker*.service",    "crio*.service",  "cri-*.service",          "kubelet*.service",
    "k3s*.service",       "rke2*.service",  "snap.microk8s*.service", "opensm*.service",
    "openibd*.service",   "rdma*.service",  "chrony*.service",        "systemd-timesyncd.service",
    "irqbalance.service", "tuned*.service", "iscsid.service",         NULL};

static const char *const unit_names[] = {"*.service", NULL};

// Bit masks without meaning to people, results of an assertion's evaluation, and whatever holds credentials.
static const char *const removed[] = {"AllowedCPUs", "AllowedMemoryNodes", "Asserts", "BPFProgram", "BusName",
                                      "Id",          "*Credential*"};

static bool is_removed(const char *property) {
    for (size_t i = 0; i < ARRAY_SIZE(removed); i++)
        if (fnmatch(removed[i], property, 0) == 0)
            return true;
    return false;
}

// --- values in the predecessors' form: [a b], map[k:v], nested ---

struct flattening {
    struct collection *collection;
    const char *rule; // the first that applied
    struct text out;
};

static void flatten(struct flattening *state, const struct doc *value);

static bool is_list_of_text(const struct doc *list) {
    for (size_t i = 0; i < doc_count(list); i++)
        if (!doc_is_scalar(doc_item(list, i)))
            return false;
    return true;
}

// Texts beside each other may be a program's arguments or assignments, so they are redacted together.
static void flatten_words(struct flattening *state, const struct doc *list) {
    size_t count = doc_count(list);
    const char **words = arena_new_array(state->collection->arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        words[i] = doc_text(doc_item(list, i));
    const char *rule = redact_words(state->collection->policy, state->collection->arena, words, count);
    state->rule = state->rule ? state->rule : rule;
    for (size_t i = 0; i < count; i++) {
        if (i)
            text_add_char(&state->out, ' ');
        text_add(&state->out, words[i]);
    }
}

static void flatten_list(struct flattening *state, const struct doc *list) {
    text_add_char(&state->out, '[');
    if (is_list_of_text(list)) {
        flatten_words(state, list);
    } else {
        for (size_t i = 0; i < doc_count(list); i++) {
            if (i)
                text_add_char(&state->out, ' ');
            flatten(state, doc_item(list, i));
        }
    }
    text_add_char(&state->out, ']');
}

static int compare_members(const void *a, const void *b) {
    return strcmp((*(const struct doc_member *const *)a)->key, (*(const struct doc_member *const *)b)->key);
}

static void flatten_map(struct flattening *state, const struct doc *map) {
    size_t count = 0;
    const struct doc_member **members =
        arena_new_array(state->collection->arena, const struct doc_member *, doc_count(map));
    DOC_FOREACH_MEMBER(member, map)
    members[count++] = member;
    if (count > 1)
        qsort(members, count, sizeof *members, compare_members);
    text_add(&state->out, "map[");
    for (size_t i = 0; i < count; i++) {
        const char *text = doc_text(members[i]->value);
        text_addf(&state->out, "%s%s:", i ? " " : "", members[i]->key);
        if (!text) {
            flatten(state, members[i]->value);
            continue;
        }
        struct redaction value =
            redact_value(state->collection->policy, state->collection->arena, members[i]->key, text);
        state->rule = state->rule ? state->rule : value.rule;
        text_add(&state->out, value.text);
    }
    text_add_char(&state->out, ']');
}

static void flatten(struct flattening *state, const struct doc *value) {
    if (doc_is(value, DOC_LIST)) {
        flatten_list(state, value);
    } else if (doc_is(value, DOC_MAP)) {
        flatten_map(state, value);
    } else {
        struct redaction text = redact_text(state->collection->policy, state->collection->arena, doc_text(value));
        state->rule = state->rule ? state->rule : text.rule;
        text_add(&state->out, text.text);
    }
}

static void add_property(const struct readings *readings, const char *name, const struct doc *value) {
    if (doc_is(value, DOC_STRING)) {
        reading_string(readings, name, doc_text(value));
    } else if (doc_is_scalar(value)) {
        reading_scalar(readings, name, value->kind, doc_text(value));
    } else {
        struct flattening state = {.collection = readings->collection};
        flatten(&state, value);
        reading_words(readings, name, text_str(&state.out), state.rule);
        text_done(&state.out);
    }
}

// --- units ---

static bool is_always_told(const char *unit) {
    for (size_t i = 0; i < ARRAY_SIZE(always); i++)
        if (str_eq(unit, always[i]))
            return true;
    return false;
}

static int add_unit(struct collection *collection, struct systemd_bus *bus, const char *unit, struct error **err) {
    // A unit has some 300 properties: their tree goes when they are readings.
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct doc *properties;
    int r = systemd_bus_properties(bus, arena, unit, &properties, err);
    if (r < 0)
        return r;
    bool is_installed = !str_eq(doc_get_text(properties, "LoadState", ""), "not-found");
    if (!is_installed && !is_always_told(unit) && !collection->subtypes.count)
        return 0;
    struct readings readings = readings_of(collection, unit);
    DOC_FOREACH_MEMBER(member, properties)
    if (!is_removed(member->key))
        add_property(&readings, member->key, member->value);
    return 0;
}

static bool is_plain_name(const char *name) {
    return !strpbrk(name, "*?[");
}

// The units to look at: those asked for by --filter, else all of the lists above.
static int find_units(struct collection *collection, struct systemd_bus *bus, struct strvec *units,
                      struct error **err) {
    // Asked in any case: it is this call that tells whether there is a systemd at all.
    int r = systemd_bus_list(bus, patterns, units, err);
    if (r < 0)
        return r;
    for (size_t i = 0; i < ARRAY_SIZE(always); i++)
        strvec_add(units, always[i]);
    for (size_t i = 0; i < ARRAY_SIZE(if_installed); i++)
        strvec_add(units, if_installed[i]);
    for (size_t i = 0; i < collection->subtypes.count; i++)
        if (is_plain_name(collection->subtypes.items[i]))
            strvec_add(units, collection->subtypes.items[i]);
    strvec_sort_unique(units);
    return 0;
}

static int open_bus(struct collection *collection, struct systemd_bus **ret, struct error **err) {
    const struct machine *machine = collection->machine;
    bool is_direct = geteuid() == 0 && machine_has(machine, PRIVATE_SOCKET);
    if (!is_direct && !machine_has(machine, BUS_SOCKET))
        return collection_absent(collection, "no D-Bus: there is no " BUS_SOCKET);
    _cleanup_free_ char *path = machine_path(machine, is_direct ? PRIVATE_SOCKET : BUS_SOCKET);
    _cleanup_free_ char *address = xasprintf("unix:path=%s", path);
    return systemd_bus_open(address, is_direct, collection->budget_ms, ret, err);
}

// No library and no systemd are how many machines are; everything else that goes wrong is a failure.
static int absent_or_failed(struct collection *collection, int r, struct error **err) {
    if (r != -ERROR_UNAVAILABLE)
        return r;
    collection_absent(collection, "no systemd: %s", (*err)->message);
    error_free(TAKE_PTR(*err));
    return COLLECT_ABSENT;
}

static int collect(struct collection *collection, struct error **err) {
    _cleanup_systemd_bus_ struct systemd_bus *bus = NULL;
    _cleanup_strvec_ struct strvec units = {0};
    int r = open_bus(collection, &bus, err);
    if (r == 0)
        r = find_units(collection, bus, &units, err);
    if (r != 0)
        return r < 0 ? absent_or_failed(collection, r, err) : r;
    size_t failed = 0;
    for (size_t i = 0; i < units.count && !atomic_load(&collection->is_abandoned); i++) {
        _cleanup_error_ struct error *problem = NULL;
        if (!collection_wants(collection, units.items[i]))
            continue;
        r = add_unit(collection, bus, units.items[i], &problem);
        if (r == 0)
            continue;
        failed++;
        collection_note(collection, "%s", problem->message);
    }
    if (failed && !collection->snapshot->count)
        return error_set(err, ERROR_UNAVAILABLE, "%s", text_str(&collection->reason));
    return 0;
}

const struct collector collector_systemd = {
    .type = "SystemD", .subtypes = unit_names, .budget_ms = 10000, .collect = collect};
