// SPDX-License-Identifier: Apache-2.0
#include "cli/recipe_options.h"

void recipe_options_bind(const struct recipe_options *options, struct recipe_arguments *ret) {
    *ret = (struct recipe_arguments){
        .field = {[CRITERIA_SERVICE] = options->service,
                  [CRITERIA_ACCELERATOR] = options->accelerator,
                  [CRITERIA_INTENT] = options->intent,
                  [CRITERIA_OS] = options->os,
                  [CRITERIA_PLATFORM] = options->platform},
        .has_nodes = options->nodes != 0,
        .nodes = options->nodes,
        .snapshot = options->snapshot,
        .criteria = options->criteria,
        .mixins = (const char *const *)options->mixins.items,
        .mixin_count = options->mixins.count,
        .tuning = (const char *const *)options->tuning.items,
        .tuning_count = options->tuning.count,
        .profiles = (const char *const *)options->profiles.items,
        .profile_count = options->profiles.count,
        .knowledge = {.data = options->data, .catalog = options->catalog},
        .is_strict = options->strict,
    };
}
