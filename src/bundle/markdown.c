// SPDX-License-Identifier: Apache-2.0
#include "bundle/markdown.h"

void markdown_add_cell(struct text *out, const char *text) {
    for (const char *c = text ? text : ""; *c; c++) {
        if (*c == '|')
            text_add(out, "\\|");
        else
            text_add_char(out, *c == '\n' || *c == '\r' ? ' ' : *c);
    }
}
