// SPDX-License-Identifier: Apache-2.0
#pragma once

// The collectors that there are, each in the file of its name. Internal to the folder.

#include "collect/collector.h"

extern const struct collector collector_os_cgroup, collector_os_clock, collector_os_cpu, collector_os_driver,
    collector_os_grub, collector_os_hugepages, collector_os_iommu, collector_os_kmod, collector_os_kubelet,
    collector_os_memory, collector_os_mounts, collector_os_numa, collector_os_release, collector_os_security,
    collector_os_swap, collector_os_sysctl, collector_os_tuned;
extern const struct collector collector_systemd, collector_gpu, collector_fabric;
extern const struct collector collector_k8s, collector_node_topology;
