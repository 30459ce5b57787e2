// SPDX-License-Identifier: Apache-2.0
#include "usecase/bundle.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "io/source.h"
#include "io/tree_writer.h"
#include "recipe/hydrate.h"
#include "usecase/recipe.h"

#define SET_FILE_LIMIT ((size_t)1024 * 1024)

static int read_set_file(struct arena *arena, struct override *override, struct error **err) {
    _cleanup_text_ struct text content = {0};
    int r = file_read(override->text, SET_FILE_LIMIT, &content, err);
    if (r < 0)
        return error_prefix(err, "--set-file");
    if (!utf8_is_valid(text_str(&content), content.length, NULL) || memchr(text_str(&content), 0, content.length))
        return error_set(err, ERROR_INVALID, "--set-file: %s: is no UTF-8 text, so it cannot be a value",
                         override->text);
    struct doc *value = doc_new_string_bytes(arena, text_str(&content), content.length);
    value->origin.source = override->text;
    override->value = value;
    return 0;
}

static int parse_override(struct arena *arena, const char *word, struct override_list *list, struct error **err) {
    for (int kind = OVERRIDE_SET; kind <= OVERRIDE_FILE; kind++) {
        size_t length = strlen(override_kind_names[kind]);
        if (!str_has_prefix(word, override_kind_names[kind]) || word[length] != ':')
            continue;
        size_t before = list->count;
        int r = override_parse(arena, (enum override_kind)kind, word + length + 1, list, err);
        for (size_t i = before; i < list->count && r >= 0 && kind == OVERRIDE_FILE; i++)
            r = read_set_file(arena, &list->items[i], err);
        return r;
    }
    return error_set(err, ERROR_INTERNAL, "'%s' is no kind of override", word);
}

static int parse_overrides(struct arena *arena, const struct strvec *words, struct override_list *list,
                           struct error **err) {
    int r = 0;
    for (size_t i = 0; words && i < words->count && r >= 0; i++)
        r = parse_override(arena, words->items[i], list, err);
    return r;
}

// A recipe that another version of the program made, or another program, refers to values by name. Ours of that name
// were made for the versions in our registry, and the recipe's versions may want others.
static void tell_strange_values(const struct recipe *recipe) {
    _cleanup_text_ struct text list = {0};
    for (size_t i = 0; i < recipe->component_count; i++) {
        const struct component *component = &recipe->components[i];
        const struct doc *helm = component->registry ? doc_get(component->registry->doc, "helm") : NULL;
        const char *version = doc_get_text(helm, "defaultVersion", NULL);
        if (version && component->version && component->values_file && !doc_get(component->doc, "values") &&
            !str_eq(version, component->version))
            text_addf(&list, "%s%s %s (values for %s)", list.length ? ", " : "", component->name, component->version,
                      version);
    }
    if (list.length)
        log_warning("%s was made by version %s and names values that are not part of it: they come from the built-in "
                    "knowledge, which is for other chart versions: %s. --catalog DIR takes the folder that the recipe "
                    "was made from",
                    recipe->source ? recipe->source : "the recipe", recipe->version ? recipe->version : "(unknown)",
                    text_str(&list));
}

static int load_recipe(struct arena *arena, const struct bundle_arguments *arguments, struct catalog *catalog,
                       struct recipe **ret, struct error **err) {
    const struct doc *doc = NULL;
    struct recipe *recipe = NULL;
    int r = source_load(arena, arguments->recipe, NULL, &doc, err);
    if (r >= 0)
        r = recipe_from_doc(arena, doc, &recipe, err);
    if (r >= 0) {
        recipe_tell_remarks(recipe);
        recipe_tell_catalog(recipe, catalog_identity(catalog));
        recipe->note_count = 0; // they name the place, on which the bundle's bytes must not depend
        r = recipe_hydrate(arena, catalog, recipe, err);
    }
    if (r < 0)
        return r;
    if (!arguments->knowledge.catalog && (!recipe->version || !str_eq(recipe->version, CNS_VERSION)))
        tell_strange_values(recipe);
    *ret = recipe;
    return 0;
}

// components/<name>/known-values.yaml: what a chart understands beyond the values that the recipe sets.
static int find_known_values(struct arena *arena, struct catalog *catalog, const struct recipe *recipe,
                             const struct override_list *overrides, const struct doc *const **ret, struct error **err) {
    *ret = NULL;
    if (!overrides->count)
        return 0;
    const struct doc **known = arena_new_array(arena, const struct doc *, recipe->component_count + 1);
    for (size_t i = 0; i < recipe->component_count; i++) {
        const char *path = arena_printf(arena, "components/%s/known-values.yaml", recipe->components[i].name);
        if (!catalog_find_file(catalog, path))
            continue;
        int r = catalog_document(catalog, path, &known[i], err);
        if (r < 0)
            return r;
    }
    *ret = known;
    return 0;
}

// What tree_write needs; the marker is the first line of plan.yaml.
static struct tree_writer_spec writer_spec(const struct bundle_arguments *arguments) {
    return (struct tree_writer_spec){.folder = arguments->output,
                                     .list_name = BUNDLE_CHECKSUMS,
                                     .marker_name = "plan.yaml",
                                     .marker = "kind: BundlePlan\n",
                                     .force = arguments->force};
}

static int write_bundle(struct arena *arena, const struct bundle_arguments *arguments, struct bundle_result *result,
                        struct error **err) {
    const struct tree *tree = &result->bundle.tree;
    struct tree_writer_file *files = arena_new_array(arena, struct tree_writer_file, tree->count + 1);
    for (size_t i = 0; i < tree->count; i++)
        files[i] = (struct tree_writer_file){tree->files[i].path, tree->files[i].bytes, tree->files[i].length,
                                             tree->files[i].is_executable};
    struct tree_writer_spec spec = writer_spec(arguments);
    spec.files = files;
    spec.count = tree->count;
    _cleanup_free_ char *aside = NULL;
    int r = tree_write(&spec, &aside, err);
    if (r >= 0 && aside)
        result->aside = arena_strdup(arena, aside);
    return r;
}

// "oci://..." must not become a folder called "oci:".
static int check_place(const char *output, struct error **err) {
    const char *scheme_end = strstr(output, "://");
    if (!scheme_end)
        return 0;
    int length = (int)(scheme_end - output);
    error_set(err, ERROR_UNAVAILABLE, "%s: this version writes bundles to folders, not to %.*s://", output, length,
              output);
    return error_hint(err, "name a folder, such as ./bundle");
}

struct preparation {
    struct override_list overrides;
    struct schedule schedule;
    struct catalog *catalog;
    struct recipe *recipe;
    const struct doc *const *known_values;
};

// Everything that is read, the cheap refusals first.
static int prepare(struct arena *arena, const struct bundle_arguments *arguments, struct preparation *ret,
                   struct error **err) {
    const struct deployer *deployer = NULL;
    struct tree_writer_spec spec = writer_spec(arguments);
    int r = deployer_find(arguments->deployer, &deployer, err);
    if (r >= 0)
        r = schedule_parse(arena, &arguments->schedule, &ret->schedule, err);
    if (r >= 0)
        r = parse_overrides(arena, arguments->overrides, &ret->overrides, err);
    if (r >= 0)
        r = check_place(arguments->output, err);
    if (r >= 0 && !arguments->skips_writing)
        r = tree_write_check(&spec, err);
    if (r >= 0)
        r = knowledge_open(arena, &arguments->knowledge, &ret->catalog, err);
    if (r >= 0)
        r = load_recipe(arena, arguments, ret->catalog, &ret->recipe, err);
    if (r >= 0)
        r = find_known_values(arena, ret->catalog, ret->recipe, &ret->overrides, &ret->known_values, err);
    return r;
}

int bundle_make(struct arena *arena, const struct bundle_arguments *arguments, struct bundle_result *ret,
                struct error **err) {
    struct preparation *prepared = arena_new_object(arena, struct preparation);
    struct bundle_request *request = arena_new_object(arena, struct bundle_request);
    int r = prepare(arena, arguments, prepared, err);
    if (r < 0)
        return r;
    *request = (struct bundle_request){
        .recipe = prepared->recipe,
        .known_values = prepared->known_values,
        .overrides = &prepared->overrides,
        .schedule = &prepared->schedule,
        .allows_unknown = arguments->allows_unknown,
        .deployer = arguments->deployer,
        .program_version = CNS_VERSION,
    };
    struct bundle_result result = {0};
    r = bundle_render(arena, request, &result.bundle, err);
    if (r >= 0 && !arguments->skips_writing)
        r = write_bundle(arena, arguments, &result, err);
    if (r >= 0)
        *ret = result;
    return r;
}
