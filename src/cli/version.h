// SPDX-License-Identifier: Apache-2.0
#pragma once

// What program this is: its version, the commit that it was built from and that commit's date.

#include "base/text.h"

// "cnsctl version 0.1.0 (commit: 1a2b3c4, date: 2006-01-02)" and a newline.
void version_add_line(struct text *out);
