// SPDX-License-Identifier: Apache-2.0
// Inventories of Ansible: what is read can be counted, and no value of a variable is ever kept.
#include "base/text.h"
#include "migrate/inventory.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_error_ struct error *err = NULL;
    struct inventory *inventory = NULL;
    (void)inventory_is_likely((const char *)data, size);
    if (inventory_parse(arena, (const char *)data, size, "hosts", &inventory, &err) < 0) {
        assert(err && err->message && *err->message);
        return 0;
    }
    for (size_t i = 0; i < inventory->group_count; i++) {
        const struct inventory_group *group = &inventory->groups[i];
        assert(inventory_find(inventory, group->name) == group);
        (void)inventory_count(inventory, group->name);
        for (size_t j = 0; j < group->host_count; j++)
            assert(group->hosts[j].count > 0);
    }
    for (size_t i = 0; i < inventory->variable_count; i++)
        assert(inventory->variables[i].count > 0 && !strchr(inventory->variables[i].name, '='));
    return 0;
}
