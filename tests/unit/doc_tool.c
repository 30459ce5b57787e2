// SPDX-License-Identifier: Apache-2.0
// The document library as a program, for tests that compare it with others. usage: doc_tool COMMAND [FORMAT] FILE...
//   load auto|yaml|json FILE...            each file as one line of compact JSON, or "error CODE MESSAGE"
//   all auto FILE                          any number of documents, as one JSON list
//   emit yaml|json|compact|table FILE      read by content and written
//   events all|yaml|json FILE              one event a line; all: of any number of documents, each ended by -DOC
//   patch DOCUMENT PATCH                   canonical|sha256 FILE            jq PROGRAM FILE
//   path PATH FILE                         path-set PATH FILE VALUE-FILE
//   schema FOLDER NAME FILE...             for each file its problems, one a line, and "ok" or "bad"
//   count auto|yaml|json FILE              reads as a stream and prints the number of events
#include "base/file.h"
#include "base/text.h"
#include "doc/canonical.h"
#include "doc/emit.h"
#include "doc/jq.h"
#include "doc/load.h"
#include "doc/patch.h"
#include "doc/path.h"
#include "doc/reader.h"
#include "doc/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static enum doc_format format_of(const char *name) {
    return str_eq(name, "json") ? DOC_FORMAT_JSON : str_eq(name, "yaml") ? DOC_FORMAT_YAML : DOC_FORMAT_AUTO;
}

static int load_file(struct arena *arena, const char *path, const char *format, const struct doc **ret,
                     struct error **err) {
    _cleanup_text_ struct text content = {0};
    int r = file_read(path, DOC_DEFAULT_SIZE_LIMIT, &content, err);
    if (r < 0)
        return r;
    return doc_load_buffer(arena, text_str(&content), content.length, path_base_name(path), format_of(format), NULL,
                           ret, err);
}

static void print_text(const struct text *text) {
    fwrite(text_str(text), 1, text->length, stdout);
}

static void print_json(const struct doc *doc) {
    _cleanup_text_ struct text out = {0};
    doc_emit(doc, EMIT_JSON_COMPACT, &out);
    text_add_char(&out, '\n');
    print_text(&out);
}

static void print_problem(void *context _unused_, const struct schema_problem *problem) {
    printf("%s\n", problem->message);
}

// The other schema that ours refer to, when it is there.
#define SHARED_SCHEMA "recipe-metadata.schema.json"

static int run_schema(int count, char **arguments, struct error **err) {
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct doc *schema, *doc;
    struct schema_file others[2] = {{.name = SHARED_SCHEMA}};
    const char *folder = arguments[0];
    int r = load_file(arena, arena_printf(arena, "%s/%s", folder, arguments[1]), "json", &schema, err);
    r = r < 0 ? r : load_file(arena, arena_printf(arena, "%s/" SHARED_SCHEMA, folder), "json", &others[0].schema, err);
    const char *unknown = r == 0 ? schema_find_unknown(schema) : NULL;
    if (unknown)
        printf("unknown keyword %s\n", unknown);
    for (int i = 2; r == 0 && i < count; i++) {
        r = load_file(arena, arguments[i], "auto", &doc, err);
        if (r == 0)
            printf("%s\n", schema_check(arena, schema, others, doc, print_problem, NULL) ? "ok" : "bad");
    }
    return r;
}

static int run_load(int count, char **arguments, struct error **err _unused_) {
    for (int i = 1; i < count; i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        _cleanup_error_ struct error *failure = NULL;
        const struct doc *doc;
        if (load_file(arena, arguments[i], arguments[0], &doc, &failure) < 0)
            printf("error %s %s\n", error_code_name(failure->code), failure->message);
        else
            print_json(doc);
    }
    return 0;
}

static int run_all(int count _unused_, char **arguments, struct error **err) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_text_ struct text content = {0};
    const struct doc *doc;
    int r = file_read(arguments[1], DOC_DEFAULT_SIZE_LIMIT, &content, err);
    if (r == 0)
        r = doc_load_all_buffer(arena, text_str(&content), content.length, arguments[1], NULL, &doc, err);
    if (r == 0)
        print_json(doc);
    return r;
}

static int run_emit(int count _unused_, char **arguments, struct error **err) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_text_ struct text out = {0};
    const struct doc *doc;
    int r = load_file(arena, arguments[1], "auto", &doc, err);
    if (r < 0)
        return r;
    if (str_eq(arguments[0], "table"))
        doc_emit_table(doc, &out);
    else
        doc_emit(doc,
                 str_eq(arguments[0], "yaml")   ? EMIT_YAML
                 : str_eq(arguments[0], "json") ? EMIT_JSON
                                                : EMIT_JSON_COMPACT,
                 &out);
    print_text(&out);
    return 0;
}

static int print_event(void *context _unused_, const struct doc_event *event, struct error **err _unused_) {
    static const char *const names[] = {
        [DOC_EVENT_MAP_START] = "+MAP", [DOC_EVENT_MAP_END] = "-MAP", [DOC_EVENT_LIST_START] = "+SEQ",
        [DOC_EVENT_LIST_END] = "-SEQ",  [DOC_EVENT_KEY] = "=KEY",     [DOC_EVENT_SCALAR] = "=VAL",
    };
    _cleanup_text_ struct text text = {0};
    if (event->text)
        doc_emit_json_string(event->text, event->length, &text);
    printf("%" PRIu32 ":%" PRIu32 " %s %s%s %s\n", event->origin.line, event->origin.column, names[event->kind],
           event->kind == DOC_EVENT_SCALAR ? doc_kind_name(event->scalar) : "-", event->is_plain ? " plain" : " -",
           text_str(&text));
    return 0;
}

static int print_end(void *context _unused_, struct error **err _unused_) {
    puts("-DOC");
    return 0;
}

static int run_events(int count _unused_, char **arguments, struct error **err) {
    _cleanup_text_ struct text content = {0};
    struct doc_sink sink = {.event = print_event};
    int r = file_read(arguments[1], DOC_DEFAULT_SIZE_LIMIT, &content, err);
    if (r < 0)
        return r;
    struct doc_documents documents = {.sink = &sink, .end = print_end};
    if (str_eq(arguments[0], "all"))
        return doc_read_all_events(&documents, text_str(&content), content.length, "f", NULL, err);
    return doc_read_events_buffer(text_str(&content), content.length, "f", format_of(arguments[0]), NULL, &sink, err);
}

static int count_event(void *context, const struct doc_event *event _unused_, struct error **err _unused_) {
    ++*(size_t *)context;
    return 0;
}

static ssize_t read_stream(void *context, char *buffer, size_t size, struct error **err) {
    size_t got = fread(buffer, 1, size, context);
    return ferror((FILE *)context) ? error_set(err, ERROR_INTERNAL, "cannot be read") : (ssize_t)got;
}

static int run_count(int count _unused_, char **arguments, struct error **err) {
    size_t events = 0;
    struct doc_sink sink = {.event = count_event, .context = &events};
    FILE *file = fopen(arguments[1], "re");
    if (!file)
        return error_set(err, ERROR_NOT_FOUND, "%s: cannot be opened", arguments[1]);
    setvbuf(file, NULL, _IONBF, 0);
    struct doc_input input = {.read = read_stream, .context = file, .name = arguments[1]};
    int r = doc_read_events(&input, format_of(arguments[0]), NULL, &sink, err);
    fclose(file);
    if (r == 0)
        printf("%zu\n", events);
    return r;
}

static int run_patch(int count _unused_, char **arguments, struct error **err) {
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct doc *doc, *patch, *result;
    int r = load_file(arena, arguments[0], "auto", &doc, err);
    if (r == 0)
        r = load_file(arena, arguments[1], "auto", &patch, err);
    if (r == 0)
        r = doc_patch_apply(arena, doc, patch, &result, err);
    if (r == 0)
        print_json(result);
    return r;
}

static int run_canonical(int count _unused_, char **arguments, struct error **err) {
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_text_ struct text out = {0};
    const struct doc *doc;
    int r = load_file(arena, arguments[0], "auto", &doc, err);
    if (r == 0)
        r = doc_canonical(doc, &out, err);
    print_text(&out);
    return r;
}

static int run_sha256(int count _unused_, char **arguments, struct error **err) {
    _cleanup_arena_ struct arena *arena = arena_new();
    char hex[SHA256_HEX_SIZE];
    const struct doc *doc;
    int r = load_file(arena, arguments[0], "auto", &doc, err);
    if (r == 0)
        r = doc_canonical_sha256(doc, hex, err);
    if (r == 0)
        puts(hex);
    return r;
}

static int run_jq(int count _unused_, char **arguments, struct error **err) {
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct doc *doc, *result;
    int r = load_file(arena, arguments[1], "auto", &doc, err);
    if (r == 0)
        r = doc_jq(arena, doc, arguments[0], &result, err);
    if (r == 0)
        print_json(result);
    return r;
}

static int run_path(int count _unused_, char **arguments, struct error **err) {
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct doc *doc, *result;
    int r = load_file(arena, arguments[1], "auto", &doc, err);
    if (r == 0)
        r = doc_path_get(arena, doc, arguments[0], &result, err);
    if (r == 0)
        print_json(result);
    return r;
}

static int run_path_set(int count _unused_, char **arguments, struct error **err) {
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct doc *doc, *value, *result;
    struct doc_path path;
    int r = doc_path_parse(arena, arguments[0], &path, err);
    if (r == 0)
        r = load_file(arena, arguments[1], "auto", &doc, err);
    if (r == 0)
        r = load_file(arena, arguments[2], "auto", &value, err);
    if (r == 0)
        r = doc_path_set(arena, doc, &path, value, &result, err);
    if (r == 0)
        print_json(result);
    return r;
}

static const struct {
    const char *name;
    int arguments; // at least
    int (*run)(int count, char **arguments, struct error **err);
} commands[] = {
    {"schema", 3, run_schema}, {"load", 2, run_load},   {"all", 2, run_all},     {"emit", 2, run_emit},
    {"events", 2, run_events}, {"count", 2, run_count}, {"patch", 2, run_patch}, {"canonical", 1, run_canonical},
    {"sha256", 1, run_sha256}, {"jq", 2, run_jq},       {"path", 2, run_path},   {"path-set", 3, run_path_set},
};

int main(int argc, char **argv) {
    _cleanup_error_ struct error *err = NULL;
    for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(commands); i++) {
        if (!str_eq(argv[1], commands[i].name) || argc - 2 < commands[i].arguments)
            continue;
        if (commands[i].run(argc - 2, argv + 2, &err) == 0)
            return 0;
        fprintf(stderr, "%s: %s\n", error_code_name(err->code), err->message);
        if (err->hint)
            fprintf(stderr, "hint: %s\n", err->hint);
        return 2;
    }
    fprintf(stderr, "usage: see the head of doc_tool.c\n");
    return 1;
}
