// SPDX-License-Identifier: Apache-2.0
#include "collect/collectors.h"

// In the order of starting: what waits for others, or reads most, begins first.
const struct collector *const collectors[] = {
    &collector_gpu,
    &collector_systemd,
    &collector_os_sysctl,
    &collector_fabric,
    &collector_k8s,
    &collector_node_topology,
    &collector_os_kmod,
    &collector_os_cpu,
    &collector_os_mounts,
    &collector_os_cgroup,
    &collector_os_clock,
    &collector_os_grub,
    &collector_os_hugepages,
    &collector_os_iommu,
    &collector_os_memory,
    &collector_os_numa,
    &collector_os_release,
    &collector_os_security,
    &collector_os_swap,
    &collector_os_driver,
    &collector_os_kubelet,
    &collector_os_tuned,
    NULL,
};
