// SPDX-License-Identifier: Apache-2.0
#pragma once

// libcurl, loaded at run time. Only io/ includes this.

#include "base/error.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

struct curl_library {
    __typeof__(curl_global_init) *global_init;
    __typeof__(curl_easy_init) *easy_init;
    __typeof__(curl_easy_cleanup) *easy_cleanup;
    __typeof__(curl_easy_setopt) *easy_setopt;
    __typeof__(curl_easy_getinfo) *easy_getinfo;
    __typeof__(curl_easy_pause) *easy_pause;
    __typeof__(curl_easy_strerror) *easy_strerror;
    __typeof__(curl_multi_init) *multi_init;
    __typeof__(curl_multi_cleanup) *multi_cleanup;
    __typeof__(curl_multi_add_handle) *multi_add_handle;
    __typeof__(curl_multi_remove_handle) *multi_remove_handle;
    __typeof__(curl_multi_perform) *multi_perform;
    __typeof__(curl_multi_poll) *multi_poll;
    __typeof__(curl_multi_info_read) *multi_info_read;
};

// Loaded on the first call, never unloaded. ERROR_UNAVAILABLE when libcurl is not installed.
int curl_library_load(const struct curl_library **ret, struct error **err) _must_use_;
