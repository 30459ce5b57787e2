// SPDX-License-Identifier: Apache-2.0
#include "io/curl.h"
#include "base/library.h"

#include <pthread.h>
#include <stddef.h>
#include <stdio.h>

// In the order of struct curl_library, whose members are all function pointers.
static const char *const names[] = {
    "curl_global_init",   "curl_easy_init",        "curl_easy_cleanup",        "curl_easy_setopt",
    "curl_easy_getinfo",  "curl_easy_pause",       "curl_easy_strerror",       "curl_multi_init",
    "curl_multi_cleanup", "curl_multi_add_handle", "curl_multi_remove_handle", "curl_multi_perform",
    "curl_multi_poll",    "curl_multi_info_read",
};
_Static_assert(sizeof(struct curl_library) == ARRAY_SIZE(names) * sizeof(void *), "one name per function");

static struct curl_library library;
static bool is_loaded;
static char problem[256];

static void load(void) {
    static const char *const libraries[] = {"libcurl.so.4", "libcurl-gnutls.so.4", NULL};
    if (!library_load(libraries, names, ARRAY_SIZE(names), (void **)&library, problem, sizeof problem))
        return;
    is_loaded = library.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    if (!is_loaded)
        snprintf(problem, sizeof problem, "it does not start");
}

int curl_library_load(const struct curl_library **ret, struct error **err) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    if (!is_loaded) {
        error_set(err, ERROR_UNAVAILABLE, "the curl library cannot be loaded: %s", problem);
        return error_hint(err, "install it (Debian: apt-get install libcurl4), or download to a file first");
    }
    *ret = &library;
    return 0;
}
