// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/command.h"
#include "usecase/deliver.h"
#include "usecase/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern const struct command command_snapshot;

struct snapshot_options {
    struct strvec filter, exclude, require;
    const char *redact, *redact_key, *format, *output, *root;
    int64_t budget;
};

static const char *const formats[] = {"yaml", "json", "table", NULL};
static const char *const redact_modes[] = {"default", "off", "strict", NULL};

static unsigned index_of(const char *const *choices, const char *name) {
    unsigned i = 0;
    while (choices[i + 1] && !str_eq(choices[i], name))
        i++;
    return i;
}

// One line that is overwritten, and taken away at the end.
static void show_progress(void *context _unused_, size_t ended, size_t total, const char *running) {
    if (running)
        fprintf(stderr, "\r\033[Kcollecting: %zu of %zu, waiting for %s", ended, total, running);
    else
        fprintf(stderr, "\r\033[K");
    fflush(stderr);
}

static int run(const struct invocation *invocation, struct error **err) {
    const struct snapshot_options *options = invocation->options;
    _cleanup_arena_ struct arena *arena = arena_new();
    int r = deliver_check(options->output, err);
    if (r < 0)
        return r;
    // In the environment the key may be there for other runs.
    if (options->redact_key && !str_eq(options->redact, "strict") && !getenv("CNS_REDACT_KEY"))
        log_warning("--redact-key has no effect: only --redact strict makes pseudonyms");
    bool shows_progress = isatty(STDERR_FILENO) && !invocation->log_json && !invocation->debug;
    struct snapshot_request request = {
        .root = options->root,
        .filter = &options->filter,
        .exclude = &options->exclude,
        .require = &options->require,
        .redact = (enum redact_mode)index_of(redact_modes, options->redact),
        .redact_key = options->redact_key,
        .budget_ms = (unsigned)options->budget,
        .progress = shows_progress ? show_progress : NULL,
    };
    struct snapshot *snapshot;
    r = snapshot_take(arena, &request, &snapshot, err);
    if (r < 0)
        return r;
    return snapshot_deliver(snapshot, (enum snapshot_format)index_of(formats, options->format), options->output, err);
}

static const struct option options_table[] = {
    {.name = "filter",
     .type = OPTION_LIST,
     .offset = offsetof(struct snapshot_options, filter),
     .value_name = "NAME",
     .splits_commas = true,
     .help = "Collect these only: types (gpu, os) or parts of them (os.sysctl, systemd.kubelet.service). Others do no "
             "work at all."},
    {.name = "exclude",
     .type = OPTION_LIST,
     .offset = offsetof(struct snapshot_options, exclude),
     .value_name = "NAME",
     .splits_commas = true,
     .help = "Leave these out; wins over --filter."},
    {.name = "require",
     .type = OPTION_LIST,
     .offset = offsetof(struct snapshot_options, require),
     .value_name = "NAME",
     .splits_commas = true,
     .help = "Fail, and write nothing, when these could not be collected. A type is satisfied when some of it was "
             "collected and none of it failed."},
    {.name = "redact",
     .type = OPTION_CHOICE,
     .offset = offsetof(struct snapshot_options, redact),
     .value_name = "MODE",
     .choices = redact_modes,
     .default_text = "default",
     .help = "What to hide: secrets, machine ids and serials (default), nothing (off), or also host names, addresses "
             "and UUIDs, as pseudonyms (strict)."},
    {.name = "redact-key",
     .type = OPTION_STRING,
     .offset = offsetof(struct snapshot_options, redact_key),
     .value_name = "TEXT",
     .environment = "CNS_REDACT_KEY",
     .help = "Makes strict pseudonyms equal in all snapshots with the same text. Without it each snapshot has its "
             "own."},
    {.name = "root",
     .type = OPTION_STRING,
     .offset = offsetof(struct snapshot_options, root),
     .value_name = "DIR",
     .environment = "CNS_ROOT",
     .completes_directories = true,
     .help = "Look at the machine that is mounted below DIR: a container's host, a disk image."},
    {.name = "budget",
     .type = OPTION_DURATION,
     .offset = offsetof(struct snapshot_options, budget),
     .value_name = "DURATION",
     .environment = "CNS_COLLECTOR_BUDGET",
     .minimum = 1,
     .maximum = 3600000,
     .help = "Time for each collector, in place of its own (5 to 90 seconds). One that takes longer counts as failed; "
             "the others are not held up."},
    {.name = "format",
     .short_name = 't',
     .type = OPTION_CHOICE,
     .offset = offsetof(struct snapshot_options, format),
     .value_name = "FORMAT",
     .choices = formats,
     .default_text = "yaml",
     .help = "Format of the document."},
    {.name = "output",
     .short_name = 'o',
     .type = OPTION_STRING,
     .offset = offsetof(struct snapshot_options, output),
     .value_name = "FILE",
     .allows_empty = true,
     .completes_files = true,
     .help = "Where to write; standard output when absent, empty or -."},
    {0}};

static const struct example examples[] = {
    {"cnsctl snapshot -o snapshot.yaml", "this machine, whole"},
    {"cnsctl snapshot --filter gpu,os.release", "two parts of it"},
    {"cnsctl snapshot --require gpu -o snapshot.yaml", "fail where no GPU is seen"},
    {"cnsctl snapshot --redact strict --redact-key fleet-7", "to be shown to others, comparable"},
    {"cnsctl snapshot --root /host", "from a container that mounts its host"},
    {0}};

const struct command command_snapshot = {
    .name = "snapshot",
    .summary = "Capture what this machine is.",
    .description =
        "Reads the operating system, systemd units, GPUs and fabric of this machine into one document. Collectors run "
        "side by side; one that fails or finds nothing never loses another, and the document says of each whether it "
        "was collected, absent or failed, and why. Secrets and machine ids are redacted; what was redacted is listed.",
    .options = options_table,
    .options_size = sizeof(struct snapshot_options),
    .examples = examples,
    .run = run,
};
