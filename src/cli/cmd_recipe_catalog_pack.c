// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"
#include "cli/command.h"
#include "usecase/catalog.h"

extern const struct command command_recipe_catalog_pack;

struct pack_options {
    const char *output;
};

static int run(const struct invocation *invocation, struct error **err) {
    const struct pack_options *options = invocation->options;
    _cleanup_arena_ struct arena *arena = arena_new();
    const char *place = invocation->arguments.count ? invocation->arguments.items[0] : NULL;
    return catalog_pack(arena, place, options->output, err);
}

static const struct option options_table[] = {
    {.name = "output",
     .short_name = 'o',
     .type = OPTION_STRING,
     .offset = offsetof(struct pack_options, output),
     .value_name = "FILE|DIR",
     .completes_files = true,
     .is_required = true,
     .help = "Where the catalog goes: an archive when this ends in .tar or is - (standard output), else a folder."},
    {0}};
static const struct example examples[] = {
    {"cnsctl recipe catalog pack -o catalog.tar", "what is built in, as one file"},
    {"cnsctl recipe catalog pack -o ./catalog", "as a folder, to be changed"},
    {"cnsctl recipe catalog pack ./catalog -o ours.tar", "a folder of your own"},
    {0}};

const struct command command_recipe_catalog_pack = {
    .name = "recipe catalog pack",
    .summary = "Write a catalog, with its digests, as one file or a folder.",
    .description = "The archive is a plain tar file that is the same, byte by byte, each time. checksums.txt lists the "
                   "files as sha256sum does; its own SHA-256 is the catalog's digest. Files have the time of "
                   "SOURCE_DATE_EPOCH, else that of the catalog's release.",
    .options = options_table,
    .options_size = sizeof(struct pack_options),
    .arguments = "[FILE|DIR]",
    .maximum_arguments = 1,
    .argument_kind = ARGUMENT_FILE,
    .examples = examples,
    .run = run,
};
