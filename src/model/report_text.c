// SPDX-License-Identifier: Apache-2.0
// For people: a line for what passed, a paragraph for what did not.
#include "model/report_format.h"

// Longer values end in "..."; the other formats have them whole.
#define WIDEST_VALUE 240
#define LABEL_WIDTH 12

static void add_label(struct text *out, const char *label) {
    size_t length = strlen(label);
    text_addf(out, "  %s", label);
    text_add_repeat(out, ' ', length < LABEL_WIDTH ? LABEL_WIDTH - length : 1);
}

static void add_field(struct text *out, const char *label, const char *value, const char *place) {
    if (!value && !place)
        return;
    add_label(out, label);
    if (value)
        report_add_printable(out, value, WIDEST_VALUE);
    if (place) {
        text_add(out, value ? "  (" : "(");
        report_add_printable(out, place, WIDEST_VALUE);
        text_add(out, ")");
    }
    text_add_char(out, '\n');
}

static void add_status(struct text *out, bool color, enum check_status status) {
    const char *name = check_status_name(status);
    report_color_on(out, color, status);
    text_add(out, name);
    report_color_off(out, color);
    text_add_repeat(out, ' ', strlen(name) < LABEL_WIDTH ? LABEL_WIDTH + 2 - strlen(name) : 2);
}

static void add_passed(const struct check *check, struct text *out) {
    report_add_printable(out, check->id, WIDEST_VALUE);
    if (check->actual) {
        text_add(out, "  ");
        report_add_printable(out, check->actual, WIDEST_VALUE);
    }
    if (check->expected) {
        text_add(out, "  (");
        report_add_printable(out, check->expected, WIDEST_VALUE);
        text_add(out, ")");
    }
    text_add_char(out, '\n');
}

static void add_check(const struct check *check, bool color, struct text *out) {
    add_status(out, color, check->status);
    if (check->status == CHECK_PASSED) {
        add_passed(check, out);
        return;
    }
    report_add_printable(out, check->id, WIDEST_VALUE);
    text_add_char(out, '\n');
    add_field(out, "expected", check->expected, check->source);
    add_field(out, "found", check->actual, check->where);
    // A single clause that does not hold is told by expected and found already.
    if (!str_eq(check->cause, "violated") || strchr(check->expected ? check->expected : "", ','))
        add_field(out, "why", check->reason, NULL);
    add_field(out, "what to do", check->remediation, NULL);
}

int report_write_text(const struct report *report, bool color, struct text *out, struct error **err _unused_) {
    if (report->title) {
        report_add_printable(out, report->title, SIZE_MAX);
        text_add_char(out, '\n');
    }
    for (size_t start = 0, end; start < report->count; start = end) {
        end = report_phase_end(report, start);
        text_addf(out, "%s%s\n", out->length ? "\n" : "", report_phase(&report->checks[start]));
        for (size_t i = start; i < end; i++)
            add_check(&report->checks[i], color, out);
    }
    text_add_char(out, '\n');
    report_add_summary(report, out);
    enum check_status overall = report_count(report, CHECK_FAILED)        ? CHECK_FAILED
                                : report_count(report, CHECK_NOT_CHECKED) ? CHECK_NOT_CHECKED
                                                                          : CHECK_PASSED;
    text_add(out, "\nresult: ");
    report_color_on(out, color, overall);
    text_add(out, report_status(report));
    report_color_off(out, color);
    text_add_char(out, '\n');
    return 0;
}
