// SPDX-License-Identifier: Apache-2.0
#include "bundle/profile.h"
#include "base/text.h"

static int refuse(const struct recipe_profile *profile, const struct override *override, const char *path,
                  struct error **err) {
    error_set(err, ERROR_CONFLICT, "--%s %s: the profile %s=%s of this recipe decides about %s:%s",
              override_kind_names[override->kind], override->argument, profile->name, profile->value, override->name,
              path);
    return error_hint(err,
                      "make the recipe with another value of the profile: cnsctl recipe --profile %s=VALUE; cnsctl "
                      "explain profile.%s shows which there are",
                      profile->name, profile->name);
}

static int check_path(struct arena *arena, const struct recipe_profile *profile, const struct override *override,
                      const struct doc *owned, const struct doc *before, const struct doc *after, struct error **err) {
    struct doc_path path;
    int r = doc_path_parse(arena, doc_text(owned), &path, err);
    if (r < 0)
        return error_prefix(err, "%s", doc_origin_text(arena, owned->origin));
    const struct doc *old = doc_path_find(before, &path, NULL), *new = doc_path_find(after, &path, NULL);
    return old == new || (old && new &&doc_equal(old, new)) ? 0 : refuse(profile, override, doc_text(owned), err);
}

int profile_check_override(struct arena *arena, const struct recipe *recipe, const char *component,
                           const struct override *override, const struct doc *before, const struct doc *after,
                           struct error **err) {
    int r = 0;
    for (size_t i = 0; i < recipe->profile_count; i++) {
        DOC_FOREACH_ITEM(owned, doc_get(recipe->profiles[i].owned_paths, component))
        r = r < 0 ? r : check_path(arena, &recipe->profiles[i], override, owned, before, after, err);
    }
    return r;
}

int profile_check_switch(const struct recipe *recipe, const char *component, const struct override *override,
                         struct error **err) {
    for (size_t i = 0; i < recipe->profile_count; i++) {
        bool is_owned = false;
        DOC_FOREACH_ITEM(owned, doc_get(recipe->profiles[i].owned_paths, component))
        is_owned = is_owned || str_eq(doc_text(owned), "enabled");
        if (is_owned)
            return refuse(&recipe->profiles[i], override, "enabled", err);
    }
    return 0;
}
