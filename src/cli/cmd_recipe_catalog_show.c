// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"
#include "cli/command.h"
#include "cli/output.h"
#include "usecase/catalog.h"
#include "usecase/deliver.h"

extern const struct command command_recipe_catalog_show;

struct show_options {
    const char *verify, *format, *output;
    bool files;
};

static int deliver(const struct show_options *options, const struct doc *summary, struct error **err) {
    if (!str_eq(options->format, "text"))
        return deliver_document(options->output, output_format(options->format), summary, err);
    _cleanup_text_ struct text text = {0};
    catalog_show_text(summary, options->files, &text);
    return deliver_text(options->output, &text, err);
}

static int run(const struct invocation *invocation, struct error **err) {
    const struct show_options *options = invocation->options;
    _cleanup_arena_ struct arena *arena = arena_new();
    const char *place = invocation->arguments.count ? invocation->arguments.items[0] : NULL;
    const struct doc *summary = NULL;
    int r = deliver_check(options->output, err);
    r = r < 0 ? r : catalog_show(arena, place, options->verify, &summary, err);
    return r < 0 ? r : deliver(options, summary, err);
}

static const char *const formats[] = {"text", "json", "yaml", NULL};
static const struct option options_table[] = {
    {.name = "verify",
     .type = OPTION_STRING,
     .offset = offsetof(struct show_options, verify),
     .value_name = "DIGEST",
     .help = "Fail unless the catalog has this digest, with or without sha256: in front."},
    {.name = "files",
     .type = OPTION_BOOL,
     .offset = offsetof(struct show_options, files),
     .help = "List the files with their digests, too; JSON and YAML always do."},
    {.name = "format",
     .short_name = 't',
     .type = OPTION_CHOICE,
     .offset = offsetof(struct show_options, format),
     .value_name = "FORMAT",
     .choices = formats,
     .default_text = "text",
     .help = "How to write it."},
    {.name = "output",
     .short_name = 'o',
     .type = OPTION_STRING,
     .offset = offsetof(struct show_options, output),
     .value_name = "FILE",
     .completes_files = true,
     .help = "Where it goes; - or nothing is standard output."},
    {0}};
static const struct example examples[] = {
    {"cnsctl recipe catalog show catalog.tar", "an archive"},
    {"cnsctl recipe catalog show ./catalog --files", "a folder, with its files"},
    {"cnsctl recipe catalog show catalog.tar --verify sha256:3f5a...", "only if it is that one"},
    {0}};

const struct command command_recipe_catalog_show = {
    .name = "recipe catalog show",
    .summary = "Show version, digest, counts and files of a catalog.",
    .description = "Shows a folder, an archive, or, without an argument, what is built in.",
    .options = options_table,
    .options_size = sizeof(struct show_options),
    .arguments = "[FILE|DIR]",
    .maximum_arguments = 1,
    .argument_kind = ARGUMENT_FILE,
    .examples = examples,
    .run = run,
};
