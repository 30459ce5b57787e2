// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "collect/collectors.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#define CPU_FOLDER "/sys/devices/system/cpu"
#define CPUINFO_LIMIT ((size_t)16 * 1024 * 1024)

// What decides which builds of math libraries run, and how a machine was virtualised.
static const char *const x86_flags[] = {"aes",     "amx_bf16",     "amx_int8",   "amx_tile", "avx2",
                                        "avx512f", "constant_tsc", "hypervisor", "la57",     "nonstop_tsc",
                                        "pdpe1gb", "svm",          "tsc_adjust", "vmx",      "x2apic"};
static const char *const arm_flags[] = {"aes", "asimd", "atomics", "bf16", "i8mm", "sha512", "sve", "sve2"};

// Arm gives numbers, not names; those of the machines that carry GPUs.
static const struct {
    const char *implementer, *part, *name;
} arm_models[] = {
    {"0x41", "0xd0c", "Arm Neoverse-N1"}, {"0x41", "0xd40", "Arm Neoverse-V1"}, {"0x41", "0xd49", "Arm Neoverse-N2"},
    {"0x41", "0xd4f", "Arm Neoverse-V2"}, {"0x41", "0xd8e", "Arm Neoverse-N3"}, {"0x41", "0xd84", "Arm Neoverse-V3"},
    {"0x4e", "0x004", "NVIDIA Carmel"},   {"0xc0", "0xac3", "Ampere-1"},        {"0xc0", "0xac4", "Ampere-1A"},
};

// The first processor's entry: the first value of each field.
struct cpuinfo {
    const char *model, *vendor, *microcode, *flags, *implementer, *part;
    size_t processors;
};

static void take_field(struct cpuinfo *info, const char *name, const char *value) {
    const struct {
        const char *name;
        const char **value;
    } fields[] = {
        {"model name", &info->model}, {"vendor_id", &info->vendor}, {"microcode", &info->microcode},
        {"flags", &info->flags},      {"Features", &info->flags},   {"CPU implementer", &info->implementer},
        {"CPU part", &info->part},
    };
    if (str_eq(name, "processor"))
        info->processors++;
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
        if (!*fields[i].value && str_eq(name, fields[i].name))
            *fields[i].value = value;
}

static void parse_cpuinfo(char *text, struct cpuinfo *info) {
    char *line;
    while (text && (line = strsep(&text, "\n"))) {
        char *colon = strchr(line, ':');
        if (!colon)
            continue;
        *colon = '\0';
        take_field(info, str_trim(line), str_trim(colon + 1));
    }
}

static const char *arm_model(const struct cpuinfo *info) {
    for (size_t i = 0; i < ARRAY_SIZE(arm_models); i++)
        if (str_eq(info->implementer, arm_models[i].implementer) && str_eq(info->part, arm_models[i].part))
            return arm_models[i].name;
    return NULL;
}

static bool has_word(const char *words, const char *word) {
    size_t length = strlen(word);
    for (const char *at = words; (at = strstr(at, word)); at += length)
        if ((at == words || at[-1] == ' ') && (!at[length] || at[length] == ' '))
            return true;
    return false;
}

static void add_flags(const struct readings *readings, const struct cpuinfo *info) {
    const char *const *flags = info->implementer ? arm_flags : x86_flags;
    size_t count = info->implementer ? ARRAY_SIZE(arm_flags) : ARRAY_SIZE(x86_flags);
    for (size_t i = 0; info->flags && i < count; i++) {
        _cleanup_free_ char *key = xasprintf("flag.%s", flags[i]);
        reading_bool(readings, key, has_word(info->flags, flags[i]));
    }
}

static void add_model(const struct readings *readings, const struct cpuinfo *info) {
    const char *model = info->model ? info->model : arm_model(info);
    reading_string(readings, "model", model);
    if (!model && info->part)
        reading_stringf(readings, "model", "implementer %s part %s", info->implementer, info->part);
    reading_string(readings, "vendor", info->vendor);
    reading_string(readings, "microcode", info->microcode);
}

static void add_architecture(const struct readings *readings, const struct cpuinfo *info) {
    const struct machine *machine = readings->collection->machine;
    char line[64];
    struct utsname name;
    if (machine_line(machine, "/proc/sys/kernel/arch", line, sizeof line) && line[0])
        reading_string(readings, "architecture", line);
    else if (machine_is_live(machine) && uname(&name) == 0)
        reading_string(readings, "architecture", name.machine);
    else
        reading_string(readings, "architecture", info->implementer ? "aarch64" : "x86_64");
}

static bool is_numbered(const char *name, const char *prefix) {
    size_t length = strlen(prefix);
    return strncmp(name, prefix, length) == 0 && name[length] &&
           strspn(name + length, "0123456789") == strlen(name + length);
}

// Counts different values of a file over all processors that have it; values joined to packages are told apart.
static void add_topology(const struct readings *readings, const struct strvec *cpus, size_t processors) {
    _cleanup_strvec_ struct strvec packages = {0}, cores = {0};
    size_t threads = 0;
    for (size_t i = 0; i < cpus->count; i++) {
        if (!is_numbered(cpus->items[i], "cpu"))
            continue;
        int64_t package, core;
        _cleanup_free_ char *package_path = xasprintf(CPU_FOLDER "/%s/topology/physical_package_id", cpus->items[i]);
        _cleanup_free_ char *core_path = xasprintf(CPU_FOLDER "/%s/topology/core_id", cpus->items[i]);
        if (!machine_number(readings->collection->machine, package_path, &package) ||
            !machine_number(readings->collection->machine, core_path, &core))
            continue;
        threads++;
        strvec_addf(&packages, "%lld", (long long)package);
        strvec_addf(&cores, "%lld/%lld", (long long)package, (long long)core);
    }
    if (threads) {
        strvec_sort_unique(&packages);
        strvec_sort_unique(&cores);
        reading_uint(readings, "sockets", packages.count);
        reading_uint(readings, "cores", cores.count);
    }
    if (threads || processors)
        reading_uint(readings, "threads", threads ? threads : processors);
}

// One value when all processors agree, else all that occur: "performance,powersave".
static void add_frequency(const struct readings *readings, const struct strvec *cpus, const char *file,
                          const char *key) {
    _cleanup_strvec_ struct strvec values = {0};
    for (size_t i = 0; i < cpus->count; i++) {
        char value[128];
        if (!is_numbered(cpus->items[i], "cpu"))
            continue;
        _cleanup_free_ char *path = xasprintf(CPU_FOLDER "/%s/cpufreq/%s", cpus->items[i], file);
        if (machine_line(readings->collection->machine, path, value, sizeof value) && value[0])
            strvec_add(&values, value);
        else if (!values.count)
            break; // no frequency control here, as in most virtual machines
    }
    strvec_sort_unique(&values);
    _cleanup_free_ char *joined = strvec_join(&values, ",");
    if (values.count)
        reading_string(readings, key, joined);
}

static void add_line_of(const struct readings *readings, const char *path, const char *key) {
    char line[1024];
    if (machine_line(readings->collection->machine, path, line, sizeof line))
        reading_string(readings, key, line);
}

static int collect(struct collection *collection, struct error **err) {
    _cleanup_text_ struct text content = {0};
    int r = machine_read(collection->machine, "/proc/cpuinfo", CPUINFO_LIMIT, &content, err);
    if (r < 0)
        return r;
    struct cpuinfo info = {0};
    parse_cpuinfo(content.bytes, &info);
    struct readings readings = readings_of(collection, "cpu");
    add_model(&readings, &info);
    add_architecture(&readings, &info);
    add_flags(&readings, &info);
    _cleanup_strvec_ struct strvec cpus = {0};
    machine_list(collection->machine, CPU_FOLDER, &cpus);
    add_topology(&readings, &cpus, info.processors);
    add_frequency(&readings, &cpus, "scaling_governor", "governor");
    add_frequency(&readings, &cpus, "scaling_driver", "frequency-driver");
    add_frequency(&readings, &cpus, "cpuinfo_max_freq", "frequency-maximum-khz");
    add_line_of(&readings, CPU_FOLDER "/online", "online");
    add_line_of(&readings, CPU_FOLDER "/isolated", "isolated");
    add_line_of(&readings, CPU_FOLDER "/nohz_full", "nohz-full");
    add_line_of(&readings, CPU_FOLDER "/smt/control", "smt");
    return 0;
}

const struct collector collector_os_cpu = {
    .type = "OS", .subtype = "cpu", .needs = "/proc/cpuinfo", .budget_ms = 5000, .collect = collect};
