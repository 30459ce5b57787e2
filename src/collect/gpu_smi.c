// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "collect/gpu.h"
#include "io/xml.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#define PATH_SIZE 512
#define GPUS_MAXIMUM 256

enum conversion { AS_TEXT, AS_NUMBER, AS_ADDRESS, AS_PCI_ID };

struct field {
    const char *path; // below the gpu element
    const char *key;
    enum conversion conversion;
};

// Later rows are older or newer names of the same thing: the first that has a value counts.
static const struct field fields[] = {
    {"product_name", "model", AS_TEXT},
    {"product_architecture", "architecture", AS_TEXT},
    {"uuid", "uuid", AS_TEXT},
    {"serial", "serial", AS_TEXT},
    {"board_part_number", "board-part-number", AS_TEXT},
    {"vbios_version", "vbios-version", AS_TEXT},
    {"gsp_firmware_version", "gsp-firmware-version", AS_TEXT},
    {"display_mode", "display-mode", AS_TEXT},
    {"display_attached", "display-mode", AS_TEXT},
    {"display_active", "display-active", AS_TEXT},
    {"persistence_mode", "persistence-mode", AS_TEXT},
    {"addressing_mode", "addressing-mode", AS_TEXT},
    {"compute_mode", "compute-mode", AS_TEXT},
    {"mig_mode/current_mig", "mig-mode", AS_TEXT},
    {"mig_mode/pending_mig", "mig-mode-pending", AS_TEXT},
    {"ecc_mode/current_ecc", "ecc-mode", AS_TEXT},
    {"ecc_mode/pending_ecc", "ecc-mode-pending", AS_TEXT},
    {"pci/pci_bus_id", "pci-address", AS_ADDRESS},
    {"pci/pci_device_id", "pci-id", AS_PCI_ID},
    {"pci/pci_sub_system_id", "pci-subsystem-id", AS_PCI_ID},
    {"pci/pci_gpu_link_info/pcie_gen/max_link_gen", "pcie-generation-maximum", AS_NUMBER},
    {"pci/pci_gpu_link_info/link_widths/max_link_width", "pcie-width-maximum", AS_NUMBER},
    {"fb_memory_usage/total", "memory-total-mib", AS_NUMBER},
    {"bar1_memory_usage/total", "bar1-memory-total-mib", AS_NUMBER},
    {"gpu_power_readings/current_power_limit", "power-limit-watts", AS_NUMBER},
    {"gpu_power_readings/power_limit", "power-limit-watts", AS_NUMBER},
    {"power_readings/power_limit", "power-limit-watts", AS_NUMBER},
    {"gpu_power_readings/default_power_limit", "power-default-limit-watts", AS_NUMBER},
    {"power_readings/default_power_limit", "power-default-limit-watts", AS_NUMBER},
    {"gpu_power_readings/min_power_limit", "power-minimum-limit-watts", AS_NUMBER},
    {"power_readings/min_power_limit", "power-minimum-limit-watts", AS_NUMBER},
    {"gpu_power_readings/max_power_limit", "power-maximum-limit-watts", AS_NUMBER},
    {"power_readings/max_power_limit", "power-maximum-limit-watts", AS_NUMBER},
    {"max_clocks/graphics_clock", "clock-maximum-graphics-mhz", AS_NUMBER},
    {"max_clocks/sm_clock", "clock-maximum-sm-mhz", AS_NUMBER},
    {"max_clocks/mem_clock", "clock-maximum-memory-mhz", AS_NUMBER},
    {"max_clocks/video_clock", "clock-maximum-video-mhz", AS_NUMBER},
    {"applications_clocks/graphics_clock", "clock-application-graphics-mhz", AS_NUMBER},
    {"applications_clocks/mem_clock", "clock-application-memory-mhz", AS_NUMBER},
    {"fabric/state", "fabric-state", AS_TEXT},
    {"fabric/status", "fabric-status", AS_TEXT},
    {"fabric/cliqueId", "fabric-clique-id", AS_NUMBER},
    {"fabric/clique_id", "fabric-clique-id", AS_NUMBER},
    {"fabric/clusterUuid", "fabric-cluster-uuid", AS_TEXT},
    {"fabric/cluster_uuid", "fabric-cluster-uuid", AS_TEXT},
};

struct parse {
    struct arena *arena;
    struct doc *map, *gpus;
    struct doc *gpu; // being read
    char path[PATH_SIZE];
    size_t path_length;
    size_t skipped; // elements whose path did not fit
    bool has_root;
    uint64_t mig_devices;
};

static bool means_nothing(const char *text) {
    static const char *const texts[] = {"N/A",
                                        "[N/A]",
                                        "Not Supported",
                                        "[Not Supported]",
                                        "None",
                                        "Unknown Error",
                                        "[Unknown Error]",
                                        "Insufficient Permissions",
                                        "Requested functionality has been deprecated"};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        if (str_eq_ignore_case(text, texts[i]))
            return true;
    return false;
}

// "81559 MiB", "700.00 W", "16x": the number alone, NULL when there is none.
static const struct doc *number_of(struct arena *arena, const char *text) {
    char *end;
    double value = strtod(text, &end);
    if (end == text || !isfinite(value) || !isdigit((unsigned char)*text))
        return NULL;
    if (value == floor(value) && value < 9e15)
        return doc_new_int(arena, (int64_t)value);
    return doc_new_float(arena, value);
}

// "0x233010DE", device before vendor: 10de:2330.
static const struct doc *pci_id_of(struct arena *arena, const char *text) {
    char *end;
    unsigned long value = strtoul(text, &end, 16);
    if (end == text || *end)
        return NULL;
    return doc_new_stringf(arena, "%04lx:%04lx", value & 0xFFFF, value >> 16 & 0xFFFF);
}

static const struct doc *convert(struct arena *arena, const char *text, enum conversion conversion) {
    switch (conversion) {
    case AS_NUMBER:
        return number_of(arena, text);
    case AS_ADDRESS:
        return doc_new_string(arena, gpu_pci_address(arena, text));
    case AS_PCI_ID:
        return pci_id_of(arena, text);
    default:
        return doc_new_string(arena, text);
    }
}

static void take_gpu_text(struct parse *parse, const char *path, const char *text) {
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        if (!str_eq(path, fields[i].path) || doc_get(parse->gpu, fields[i].key))
            continue;
        const struct doc *value = convert(parse->arena, text, fields[i].conversion);
        if (value)
            doc_map_set(parse->arena, parse->gpu, fields[i].key, value);
    }
}

static int on_text(void *context, const char *bytes, size_t length, struct error **err _unused_) {
    struct parse *parse = context;
    if (parse->skipped)
        return 0;
    const char *text = arena_strndup(parse->arena, bytes, length);
    if (means_nothing(text))
        return 0;
    if (str_eq(parse->path, "/nvidia_smi_log/driver_version"))
        doc_map_set_text(parse->arena, parse->map, "driver", text);
    else if (str_eq(parse->path, "/nvidia_smi_log/cuda_version"))
        doc_map_set_text(parse->arena, parse->map, "cuda-version", text);
    else if (parse->gpu && str_has_prefix(parse->path, "/nvidia_smi_log/gpu/"))
        take_gpu_text(parse, parse->path + strlen("/nvidia_smi_log/gpu/"), text);
    return 0;
}

static const char *attribute(const char *const *attributes, const char *name) {
    for (size_t i = 0; attributes[i]; i += 2)
        if (str_eq(attributes[i], name))
            return attributes[i + 1];
    return NULL;
}

static int start_gpu(struct parse *parse, const char *const *attributes, struct error **err) {
    if (doc_count(parse->gpus) == GPUS_MAXIMUM)
        return error_set(err, ERROR_LIMIT, "nvidia-smi: more than %d GPUs", GPUS_MAXIMUM);
    parse->gpu = doc_new_map(parse->arena);
    parse->mig_devices = 0;
    const char *id = attribute(attributes, "id");
    if (id)
        doc_map_set_text(parse->arena, parse->gpu, "pci-address", gpu_pci_address(parse->arena, id));
    return 0;
}

static int on_start(void *context, const char *name, const char *const *attributes, struct error **err) {
    struct parse *parse = context;
    size_t length = strlen(name);
    if (!parse->has_root && !str_eq(name, "nvidia_smi_log"))
        return error_set(err, ERROR_INVALID, "nvidia-smi: its output begins with <%.64s>, not with <nvidia_smi_log>",
                         name);
    parse->has_root = true;
    if (parse->skipped || parse->path_length + length + 2 > sizeof parse->path) {
        parse->skipped++;
        return 0;
    }
    parse->path[parse->path_length] = '/';
    memcpy(parse->path + parse->path_length + 1, name, length + 1);
    parse->path_length += length + 1;
    if (str_eq(parse->path, "/nvidia_smi_log/gpu"))
        return start_gpu(parse, attributes, err);
    parse->mig_devices += str_eq(parse->path, "/nvidia_smi_log/gpu/mig_devices/mig_device");
    return 0;
}

static int on_end(void *context, const char *name, struct error **err _unused_) {
    struct parse *parse = context;
    if (parse->skipped) {
        parse->skipped--;
        return 0;
    }
    if (str_eq(parse->path, "/nvidia_smi_log/gpu")) {
        if (str_eq(doc_get_text(parse->gpu, "mig-mode", ""), "Enabled"))
            doc_map_set(parse->arena, parse->gpu, "mig-device-count", doc_new_uint(parse->arena, parse->mig_devices));
        doc_list_add(parse->arena, parse->gpus, parse->gpu);
        parse->gpu = NULL;
    }
    parse->path_length -= strlen(name) + 1;
    parse->path[parse->path_length] = '\0';
    return 0;
}

int gpu_smi_parse(struct arena *arena, const char *bytes, size_t length, const struct doc **ret, struct error **err) {
    struct parse parse = {.arena = arena, .map = doc_new_map(arena), .gpus = doc_new_list(arena)};
    struct xml_sink sink = {.start = on_start, .text = on_text, .end = on_end, .context = &parse};
    int r = xml_parse(bytes, length, "nvidia-smi -q -x", NULL, &sink, err);
    if (r < 0)
        return r;
    doc_map_set(arena, parse.map, "gpus", parse.gpus);
    doc_map_set(arena, parse.map, "problems", doc_new_list(arena));
    *ret = parse.map;
    return 0;
}
