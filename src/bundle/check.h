// SPDX-License-Identifier: Apache-2.0
#pragma once

// The checks that the registry asks for when a component is bundled (validations[]): the functions are here, which of
// them applies and how badly it weighs is data.

#include "bundle/note.h"
#include "bundle/schedule.h"

// `values` are the component's values in the bundle. A finding becomes a note; one of severity error an ERROR_INVALID.
int check_component(struct arena *arena, const struct criteria *criteria, const struct schedule *schedule,
                    const struct component *component, const struct doc *values, struct notes *notes,
                    struct error **err) _must_use_;
