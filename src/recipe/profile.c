// SPDX-License-Identifier: Apache-2.0
#include "recipe/profile.h"
#include "base/suggest.h"
#include "base/text.h"
#include "base/vec.h"
#include "doc/path.h"

// --- what there is to choose ---

static struct profile_choice *find(const struct profiles *profiles, const char *name) {
    for (size_t i = 0; i < profiles->count; i++)
        if (str_eq(profiles->items[i].name, name))
            return &profiles->items[i];
    return NULL;
}

static void declare(struct arena *arena, const struct overlay *overlay, const struct doc *profile,
                    struct profiles *profiles) {
    const char *name = doc_get_text(profile, "name", "");
    struct profile_choice *choice = find(profiles, name);
    if (!choice) {
        choice = &profiles->items[profiles->count++];
        *choice = (struct profile_choice){.name = name, .is_default = true, .values = doc_new_map(arena)};
    }
    struct doc *values = doc_copy(arena, choice->values);
    DOC_FOREACH_MEMBER(member, doc_get(profile, "values"))
    if (member->value->kind == DOC_NULL) // not to be had here
        doc_map_remove(values, member->key);
    else
        doc_map_set(arena, values, member->key, member->value);
    choice->values = values;
    choice->overlay = overlay;
    choice->value = doc_get_text(profile, "default", choice->value);
}

static void add_names(const struct doc *values, const char **names, size_t *count, struct text *list) {
    DOC_FOREACH_MEMBER(member, values) {
        text_addf(list, "%s%s", *count ? ", " : "", member->key);
        names[(*count)++] = member->key;
    }
}

static int unknown_value(struct arena *arena, const struct profile_choice *choice, const char *value, const char *where,
                         struct error **err) {
    const char **names = arena_new_array(arena, const char *, doc_count(choice->values));
    size_t count = 0;
    _cleanup_text_ struct text list = {0};
    add_names(choice->values, names, &count, &list);
    error_set(err, ERROR_NOT_FOUND, "%s: the profile '%s' has no value '%s'; it has %s", where, choice->name, value,
              text_str(&list));
    const char *nearest = suggest_nearest(value, names, count);
    return nearest ? error_hint(err, "did you mean '%s=%s'?", choice->name, nearest) : -ERROR_NOT_FOUND;
}

static int unknown_profile(struct arena *arena, const struct profiles *profiles, const char *name, struct error **err) {
    const char **names = arena_new_array(arena, const char *, profiles->count);
    _cleanup_text_ struct text list = {0};
    for (size_t i = 0; i < profiles->count; i++) {
        names[i] = profiles->items[i].name;
        const char **values = arena_new_array(arena, const char *, doc_count(profiles->items[i].values));
        size_t count = 0;
        text_addf(&list, "%s%s (", i ? "; " : "", names[i]);
        add_names(profiles->items[i].values, values, &count, &list);
        text_add_char(&list, ')');
    }
    if (!profiles->count)
        return error_set(err, ERROR_NOT_FOUND,
                         "--profile: there is no profile '%s': this recipe has none to choose from", name);
    error_set(err, ERROR_NOT_FOUND, "--profile: this recipe has no profile '%s'; it has %s", name, text_str(&list));
    const char *nearest = suggest_nearest(name, names, profiles->count);
    return nearest ? error_hint(err, "did you mean '%s'?", nearest) : -ERROR_NOT_FOUND;
}

// --- choosing ---

static int choose(struct arena *arena, const struct profiles *profiles, const char *word, struct error **err) {
    const char *equals = strchr(word, '=');
    if (!equals || equals == word || !equals[1]) {
        error_set(err, ERROR_INVALID, "--profile: '%s' is not of the form NAME=VALUE", word);
        return error_hint(err, "write for example --profile gpuStack=operator-managed");
    }
    const char *name = arena_strndup(arena, word, (size_t)(equals - word)), *value = equals + 1;
    struct profile_choice *choice = find(profiles, name);
    if (!choice)
        return unknown_profile(arena, profiles, name, err);
    if (!doc_get(choice->values, value))
        return unknown_value(arena, choice, value, "--profile", err);
    if (!choice->is_default && !str_eq(choice->value, value))
        return error_set(err, ERROR_INVALID, "--profile: '%s' is both %s and %s", name, choice->value, value);
    choice->value = value;
    choice->is_default = false;
    return 0;
}

static int settle(struct arena *arena, struct profile_choice *choice, struct error **err) {
    const struct doc *profile = doc_get(doc_get(choice->overlay->doc, "spec"), "profile");
    const char *where = profile ? doc_origin_text(arena, profile->origin) : choice->overlay->file.name;
    if (str_is_empty(choice->value))
        return error_set(err, ERROR_INVALID, "%s: the profile '%s' has no default", where, choice->name);
    if (!doc_get(choice->values, choice->value))
        return unknown_value(arena, choice, choice->value, where, err);
    choice->content = doc_get(choice->values, choice->value);
    return 0;
}

int profiles_choose(struct arena *arena, const struct match *match, const char *const *wanted, size_t wanted_count,
                    struct profiles *ret, struct error **err) {
    struct profiles profiles = {.items = arena_new_array(arena, struct profile_choice, 2 * match->count)};
    for (size_t i = 0; i < match->count; i++) {
        const struct doc *const documents[] = {match->overlays[i]->doc, match->overlays[i]->extension};
        for (size_t j = 0; j < ARRAY_SIZE(documents); j++) {
            const struct doc *profile = doc_get(doc_get(documents[j], "spec"), "profile");
            if (doc_is(profile, DOC_MAP))
                declare(arena, match->overlays[i], profile, &profiles);
        }
    }
    int r = 0;
    for (size_t i = 0; r >= 0 && i < wanted_count; i++)
        r = choose(arena, &profiles, wanted[i], err);
    for (size_t i = 0; r >= 0 && i < profiles.count; i++)
        r = settle(arena, &profiles.items[i], err);
    if (r >= 0)
        *ret = profiles;
    return r < 0 ? r : 0;
}

// --- what it owns ---

static void add_leaves(struct arena *arena, const struct doc *value, const char *path, struct strvec *paths) {
    if (!doc_is(value, DOC_MAP) || doc_count(value) == 0) {
        if (*path)
            strvec_add(paths, path);
        return;
    }
    DOC_FOREACH_MEMBER(member, value)
    add_leaves(arena, member->value,
               arena_printf(arena, "%s%s%s", path, *path ? "." : "", doc_path_escape(arena, member->key)), paths);
}

// In all values, not only the chosen one: what another value would set is a matter of the profile, too.
static const struct doc *owned_paths(struct arena *arena, const struct doc *values, const char *component) {
    _cleanup_strvec_ struct strvec paths = {0};
    DOC_FOREACH_MEMBER(value, values) {
        DOC_FOREACH_ITEM(ref, doc_get(value->value, "componentRefs"))
        if (str_eq(doc_get_text(ref, "name", NULL), component))
            add_leaves(arena, doc_get(ref, "overrides"), "", &paths);
    }
    strvec_sort_unique(&paths);
    struct doc *list = doc_new_list(arena);
    for (size_t i = 0; i < paths.count; i++)
        doc_list_add(arena, list, doc_new_string(arena, arena_strdup(arena, paths.items[i])));
    return list;
}

static const struct doc *all_owned_paths(struct arena *arena, const struct doc *values) {
    _cleanup_strvec_ struct strvec components = {0};
    struct doc *owned = doc_new_map(arena);
    DOC_FOREACH_MEMBER(value, values) {
        DOC_FOREACH_ITEM(ref, doc_get(value->value, "componentRefs"))
        strvec_add(&components, doc_get_text(ref, "name", ""));
    }
    strvec_sort_unique(&components);
    for (size_t i = 0; i < components.count; i++) {
        const struct doc *paths = owned_paths(arena, values, components.items[i]);
        if (doc_count(paths))
            doc_map_set(arena, owned, components.items[i], paths);
    }
    return owned;
}

const struct doc *profile_doc(struct arena *arena, const struct profile_choice *choice) {
    struct doc *map = doc_new_map(arena);
    map->origin = choice->content->origin;
    doc_map_set_text(arena, map, "name", choice->name);
    doc_map_set_text(arena, map, "value", choice->value);
    doc_map_set_text(arena, map, "advertiser", doc_get_text(choice->content, "advertiser", NULL));
    const struct doc *owned = all_owned_paths(arena, choice->values);
    if (doc_count(owned))
        doc_map_set(arena, map, "ownedPaths", owned);
    return map;
}
