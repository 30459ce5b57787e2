// SPDX-License-Identifier: Apache-2.0
#include "bundle/template_tree.h"

struct parser {
    struct template_lexer lexer;
    const char *at, *end; // the action that is being read
    struct token token;   // the one looked at
    unsigned depth;
    unsigned ranges; // how many surround us: break and continue need one
    struct {
        const char **names;
        size_t count, capacity;
    } variables; // in scope
};

// How a body ended.
enum ending { ENDING_SOURCE, ENDING_END, ENDING_ELSE };

static int parse_pipeline(struct parser *parser, bool in_parentheses, const struct template_pipeline **ret,
                          struct error **err);
static int parse_body(struct parser *parser, const struct template_node **ret, enum ending *ret_ending,
                      struct error **err);

static int advance(struct parser *parser, struct error **err) {
    return template_next_token(&parser->lexer, &parser->at, parser->end, &parser->token, err);
}

static int skip_space(struct parser *parser, struct error **err) {
    int r = 0;
    while (r >= 0 && parser->token.kind == TOKEN_SPACE)
        r = advance(parser, err);
    return r;
}

static int advance_past_space(struct parser *parser, struct error **err) {
    int r = advance(parser, err);
    return r < 0 ? r : skip_space(parser, err);
}

static int fail(struct parser *parser, struct error **err, const char *what) {
    return doc_error(err, ERROR_INVALID, parser->token.origin, "%s", what);
}

static int enter(struct parser *parser, struct doc_origin origin, struct error **err) {
    if (++parser->depth > TEMPLATE_DEPTH_LIMIT)
        return doc_error(err, ERROR_LIMIT, origin, "more than %d blocks and parentheses inside each other",
                         TEMPLATE_DEPTH_LIMIT);
    return 0;
}

static void declare(struct parser *parser, const char *name) {
    if (parser->variables.count == parser->variables.capacity) {
        size_t capacity = parser->variables.capacity ? parser->variables.capacity * 2 : 8;
        parser->variables.names = arena_grow(parser->lexer.arena, parser->variables.names,
                                             parser->variables.capacity * sizeof(char *), capacity * sizeof(char *));
        parser->variables.capacity = capacity;
    }
    parser->variables.names[parser->variables.count++] = name;
}

static bool is_declared(const struct parser *parser, const char *name) {
    for (size_t i = 0; i < parser->variables.count; i++)
        if (str_eq(parser->variables.names[i], name))
            return true;
    return !*name;
}

static int parse_fields(struct parser *parser, struct template_operand *operand, struct error **err) {
    size_t capacity = 0;
    while (parser->token.kind == TOKEN_FIELD) {
        if (operand->field_count == capacity) {
            size_t larger = capacity ? capacity * 2 : 4;
            operand->fields =
                arena_grow(parser->lexer.arena, operand->fields, capacity * sizeof(char *), larger * sizeof(char *));
            capacity = larger;
        }
        operand->fields[operand->field_count++] = parser->token.text;
        int r = advance(parser, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int parse_parentheses(struct parser *parser, struct template_operand *operand, struct error **err) {
    int r = enter(parser, parser->token.origin, err);
    if (r >= 0)
        r = advance_past_space(parser, err);
    if (r >= 0)
        r = parse_pipeline(parser, true, &operand->pipeline, err);
    if (r < 0)
        return r;
    if (parser->token.kind != TOKEN_CLOSE)
        return doc_error(err, ERROR_INVALID, operand->origin, "this parenthesis is never closed");
    parser->depth--;
    return advance(parser, err);
}

static int unknown_function(struct parser *parser, struct error **err) {
    const char *name = parser->token.text, *nearest = template_function_suggest(name);
    int r =
        doc_error(err, ERROR_INVALID, parser->token.origin, "function '%s' is not known to manifest templates", name);
    if (nearest)
        return error_hint(err, "did you mean '%s'?", nearest);
    error_hint(err, "docs/templates.md lists the functions and actions");
    return r;
}

static int parse_operand(struct parser *parser, struct template_operand *operand, struct error **err) {
    *operand = (struct template_operand){.origin = parser->token.origin, .name = parser->token.text};
    int r;
    switch (parser->token.kind) {
    case TOKEN_FIELD: // of the dot: parse_fields reads it
        operand->kind = OPERAND_DOT;
        return parse_fields(parser, operand, err);
    case TOKEN_DOT:
        operand->kind = OPERAND_DOT;
        return advance(parser, err);
    case TOKEN_VARIABLE:
        operand->kind = OPERAND_VARIABLE;
        if (!is_declared(parser, operand->name))
            return doc_error(err, ERROR_INVALID, operand->origin, "variable '$%s' is not defined here", operand->name);
        r = advance(parser, err);
        break;
    case TOKEN_OPEN:
        operand->kind = OPERAND_PIPELINE;
        r = parse_parentheses(parser, operand, err);
        break;
    case TOKEN_CONSTANT:
        operand->kind = OPERAND_CONSTANT;
        operand->value = parser->token.value;
        return advance(parser, err);
    case TOKEN_IDENTIFIER:
        operand->kind = OPERAND_FUNCTION;
        if (!template_function_find(operand->name))
            return unknown_function(parser, err);
        return advance(parser, err);
    default:
        return fail(parser, err, "a value was expected here");
    }
    return r < 0 ? r : parse_fields(parser, operand, err);
}

static int parse_command(struct parser *parser, struct template_command *command, struct error **err) {
    size_t capacity = 0;
    while (parser->token.kind != TOKEN_END && parser->token.kind != TOKEN_PIPE && parser->token.kind != TOKEN_CLOSE) {
        if (command->count == capacity) {
            size_t larger = capacity ? capacity * 2 : 4;
            command->operands = arena_grow(parser->lexer.arena, command->operands, capacity * sizeof *command->operands,
                                           larger * sizeof *command->operands);
            capacity = larger;
        }
        int r = parse_operand(parser, &command->operands[command->count++], err);
        if (r < 0)
            return r;
        enum token_kind kind = parser->token.kind;
        if (kind != TOKEN_SPACE && kind != TOKEN_END && kind != TOKEN_PIPE && kind != TOKEN_CLOSE)
            return fail(parser, err, "a space was expected between two values");
        r = skip_space(parser, err);
        if (r < 0)
            return r;
    }
    if (!command->count)
        return fail(parser, err, "a value is missing here");
    const struct template_operand *first = &command->operands[0];
    if (first->kind == OPERAND_CONSTANT && !first->value)
        return doc_error(err, ERROR_INVALID, first->origin, "nil is no command");
    if (first->kind != OPERAND_FUNCTION && command->count > 1)
        return doc_error(err, ERROR_INVALID, command->operands[1].origin,
                         "only a function takes arguments, and what stands first here is none");
    return 0;
}

// `$x :=`, `$x =` and, in range, `$i, $v :=`. Looks ahead without losing the place.
static int parse_declaration(struct parser *parser, bool is_range, struct template_pipeline *pipeline,
                             struct error **err) {
    if (parser->token.kind != TOKEN_VARIABLE)
        return 0;
    const char *saved_at = parser->at;
    struct token saved = parser->token;
    const char *names[2] = {saved.text, NULL};
    size_t count = 1;
    int r = advance_past_space(parser, err);
    if (r >= 0 && parser->token.kind == TOKEN_COMMA) {
        r = advance_past_space(parser, err);
        if (r >= 0 && (parser->token.kind != TOKEN_VARIABLE || !is_range))
            return fail(parser, err, "two variables are for range only: {{ range $i, $v := ... }}");
        names[count++] = parser->token.text;
        if (r >= 0)
            r = advance_past_space(parser, err);
    }
    if (r < 0)
        return r;
    if (parser->token.kind != TOKEN_DECLARE && parser->token.kind != TOKEN_ASSIGN) {
        if (count == 2)
            return fail(parser, err, ":= was expected after the variables of range");
        parser->at = saved_at;
        parser->token = saved;
        return 0;
    }
    pipeline->is_assignment = parser->token.kind == TOKEN_ASSIGN;
    for (size_t i = 0; i < count; i++) {
        if (!*names[i])
            return doc_error(err, ERROR_INVALID, saved.origin, "the root '$' cannot be given a value");
        if (pipeline->is_assignment && !is_declared(parser, names[i]))
            return doc_error(err, ERROR_INVALID, saved.origin, "variable '$%s' is not defined here", names[i]);
        pipeline->variables[i] = names[i];
    }
    pipeline->variable_count = count;
    return advance_past_space(parser, err);
}

static int parse_commands(struct parser *parser, struct template_pipeline *pipeline, struct error **err) {
    size_t capacity = 0;
    for (;;) {
        if (pipeline->count == capacity) {
            size_t larger = capacity ? capacity * 2 : 2;
            pipeline->commands = arena_grow(parser->lexer.arena, pipeline->commands,
                                            capacity * sizeof *pipeline->commands, larger * sizeof *pipeline->commands);
            capacity = larger;
        }
        struct template_command *command = &pipeline->commands[pipeline->count++];
        *command = (struct template_command){0};
        struct doc_origin origin = parser->token.origin;
        int r = parse_command(parser, command, err);
        if (r < 0)
            return r;
        if (pipeline->count > 1 && command->operands[0].kind != OPERAND_FUNCTION)
            return doc_error(err, ERROR_INVALID, origin, "what stands after '|' must be a function");
        if (parser->token.kind != TOKEN_PIPE)
            return 0;
        r = advance_past_space(parser, err);
        if (r < 0)
            return r;
    }
}

static int parse_pipeline(struct parser *parser, bool in_parentheses, const struct template_pipeline **ret,
                          struct error **err) {
    struct template_pipeline *pipeline = arena_new_object(parser->lexer.arena, struct template_pipeline);
    pipeline->origin = parser->token.origin;
    int r = parse_commands(parser, pipeline, err);
    if (r < 0)
        return r;
    if (parser->token.kind == TOKEN_CLOSE && !in_parentheses)
        return fail(parser, err, "this parenthesis was never opened");
    *ret = pipeline;
    return 0;
}

// The pipeline of an action with its declaration, up to the end of the action. The variables come into scope.
static int parse_action_pipeline(struct parser *parser, bool is_range, const struct template_pipeline **ret,
                                 struct error **err) {
    struct template_pipeline declared = {0};
    int r = skip_space(parser, err);
    if (r >= 0)
        r = parse_declaration(parser, is_range, &declared, err);
    const struct template_pipeline *parsed = NULL;
    if (r >= 0)
        r = parse_pipeline(parser, false, &parsed, err);
    if (r < 0)
        return r;
    struct template_pipeline *pipeline = arena_new_object(parser->lexer.arena, struct template_pipeline);
    *pipeline = declared;
    pipeline->origin = parsed->origin;
    pipeline->commands = parsed->commands;
    pipeline->count = parsed->count;
    if (!pipeline->is_assignment)
        for (size_t i = 0; i < pipeline->variable_count; i++)
            declare(parser, pipeline->variables[i]);
    *ret = pipeline;
    return 0;
}

static int expect_end(struct parser *parser, const char *what, struct error **err) {
    int r = skip_space(parser, err);
    if (r >= 0 && parser->token.kind != TOKEN_END)
        return doc_error(err, ERROR_INVALID, parser->token.origin, "nothing may follow '%s'", what);
    return r;
}

static int parse_block(struct parser *parser, enum template_node_kind kind, struct doc_origin origin,
                       struct template_node **ret, struct error **err);

// What follows {{ else: nothing, or `if ...` and `with ...`, which make a block of their own that shares our end.
static int parse_else(struct parser *parser, struct template_node *node, struct error **err) {
    struct doc_origin origin = parser->token.origin;
    int r = skip_space(parser, err);
    if (r < 0)
        return r;
    bool is_if = parser->token.kind == TOKEN_IDENTIFIER && str_eq(parser->token.text, "if");
    bool is_with = parser->token.kind == TOKEN_IDENTIFIER && str_eq(parser->token.text, "with");
    if ((is_if && node->kind == NODE_IF) || (is_with && node->kind == NODE_WITH)) {
        struct template_node *chained = NULL;
        r = advance(parser, err);
        if (r >= 0)
            r = parse_block(parser, node->kind, origin, &chained, err);
        node->otherwise = chained;
        return r;
    }
    r = expect_end(parser, "else", err);
    enum ending ending;
    if (r >= 0)
        r = parse_body(parser, &node->otherwise, &ending, err);
    if (r < 0)
        return r;
    if (ending == ENDING_ELSE)
        return doc_error(err, ERROR_INVALID, origin, "a second else in the same block");
    if (ending == ENDING_SOURCE)
        return doc_error(err, ERROR_INVALID, origin, "this else has no end");
    return 0;
}

static int parse_block(struct parser *parser, enum template_node_kind kind, struct doc_origin origin,
                       struct template_node **ret, struct error **err) {
    struct template_node *node = arena_new_object(parser->lexer.arena, struct template_node);
    *node = (struct template_node){.kind = kind, .origin = origin};
    size_t scope = parser->variables.count;
    int r = enter(parser, origin, err);
    if (r >= 0)
        r = parse_action_pipeline(parser, kind == NODE_RANGE, &node->pipeline, err);
    if (r < 0)
        return r;
    enum ending ending;
    parser->ranges += kind == NODE_RANGE;
    r = parse_body(parser, &node->body, &ending, err);
    parser->ranges -= kind == NODE_RANGE;
    if (r >= 0 && ending == ENDING_ELSE)
        r = parse_else(parser, node, err);
    else if (r >= 0 && ending == ENDING_SOURCE)
        r = doc_error(err, ERROR_INVALID, origin, "this block has no {{ end }}");
    parser->variables.count = scope;
    parser->depth--;
    *ret = node;
    return r;
}

static int refuse_keyword(struct parser *parser, const char *name, struct doc_origin origin, struct error **err) {
    static const char *const refused[] = {"define", "template", "block", "include", "tpl", "lookup"};
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
        if (str_eq(name, refused[i])) {
            doc_error(err, ERROR_INVALID, origin, "'%s' is not known to manifest templates", name);
            return error_hint(err, "a manifest is one template on its own: no named templates, no cluster lookups");
        }
    }
    (void)parser;
    return 0;
}

// One action; *ret stays NULL for end and else, which *ret_ending tells.
static int parse_action(struct parser *parser, const struct template_part *part, struct template_node **ret,
                        enum ending *ret_ending, struct error **err) {
    static const struct {
        const char *name;
        enum template_node_kind kind;
    } blocks[] = {{"if", NODE_IF}, {"with", NODE_WITH}, {"range", NODE_RANGE}};
    parser->at = part->start;
    parser->end = part->end;
    int r = advance_past_space(parser, err);
    if (r < 0)
        return r;
    const char *word = parser->token.kind == TOKEN_IDENTIFIER ? parser->token.text : "";
    for (size_t i = 0; i < ARRAY_SIZE(blocks); i++) {
        if (str_eq(word, blocks[i].name)) {
            r = advance(parser, err);
            return r < 0 ? r : parse_block(parser, blocks[i].kind, part->origin, ret, err);
        }
    }
    bool is_end = str_eq(word, "end"), is_else = str_eq(word, "else");
    if (is_end || is_else) {
        *ret_ending = is_end ? ENDING_END : ENDING_ELSE;
        r = advance(parser, err);
        return r < 0 || is_else ? r : expect_end(parser, "end", err);
    }
    struct template_node *node = arena_new_object(parser->lexer.arena, struct template_node);
    *node = (struct template_node){.kind = NODE_ACTION, .origin = part->origin};
    *ret = node;
    if (str_eq(word, "break") || str_eq(word, "continue")) {
        node->kind = *word == 'b' ? NODE_BREAK : NODE_CONTINUE;
        if (!parser->ranges)
            return doc_error(err, ERROR_INVALID, part->origin, "'%s' outside of range", word);
        r = advance(parser, err);
        return r < 0 ? r : expect_end(parser, word, err);
    }
    r = refuse_keyword(parser, word, parser->token.origin, err);
    return r < 0 ? r : parse_action_pipeline(parser, false, &node->pipeline, err);
}

static struct template_node *text_node(struct parser *parser, const struct template_part *part) {
    struct template_node *node = arena_new_object(parser->lexer.arena, struct template_node);
    *node = (struct template_node){
        .kind = NODE_TEXT, .origin = part->origin, .text = part->start, .length = (size_t)(part->end - part->start)};
    return node;
}

static int parse_body(struct parser *parser, const struct template_node **ret, enum ending *ret_ending,
                      struct error **err) {
    const struct template_node **link = ret;
    size_t scope = parser->variables.count;
    *ret = NULL;
    for (;;) {
        struct template_part part;
        bool is_done;
        int r = template_next_part(&parser->lexer, &part, &is_done, err);
        if (r < 0)
            return r;
        *ret_ending = ENDING_SOURCE;
        if (is_done)
            break;
        struct template_node *node = NULL;
        if (!part.is_action)
            node = part.end > part.start ? text_node(parser, &part) : NULL;
        else if ((r = parse_action(parser, &part, &node, ret_ending, err)) < 0)
            return r;
        if (*ret_ending != ENDING_SOURCE)
            break;
        if (node) {
            *link = node;
            link = &node->next;
        }
    }
    parser->variables.count = scope;
    return 0;
}

int template_parse(struct arena *arena, const char *text, size_t length, const char *name, const struct template **ret,
                   struct error **err) {
    struct template *template = arena_new_object(arena, struct template);
    template->name = arena_strdup(arena, name);
    const char *copy = arena_strndup(arena, text, length);
    struct parser parser = {.lexer = {.arena = arena,
                                      .name = template->name,
                                      .text = copy,
                                      .end = copy + length,
                                      .at = copy,
                                      .line_start = copy,
                                      .counted = copy,
                                      .line = 1}};
    size_t bad;
    if (!utf8_is_valid(copy, length, &bad))
        return doc_error(err, ERROR_INVALID, template_origin(&parser.lexer, copy + bad), "no valid UTF-8 text");
    enum ending ending;
    int r = parse_body(&parser, &template->first, &ending, err);
    if (r < 0)
        return r;
    if (ending != ENDING_SOURCE)
        return doc_error(err, ERROR_INVALID, parser.token.origin, "this %s belongs to no block",
                         ending == ENDING_END ? "end" : "else");
    *ret = template;
    return 0;
}
