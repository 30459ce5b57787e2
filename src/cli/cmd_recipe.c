// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"
#include "base/text.h"
#include "cli/output.h"
#include "cli/recipe_options.h"
#include "usecase/deliver.h"

extern const struct command command_recipe;

struct options {
    struct recipe_options recipe;
    bool inline_values;
    const char *output, *format;
};

static int deliver(const struct options *options, const struct doc *doc, struct error **err) {
    if (!str_eq(options->format, "table"))
        return deliver_document(options->output, output_format(options->format), doc, err);
    _cleanup_text_ struct text text = {0};
    doc_emit_table(doc, &text);
    return deliver_text(options->output, &text, err);
}

static int run(const struct invocation *invocation, struct error **err) {
    const struct options *options = invocation->options;
    _cleanup_arena_ struct arena *arena = arena_new();
    struct recipe_arguments arguments;
    struct recipe_answer answer;
    recipe_options_bind(&options->recipe, &arguments);
    arguments.inline_values = options->inline_values;
    int r = deliver_check(options->output, err);
    r = r < 0 ? r : recipe_make(arena, &arguments, &answer, err);
    return r < 0 ? r : deliver(options, answer.doc, err);
}

static const char *const formats[] = {"yaml", "json", "table", NULL};
static const struct option options_table[] = {
    RECIPE_OPTION_ROWS,
    {.name = "inline-values",
     .type = OPTION_BOOL,
     .offset = offsetof(struct options, inline_values),
     .help = "Write values, manifests and registry facts into the recipe, so that it needs no catalog any more."},
    {.name = "output",
     .short_name = 'o',
     .type = OPTION_STRING,
     .offset = offsetof(struct options, output),
     .value_name = "FILE",
     .completes_files = true,
     .help = "Where the recipe goes; - or nothing is standard output."},
    {.name = "format",
     .short_name = 't',
     .type = OPTION_CHOICE,
     .offset = offsetof(struct options, format),
     .value_name = "FORMAT",
     .choices = formats,
     .default_text = "yaml",
     .help = "How to write it."},
    {0}};
static const struct example examples[] = {
    {"cnsctl recipe --service eks --accelerator h100 --intent training --os ubuntu", "from words"},
    {"cnsctl recipe --snapshot snapshot.yaml --intent inference -o recipe.yaml", "for the machine of a snapshot"},
    {"cnsctl recipe --criteria criteria.yaml --inline-values", "from a file, self-contained"},
    {"cnsctl recipe --service eks --gpu h100 --data ./our-recipes", "with overlays of one's own"},
    {"cnsctl recipe --service eks --gpu gb200 --intent training --os ubuntu --tuning gb200-eks=on",
     "with node tuning that is unsettled"},
    {0}};

const struct command command_recipe = {
    .name = "recipe",
    .summary = "Resolve the known-good recipe for a service, accelerator, intent, OS and platform.",
    .description = "Merges every overlay that matches the criteria over the base and writes the result: components "
                   "with versions and values, constraints, deployment order and validation. A criterion that is left "
                   "out is any. Where a value comes from is told by cnsctl explain.",
    .options = options_table,
    .options_size = sizeof(struct options),
    .examples = examples,
    .run = run,
};
