// SPDX-License-Identifier: Apache-2.0
// A fake of NVIDIA's management library, for tests: built as libnvidia-ml.so.1, found through LD_LIBRARY_PATH. It knows
// H100-like GPUs and answers as the library's public documentation says. FAKE_NVML_MODE: "no-driver", "broken" (does
// not start), "lost" (the second GPU has fallen off the bus), "slow" (hangs), "none" (no GPU). FAKE_NVML_GPUS: how
// many, 2.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define SUCCESS 0
#define NOT_SUPPORTED 3
#define INVALID_ARGUMENT 2
#define NOT_FOUND 6
#define DRIVER_NOT_LOADED 9
#define GPU_IS_LOST 15
#define UNKNOWN 999
#define LINKS 18
#define MIG_BASE 100

#define GIB (1024ULL * 1024 * 1024)

typedef void *device; // index + 1; MIG instances from MIG_BASE

struct pci {
    char legacy_bus_id[16];
    unsigned domain, bus, device;
    unsigned device_id, subsystem_id;
    char bus_id[32];
};

struct memory {
    unsigned long long total, free, used;
};

struct fabric {
    unsigned version;
    unsigned char cluster_uuid[16];
    int status;
    unsigned clique_id;
    unsigned char state;
    unsigned health_mask;
};

struct addressing {
    unsigned version, value;
};

static int mode_is(const char *name) {
    const char *mode = getenv("FAKE_NVML_MODE");
    return mode && strcmp(mode, name) == 0;
}

static unsigned gpu_count(void) {
    const char *count = getenv("FAKE_NVML_GPUS");
    return mode_is("none") ? 0 : count ? (unsigned)atoi(count) : 2;
}

static unsigned index_of(device d) {
    return (unsigned)(size_t)d - 1;
}

static int text(char *to, unsigned size, const char *from) {
    snprintf(to, size, "%s", from);
    return SUCCESS;
}

EXPORT int nvmlInit_v2(void);
EXPORT int nvmlInit_v2(void) {
    if (mode_is("slow"))
        sleep(600);
    return mode_is("no-driver") ? DRIVER_NOT_LOADED : mode_is("broken") ? UNKNOWN : SUCCESS;
}

EXPORT int nvmlShutdown(void);
EXPORT int nvmlShutdown(void) {
    return SUCCESS;
}

EXPORT const char *nvmlErrorString(int result);
EXPORT const char *nvmlErrorString(int result) {
    return result == DRIVER_NOT_LOADED ? "Driver Not Loaded" : result == GPU_IS_LOST ? "GPU is lost" : "Unknown Error";
}

EXPORT int nvmlSystemGetDriverVersion(char *to, unsigned size);
EXPORT int nvmlSystemGetDriverVersion(char *to, unsigned size) {
    return text(to, size, "570.133.20");
}

EXPORT int nvmlSystemGetNVMLVersion(char *to, unsigned size);
EXPORT int nvmlSystemGetNVMLVersion(char *to, unsigned size) {
    return text(to, size, "12.570.133.20");
}

EXPORT int nvmlSystemGetCudaDriverVersion_v2(int *version);
EXPORT int nvmlSystemGetCudaDriverVersion_v2(int *version) {
    *version = 12080;
    return SUCCESS;
}

EXPORT int nvmlDeviceGetCount_v2(unsigned *count);
EXPORT int nvmlDeviceGetCount_v2(unsigned *count) {
    *count = gpu_count();
    return SUCCESS;
}

EXPORT int nvmlDeviceGetHandleByIndex_v2(unsigned index, device *d);
EXPORT int nvmlDeviceGetHandleByIndex_v2(unsigned index, device *d) {
    if (index >= gpu_count())
        return INVALID_ARGUMENT;
    if (index == 1 && mode_is("lost"))
        return GPU_IS_LOST;
    *d = (device)(size_t)(index + 1);
    return SUCCESS;
}

EXPORT int nvmlDeviceGetName(device d, char *to, unsigned size);
EXPORT int nvmlDeviceGetName(device d, char *to, unsigned size) {
    return text(to, size, index_of(d) >= MIG_BASE ? "NVIDIA H100 80GB HBM3 MIG 3g.40gb" : "NVIDIA H100 80GB HBM3");
}

EXPORT int nvmlDeviceGetUUID(device d, char *to, unsigned size);
EXPORT int nvmlDeviceGetUUID(device d, char *to, unsigned size) {
    snprintf(to, size, "%s-11111111-2222-4333-8444-%012u", index_of(d) >= MIG_BASE ? "MIG" : "GPU", index_of(d));
    return SUCCESS;
}

EXPORT int nvmlDeviceGetSerial(device d, char *to, unsigned size);
EXPORT int nvmlDeviceGetSerial(device d, char *to, unsigned size) {
    snprintf(to, size, "165302400000%u", index_of(d));
    return SUCCESS;
}

EXPORT int nvmlDeviceGetVbiosVersion(device d, char *to, unsigned size);
EXPORT int nvmlDeviceGetVbiosVersion(device d, char *to, unsigned size) {
    (void)d;
    return text(to, size, "96.00.BC.00.01");
}

EXPORT int nvmlDeviceGetGspFirmwareVersion(device d, char *to);
EXPORT int nvmlDeviceGetGspFirmwareVersion(device d, char *to) {
    (void)d;
    return text(to, 64, "570.133.20");
}

EXPORT int nvmlDeviceGetArchitecture(device d, unsigned *to);
EXPORT int nvmlDeviceGetArchitecture(device d, unsigned *to) {
    (void)d;
    *to = 9;
    return SUCCESS;
}

EXPORT int nvmlDeviceGetCudaComputeCapability(device d, int *major, int *minor);
EXPORT int nvmlDeviceGetCudaComputeCapability(device d, int *major, int *minor) {
    (void)d;
    *major = 9;
    *minor = 0;
    return SUCCESS;
}

EXPORT int nvmlDeviceGetPciInfo_v3(device d, struct pci *to);
EXPORT int nvmlDeviceGetPciInfo_v3(device d, struct pci *to) {
    // The second GPU comes first on the bus, so that the order of the output is put to the test.
    static const unsigned buses[] = {0x64, 0x53};
    unsigned index = index_of(d);
    *to = (struct pci){
        .bus = index < 2 ? buses[index] : 0x70 + index, .device_id = 0x233010DE, .subsystem_id = 0x16C110DE};
    return SUCCESS;
}

EXPORT int nvmlDeviceGetMemoryInfo(device d, struct memory *to);
EXPORT int nvmlDeviceGetMemoryInfo(device d, struct memory *to) {
    (void)d;
    *to = (struct memory){.total = 80 * GIB, .free = 79 * GIB, .used = GIB};
    return SUCCESS;
}

EXPORT int nvmlDeviceGetBAR1MemoryInfo(device d, struct memory *to);
EXPORT int nvmlDeviceGetBAR1MemoryInfo(device d, struct memory *to) {
    (void)d;
    *to = (struct memory){.total = 128 * GIB};
    return SUCCESS;
}

EXPORT int nvmlDeviceGetEccMode(device d, int *current, int *pending);
EXPORT int nvmlDeviceGetEccMode(device d, int *current, int *pending) {
    (void)d;
    *current = *pending = 1;
    return SUCCESS;
}

EXPORT int nvmlDeviceGetMigMode(device d, unsigned *current, unsigned *pending);
EXPORT int nvmlDeviceGetMigMode(device d, unsigned *current, unsigned *pending) {
    *current = *pending = index_of(d) == 1;
    return SUCCESS;
}

EXPORT int nvmlDeviceGetMaxMigDeviceCount(device d, unsigned *count);
EXPORT int nvmlDeviceGetMaxMigDeviceCount(device d, unsigned *count) {
    (void)d;
    *count = 7;
    return SUCCESS;
}

EXPORT int nvmlDeviceGetMigDeviceHandleByIndex(device d, unsigned index, device *to);
EXPORT int nvmlDeviceGetMigDeviceHandleByIndex(device d, unsigned index, device *to) {
    (void)d;
    if (index != 0 && index != 2)
        return NOT_FOUND;
    *to = (device)(size_t)(MIG_BASE + index + 1);
    return SUCCESS;
}

EXPORT int nvmlDeviceGetNvLinkState(device d, unsigned link, int *active);
EXPORT int nvmlDeviceGetNvLinkState(device d, unsigned link, int *active) {
    if (link >= LINKS)
        return INVALID_ARGUMENT;
    *active = !(index_of(d) == 0 && link == 17);
    return SUCCESS;
}

EXPORT int nvmlDeviceGetNvLinkVersion(device d, unsigned link, unsigned *version);
EXPORT int nvmlDeviceGetNvLinkVersion(device d, unsigned link, unsigned *version) {
    (void)d;
    (void)link;
    *version = 7;
    return SUCCESS;
}

EXPORT int nvmlDeviceGetNvLinkRemoteDeviceType(device d, unsigned link, int *type);
EXPORT int nvmlDeviceGetNvLinkRemoteDeviceType(device d, unsigned link, int *type) {
    (void)d;
    (void)link;
    *type = 2;
    return SUCCESS;
}

EXPORT int nvmlDeviceGetNvLinkRemotePciInfo_v2(device d, unsigned link, struct pci *to);
EXPORT int nvmlDeviceGetNvLinkRemotePciInfo_v2(device d, unsigned link, struct pci *to) {
    (void)d;
    *to = (struct pci){.bus = link % 4 + 3};
    return SUCCESS;
}

EXPORT int nvmlDeviceGetPowerManagementLimit(device d, unsigned *to);
EXPORT int nvmlDeviceGetPowerManagementLimit(device d, unsigned *to) {
    *to = index_of(d) ? 650500 : 700000;
    return SUCCESS;
}

EXPORT int nvmlDeviceGetPowerManagementDefaultLimit(device d, unsigned *to);
EXPORT int nvmlDeviceGetPowerManagementDefaultLimit(device d, unsigned *to) {
    (void)d;
    *to = 700000;
    return SUCCESS;
}

EXPORT int nvmlDeviceGetPowerManagementLimitConstraints(device d, unsigned *minimum, unsigned *maximum);
EXPORT int nvmlDeviceGetPowerManagementLimitConstraints(device d, unsigned *minimum, unsigned *maximum) {
    (void)d;
    *minimum = 200000;
    *maximum = 700000;
    return SUCCESS;
}

EXPORT int nvmlDeviceGetMaxClockInfo(device d, int type, unsigned *to);
EXPORT int nvmlDeviceGetMaxClockInfo(device d, int type, unsigned *to) {
    (void)d;
    *to = type == 2 ? 2619 : 1980;
    return SUCCESS;
}

EXPORT int nvmlDeviceGetComputeMode(device d, int *to);
EXPORT int nvmlDeviceGetComputeMode(device d, int *to) {
    (void)d;
    *to = 0;
    return SUCCESS;
}

EXPORT int nvmlDeviceGetPersistenceMode(device d, int *to);
EXPORT int nvmlDeviceGetPersistenceMode(device d, int *to) {
    (void)d;
    *to = 1;
    return SUCCESS;
}

EXPORT int nvmlDeviceGetDisplayMode(device d, int *to);
EXPORT int nvmlDeviceGetDisplayMode(device d, int *to) {
    (void)d;
    (void)to;
    return NOT_SUPPORTED;
}

EXPORT int nvmlDeviceGetAddressingMode(device d, struct addressing *to);
EXPORT int nvmlDeviceGetAddressingMode(device d, struct addressing *to) {
    (void)d;
    if (to->version != (sizeof *to | 1 << 24))
        return 25;
    to->value = 1;
    return SUCCESS;
}

EXPORT int nvmlDeviceGetCpuAffinity(device d, unsigned size, unsigned long *set);
EXPORT int nvmlDeviceGetCpuAffinity(device d, unsigned size, unsigned long *set) {
    memset(set, 0, size * sizeof *set);
    set[0] = index_of(d) ? 0xF0F0 : 0xF;
    return SUCCESS;
}

EXPORT int nvmlDeviceGetMaxPcieLinkGeneration(device d, unsigned *to);
EXPORT int nvmlDeviceGetMaxPcieLinkGeneration(device d, unsigned *to) {
    (void)d;
    *to = 5;
    return SUCCESS;
}

EXPORT int nvmlDeviceGetMaxPcieLinkWidth(device d, unsigned *to);
EXPORT int nvmlDeviceGetMaxPcieLinkWidth(device d, unsigned *to) {
    (void)d;
    *to = 16;
    return SUCCESS;
}

EXPORT int nvmlDeviceGetGpuFabricInfoV(device d, struct fabric *to);
EXPORT int nvmlDeviceGetGpuFabricInfoV(device d, struct fabric *to) {
    (void)d;
    if (to->version != (sizeof *to | 2 << 24))
        return 25;
    to->state = 3;
    to->status = SUCCESS;
    to->clique_id = 0;
    memset(to->cluster_uuid, 0xab, sizeof to->cluster_uuid);
    return SUCCESS;
}
