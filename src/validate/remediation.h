// SPDX-License-Identifier: Apache-2.0
#pragma once

// What to do about a check that did not pass, where the recipe does not say: rules of recipes/remediation.yaml (kind
// RemediationCatalog), first match in order wins.

#include "model/report.h"

#include "doc/doc.h"

// True when some check wants a text that the recipe does not give, so that the catalog is worth reading.
bool remediation_is_needed(const struct report *report);
// Fills the remediation of every check that did not pass and has none. ERROR_INVALID: the catalog is malformed.
int remediation_apply(const struct doc *catalog, struct report *report, struct error **err) _must_use_;
