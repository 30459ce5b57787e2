// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the rules of lint share: the files of a catalog, each read on its own so that one broken file hides nothing, the
// overlays as a graph, and the catalog as the engine sees it without the files that it would refuse. Internal to the
// recipe engine.

#include "base/map.h"
#include "lint/lint.h"
#include "recipe/match.h"
#include "recipe/merge.h"

enum lint_kind {
    LINT_OTHER, // not ours to judge
    LINT_REGISTRY,
    LINT_CRITERIA,
    LINT_GPUS,
    LINT_REMEDIATION,
    LINT_COMPATIBILITY,
    LINT_INSTANCES,
    LINT_SERVICES,
    LINT_CATALOG,
    LINT_TUNING,
    LINT_DELIVERY,
    LINT_OVERLAY,
    LINT_MIXIN,
    LINT_FACTS,
    LINT_UPGRADES,
    LINT_VALUES,
    LINT_TEMPLATE,
};

struct lint_file {
    struct catalog_file file;
    enum lint_kind kind;
    const char *component;    // for what lies in components/<name>/
    const struct doc *doc;    // NULL: no document, or one that does not load
    struct error *load_error; // why not
    bool is_broken;           // the engine would refuse it
};

// Content that is merged at once: that of an overlay, a mixin or a value of a profile. Rules about single items look at
// these.
struct lint_layer {
    struct lint_file *file;
    const char *what; // "overlay", "mixin", "profile"
    const char *name;
    const struct doc *spec;
    bool is_predecessor;
};

struct lint_overlay {
    struct lint_file *file;
    struct overlay head;
    const struct doc *spec;
    struct lint_overlay *base; // NULL: the base itself, or a base that there is not
    bool is_base;
    bool is_circular;
    bool is_reached; // by criteria, its own or those of what inherits from it
    // What it resolves to, when it has criteria and the engine can try:
    bool is_merged;
    struct merger merger;
    struct recipe *recipe;
    struct error *error; // why it does not resolve
    bool is_explained;   // a finding told that
};

struct lint;

// One row of the table.
struct lint_rule {
    const char *id;    // stable: "unknown-base"
    const char *phase; // what it looks at: "files", "overlays", "components", "charts"
    const char *holds; // what is so when nothing is found
    enum check_severity severity;
    void (*run)(struct lint *lint);
};

struct lint {
    struct arena *arena;
    const struct lint_request *request;
    struct report *report;
    struct lint_file *files; // sorted by path
    size_t file_count;
    struct lint_overlay *overlays; // sorted by name, then path
    size_t overlay_count;
    struct lint_overlay *base;
    struct lint_layer *layers; // overlays, then the values of their profiles, then mixins
    size_t layer_count;
    bool is_newer;           // it is one of a newer predecessor
    bool is_predecessor;     // the catalog speaks a predecessor's language
    struct map references;   // every text in overlays and registry -> its node
    struct catalog *catalog; // NULL: cannot be opened
    struct error *catalog_error;
    struct vocabulary *vocabulary;
    struct error *vocabulary_error;
    struct map charts; // name -> struct lint_chart
    // Of the rule that runs:
    const struct lint_rule *rule;
    struct map seen; // findings, so that each is told once
    size_t found;
    const char *skipped; // why the rule does not apply; NULL: it does
};

// --- lint_files.c, lint_context.c: made before any rule runs ---
void lint_read_files(struct lint *lint);
void lint_read_overlays(struct lint *lint);
void lint_open_catalog(struct lint *lint);
void lint_resolve(struct lint *lint);
void lint_done(struct lint *lint);
// Its criteria in canonical words.
int lint_criteria(const struct lint *lint, const struct lint_overlay *overlay, struct criteria *ret,
                  struct error **err) _must_use_;
struct lint_file *lint_file(const struct lint *lint, const char *path);
struct lint_overlay *lint_overlay_find(const struct lint *lint, const char *name);
// NULL when there is no such mixin.
const struct lint_layer *lint_mixin(const struct lint *lint, const char *name);
// The file of that kind; NULL when there is none that loads.
const struct lint_file *lint_document(const struct lint *lint, enum lint_kind kind);
// The registry's entry for a component; NULL.
const struct doc *lint_registry_entry(const struct lint *lint, const char *name);
#define LINT_FOREACH_OVERLAY(overlay, lint) \
    for (struct lint_overlay *overlay = (lint)->overlays; overlay < (lint)->overlays + (lint)->overlay_count; overlay++)
#define LINT_FOREACH_LAYER(layer, lint) \
    for (const struct lint_layer *layer = (lint)->layers; layer < (lint)->layers + (lint)->layer_count; layer++)
#define LINT_FOREACH_FILE(item, lint) \
    for (struct lint_file *item = (lint)->files; item < (lint)->files + (lint)->file_count; item++)

// --- findings ---
// Takes the place, what to do, and a sentence without full stop. Repetitions are dropped.
void lint_find(struct lint *lint, struct doc_origin origin, const char *remediation, const char *format, ...)
    _printf_(4, 5);
// As lint_find, of another severity than the rule's.
void lint_find_as(struct lint *lint, enum check_severity severity, struct doc_origin origin, const char *remediation,
                  const char *format, ...) _printf_(5, 6);
// Makes a finding of an error: its place is taken from the start of the message.
void lint_find_error(struct lint *lint, const struct error *error, const char *remediation);
// Fills in what belongs to the rule and adds the check.
void lint_add(struct lint *lint, struct check *check);
// "did you mean 'x'? ..." in front of the remedy.
const char *lint_suggest(const struct lint *lint, const char *word, const char *const *known, size_t count,
                         const char *otherwise);
struct doc_origin lint_file_origin(const struct lint_file *file);

// --- rules: lint_files.c ---
void lint_rule_loads(struct lint *lint);
void lint_rule_kind(struct lint *lint);
void lint_rule_shape(struct lint *lint);
void lint_rule_names(struct lint *lint);
void lint_rule_duplicates(struct lint *lint);
void lint_rule_missing_files(struct lint *lint);
void lint_rule_unused_files(struct lint *lint);
void lint_rule_templates(struct lint *lint);
// tuning.c
void lint_rule_tuning_settings(struct lint *lint);
void lint_rule_tuning_ties(struct lint *lint);
void lint_rule_tuning_delivery(struct lint *lint);
// lint_keys.c
void lint_rule_keys(struct lint *lint);
// lint_overlays.c
void lint_rule_bases(struct lint *lint);
void lint_rule_circles(struct lint *lint);
void lint_rule_unreachable(struct lint *lint);
void lint_rule_same_criteria(struct lint *lint);
void lint_rule_contradictions(struct lint *lint);
void lint_rule_criteria_values(struct lint *lint);
void lint_rule_expressions(struct lint *lint);
void lint_rule_weakened(struct lint *lint);
// lint_compatibility.c
void lint_rule_compatibility(struct lint *lint);
void lint_rule_possible(struct lint *lint);
void lint_rule_maturity(struct lint *lint);
// The word as the vocabulary gives it; NULL: any.
const char *lint_word(const struct lint *lint, enum criteria_field field, const char *word);
const char *lint_criterion(const struct lint *lint, const struct lint_overlay *overlay, enum criteria_field field);
// lint_mixins.c
void lint_rule_mixins(struct lint *lint);
// lint_profiles.c
void lint_rule_profiles(struct lint *lint);
// lint_components.c
void lint_rule_unregistered(struct lint *lint);
void lint_rule_pins(struct lint *lint);
void lint_rule_dependencies(struct lint *lint);
void lint_rule_dependency_circles(struct lint *lint);
void lint_rule_resolves(struct lint *lint);
void lint_rule_sources(struct lint *lint);
// pins.c
void lint_rule_images(struct lint *lint);
void lint_rule_stale_facts(struct lint *lint);
// schema.c
void lint_rule_schema(struct lint *lint);
// upgrades.c
void lint_rule_upgrade_notes(struct lint *lint);
void lint_rule_upgrade_coverage(struct lint *lint);
// lint_charts.c; they fail where the caller cannot give a chart that is there
int lint_read_charts(struct lint *lint, struct error **err) _must_use_;
void lint_rule_charts_known(struct lint *lint);
void lint_rule_chart_values(struct lint *lint);
void lint_rule_chart_types(struct lint *lint);
void lint_rule_chart_placement(struct lint *lint);
