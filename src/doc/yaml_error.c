// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "doc/yaml_reader.h"

#include <string.h>

// Lines by memchr, since this sees every byte of every document; columns only of what follows the last line break.
void yaml_advance(const char *bytes, size_t length, size_t *line, size_t *column) {
    const char *start = bytes, *end = bytes + length;
    for (const char *newline; (newline = memchr(start, '\n', (size_t)(end - start))); start = newline + 1)
        ++*line;
    if (start != bytes)
        *column = 1;
    for (; start < end; start++)
        *column += ((unsigned char)*start & 0xC0) != 0x80;
}

static int input_error(struct yaml_reader *reader, struct error **err) {
    const yaml_parser_t *parser = &reader->parser;
    size_t line = reader->chunk_line, column = reader->chunk_column, offset = parser->problem_offset;
    unsigned value = (unsigned)parser->problem_value;
    // Only the start of a character can lie before the last chunk, and then it was counted.
    if (offset >= reader->chunk_offset)
        yaml_advance(reader->chunk, MIN(offset - reader->chunk_offset, reader->chunk_length), &line, &column);
    else
        column--;
    if (!strstr(parser->problem, "control characters"))
        return read_error(reader->request, err, ERROR_INVALID, line, column, "invalid UTF-8 (%s; offset %zu)",
                          parser->problem, offset);
    if (value == 0)
        read_error(reader->request, err, ERROR_INVALID, line, column, "a NUL byte is not allowed (offset %zu)", offset);
    else
        read_error(reader->request, err, ERROR_INVALID, line, column, "the character U+%04X is not allowed in YAML",
                   value);
    if (memchr(reader->request->window, '\0', reader->request->end))
        return error_hint(err, "this looks like a binary file; a document is YAML or JSON");
    return error_hint(err, "write it as an escape in a double-quoted string: \"\\u%04x\"", value);
}

// libyaml's words, and ours: what is wrong, and what to do. %zu is the line where the construct begins.
static const struct complaint {
    const char *problem;
    const char *context; // NULL = any
    const char *message;
    const char *hint;
} complaints[] = {
    {"violates indentation", NULL, "a tab cannot indent", "use spaces"},
    {"where an indentation space is expected", NULL, "a tab cannot indent", "use spaces"},
    {"did not find expected key", NULL, "expected a key of the map that begins at line %zu",
     "look at the indentation: members of one map stand in the same column"},
    {"did not find expected '-' indicator", NULL, "expected '- ' and an item of the list that begins at line %zu",
     "look at the indentation: items of one list stand in the same column"},
    {"found unexpected end of stream", "quoted scalar", "the quoted text that begins at line %zu is not closed", NULL},
    {"found unexpected document indicator", "quoted scalar", "the quoted text that begins at line %zu is not closed",
     NULL},
    {"did not find expected ',' or '}'", NULL, "expected ',' or '}' in the map that begins at line %zu", NULL},
    {"did not find expected ',' or ']'", NULL, "expected ',' or ']' in the list that begins at line %zu", NULL},
    {"mapping values are not allowed", NULL, "a ':' is not allowed here",
     "text that holds \": \" needs quotes; otherwise look at the indentation"},
    {"could not find expected ':'", NULL, "expected ':' after the key that begins at line %zu",
     "a key stands on one line, with \": \" behind it"},
    {"cannot start any token", NULL, "this character cannot begin a value",
     "a tab cannot indent, and text that begins with one of @ ` % needs quotes"},
    {"block sequence entries are not allowed", NULL, "a '- ' is not allowed here",
     "a list begins on a line of its own; text that begins with \"- \" needs quotes"},
    {"did not find expected <document start>", NULL, "expected the end of the document",
     "text before it was complete: look at indentation and quotes"},
    {"found incompatible YAML document", NULL, "%YAML names a version other than 1.1 and 1.2", NULL},
    {"did not find expected node content", NULL, "expected a value", NULL},
    {"found undefined tag handle", NULL, "the tag's prefix is not declared", "text that begins with ! needs quotes"},
    {"found unknown escape character", NULL, "unknown escape in double quotes",
     "write a backslash as \\\\, or use single quotes"},
};

static const struct complaint *find_complaint(const yaml_parser_t *parser) {
    for (size_t i = 0; i < ARRAY_SIZE(complaints); i++)
        if (strstr(parser->problem, complaints[i].problem) &&
            (!complaints[i].context || (parser->context && strstr(parser->context, complaints[i].context))))
            return &complaints[i];
    return NULL;
}

static int syntax_error(struct yaml_reader *reader, struct error **err) {
    const yaml_parser_t *parser = &reader->parser;
    size_t line = parser->problem_mark.line + 1, column = parser->problem_mark.column + 1;
    const struct complaint *complaint = find_complaint(parser);
    if (!complaint)
        return read_error(reader->request, err, ERROR_INVALID, line, column, "%s%s%s", parser->problem,
                          parser->context ? " " : "", parser->context ? parser->context : "");
    size_t start = (parser->context ? parser->context_mark.line : parser->problem_mark.line) + 1;
    _cleanup_text_ struct text message = {0};
    const char *place = strstr(complaint->message, "%zu");
    text_add_bytes(&message, complaint->message,
                   place ? (size_t)(place - complaint->message) : strlen(complaint->message));
    if (place)
        text_addf(&message, "%zu%s", start, place + strlen("%zu"));
    read_error(reader->request, err, ERROR_INVALID, line, column, "%s", message.bytes);
    return complaint->hint ? error_hint(err, "%s", complaint->hint) : -ERROR_INVALID;
}

int yaml_parser_failed(struct yaml_reader *reader, struct error **err) {
    if (reader->input_error) {
        *err = TAKE_PTR(reader->input_error);
        return -(int)(*err)->code;
    }
    switch (reader->parser.error) {
    case YAML_READER_ERROR:
        return input_error(reader, err);
    case YAML_SCANNER_ERROR:
    case YAML_PARSER_ERROR:
        return syntax_error(reader, err);
    default:
        return error_set(err, ERROR_INTERNAL, "%s: libyaml ran out of memory", reader->request->name);
    }
}
