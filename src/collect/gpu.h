// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the GPU collector's sources give each other: a document value of the shape that nvml_read() documents,
// {driver, cuda-version, gpus: [map], problems: [text]}. Internal to gpu*.c; tests and the fuzzer feed gpu_smi_parse().

#include "base/error.h"
#include "collect/machine.h"
#include "doc/doc.h"

// The output of `nvidia-smi -q -x`.
int gpu_smi_parse(struct arena *arena, const char *bytes, size_t length, const struct doc **ret,
                  struct error **err) _must_use_;
// NVIDIA's display controllers on the PCI bus, as a list of maps in the order of their addresses; with the model where
// the catalog of hardware knows the PCI id.
const struct doc *gpu_pci_scan(const struct machine *machine, struct arena *arena);
// Adds to a GPU's map what the kernel says of the PCI device at its pci-address: driver, NUMA node.
void gpu_pci_add(const struct machine *machine, struct arena *arena, struct doc *gpu);
// Any way in which a PCI address is written as the kernel writes it: 0000:53:00.0.
const char *gpu_pci_address(struct arena *arena, const char *text);
