// SPDX-License-Identifier: Apache-2.0
#pragma once

// What report writers share. Each writer is report_<name>.c and a row in report_writer.c.

#include "model/report_writer.h"

int report_write_text(const struct report *report, bool color, struct text *out, struct error **err);
int report_write_table(const struct report *report, bool color, struct text *out, struct error **err);
int report_write_json(const struct report *report, bool color, struct text *out, struct error **err);
int report_write_yaml(const struct report *report, bool color, struct text *out, struct error **err);
int report_write_ctrf(const struct report *report, bool color, struct text *out, struct error **err);
int report_write_junit(const struct report *report, bool color, struct text *out, struct error **err);
int report_write_sarif(const struct report *report, bool color, struct text *out, struct error **err);

// Names in documents: "passed", "failed", "warning", "notChecked", "notApplicable".
const char *report_status_key(enum check_status status);
const char *report_severity_key(enum check_severity severity);
// "validation" when a check belongs to no phase.
const char *report_phase(const struct check *check);
// The end of the run of checks of one phase that starts at `start`.
size_t report_phase_end(const struct report *report, size_t start);
// What a failure or a skip says in one line: the reason, or expected and found.
const char *report_message(struct arena *arena, const struct check *check);
// Whole milliseconds.
int64_t report_milliseconds(uint64_t nanoseconds);
// "12 checks: 9 passed, 2 failed, 1 not checked".
void report_add_summary(const struct report *report, struct text *out);
// One line of text from outside: control characters are shown, not obeyed; more than `columns` characters end in "...".
void report_add_printable(struct text *out, const char *string, size_t columns);
// Sets the status's colour, and resets it; nothing without colour.
void report_color_on(struct text *out, bool color, enum check_status status);
void report_color_off(struct text *out, bool color);
