// SPDX-License-Identifier: Apache-2.0
#include "base/library.h"

#include <dlfcn.h>
#include <stdio.h>

bool library_load(const char *const *names, const char *const *functions, size_t count, void **members, char *reason,
                  size_t reason_size) {
    void *handle = NULL;
    for (; *names && !handle; names++)
        if (!(handle = dlopen(*names, RTLD_NOW | RTLD_LOCAL)))
            snprintf(reason, reason_size, "%s", dlerror());
    if (!handle)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!(members[i] = dlsym(handle, functions[i]))) {
            snprintf(reason, reason_size, "%s is too old, or another library: it has no %s", names[-1], functions[i]);
            return false;
        }
    return true;
}
