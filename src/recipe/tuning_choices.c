// SPDX-License-Identifier: Apache-2.0
#include "base/suggest.h"
#include "base/text.h"
#include "recipe/tuning_parts.h"

static struct tuning_item *find_item(struct tuning_work *work, const char *name) {
    for (size_t i = 0; i < work->item_count; i++)
        if (str_eq(work->items[i].name, name))
            return &work->items[i];
    return NULL;
}

static struct tuning_profile *find_profile(struct tuning_work *work, const char *name) {
    for (size_t i = 0; i < work->profile_count; i++)
        if (str_eq(work->profiles[i].name, name))
            return &work->profiles[i];
    return NULL;
}

// --- what the data says ---

static void take_defaults(struct tuning_work *work) {
    for (size_t i = 0; i < work->item_count; i++) {
        struct tuning_item *item = &work->items[i];
        item->is_enabled = doc_get_bool(item->doc, "enabled", true);
        if (!item->is_enabled)
            item->reason = doc_get_text(item->doc, "unsettled", "off unless it is asked for");
    }
}

static void hold_back(struct tuning_work *work) {
    for (size_t i = 0; i < work->profile_count; i++) {
        const struct doc *holds = doc_get(work->profiles[i].spec, "holdsBack");
        if (!holds || work->profiles[i].is_released)
            continue;
        for (size_t j = 0; j < work->item_count; j++) {
            struct tuning_item *item = &work->items[j];
            if (!item->is_enabled || doc_list_has(doc_get(holds, "except"), item->name))
                continue;
            item->is_enabled = false;
            item->reason = arena_printf(work->arena, "%s (--tuning %s=on)",
                                        doc_get_text(holds, "unsettled", "unsettled"), work->profiles[i].name);
        }
    }
}

// --- what the user says ---

struct choice {
    const char *name;
    bool is_on;
};

static int parse_choice(struct arena *arena, const char *text, struct choice *ret, struct error **err) {
    const char *equals = strrchr(text, '=');
    bool is_on = equals && str_eq(equals + 1, "on");
    if (!equals || equals == text || (!is_on && !str_eq(equals + 1, "off")))
        return error_set(err, ERROR_INVALID, "--tuning: '%s' is not NAME=on or NAME=off", text);
    *ret = (struct choice){.name = arena_strndup(arena, text, (size_t)(equals - text)), .is_on = is_on};
    if (is_on && str_eq(ret->name, "all")) {
        error_set(err, ERROR_INVALID, "--tuning: all settings can be turned off together, but not on");
        return error_hint(err, "some of them cost memory or isolation; name those that you want");
    }
    return 0;
}

static int unknown_choice(struct tuning_work *work, const char *name, struct error **err) {
    const char **names = arena_new_array(work->arena, const char *, work->item_count + work->profile_count + 1);
    size_t count = 0;
    _cleanup_text_ struct text list = {0};
    for (size_t i = 0; i < work->item_count; i++)
        names[count++] = work->items[i].name;
    for (size_t i = 0; i < work->profile_count; i++)
        names[count++] = work->profiles[i].name;
    for (size_t i = 0; i < count; i++)
        text_addf(&list, "%s%s", i ? ", " : "", names[i]);
    error_set(err, ERROR_INVALID, "--tuning: this recipe has no setting or profile '%s'; it has %s", name,
              count ? text_str(&list) : "none");
    const char *near = suggest_nearest(name, names, count);
    return near ? error_hint(err, "did you mean '%s'?", near) : -ERROR_INVALID;
}

static void set_item(struct tuning_item *item, bool is_on) {
    item->is_enabled = is_on;
    item->was_chosen = true;
    item->reason = is_on ? NULL : "turned off by --tuning";
}

static void choose_profile(struct tuning_work *work, const struct tuning_profile *profile, bool is_on) {
    DOC_FOREACH_ITEM(named, doc_get(profile->spec, "settings")) {
        struct tuning_item *item = find_item(work, doc_get_text(named, "name", ""));
        // Turning a profile on brings what it sets by default, not what it leaves to be asked for by name.
        if (item && (!is_on || doc_get_bool(named, "enabled", true)))
            set_item(item, is_on);
    }
}

static int choose(struct tuning_work *work, const struct choice *choice, struct error **err) {
    struct tuning_item *item = find_item(work, choice->name);
    const struct tuning_profile *profile = find_profile(work, choice->name);
    if (str_eq(choice->name, "all"))
        for (size_t i = 0; i < work->item_count; i++)
            set_item(&work->items[i], false);
    else if (item)
        set_item(item, choice->is_on);
    else if (profile)
        choose_profile(work, profile, choice->is_on);
    else
        return unknown_choice(work, choice->name, err);
    return 0;
}

int tuning_switch(struct tuning_work *work, struct error **err) {
    const struct tuning_request *request = work->request;
    struct choice *choices = arena_new_array(work->arena, struct choice, request->choice_count + 1);
    for (size_t i = 0; i < request->choice_count; i++) {
        int r = parse_choice(work->arena, request->choices[i], &choices[i], err);
        if (r < 0)
            return r;
        struct tuning_profile *profile = find_profile(work, choices[i].name);
        if (profile)
            profile->is_released = choices[i].is_on;
    }
    take_defaults(work);
    hold_back(work);
    for (size_t i = 0; i < request->choice_count; i++) {
        int r = choose(work, &choices[i], err);
        if (r < 0)
            return r;
    }
    return 0;
}
