// SPDX-License-Identifier: Apache-2.0
#pragma once

// The versions of documents that can be read: ours, and those of both predecessors, whose newer documents carry
// aicr.run/...

#include <stdbool.h>

#define API_VERSION "cns.nvidia.com/v1alpha1"

bool api_version_is_known(const char *version);
// True for what a predecessor wrote.
bool api_version_is_predecessor(const char *version);
// True for the predecessor's newer generation (aicr.run), whose catalogs have rules of their own.
bool api_version_is_newer(const char *version);
// For messages: "cns.nvidia.com/v1alpha1, aicr.nvidia.com/v1alpha1 and aicr.run/v1alpha2 to v1".
#define API_VERSIONS_READ "cns.nvidia.com/v1alpha1, aicr.nvidia.com/v1alpha1 and aicr.run/v1alpha2 to v1"
