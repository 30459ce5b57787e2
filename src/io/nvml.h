// SPDX-License-Identifier: Apache-2.0
#pragma once

// NVIDIA's management library, loaded when it is first asked for. What it knows comes back as a document value, so that
// its types stay here: a map {driver, cuda-version, nvml-version, gpus: [map], problems: [text]}. The keys of a GPU's
// map are those of the readings (docs/snapshot.md, GPU). What a GPU does not support is left out; what it could not
// answer is named in problems.
//
// The library has no time-outs: a call may hang for as long as its driver does.

#include "base/error.h"
#include "doc/doc.h"

// Tries the names in turn (NULL-ended; a plain name is searched where the dynamic loader looks). ERROR_NOT_FOUND when
// none can be loaded, ERROR_UNAVAILABLE when there is no driver behind it, else what the library said.
int nvml_read(const char *const *libraries, struct arena *arena, const struct doc **ret, struct error **err) _must_use_;
