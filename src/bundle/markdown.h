// SPDX-License-Identifier: Apache-2.0
#pragma once

// Writing the README files of a bundle.

#include "base/text.h"

// Text from data inside a table cell or a line: bars and line breaks would end it. NULL is no text.
void markdown_add_cell(struct text *out, const char *text);
