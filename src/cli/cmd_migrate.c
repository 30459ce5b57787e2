// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/output.h"
#include "usecase/convert.h"
#include "usecase/deliver.h"
#include "usecase/migrate.h"
#include "usecase/status.h"
#include "usecase/validate.h"

extern const struct command command_migrate;

struct migrate_options {
    const char *to, *inventory, *snapshot, *data, *catalog, *format, *output;
    bool force;
    struct strvec reports, fail_on;
};

static const char *const formats[] = {
    [MIGRATE_YAML] = "yaml", [MIGRATE_JSON] = "json", [MIGRATE_COMMANDS] = "commands", [MIGRATE_TEXT] = "text", NULL};
static const char *const statuses[] = {"failed", "warning", NULL};

static enum migrate_format format_of(const char *name) {
    size_t i = 0;
    while (formats[i + 1] && !str_eq(formats[i], name))
        i++;
    return (enum migrate_format)i;
}

static int check_options(const struct migrate_options *options, struct error **err) {
    if (!options->to && options->force)
        return error_set(err, ERROR_INVALID, "--force is for folders that are converted with --to");
    if (!options->to || !(options->inventory || options->snapshot || options->data || options->catalog))
        return 0;
    return error_set(err, ERROR_INVALID,
                     "--inventory, --snapshot, --data and --catalog are for configuration, not for documents (--to)");
}

static int convert(struct arena *arena, const struct migrate_options *options, const char *input, struct report *report,
                   struct error **err) {
    enum migrate_format format = format_of(options->format);
    const struct convert_arguments arguments = {.input = input,
                                                .to = options->to,
                                                .output = options->output,
                                                .format = format == MIGRATE_JSON ? EMIT_JSON : EMIT_YAML,
                                                .force = options->force};
    if (format == MIGRATE_COMMANDS || format == MIGRATE_TEXT)
        return error_set(err, ERROR_INVALID, "--format %s: a document is written as yaml or json", options->format);
    int r = output_check_reports(&options->reports, err);
    r = r < 0 ? r : convert_run(arena, &arguments, report, err);
    return r < 0 ? r : output_reports(report, &options->reports, err);
}

static int migrate(struct arena *arena, const struct migrate_options *options,
                   const struct migrate_arguments *arguments, struct migrate_answer *answer, struct error **err) {
    _cleanup_text_ struct text text = {0};
    int r = deliver_check(options->output, err);
    r = r < 0 ? r : output_check_reports(&options->reports, err);
    r = r < 0 ? r : migrate_run(arena, arguments, answer, err);
    if (r < 0)
        return r;
    migrate_write(answer, arguments, format_of(options->format), &text);
    r = output_reports(answer->report, &options->reports, err);
    return r < 0 ? r : deliver_text(options->output, &text, err);
}

static int run(const struct invocation *invocation, struct error **err) {
    const struct migrate_options *options = invocation->options;
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct migrate_arguments arguments = {
        .input = invocation->arguments.items[0],
        .inventory = options->inventory,
        .snapshot = options->snapshot,
        .knowledge = {.data = options->data, .catalog = options->catalog},
    };
    struct migrate_answer answer = {0};
    struct report report;
    int r = check_options(options, err);
    if (r == 0 && options->to)
        r = convert(arena, options, arguments.input, &report, err);
    else if (r == 0)
        r = migrate(arena, options, &arguments, &answer, err);
    if (r < 0)
        return r;
    return validation_fails(options->to ? &report : answer.report, &options->fail_on) ? STATUS_CHECK_FAILED : STATUS_OK;
}

static const struct option options_table[] = {
    {.name = "to",
     .type = OPTION_STRING,
     .offset = offsetof(struct migrate_options, to),
     .value_name = "FORMAT",
     .help =
         "Convert documents (recipes, overlays, mixins, registries, snapshots, criteria), one or a folder of them, to "
         "cns.nvidia.com/v1alpha1 (ours), aicr.run/v1, aicr.nvidia.com/v1alpha1, or cnsctl (the original one)."},
    {.name = "inventory",
     .type = OPTION_STRING,
     .offset = offsetof(struct migrate_options, inventory),
     .value_name = "FILE",
     .completes_files = true,
     .help = "The Ansible inventory (hosts) of a Cloud Native Stack. Passwords in it are never read."},
    {.name = "snapshot",
     .short_name = 's',
     .type = OPTION_STRING,
     .offset = offsetof(struct migrate_options, snapshot),
     .value_name = "FILE",
     .completes_files = true,
     .help = "Take criteria that the file does not tell, such as the accelerator, from a snapshot."},
    {.name = "data",
     .type = OPTION_STRING,
     .offset = offsetof(struct migrate_options, data),
     .value_name = "DIR",
     .completes_directories = true,
     .help = "Lay the registry, overlays and component files of a folder over the built-in ones."},
    {.name = "catalog",
     .type = OPTION_STRING,
     .offset = offsetof(struct migrate_options, catalog),
     .value_name = "DIR",
     .completes_directories = true,
     .help = "Use the registry, overlays and component files of a folder instead of the built-in ones."},
    {.name = "fail-on",
     .type = OPTION_LIST,
     .offset = offsetof(struct migrate_options, fail_on),
     .value_name = "STATUS",
     .choices = statuses,
     .splits_commas = true,
     .help = "End with exit status 8 when the report has a check of this status: failed (no counterpart) or warning (a "
             "person must decide)."},
    {.name = "format",
     .short_name = 't',
     .type = OPTION_CHOICE,
     .offset = offsetof(struct migrate_options, format),
     .value_name = "FORMAT",
     .choices = formats,
     .default_text = "yaml",
     .help =
         "What to write: the result as a document (yaml, json), a shell script of the commands to run, or a page for "
         "people (text)."},
    {.name = "output",
     .short_name = 'o',
     .type = OPTION_STRING,
     .offset = offsetof(struct migrate_options, output),
     .value_name = "FILE",
     .allows_empty = true,
     .completes_files = true,
     .help = "Where to write it; standard output when absent, empty or -. For a folder of documents, a folder."},
    {.name = "force",
     .type = OPTION_BOOL,
     .offset = offsetof(struct migrate_options, force),
     .help = "Take the folder even when it holds something else, which is moved aside and kept."},
    {.name = "report",
     .type = OPTION_LIST,
     .offset = offsetof(struct migrate_options, reports),
     .value_name = "FORMAT=FILE",
     .help = "The report on every key, in one of the formats of validate, such as table=report.txt. May be repeated."},
    {0}};
static const struct example examples[] = {
    {"cnsctl migrate cns_values_18.0.yaml --inventory hosts -t text", "what a Cloud Native Stack v1 comes to"},
    {"cnsctl migrate ./playbooks --snapshot snapshot.yaml -t commands -o migrate.sh",
     "the commands to run, as a script"},
    {"cnsctl migrate recipe.yaml --to aicr.run/v1 -o aicr-recipe.yaml", "a recipe for AICR"},
    {"cnsctl migrate ./aicr-recipes --to cns.nvidia.com/v1alpha1 -o ./our-recipes --report table=lost.txt",
     "a catalog of AICR, with a report of what has no counterpart"},
    {"cnsctl migrate cns_values.yaml --fail-on failed,warning", "in a pipeline: stop where a person must look"},
    {0}};

const struct command command_migrate = {
    .name = "migrate",
    .summary = "Carry over configuration of Cloud Native Stack v1, and documents of AICR.",
    .description =
        "Reads a values file of Cloud Native Stack v1 (Ansible) or a folder of its playbooks and writes criteria, "
        "settings and the commands that make the same of it here; the versions asked for against those that the recipe "
        "pins; which releases have to move; and for every key what became of it. What has no counterpart, and what a "
        "person must decide, is also told on standard error.\n\n"
        "With --to, documents are converted between our format and those of the predecessors, both ways; what the "
        "target format cannot hold is told, never lost in silence.",
    .options = options_table,
    .options_size = sizeof(struct migrate_options),
    .arguments = "FILE|DIR",
    .minimum_arguments = 1,
    .maximum_arguments = 1,
    .argument_kind = ARGUMENT_FILE,
    .examples = examples,
    .run = run,
};
