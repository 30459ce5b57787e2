// SPDX-License-Identifier: Apache-2.0
#include "io/nvml.h"
#include "base/alloc.h"
#include "base/text.h"
#include "io/nvml_library.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>

#define GPUS_MAXIMUM 256
#define NVLINKS_MAXIMUM 64
#define CPUS_MAXIMUM 4096
#define BITS_PER_WORD (CHAR_BIT * sizeof(unsigned long))
#define MIB (1024ULL * 1024)

// One GPU being read.
struct reader {
    const struct nvml_library *library;
    struct arena *arena;
    nvml_device device;
    unsigned index;
    struct doc *gpu;
    struct doc *problems;
};

// True when there is a value. What the GPU, the driver or the library does not know of is no problem.
static bool is_answered(const struct reader *reader, int result, const char *what) {
    switch (result) {
    case NVML_SUCCESS:
        return true;
    case NVML_ERROR_NOT_SUPPORTED:
    case NVML_ERROR_INVALID_ARGUMENT:
    case NVML_ERROR_NOT_FOUND:
    case NVML_ERROR_FUNCTION_NOT_FOUND:
    case NVML_ERROR_ARGUMENT_VERSION_MISMATCH:
        return false;
    default:
        doc_list_add(reader->arena, reader->problems,
                     doc_new_stringf(reader->arena, "GPU %u: %s: %s", reader->index, what,
                                     nvml_error_text(reader->library, result)));
        return false;
    }
}

// Calls a function of the library when it is there, and judges its answer.
#define ASK(reader, member, what, ...) \
    ((reader)->library->member &&      \
     is_answered((reader), (reader)->library->member((reader)->device, __VA_ARGS__), (what)))

static void set_text(const struct reader *reader, const char *key, const char *text) {
    doc_map_set_text(reader->arena, reader->gpu, key, text);
}

static void set_uint(const struct reader *reader, const char *key, uint64_t value) {
    doc_map_set(reader->arena, reader->gpu, key, doc_new_uint(reader->arena, value));
}

static const char *switch_text(int value) {
    return value ? "Enabled" : "Disabled";
}

// --- parts of a GPU ---

static void read_identity(const struct reader *reader) {
    const struct {
        const char *key;
        int (*function)(nvml_device, char *, unsigned);
    } texts[] = {
        {"model", reader->library->name},
        {"uuid", reader->library->uuid},
        {"serial", reader->library->serial},
        {"board-part-number", reader->library->board_part_number},
        {"vbios-version", reader->library->vbios_version},
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        char text[NVML_TEXT_SIZE] = "";
        if (texts[i].function &&
            is_answered(reader, texts[i].function(reader->device, text, sizeof text), texts[i].key))
            set_text(reader, texts[i].key, text);
    }
    char gsp[NVML_TEXT_SIZE] = "";
    int major, minor;
    if (ASK(reader, gsp_version, "gsp-firmware-version", gsp))
        set_text(reader, "gsp-firmware-version", gsp);
    if (ASK(reader, compute_capability, "compute-capability", &major, &minor))
        doc_map_set(reader->arena, reader->gpu, "compute-capability",
                    doc_new_stringf(reader->arena, "%d.%d", major, minor));
}

static void read_architecture(const struct reader *reader) {
    static const char *const names[] = {
        [2] = "Kepler", [3] = "Maxwell",      [4] = "Pascal", [5] = "Volta",      [6] = "Turing",
        [7] = "Ampere", [8] = "Ada Lovelace", [9] = "Hopper", [10] = "Blackwell", [13] = "Rubin"};
    unsigned value;
    if (!ASK(reader, architecture, "architecture", &value))
        return;
    if (value < ARRAY_SIZE(names) && names[value])
        set_text(reader, "architecture", names[value]);
    else
        doc_map_set(reader->arena, reader->gpu, "architecture", doc_new_stringf(reader->arena, "unknown (%u)", value));
}

// As the kernel writes it: 0000:53:00.0.
static const struct doc *pci_address(const struct reader *reader, const struct nvml_pci *pci) {
    return doc_new_stringf(reader->arena, "%04x:%02x:%02x.0", pci->domain, pci->bus, pci->device);
}

static void read_pci(const struct reader *reader) {
    struct nvml_pci pci = {0};
    unsigned value;
    if (ASK(reader, pci, "pci", &pci)) {
        doc_map_set(reader->arena, reader->gpu, "pci-address", pci_address(reader, &pci));
        doc_map_set(reader->arena, reader->gpu, "pci-id",
                    doc_new_stringf(reader->arena, "%04x:%04x", pci.device_id & 0xFFFF, pci.device_id >> 16));
        doc_map_set(reader->arena, reader->gpu, "pci-subsystem-id",
                    doc_new_stringf(reader->arena, "%04x:%04x", pci.subsystem_id & 0xFFFF, pci.subsystem_id >> 16));
    }
    if (ASK(reader, pcie_generation, "pcie-generation-maximum", &value))
        set_uint(reader, "pcie-generation-maximum", value);
    if (ASK(reader, pcie_width, "pcie-width-maximum", &value))
        set_uint(reader, "pcie-width-maximum", value);
}

static void read_memory(const struct reader *reader) {
    struct nvml_memory memory = {0};
    if (ASK(reader, memory, "memory", &memory))
        set_uint(reader, "memory-total-mib", memory.total / MIB);
    if (ASK(reader, bar1, "bar1-memory", &memory))
        set_uint(reader, "bar1-memory-total-mib", memory.total / MIB);
}

static void read_modes(const struct reader *reader) {
    static const char *const compute_modes[] = {"Default", "Exclusive_Thread", "Prohibited", "Exclusive_Process"};
    static const char *const addressing_modes[] = {"None", "HMM", "ATS"};
    int value, pending;
    struct nvml_addressing_mode addressing = {.version = NVML_STRUCT_VERSION(struct nvml_addressing_mode, 1)};
    if (ASK(reader, ecc_mode, "ecc-mode", &value, &pending)) {
        set_text(reader, "ecc-mode", switch_text(value));
        set_text(reader, "ecc-mode-pending", switch_text(pending));
    }
    if (ASK(reader, persistence_mode, "persistence-mode", &value))
        set_text(reader, "persistence-mode", switch_text(value));
    if (ASK(reader, display_mode, "display-mode", &value))
        set_text(reader, "display-mode", switch_text(value));
    if (ASK(reader, display_active, "display-active", &value))
        set_text(reader, "display-active", switch_text(value));
    if (ASK(reader, compute_mode, "compute-mode", &value) && value >= 0 && (size_t)value < ARRAY_SIZE(compute_modes))
        set_text(reader, "compute-mode", compute_modes[value]);
    if (ASK(reader, addressing_mode, "addressing-mode", &addressing) && addressing.value < ARRAY_SIZE(addressing_modes))
        set_text(reader, "addressing-mode", addressing_modes[addressing.value]);
}

static void read_mig(const struct reader *reader) {
    unsigned current, pending, maximum = 0, count = 0;
    if (!ASK(reader, mig_mode, "mig-mode", &current, &pending))
        return;
    set_text(reader, "mig-mode", switch_text((int)current));
    set_text(reader, "mig-mode-pending", switch_text((int)pending));
    if (!current || !reader->library->mig_by_index || !ASK(reader, mig_maximum, "mig-device-count", &maximum))
        return;
    for (unsigned i = 0; i < maximum && i < GPUS_MAXIMUM; i++) {
        struct reader instance = *reader;
        if (!is_answered(reader, reader->library->mig_by_index(reader->device, i, &instance.device), "MIG device"))
            continue; // a slot that is not in use
        char text[NVML_TEXT_SIZE] = "", key[48];
        if (ASK(&instance, uuid, "MIG device", text, sizeof text)) {
            snprintf(key, sizeof key, "mig.%u.uuid", count);
            set_text(reader, key, text);
        }
        if (ASK(&instance, name, "MIG device", text, sizeof text)) {
            snprintf(key, sizeof key, "mig.%u.name", count);
            set_text(reader, key, text);
        }
        count++;
    }
    set_uint(reader, "mig-device-count", count);
}

static void read_nvlink(const struct reader *reader, unsigned link, int state) {
    static const char *const peers[] = {"gpu", "ibm-npu", "switch"};
    char key[48];
    unsigned version;
    int peer;
    struct nvml_pci pci = {0};
    snprintf(key, sizeof key, "nvlink.%u.state", link);
    set_text(reader, key, state ? "active" : "inactive");
    if (!state)
        return;
    snprintf(key, sizeof key, "nvlink.%u.version", link);
    if (ASK(reader, nvlink_version, key, link, &version))
        set_uint(reader, key, version);
    snprintf(key, sizeof key, "nvlink.%u.peer", link);
    if (ASK(reader, nvlink_peer_type, key, link, &peer))
        set_text(reader, key, peer >= 0 && (size_t)peer < ARRAY_SIZE(peers) ? peers[peer] : "unknown");
    snprintf(key, sizeof key, "nvlink.%u.peer-pci-address", link);
    if (ASK(reader, nvlink_peer, key, link, &pci))
        doc_map_set(reader->arena, reader->gpu, key, pci_address(reader, &pci));
}

static void read_nvlinks(const struct reader *reader) {
    unsigned count = 0, active = 0;
    for (unsigned link = 0; link < NVLINKS_MAXIMUM; link++) {
        int state;
        if (!ASK(reader, nvlink_state, "nvlink", link, &state))
            break;
        read_nvlink(reader, link, state);
        count++;
        active += state != 0;
    }
    set_uint(reader, "nvlink-count", count);
    set_uint(reader, "nvlink-active-count", active);
}

// Milliwatts in; whole watts stay whole.
static void set_watts(const struct reader *reader, const char *key, unsigned milliwatts) {
    if (milliwatts % 1000)
        doc_map_set(reader->arena, reader->gpu, key, doc_new_float(reader->arena, milliwatts / 1000.0));
    else
        set_uint(reader, key, milliwatts / 1000);
}

static void read_power_and_clocks(const struct reader *reader) {
    static const struct {
        int clock;
        const char *maximum, *application;
    } clocks[] = {
        {0, "clock-maximum-graphics-mhz", "clock-application-graphics-mhz"},
        {1, "clock-maximum-sm-mhz", NULL},
        {2, "clock-maximum-memory-mhz", "clock-application-memory-mhz"},
        {3, "clock-maximum-video-mhz", NULL},
    };
    unsigned value, maximum;
    if (ASK(reader, power_limit, "power-limit-watts", &value))
        set_watts(reader, "power-limit-watts", value);
    if (ASK(reader, power_default, "power-default-limit-watts", &value))
        set_watts(reader, "power-default-limit-watts", value);
    if (ASK(reader, power_range, "power-maximum-limit-watts", &value, &maximum)) {
        set_watts(reader, "power-minimum-limit-watts", value);
        set_watts(reader, "power-maximum-limit-watts", maximum);
    }
    for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
        if (ASK(reader, clock_maximum, clocks[i].maximum, clocks[i].clock, &value))
            set_uint(reader, clocks[i].maximum, value);
        if (clocks[i].application && ASK(reader, clock_application, clocks[i].application, clocks[i].clock, &value))
            set_uint(reader, clocks[i].application, value);
    }
}

// A set of processors as the kernel writes it: 0-47,96-143.
static char *processor_list(const unsigned long *set, size_t count) {
    struct text list = {0};
    for (size_t i = 0; i < count;) {
        if (!(set[i / BITS_PER_WORD] >> i % BITS_PER_WORD & 1)) {
            i++;
            continue;
        }
        size_t first = i;
        while (i < count && set[i / BITS_PER_WORD] >> i % BITS_PER_WORD & 1)
            i++;
        text_addf(&list, i - first > 1 ? "%s%zu-%zu" : "%s%zu", list.length ? "," : "", first, i - 1);
    }
    return text_take(&list);
}

static void read_affinity(const struct reader *reader) {
    unsigned long set[CPUS_MAXIMUM / BITS_PER_WORD] = {0};
    unsigned node;
    if (ASK(reader, cpu_affinity, "cpu-affinity", ARRAY_SIZE(set), set)) {
        _cleanup_free_ char *list = processor_list(set, CPUS_MAXIMUM);
        set_text(reader, "cpu-affinity", list);
    }
    if (ASK(reader, numa_node, "memory-numa-node", &node) && node < 0x10000)
        set_uint(reader, "memory-numa-node", node);
}

static void read_fabric(const struct reader *reader) {
    static const char *const states[] = {"Not Supported", "Not Started", "In Progress", "Completed"};
    struct nvml_fabric fabric = {.version = NVML_STRUCT_VERSION(struct nvml_fabric, 2)};
    if (!ASK(reader, fabric, "fabric", &fabric) || !fabric.state || fabric.state >= ARRAY_SIZE(states))
        return;
    set_text(reader, "fabric-state", states[fabric.state]);
    if (fabric.state != 3)
        return;
    set_text(reader, "fabric-status", fabric.status ? nvml_error_text(reader->library, fabric.status) : "Success");
    set_uint(reader, "fabric-clique-id", fabric.clique_id);
    _cleanup_text_ struct text uuid = {0};
    for (size_t i = 0; i < sizeof fabric.cluster_uuid; i++)
        text_addf(&uuid, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", fabric.cluster_uuid[i]);
    set_text(reader, "fabric-cluster-uuid", text_str(&uuid));
}

static void read_gpu(const struct reader *reader) {
    read_identity(reader);
    read_architecture(reader);
    read_pci(reader);
    read_memory(reader);
    read_modes(reader);
    read_mig(reader);
    read_nvlinks(reader);
    read_power_and_clocks(reader);
    read_affinity(reader);
    read_fabric(reader);
}

// --- the whole ---

static void read_system(const struct nvml_library *library, struct arena *arena, struct doc *map) {
    char text[NVML_TEXT_SIZE] = "";
    int cuda;
    if (library->driver_version && library->driver_version(text, sizeof text) == NVML_SUCCESS)
        doc_map_set_text(arena, map, "driver", text);
    if (library->library_version && library->library_version(text, sizeof text) == NVML_SUCCESS)
        doc_map_set_text(arena, map, "nvml-version", text);
    if (library->cuda_version && library->cuda_version(&cuda) == NVML_SUCCESS)
        doc_map_set(arena, map, "cuda-version", doc_new_stringf(arena, "%d.%d", cuda / 1000, cuda % 1000 / 10));
}

static int read_gpus(const struct nvml_library *library, struct arena *arena, struct doc *map, struct error **err) {
    unsigned count = 0;
    int result = library->device_count(&count);
    if (result != NVML_SUCCESS)
        return error_set(err, ERROR_INTERNAL, "NVML: counting GPUs: %s", nvml_error_text(library, result));
    if (count > GPUS_MAXIMUM)
        return error_set(err, ERROR_LIMIT, "NVML: %u GPUs, more than the limit of %d", count, GPUS_MAXIMUM);
    struct doc *gpus = doc_new_list(arena), *problems = doc_new_list(arena);
    doc_map_set(arena, map, "gpus", gpus);
    doc_map_set(arena, map, "problems", problems);
    for (unsigned i = 0; i < count; i++) {
        struct reader reader = {
            .library = library, .arena = arena, .index = i, .gpu = doc_new_map(arena), .problems = problems};
        result = library->device_by_index(i, &reader.device);
        if (result == NVML_SUCCESS)
            read_gpu(&reader);
        else
            doc_list_add(arena, problems, doc_new_stringf(arena, "GPU %u: %s", i, nvml_error_text(library, result)));
        doc_list_add(arena, gpus, reader.gpu);
    }
    return 0;
}

int nvml_read(const char *const *libraries, struct arena *arena, const struct doc **ret, struct error **err) {
    struct nvml_library library;
    int r = nvml_library_load(libraries, &library, err);
    if (r < 0)
        return r;
    int result = library.init();
    if (result == NVML_ERROR_DRIVER_NOT_LOADED || result == NVML_ERROR_LIBRARY_NOT_FOUND ||
        result == NVML_ERROR_GPU_NOT_FOUND)
        return error_set(err, ERROR_UNAVAILABLE, "NVML: %s", nvml_error_text(&library, result));
    if (result != NVML_SUCCESS)
        return error_set(err, ERROR_INTERNAL, "NVML does not start: %s", nvml_error_text(&library, result));
    struct doc *map = doc_new_map(arena);
    read_system(&library, arena, map);
    r = read_gpus(&library, arena, map, err);
    library.shutdown();
    if (r < 0)
        return r;
    *ret = map;
    return 0;
}
