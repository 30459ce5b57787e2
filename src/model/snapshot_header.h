// SPDX-License-Identifier: Apache-2.0
#pragma once

// The small parts of a snapshot document, read from trees: metadata, collectors, redacted. Used by snapshot_read only.

#include "model/snapshot.h"

int snapshot_read_metadata(struct snapshot *snapshot, const struct doc *metadata, struct error **err) _must_use_;
int snapshot_read_collectors(struct snapshot *snapshot, const struct doc *collectors, struct error **err) _must_use_;
int snapshot_read_redacted(struct snapshot *snapshot, const struct doc *redacted, struct error **err) _must_use_;
