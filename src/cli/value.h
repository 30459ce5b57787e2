// SPDX-License-Identifier: Apache-2.0
#pragma once

// From text to the member of an options struct that an option is bound to. Owns nothing: strings are borrowed, except
// the parts of a list, which the list owns.

#include "cli/command.h"

// Stores `text` as the value of the option in `values` (the options struct). `where` names the place that the text came
// from ("--nodes", "environment variable CNS_NODES") in messages. A list gets the text added.
int option_set(const struct option *option, void *values, const char *text, const char *where,
               struct error **err) _must_use_;
// Frees what option_set put into the members of an options struct.
void options_done(const struct option *options, void *values);

// "1h30m", "1.5h", "500ms", "0": milliseconds, not negative. False when the text is nothing like that or too large.
bool duration_parse(const char *text, int64_t *ret_ms);
// "true", "false", "1", "0", "yes", "no", "on", "off", "t", "f" in any case.
bool boolean_parse(const char *text, bool *ret);
