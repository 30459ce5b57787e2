// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/output.h"
#include "usecase/deliver.h"
#include "usecase/status.h"
#include "usecase/validate.h"

extern const struct command command_validate;

struct validate_options {
    const char *recipe, *snapshot, *format, *output, *data;
    struct strvec phases, fail_on, reports;
    bool fail_on_error, no_cluster;
};

static const char *const formats[] = {"text", "table", "json", "yaml", "ctrf", "junit", "sarif", NULL};
static const char *const phases[] = {"readiness", "deployment", "performance", "conformance", "all", NULL};
static const char *const statuses[] = {"failed", "warning", "not-checked", NULL};

static int run(const struct invocation *invocation, struct error **err) {
    const struct validate_options *options = invocation->options;
    _cleanup_arena_ struct arena *arena = arena_new();
    struct validation_arguments arguments = {
        .recipe = options->recipe,
        .snapshot = options->snapshot,
        .phases = &options->phases,
        .data = options->data,
    };
    struct report report;
    int r = deliver_check(options->output, err);
    if (r == 0)
        r = output_check_reports(&options->reports, err);
    if (r == 0)
        r = validation_run(arena, &arguments, &report, err);
    if (r == 0)
        r = output_reports(&report, &options->reports, err);
    if (r == 0)
        r = output_report(&report, options->format, options->output, err);
    if (r < 0)
        return r;
    return options->fail_on_error && validation_fails(&report, &options->fail_on) ? STATUS_CHECK_FAILED : STATUS_OK;
}

static const struct option options_table[] = {
    {.name = "recipe",
     .short_name = 'r',
     .type = OPTION_STRING,
     .offset = offsetof(struct validate_options, recipe),
     .value_name = "FILE",
     .is_required = true,
     .completes_files = true,
     .help = "The recipe, as cnsctl recipe writes it: a path, a web address or - for standard input."},
    {.name = "snapshot",
     .short_name = 's',
     .type = OPTION_STRING,
     .offset = offsetof(struct validate_options, snapshot),
     .value_name = "FILE",
     .is_required = true,
     .completes_files = true,
     .help = "The snapshot, as cnsctl snapshot writes it: a path, a web address or - for standard input."},
    {.name = "phase",
     .type = OPTION_LIST,
     .offset = offsetof(struct validate_options, phases),
     .value_name = "PHASE",
     .choices = phases,
     .default_text = "readiness",
     .splits_commas = true,
     .help = "What to validate. What a phase asks of a running cluster is reported as not checked."},
    {.name = "fail-on",
     .type = OPTION_LIST,
     .offset = offsetof(struct validate_options, fail_on),
     .value_name = "STATUS",
     .choices = statuses,
     .default_text = "failed,not-checked",
     .splits_commas = true,
     .help = "Statuses that make the command end with exit status 8. With --fail-on failed, gaps are reported and "
             "tolerated."},
    {.name = "fail-on-error",
     .type = OPTION_BOOL,
     .offset = offsetof(struct validate_options, fail_on_error),
     .default_text = "true",
     .help = "With --fail-on-error=false the exit status is 0 whatever the checks say."},
    {.name = "format",
     .short_name = 't',
     .type = OPTION_CHOICE,
     .offset = offsetof(struct validate_options, format),
     .value_name = "FORMAT",
     .choices = formats,
     .default_text = "text",
     .help = "Format of the report."},
    {.name = "output",
     .short_name = 'o',
     .type = OPTION_STRING,
     .offset = offsetof(struct validate_options, output),
     .value_name = "FILE",
     .allows_empty = true,
     .completes_files = true,
     .help = "Where to write the report; standard output when absent, empty or -."},
    {.name = "report",
     .type = OPTION_LIST,
     .offset = offsetof(struct validate_options, reports),
     .value_name = "FORMAT=FILE",
     .help = "A further report in another format, such as junit=validation.xml."},
    {.name = "data",
     .type = OPTION_STRING,
     .offset = offsetof(struct validate_options, data),
     .value_name = "DIR",
     .completes_directories = true,
     .help = "A folder over the built-in knowledge; validation takes its remediation.yaml."},
    {.name = "no-cluster",
     .type = OPTION_BOOL,
     .offset = offsetof(struct validate_options, no_cluster),
     .help = "Accepted for compatibility: validation never contacts a cluster."},
    {0}};

static const struct example examples[] = {
    {"cnsctl validate -r recipe.yaml -s snapshot.yaml", "is this machine ready for the recipe?"},
    {"cnsctl snapshot | cnsctl validate -r recipe.yaml -s -", "this machine, now"},
    {"cnsctl validate -r recipe.yaml -s snapshot.yaml --phase all --fail-on failed",
     "everything; what cannot be checked yet may stay open"},
    {"cnsctl validate -r recipe.yaml -s snapshot.yaml --report junit=validation.xml", "text here, JUnit for the CI"},
    {0}};

const struct command command_validate = {
    .name = "validate",
    .summary = "Check a recipe's constraints against a snapshot.",
    .description =
        "Judges every constraint of the recipe against the readings of the snapshot and reports all of them: passed, "
        "failed, or not checked with the reason. Each failure says what was expected, what was found, where, and what "
        "to do. The exit status is 0 when nothing failed, 8 when a check failed, 2 for bad input.",
    .options = options_table,
    .options_size = sizeof(struct validate_options),
    .examples = examples,
    .run = run,
};
