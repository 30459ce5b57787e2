// SPDX-License-Identifier: Apache-2.0
#include "usecase/validate.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/suggest.h"
#include "io/source.h"
#include "usecase/deliver.h"
#include "usecase/knowledge.h"
#include "usecase/recipe.h"
#include "validate/remediation.h"
#include "validate/validate.h"

#include <stdlib.h>

static int read_phases(const struct strvec *names, bool phases[PHASE_COUNT], struct error **err) {
    phases[PHASE_READINESS] = !names || !names->count;
    for (size_t i = 0; names && i < names->count; i++) {
        size_t phase = 0;
        while (phase < PHASE_COUNT && !str_eq(names->items[i], validation_phase_names[phase]))
            phase++;
        if (phase < PHASE_COUNT) {
            phases[phase] = true;
        } else if (str_eq(names->items[i], "all")) {
            memset(phases, true, PHASE_COUNT * sizeof *phases);
        } else {
            error_set(err, ERROR_INVALID, "phase '%s' is unknown", names->items[i]);
            const char *near = suggest_nearest(names->items[i], validation_phase_names, PHASE_COUNT);
            return near ? error_hint(err, "did you mean '%s'?", near)
                        : error_hint(err, "phases are readiness, deployment, performance, conformance and all");
        }
    }
    return 0;
}

// A snapshot in the recipe's place is most often the two being swapped.
static int explain_recipe(const struct doc *doc, struct error **err) {
    if (str_eq_ignore_case(doc_get_text(doc, "kind", ""), "Snapshot"))
        return error_hint(err, "it is a snapshot: give it to --snapshot, and the recipe to --recipe");
    return -(int)(*err)->code;
}

static int load_recipe(struct arena *arena, const struct validation_arguments *arguments, struct recipe **ret,
                       struct error **err) {
    const struct doc *doc = arguments->recipe_doc;
    int r = doc ? 0 : source_load(arena, arguments->recipe, NULL, &doc, err);
    if (r < 0)
        return r;
    if (recipe_from_doc(arena, doc, ret, err) < 0)
        return explain_recipe(doc, err);
    recipe_tell_remarks(*ret);
    return 0;
}

static int load_snapshot(struct arena *arena, const struct validation_arguments *arguments, struct snapshot **ret,
                         struct error **err) {
    _cleanup_source_ struct source *source = NULL;
    const struct doc_input *input = arguments->stream;
    int r = input ? 0 : source_open(arguments->snapshot, &source, err);
    if (r < 0)
        return r;
    r = snapshot_read(arena, input ? input : source_input(source), ret, err);
    for (size_t i = 0; r == 0 && i < (*ret)->note_count; i++)
        log_warning("%s", (*ret)->notes[i]);
    return r;
}

static int tell_catalog(struct arena *arena, const char *data, const struct recipe *recipe, struct error **err) {
    const struct knowledge_source source = {.data = data};
    struct catalog_identity identity;
    struct catalog_spec spec;
    if (!recipe->catalog_digest)
        return 0;
    int r = knowledge_read(arena, &source, &spec, err);
    r = r < 0 ? r : catalog_identify(arena, &spec, &identity, err);
    if (r == 0)
        recipe_tell_catalog(recipe, &identity);
    return r;
}

// The catalog of texts is read only when a check needs one.
static int add_remediation(struct arena *arena, const char *data, struct report *report, struct error **err) {
    if (!remediation_is_needed(report))
        return 0;
    struct knowledge_source source = {.data = data};
    struct catalog *catalog;
    const struct doc *doc;
    int r = knowledge_open(arena, &source, &catalog, err);
    if (r == 0)
        r = catalog_document(catalog, "remediation.yaml", &doc, err);
    return r < 0 ? r : remediation_apply(doc, report, err);
}

static const char *make_title(struct arena *arena, const struct recipe *recipe, const struct snapshot *snapshot) {
    const char *node = snapshot->source_node;
    return arena_printf(arena, "Recipe %s against snapshot %s%s%s%s", recipe->source ? recipe->source : "(resolved)",
                        snapshot->source ? snapshot->source : "(collected)", node && *node ? " (node " : "",
                        node ? node : "", node && *node ? ")" : "");
}

static int check_inputs(const struct validation_arguments *arguments, struct error **err) {
    if (arguments->recipe_doc || arguments->stream || !str_eq(arguments->recipe, "-") ||
        !str_eq(arguments->snapshot, "-"))
        return 0;
    error_set(err, ERROR_INVALID, "recipe and snapshot cannot both come from standard input");
    return error_hint(err, "give a file to --recipe or to --snapshot");
}

int validation_run(struct arena *arena, const struct validation_arguments *arguments, struct report *ret,
                   struct error **err) {
    uint64_t start = clock_monotonic_ns();
    struct recipe *recipe;
    struct snapshot *snapshot;
    struct validation_request request = {0};
    int r = check_inputs(arguments, err);
    if (r == 0)
        r = read_phases(arguments->phases, request.phases, err);
    if (r == 0)
        r = load_recipe(arena, arguments, &recipe, err);
    if (r == 0)
        r = load_snapshot(arena, arguments, &snapshot, err);
    if (r == 0)
        r = tell_catalog(arena, arguments->data, recipe, err);
    if (r < 0)
        return r;
    struct report report;
    report_init(&report, arena, "ValidationResult");
    request.recipe = recipe;
    request.snapshot = snapshot;
    r = validate_recipe(&request, &report, err);
    if (r == 0)
        r = add_remediation(arena, arguments->data, &report, err);
    if (r < 0)
        return r;
    if (!report.count)
        log_warning("nothing was checked: %s has no constraints and no checks for the phases asked for",
                    recipe->source ? recipe->source : "the recipe");
    report.title = make_title(arena, recipe, snapshot);
    report.recipe_source = recipe->source;
    report.recipe_catalog_version = recipe->catalog_version;
    report.recipe_catalog_digest = recipe->catalog_digest;
    report.snapshot_source = snapshot->source;
    report.started = clock_now();
    // A build that asks for reproducible outputs gets no measured time either.
    report.duration_ns = getenv("SOURCE_DATE_EPOCH") ? 0 : clock_monotonic_ns() - start;
    *ret = report;
    return 0;
}

bool validation_fails(const struct report *report, const struct strvec *statuses) {
    static const struct {
        const char *name;
        enum check_status status;
    } known[] = {{"failed", CHECK_FAILED}, {"warning", CHECK_WARNING}, {"not-checked", CHECK_NOT_CHECKED}};
    for (size_t i = 0; i < ARRAY_SIZE(known); i++)
        if (strvec_has(statuses, known[i].name) && report_count(report, known[i].status))
            return true;
    return false;
}

int validation_deliver(const struct report *report, const char *format, bool color, const char *location,
                       struct error **err) {
    _cleanup_text_ struct text text = {0};
    const struct report_writer *writer = report_writer_find(format);
    if (!writer)
        return error_set(err, ERROR_INVALID, "report format '%s' is unknown", format);
    int r = writer->write(report, color, &text, err);
    return r < 0 ? r : deliver_text(location, &text, err);
}
