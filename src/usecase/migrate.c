// SPDX-License-Identifier: Apache-2.0
#include "usecase/migrate.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "catalog/detect.h"
#include "catalog/mixin.h"
#include "io/source.h"
#include "migrate/migration_write.h"
#include "recipe/hydrate.h"
#include "recipe/resolve.h"
#include "usecase/deliver.h"

#define INVENTORY_LIMIT ((size_t)4 * 1024 * 1024)

// What is read before anything is judged.
struct inputs {
    const char *values_name, *inventory_name, *release_name; // NULL: none
    struct migration_input input;
    struct inventory *inventory;
};

struct migrating {
    struct arena *arena;
    const struct migrate_arguments *arguments;
    struct catalog *catalog;
    struct vocabulary *vocabulary;
    struct inputs inputs;
    struct mapping *mapping;
    struct migration *migration;
    struct criteria criteria;
    struct recipe *recipe;
};

// --- inputs ---

static const char *in_folder(struct arena *arena, const char *folder, const char *name) {
    return arena_printf(arena, "%s/%s", folder, name);
}

static int read_release(struct migrating *migrating, const char *name, struct error **err) {
    const struct doc *doc = NULL;
    int r = source_load(migrating->arena, name, NULL, &doc, err);
    if (r < 0)
        return r;
    migrating->inputs.release_name = name;
    migrating->inputs.input.release = doc_get_text(doc, "cns_version", doc_get_text(doc, "cnc_version", NULL));
    if (!migrating->inputs.input.release)
        return doc_error(err, ERROR_INVALID, doc->origin, "this file should say cns_version");
    return 0;
}

// A folder of playbooks: cns_version.yaml says which values file is used, hosts is the inventory.
static int look_into_folder(struct migrating *migrating, const char *folder, struct error **err) {
    struct arena *arena = migrating->arena;
    struct inputs *inputs = &migrating->inputs;
    const char *version = in_folder(arena, folder, "cns_version.yaml"), *hosts = in_folder(arena, folder, "hosts");
    if (path_exists(version)) {
        int r = read_release(migrating, version, err);
        if (r < 0)
            return r;
        inputs->values_name =
            in_folder(arena, folder, arena_printf(arena, "cns_values_%s.yaml", inputs->input.release));
    }
    if (!inputs->values_name || !path_exists(inputs->values_name))
        inputs->values_name = in_folder(arena, folder, "cns_values.yaml");
    if (!path_exists(inputs->values_name)) {
        error_set(err, ERROR_NOT_FOUND, "%s: there is no values file of Cloud Native Stack in this folder", folder);
        return error_hint(err, "name the file, such as cns_values_18.0.yaml; for documents say --to FORMAT");
    }
    inputs->inventory_name = path_exists(hosts) ? hosts : NULL;
    return 0;
}

static int read_inventory(struct migrating *migrating, struct error **err) {
    const char *name = migrating->inputs.inventory_name;
    _cleanup_text_ struct text content = {0};
    if (!name)
        return 0;
    int r = file_read(name, INVENTORY_LIMIT, &content, err);
    if (r == 0)
        r = inventory_parse(migrating->arena, text_str(&content), content.length, name, &migrating->inputs.inventory,
                            err);
    if (r == 0)
        migrating->inputs.input.inventory = migrating->inputs.inventory;
    return r;
}

static int read_inputs(struct migrating *migrating, struct error **err) {
    const struct migrate_arguments *arguments = migrating->arguments;
    struct inputs *inputs = &migrating->inputs;
    int r = 0;
    if (path_is_directory(arguments->input))
        r = look_into_folder(migrating, arguments->input, err);
    else
        inputs->values_name = arguments->input;
    if (arguments->inventory)
        inputs->inventory_name = arguments->inventory;
    if (r == 0)
        r = source_load(migrating->arena, inputs->values_name, NULL, &inputs->input.file, err);
    return r < 0 ? r : read_inventory(migrating, err);
}

// --- the map ---

static int refuse(const struct doc *file, struct error **err) {
    const char *kind = doc_get_text(file, "kind", NULL);
    if (kind) {
        doc_error(err, ERROR_INVALID, file->origin, "this document is a %s, which is no configuration file", kind);
        return error_hint(err, "documents are converted with --to FORMAT");
    }
    if (doc_get(file, "versions") && doc_get(file, "latest"))
        return doc_error(err, ERROR_INVALID, file->origin,
                         "this is the list of releases of Cloud Native Stack, which holds nothing to carry");
    if (doc_count(file) == 1 && (doc_get(file, "cns_version") || doc_get(file, "cnc_version"))) {
        doc_error(err, ERROR_INVALID, file->origin, "this file only says which values file is used");
        return error_hint(err, "name that file, or the folder in which both stand");
    }
    doc_error(err, ERROR_INVALID, file->origin, "this is no configuration file that is known here");
    return error_hint(err,
                      "a values file of Cloud Native Stack v1 (cns_values*.yaml), an AICRConfig, or a document with "
                      "--to FORMAT can be read");
}

static int find_mapping(struct migrating *migrating, struct error **err) {
    static const char *const maps[] = {"migrate/cns-v1.yaml", "migrate/aicr-config.yaml"};
    const struct doc *file = migrating->inputs.input.file;
    bool is_version_file = doc_count(file) == 1 && !doc_get(file, "spec");
    bool is_values = doc_is(file, DOC_MAP) && !is_version_file;
    for (size_t i = 0; is_values && i < ARRAY_SIZE(maps); i++) {
        const struct doc *map = NULL;
        int r = catalog_builtin_document(migrating->catalog, maps[i], &map, err);
        if (r < 0)
            return r;
        if (mapping_is_for(map, file))
            return mapping_open(migrating->arena, map, &migrating->mapping, err);
    }
    return refuse(file, err);
}

// --- the recipe that the criteria lead to ---

static void add_criteria_row(struct migrating *migrating, int field, const char *word, const struct error *error) {
    struct arena *arena = migrating->arena;
    verdict_add(&migrating->migration->report,
                &(struct verdict_row){.id = criteria_field_names[field],
                                      .phase = "criteria",
                                      .value = word,
                                      .why = arena_printf(arena, "%s leads to it, but: %s.",
                                                          migrating->migration->criteria_from[field], error->message),
                                      .todo = arena_printf(arena, "Say --%s.", criteria_field_names[field]),
                                      .verdict = VERDICT_DECISION});
}

// Words that the knowledge in use does not have are told, and are then left to the user.
static void resolve_words(struct migrating *migrating) {
    struct migration *migration = migrating->migration;
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        _cleanup_error_ struct error *unknown = NULL;
        const char *word = migration->criteria[i], *where = criteria_field_names[i];
        if (!word)
            continue;
        if (vocabulary_resolve(migrating->vocabulary, i, word, where, &migrating->criteria.field[i], &unknown) < 0) {
            add_criteria_row(migrating, i, word, unknown);
            migration->criteria[i] = NULL;
        }
    }
}

// A snapshot knows the machines; a default of the map gives way to it, what a key says does not.
static int take_snapshot(struct migrating *migrating, struct error **err) {
    struct migration *migration = migrating->migration;
    const char *location = migrating->arguments->snapshot;
    _cleanup_source_ struct source *source = NULL;
    struct snapshot *snapshot = NULL;
    struct detection detection;
    if (!location)
        return 0;
    int r = source_open(location, &source, err);
    r = r < 0 ? r : snapshot_read(migrating->arena, source_input(source), &snapshot, err);
    r = r < 0 ? r
              : detect_criteria(migrating->arena, migrating->catalog, migrating->vocabulary, snapshot, &detection, err);
    if (r < 0)
        return r;
    for (int i = 0; i < CRITERIA_FIELD_COUNT; i++) {
        bool is_default = str_eq(migration->criteria_from[i], migrating->mapping->name);
        if (!detection.criteria.field[i] || (migration->criteria[i] && !is_default))
            continue;
        migration->criteria[i] = detection.criteria.field[i];
        migration->criteria_from[i] = location;
        log_info("%s: %s, because in %s %s", criteria_field_names[i], migration->criteria[i], location,
                 detection.from[i]);
    }
    return 0;
}

static int resolve(struct migrating *migrating, const char *const *mixins, size_t count, struct error **err) {
    const struct recipe_request request = {.criteria = migrating->criteria, .mixins = mixins, .mixin_count = count};
    int r =
        recipe_resolve(migrating->arena, migrating->catalog, migrating->vocabulary, &request, &migrating->recipe, err);
    return r < 0 ? r : recipe_hydrate(migrating->arena, migrating->catalog, migrating->recipe, err);
}

static bool brings(const struct doc *mixin, const char *component) {
    DOC_FOREACH_ITEM(ref, doc_get(doc_get(mixin, "spec"), "componentRefs"))
    if (str_eq(doc_get_text(ref, "name", NULL), component))
        return true;
    return false;
}

// A mixin that is not for these criteria, or cannot be read, brings nothing. Of several the smallest counts.
static const char *find_mixin(void *context, const char *name, const char *component) {
    struct migrating *migrating = context;
    const struct mixin *all = NULL, *mixin = NULL, *best = NULL;
    size_t count = catalog_mixins(migrating->catalog, &all), least = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        _cleanup_error_ struct error *unfit = NULL;
        if (name && !str_eq(all[i].name, name))
            continue;
        if (catalog_mixin(migrating->catalog, all[i].name, "migrate", &mixin, &unfit) < 0 ||
            (component && !brings(mixin->doc, component)) ||
            mixin_check_applies(migrating->vocabulary, mixin, &migrating->criteria, "migrate", &unfit) < 0)
            continue;
        size_t size = doc_count(doc_get(doc_get(mixin->doc, "spec"), "componentRefs"));
        if (size < least)
            best = mixin;
        least = MIN(least, size);
    }
    return best ? best->name : NULL;
}

static bool has_profile(void *context, const char *choice) {
    struct migrating *migrating = context;
    const struct recipe_request request = {.criteria = migrating->criteria, .profiles = &choice, .profile_count = 1};
    struct recipe *recipe = NULL;
    _cleanup_error_ struct error *unfit = NULL;
    return recipe_resolve(migrating->arena, migrating->catalog, migrating->vocabulary, &request, &recipe, &unfit) == 0;
}

static int judge_keys(struct migrating *migrating, const struct recipe *without_mixins, struct error **err) {
    struct migration_knowledge knowledge = {.recipe = migrating->recipe,
                                            .without_mixins = without_mixins,
                                            .find_mixin = find_mixin,
                                            .has_profile = has_profile,
                                            .context = migrating};
    int r = catalog_registry(migrating->catalog, &knowledge.registry, &knowledge.registry_count, err);
    return r < 0 ? r : migration_judge(migrating->migration, &knowledge, err);
}

static int read_criteria(struct migrating *migrating, struct error **err) {
    int r = migration_read(migrating->arena, migrating->mapping, &migrating->inputs.input, &migrating->migration, err);
    r = r < 0 ? r : take_snapshot(migrating, err);
    if (r == 0)
        resolve_words(migrating);
    return r;
}

static int judge(struct migrating *migrating, struct error **err) {
    int r = read_criteria(migrating, err);
    r = r < 0 ? r : resolve(migrating, NULL, 0, err);
    r = r < 0 ? r : judge_keys(migrating, NULL, err);
    const struct doc *asked = r < 0 ? NULL : migrating->migration->mixins;
    if (r < 0 || doc_count(asked) == 0)
        return r;
    const char **mixins = arena_new_array(migrating->arena, const char *, doc_count(asked));
    DOC_FOREACH_ITEM(item, asked)
    mixins[item_index] = doc_text(item);
    const struct recipe *without_mixins = migrating->recipe;
    r = read_criteria(migrating, err);
    r = r < 0 ? r : resolve(migrating, mixins, doc_count(asked), err);
    return r < 0 ? r : judge_keys(migrating, without_mixins, err);
}

// --- the whole ---

static void tell_check(const struct check *check, size_t more) {
    _cleanup_text_ struct text line = {0};
    text_addf(&line, "%s%s%s: %s", check->where ? check->where : "", check->where ? ": " : "", check->id, check->cause);
    if (check->reason)
        text_addf(&line, ": %s", check->reason);
    if (check->remediation)
        text_addf(&line, " %s", check->remediation);
    if (more)
        text_addf(&line, " (%zu more like this)", more);
    log_warning("%s", text_str(&line));
}

// In a folder the same is true of many files: it is told once.
void migrate_tell(const struct report *report) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_map_ struct map counts = {0};
    const char **keys = arena_new_array(arena, const char *, report->count + 1);
    for (size_t i = 0; i < report->count; i++) {
        const struct check *check = &report->checks[i];
        if (check->status != CHECK_FAILED && check->status != CHECK_WARNING)
            continue;
        keys[i] = arena_printf(arena, "%s %s", check->id, check->reason ? check->reason : "");
        map_put(&counts, keys[i], (void *)((uintptr_t)map_get(&counts, keys[i]) + 1));
    }
    for (size_t i = 0; i < report->count; i++) {
        uintptr_t count = keys[i] ? (uintptr_t)map_get(&counts, keys[i]) : 0;
        if (count)
            tell_check(&report->checks[i], count - 1);
        if (keys[i])
            map_put(&counts, keys[i], NULL);
    }
}

int migrate_run(struct arena *arena, const struct migrate_arguments *arguments, struct migrate_answer *ret,
                struct error **err) {
    struct migrating migrating = {.arena = arena, .arguments = arguments};
    int r = read_inputs(&migrating, err);
    r = r < 0 ? r : knowledge_open(arena, &arguments->knowledge, &migrating.catalog, err);
    r = r < 0 ? r : vocabulary_open(arena, migrating.catalog, &migrating.vocabulary, err);
    r = r < 0 ? r : find_mapping(&migrating, err);
    r = r < 0 ? r : judge(&migrating, err);
    if (r < 0)
        return r;
    struct report *report = &migrating.migration->report;
    report->title = arena_printf(arena, "Migration of %s", migrating.migration->source);
    report->started = clock_now();
    migrate_tell(report);
    *ret = (struct migrate_answer){.migration = migrating.migration, .report = report};
    return 0;
}

void migrate_write(const struct migrate_answer *answer, const struct migrate_arguments *arguments,
                   enum migrate_format format, struct text *out) {
    const struct migration_context context = {
        .data = arguments->knowledge.data, .catalog = arguments->knowledge.catalog, .snapshot = arguments->snapshot};
    if (format == MIGRATE_COMMANDS)
        migration_commands(answer->migration, &context, out);
    else if (format == MIGRATE_TEXT)
        migration_text(answer->migration, &context, out);
    else
        doc_emit(migration_document(answer->migration, &context), format == MIGRATE_JSON ? EMIT_JSON : EMIT_YAML, out);
}
