// SPDX-License-Identifier: Apache-2.0
// All that may be asked for: combinations of criteria, each by the overlay made for it or by rule.
#include "base/suggest.h"
#include "recipe/combinations.h"
#include "recipe/match.h"
#include "recipe/maturity.h"
#include "usecase/recipe_list.h"

struct enumeration {
    struct arena *arena;
    const struct recipe_list_arguments *arguments;
    struct catalog *catalog;
    struct vocabulary *vocabulary;
    struct combination_filter wanted;
    struct doc *rows;
    size_t own, by_rule;
};

static int read_filters(struct enumeration *enumeration, struct error **err) {
    const struct recipe_list_arguments *arguments = enumeration->arguments;
    int r = 0;
    for (int i = 0; i < CRITERIA_FIELD_COUNT && r == 0; i++)
        if (arguments->field[i])
            r = vocabulary_resolve(enumeration->vocabulary, i, arguments->field[i],
                                   arena_printf(enumeration->arena, "--%s", criteria_field_names[i]),
                                   &enumeration->wanted.criteria.field[i], err);
    // "any" asks for those that leave the field open; here that is only the platform.
    enumeration->wanted.without_platform =
        arguments->field[CRITERIA_PLATFORM] && !enumeration->wanted.criteria.field[CRITERIA_PLATFORM];
    if (r < 0 || !arguments->maturity || maturity_rank(arguments->maturity) >= 0)
        return r;
    error_set(err, ERROR_INVALID, "--maturity: '%s' is none of supported, preview and planned", arguments->maturity);
    const char *nearest = suggest_nearest(arguments->maturity, maturity_names, MATURITY_COUNT);
    return error_hint(err, "did you mean '%s'?", nearest ? nearest : maturity_names[0]);
}

static bool is_wanted(const struct enumeration *enumeration, const struct maturity *maturity) {
    const char *word = enumeration->arguments->maturity;
    return !word || str_eq(word, maturity->word);
}

static struct doc *part_list(struct arena *arena, const struct maturity *maturity) {
    struct doc *list = doc_new_list(arena);
    for (size_t i = 0; i < maturity->part_count; i++)
        doc_list_add(arena, list, doc_new_string(arena, maturity->parts[i]->name));
    return list;
}

static void add_row(struct enumeration *enumeration, const struct criteria *criteria, const struct maturity *maturity) {
    struct arena *arena = enumeration->arena;
    struct doc *row = doc_new_map(arena);
    doc_map_set(arena, row, "criteria", criteria_document(arena, criteria));
    doc_map_set_text(arena, row, "maturity", maturity->word);
    if (maturity->own)
        doc_map_set_text(arena, row, "recipe", maturity->own->name);
    else
        doc_map_set(arena, row, "parts", part_list(arena, maturity));
    doc_list_add(arena, enumeration->rows, row);
    *(maturity->own ? &enumeration->own : &enumeration->by_rule) += 1;
}

static int add_combination(struct enumeration *enumeration, const struct criteria *criteria, struct error **err) {
    _cleanup_arena_ struct arena *scratch = arena_new();
    const struct match_request request = {.criteria = criteria};
    struct match match;
    struct maturity maturity;
    int r = catalog_match(scratch, enumeration->catalog, enumeration->vocabulary, &request, &match, err);
    for (size_t i = 0; r == 0 && i < match.count; i++)
        r = catalog_overlay_load(enumeration->catalog, match.overlays[i], err);
    if (r < 0)
        return r;
    maturity_of_match(scratch, enumeration->catalog, &match, criteria, &maturity);
    if (is_wanted(enumeration, &maturity))
        add_row(enumeration, criteria, &maturity);
    return 0;
}

static const struct doc *make_document(const struct enumeration *enumeration, size_t refused) {
    struct arena *arena = enumeration->arena;
    struct doc *list = doc_new_map(arena), *summary = doc_new_map(arena);
    doc_map_set_text(arena, list, "kind", "RecipeCombinations");
    doc_map_set_text(arena, list, "apiVersion", "cns.nvidia.com/v1alpha1");
    doc_map_set_int(arena, summary, "count", (int64_t)doc_count(enumeration->rows));
    doc_map_set_int(arena, summary, "own", (int64_t)enumeration->own);
    doc_map_set_int(arena, summary, "byRule", (int64_t)enumeration->by_rule);
    doc_map_set_int(arena, summary, "refused", (int64_t)refused);
    doc_map_set(arena, list, "summary", summary);
    doc_map_set(arena, list, "combinations", enumeration->rows);
    return list;
}

int recipe_combinations_make(struct arena *arena, const struct recipe_list_arguments *arguments, const struct doc **ret,
                             struct error **err) {
    struct enumeration enumeration = {.arena = arena, .arguments = arguments, .rows = doc_new_list(arena)};
    struct combinations combinations = {0};
    int r = knowledge_open(arena, &arguments->knowledge, &enumeration.catalog, err);
    r = r < 0 ? r : vocabulary_open(arena, enumeration.catalog, &enumeration.vocabulary, err);
    r = r < 0 ? r : read_filters(&enumeration, err);
    r = r < 0 ? r
              : combinations_list(arena, enumeration.catalog, enumeration.vocabulary, &enumeration.wanted,
                                  &combinations, err);
    for (size_t i = 0; i < combinations.count && r == 0; i++)
        r = add_combination(&enumeration, &combinations.items[i], err);
    if (r == 0)
        *ret = make_document(&enumeration, combinations.refused);
    return r;
}

// --- for people ---

#define COLUMN_COUNT (CRITERIA_FIELD_COUNT + 2)

static const char *const titles[COLUMN_COUNT] = {"SERVICE",  "ACCELERATOR", "INTENT", "OS",
                                                 "PLATFORM", "MATURITY",    "MADE BY"};

static const char *made_by(struct arena *arena, const struct doc *row) {
    const char *recipe = doc_get_text(row, "recipe", NULL);
    _cleanup_text_ struct text text = {0};
    DOC_FOREACH_ITEM(part, doc_get(row, "parts"))
    text_addf(&text, "%s%s", part_index ? " + " : "by rule: ", doc_text(part));
    return recipe ? recipe : arena_strdup(arena, text.length ? text_str(&text) : "by rule: base");
}

static const char *cell(struct arena *arena, const struct doc *row, int column) {
    if (column < CRITERIA_FIELD_COUNT)
        return doc_get_text(doc_get(row, "criteria"), criteria_field_names[column], "any");
    return column == CRITERIA_FIELD_COUNT ? doc_get_text(row, "maturity", "-") : made_by(arena, row);
}

static void add_line(const char *const *cells, const size_t *widths, struct text *out) {
    for (int column = 0; column < COLUMN_COUNT; column++) {
        text_add(out, cells[column]);
        if (column + 1 < COLUMN_COUNT)
            text_add_repeat(out, ' ', widths[column] - utf8_width(cells[column]) + 2);
    }
    text_add_char(out, '\n');
}

void recipe_combinations_table(const struct doc *list, struct text *out) {
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct doc *rows = doc_get(list, "combinations"), *summary = doc_get(list, "summary");
    size_t count = doc_count(rows) + 1, widths[COLUMN_COUNT] = {0};
    const char **cells = arena_new_array(arena, const char *, count *COLUMN_COUNT);
    memcpy(cells, titles, sizeof titles);
    DOC_FOREACH_ITEM(row, rows) {
        for (int column = 0; column < COLUMN_COUNT; column++)
            cells[(row_index + 1) * COLUMN_COUNT + (size_t)column] = cell(arena, row, column);
    }
    for (size_t i = 0; i < count * COLUMN_COUNT; i++)
        widths[i % COLUMN_COUNT] = MAX(widths[i % COLUMN_COUNT], utf8_width(cells[i]));
    for (size_t i = 0; i < count; i++)
        add_line(cells + i * COLUMN_COUNT, widths, out);
    text_addf(out, "\n%s combinations: %s with a recipe of their own, %s by rule; %s more cannot work\n",
              doc_get_text(summary, "count", "0"), doc_get_text(summary, "own", "0"),
              doc_get_text(summary, "byRule", "0"), doc_get_text(summary, "refused", "0"));
}
