// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the template parser builds and the evaluator walks: private to the template_*.c files. All nodes live in the
// arena of the parse.

#include "bundle/template.h"

enum operand_kind {
    OPERAND_DOT,
    OPERAND_CONSTANT, // `value`; NULL = nil
    OPERAND_VARIABLE, // `name` without the dollar; "" is the root
    OPERAND_FUNCTION, // `name`
    OPERAND_PIPELINE, // in parentheses
};

struct template_operand {
    enum operand_kind kind;
    struct doc_origin origin;
    const char *name;
    const struct doc *value;
    const struct template_pipeline *pipeline;
    const char **fields; // .a.b after the operand
    size_t field_count;
};

struct template_command {
    struct template_operand *operands;
    size_t count;
};

struct template_pipeline {
    struct doc_origin origin;
    const char *variables[2]; // left of := or =, without the dollar
    size_t variable_count;
    bool is_assignment; // "=": the variable must be there
    struct template_command *commands;
    size_t count;
};

enum template_node_kind {
    NODE_TEXT,
    NODE_ACTION,
    NODE_IF,
    NODE_WITH,
    NODE_RANGE,
    NODE_BREAK,
    NODE_CONTINUE,
};

struct template_node {
    enum template_node_kind kind;
    struct doc_origin origin;
    const char *text; // NODE_TEXT
    size_t length;
    const struct template_pipeline *pipeline;
    const struct template_node *body, *otherwise; // first node of each
    const struct template_node *next;
};

struct template {
    const char *name;
    const struct template_node *first;
};

// --- tokens of the inside of an action ---

enum token_kind {
    TOKEN_END, // of the action
    TOKEN_SPACE,
    TOKEN_IDENTIFIER,
    TOKEN_FIELD,    // .name
    TOKEN_VARIABLE, // $ or $name
    TOKEN_DOT,
    TOKEN_CONSTANT, // `value`
    TOKEN_PIPE,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_DECLARE, // :=
    TOKEN_ASSIGN,  // =
    TOKEN_COMMA,
};

struct token {
    enum token_kind kind;
    struct doc_origin origin;
    const char *text; // terminated: the name of an identifier, field or variable
    const struct doc *value;
};

// A part of the template's source: plain text, or an action whose inside is `start` to `end`.
struct template_part {
    bool is_action;
    const char *start, *end; // trim markers have been applied
    struct doc_origin origin;
};

struct template_lexer {
    struct arena *arena;
    const char *name;
    const char *text, *end; // the whole source
    const char *at;         // where the next part begins
    bool trims_next;        // the action before ended in -}}
    const char *line_start; // of the line in which `counted` is
    const char *counted;
    uint32_t line;
};

// The next part; *ret_done at the end of the source. Comments are skipped.
int template_next_part(struct template_lexer *lexer, struct template_part *ret, bool *ret_done,
                       struct error **err) _must_use_;
// The next token of an action, *at being where to read.
int template_next_token(struct template_lexer *lexer, const char **at, const char *end, struct token *ret,
                        struct error **err) _must_use_;
// Line and column of a place in the source; places must be asked for in ascending order to be cheap.
struct doc_origin template_origin(struct template_lexer *lexer, const char *at);

// --- functions ---

struct template_call {
    struct arena *arena;
    const char *name;
    struct doc_origin origin;
    size_t count;
    const struct doc **arguments; // NULL = nil
};

struct template_function {
    const char *name;
    int minimum, maximum; // arguments; maximum -1: any number
    int (*call)(const struct template_call *call, const struct doc **ret, struct error **err);
    bool is_maker; // makes lists or maps, whose size counts
};

// NULL when there is none.
const struct template_function *template_function_find(const char *name);
const char *template_function_suggest(const char *name);

// Value semantics shared by evaluator and functions (template_value.c).
bool template_is_true(const struct doc *value);
bool template_is_nil(const struct doc *value);
// As Go prints a value with %v; nil gives "<nil>".
void template_print(const struct doc *value, struct text *out);
// The shortest digits that read back, with an exponent when it is below `lowest` or at least `from`: -4 and 6 in Go's
// %v, -6 and 21 in JSON. A plain decimal fraction keeps its source text: 24.10 does not become 24.1.
void template_print_float(const struct doc *value, int lowest, int from, struct text *out);
const char *template_to_text(struct arena *arena, const struct doc *value);
// Members of a map by key, sorted by bytes; in the arena.
const struct doc_member **template_sorted_members(struct arena *arena, const struct doc *map);
const char *template_type_name(const struct doc *value);
// The code point of the character at `at`, in valid UTF-8, and how many bytes it has.
uint32_t template_code_point(const char *at, size_t *ret_width);
// Go's %q.
void template_quote(const char *bytes, size_t length, struct text *out);
int template_printf(const struct template_call *call, const struct doc **ret, struct error **err) _must_use_;
// index, and field access for several keys.
int template_index(const struct template_call *call, const struct doc **ret, struct error **err) _must_use_;
// eq, ne, lt, le, gt, ge, by call->name.
int template_compare(const struct template_call *call, const struct doc **ret, struct error **err) _must_use_;
// YAML as Helm's toYaml writes it, without the final line break.
void template_yaml(struct arena *arena, const struct doc *value, struct text *out);
void template_json(struct arena *arena, const struct doc *value, struct text *out);

// The tables of template_functions_*.c, each ended by a row without a name.
extern const struct template_function template_text_functions[], template_data_functions[], template_math_functions[];
