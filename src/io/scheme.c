// SPDX-License-Identifier: Apache-2.0
#include "io/scheme.h"
#include "base/alloc.h"
#include "base/suggest.h"
#include "base/text.h"
#include "io/http.h"
#include "io/local.h"

#include <ctype.h>

static const struct scheme standard = {
    .name = "-", .what = "standard input or output", .open = standard_input_open, .write = standard_output_write};
static const struct scheme path = {
    .name = "path", .what = "a file", .open = file_open, .write = file_location_write, .check = file_location_check};

static const struct scheme schemes[] = {
    {.name = "cm", .what = "a Kubernetes ConfigMap"},
    {.name = "file", .what = "a file", .open = file_open, .write = file_location_write, .check = file_location_check},
    {.name = "http", .what = "a web address", .open = http_open},
    {.name = "https", .what = "a web address", .open = http_open},
    {.name = "oci", .what = "an artifact in a registry"},
    {.name = "s3", .what = "an object store"},
};

bool location_is_standard(const char *location) {
    if (!location)
        return true;
    size_t start = strspn(location, " \t");
    return !location[start] || str_eq(location, "-");
}

// RFC 3986, section 3.1; 0 when the location does not start with a scheme and "://".
static size_t scheme_length(const char *location) {
    if (!isalpha((unsigned char)location[0]))
        return 0;
    size_t length = 1;
    while (isalnum((unsigned char)location[length]) || (location[length] && strchr("+-.", location[length])))
        length++;
    return str_has_prefix(location + length, "://") ? length : 0;
}

static int unknown_scheme(const char *location, size_t length, struct error **err) {
    const char *names[ARRAY_SIZE(schemes)];
    for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
        names[i] = schemes[i].name;
    _cleanup_free_ char *name = xstrndup(location, length);
    _cleanup_free_ char *shown = location_shown(location);
    error_set(err, ERROR_INVALID, "%s: unknown kind of address '%s://'", shown, name);
    const char *nearest = suggest_nearest(name, names, ARRAY_SIZE(names));
    if (nearest)
        return error_hint(err, "did you mean '%s://'?", nearest);
    return error_hint(err, "a path, '-' or an http:// or https:// address is expected; a file of that name is './%s'",
                      shown);
}

int scheme_find(const char *location, const struct scheme **ret, struct error **err) {
    if (location_is_standard(location)) {
        *ret = &standard;
        return 0;
    }
    size_t length = scheme_length(location);
    if (!length) {
        *ret = &path;
        return 0;
    }
    _cleanup_free_ char *name = str_lower(xstrndup(location, length));
    for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
        if (str_eq(name, schemes[i].name)) {
            *ret = &schemes[i];
            return 0;
        }
    return unknown_scheme(location, length, err);
}

char *location_shown(const char *location) {
    size_t length = scheme_length(location);
    if (!length)
        return xstrdup(location);
    const char *authority = location + length + strlen("://");
    size_t authority_length = strcspn(authority, "/?#");
    const char *at = memrchr(authority, '@', authority_length);
    const char *rest = at ? at + 1 : authority;
    size_t rest_length = strcspn(rest, "?#");
    return xasprintf("%.*s://%.*s%s", (int)length, location, (int)rest_length, rest,
                     rest[rest_length] == '?' ? "?..." : "");
}
