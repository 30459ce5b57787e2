// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "collect/collectors.h"

#include <ctype.h>
#include <stdlib.h>

#define DEVICES "/sys/class/infiniband"
#define PCI_DEVICES "/sys/bus/pci/devices"
#define IMEX_CHANNELS "/dev/nvidia-caps-imex-channels"
#define NVIDIA 0x10de
#define CLASS_BRIDGE_OTHER 0x0680 // how NVSwitches present themselves

enum kind { KIND_INFINIBAND, KIND_ROCE, KIND_EFA, KIND_OTHER };
static const char *const kind_names[] = {"infiniband", "roce", "efa", "other"};

struct totals {
    size_t devices, ports, active;
    size_t kinds[KIND_OTHER + 1];
    size_t switches, channels;
};

static bool read_line(const struct readings *readings, const char *folder, const char *file, char *line, size_t size) {
    _cleanup_free_ char *path = xasprintf("%s/%s", folder, file);
    return machine_line(readings->collection->machine, path, line, size) && *line;
}

static void add_line(const struct readings *readings, const char *folder, const char *file, const char *key) {
    char line[512];
    if (read_line(readings, folder, file, line, sizeof line))
        reading_string(readings, key, line);
}

// "4: ACTIVE": the word alone.
static const char *word_of(const char *line) {
    const char *colon = strchr(line, ':');
    if (!colon)
        return line;
    for (colon++; *colon == ' '; colon++)
        ;
    return colon;
}

static enum kind kind_of(const char *driver, const char *link_layer) {
    if (str_eq(driver, "efa"))
        return KIND_EFA;
    if (str_eq_ignore_case(link_layer, "InfiniBand"))
        return KIND_INFINIBAND;
    return str_eq_ignore_case(link_layer, "Ethernet") ? KIND_ROCE : KIND_OTHER;
}

static void add_port(const struct readings *readings, const char *folder, const char *port, struct totals *totals,
                     char link_layer[64]) {
    char line[256];
    _cleanup_free_ char *port_folder = xasprintf("%s/ports/%s", folder, port);
    _cleanup_free_ char *state = xasprintf("port.%s.state", port);
    _cleanup_free_ char *physical = xasprintf("port.%s.physical-state", port);
    _cleanup_free_ char *rate = xasprintf("port.%s.rate", port);
    _cleanup_free_ char *gigabits = xasprintf("port.%s.rate-gbps", port);
    _cleanup_free_ char *layer = xasprintf("port.%s.link-layer", port);
    totals->ports++;
    if (read_line(readings, port_folder, "state", line, sizeof line)) {
        reading_string(readings, state, word_of(line));
        totals->active += str_eq(word_of(line), "ACTIVE");
    }
    if (read_line(readings, port_folder, "phys_state", line, sizeof line))
        reading_string(readings, physical, word_of(line));
    if (read_line(readings, port_folder, "rate", line, sizeof line)) {
        reading_string(readings, rate, line);
        char *end;
        long value = strtol(line, &end, 10);
        if (end != line && str_has_prefix(end, " Gb/sec"))
            reading_int(readings, gigabits, value);
    }
    if (read_line(readings, port_folder, "link_layer", link_layer, 64))
        reading_string(readings, layer, link_layer);
}

static void add_network_devices(const struct readings *readings, const char *folder) {
    static const struct {
        const char *file, *name;
    } facts[] = {{"operstate", "state"}, {"mtu", "mtu"}, {"speed", "speed-mbps"}};
    _cleanup_strvec_ struct strvec names = {0};
    _cleanup_free_ char *list = xasprintf("%s/device/net", folder);
    machine_list(readings->collection->machine, list, &names);
    for (size_t i = 0; i < names.count; i++) {
        for (size_t j = 0; j < ARRAY_SIZE(facts); j++) {
            int64_t number;
            char line[128];
            _cleanup_free_ char *path = xasprintf("%s/%s/%s", list, names.items[i], facts[j].file);
            _cleanup_free_ char *key = xasprintf("net.%s.%s", names.items[i], facts[j].name);
            if (machine_number(readings->collection->machine, path, &number))
                reading_int(readings, key, number);
            else if (machine_line(readings->collection->machine, path, line, sizeof line) && *line)
                reading_string(readings, key, line);
        }
    }
}

static void add_device(struct collection *collection, const char *name, struct totals *totals) {
    const struct machine *machine = collection->machine;
    _cleanup_free_ char *folder = xasprintf(DEVICES "/%s", name);
    _cleanup_free_ char *device_link = xasprintf("%s/device", folder);
    _cleanup_free_ char *driver_link = xasprintf("%s/device/driver", folder);
    _cleanup_free_ char *driver = machine_link_name(machine, driver_link);
    _cleanup_free_ char *address = machine_link_name(machine, device_link);
    _cleanup_free_ char *numa_path = xasprintf("%s/device/numa_node", folder);
    struct readings readings = readings_of(collection, name);
    char link_layer[64] = "";
    int64_t node;
    reading_string(&readings, "driver", driver);
    reading_string(&readings, "pci-address", address);
    if (machine_number(machine, numa_path, &node) && node >= 0)
        reading_int(&readings, "numa-node", node);
    add_line(&readings, folder, "fw_ver", "firmware");
    add_line(&readings, folder, "board_id", "board-id");
    add_line(&readings, folder, "hca_type", "model");
    add_line(&readings, folder, "node_guid", "node-guid");
    add_line(&readings, folder, "sys_image_guid", "system-image-guid");
    _cleanup_strvec_ struct strvec ports = {0};
    _cleanup_free_ char *port_list = xasprintf("%s/ports", folder);
    machine_list(machine, port_list, &ports);
    for (size_t i = 0; i < ports.count; i++)
        add_port(&readings, folder, ports.items[i], totals, link_layer);
    reading_uint(&readings, "port-count", ports.count);
    enum kind kind = kind_of(driver ? driver : "", link_layer);
    reading_string(&readings, "kind", kind_names[kind]);
    add_network_devices(&readings, folder);
    totals->devices++;
    totals->kinds[kind]++;
}

// Devices that nobody asked for still count in the summary; their readings are dropped with the subtype.
static void add_devices(struct collection *collection, struct totals *totals) {
    _cleanup_strvec_ struct strvec names = {0};
    machine_list(collection->machine, DEVICES, &names);
    bool wants_summary = collection_wants(collection, "summary");
    for (size_t i = 0; i < names.count; i++)
        if (wants_summary || collection_wants(collection, names.items[i]))
            add_device(collection, names.items[i], totals);
}

static bool is_switch(const struct machine *machine, const char *address) {
    int64_t vendor, class;
    _cleanup_free_ char *vendor_path = xasprintf(PCI_DEVICES "/%s/vendor", address);
    _cleanup_free_ char *class_path = xasprintf(PCI_DEVICES "/%s/class", address);
    return machine_number(machine, vendor_path, &vendor) && vendor == NVIDIA &&
           machine_number(machine, class_path, &class) && class >> 8 == CLASS_BRIDGE_OTHER;
}

static void add_switches(struct collection *collection, struct totals *totals) {
    const struct machine *machine = collection->machine;
    _cleanup_strvec_ struct strvec addresses = {0};
    machine_list(machine, PCI_DEVICES, &addresses);
    for (size_t i = 0; i < addresses.count; i++) {
        if (!is_switch(machine, addresses.items[i]))
            continue;
        struct readings readings = readings_of(collection, "nvswitch");
        int64_t device;
        _cleanup_free_ char *device_path = xasprintf(PCI_DEVICES "/%s/device", addresses.items[i]);
        _cleanup_free_ char *driver_link = xasprintf(PCI_DEVICES "/%s/driver", addresses.items[i]);
        _cleanup_free_ char *driver = machine_link_name(machine, driver_link);
        _cleanup_free_ char *id_key = xasprintf("%zu.pci-id", totals->switches);
        _cleanup_free_ char *address_key = xasprintf("%zu.pci-address", totals->switches);
        _cleanup_free_ char *driver_key = xasprintf("%zu.kernel-driver", totals->switches);
        reading_string(&readings, address_key, addresses.items[i]);
        if (machine_number(machine, device_path, &device))
            reading_stringf(&readings, id_key, "%04x:%04x", NVIDIA, (unsigned)device);
        reading_string(&readings, driver_key, driver ? driver : "none");
        totals->switches++;
    }
    if (totals->switches) {
        struct readings readings = readings_of(collection, "nvswitch");
        reading_uint(&readings, "count", totals->switches);
    }
}

static void add_channels(struct collection *collection, struct totals *totals) {
    _cleanup_strvec_ struct strvec channels = {0};
    if (!machine_list(collection->machine, IMEX_CHANNELS, &channels))
        return;
    struct readings readings = readings_of(collection, "imex");
    totals->channels = channels.count;
    reading_uint(&readings, "channel-count", channels.count);
}

static void add_summary(struct collection *collection, const struct totals *totals) {
    struct readings readings = readings_of(collection, "summary");
    reading_uint(&readings, "device-count", totals->devices);
    for (size_t i = 0; i < ARRAY_SIZE(kind_names); i++) {
        _cleanup_free_ char *key = xasprintf("%s-count", kind_names[i]);
        reading_uint(&readings, key, totals->kinds[i]);
    }
    reading_uint(&readings, "port-count", totals->ports);
    reading_uint(&readings, "active-port-count", totals->active);
    reading_uint(&readings, "nvswitch-count", totals->switches);
    reading_uint(&readings, "imex-channel-count", totals->channels);
}

static int collect(struct collection *collection, struct error **err _unused_) {
    struct totals totals = {0};
    add_devices(collection, &totals);
    if (collection_wants(collection, "summary") || collection_wants(collection, "nvswitch"))
        add_switches(collection, &totals);
    if (collection_wants(collection, "summary") || collection_wants(collection, "imex"))
        add_channels(collection, &totals);
    if (collection_wants(collection, "summary"))
        add_summary(collection, &totals);
    if (!totals.devices && !totals.switches && !totals.channels)
        return collection_absent(collection, "there is no RDMA device, no NVSwitch and no IMEX channel");
    return 0;
}

static const char *const subtypes[] = {"summary", "nvswitch", "imex",  "mlx*",   "efa*", "rdma*",
                                       "roce*",   "ib*",      "bnxt*", "irdma*", "hns*", "cxgb*",
                                       "qedr*",   "mana*",    "rxe*",  "siw*",   NULL};
const struct collector collector_fabric = {
    .type = "Fabric", .subtypes = subtypes, .budget_ms = 5000, .collect = collect};
