// SPDX-License-Identifier: Apache-2.0
#pragma once

// The part of NVML's interface that is used, declared from its public documentation (the library is never linked, and
// its header not needed). Internal to nvml*.c. Integers are C ints, as the documented enumerations are.

#include "base/error.h"

#define NVML_SUCCESS 0
#define NVML_ERROR_INVALID_ARGUMENT 2
#define NVML_ERROR_NOT_SUPPORTED 3
#define NVML_ERROR_NOT_FOUND 6
#define NVML_ERROR_DRIVER_NOT_LOADED 9
#define NVML_ERROR_LIBRARY_NOT_FOUND 12
#define NVML_ERROR_FUNCTION_NOT_FOUND 13
#define NVML_ERROR_OPERATING_SYSTEM 17
#define NVML_ERROR_ARGUMENT_VERSION_MISMATCH 25
#define NVML_ERROR_GPU_NOT_FOUND 28

#define NVML_TEXT_SIZE 96 // the largest that any text function documents
#define NVML_FABRIC_UUID_SIZE 16
// A structure that carries its version says so in the upper byte of its first member, and its size below.
#define NVML_STRUCT_VERSION(type, version) ((unsigned)(sizeof(type) | (version) << 24U))

typedef struct nvml_device *nvml_device; // an opaque handle of the library

struct nvml_pci {
    char legacy_bus_id[16];
    unsigned domain, bus, device;
    unsigned device_id; // device in the upper half, vendor in the lower
    unsigned subsystem_id;
    char bus_id[32];
};

struct nvml_memory {
    unsigned long long total, free, used; // bytes
};

struct nvml_fabric { // version 2
    unsigned version;
    unsigned char cluster_uuid[NVML_FABRIC_UUID_SIZE];
    int status;
    unsigned clique_id;
    unsigned char state;
    unsigned health_mask;
};

struct nvml_addressing_mode { // version 1
    unsigned version;
    unsigned value;
};

// member, arguments, names: the newest first.
#define NVML_FUNCTIONS(X)                                                                                        \
    X(init, (void), "nvmlInit_v2", "nvmlInit")                                                                   \
    X(shutdown, (void), "nvmlShutdown", NULL)                                                                    \
    X(driver_version, (char *, unsigned), "nvmlSystemGetDriverVersion", NULL)                                    \
    X(library_version, (char *, unsigned), "nvmlSystemGetNVMLVersion", NULL)                                     \
    X(cuda_version, (int *), "nvmlSystemGetCudaDriverVersion_v2", "nvmlSystemGetCudaDriverVersion")              \
    X(device_count, (unsigned *), "nvmlDeviceGetCount_v2", "nvmlDeviceGetCount")                                 \
    X(device_by_index, (unsigned, nvml_device *), "nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex") \
    X(name, (nvml_device, char *, unsigned), "nvmlDeviceGetName", NULL)                                          \
    X(uuid, (nvml_device, char *, unsigned), "nvmlDeviceGetUUID", NULL)                                          \
    X(serial, (nvml_device, char *, unsigned), "nvmlDeviceGetSerial", NULL)                                      \
    X(board_part_number, (nvml_device, char *, unsigned), "nvmlDeviceGetBoardPartNumber", NULL)                  \
    X(vbios_version, (nvml_device, char *, unsigned), "nvmlDeviceGetVbiosVersion", NULL)                         \
    X(gsp_version, (nvml_device, char *), "nvmlDeviceGetGspFirmwareVersion", NULL)                               \
    X(architecture, (nvml_device, unsigned *), "nvmlDeviceGetArchitecture", NULL)                                \
    X(compute_capability, (nvml_device, int *, int *), "nvmlDeviceGetCudaComputeCapability", NULL)               \
    X(pci, (nvml_device, struct nvml_pci *), "nvmlDeviceGetPciInfo_v3", "nvmlDeviceGetPciInfo_v2")               \
    X(memory, (nvml_device, struct nvml_memory *), "nvmlDeviceGetMemoryInfo", NULL)                              \
    X(bar1, (nvml_device, struct nvml_memory *), "nvmlDeviceGetBAR1MemoryInfo", NULL)                            \
    X(ecc_mode, (nvml_device, int *, int *), "nvmlDeviceGetEccMode", NULL)                                       \
    X(mig_mode, (nvml_device, unsigned *, unsigned *), "nvmlDeviceGetMigMode", NULL)                             \
    X(mig_maximum, (nvml_device, unsigned *), "nvmlDeviceGetMaxMigDeviceCount", NULL)                            \
    X(mig_by_index, (nvml_device, unsigned, nvml_device *), "nvmlDeviceGetMigDeviceHandleByIndex", NULL)         \
    X(nvlink_state, (nvml_device, unsigned, int *), "nvmlDeviceGetNvLinkState", NULL)                            \
    X(nvlink_version, (nvml_device, unsigned, unsigned *), "nvmlDeviceGetNvLinkVersion", NULL)                   \
    X(nvlink_peer_type, (nvml_device, unsigned, int *), "nvmlDeviceGetNvLinkRemoteDeviceType", NULL)             \
    X(nvlink_peer, (nvml_device, unsigned, struct nvml_pci *), "nvmlDeviceGetNvLinkRemotePciInfo_v2",            \
      "nvmlDeviceGetNvLinkRemotePciInfo")                                                                        \
    X(power_limit, (nvml_device, unsigned *), "nvmlDeviceGetPowerManagementLimit", NULL)                         \
    X(power_default, (nvml_device, unsigned *), "nvmlDeviceGetPowerManagementDefaultLimit", NULL)                \
    X(power_range, (nvml_device, unsigned *, unsigned *), "nvmlDeviceGetPowerManagementLimitConstraints", NULL)  \
    X(clock_maximum, (nvml_device, int, unsigned *), "nvmlDeviceGetMaxClockInfo", NULL)                          \
    X(clock_application, (nvml_device, int, unsigned *), "nvmlDeviceGetApplicationsClock", NULL)                 \
    X(compute_mode, (nvml_device, int *), "nvmlDeviceGetComputeMode", NULL)                                      \
    X(persistence_mode, (nvml_device, int *), "nvmlDeviceGetPersistenceMode", NULL)                              \
    X(display_mode, (nvml_device, int *), "nvmlDeviceGetDisplayMode", NULL)                                      \
    X(display_active, (nvml_device, int *), "nvmlDeviceGetDisplayActive", NULL)                                  \
    X(addressing_mode, (nvml_device, struct nvml_addressing_mode *), "nvmlDeviceGetAddressingMode", NULL)        \
    X(cpu_affinity, (nvml_device, unsigned, unsigned long *), "nvmlDeviceGetCpuAffinity", NULL)                  \
    X(numa_node, (nvml_device, unsigned *), "nvmlDeviceGetNumaNodeId", NULL)                                     \
    X(pcie_generation, (nvml_device, unsigned *), "nvmlDeviceGetMaxPcieLinkGeneration", NULL)                    \
    X(pcie_width, (nvml_device, unsigned *), "nvmlDeviceGetMaxPcieLinkWidth", NULL)                              \
    X(fabric, (nvml_device, struct nvml_fabric *), "nvmlDeviceGetGpuFabricInfoV", NULL)

struct nvml_library {
#define NVML_MEMBER(member, arguments, ...) int(*member) arguments;
    NVML_FUNCTIONS(NVML_MEMBER)
#undef NVML_MEMBER
    const char *(*error_text)(int result);
    void *handle;
};

// Loads the first of the names that can be. Functions that an old library lacks are NULL, except those without which
// nothing can be read: their absence is ERROR_UNAVAILABLE.
int nvml_library_load(const char *const *names, struct nvml_library *ret, struct error **err) _must_use_;
// The library's words for a result.
const char *nvml_error_text(const struct nvml_library *library, int result);
