// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"
#include "cli/command.h"
#include "cli/output.h"
#include "usecase/catalog.h"
#include "usecase/deliver.h"
#include "usecase/status.h"
#include "usecase/validate.h"

extern const struct command command_recipe_catalog_diff;

struct diff_options {
    const char *format, *output;
    bool combinations, fail_on_drift;
};

static int deliver(const struct diff_options *options, const struct doc *diff, struct error **err) {
    if (!str_eq(options->format, "text"))
        return deliver_document(options->output, output_format(options->format), diff, err);
    _cleanup_text_ struct text text = {0};
    catalog_diff_text(diff, &text);
    return deliver_text(options->output, &text, err);
}

static int run(const struct invocation *invocation, struct error **err) {
    const struct diff_options *options = invocation->options;
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct catalog_diff_arguments arguments = {
        .old_place = invocation->arguments.count > 1 ? invocation->arguments.items[0] : NULL,
        .new_place = invocation->arguments.items[invocation->arguments.count - 1],
        .all_combinations = options->combinations,
    };
    const struct doc *diff = NULL;
    bool has_drift = false;
    int r = deliver_check(options->output, err);
    r = r < 0 ? r : catalog_diff(arena, &arguments, &diff, &has_drift, err);
    r = r < 0 ? r : deliver(options, diff, err);
    if (r < 0)
        return r;
    return has_drift && options->fail_on_drift ? STATUS_CHECK_FAILED : STATUS_OK;
}

static const char *const formats[] = {"text", "json", "yaml", NULL};
static const struct option options_table[] = {
    {.name = "combinations",
     .type = OPTION_BOOL,
     .offset = offsetof(struct diff_options, combinations),
     .help = "Compare all combinations of criteria that may work, not only those that an overlay is made for."},
    {.name = "fail-on-drift",
     .type = OPTION_BOOL,
     .offset = offsetof(struct diff_options, fail_on_drift),
     .help = "Exit with 8 when a combination changes."},
    {.name = "format",
     .short_name = 't',
     .type = OPTION_CHOICE,
     .offset = offsetof(struct diff_options, format),
     .value_name = "FORMAT",
     .choices = formats,
     .default_text = "text",
     .help = "How to write it."},
    {.name = "output",
     .short_name = 'o',
     .type = OPTION_STRING,
     .offset = offsetof(struct diff_options, output),
     .value_name = "FILE",
     .completes_files = true,
     .help = "Where it goes; - or nothing is standard output."},
    {0}};
static const struct example examples[] = {
    {"cnsctl recipe catalog diff old.tar new.tar", "two packed catalogs"},
    {"cnsctl recipe catalog diff ./catalog", "what is built in, and a folder"},
    {"cnsctl recipe catalog diff old.tar new.tar --combinations -t json", "everything, for programs"},
    {0}};

const struct command command_recipe_catalog_diff = {
    .name = "recipe catalog diff",
    .summary = "Tell which combinations of criteria change between two catalogs, and how.",
    .description =
        "Resolves every combination with both catalogs and compares components, versions, values, manifests, "
        "constraints and validation. With one argument the built-in catalog is the old one.",
    .options = options_table,
    .options_size = sizeof(struct diff_options),
    .arguments = "[OLD] NEW",
    .minimum_arguments = 1,
    .maximum_arguments = 2,
    .argument_kind = ARGUMENT_FILE,
    .examples = examples,
    .run = run,
};
