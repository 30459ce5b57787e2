// SPDX-License-Identifier: Apache-2.0
#pragma once

// How text stands in a document we write, private to this folder.

#include "base/text.h"
#include "doc/doc.h"

// Whether the text may stand in block YAML without quotes and stay text for YAML 1.1 readers (Go's, PyYAML) and 1.2
// ones.
bool scalar_is_plain_safe(const char *text, size_t length);
// Plain or quoted on one line.
void scalar_add_yaml_text(const char *text, size_t length, struct text *out);
// As a value whose lines, when it becomes a literal block, stand at this indent.
void scalar_add_yaml_value(const struct doc *scalar, size_t indent, struct text *out);
void scalar_add_json(const struct doc *scalar, struct text *out);
