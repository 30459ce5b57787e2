// SPDX-License-Identifier: Apache-2.0
#pragma once

// Writes a snapshot as a document, reading by reading, so that no tree of it is ever made. The order is the snapshot's
// own (snapshot_sort): equal snapshots give equal bytes.

#include "base/error.h"
#include "base/text.h"
#include "model/snapshot.h"

enum snapshot_format { SNAPSHOT_YAML, SNAPSHOT_JSON, SNAPSHOT_TABLE };

// Appends to *out. The table has a row for each reading, and one for what became of each collector.
int snapshot_write(const struct snapshot *snapshot, enum snapshot_format format, struct text *out,
                   struct error **err) _must_use_;
// "collected", "absent", "failed", "excluded".
const char *collector_status_name(enum collector_status status);
