// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a snapshot says about criteria. The rules are data (recipes/criteria.yaml, recipes/hardware/gpus.yaml): a
// reading that contains, equals or starts with a text (case does not count), a GPU's product name that has certain
// words, a GPU's PCI id. Within a field the first value with a rule that holds is taken. Intent and platform are
// wishes, not facts, and are never detected.

#include "catalog/vocabulary.h"
#include "model/snapshot.h"

struct detection_note {
    enum criteria_field field;
    const char *text;
};

struct detection {
    struct criteria criteria;
    const char *from[CRITERIA_FIELD_COUNT]; // "K8s.server.version is v1.30.14-eks-3025e55"; NULL: not detected
    struct detection_note *notes;           // what the user should be told, such as GPUs that differ
    size_t note_count;
};

int detect_criteria(struct arena *arena, struct catalog *catalog, const struct vocabulary *vocabulary,
                    const struct snapshot *snapshot, struct detection *ret, struct error **err) _must_use_;
