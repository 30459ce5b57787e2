// SPDX-License-Identifier: Apache-2.0
#include "model/api_version.h"
#include "base/text.h"

bool api_version_is_newer(const char *version) {
    static const char *const versions[] = {"aicr.run/v1alpha2", "aicr.run/v1alpha3", "aicr.run/v1beta1",
                                           "aicr.run/v1beta2", "aicr.run/v1"};
    for (size_t i = 0; i < ARRAY_SIZE(versions); i++)
        if (str_eq(version, versions[i]))
            return true;
    return false;
}

bool api_version_is_predecessor(const char *version) {
    return version && (str_has_prefix(version, "aicr.nvidia.com/v1") || api_version_is_newer(version));
}

bool api_version_is_known(const char *version) {
    return version && (str_has_prefix(version, "cns.nvidia.com/v1") || api_version_is_predecessor(version));
}
