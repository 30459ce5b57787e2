// SPDX-License-Identifier: Apache-2.0
// SARIF 2.1.0 (OASIS), as code hosting sites and editors read it. A result is what failed or warns; what was not
// checked is a notification of the run, because sites show every result as an alert; the rules tell all that was looked
// at.
#include "base/clock.h"
#include "base/map.h"
#include "doc/emit.h"
#include "model/report_format.h"

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

struct place {
    const char *uri; // NULL: no file
    int64_t line, column;
};

struct writer {
    struct arena *arena;
    struct map rules; // id -> index + 1
    struct doc *rule_list, *results, *notifications;
};

// --- places ---

// Takes ":<number>" off the end of the text; 0 when there is none.
static int64_t cut_number(const char *text, size_t *length) {
    size_t start = *length;
    int64_t number = 0, factor = 1;
    while (start > 0 && text[start - 1] >= '0' && text[start - 1] <= '9' && *length - start < 9) {
        number += (text[--start] - '0') * factor;
        factor *= 10;
    }
    if (start == *length || start < 2 || text[start - 1] != ':')
        return 0;
    *length = start - 1;
    return number;
}

static const char *make_uri(struct arena *arena, const char *path, size_t length) {
    _cleanup_text_ struct text uri = {0};
    if (length && path[0] == '/')
        text_add(&uri, "file://");
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)path[i];
        bool is_kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       (c && strchr("-._~/!$&'()*+,;=@:", c));
        // A colon in the first part of a relative reference would make a scheme of it.
        bool is_scheme = c == ':' && path[0] != '/' && !memchr(path, '/', i) && !memmem(path, length, "://", 3);
        if (is_kept && !is_scheme)
            text_add_char(&uri, (char)c);
        else
            text_addf(&uri, "%%%02X", c);
    }
    return arena_strdup(arena, text_str(&uri));
}

static struct place read_place(struct arena *arena, const char *text) {
    size_t length = text ? strlen(text) : 0;
    int64_t last = cut_number(text, &length), first = last ? cut_number(text, &length) : 0;
    struct place place = {.line = first ? first : last, .column = first ? last : 0};
    if (length && !str_eq_bytes(text, length, "-"))
        place.uri = make_uri(arena, text, length);
    return place;
}

static struct doc *make_location(struct arena *arena, const struct place *place) {
    struct doc *location = doc_new_map(arena), *physical = doc_new_map(arena), *artifact = doc_new_map(arena);
    doc_map_set_text(arena, artifact, "uri", place->uri);
    doc_map_set(arena, physical, "artifactLocation", artifact);
    if (place->line) {
        struct doc *region = doc_new_map(arena);
        doc_map_set_int(arena, region, "startLine", place->line);
        if (place->column)
            doc_map_set_int(arena, region, "startColumn", place->column);
        doc_map_set(arena, physical, "region", region);
    }
    doc_map_set(arena, location, "physicalLocation", physical);
    return location;
}

// --- checks ---

static struct doc *make_message(struct arena *arena, const char *text) {
    struct doc *message = doc_new_map(arena);
    doc_map_set_text(arena, message, "text", text);
    return message;
}

static const char *full_message(struct arena *arena, const struct check *check) {
    const char *reason = report_message(arena, check);
    if (str_is_empty(reason))
        reason = check_status_name(check->status);
    return check->remediation ? arena_printf(arena, "%s\nWhat to do: %s", reason, check->remediation) : reason;
}

static size_t rule_index(struct writer *writer, const struct check *check) {
    size_t known = (size_t)map_get(&writer->rules, check->id);
    if (known)
        return known - 1;
    struct doc *rule = doc_new_map(writer->arena), *properties = doc_new_map(writer->arena);
    doc_map_set_text(writer->arena, rule, "id", check->id);
    doc_map_set_text(writer->arena, properties, "phase", report_phase(check));
    doc_map_set(writer->arena, rule, "properties", properties);
    doc_list_add(writer->arena, writer->rule_list, rule);
    size_t index = doc_count(writer->rule_list) - 1;
    map_put(&writer->rules, check->id, (void *)(index + 1));
    return index;
}

static const char *level_of(const struct check *check) {
    if (check->severity == SEVERITY_INFO)
        return "note";
    return check->status == CHECK_FAILED && check->severity == SEVERITY_ERROR ? "error" : "warning";
}

static struct doc *make_properties(struct arena *arena, const struct check *check) {
    struct doc *properties = doc_new_map(arena);
    doc_map_set_text(arena, properties, "status", report_status_key(check->status));
    doc_map_set_text(arena, properties, "phase", report_phase(check));
    doc_map_set_text(arena, properties, "expected", check->expected);
    doc_map_set_text(arena, properties, "actual", check->actual);
    doc_map_set_text(arena, properties, "cause", check->cause);
    return properties;
}

static void add_result(struct writer *writer, const struct check *check) {
    struct arena *arena = writer->arena;
    struct doc *result = doc_new_map(arena);
    size_t index = rule_index(writer, check);
    doc_map_set_text(arena, result, "ruleId", check->id);
    doc_map_set_int(arena, result, "ruleIndex", (int64_t)index);
    doc_map_set_text(arena, result, "level", level_of(check));
    doc_map_set(arena, result, "message", make_message(arena, full_message(arena, check)));
    struct place where = read_place(arena, check->where), source = read_place(arena, check->source);
    if (where.uri || source.uri) {
        struct doc *locations = doc_new_list(arena);
        doc_list_add(arena, locations, make_location(arena, where.uri ? &where : &source));
        doc_map_set(arena, result, "locations", locations);
    }
    if (where.uri && source.uri) {
        struct doc *related = doc_new_list(arena);
        doc_list_add(arena, related, make_location(arena, &source));
        doc_map_set(arena, result, "relatedLocations", related);
    }
    doc_map_set(arena, result, "properties", make_properties(arena, check));
    doc_list_add(arena, writer->results, result);
}

static void add_notification(struct writer *writer, const struct check *check) {
    struct doc *notification = doc_new_map(writer->arena), *rule = doc_new_map(writer->arena);
    size_t index = rule_index(writer, check);
    doc_map_set_text(writer->arena, rule, "id", check->id);
    doc_map_set_int(writer->arena, rule, "index", (int64_t)index);
    doc_map_set(writer->arena, notification, "associatedRule", rule);
    doc_map_set_text(writer->arena, notification, "level", "warning");
    doc_map_set(writer->arena, notification, "message",
                make_message(writer->arena,
                             arena_printf(writer->arena, "not checked: %s", full_message(writer->arena, check))));
    doc_list_add(writer->arena, writer->notifications, notification);
}

static void add_check(struct writer *writer, const struct check *check) {
    if (check->status == CHECK_FAILED || check->status == CHECK_WARNING)
        add_result(writer, check);
    else if (check->status == CHECK_NOT_CHECKED)
        add_notification(writer, check);
    else
        (void)rule_index(writer, check);
}

// --- the document ---

static struct doc *make_tool(const struct writer *writer) {
    struct arena *arena = writer->arena;
    struct doc *tool = doc_new_map(arena), *driver = doc_new_map(arena);
    doc_map_set_text(arena, driver, "name", "cnsctl");
    doc_map_set_text(arena, driver, "version", CNS_VERSION);
    doc_map_set(arena, driver, "rules", writer->rule_list);
    doc_map_set(arena, tool, "driver", driver);
    return tool;
}

static struct doc *make_invocations(const struct writer *writer, const struct report *report) {
    struct arena *arena = writer->arena;
    char timestamp[CLOCK_TIMESTAMP_SIZE];
    struct doc *invocation = doc_new_map(arena), *list = doc_new_list(arena);
    doc_map_set_bool(arena, invocation, "executionSuccessful", true);
    doc_map_set_text(arena, invocation, "endTimeUtc", clock_timestamp(report->started, timestamp));
    doc_map_set(arena, invocation, "toolExecutionNotifications", writer->notifications);
    doc_list_add(arena, list, invocation);
    return list;
}

static struct doc *make_run(const struct writer *writer, const struct report *report) {
    struct arena *arena = writer->arena;
    struct doc *run = doc_new_map(arena), *details = doc_new_map(arena), *description = NULL;
    doc_map_set(arena, run, "tool", make_tool(writer));
    doc_map_set_text(arena, run, "columnKind", "unicodeCodePoints");
    doc_map_set(arena, run, "invocations", make_invocations(writer, report));
    if (report->title) {
        description = make_message(arena, report->title);
        doc_map_set(arena, details, "description", description);
        doc_map_set_text(arena, details, "id", arena_printf(arena, "cnsctl/%s/", report->kind));
        doc_map_set(arena, run, "automationDetails", details);
    }
    doc_map_set(arena, run, "results", writer->results);
    return run;
}

int report_write_sarif(const struct report *report, bool color _unused_, struct text *out,
                       struct error **err _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct writer writer = {.arena = arena,
                            .rule_list = doc_new_list(arena),
                            .results = doc_new_list(arena),
                            .notifications = doc_new_list(arena)};
    for (size_t i = 0; i < report->count; i++)
        add_check(&writer, &report->checks[i]);
    map_done(&writer.rules);
    struct doc *document = doc_new_map(arena), *runs = doc_new_list(arena);
    doc_list_add(arena, runs, make_run(&writer, report));
    doc_map_set_text(arena, document, "$schema", SCHEMA);
    doc_map_set_text(arena, document, "version", "2.1.0");
    doc_map_set(arena, document, "runs", runs);
    doc_emit(document, EMIT_JSON, out);
    return 0;
}
