// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "base/version.h"
#include "model/constraint_eval.h"
#include "model/quantity.h"

#include <ctype.h>

// Longest first, so that ">=" is not read as ">".
static const struct {
    const char *text;
    enum constraint_operator relation;
} operators[] = {
    {">=", OPERATOR_GREATER_EQUAL}, {"<=", OPERATOR_LESS_EQUAL}, {"==", OPERATOR_EQUAL},
    {"!=", OPERATOR_NOT_EQUAL},     {">", OPERATOR_GREATER},     {"<", OPERATOR_LESS},
};

// What people write by habit from other languages, and what we call it.
static const struct {
    const char *text, *advice;
} foreign[] = {
    {"=>", "write >="},
    {"=<", "write <="},
    {"<>", "write !="},
    {"=", "write == for equality, or the value alone for the exact text"},
    {"~>", "write a range, such as >= 1.30, < 1.31"},
    {"~", "write a range, such as >= 1.30, < 1.31"},
    {"^", "write a range, such as >= 1.30, < 2"},
    {"!", "write !="},
};

struct parser {
    struct arena *arena;
    const char *text, *at;
    size_t *ret_offset;
    struct error **err;
};

static int fail(struct parser *parser, const char *at, const char *format, ...) _printf_(3, 4);
static int fail(struct parser *parser, const char *at, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *what = arena_vprintf(parser->arena, format, arguments);
    va_end(arguments);
    size_t offset = (size_t)(at - parser->text);
    if (parser->ret_offset)
        *parser->ret_offset = offset;
    error_set(parser->err, ERROR_INVALID, "expression '%s', character %zu: %s", parser->text, offset + 1, what);
    return error_hint(parser->err, "operators are >= <= > < == != or none for the exact text; a comma joins a range: "
                                   "'>= 1.30, < 1.34'");
}

static void skip_space(struct parser *parser) {
    while (isspace((unsigned char)*parser->at))
        parser->at++;
}

static bool read_operator(struct parser *parser, enum constraint_operator *ret) {
    for (size_t i = 0; i < ARRAY_SIZE(operators); i++)
        if (str_has_prefix(parser->at, operators[i].text)) {
            parser->at += strlen(operators[i].text);
            *ret = operators[i].relation;
            return true;
        }
    return false;
}

static int refuse_foreign(struct parser *parser) {
    for (size_t i = 0; i < ARRAY_SIZE(foreign); i++)
        if (str_has_prefix(parser->at, foreign[i].text))
            return fail(parser, parser->at, "'%s' is no operator here: %s", foreign[i].text, foreign[i].advice);
    return 0;
}

// A text that has an order.
static bool is_ordered(const char *operand) {
    struct version version;
    struct quantity quantity;
    return version_parse(operand, &version) || quantity_parse(operand, &quantity);
}

// A number and its unit may stand apart; anything else with a space inside lacks a comma.
static bool is_one_value(const char *operand) {
    struct quantity quantity;
    return !operand[strcspn(operand, " \t\r\n")] || quantity_parse(operand, &quantity);
}

// An operator where a value should go on. Texts for == and != may hold such characters, but not at the start of a word.
static const char *find_stray_operator(const char *operand, bool is_text) {
    for (const char *at = operand; *at; at++) {
        bool is_operator = strchr("<>|", *at) || str_has_prefix(at, "==") || str_has_prefix(at, "!=");
        if (is_operator && (!is_text || (at > operand && isspace((unsigned char)at[-1]))))
            return at;
    }
    return NULL;
}

static int check_operand(struct parser *parser, const char *at, const struct constraint_clause *clause) {
    const char *operand = clause->operand;
    bool is_text = clause->relation == OPERATOR_EQUAL || clause->relation == OPERATOR_NOT_EQUAL;
    if (!*operand)
        return fail(parser, at, "a value is missing");
    const char *stray = find_stray_operator(operand, is_text);
    if (stray && *stray == '|')
        return fail(parser, at + (stray - operand), "alternatives (||) cannot be written; all clauses must hold");
    if (stray)
        return fail(parser, at + (stray - operand), "a comma is missing before this operator");
    if (is_text)
        return 0;
    if (!is_one_value(operand))
        return fail(parser, at + strcspn(operand, " \t\r\n"), "a comma or the end was expected");
    if (!is_ordered(operand))
        return fail(parser, at, "'%s' has no order: it is neither a version nor a number", operand);
    return 0;
}

static int parse_clause(struct parser *parser, struct constraint_clause *clause) {
    skip_space(parser);
    int r = 0;
    if (!read_operator(parser, &clause->relation)) {
        r = refuse_foreign(parser);
        return r < 0         ? r
               : *parser->at ? fail(parser, parser->at, "an operator was expected")
                             : fail(parser, parser->at, "a clause is missing after the comma");
    }
    skip_space(parser);
    const char *start = parser->at;
    parser->at += strcspn(parser->at, ",");
    char *operand = arena_strndup(parser->arena, start, (size_t)(parser->at - start));
    clause->operand = str_trim(operand);
    return check_operand(parser, start, clause);
}

// Without an operator the whole text is the value, commas and all; but an operator further on means that a range was
// begun wrongly.
static int parse_exact(struct parser *parser, struct constraint_clause *clause) {
    int r = refuse_foreign(parser);
    if (r < 0)
        return r;
    if (!*parser->at)
        return fail(parser, parser->at, "it is empty");
    for (const char *comma = strchr(parser->at, ','); comma; comma = strchr(comma + 1, ',')) {
        const char *next = comma + 1 + strspn(comma + 1, " \t\r\n");
        for (size_t i = 0; i < ARRAY_SIZE(operators); i++)
            if (str_has_prefix(next, operators[i].text))
                return fail(parser, parser->at, "an operator was expected, because one follows the comma");
    }
    clause->relation = OPERATOR_EXACT;
    clause->operand = str_trim(arena_strdup(parser->arena, parser->at));
    return 0;
}

int constraint_expression_parse(struct arena *arena, const char *text, struct constraint_expression *ret,
                                size_t *ret_offset, struct error **err) {
    struct parser parser = {.arena = arena, .text = text, .at = text, .ret_offset = ret_offset, .err = err};
    size_t capacity = 1;
    for (const char *at = text; *at; at++)
        capacity += *at == ',';
    struct constraint_expression expression = {.clauses = arena_new_array(arena, struct constraint_clause, capacity)};
    skip_space(&parser);
    enum constraint_operator relation;
    const char *start = parser.at;
    bool is_exact = !read_operator(&parser, &relation);
    parser.at = start;
    int r = 0;
    if (is_exact) {
        expression.count = 1;
        r = parse_exact(&parser, &expression.clauses[0]);
    } else {
        for (;;) {
            r = parse_clause(&parser, &expression.clauses[expression.count++]);
            if (r < 0 || !*parser.at)
                break;
            parser.at++;
        }
    }
    if (r == 0)
        *ret = expression;
    return r;
}
