// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"
#include "cli/command.h"
#include "cli/output.h"
#include "usecase/catalog.h"

extern const struct command command_recipe_catalog;

static int run(const struct invocation *invocation _unused_, struct error **err) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_text_ struct text text = {0};
    const struct doc *summary = NULL;
    int r = catalog_show(arena, NULL, NULL, &summary, err);
    if (r < 0)
        return r;
    catalog_show_text(summary, false, &text);
    return output_text(&text, err);
}

static const struct example examples[] = {
    {"cnsctl recipe catalog", "what is built in"},
    {"cnsctl recipe catalog pack -o catalog.tar", "to take along, or to change"},
    {"cnsctl recipe --service eks --catalog catalog.tar", "a recipe from a packed catalog"},
    {0}};

const struct command command_recipe_catalog = {
    .name = "recipe catalog",
    .summary = "Pack, show and compare catalogs; alone: show what is built in.",
    .description = "A catalog is the knowledge that recipes are made from: a folder, an archive, or what is built in. "
                   "Its digest covers all its files, and every recipe says from which catalog it was made.",
    .examples = examples,
    .run = run,
};
