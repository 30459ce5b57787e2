// SPDX-License-Identifier: Apache-2.0
#include "io/xml.h"
#include "base/library.h"
#include "base/text.h"

#include <ctype.h>
#include <expat.h>
#include <pthread.h>
#include <stdio.h>

#define LIBRARY "libexpat.so.1"
#define DEFAULT_SIZE ((size_t)64 * 1024 * 1024)
#define DEFAULT_DEPTH 64
#define DEFAULT_ELEMENTS ((size_t)1000 * 1000)
#define CHUNK ((size_t)1024 * 1024) // expat counts in int

#define FUNCTIONS(X)               \
    X(XML_ParserCreate)            \
    X(XML_ParserFree)              \
    X(XML_SetUserData)             \
    X(XML_SetElementHandler)       \
    X(XML_SetCharacterDataHandler) \
    X(XML_SetEntityDeclHandler)    \
    X(XML_StopParser)              \
    X(XML_Parse)                   \
    X(XML_GetErrorCode)            \
    X(XML_ErrorString)             \
    X(XML_GetCurrentLineNumber)    \
    X(XML_GetCurrentColumnNumber)

static struct { FUNCTIONS(LIBRARY_MEMBER) } library;

static char failure[256]; // empty: all functions are there

static void load_library(void) {
    static const char *const names[] = {LIBRARY, NULL};
    static const char *const functions[] = {FUNCTIONS(LIBRARY_NAME)};
    library_load(names, functions, ARRAY_SIZE(functions), (void **)&library, failure, sizeof failure);
}

struct parse {
    XML_Parser parser;
    const char *name;
    struct xml_limits limits;
    const struct xml_sink *sink;
    struct text text; // of the innermost element so far
    unsigned depth;
    size_t elements;
    int result;
    struct error **err;
};

static void stop(struct parse *parse, int result) {
    if (parse->result == 0)
        parse->result = result;
    library.XML_StopParser(parse->parser, XML_FALSE);
}

static int refuse(const struct parse *parse, enum error_code code, const char *why) {
    return error_set(parse->err, code, "%s:%lu:%lu: %s", parse->name,
                     (unsigned long)library.XML_GetCurrentLineNumber(parse->parser),
                     (unsigned long)library.XML_GetCurrentColumnNumber(parse->parser) + 1, why);
}

static void give_text(struct parse *parse) {
    if (!parse->text.length || parse->result)
        return;
    char *start = str_trim(parse->text.bytes);
    int r = *start && parse->sink->text ? parse->sink->text(parse->sink->context, start, strlen(start), parse->err) : 0;
    text_truncate(&parse->text, 0);
    if (r < 0)
        stop(parse, r);
}

static void on_start(void *context, const XML_Char *name, const XML_Char **attributes) {
    struct parse *parse = context;
    give_text(parse);
    if (parse->result)
        return;
    if (++parse->depth > parse->limits.depth)
        stop(parse, refuse(parse, ERROR_LIMIT, "elements are nested too deeply"));
    else if (++parse->elements > parse->limits.elements)
        stop(parse, refuse(parse, ERROR_LIMIT, "too many elements"));
    else if (parse->sink->start) {
        int r = parse->sink->start(parse->sink->context, name, (const char *const *)attributes, parse->err);
        if (r < 0)
            stop(parse, r);
    }
}

static void on_end(void *context, const XML_Char *name) {
    struct parse *parse = context;
    give_text(parse);
    parse->depth--;
    if (parse->result || !parse->sink->end)
        return;
    int r = parse->sink->end(parse->sink->context, name, parse->err);
    if (r < 0)
        stop(parse, r);
}

static void on_text(void *context, const XML_Char *bytes, int length) {
    struct parse *parse = context;
    if (!parse->result)
        text_add_bytes(&parse->text, bytes, (size_t)length);
}

static void on_entity(void *context, const XML_Char *name _unused_, int is_parameter _unused_,
                      const XML_Char *value _unused_, int value_length _unused_, const XML_Char *base _unused_,
                      const XML_Char *system_id _unused_, const XML_Char *public_id _unused_,
                      const XML_Char *notation _unused_) {
    struct parse *parse = context;
    if (!parse->result)
        stop(parse, refuse(parse, ERROR_INVALID, "it declares an entity, which is refused"));
}

static void feed(struct parse *parse, const char *bytes, size_t length) {
    for (size_t at = 0; parse->result == 0;) {
        size_t size = MIN(length - at, CHUNK);
        bool is_last = at + size == length;
        if (library.XML_Parse(parse->parser, bytes + at, (int)size, is_last) == XML_STATUS_OK) {
            at += size;
            if (is_last)
                return;
        } else if (parse->result == 0) {
            parse->result =
                refuse(parse, ERROR_INVALID, library.XML_ErrorString(library.XML_GetErrorCode(parse->parser)));
        }
    }
}

int xml_parse(const char *bytes, size_t length, const char *name, const struct xml_limits *limits,
              const struct xml_sink *sink, struct error **err) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_library);
    if (*failure)
        return error_set(err, ERROR_UNAVAILABLE, "XML cannot be read: %s", failure);
    struct parse parse = {.name = name, .sink = sink, .err = err};
    parse.limits.size = limits && limits->size ? limits->size : DEFAULT_SIZE;
    parse.limits.depth = limits && limits->depth ? limits->depth : DEFAULT_DEPTH;
    parse.limits.elements = limits && limits->elements ? limits->elements : DEFAULT_ELEMENTS;
    if (length > parse.limits.size)
        return error_set(err, ERROR_LIMIT, "%s: %zu bytes, more than the limit of %zu", name, length,
                         parse.limits.size);
    parse.parser = library.XML_ParserCreate(NULL);
    if (!parse.parser)
        return error_set(err, ERROR_INTERNAL, "%s: no memory for a parser", name);
    library.XML_SetUserData(parse.parser, &parse);
    library.XML_SetElementHandler(parse.parser, on_start, on_end);
    library.XML_SetCharacterDataHandler(parse.parser, on_text);
    library.XML_SetEntityDeclHandler(parse.parser, on_entity);
    feed(&parse, bytes, length);
    library.XML_ParserFree(parse.parser);
    text_done(&parse.text);
    return parse.result;
}
