// SPDX-License-Identifier: Apache-2.0
#pragma once

// Rules that hold only in the catalogs of the newer predecessor (aicr.run), where they differ from those of the older
// one: what a mixin may touch, components that are declined, and that every stated criterion must be honoured.

#include "recipe/merge.h"

// A componentRef as it stands there: overrides.install says what overrides.enabled says here.
const struct doc *newer_component(struct arena *arena, const struct doc *reference);
// A mixin must not set a constraint that is set already, nor redefine a component that is there: only its namespace,
// manifests, dependencies, and the value paths that the registry lists in mixinSafeOverridePaths. ERROR_INVALID.
int newer_check_mixin(struct merger *merger, const struct mixin *mixin, struct error **err) _must_use_;
// Each criterion that is stated must be one of an overlay that was merged. ERROR_NOT_FOUND lists the values that the
// catalog has for it together with the others.
int newer_check_coverage(struct arena *arena, const struct catalog *catalog, const struct vocabulary *vocabulary,
                         const struct match *match, const struct criteria *criteria, struct error **err) _must_use_;
