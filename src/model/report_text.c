// SPDX-License-Identifier: Apache-2.0
// For people: a line for what passed, a paragraph for what did not.
#include "model/report_format.h"

// Longer values end in "..."; the other formats have them whole.
#define WIDEST_VALUE 240
#define LABEL_WIDTH 12
#define WIDEST_LINE 110

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

// Sentences are wrapped under their own start.
static void add_sentence(struct text *out, const char *label, const char *value) {
    if (!value)
        return;
    _cleanup_text_ struct text shown = {0};
    report_add_printable(&shown, value, SIZE_MAX);
    add_label(out, label);
    size_t column = LABEL_WIDTH + 2;
    for (const char *at = text_str(&shown); *at;) {
        size_t length = strcspn(at, " ");
        if (column + length > WIDEST_LINE && column > LABEL_WIDTH + 2) {
            text_add_char(out, '\n');
            text_add_repeat(out, ' ', LABEL_WIDTH + 2);
            column = LABEL_WIDTH + 2;
        } else if (column > LABEL_WIDTH + 2) {
            text_add_char(out, ' ');
            column++;
        }
        text_add_bytes(out, at, length);
        column += length;
        at += length + strspn(at + length, " ");
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

// "name  found  (expected)": all of a check that holds, or of one whose reason is told once for several.
static void add_line(const struct check *check, struct text *out) {
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

// Many checks of a phase may be open for one and the same reason.
static bool shares_reason(const struct check *a, const struct check *b) {
    return a->status == CHECK_NOT_CHECKED && b->status == CHECK_NOT_CHECKED && !a->where && !b->where && a->reason &&
           str_eq(a->reason, b->reason) && str_eq(a->remediation, b->remediation);
}

static void add_reason(const struct check *check, struct text *out) {
    // A single clause that does not hold is told by expected and found already.
    if (!str_eq(check->cause, "violated") || strchr(check->expected ? check->expected : "", ','))
        add_sentence(out, "why", check->reason);
    add_sentence(out, "what to do", check->remediation);
}

static void add_check(const struct check *check, struct text *out) {
    report_add_printable(out, check->id, WIDEST_VALUE);
    text_add_char(out, '\n');
    if (check->expected)
        add_field(out, "expected", check->expected, check->source);
    else
        add_field(out, "asked for", check->source, NULL);
    add_field(out, "found", check->actual, check->where);
    add_reason(check, out);
}

static void add_phase(const struct check *checks, size_t count, bool color, struct text *out) {
    for (size_t i = 0; i < count; i++) {
        bool like_last = i > 0 && shares_reason(&checks[i - 1], &checks[i]);
        bool like_next = i + 1 < count && shares_reason(&checks[i], &checks[i + 1]);
        add_status(out, color, checks[i].status);
        if (checks[i].status != CHECK_PASSED && !like_last && !like_next) {
            add_check(&checks[i], out);
            continue;
        }
        add_line(&checks[i], out);
        if (like_last && !like_next)
            add_reason(&checks[i], out);
    }
}

int report_write_text(const struct report *report, bool color, struct text *out, struct error **err _unused_) {
    if (report->title) {
        report_add_printable(out, report->title, SIZE_MAX);
        text_add_char(out, '\n');
    }
    for (size_t start = 0, end; start < report->count; start = end) {
        end = report_phase_end(report, start);
        text_addf(out, "%s%s\n", out->length ? "\n" : "", report_phase(&report->checks[start]));
        add_phase(&report->checks[start], end - start, color, out);
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
