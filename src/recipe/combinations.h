// SPDX-License-Identifier: Apache-2.0
#pragma once

// All combinations of criteria that a catalog can be asked for and that may work: each value of service, accelerator,
// intent and operating system, with each platform and with none.

#include "catalog/vocabulary.h"

struct combinations {
    struct criteria *items; // in the order of the vocabulary
    size_t count;
    size_t refused; // how many rules of compatibility.yaml took out
};

struct combination_filter {
    struct criteria criteria; // only those that agree with the fields set here
    bool without_platform;    // only those that leave the platform open
};

// `filter` NULL: all. They live in the arena.
int combinations_list(struct arena *arena, struct catalog *catalog, const struct vocabulary *vocabulary,
                      const struct combination_filter *filter, struct combinations *ret, struct error **err) _must_use_;
