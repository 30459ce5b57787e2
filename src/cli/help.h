// SPDX-License-Identifier: Apache-2.0
#pragma once

// --help, from the tables.

#include "base/text.h"
#include "cli/command.h"

// Appends the help of one command, or of the program when command is NULL, wrapped to `width` columns; titles are
// bold with has_color.
void help_add(const struct command *command, unsigned width, bool has_color, struct text *out);
