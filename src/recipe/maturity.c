// SPDX-License-Identifier: Apache-2.0
#include "recipe/maturity.h"
#include "base/text.h"

const char *const maturity_names[MATURITY_COUNT] = {"supported", "preview", "planned"};

int maturity_rank(const char *word) {
    for (int i = 0; i < MATURITY_COUNT; i++)
        if (str_eq(word, maturity_names[i]))
            return i;
    return -1;
}

static const char *word_of(const struct overlay *overlay) {
    return doc_get_text(doc_get(overlay->doc, "metadata"), "maturity", NULL);
}

static unsigned field_count(const struct criteria *criteria) {
    return criteria_specificity(criteria) - (criteria->nodes != 0);
}

// The least of the words; a word that is none of ours is as good as none.
static const char *lesser(const char *first, const char *second) {
    return maturity_rank(second) > maturity_rank(first) ? second : first;
}

static bool is_part_of_another(const struct catalog *catalog, const struct match *match,
                               const struct overlay *overlay) {
    for (size_t i = 0; i < match->matching_count; i++)
        if (match->matching[i] != overlay && overlay_inherits(catalog, match->matching[i], overlay))
            return true;
    return false;
}

static void find_parts(struct arena *arena, const struct catalog *catalog, const struct match *match,
                       struct maturity *ret) {
    ret->parts = arena_new_array(arena, const struct overlay *, match->matching_count);
    for (size_t i = 0; i < match->matching_count; i++)
        if (criteria_specificity(&match->matching[i]->criteria) > 0 &&
            !is_part_of_another(catalog, match, match->matching[i]))
            ret->parts[ret->part_count++] = match->matching[i];
}

static const char *compose(struct arena *arena, const struct match *match, const struct criteria *criteria,
                           const struct maturity *maturity) {
    _cleanup_text_ struct text text = {0};
    text_add(&text, match->excluded_count ? "no recipe is left that is made for" : "no recipe is made for");
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        if (criteria->field[i])
            text_addf(&text, " %s=%s", criteria_field_names[i], criteria->field[i]);
    for (size_t i = 0; i < maturity->part_count; i++)
        text_addf(&text, "%s%s", i ? ", " : "; put together from ", maturity->parts[i]->name);
    if (!maturity->part_count)
        text_add(&text, "; this is the generic one");
    return arena_strdup(arena, text_str(&text));
}

void maturity_of_match(struct arena *arena, const struct catalog *catalog, const struct match *match,
                       const struct criteria *criteria, struct maturity *ret) {
    *ret = (struct maturity){0};
    if (match->count == 0 || !word_of(match->overlays[0]))
        return;
    if (criteria_is_empty(criteria)) {
        *ret = (struct maturity){.word = word_of(match->overlays[0]), .own = match->overlays[0]};
        return;
    }
    for (size_t i = 0; i < match->matching_count; i++)
        if (field_count(&match->matching[i]->criteria) == field_count(criteria)) {
            ret->word = ret->own ? lesser(ret->word, word_of(match->matching[i])) : word_of(match->matching[i]);
            ret->own = match->matching[i];
        }
    if (ret->own)
        return;
    ret->word = "preview";
    find_parts(arena, catalog, match, ret);
    ret->composition = compose(arena, match, criteria, ret);
}

void maturity_of_mixins(const struct map *mixins, struct maturity *maturity) {
    for (size_t i = 0; maturity->word && i < mixins->count; i++) {
        const struct mixin *mixin = mixins->entries[i].value;
        maturity->word = lesser(maturity->word, doc_get_text(doc_get(mixin->doc, "metadata"), "maturity", NULL));
    }
}
