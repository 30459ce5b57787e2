// SPDX-License-Identifier: Apache-2.0
#pragma once

// Standard output, where documents, help and generated text go. What cannot be written is an error; a reader that has
// gone away (head, less) is ERROR_CANCELLED, which ends the program without a message.

#include "base/error.h"
#include "base/text.h"
#include "doc/emit.h"

int output_write(const char *bytes, size_t length, struct error **err) _must_use_;
int output_text(const struct text *text, struct error **err) _must_use_;
// The document format that a value of --format stands for: json, else yaml.
enum emit_format output_format(const char *name);
// Columns that help is wrapped to: the terminal's, at most 100; 100 when standard output is no terminal.
unsigned output_width(void);
// A report in one of its formats, to standard output (location NULL, "" or "-"; in colour on a terminal) or a file.
struct report;
int output_report(const struct report *report, const char *format, const char *location, struct error **err) _must_use_;
// The option --report FORMAT=FILE, which may be repeated: checked before any work, because a report that cannot be
// written is no news after a long run; then written.
struct strvec;
int output_check_reports(const struct strvec *reports, struct error **err) _must_use_;
int output_reports(const struct report *report, const struct strvec *reports, struct error **err) _must_use_;
