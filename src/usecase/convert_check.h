// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whether a converted catalog says the same as before. Formats differ in more than keys: how layers merge, and which
// constraint wins, go by the format too. So every overlay's criteria are resolved in both, and what differs is told.

#include "catalog/catalog.h"
#include "migrate/verdict.h"

// Appends to the report, with phase "results". Catalogs that cannot be resolved at all are told, and are no error.
int convert_check(struct report *report, const struct catalog_spec *before, const struct catalog_spec *after,
                  struct error **err) _must_use_;
