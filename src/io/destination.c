// SPDX-License-Identifier: Apache-2.0
#include "io/destination.h"
#include "base/alloc.h"
#include "base/text.h"
#include "io/scheme.h"

// `instead`: what to write to.
static int refuse(const char *location, const struct scheme *scheme, const char *instead, struct error **err) {
    _cleanup_free_ char *shown = location_shown(location);
    if (scheme->open || scheme->write)
        error_set(err, ERROR_INVALID, "%s: %s can only be read", shown, scheme->what);
    else
        error_set(err, ERROR_UNAVAILABLE, "%s: writing %s is not in this build yet", shown, scheme->what);
    return error_hint(err, "write to %s", instead);
}

static int find_writable(const char *location, const struct scheme **ret, struct error **err) {
    int r = scheme_find(location, ret, err);
    if (r < 0 || (*ret)->write)
        return r;
    return refuse(location, *ret, "a path or to '-' (standard output)", err);
}

int destination_write(const char *location, const char *bytes, size_t length, struct error **err) {
    const struct scheme *scheme;
    int r = find_writable(location, &scheme, err);
    return r < 0 ? r : scheme->write(location, bytes, length, err);
}

int destination_check(const char *location, struct error **err) {
    const struct scheme *scheme;
    int r = find_writable(location, &scheme, err);
    return r < 0 || !scheme->check ? r : scheme->check(location, err);
}

int destination_check_folder(const char *location, struct error **err) {
    const struct scheme *scheme;
    int r = scheme_find(location, &scheme, err);
    if (r < 0 || str_eq(scheme->name, "path"))
        return r;
    if (scheme->write)
        return error_set(err, ERROR_INVALID, "'%s': a folder is written, which has to be a path",
                         location ? location : "");
    return refuse(location, scheme, "a path", err);
}
