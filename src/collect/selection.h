// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which collectors a run takes, from lists of names such as "gpu", "OS.sysctl" or "systemd.kubelet.service".

#include "collect/collector.h"

struct selection {
    bool is_selected;
    bool is_whole; // named without a subtype, or not filtered at all
    bool is_required;
    struct strvec subtypes; // the only ones wanted; empty: all
    struct strvec excluded_subtypes;
};

// One selection for each row of the table; *ret is freed by selection_free(). Lists may be NULL.
int selection_make(const struct collector *const *table, size_t count, const struct strvec *filter,
                   const struct strvec *exclude, const struct strvec *require, struct selection **ret,
                   struct error **err) _must_use_;
void selection_free(struct selection *selections, size_t count);
// "OS.sysctl", or "GPU" for a collector of several subtypes; the caller frees it.
char *collector_name(const struct collector *collector);
