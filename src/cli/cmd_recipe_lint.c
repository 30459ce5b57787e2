// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/output.h"
#include "usecase/deliver.h"
#include "usecase/lint.h"
#include "usecase/status.h"
#include "usecase/validate.h"

extern const struct command command_recipe_lint;

struct lint_options {
    const char *data, *charts, *fail_on, *format, *output;
};

static int run(const struct invocation *invocation, struct error **err) {
    const struct lint_options *options = invocation->options;
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct lint_arguments arguments = {
        .knowledge = {.data = options->data,
                      .catalog = invocation->arguments.count ? invocation->arguments.items[0] : NULL},
        .charts = options->charts,
    };
    struct report report;
    if (arguments.knowledge.data && arguments.knowledge.catalog) {
        error_set(err, ERROR_INVALID, "a catalog folder and --data exclude each other");
        return error_hint(err, "--data lays a folder over the built-in knowledge, the argument is checked by itself");
    }
    int r = deliver_check(options->output, err);
    r = r < 0 ? r : lint_run(arena, &arguments, &report, err);
    r = r < 0 ? r : output_report(&report, options->format, options->output, err);
    if (r < 0)
        return r;
    bool is_bad = report_count(&report, CHECK_FAILED) > 0 ||
                  (str_eq(options->fail_on, "warning") && report_count(&report, CHECK_WARNING) > 0);
    return is_bad ? STATUS_CHECK_FAILED : STATUS_OK;
}

static const char *const formats[] = {"text", "table", "json", "yaml", "sarif", "junit", "ctrf", NULL};
static const char *const severities[] = {"error", "warning", NULL};
static const struct option options_table[] = {
    {.name = "data",
     .type = OPTION_STRING,
     .offset = offsetof(struct lint_options, data),
     .value_name = "DIR",
     .completes_directories = true,
     .help = "Check the built-in knowledge with this folder over it."},
    {.name = "charts",
     .type = OPTION_STRING,
     .offset = offsetof(struct lint_options, charts),
     .value_name = "DIR",
     .completes_directories = true,
     .help =
         "Also compare values and placement with charts: folders or archives (.tgz) of charts in DIR, or one archive."},
    {.name = "fail-on",
     .type = OPTION_CHOICE,
     .offset = offsetof(struct lint_options, fail_on),
     .value_name = "SEVERITY",
     .choices = severities,
     .default_text = "error",
     .help = "From which severity on a finding makes the exit status 8."},
    {.name = "format",
     .short_name = 't',
     .type = OPTION_CHOICE,
     .offset = offsetof(struct lint_options, format),
     .value_name = "FORMAT",
     .choices = formats,
     .default_text = "text",
     .help = "Format of the report."},
    {.name = "output",
     .short_name = 'o',
     .type = OPTION_STRING,
     .offset = offsetof(struct lint_options, output),
     .value_name = "FILE",
     .completes_files = true,
     .help = "Where the report goes; - or nothing is standard output."},
    {0}};
static const struct example examples[] = {
    {"cnsctl recipe lint ./our-catalog", "a catalog of one's own"},
    {"cnsctl recipe lint --data ./our-recipes --fail-on warning", "a folder over the built-in knowledge, strictly"},
    {"cnsctl recipe lint --charts ./charts -t sarif -o lint.sarif", "with charts, for a code hosting site"},
    {0}};

const struct command command_recipe_lint = {
    .name = "recipe lint",
    .summary = "Check knowledge: files, references, criteria, constraints, pins, sources, values.",
    .description =
        "Holds the built-in knowledge, or a catalog folder, to every rule of docs/recipe-lint.md and reports "
        "what it finds with file, line and what to do. The exit status is 8 when there is a finding of "
        "severity error.",
    .options = options_table,
    .options_size = sizeof(struct lint_options),
    .arguments = "[DIR]",
    .maximum_arguments = 1,
    .argument_kind = ARGUMENT_DIRECTORY,
    .examples = examples,
    .run = run,
};
