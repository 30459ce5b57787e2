// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"
#include "base/file.h"
#include "base/log.h"
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
