// SPDX-License-Identifier: Apache-2.0
// A row per check, in aligned columns.
#include "model/report_format.h"

enum column { COLUMN_STATUS, COLUMN_PHASE, COLUMN_NAME, COLUMN_EXPECTED, COLUMN_FOUND, COLUMN_REASON, COLUMN_COUNT };

static const struct {
    const char *title;
    size_t widest;
} columns[COLUMN_COUNT] = {
    [COLUMN_STATUS] = {"STATUS", 16},     [COLUMN_PHASE] = {"PHASE", 24}, [COLUMN_NAME] = {"CHECK", 60},
    [COLUMN_EXPECTED] = {"EXPECTED", 40}, [COLUMN_FOUND] = {"FOUND", 40}, [COLUMN_REASON] = {"REASON", 120},
};

static const char *cell(const struct check *check, enum column column) {
    const char *texts[COLUMN_COUNT] = {
        [COLUMN_STATUS] = check_status_name(check->status),
        [COLUMN_PHASE] = report_phase(check),
        [COLUMN_NAME] = check->id,
        [COLUMN_EXPECTED] = check->expected,
        [COLUMN_FOUND] = check->actual,
        [COLUMN_REASON] = check->reason,
    };
    return texts[column] ? texts[column] : "-";
}

static size_t shown_width(const char *string, size_t widest) {
    _cleanup_text_ struct text shown = {0};
    report_add_printable(&shown, string, widest);
    return utf8_width(text_str(&shown));
}

static void add_cell(struct text *out, const char *string, enum column column, size_t width) {
    size_t start = out->length;
    report_add_printable(out, string, columns[column].widest);
    if (column == COLUMN_COUNT - 1)
        return;
    size_t used = out->length > start ? utf8_width(out->bytes + start) : 0;
    text_add_repeat(out, ' ', width - used + 2);
}

static void add_titles(struct text *out, const size_t *widths) {
    for (int column = 0; column < COLUMN_COUNT; column++)
        add_cell(out, columns[column].title, (enum column)column, widths[column]);
    text_add_char(out, '\n');
    for (int column = 0; column < COLUMN_COUNT; column++) {
        text_add_repeat(out, '-', widths[column]);
        text_add(out, column < COLUMN_COUNT - 1 ? "  " : "\n");
    }
}

int report_write_table(const struct report *report, bool color, struct text *out, struct error **err _unused_) {
    size_t widths[COLUMN_COUNT];
    for (int column = 0; column < COLUMN_COUNT; column++) {
        widths[column] = strlen(columns[column].title);
        for (size_t i = 0; i < report->count; i++)
            widths[column] =
                MAX(widths[column], shown_width(cell(&report->checks[i], (enum column)column), columns[column].widest));
    }
    add_titles(out, widths);
    for (size_t i = 0; i < report->count; i++) {
        report_color_on(out, color, report->checks[i].status);
        for (int column = 0; column < COLUMN_COUNT; column++) {
            add_cell(out, cell(&report->checks[i], (enum column)column), (enum column)column, widths[column]);
            if (column == COLUMN_STATUS)
                report_color_off(out, color);
        }
        text_add_char(out, '\n');
    }
    text_add_char(out, '\n');
    report_add_summary(report, out);
    text_addf(out, "\nresult: %s\n", report_status(report));
    return 0;
}
