// SPDX-License-Identifier: Apache-2.0
// Two catalogs compared by what they give: for each combination of criteria the recipe of the one and that of the
// other.
#include "base/map.h"
#include "catalog/compatibility.h"
#include "catalog/identity.h"
#include "doc/emit.h"
#include "recipe/combinations.h"
#include "recipe/compare.h"
#include "recipe/hydrate.h"
#include "recipe/match.h"
#include "recipe/resolve.h"
#include "usecase/catalog.h"

// A catalog of the two, with its recipes by the overlays that are in them: combinations that have the same overlays
// have the same recipe but for the criteria.
struct side {
    struct catalog_spec spec;
    struct catalog *catalog;
    struct vocabulary *vocabulary;
    struct map recipes; // overlays, joined by spaces -> struct recipe
};

struct differ {
    struct arena *arena;
    struct side old, new;
    struct map compared; // overlays of both -> changes
    struct map groups;   // changes as text -> the group's map in the document
    struct doc *changes;
    size_t count, changed;
};

// What a side says to a combination.
struct answer {
    const char *overlays;  // NULL: no recipe
    struct recipe *recipe; // likewise
    const char *problem;   // why there is none
};

static int open_side(struct arena *arena, const char *place, struct side *side, struct error **err) {
    int r = catalog_open_place(arena, place, &side->spec, &side->catalog, err);
    return r < 0 ? r : vocabulary_open(arena, side->catalog, &side->vocabulary, err);
}

// --- one combination ---

static int translate(const struct side *side, const struct criteria *criteria, struct criteria *ret,
                     struct error **err) {
    int r = 0;
    *ret = *criteria;
    for (int i = 0; i < CRITERIA_FIELD_COUNT && r == 0; i++)
        if (criteria->field[i])
            r = vocabulary_resolve(side->vocabulary, i, criteria->field[i], criteria_field_names[i], &ret->field[i],
                                   err);
    return r;
}

static const char *join_overlays(struct arena *arena, const struct match *match) {
    _cleanup_text_ struct text text = {0};
    for (size_t i = 0; i < match->count; i++)
        text_addf(&text, "%s%s", i ? " " : "", match->overlays[i]->name);
    return arena_strdup(arena, text_str(&text));
}

static int resolve(struct differ *differ, struct side *side, const struct criteria *criteria, struct answer *ret,
                   struct error **err) {
    struct arena *arena = differ->arena;
    struct recipe_request request = {0};
    struct match match;
    size_t conflicts = 0;
    int r = translate(side, criteria, &request.criteria, err);
    r = r < 0 ? r : compatibility_conflicts(side->catalog, &request.criteria, NULL, 0, &conflicts, err);
    const struct match_request wanted = {.criteria = &request.criteria};
    r = r < 0 || conflicts ? r : catalog_match(arena, side->catalog, side->vocabulary, &wanted, &match, err);
    if (r < 0)
        return r;
    ret->overlays = conflicts ? NULL : join_overlays(arena, &match);
    ret->recipe = ret->overlays ? map_get(&side->recipes, ret->overlays) : NULL;
    if (ret->recipe)
        return 0;
    r = recipe_resolve(arena, side->catalog, side->vocabulary, &request, &ret->recipe, err);
    r = r < 0 ? r : recipe_hydrate(arena, side->catalog, ret->recipe, err);
    if (r == 0 && ret->overlays)
        map_put(&side->recipes, ret->overlays, ret->recipe);
    return r;
}

static struct answer ask(struct differ *differ, struct side *side, const struct criteria *criteria) {
    _cleanup_error_ struct error *error = NULL;
    struct answer answer = {0};
    if (resolve(differ, side, criteria, &answer, &error) < 0)
        answer = (struct answer){.problem = arena_strdup(differ->arena, error->message)};
    return answer;
}

static struct doc *compare_outcomes(struct arena *arena, const struct answer *old, const struct answer *new) {
    struct doc *changes = doc_new_list(arena), *change = doc_new_map(arena);
    if (old->problem && new->problem)
        return changes;
    doc_map_set_text(arena, change, "path", "recipe");
    doc_map_set_text(arena, change, "old", old->problem ? old->problem : "resolves");
    doc_map_set_text(arena, change, "new", new->problem ? new->problem : "resolves");
    doc_list_add(arena, changes, change);
    return changes;
}

static struct doc *compare_answers(struct differ *differ, const struct answer *old, const struct answer *new) {
    struct arena *arena = differ->arena;
    if (old->problem || new->problem)
        return compare_outcomes(arena, old, new);
    const char *key = arena_printf(arena, "%s|%s", old->overlays, new->overlays);
    struct doc *changes = map_get(&differ->compared, key);
    if (changes)
        return changes;
    changes = recipe_compare(arena, old->recipe, new->recipe);
    map_put(&differ->compared, key, changes);
    return changes;
}

// --- all of them ---

static struct doc *criteria_doc(struct arena *arena, const struct criteria *criteria) {
    struct doc *map = doc_new_map(arena);
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        doc_map_set_text(arena, map, criteria_field_names[i], criteria->field[i]);
    if (criteria->nodes)
        doc_map_set_int(arena, map, "nodes", criteria->nodes);
    return map;
}

static void add_to_group(struct differ *differ, const struct criteria *criteria, const struct doc *changes) {
    struct arena *arena = differ->arena;
    _cleanup_text_ struct text text = {0};
    doc_emit(changes, EMIT_JSON_COMPACT, &text);
    struct doc *combinations = map_get(&differ->groups, text_str(&text));
    if (!combinations) {
        struct doc *group = doc_new_map(arena);
        combinations = doc_new_list(arena);
        doc_map_set(arena, group, "combinations", combinations);
        doc_map_set(arena, group, "changes", changes);
        doc_list_add(arena, differ->changes, group);
        map_put(&differ->groups, arena_strdup(arena, text_str(&text)), combinations);
    }
    doc_list_add(arena, combinations, criteria_doc(arena, criteria));
}

static void compare_at(struct differ *differ, const struct criteria *criteria) {
    struct answer old = ask(differ, &differ->old, criteria), new = ask(differ, &differ->new, criteria);
    const struct doc *changes = compare_answers(differ, &old, &new);
    differ->count++;
    if (!doc_count(changes))
        return;
    differ->changed++;
    add_to_group(differ, criteria, changes);
}

static const char *criteria_key(struct arena *arena, const struct criteria *criteria) {
    _cleanup_text_ struct text text = {0};
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++)
        text_addf(&text, "%s/", criteria->field[i] ? criteria->field[i] : "");
    text_addf(&text, "%lld", (long long)criteria->nodes);
    return arena_strdup(arena, text_str(&text));
}

static int compare_made(struct differ *differ, struct side *side, struct map *seen, struct error **err) {
    const struct overlay *overlays = NULL;
    size_t count = catalog_overlays(side->catalog, &overlays);
    for (size_t i = 0; i < count; i++) {
        struct criteria criteria;
        int r = translate(side, &overlays[i].criteria, &criteria, err);
        if (r < 0)
            return r;
        if (overlays[i].has_criteria && map_put(seen, criteria_key(differ->arena, &criteria), differ))
            compare_at(differ, &criteria);
    }
    return 0;
}

static int compare_all(struct differ *differ, struct side *side, struct map *seen, struct error **err) {
    struct combinations combinations;
    int r = combinations_list(differ->arena, side->catalog, side->vocabulary, NULL, &combinations, err);
    for (size_t i = 0; r == 0 && i < combinations.count; i++)
        if (map_put(seen, criteria_key(differ->arena, &combinations.items[i]), differ))
            compare_at(differ, &combinations.items[i]);
    return r;
}

static int compare_sides(struct differ *differ, bool all_combinations, struct error **err) {
    _cleanup_map_ struct map seen = {0};
    struct side *sides[] = {&differ->old, &differ->new};
    int r = 0;
    for (size_t i = 0; i < ARRAY_SIZE(sides) && r == 0; i++)
        r = compare_made(differ, sides[i], &seen, err);
    for (size_t i = 0; i < ARRAY_SIZE(sides) && r == 0 && all_combinations; i++)
        r = compare_all(differ, sides[i], &seen, err);
    return r;
}

// --- files ---

static const char *const file_outcomes[] = {"added", "removed", "changed"};

// The index has a line for each file: digest, two spaces, path.
static void read_index(struct arena *arena, const struct catalog_spec *spec, struct map *ret) {
    _cleanup_text_ struct text text = {0};
    catalog_add_index(spec, &text);
    char *rest = NULL, *lines = arena_strdup(arena, text_str(&text));
    for (char *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *space = strstr(line, "  ");
        *space = '\0';
        map_put(ret, space + 2, line);
    }
}

static struct doc *compare_files(struct differ *differ) {
    struct arena *arena = differ->arena;
    _cleanup_map_ struct map old = {0}, new = {0};
    struct doc *lists[ARRAY_SIZE(file_outcomes)], *result = doc_new_map(arena);
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
        doc_map_set(arena, result, file_outcomes[i], lists[i] = doc_new_list(arena));
    read_index(arena, &differ->old.spec, &old);
    read_index(arena, &differ->new.spec, &new);
    for (size_t i = 0; i < new.count; i++) {
        const char *before = map_get(&old, new.entries[i].key);
        if (!str_eq(before, new.entries[i].value))
            doc_list_add(arena, lists[before ? 2 : 0], doc_new_string(arena, new.entries[i].key));
    }
    for (size_t i = 0; i < old.count; i++)
        if (!map_has(&new, old.entries[i].key))
            doc_list_add(arena, lists[1], doc_new_string(arena, old.entries[i].key));
    return result;
}

// --- the document ---

static struct doc *identity_doc(struct arena *arena, const struct catalog_identity *identity) {
    struct doc *map = doc_new_map(arena);
    doc_map_set_text(arena, map, "version", identity->version);
    doc_map_set_text(arena, map, "digest", identity->digest);
    doc_map_set_text(arena, map, "source", identity->source);
    return map;
}

static const struct doc *make_document(struct differ *differ) {
    struct arena *arena = differ->arena;
    struct doc *diff = doc_new_map(arena), *summary = doc_new_map(arena);
    doc_map_set_text(arena, diff, "kind", "CatalogDiff");
    doc_map_set_text(arena, diff, "apiVersion", "cns.nvidia.com/v1alpha1");
    doc_map_set(arena, diff, "old", identity_doc(arena, catalog_identity(differ->old.catalog)));
    doc_map_set(arena, diff, "new", identity_doc(arena, catalog_identity(differ->new.catalog)));
    doc_map_set_int(arena, summary, "compared", (int64_t)differ->count);
    doc_map_set_int(arena, summary, "changed", (int64_t)differ->changed);
    doc_map_set(arena, diff, "summary", summary);
    doc_map_set(arena, diff, "files", compare_files(differ));
    doc_map_set(arena, diff, "changes", differ->changes);
    return diff;
}

int catalog_diff(struct arena *arena, const struct catalog_diff_arguments *arguments, const struct doc **ret,
                 bool *ret_has_drift, struct error **err) {
    struct differ differ = {.arena = arena, .changes = doc_new_list(arena)};
    int r = open_side(arena, arguments->old_place, &differ.old, err);
    r = r < 0 ? r : open_side(arena, arguments->new_place, &differ.new, err);
    r = r < 0 ? r : compare_sides(&differ, arguments->all_combinations, err);
    if (r == 0) {
        *ret = make_document(&differ);
        *ret_has_drift = differ.changed > 0;
    }
    map_done(&differ.old.recipes);
    map_done(&differ.new.recipes);
    map_done(&differ.compared);
    map_done(&differ.groups);
    return r;
}
