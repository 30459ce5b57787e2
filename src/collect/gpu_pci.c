// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "collect/gpu.h"
#include "doc/load.h"
#include "model/embedded.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define DEVICES "/sys/bus/pci/devices"
#define CATALOG "hardware/gpus.yaml"
#define NVIDIA 0x10de
#define CLASS_VGA 0x0300
#define CLASS_3D 0x0302

const char *gpu_pci_address(struct arena *arena, const char *text) {
    unsigned domain, bus, device, function;
    if (sscanf(text, "%x:%x:%x.%x", &domain, &bus, &device, &function) != 4)
        return arena_strdup(arena, text);
    return arena_printf(arena, "%04x:%02x:%02x.%x", domain, bus, device, function);
}

static bool device_number(const struct machine *machine, const char *address, const char *file, int64_t *ret) {
    _cleanup_free_ char *path = xasprintf(DEVICES "/%s/%s", address, file);
    return machine_number(machine, path, ret);
}

static void set_number(const struct machine *machine, struct arena *arena, struct doc *gpu, const char *file,
                       const char *key) {
    int64_t value;
    if (device_number(machine, doc_get_text(gpu, "pci-address", ""), file, &value) && value >= 0)
        doc_map_set(arena, gpu, key, doc_new_int(arena, value));
}

void gpu_pci_add(const struct machine *machine, struct arena *arena, struct doc *gpu) {
    const char *address = doc_get_text(gpu, "pci-address", NULL);
    _cleanup_free_ char *folder = xasprintf(DEVICES "/%s", address ? address : "-");
    if (!address || !machine_has(machine, folder))
        return;
    _cleanup_free_ char *driver_link = xasprintf("%s/driver", folder);
    _cleanup_free_ char *driver = machine_link_name(machine, driver_link);
    doc_map_set_text(arena, gpu, "kernel-driver", driver ? driver : "none");
    _cleanup_free_ char *group_link = xasprintf("%s/iommu_group", folder);
    _cleanup_free_ char *group = machine_link_name(machine, group_link);
    if (group)
        doc_map_set(arena, gpu, "iommu-group", doc_new_plain(arena, group, strlen(group)));
    set_number(machine, arena, gpu, "numa_node", "numa-node");
    char cpus[4096];
    _cleanup_free_ char *cpus_path = xasprintf("%s/local_cpulist", folder);
    if (!doc_get(gpu, "cpu-affinity") && machine_line(machine, cpus_path, cpus, sizeof cpus) && *cpus)
        doc_map_set_text(arena, gpu, "cpu-affinity", cpus);
}

// The catalog is read when a GPU was seen, and never otherwise. One that is missing or broken names no models.
static const struct doc *load_catalog(struct arena *arena) {
    const struct embedded_file *file = embedded_find(&embedded_knowledge, CATALOG);
    const struct doc *catalog = NULL;
    _cleanup_error_ struct error *ignored = NULL;
    if (!file || embedded_document(arena, file, CATALOG, &catalog, &ignored))
        return NULL;
    return doc_get(catalog, "gpus");
}

// As the driver's tools write it; the catalog has identifiers.
static const char *architecture_name(struct arena *arena, const char *identifier) {
    if (!identifier || str_eq(identifier, "ada"))
        return identifier ? "Ada Lovelace" : NULL;
    char *name = arena_strdup(arena, identifier);
    name[0] = (char)toupper((unsigned char)name[0]);
    return name;
}

static void add_model(struct arena *arena, const struct doc *catalog, struct doc *gpu) {
    const char *id = doc_get_text(gpu, "pci-id", "");
    DOC_FOREACH_ITEM(row, catalog) {
        if (!str_eq_ignore_case(doc_get_text(row, "pci", ""), id))
            continue;
        doc_map_set_text(arena, gpu, "model", doc_get_text(row, "model", NULL));
        doc_map_set_text(arena, gpu, "architecture", architecture_name(arena, doc_get_text(row, "architecture", NULL)));
        int64_t memory;
        if (doc_to_int(doc_get(row, "memoryMiB"), &memory))
            doc_map_set_int(arena, gpu, "memory-total-mib", memory);
        return;
    }
}

static bool is_gpu(const struct machine *machine, const char *address) {
    int64_t vendor, class;
    return device_number(machine, address, "vendor", &vendor) && vendor == NVIDIA &&
           device_number(machine, address, "class", &class) && (class >> 8 == CLASS_VGA || class >> 8 == CLASS_3D);
}

const struct doc *gpu_pci_scan(const struct machine *machine, struct arena *arena) {
    struct doc *gpus = doc_new_list(arena);
    const struct doc *catalog = NULL;
    _cleanup_strvec_ struct strvec addresses = {0};
    machine_list(machine, DEVICES, &addresses);
    for (size_t i = 0; i < addresses.count; i++) {
        const char *address = addresses.items[i];
        if (!is_gpu(machine, address))
            continue;
        if (!catalog)
            catalog = load_catalog(arena);
        struct doc *gpu = doc_new_map(arena);
        int64_t device = 0, vendor = 0;
        doc_map_set_text(arena, gpu, "pci-address", address);
        device_number(machine, address, "device", &device);
        doc_map_set(arena, gpu, "pci-id", doc_new_stringf(arena, "%04x:%04x", NVIDIA, (unsigned)device));
        if (device_number(machine, address, "subsystem_device", &device) &&
            device_number(machine, address, "subsystem_vendor", &vendor))
            doc_map_set(arena, gpu, "pci-subsystem-id",
                        doc_new_stringf(arena, "%04x:%04x", (unsigned)vendor, (unsigned)device));
        add_model(arena, catalog, gpu);
        gpu_pci_add(machine, arena, gpu);
        doc_list_add(arena, gpus, gpu);
    }
    return gpus;
}
