// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"
#include "base/text.h"
#include "cli/output.h"
#include "cli/recipe_options.h"
#include "doc/emit.h"
#include "usecase/explain.h"

extern const struct command command_explain;

struct options {
    struct recipe_options recipe;
    const char *recipe_location, *format;
};

static int run(const struct invocation *invocation, struct error **err) {
    const struct options *options = invocation->options;
    _cleanup_arena_ struct arena *arena = arena_new();
    struct explain_arguments arguments = {
        .recipe_location = options->recipe_location,
        .selector = invocation->arguments.count ? invocation->arguments.items[0] : "",
    };
    struct explain_answer answer;
    recipe_options_bind(&options->recipe, &arguments.recipe);
    int r = explain_run(arena, &arguments, &answer, err);
    if (r < 0)
        return r;
    _cleanup_text_ struct text text = {0};
    if (str_eq(options->format, "text"))
        text_add(&text, answer.text);
    else
        doc_emit(answer.doc, output_format(options->format), &text);
    return output_text(&text, err);
}

static const char *const formats[] = {"text", "json", "yaml", NULL};
static const struct option options_table[] = {
    RECIPE_OPTION_ROWS,
    {.name = "recipe",
     .short_name = 'r',
     .type = OPTION_STRING,
     .offset = offsetof(struct options, recipe_location),
     .value_name = "FILE",
     .completes_files = true,
     .help = "Explain a recipe that was written before, instead of resolving one."},
    {.name = "format",
     .short_name = 't',
     .type = OPTION_CHOICE,
     .offset = offsetof(struct options, format),
     .value_name = "FORMAT",
     .choices = formats,
     .default_text = "text",
     .help = "How to write it."},
    {0}};
static const struct example examples[] = {
    {"cnsctl explain --service eks --gpu h100 --intent training gpu-operator:driver.version", "one value"},
    {"cnsctl explain --service eks --gpu h100 K8s.server.version", "a constraint"},
    {"cnsctl explain --service eks --gpu h100 gpu-operator", "all of a component"},
    {"cnsctl explain --recipe recipe.yaml --format json", "every fact of a recipe, for programs"},
    {0}};

const struct command command_explain = {
    .name = "explain",
    .summary = "Tell where the values of a recipe come from.",
    .description =
        "Prints, for a component, a value, a version, a constraint or a check, the value that holds with "
        "the file and line that set it, then each value that it replaced. The selector is a component, "
        "COMPONENT:PATH into its values, components.NAME.version and the like, a constraint's name, or "
        "validation.PHASE, tuning or tuning.SETTING. Without one, the facts of all components and all constraints.",
    .arguments = "[SELECTOR]",
    .maximum_arguments = 1,
    .options = options_table,
    .options_size = sizeof(struct options),
    .examples = examples,
    .run = run,
};
