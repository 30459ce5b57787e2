// SPDX-License-Identifier: Apache-2.0
#include "bundle/tuning.h"

#define FOLDER "tuning/"

// --- selecting ---

struct tuning_list tuning_select(struct arena *arena, const struct tuning *tuning, enum tuning_kind kind,
                                 const char *mechanism, const char *package) {
    struct tuning_list list = {.items = arena_new_array(arena, const struct tuning_setting *, tuning->count + 1)};
    for (size_t i = 0; i < tuning->count; i++) {
        const struct tuning_setting *setting = &tuning->settings[i];
        if (setting->is_enabled && (kind == TUNING_KIND_COUNT || setting->kind == kind) &&
            (!mechanism || str_eq(setting->mechanism, mechanism)) && (!package || str_eq(setting->package, package)))
            list.items[list.count++] = setting;
    }
    return list;
}

static void add_word(struct arena *arena, struct boot_words *words, const char *word) {
    words->items =
        arena_grow(arena, words->items, words->count * sizeof *words->items, (words->count + 1) * sizeof *words->items);
    words->items[words->count++] = word;
}

// "pci=realloc" and "off": "pci=realloc=off", joined to the word that begins with "pci=" when there is one.
static void add_option(struct arena *arena, struct boot_words *words, const struct tuning_setting *setting,
                       size_t name_length) {
    for (size_t i = 0; i < words->count; i++)
        if (strncmp(words->items[i], setting->key, name_length + 1) == 0) {
            words->items[i] =
                arena_printf(arena, "%s,%s=%s", words->items[i], setting->key + name_length + 1, setting->value);
            return;
        }
    add_word(arena, words, arena_printf(arena, "%s=%s", setting->key, setting->value));
}

static void add_parameter(struct arena *arena, struct boot_words *words, const struct tuning_setting *setting) {
    size_t name_length = strcspn(setting->key, "=");
    if (setting->key[name_length]) {
        add_option(arena, words, setting, name_length);
        return;
    }
    if (!*setting->value) {
        add_word(arena, words, setting->key);
        return;
    }
    char *rest = arena_strdup(arena, setting->value), *value;
    while (rest && (value = strsep(&rest, " ")))
        if (*value)
            add_word(arena, words, arena_printf(arena, "%s=%s", setting->key, value));
}

struct boot_words tuning_boot_words(struct arena *arena, const struct tuning *tuning, const char *mechanism,
                                    const char *package) {
    struct boot_words words = {0};
    struct tuning_list list = tuning_select(arena, tuning, TUNING_KERNEL_PARAMETER, mechanism, package);
    for (size_t i = 0; i < list.count; i++)
        add_parameter(arena, &words, list.items[i]);
    list = tuning_select(arena, tuning, TUNING_HUGEPAGES, mechanism, package);
    // Each count belongs to the size in front of it.
    for (size_t i = 0; i < list.count; i++) {
        add_word(arena, &words, arena_printf(arena, "hugepagesz=%s", list.items[i]->key));
        add_word(arena, &words, arena_printf(arena, "hugepages=%s", list.items[i]->value));
    }
    return words;
}

// --- what manifests see ---

static void set_text(struct arena *arena, struct doc *map, const char *key, const struct text *text) {
    if (text->length)
        doc_map_set(arena, map, key, doc_new_string_bytes(arena, text_str(text), text->length));
}

// Appends a line to the text under a key.
static void add_line(struct arena *arena, struct doc *map, const char *key, const char *start, const char *line) {
    const char *before = doc_get_text(map, key, start);
    doc_map_set_text(arena, map, key, arena_printf(arena, "%s%s\n", before, line));
}

static const struct doc *package_files(struct arena *arena, const struct tuning *tuning, const char *package) {
    struct doc *files = doc_new_map(arena);
    _cleanup_text_ struct text grub = {0}, sysctl = {0};
    struct boot_words words = tuning_boot_words(arena, tuning, NULL, package);
    for (size_t i = 0; i < words.count; i++)
        text_addf(&grub, "%s\n", words.items[i]);
    struct tuning_list list = tuning_select(arena, tuning, TUNING_SYSCTL, NULL, package);
    for (size_t i = 0; i < list.count; i++)
        text_addf(&sysctl, "%s=%s\n", list.items[i]->key, list.items[i]->value);
    set_text(arena, files, "grub.conf", &grub);
    set_text(arena, files, "sysctl.conf", &sysctl);
    list = tuning_select(arena, tuning, TUNING_SERVICE_LIMIT, NULL, package);
    for (size_t i = 0; i < list.count; i++) {
        const char *dot = strrchr(list.items[i]->key, '.');
        const char *file =
            arena_printf(arena, "service_%.*s.conf", (int)(dot - list.items[i]->key), list.items[i]->key);
        add_line(arena, files, file, "[Service]\n", arena_printf(arena, "%s=%s", dot + 1, list.items[i]->value));
    }
    return files;
}

const struct doc *tuning_scope(struct arena *arena, const struct tuning *tuning) {
    struct doc *scope = doc_new_map(arena), *packages = doc_new_map(arena), *driver = doc_new_map(arena);
    if (!tuning->count)
        return scope;
    for (size_t i = 0; i < tuning->count; i++)
        if (tuning->settings[i].is_enabled && tuning->settings[i].package &&
            !doc_get(packages, tuning->settings[i].package))
            doc_map_set(arena, packages, tuning->settings[i].package,
                        package_files(arena, tuning, tuning->settings[i].package));
    struct tuning_list list = tuning_select(arena, tuning, TUNING_MODULE_OPTION, "driver", NULL);
    for (size_t i = 0; i < list.count; i++) {
        const char *dot = strchr(list.items[i]->key, '.');
        const char *file = arena_printf(arena, "%.*s.conf", (int)(dot - list.items[i]->key), list.items[i]->key);
        add_line(arena, driver, file, "", arena_printf(arena, "%s=%s", dot + 1, list.items[i]->value));
    }
    doc_map_set(arena, scope, "packages", packages);
    doc_map_set(arena, scope, "driver", driver);
    return scope;
}

// --- the folder ---

static int add_file(struct bundle *bundle, const char *path, const struct text *text, bool is_executable,
                    struct error **err) {
    return text->length ? tree_add(&bundle->tree, path, text_str(text), text->length, is_executable, err) : 0;
}

static int add_scripts(struct arena *arena, struct bundle *bundle, struct error **err) {
    _cleanup_text_ struct text apply = {0}, revert = {0}, verify = {0};
    tuning_verify_script(&bundle->tuning, &verify);
    if (tuning_uses(&bundle->tuning, "script")) {
        tuning_apply_script(arena, &bundle->tuning, &apply);
        tuning_revert_script(&revert);
    }
    int r = add_file(bundle, FOLDER "verify.sh", &verify, true, err);
    r = r < 0 ? r : add_file(bundle, FOLDER "apply.sh", &apply, true, err);
    return r < 0 ? r : add_file(bundle, FOLDER "revert.sh", &revert, true, err);
}

static int add_provider_files(struct arena *arena, struct bundle *bundle, struct error **err) {
    static const struct {
        const char *path;
        void (*render)(struct arena *arena, const struct tuning *tuning, struct text *out);
    } files[] = {
        {FOLDER "gke-node-system-config.yaml", tuning_gke_file},
        {FOLDER "bottlerocket.toml", tuning_bottlerocket_file},
        {FOLDER "talos-patch.yaml", tuning_talos_file},
        {FOLDER "kubelet-config.yaml", tuning_kubelet_file},
    };
    int r = 0;
    for (size_t i = 0; i < ARRAY_SIZE(files) && r >= 0; i++) {
        _cleanup_text_ struct text text = {0};
        files[i].render(arena, &bundle->tuning, &text);
        r = add_file(bundle, files[i].path, &text, false, err);
    }
    return r;
}

int bundle_add_tuning(struct arena *arena, struct bundle *bundle, struct error **err) {
    if (!tuning_select(arena, &bundle->tuning, TUNING_KIND_COUNT, NULL, NULL).count)
        return 0;
    _cleanup_text_ struct text readme = {0};
    tuning_readme(&bundle->tuning, &readme);
    int r = add_file(bundle, FOLDER "README.md", &readme, false, err);
    r = r < 0 ? r : add_scripts(arena, bundle, err);
    return r < 0 ? r : add_provider_files(arena, bundle, err);
}
