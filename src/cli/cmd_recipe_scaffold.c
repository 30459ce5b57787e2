// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"
#include "base/log.h"
#include "cli/command.h"
#include "usecase/scaffold.h"
#include "usecase/status.h"

extern const struct command command_recipe_scaffold;

struct scaffold_options {
    const char *service, *accelerator, *intent, *os, *platform;
    int64_t nodes;
    const char *name, *component, *chart, *repository, *chart_version, *namespace_, *source, *why;
    const char *data, *catalog, *output;
};

static int run(const struct invocation *invocation, struct error **err) {
    const struct scaffold_options *options = invocation->options;
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct scaffold_arguments arguments = {
        .field = {[CRITERIA_SERVICE] = options->service,
                  [CRITERIA_ACCELERATOR] = options->accelerator,
                  [CRITERIA_INTENT] = options->intent,
                  [CRITERIA_OS] = options->os,
                  [CRITERIA_PLATFORM] = options->platform},
        .nodes = options->nodes,
        .knowledge = {.data = options->data, .catalog = options->catalog},
        .name = options->name,
        .component = options->component,
        .chart = options->chart,
        .repository = options->repository,
        .version = options->chart_version,
        .namespace_ = options->namespace_,
        .source = options->source,
        .why = options->why,
        .output = options->output,
    };
    struct scaffold_answer answer;
    int r = scaffold_run(arena, &arguments, &answer, err);
    for (size_t i = 0; r == 0 && i < answer.count; i++)
        log_info("written: %s", answer.files[i]);
    return r < 0 ? r : STATUS_OK;
}

#define TEXT_ROW(name_, member, value, help_)                                                      \
    {                                                                                              \
        .name = name_, .type = OPTION_STRING, .offset = offsetof(struct scaffold_options, member), \
        .value_name = value, .help = help_                                                         \
    }
#define FOLDER_ROW(name_, member, help_)                                                           \
    {                                                                                              \
        .name = name_, .type = OPTION_STRING, .offset = offsetof(struct scaffold_options, member), \
        .value_name = "DIR", .completes_directories = true, .help = help_                          \
    }
static const struct option options_table[] = {
    TEXT_ROW("service", service, "NAME", "Kubernetes service that the overlay is for."),
    {.name = "accelerator",
     .alias = "gpu",
     .type = OPTION_STRING,
     .offset = offsetof(struct scaffold_options, accelerator),
     .value_name = "NAME",
     .help = "Accelerator that it is for."},
    TEXT_ROW("intent", intent, "NAME", "What it is for: training or inference."),
    TEXT_ROW("os", os, "NAME", "Operating system of the GPU nodes that it is for."),
    TEXT_ROW("platform", platform, "NAME", "Platform that it is for."),
    {.name = "nodes",
     .type = OPTION_INT,
     .offset = offsetof(struct scaffold_options, nodes),
     .value_name = "NUMBER",
     .minimum = 0,
     .maximum = INT64_MAX,
     .default_text = "0",
     .help = "Number of GPU nodes that it is for; 0 is any."},
    TEXT_ROW("name", name, "NAME", "Name of the overlay and of its file. Default: put together from the criteria."),
    FOLDER_ROW("data", data, "Build on the built-in knowledge with this folder over it."),
    FOLDER_ROW("catalog", catalog, "Build on this folder instead of the built-in knowledge."),
    TEXT_ROW("component", component, "NAME", "Begin a component instead of an overlay, under this name."),
    FOLDER_ROW("chart", chart, "Folder or archive (.tgz) of the component's chart, with Chart.yaml and values.yaml."),
    TEXT_ROW("repository", repository, "URL", "Where the chart is published: https:// or oci://."),
    TEXT_ROW("chart-version", chart_version, "VERSION", "Version to pin. Default: that of Chart.yaml."),
    TEXT_ROW("namespace", namespace_, "NAME", "Namespace of the component. Default: its name."),
    TEXT_ROW("source", source, "TEXT", "Where it is known from. Default: the chart."),
    TEXT_ROW("why", why, "TEXT",
             "Why the component is there. Without it a comment asks for it, and so does recipe lint."),
    {.name = "output",
     .short_name = 'o',
     .type = OPTION_STRING,
     .offset = offsetof(struct scaffold_options, output),
     .value_name = "FILE|DIR",
     .completes_files = true,
     .help = "Where it goes: for an overlay a file that ends in .yaml, or a folder of data, whose folder overlays gets "
             "it; - or nothing is standard output. For a component a folder of data, whose registry.yaml gets the "
             "entry. No other file is overwritten."},
    {0}};
static const struct example examples[] = {
    {"cnsctl recipe scaffold --service eks --accelerator t4 --intent inference", "an overlay, to look at"},
    {"cnsctl recipe scaffold --service oke --gpu h100 --intent training -o ./our-recipes", "into a folder for --data"},
    {"cnsctl recipe scaffold --component jobset --chart ./charts/jobset --repository oci://registry.example/charts "
     "-o ./our-recipes",
     "a component from its chart"},
    {0}};

const struct command command_recipe_scaffold = {
    .name = "recipe scaffold",
    .summary = "Begin an overlay for some criteria, or a component from its chart.",
    .description =
        "Writes files to go on from. An overlay builds on the most specific one that holds for its criteria and tells "
        "in comments which layers, components and bounds come by rule, with examples of what may be special. A "
        "component gets its registry entry with placement paths found in the chart, values, facts, upgrade notes and "
        "a mixin that adds it to a recipe. Both pass cnsctl recipe lint; what only people know is asked for by "
        "comments. docs/contributing-recipes.md walks through it.",
    .options = options_table,
    .options_size = sizeof(struct scaffold_options),
    .examples = examples,
    .run = run,
};
