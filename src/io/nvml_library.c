// SPDX-License-Identifier: Apache-2.0
#include "io/nvml_library.h"

#include <dlfcn.h>
#include <stddef.h>

static void *find_function(void *handle, const char *const *names, size_t count) {
    void *function = NULL;
    for (size_t i = 0; i < count && !function; i++)
        if (names[i])
            function = dlsym(handle, names[i]);
    return function;
}

static void find_functions(struct nvml_library *library) {
#define FIND(member, arguments, ...)                                                                       \
    library->member = (int(*) arguments)find_function(library->handle, (const char *const[]){__VA_ARGS__}, \
                                                      ARRAY_SIZE(((const char *const[]){__VA_ARGS__})));
    NVML_FUNCTIONS(FIND)
#undef FIND
    library->error_text = (const char *(*)(int))dlsym(library->handle, "nvmlErrorString");
}

int nvml_library_load(const char *const *names, struct nvml_library *ret, struct error **err) {
    struct nvml_library library = {0};
    for (; *names && !library.handle; names++)
        library.handle = dlopen(*names, RTLD_NOW | RTLD_LOCAL);
    if (!library.handle)
        return error_set(err, ERROR_NOT_FOUND, "NVML is not installed (libnvidia-ml.so.1)");
    find_functions(&library);
    if (!library.init || !library.shutdown || !library.device_count || !library.device_by_index)
        return error_set(err, ERROR_UNAVAILABLE, "NVML is too old, or no NVML: it lacks the functions to list GPUs");
    *ret = library;
    return 0;
}

const char *nvml_error_text(const struct nvml_library *library, int result) {
    const char *text = library->error_text ? library->error_text(result) : NULL;
    return text ? text : "an error that it has no words for";
}
