// SPDX-License-Identifier: Apache-2.0
#pragma once

// Inventories of Ansible in its INI form, as far as a migration needs them: which groups there are, how many machines
// are in each, and which variables are set. Values of variables are never kept, because the passwords of machines
// stand among them. Everything lives in the arena.
//
// The format (docs.ansible.com, "How to build your inventory"): `[group]`, `[group:children]`, `[group:vars]`; a line
// per machine, `name key=value ...`, values in quotes where they hold blanks; `#` and `;` start comments; `node[01:04]`
// and `node[a:d]` stand for several machines.

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct inventory_variable {
    const char *name;
    bool is_secret; // by its name
    uint32_t line;  // of its first mention
    size_t count;   // machines that set it
};

struct inventory_host {
    const char *name; // as written, ranges included
    uint64_t count;   // machines that it stands for
    uint32_t line;
};

struct inventory_group {
    const char *name; // "ungrouped" for machines before the first group
    uint32_t line;
    struct inventory_host *hosts;
    size_t host_count, host_capacity;
    const char **children;
    size_t child_count, child_capacity;
};

struct inventory {
    const char *source;
    struct inventory_group *groups; // in order of mention
    size_t group_count, group_capacity;
    struct inventory_variable *variables;
    size_t variable_count, variable_capacity;
};

// ERROR_INVALID, with file and line, where the text is no such inventory; ERROR_LIMIT where it is too large.
int inventory_parse(struct arena *arena, const char *bytes, size_t length, const char *source, struct inventory **ret,
                    struct error **err) _must_use_;
// NULL when there is no such group.
const struct inventory_group *inventory_find(const struct inventory *inventory, const char *name);
// Machines in the group and the groups below it; a name that stands in several counts once.
uint64_t inventory_count(const struct inventory *inventory, const char *name);
// Whether the text looks like an inventory: its first line that is no comment is a group.
bool inventory_is_likely(const char *bytes, size_t length);
