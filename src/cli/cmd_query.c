// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"
#include "base/text.h"
#include "cli/output.h"
#include "cli/recipe_options.h"
#include "doc/emit.h"
#include "usecase/query.h"

extern const struct command command_query;

struct options {
    struct recipe_options recipe;
    const char *selector, *jq, *format;
};

static int run(const struct invocation *invocation, struct error **err) {
    const struct options *options = invocation->options;
    _cleanup_arena_ struct arena *arena = arena_new();
    struct query_arguments arguments = {.selector = options->selector, .jq = options->jq};
    struct query_answer answer;
    recipe_options_bind(&options->recipe, &arguments.recipe);
    int r = query_run(arena, &arguments, &answer, err);
    if (r < 0)
        return r;
    _cleanup_text_ struct text text = {0};
    bool is_json = str_eq(options->format, "json");
    for (size_t i = 0; i < answer.count; i++) {
        const struct doc *value = answer.values[i];
        // A bare scalar is what a shell script wants; JSON keeps its quotes.
        if (!is_json && doc_is_scalar(value))
            text_addf(&text, "%s\n", value->kind == DOC_NULL ? "null" : doc_text(value));
        else if (!is_json && i > 0)
            text_add(&text, "---\n");
        if (is_json || !doc_is_scalar(value))
            doc_emit(value, is_json ? EMIT_JSON : EMIT_YAML, &text);
    }
    return output_text(&text, err);
}

static const char *const formats[] = {"yaml", "json", "table", NULL};
static const struct option options_table[] = {
    RECIPE_OPTION_ROWS,
    {.name = "selector",
     .type = OPTION_STRING,
     .offset = offsetof(struct options, selector),
     .value_name = "PATH",
     .allows_empty = true,
     .help = "Dotted path into the hydrated recipe, such as components.gpu-operator.values.driver.version; [N] takes "
             "an item of a list, \\ before a dot takes it literally. Without one, everything."},
    {.name = "jq",
     .type = OPTION_STRING,
     .offset = offsetof(struct options, jq),
     .value_name = "EXPRESSION",
     .help = "jq expression, applied to what the selector gives."},
    {.name = "format",
     .short_name = 't',
     .type = OPTION_CHOICE,
     .offset = offsetof(struct options, format),
     .value_name = "FORMAT",
     .choices = formats,
     .default_text = "yaml",
     .help = "How to write lists and maps; a single value is written bare, quoted in JSON. table is the same as yaml."},
    {0}};
static const struct example examples[] = {
    {"cnsctl query --service eks --gpu h100 --intent training --selector components.gpu-operator.version",
     "one version"},
    {"cnsctl query --service eks --gpu h100 --selector components.gpu-operator.values.driver -t json",
     "a part of a component's values"},
    {"cnsctl query --service eks --gpu h100 --selector 'deploymentOrder[0]'", "what is deployed first"},
    {"cnsctl query --service gke --os cos --jq '.components[] | .name + \" \" + (.version // \"\")'",
     "computed by an expression"},
    {0}};

const struct command command_query = {
    .name = "query",
    .summary = "Print a value of a resolved recipe.",
    .description = "Resolves a recipe as cnsctl recipe does, fills in the values of its components, and prints what "
                   "the selector names: kind, apiVersion, metadata, criteria, constraints, deploymentOrder, "
                   "components.<name>.{name, type, source, namespace, chart, version, tag, path, dependencyRefs, "
                   "values}, validation.",
    .options = options_table,
    .options_size = sizeof(struct options),
    .examples = examples,
    .run = run,
};
