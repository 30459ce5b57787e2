// SPDX-License-Identifier: Apache-2.0
// Rules of lint about components: registry, pins, dependencies in what overlays resolve to, sources and reasons.
#include "base/text.h"
#include "base/vec.h"
#include "catalog/facts.h"
#include "catalog/pin.h"
#include "lint/context.h"

// --- registry ---

void lint_rule_unregistered(struct lint *lint) {
    const struct registry_entry *entries = NULL;
    size_t count = 0;
    _cleanup_error_ struct error *ignored = NULL;
    if (!lint->catalog || catalog_registry(lint->catalog, &entries, &count, &ignored) < 0)
        return;
    const char **known = arena_new_array(lint->arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        known[i] = entries[i].name;
    LINT_FOREACH_LAYER(layer, lint) {
        DOC_FOREACH_ITEM(ref, doc_get(layer->spec, "componentRefs")) {
            const struct doc *name = doc_get(ref, "name");
            if (doc_is_scalar(name) && !lint_registry_entry(lint, doc_text(name)))
                lint_find(lint, name->origin,
                          lint_suggest(lint, doc_text(name), known, count, "add an entry to registry.yaml"),
                          "component '%s' is not in the registry", doc_text(name));
        }
    }
}

// --- pins ---

static void check_pin(struct lint *lint, const struct doc *owner, const char *key, const char *name) {
    const struct doc *version = doc_get(owner, key);
    if (doc_is_scalar(version) && !str_is_empty(doc_text(version)) && version_is_floating(doc_text(version)))
        lint_find(lint, version->origin, "name one released version", "the %s '%s' of %s does not name one version",
                  key, doc_text(version), name);
}

static void check_resolved_pin(struct lint *lint, const struct lint_overlay *overlay,
                               const struct component *component) {
    bool is_kustomization = component->type == COMPONENT_KUSTOMIZE;
    // A pin that floats is told where it stands.
    if (component_is_pinned(component) || !str_is_empty(is_kustomization ? component->tag : component->version))
        return;
    const struct doc *place = lint_registry_entry(lint, component->name);
    DOC_FOREACH_ITEM(ref, doc_get(overlay->spec, "componentRefs"))
    if (str_eq(doc_get_text(ref, "name", NULL), component->name))
        place = ref;
    lint_find(lint, place ? place->origin : component->doc->origin,
              is_kustomization ? "give the componentRef a tag, or the registry a defaultTag"
                               : "give the componentRef a version, or the registry a defaultVersion",
              "component '%s' has no %s", component->name, is_kustomization ? "tag" : "version");
}

void lint_rule_pins(struct lint *lint) {
    const struct lint_file *registry = lint_document(lint, LINT_REGISTRY);
    DOC_FOREACH_ITEM(item, registry ? doc_get(registry->doc, "components") : NULL) {
        const char *name = doc_get_text(item, "name", "?");
        check_pin(lint, doc_get(item, "helm"), "defaultVersion", name);
        check_pin(lint, doc_get(item, "kustomize"), "defaultTag", name);
    }
    LINT_FOREACH_LAYER(layer, lint) {
        DOC_FOREACH_ITEM(ref, doc_get(layer->spec, "componentRefs")) {
            check_pin(lint, ref, "version", doc_get_text(ref, "name", "?"));
            check_pin(lint, ref, "tag", doc_get_text(ref, "name", "?"));
        }
    }
    LINT_FOREACH_OVERLAY(overlay, lint) {
        for (size_t i = 0; overlay->recipe && i < overlay->recipe->component_count; i++)
            check_resolved_pin(lint, overlay, &overlay->recipe->components[i]);
    }
}

// --- dependencies ---

static void check_dependencies(struct lint *lint, struct lint_overlay *overlay, const struct doc *components) {
    const char **known = arena_new_array(lint->arena, const char *, doc_count(components));
    size_t count = 0;
    DOC_FOREACH_MEMBER(member, components)
    known[count++] = member->key;
    DOC_FOREACH_MEMBER(member, components) {
        DOC_FOREACH_ITEM(reference, doc_get(member->value, "dependencyRefs")) {
            if (!doc_is_scalar(reference) || doc_get(components, doc_text(reference)))
                continue;
            overlay->is_explained = true;
            const char *other = arena_printf(lint->arena, "add '%s' to componentRefs, or take it out of dependencyRefs",
                                             doc_text(reference));
            // Where one reference is wrong in many recipes, the first of them stands for all.
            const char *key = arena_printf(lint->arena, "%p", (const void *)reference);
            if (map_put(&lint->seen, key, lint))
                lint_find(lint, reference->origin, lint_suggest(lint, doc_text(reference), known, count, other),
                          "component '%s' depends on '%s', which is not part of the recipe of overlay '%s'",
                          member->key, doc_text(reference), overlay->head.name);
        }
    }
}

void lint_rule_dependencies(struct lint *lint) {
    LINT_FOREACH_OVERLAY(overlay, lint) {
        if (overlay->is_merged)
            check_dependencies(lint, overlay, overlay->merger.components);
    }
}

// As in a recipe (model/recipe.c); it also bounds the depth of the search.
#define COMPONENT_LIMIT 1000

struct walk {
    const struct doc *components;
    struct map marks; // name -> 1 on the path, 2 done
    struct text path;
    const struct doc *closing; // the reference that closes the circle
    const char *start;
};

#define ON_PATH ((void *)1)
#define DONE ((void *)2)

static bool find_circle(struct walk *walk, const char *name) {
    size_t length = walk->path.length;
    map_put(&walk->marks, name, ON_PATH);
    text_addf(&walk->path, "%s -> ", name);
    DOC_FOREACH_ITEM(reference, doc_get(doc_get(walk->components, name), "dependencyRefs")) {
        const struct doc_member *next =
            doc_is_scalar(reference) ? doc_member(walk->components, reference->text, reference->length) : NULL;
        void *mark = next ? map_get(&walk->marks, next->key) : DONE;
        if (mark == ON_PATH) {
            walk->closing = reference;
            walk->start = next->key;
            return true;
        }
        if (mark != DONE && find_circle(walk, next->key))
            return true;
    }
    map_put(&walk->marks, name, DONE);
    text_truncate(&walk->path, length);
    return false;
}

// The circle without the way that led into it, told from its smallest name so that each is found once.
static const char *circle_text(struct lint *lint, const struct walk *walk) {
    size_t skip = 0;
    const char *path = text_str(&walk->path);
    _cleanup_strvec_ struct strvec names = {0};
    for (const char *at = path; *at; at = strstr(at, " -> ") + strlen(" -> "))
        strvec_add_bytes(&names, at, (size_t)(strstr(at, " -> ") - at));
    while (!str_eq(names.items[skip], walk->start))
        skip++;
    size_t first = skip, count = names.count - skip;
    for (size_t i = skip; i < names.count; i++)
        first = strcmp(names.items[i], names.items[first]) < 0 ? i : first;
    _cleanup_text_ struct text out = {0};
    for (size_t i = 0; i <= count; i++)
        text_addf(&out, "%s%s", i ? " -> " : "", names.items[skip + (first - skip + i) % count]);
    return arena_strdup(lint->arena, text_str(&out));
}

static void check_circles(struct lint *lint, struct lint_overlay *overlay, const struct doc *components) {
    struct walk walk = {.components = components};
    DOC_FOREACH_MEMBER(member, components) {
        if (map_get(&walk.marks, member->key) || !find_circle(&walk, member->key))
            continue;
        const char *circle = circle_text(lint, &walk);
        overlay->is_explained = true;
        if (map_put(&lint->seen, circle, lint))
            lint_find(lint, walk.closing->origin, "take one of these dependencies out",
                      "dependencies go round in a circle: %s", circle);
        break;
    }
    map_done(&walk.marks);
    text_done(&walk.path);
}

// Recipes that the engine could order have none; those over its limit are told by another rule.
void lint_rule_dependency_circles(struct lint *lint) {
    LINT_FOREACH_OVERLAY(overlay, lint) {
        if (overlay->is_merged && overlay->error && doc_count(overlay->merger.components) <= COMPONENT_LIMIT)
            check_circles(lint, overlay, overlay->merger.components);
    }
}

// The engine stops at the first mistake that it meets, and most of them have rules of their own.
static bool is_told(struct lint *lint, const struct error *error) {
    for (size_t i = 0; i < lint->report->count; i++) {
        const struct check *check = &lint->report->checks[i];
        const char *colon = check->status == CHECK_FAILED && check->where ? strchr(check->where, ':') : NULL;
        if (!colon)
            continue;
        size_t length = (size_t)(colon - check->where) + 1 + strspn(colon + 1, "0123456789");
        if (strncmp(error->message, check->where, length) == 0 && error->message[length] == ':')
            return true;
    }
    return false;
}

// What no other rule has told.
void lint_rule_resolves(struct lint *lint) {
    LINT_FOREACH_OVERLAY(overlay, lint) {
        if (overlay->error && !overlay->is_explained && !is_told(lint, overlay->error))
            lint_find_error(lint, overlay->error, "correct what the message names");
    }
}

// --- sources and reasons ---

static void check_provenance(struct lint *lint, const struct doc *item, const char *source_key, const char *what) {
    const char *name = doc_get_text(item, "name", "?");
    const struct doc *source = doc_get(item, source_key);
    bool has_source = doc_is_scalar(source) ? !str_is_empty(doc_text(source)) : doc_count(source) > 0;
    bool has_why = !str_is_empty(doc_get_text(item, "why", NULL));
    if (!has_source || !has_why)
        lint_find(lint, item->origin,
                  arena_printf(lint->arena, "say where it comes from (%s) and why it is so (why)", source_key),
                  "%s '%s' has no %s", what, name,
                  has_source ? "why"
                  : has_why  ? source_key
                             : "source and no why");
}

static void check_layer_sources(struct lint *lint, const struct lint_layer *layer) {
    DOC_FOREACH_ITEM(item, doc_get(layer->spec, "constraints"))
    check_provenance(lint, item, "source", "constraint");
    DOC_FOREACH_ITEM(item, doc_get(layer->spec, "componentRefs"))
    check_provenance(lint, item, "sources", "component");
    DOC_FOREACH_MEMBER(phase, doc_get(layer->spec, "validation")) {
        DOC_FOREACH_ITEM(item, doc_get(phase->value, "constraints"))
        check_provenance(lint, item, "source", "constraint");
    }
}

// The choices themselves need a reason as well as what they set.
static void check_profile_sources(struct lint *lint, const struct lint_overlay *overlay) {
    DOC_FOREACH_MEMBER(value, doc_get(doc_get(overlay->spec, "profile"), "values"))
    if (doc_is(value->value, DOC_MAP) && (str_is_empty(doc_get_text(value->value, "source", NULL)) ||
                                          str_is_empty(doc_get_text(value->value, "why", NULL))))
        lint_find(lint, value->key_origin, "say where it comes from (source) and why one would choose it (why)",
                  "the value '%s' of a profile has no source or no why", value->key);
}

static void check_values(struct lint *lint, const struct doc *facts, const struct lint_file *file,
                         const struct doc *doc, struct text *path) {
    size_t length = path->length;
    if (doc_is(doc, DOC_MAP) && doc_count(doc) > 0) {
        DOC_FOREACH_MEMBER(member, doc) {
            text_addf(path, "%s%s", length ? "." : "", member->key);
            check_values(lint, facts, file, member->value, path);
            text_truncate(path, length);
        }
        return;
    }
    if (!length)
        return;
    struct fact fact = facts_find(facts, file->file.name, text_str(path));
    if (!fact.source || !fact.why)
        lint_find(lint, doc->origin,
                  arena_printf(lint->arena, "add a fact about it to components/%s/facts.yaml", file->component),
                  "no fact tells where the value %s comes from and why", text_str(path));
}

static void check_upgrade_sources(struct lint *lint, const struct lint_file *file) {
    DOC_FOREACH_ITEM(item, doc_get(file->doc, "transitions"))
    if (doc_is(item, DOC_MAP) && str_is_empty(doc_get_text(item, "source", NULL)))
        lint_find(lint, item->origin, "say where it is known from; for what nobody knows, say that (source)",
                  "a transition of %s has no source", file->component);
}

void lint_rule_sources(struct lint *lint) {
    const struct lint_file *registry = lint_document(lint, LINT_REGISTRY);
    DOC_FOREACH_ITEM(item, registry ? doc_get(registry->doc, "components") : NULL)
    check_provenance(lint, item, "source", "registry entry");
    LINT_FOREACH_LAYER(layer, lint) {
        if (!layer->is_predecessor)
            check_layer_sources(lint, layer);
    }
    LINT_FOREACH_OVERLAY(overlay, lint) {
        if (!overlay->head.is_predecessor)
            check_profile_sources(lint, overlay);
    }
    LINT_FOREACH_FILE(file, lint) {
        if (file->kind == LINT_UPGRADES)
            check_upgrade_sources(lint, file);
        // Known values are names for --set; no recipe sets them.
        if (file->kind != LINT_VALUES || !file->doc || str_has_suffix(file->file.path, "/known-values.yaml"))
            continue;
        _cleanup_text_ struct text path = {0};
        const struct lint_file *facts =
            lint_file(lint, arena_printf(lint->arena, "components/%s/facts.yaml", file->component));
        check_values(lint, facts ? facts->doc : NULL, file, file->doc, &path);
    }
}
