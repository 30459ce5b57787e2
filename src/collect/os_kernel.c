// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "collect/cmdline.h"
#include "collect/collectors.h"

#define GROUP_FOLDER "/sys/kernel/iommu_groups"
#define CLOCK_FOLDER "/sys/devices/system/clocksource/clocksource0"
#define CGROUP_FOLDER "/sys/fs/cgroup"
#define SMALL_FILE ((size_t)1024 * 1024)

// --- IOMMU ---

// What the kernel was told, in words; the groups' own type says what it did.
static const char *iommu_mode(const struct cmdline *cmdline) {
    static const struct {
        const char *name, *value, *mode;
    } rules[] = {
        {"iommu", "off", "off"},          {"intel_iommu", "off", "off"}, {"amd_iommu", "off", "off"},
        {"iommu.passthrough", "1", "pt"}, {"iommu", "pt", "pt"},         {"iommu.strict", "1", "strict"},
        {"iommu.strict", "0", "lazy"},    {"intel_iommu", "on", "on"},   {"amd_iommu", "on", "on"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
        const char *value = cmdline_get(cmdline, rules[i].name);
        if (value && str_has_prefix(value, rules[i].value))
            return rules[i].mode;
    }
    return "default";
}

static void add_group_types(const struct readings *readings, const struct strvec *groups) {
    _cleanup_strvec_ struct strvec types = {0};
    for (size_t i = 0; i < groups->count; i++) {
        char type[64];
        _cleanup_free_ char *path = xasprintf(GROUP_FOLDER "/%s/type", groups->items[i]);
        if (machine_line(readings->collection->machine, path, type, sizeof type) && type[0])
            strvec_add(&types, type);
    }
    strvec_sort(&types);
    for (size_t i = 0; i < types.count;) {
        size_t end = i;
        while (end < types.count && str_eq(types.items[end], types.items[i]))
            end++;
        _cleanup_free_ char *key = xasprintf("groups.%s", types.items[i]);
        reading_uint(readings, key, end - i);
        i = end;
    }
}

static int collect_iommu(struct collection *collection, struct error **err _unused_) {
    struct readings readings = readings_of(collection, "iommu");
    _cleanup_strvec_ struct strvec groups = {0};
    machine_list(collection->machine, GROUP_FOLDER, &groups);
    reading_uint(&readings, "group-count", groups.count);
    add_group_types(&readings, &groups);
    _cleanup_text_ struct text content = {0};
    _cleanup_error_ struct error *ignored = NULL;
    if (machine_read(collection->machine, "/proc/cmdline", SMALL_FILE, &content, &ignored) < 0) {
        collection_note(collection, "the mode is unknown: %s", ignored->message);
        return 0;
    }
    struct cmdline cmdline = cmdline_parse(collection->arena, text_str(&content), content.length);
    reading_string(&readings, "mode", iommu_mode(&cmdline));
    return 0;
}

// --- control groups ---

static void add_controllers_of_version_1(const struct readings *readings) {
    _cleanup_text_ struct text content = {0};
    _cleanup_error_ struct error *ignored = NULL;
    _cleanup_strvec_ struct strvec names = {0};
    if (machine_read(readings->collection->machine, "/proc/cgroups", SMALL_FILE, &content, &ignored) < 0)
        return;
    char *rest = content.bytes, *line;
    while (rest && (line = strsep(&rest, "\n"))) {
        line[strcspn(line, " \t")] = '\0';
        if (*line && *line != '#')
            strvec_add(&names, line);
    }
    strvec_sort(&names);
    _cleanup_free_ char *joined = strvec_join(&names, " ");
    reading_string(readings, "controllers", joined);
}

static int collect_cgroup(struct collection *collection, struct error **err _unused_) {
    const struct machine *machine = collection->machine;
    char line[1024];
    if (machine_line(machine, CGROUP_FOLDER "/cgroup.controllers", line, sizeof line)) {
        struct readings readings = readings_of(collection, "cgroup");
        reading_int(&readings, "version", 2);
        reading_string(&readings, "controllers", line);
        return 0;
    }
    _cleanup_strvec_ struct strvec names = {0};
    machine_list(machine, CGROUP_FOLDER, &names);
    if (!names.count)
        return collection_absent(collection, "no control groups are mounted at " CGROUP_FOLDER);
    struct readings readings = readings_of(collection, "cgroup");
    reading_int(&readings, "version", 1);
    reading_bool(&readings, "hybrid", machine_has(machine, CGROUP_FOLDER "/unified/cgroup.controllers"));
    add_controllers_of_version_1(&readings);
    return 0;
}

// --- security modules ---

static void add_lockdown(const struct readings *readings) {
    char line[256];
    if (!machine_line(readings->collection->machine, "/sys/kernel/security/lockdown", line, sizeof line))
        return;
    char *start = strchr(line, '['), *end = start ? strchr(start, ']') : NULL;
    if (end)
        *end = '\0';
    reading_string(readings, "lockdown", end ? start + 1 : line);
}

static void add_selinux(const struct readings *readings) {
    int64_t enforce;
    if (machine_number(readings->collection->machine, "/sys/fs/selinux/enforce", &enforce))
        reading_string(readings, "selinux", enforce ? "enforcing" : "permissive");
    else
        reading_string(readings, "selinux", "disabled");
}

static void add_apparmor(const struct readings *readings) {
    char line[64];
    if (!machine_line(readings->collection->machine, "/sys/module/apparmor/parameters/enabled", line, sizeof line))
        line[0] = 'N';
    reading_string(readings, "apparmor", line[0] == 'Y' ? "enabled" : "disabled");
    if (line[0] == 'Y' &&
        machine_line(readings->collection->machine, "/sys/module/apparmor/parameters/mode", line, sizeof line))
        reading_string(readings, "apparmor-mode", line);
}

// An EFI variable: four bytes of attributes, then the value.
static void add_secure_boot(const struct readings *readings) {
    char bytes[8];
    long got =
        machine_bytes(readings->collection->machine,
                      "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", bytes, sizeof bytes);
    reading_bool(readings, "efi", machine_has(readings->collection->machine, "/sys/firmware/efi"));
    if (got == 5)
        reading_bool(readings, "secure-boot", bytes[4] == 1);
}

static int collect_security(struct collection *collection, struct error **err _unused_) {
    struct readings readings = readings_of(collection, "security");
    char line[512];
    int64_t fips;
    if (machine_line(collection->machine, "/sys/kernel/security/lsm", line, sizeof line))
        reading_string(&readings, "modules", line);
    add_selinux(&readings);
    add_apparmor(&readings);
    add_lockdown(&readings);
    add_secure_boot(&readings);
    if (machine_number(collection->machine, "/proc/sys/crypto/fips_enabled", &fips))
        reading_bool(&readings, "fips", fips != 0);
    return 0;
}

// --- clock ---

static int collect_clock(struct collection *collection, struct error **err _unused_) {
    struct readings readings = readings_of(collection, "clocksource");
    char line[512];
    if (machine_line(collection->machine, CLOCK_FOLDER "/current_clocksource", line, sizeof line))
        reading_string(&readings, "current", line);
    if (machine_line(collection->machine, CLOCK_FOLDER "/available_clocksource", line, sizeof line))
        reading_string(&readings, "available", line);
    return 0;
}

const struct collector collector_os_iommu = {
    .type = "OS", .subtype = "iommu", .needs = GROUP_FOLDER, .budget_ms = 5000, .collect = collect_iommu};
const struct collector collector_os_cgroup = {
    .type = "OS", .subtype = "cgroup", .budget_ms = 5000, .collect = collect_cgroup};
const struct collector collector_os_security = {
    .type = "OS", .subtype = "security", .needs = "/sys/kernel", .budget_ms = 5000, .collect = collect_security};
const struct collector collector_os_clock = {
    .type = "OS", .subtype = "clocksource", .needs = CLOCK_FOLDER, .budget_ms = 5000, .collect = collect_clock};
