// SPDX-License-Identifier: Apache-2.0
#pragma once

// Breaking lines of help at spaces.

#include "base/text.h"

// Appends the string, every line indented by `indent` columns and at most `width` wide where words allow. The first
// line starts at column `column` (what stands there already is the caller's). A newline in the string starts a new
// line; lines that start with a space are kept as they are. Ends in a newline.
void text_add_wrapped(struct text *out, const char *string, size_t column, size_t indent, size_t width);
