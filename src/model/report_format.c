// SPDX-License-Identifier: Apache-2.0
#include "model/report_format.h"

const char *report_status_key(enum check_status status) {
    static const char *const keys[] = {
        [CHECK_PASSED] = "passed",
        [CHECK_FAILED] = "failed",
        [CHECK_WARNING] = "warning",
        [CHECK_NOT_CHECKED] = "notChecked",
        [CHECK_NOT_APPLICABLE] = "notApplicable",
    };
    return keys[status];
}

const char *report_severity_key(enum check_severity severity) {
    static const char *const keys[] = {
        [SEVERITY_ERROR] = "error",
        [SEVERITY_WARNING] = "warning",
        [SEVERITY_INFO] = "info",
    };
    return keys[severity];
}

const char *report_phase(const struct check *check) {
    return check->phase ? check->phase : "validation";
}

size_t report_phase_end(const struct report *report, size_t start) {
    size_t end = start;
    while (end < report->count && str_eq(report_phase(&report->checks[end]), report_phase(&report->checks[start])))
        end++;
    return end;
}

const char *report_message(struct arena *arena, const struct check *check) {
    if (check->reason)
        return check->reason;
    return arena_printf(arena, "expected %s, found %s", check->expected ? check->expected : "nothing",
                        check->actual ? check->actual : "nothing");
}

int64_t report_milliseconds(uint64_t nanoseconds) {
    return (int64_t)(nanoseconds / 1000000);
}

void report_add_summary(const struct report *report, struct text *out) {
    text_addf(out, "%zu check%s", report->count, report->count == 1 ? "" : "s");
    const char *separator = ": ";
    for (int status = 0; status < CHECK_STATUS_COUNT; status++) {
        size_t count = report_count(report, (enum check_status)status);
        if (!count)
            continue;
        text_addf(out, "%s%zu %s", separator, count, check_status_name((enum check_status)status));
        separator = ", ";
    }
}

void report_add_printable(struct text *out, const char *string, size_t columns) {
    size_t column = 0;
    for (const unsigned char *at = (const unsigned char *)string; *at; at++) {
        bool is_start = (*at & 0xC0) != 0x80;
        if (is_start && column + 3 >= columns && utf8_width((const char *)at) > columns - column) {
            text_add(out, "...");
            return;
        }
        if (*at < 0x20 || *at == 0x7F) {
            text_addf(out, *at == '\n' ? "\\n" : *at == '\t' ? "\\t" : "\\x%02x", *at);
            column += *at == '\n' || *at == '\t' ? 2 : 4;
            continue;
        }
        text_add_char(out, (char)*at);
        column += is_start;
    }
}

void report_color_on(struct text *out, bool color, enum check_status status) {
    static const char *const codes[] = {
        [CHECK_PASSED] = "32",      [CHECK_FAILED] = "1;31",      [CHECK_WARNING] = "33",
        [CHECK_NOT_CHECKED] = "33", [CHECK_NOT_APPLICABLE] = "2",
    };
    if (color)
        text_addf(out, "\033[%sm", codes[status]);
}

void report_color_off(struct text *out, bool color) {
    if (color)
        text_add(out, "\033[0m");
}
