// SPDX-License-Identifier: Apache-2.0
// The table of commands, in the order in which help shows them. A command is its cmd_<verb>.c and a row here.
#include "cli/command.h"
#include "cli/parse.h"

extern const struct command command_bundle;
extern const struct command command_completion;
extern const struct command command_explain;
extern const struct command command_help;
extern const struct command command_migrate;
extern const struct command command_query;
extern const struct command command_recipe;
extern const struct command command_recipe_catalog;
extern const struct command command_recipe_catalog_diff;
extern const struct command command_recipe_catalog_pack;
extern const struct command command_recipe_catalog_show;
extern const struct command command_recipe_lint;
extern const struct command command_recipe_list;
extern const struct command command_recipe_scaffold;
extern const struct command command_snapshot;
extern const struct command command_validate;
extern const struct command command_version;

const struct command *const commands[] = {
    &command_snapshot,
    &command_recipe,
    &command_recipe_lint,
    &command_recipe_list,
    &command_recipe_scaffold,
    &command_recipe_catalog,
    &command_recipe_catalog_show,
    &command_recipe_catalog_pack,
    &command_recipe_catalog_diff,
    &command_query,
    &command_explain,
    &command_validate,
    &command_bundle,
    &command_migrate,
    &command_completion,
    &command_help,
    &command_version,
    NULL,
};

const struct option global_options[] = {{.name = "debug",
                                         .type = OPTION_BOOL,
                                         .offset = offsetof(struct global_options, debug),
                                         .environment = "CNS_DEBUG AICR_DEBUG",
                                         .help = "Log what is done, and why, to standard error."},
                                        {.name = "log-json",
                                         .type = OPTION_BOOL,
                                         .offset = offsetof(struct global_options, log_json),
                                         .environment = "CNS_LOG_JSON AICR_LOG_JSON",
                                         .help = "Write messages as JSON, one object a line."},
                                        {.name = "help",
                                         .short_name = 'h',
                                         .type = OPTION_BOOL,
                                         .offset = offsetof(struct global_options, help),
                                         .help = "Show this help; after a command, the help of that command."},
                                        {.name = "version",
                                         .short_name = 'v',
                                         .type = OPTION_BOOL,
                                         .offset = offsetof(struct global_options, version),
                                         .help = "Show the version."},
                                        {0}};
