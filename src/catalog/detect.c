// SPDX-License-Identifier: Apache-2.0
#include "catalog/detect.h"
#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#define GPUS_PATH "hardware/gpus.yaml"
// Different GPUs that are looked at: more than any cluster has.
#define FACT_LIMIT 100

struct gpu_fact {
    const char *path; // "GPU.smi.gpu.model"
    const char *text;
};

struct detector {
    struct arena *arena;
    struct catalog *catalog;
    const struct vocabulary *vocabulary;
    const struct snapshot *snapshot;
    struct gpu_fact *models, *pci_ids;
    size_t model_count, pci_count;
    struct detection *result;
};

static void add_note(struct detector *detector, enum criteria_field field, const char *text) {
    struct detection *result = detector->result;
    result->notes = arena_grow(detector->arena, result->notes, result->note_count * sizeof *result->notes,
                               (result->note_count + 1) * sizeof *result->notes);
    result->notes[result->note_count++] = (struct detection_note){field, text};
}

// --- readings ---

// Subtypes and keys may both have dots, so every place to split at is tried.
static const struct reading *find_reading(const struct detector *detector, const char *path) {
    const char *dot = strchr(path, '.');
    const char *type = dot ? arena_strndup(detector->arena, path, (size_t)(dot - path)) : NULL;
    const struct measurement *measurement = type ? snapshot_find_measurement(detector->snapshot, type) : NULL;
    if (!measurement)
        return NULL;
    const char *rest = dot + 1;
    for (const char *end = strchr(rest, '.'); end; end = strchr(end + 1, '.')) {
        const char *subtype = arena_strndup(detector->arena, rest, (size_t)(end - rest));
        const struct reading *reading = snapshot_find(detector->snapshot, type, subtype, end + 1);
        if (reading)
            return reading;
    }
    return NULL;
}

static bool key_ends_with(const struct reading *reading, const char *word) {
    size_t length = strlen(word);
    if (reading->key_length < length || !str_eq_bytes(reading->key + reading->key_length - length, length, word))
        return false;
    return reading->key_length == length || reading->key[reading->key_length - length - 1] == '.';
}

// "10de:2330", whether written so, with prefix, or as nvidia-smi has it: 0x233010DE.
static const char *normal_pci_id(struct arena *arena, const char *text) {
    unsigned vendor = 0, device = 0;
    unsigned long packed = 0;
    int end = 0;
    if (sscanf(text, "%4x:%4x%n", &vendor, &device, &end) == 2 && text[end] == '\0')
        return arena_printf(arena, "%04x:%04x", vendor, device);
    if (sscanf(text, "0x%8lx%n", &packed, &end) == 1 && text[end] == '\0' && end == 10)
        return arena_printf(arena, "%04lx:%04lx", packed & 0xffff, packed >> 16);
    return NULL;
}

static void add_fact(struct detector *detector, struct gpu_fact **facts, size_t *count, const char *subtype,
                     const struct reading *reading, const char *text) {
    // Eight equal GPUs are one fact.
    for (size_t i = 0; i < *count; i++)
        if (str_eq((*facts)[i].text, text))
            return;
    if (*count == FACT_LIMIT)
        return;
    *facts = arena_grow(detector->arena, *facts, *count * sizeof **facts, (*count + 1) * sizeof **facts);
    const char *path = arena_printf(detector->arena, "GPU.%s.%.*s", subtype, (int)reading->key_length, reading->key);
    (*facts)[(*count)++] = (struct gpu_fact){path, text};
}

static void collect_gpu_facts(struct detector *detector) {
    const struct measurement *gpus = snapshot_find_measurement(detector->snapshot, "GPU");
    for (size_t i = 0; gpus && i < gpus->count; i++) {
        const struct subtype *subtype = gpus->subtypes[i];
        for (size_t j = 0; j < subtype->count; j++) {
            const struct reading *reading = &subtype->readings[j];
            const char *text = arena_strndup(detector->arena, reading->text, reading->text_length);
            if (key_ends_with(reading, "model"))
                add_fact(detector, &detector->models, &detector->model_count, subtype->name, reading, text);
            const char *id = key_ends_with(reading, "pci-id") || key_ends_with(reading, "pci-device-id")
                                 ? normal_pci_id(detector->arena, text)
                                 : NULL;
            if (id)
                add_fact(detector, &detector->pci_ids, &detector->pci_count, subtype->name, reading, id);
        }
    }
}

// --- rules ---

// Whole words: "a100" is in "NVIDIA A100-SXM4-80GB", not in "NVIDIA RTX A1000".
static bool has_words(const char *text, const char *words) {
    size_t length = strlen(words);
    for (const char *at = text; *at; at++)
        if (strncasecmp(at, words, length) == 0 && (at == text || !isalnum((unsigned char)at[-1])) &&
            !isalnum((unsigned char)at[length]))
            return true;
    return false;
}

static bool list_has_text(const struct doc *list, const char *text) {
    DOC_FOREACH_ITEM(item, list)
    if (doc_text(item) && str_eq_ignore_case(doc_text(item), text))
        return true;
    return false;
}

static bool list_has_words_of(const struct doc *list, const char *text) {
    DOC_FOREACH_ITEM(item, list)
    if (doc_text(item) && has_words(text, doc_text(item)))
        return true;
    return false;
}

// Whether the reading that the rule names is as the rule says; *ret_from then tells what was seen.
static bool path_rule_holds(const struct detector *detector, const struct doc *rule, const char **ret_from) {
    const char *path = doc_get_text(rule, "path", NULL);
    const struct reading *reading = path ? find_reading(detector, path) : NULL;
    if (!reading)
        return false;
    const char *text = arena_strndup(detector->arena, reading->text, reading->text_length);
    const char *contains = doc_get_text(rule, "contains", NULL), *equals = doc_get_text(rule, "equals", NULL),
               *prefix = doc_get_text(rule, "prefix", NULL);
    bool holds = (contains && str_contains_ignore_case(text, contains)) ||
                 (equals && str_eq_ignore_case(text, equals)) ||
                 (prefix && strncasecmp(text, prefix, strlen(prefix)) == 0);
    if (holds)
        *ret_from = arena_printf(detector->arena, "%s is %s", path, text);
    return holds;
}

// The name whose rules fit this GPU; NULL when none does.
static const char *accelerator_of_model(const struct vocabulary_field *field, const char *model) {
    for (size_t i = 0; i < field->count; i++)
        DOC_FOREACH_ITEM(rule, field->values[i].detect)
    if (list_has_words_of(doc_get(rule, "model"), model))
        return field->values[i].name;
    return NULL;
}

static int accelerator_of_pci_id(struct detector *detector, const struct vocabulary_field *field, const char *id,
                                 const char **ret, struct error **err) {
    *ret = NULL;
    for (size_t i = 0; i < field->count; i++)
        DOC_FOREACH_ITEM(rule, field->values[i].detect)
    if (list_has_text(doc_get(rule, "pci"), id)) {
        *ret = field->values[i].name;
        return 0;
    }
    const struct doc *gpus = NULL;
    _cleanup_error_ struct error *absent = NULL;
    int r = catalog_builtin_document(detector->catalog, GPUS_PATH, &gpus, &absent);
    if (r < 0 && r != -ERROR_NOT_FOUND) {
        *err = TAKE_PTR(absent);
        return r;
    }
    DOC_FOREACH_ITEM(item, doc_get(gpus, "gpus"))
    if (str_eq_ignore_case(doc_get_text(item, "pci", ""), id))
        *ret = doc_get_text(item, "accelerator", NULL);
    return 0;
}

// --- fields ---

// A reading that tells the field, by rules that compare it whole, but tells nothing that we know: silence would look
// as if there were none.
static void note_unknown(struct detector *detector, enum criteria_field index) {
    const struct vocabulary_field *field = &detector->vocabulary->field[index];
    for (size_t i = 0; i < field->count; i++)
        DOC_FOREACH_ITEM(rule, field->values[i].detect) {
            const char *path = doc_get(rule, "equals") ? doc_get_text(rule, "path", NULL) : NULL;
            const struct reading *reading = path ? find_reading(detector, path) : NULL;
            if (!reading || !reading->text_length)
                continue;
            add_note(detector, index,
                     arena_printf(detector->arena,
                                  "%s is '%.*s', which no %s is known by: any is taken, unless --%s names one", path,
                                  (int)reading->text_length, reading->text, criteria_field_names[index],
                                  criteria_field_names[index]));
            return;
        }
}

static void detect_by_paths(struct detector *detector, enum criteria_field index) {
    const struct vocabulary_field *field = &detector->vocabulary->field[index];
    for (size_t i = 0; i < field->count; i++)
        DOC_FOREACH_ITEM(rule, field->values[i].detect)
    if (path_rule_holds(detector, rule, &detector->result->from[index])) {
        detector->result->criteria.field[index] = field->values[i].name;
        return;
    }
}

// The first GPU decides; others that differ are told, since one recipe cannot suit both.
static void take_accelerator(struct detector *detector, const struct gpu_fact *fact, const char *name) {
    struct detection *result = detector->result;
    if (!name) {
        add_note(
            detector, CRITERIA_ACCELERATOR,
            arena_printf(detector->arena,
                         "%s is '%s', which no accelerator is known by: any is taken, unless --accelerator names one",
                         fact->path, fact->text));
    } else if (!result->criteria.field[CRITERIA_ACCELERATOR]) {
        result->criteria.field[CRITERIA_ACCELERATOR] = name;
        result->from[CRITERIA_ACCELERATOR] = arena_printf(detector->arena, "%s is %s", fact->path, fact->text);
    } else if (!str_eq(result->criteria.field[CRITERIA_ACCELERATOR], name)) {
        add_note(detector, CRITERIA_ACCELERATOR,
                 arena_printf(detector->arena,
                              "GPUs differ: %s is '%s' (%s), but the recipe is made for %s, because %s", fact->path,
                              fact->text, name, result->criteria.field[CRITERIA_ACCELERATOR],
                              result->from[CRITERIA_ACCELERATOR]));
    }
}

static int detect_accelerator(struct detector *detector, struct error **err) {
    const struct vocabulary_field *field = &detector->vocabulary->field[CRITERIA_ACCELERATOR];
    detect_by_paths(detector, CRITERIA_ACCELERATOR);
    for (size_t i = 0; i < detector->model_count; i++)
        take_accelerator(detector, &detector->models[i], accelerator_of_model(field, detector->models[i].text));
    // Without a driver nothing but the PCI id is known; with one, the name says it better.
    for (size_t i = 0; detector->model_count == 0 && i < detector->pci_count; i++) {
        const char *name = NULL;
        int r = accelerator_of_pci_id(detector, field, detector->pci_ids[i].text, &name, err);
        if (r < 0)
            return r;
        take_accelerator(detector, &detector->pci_ids[i], name);
    }
    return 0;
}

int detect_criteria(struct arena *arena, struct catalog *catalog, const struct vocabulary *vocabulary,
                    const struct snapshot *snapshot, struct detection *ret, struct error **err) {
    struct detection result = {0};
    struct detector detector = {
        .arena = arena, .catalog = catalog, .vocabulary = vocabulary, .snapshot = snapshot, .result = &result};
    collect_gpu_facts(&detector);
    int r = detect_accelerator(&detector, err);
    if (r < 0)
        return r;
    static const enum criteria_field told_by_readings[] = {CRITERIA_SERVICE, CRITERIA_OS};
    for (size_t i = 0; i < ARRAY_SIZE(told_by_readings); i++) {
        detect_by_paths(&detector, told_by_readings[i]);
        if (!result.criteria.field[told_by_readings[i]])
            note_unknown(&detector, told_by_readings[i]);
    }
    *ret = result;
    return 0;
}
