// SPDX-License-Identifier: Apache-2.0
#pragma once

// Private to tuning*.c: the settings of one recipe while they are merged, switched and given a mechanism.

#include "recipe/tuning.h"

struct tuning_profile {
    const char *name;
    const struct doc *spec;
    unsigned specificity;
    bool is_released; // the user turned it on, so it holds nothing back
};

struct tuning_item {
    const struct doc *doc; // merged; values remember what they replaced
    const char *name;
    enum tuning_kind kind;
    bool is_enabled, was_chosen;
    const char *reason;     // why it is off
    const struct doc *rule; // of delivery.yaml; NULL: none fits
};

struct tuning_work {
    struct arena *arena;
    struct catalog *catalog;
    const struct tuning_request *request;
    struct tuning_profile *profiles; // those that apply, in the order of merging
    size_t profile_count;
    struct tuning_item *items;
    size_t item_count, item_capacity;
    const struct doc *delivery; // spec of tuning/delivery.yaml
};

// tuning_profiles.c: reads what applies and merges it into items.
int tuning_merge_profiles(struct tuning_work *work, struct error **err) _must_use_;
// True when every field that the map names has one of its values in the criteria. An absent map always holds.
bool tuning_applies(const struct doc *fields, const struct criteria *criteria);
// tuning_choices.c: what profiles hold back, then what the user said.
int tuning_switch(struct tuning_work *work, struct error **err) _must_use_;
// tuning_delivery.c: gives each item that is on its rule, or switches it off; then what components must change.
int tuning_deliver(struct tuning_work *work, struct error **err) _must_use_;
void tuning_component_refs(struct tuning_work *work, struct tuning_answer *ret);
