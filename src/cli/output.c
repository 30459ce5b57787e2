// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "base/vec.h"
#include "usecase/deliver.h"
#include "usecase/validate.h"

#include <sys/ioctl.h>
#include <unistd.h>

#define WIDEST 100
#define NARROWEST 40

int output_write(const char *bytes, size_t length, struct error **err) {
    return fd_write_all(STDOUT_FILENO, bytes, length, "standard output", err);
}

int output_text(const struct text *text, struct error **err) {
    return output_write(text_str(text), text->length, err);
}

enum emit_format output_format(const char *name) {
    return str_eq(name, "json") ? EMIT_JSON : EMIT_YAML;
}

unsigned output_width(void) {
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return WIDEST;
    return MAX(NARROWEST, MIN((int)size.ws_col, WIDEST));
}

int output_report(const struct report *report, const char *format, const char *location, struct error **err) {
    bool is_standard_output = str_is_empty(location) || str_eq(location, "-");
    return validation_deliver(report, format, is_standard_output && terminal_has_color(STDOUT_FILENO), location, err);
}

// Splits "junit=out.xml" and checks both parts.
static int split_report(struct arena *arena, const char *text, const char **ret_format, const char **ret_location,
                        struct error **err) {
    const char *equals = strchr(text, '=');
    if (!equals || equals == text || !equals[1]) {
        error_set(err, ERROR_INVALID, "--report %s: expected FORMAT=FILE", text);
        return error_hint(err, "for example --report junit=validation.xml");
    }
    const char *format = arena_strndup(arena, text, (size_t)(equals - text));
    if (!report_writer_find(format)) {
        error_set(err, ERROR_INVALID, "--report %s: the format '%s' is unknown", text, format);
        return error_hint(err, "formats are text, table, json, yaml, ctrf, junit and sarif");
    }
    *ret_format = format;
    *ret_location = equals + 1;
    return 0;
}

int output_check_reports(const struct strvec *reports, struct error **err) {
    _cleanup_arena_ struct arena *arena = arena_new();
    int r = 0;
    for (size_t i = 0; r == 0 && i < reports->count; i++) {
        const char *format, *location;
        r = split_report(arena, reports->items[i], &format, &location, err);
        if (r == 0)
            r = deliver_check(location, err);
    }
    return r;
}

int output_reports(const struct report *report, const struct strvec *reports, struct error **err) {
    _cleanup_arena_ struct arena *arena = arena_new();
    int r = 0;
    for (size_t i = 0; r == 0 && i < reports->count; i++) {
        const char *format, *location;
        r = split_report(arena, reports->items[i], &format, &location, err);
        if (r == 0)
            r = validation_deliver(report, format, false, location, err);
    }
    return r;
}
