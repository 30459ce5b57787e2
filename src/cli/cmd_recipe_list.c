// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/output.h"
#include "usecase/deliver.h"
#include "usecase/recipe_list.h"

extern const struct command command_recipe_list;

struct list_options {
    const char *field[CRITERIA_FIELD_COUNT];
    const char *maturity, *data, *catalog, *format, *output;
    bool combinations;
};

static int deliver(const struct list_options *options, const struct doc *list, struct error **err) {
    if (!str_eq(options->format, "table"))
        return deliver_document(options->output, output_format(options->format), list, err);
    _cleanup_text_ struct text text = {0};
    if (options->combinations)
        recipe_combinations_table(list, &text);
    else
        recipe_list_table(list, &text);
    return deliver_text(options->output, &text, err);
}

static int run(const struct invocation *invocation, struct error **err) {
    const struct list_options *options = invocation->options;
    _cleanup_arena_ struct arena *arena = arena_new();
    struct recipe_list_arguments arguments = {
        .maturity = options->maturity,
        .knowledge = {.data = options->data, .catalog = options->catalog},
    };
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        arguments.field[i] = options->field[i];
    const struct doc *list = NULL;
    int r = deliver_check(options->output, err);
    if (r == 0)
        r = options->combinations ? recipe_combinations_make(arena, &arguments, &list, err)
                                  : recipe_list_make(arena, &arguments, &list, err);
    return r < 0 ? r : deliver(options, list, err);
}

static const char *const formats[] = {"table", "json", "yaml", NULL};

#define FILTER(field_name, index, text)                                                                   \
    {                                                                                                     \
        .name = field_name, .type = OPTION_STRING, .offset = offsetof(struct list_options, field[index]), \
        .value_name = "NAME", .help = text                                                                \
    }

static const struct option options_table[] = {
    FILTER("service", CRITERIA_SERVICE, "Only recipes for this service; any: those for no service in particular."),
    {.name = "accelerator",
     .alias = "gpu",
     .type = OPTION_STRING,
     .offset = offsetof(struct list_options, field[CRITERIA_ACCELERATOR]),
     .value_name = "NAME",
     .help = "Only recipes for this accelerator."},
    FILTER("intent", CRITERIA_INTENT, "Only recipes for this intent."),
    FILTER("os", CRITERIA_OS, "Only recipes for this operating system."),
    FILTER("platform", CRITERIA_PLATFORM, "Only recipes for this platform."),
    {.name = "maturity",
     .type = OPTION_STRING,
     .offset = offsetof(struct list_options, maturity),
     .value_name = "WORD",
     .help = "Only recipes of this maturity, such as supported or preview, where the data tells it."},
    {.name = "combinations",
     .type = OPTION_BOOL,
     .offset = offsetof(struct list_options, combinations),
     .help = "List all combinations of criteria that may work, each with the overlay made for it or, where there is "
             "none, with those that it is put together from by rule."},
    {.name = "data",
     .type = OPTION_STRING,
     .offset = offsetof(struct list_options, data),
     .value_name = "DIR",
     .completes_directories = true,
     .help = "Lay the registry, overlays and component files of a folder over the built-in ones."},
    {.name = "catalog",
     .type = OPTION_STRING,
     .offset = offsetof(struct list_options, catalog),
     .value_name = "DIR",
     .completes_directories = true,
     .help = "Use the registry, overlays and component files of a folder instead of the built-in ones."},
    {.name = "format",
     .short_name = 't',
     .type = OPTION_CHOICE,
     .offset = offsetof(struct list_options, format),
     .value_name = "FORMAT",
     .choices = formats,
     .default_text = "table",
     .help = "How to write the list; json and yaml also have the names of components."},
    {.name = "output",
     .short_name = 'o',
     .type = OPTION_STRING,
     .offset = offsetof(struct list_options, output),
     .value_name = "FILE",
     .completes_files = true,
     .help = "Where the list goes; - or nothing is standard output."},
    {0}};
static const struct example examples[] = {
    {"cnsctl recipe list", "all"},
    {"cnsctl recipe list --service eks --accelerator h100", "some"},
    {"cnsctl recipe list --combinations --service oke --maturity supported",
     "all that may work, not only what is made"},
    {"cnsctl recipe list --catalog ./our-catalog -t json", "those of another catalog, for programs"},
    {0}};

const struct command command_recipe_list = {
    .name = "recipe list",
    .summary = "List the recipes that there are, with their health and what is validated.",
    .description =
        "Every overlay that criteria lead to: its criteria, how many components it resolves to, whether it is "
        "sound (it resolves, versions are pinned, charts are known, constraints parse, files are there), and how many "
        "checks "
        "readiness (R), deployment (D), performance (P) and conformance (C) have.",
    .options = options_table,
    .options_size = sizeof(struct list_options),
    .examples = examples,
    .run = run,
};
