// SPDX-License-Identifier: Apache-2.0
#include "collect/selection.h"
#include "base/suggest.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <strings.h>

// What a list does with the collectors that it names.
enum list_use { USE_FILTER, USE_EXCLUDE, USE_REQUIRE };

struct lists {
    const struct collector *const *table;
    size_t count;
    struct selection *selections;
};

char *collector_name(const struct collector *collector) {
    return collector->subtype ? xasprintf("%s.%s", collector->type, collector->subtype) : xstrdup(collector->type);
}

void selection_free(struct selection *selections, size_t count) {
    for (size_t i = 0; selections && i < count; i++) {
        strvec_done(&selections[i].subtypes);
        strvec_done(&selections[i].excluded_subtypes);
    }
    free(selections);
}

static void known_names(const struct lists *lists, struct strvec *names) {
    for (size_t i = 0; i < lists->count; i++) {
        const struct collector *row = lists->table[i];
        strvec_add(names, row->type);
        if (row->subtype)
            strvec_addf(names, "%s.%s", row->type, row->subtype);
        for (const char *const *pattern = row->subtypes; pattern && *pattern; pattern++)
            strvec_addf(names, "%s.%s", row->type, *pattern);
    }
    strvec_sort_unique(names);
}

static int unknown_name(const struct lists *lists, const char *option, const char *name, struct error **err) {
    _cleanup_strvec_ struct strvec names = {0};
    known_names(lists, &names);
    const char *nearest = suggest_nearest(name, (const char *const *)names.items, names.count);
    _cleanup_free_ char *all = strvec_join(&names, ", ");
    error_set(err, ERROR_INVALID, "--%s: no collector is called '%s'%s%s%s", option, name,
              nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    return error_hint(err, "known are (in any case): %s", all);
}

// True when the collector of several subtypes can make one of that name.
static bool can_make(const struct collector *row, const char *subtype) {
    for (const char *const *pattern = row->subtypes; pattern && *pattern; pattern++)
        if (fnmatch(*pattern, subtype, FNM_CASEFOLD) == 0)
            return true;
    return false;
}

static void take(struct selection *selection, enum list_use use, const char *dynamic_subtype) {
    switch (use) {
    case USE_FILTER:
        // Named as a whole and by a part: the whole wins.
        if (!dynamic_subtype)
            selection->is_whole = true;
        else
            strvec_add(&selection->subtypes, dynamic_subtype);
        selection->is_selected = true;
        break;
    case USE_EXCLUDE:
        if (dynamic_subtype)
            strvec_add(&selection->excluded_subtypes, dynamic_subtype);
        else
            selection->is_selected = false;
        break;
    case USE_REQUIRE:
        selection->is_required = true;
        break;
    }
}

static bool apply_name(const struct lists *lists, const char *name, enum list_use use) {
    const char *dot = strchr(name, '.');
    size_t type_length = dot ? (size_t)(dot - name) : strlen(name);
    bool is_known = false;
    for (size_t i = 0; i < lists->count; i++) {
        const struct collector *row = lists->table[i];
        if (strlen(row->type) != type_length || strncasecmp(row->type, name, type_length) != 0)
            continue;
        bool is_row = !dot || (row->subtype && str_eq_ignore_case(row->subtype, dot + 1));
        bool is_part = dot && !row->subtype && can_make(row, dot + 1);
        if (is_row || is_part)
            take(&lists->selections[i], use, is_part ? dot + 1 : NULL);
        is_known |= is_row || is_part;
    }
    return is_known;
}

static int apply_list(const struct lists *lists, const char *option, const struct strvec *names, enum list_use use,
                      struct error **err) {
    for (size_t i = 0; names && i < names->count; i++)
        if (!apply_name(lists, names->items[i], use))
            return unknown_name(lists, option, names->items[i], err);
    return 0;
}

static int check_required(const struct lists *lists, const struct strvec *require, struct error **err) {
    for (size_t i = 0; require && i < require->count; i++) {
        struct selection *one = xcalloc(lists->count, sizeof *one);
        apply_name(&(struct lists){lists->table, lists->count, one}, require->items[i], USE_FILTER);
        bool is_left = false;
        for (size_t j = 0; j < lists->count; j++)
            is_left |= one[j].is_selected && lists->selections[j].is_selected;
        selection_free(one, lists->count);
        if (!is_left)
            return error_set(err, ERROR_INVALID, "--require: '%s' is required, but --filter or --exclude leaves it out",
                             require->items[i]);
    }
    return 0;
}

int selection_make(const struct collector *const *table, size_t count, const struct strvec *filter,
                   const struct strvec *exclude, const struct strvec *require, struct selection **ret,
                   struct error **err) {
    struct lists lists = {table, count, xcalloc(count ? count : 1, sizeof(struct selection))};
    bool has_filter = filter && filter->count;
    for (size_t i = 0; i < count; i++)
        lists.selections[i].is_selected = lists.selections[i].is_whole = !has_filter;
    int r = apply_list(&lists, "filter", filter, USE_FILTER, err);
    for (size_t i = 0; i < count; i++)
        if (lists.selections[i].is_whole)
            strvec_done(&lists.selections[i].subtypes);
    if (r == 0)
        r = apply_list(&lists, "exclude", exclude, USE_EXCLUDE, err);
    if (r == 0)
        r = apply_list(&lists, "require", require, USE_REQUIRE, err);
    if (r == 0)
        r = check_required(&lists, require, err);
    if (r < 0) {
        selection_free(lists.selections, count);
        return r;
    }
    *ret = lists.selections;
    return 0;
}
