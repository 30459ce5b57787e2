// SPDX-License-Identifier: Apache-2.0
#pragma once

// Manifest templates: the subset of Go's text/template with the functions that Helm adds (docs/templates.md), read from
// text and rendered against a map of data. Whatever the subset does not know is an error with file, line and column; it
// never reaches the output. Parsed templates and all values live in the caller's arena.

#include "base/text.h"
#include "doc/doc.h"

struct template;

// Nesting of blocks, parentheses and made values; bytes of output; and steps of one rendering: evaluated commands,
// nodes of lists and maps that functions make, and sixteenths of the bytes of texts.
#define TEMPLATE_DEPTH_LIMIT 100
#define TEMPLATE_OUTPUT_LIMIT ((size_t)16 * 1024 * 1024)
#define TEMPLATE_STEP_LIMIT ((size_t)2 * 1000 * 1000)

// `name` is what messages call the template; it and the text are copied.
int template_parse(struct arena *arena, const char *text, size_t length, const char *name, const struct template **ret,
                   struct error **err) _must_use_;
// Appends the result to *out; on failure *out is as it was. `data` is the dot and `$` of the template.
int template_render(struct arena *arena, const struct template *template, const struct doc *data, struct text *out,
                    struct error **err) _must_use_;
