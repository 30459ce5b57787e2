// SPDX-License-Identifier: Apache-2.0
#pragma once

// The reference in other formats, generated from the tables: manual pages and docs/cli.md.

#include "base/text.h"
#include "cli/command.h"

// A page of section 1 in man(7) format: of one command, or of the program when command is NULL.
void reference_add_man(const struct command *command, struct text *out);
// All commands on one page.
void reference_add_markdown(struct text *out);
