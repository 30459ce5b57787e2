// SPDX-License-Identifier: Apache-2.0
#include "io/destination.h"
#include "base/alloc.h"
#include "io/scheme.h"

static int find_writable(const char *location, const struct scheme **ret, struct error **err) {
    int r = scheme_find(location, ret, err);
    if (r < 0 || (*ret)->write)
        return r;
    _cleanup_free_ char *shown = location_shown(location);
    if ((*ret)->open) {
        error_set(err, ERROR_INVALID, "%s: %s can only be read", shown, (*ret)->what);
        return error_hint(err, "write to a path or to '-' (standard output)");
    }
    error_set(err, ERROR_UNAVAILABLE, "%s: writing %s is not in this build yet", shown, (*ret)->what);
    return error_hint(err, "write to a path or to '-' (standard output)");
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
