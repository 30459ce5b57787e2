// SPDX-License-Identifier: Apache-2.0
#include "bundle/template_tree.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

static const char *find(const char *from, const char *end, const char *what) {
    return memmem(from, (size_t)(end - from), what, strlen(what));
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Letters, digits, underscore, and everything beyond ASCII, which covers what Go's identifiers allow.
static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

struct doc_origin template_origin(struct template_lexer *lexer, const char *at) {
    if (at < lexer->line_start) {
        lexer->line_start = lexer->text;
        lexer->line = 1;
    }
    if (at < lexer->counted)
        lexer->counted = lexer->line_start;
    const char *line_break;
    while ((line_break = memchr(lexer->counted, '\n', (size_t)(at - lexer->counted)))) {
        lexer->line++;
        lexer->counted = lexer->line_start = line_break + 1;
    }
    lexer->counted = at;
    return (struct doc_origin){lexer->name, lexer->line, (uint32_t)(at - lexer->line_start) + 1};
}

// The "}}" that ends the action; strings and raw strings may hold braces.
static const char *action_end(const char *at, const char *end) {
    while (at < end) {
        if (*at == '"' || *at == '\'') {
            char quote = *at++;
            while (at < end && *at != quote && *at != '\n')
                at += *at == '\\' && at + 1 < end ? 2 : 1;
            at++;
        } else if (*at == '`') {
            at = memchr(at + 1, '`', (size_t)(end - at - 1));
            if (!at)
                return NULL;
            at++;
        } else if (end - at >= 2 && at[0] == '}' && at[1] == '}') {
            return at;
        } else {
            at++;
        }
    }
    return NULL;
}

static const char *skip_space(const char *at, const char *end) {
    while (at < end && is_space(*at))
        at++;
    return at;
}

// Reads the comment at `at`, which is behind "{{" and its trim marker; leaves lexer->at behind it.
static int read_comment(struct template_lexer *lexer, const char *open, const char *at, struct error **err) {
    const char *close = find(at + 2, lexer->end, "*/");
    if (!close)
        return doc_error(err, ERROR_INVALID, template_origin(lexer, open), "this comment is never closed by */");
    const char *after = close + 2;
    bool trims = after < lexer->end && is_space(*after);
    after = skip_space(after, lexer->end);
    trims = trims && after < lexer->end && *after == '-';
    if (trims)
        after++;
    if (lexer->end - after < 2 || after[0] != '}' || after[1] != '}' || (!trims && after != close + 2))
        return doc_error(err, ERROR_INVALID, template_origin(lexer, open),
                         "a comment must be the whole action: {{/* ... */}} or {{- /* ... */ -}}");
    lexer->trims_next = trims;
    lexer->at = after + 2;
    return 0;
}

static int read_action(struct template_lexer *lexer, struct template_part *ret, bool *ret_is_comment,
                       struct error **err) {
    const char *open = lexer->at, *at = open + 2;
    if (lexer->end - at >= 2 && *at == '-' && is_space(at[1]))
        at = skip_space(at + 1, lexer->end);
    *ret_is_comment = lexer->end - at >= 2 && at[0] == '/' && at[1] == '*';
    if (*ret_is_comment)
        return read_comment(lexer, open, at, err);
    const char *close = action_end(at, lexer->end);
    if (!close)
        return doc_error(err, ERROR_INVALID, template_origin(lexer, open), "this action is never closed by }}");
    lexer->trims_next = close - at >= 2 && close[-1] == '-' && is_space(close[-2]);
    *ret = (struct template_part){
        .is_action = true,
        .start = at,
        .end = lexer->trims_next ? close - 1 : close,
        .origin = template_origin(lexer, open),
    };
    lexer->at = close + 2;
    return 0;
}

static void read_text(struct template_lexer *lexer, const char *open, struct template_part *ret) {
    const char *start = lexer->at, *end = open;
    if (lexer->trims_next)
        start = skip_space(start, end);
    if (open < lexer->end && lexer->end - open >= 4 && open[2] == '-' && is_space(open[3]))
        while (end > start && is_space(end[-1]))
            end--;
    *ret = (struct template_part){.start = start, .end = end, .origin = template_origin(lexer, start)};
    lexer->trims_next = false;
    lexer->at = open;
}

int template_next_part(struct template_lexer *lexer, struct template_part *ret, bool *ret_done, struct error **err) {
    for (;;) {
        *ret_done = lexer->at >= lexer->end;
        if (*ret_done)
            return 0;
        const char *open = find(lexer->at, lexer->end, "{{");
        if (!open)
            open = lexer->end;
        if (open > lexer->at) {
            read_text(lexer, open, ret);
            return 0;
        }
        bool is_comment;
        int r = read_action(lexer, ret, &is_comment, err);
        if (r < 0 || !is_comment)
            return r;
    }
}

// --- tokens ---

static const char *word_end(const char *at, const char *end) {
    while (at < end && is_word(*at))
        at++;
    return at;
}

// One escape of a Go string behind its backslash; false when it is none.
static bool read_escape(const char **at, const char *end, struct text *out) {
    static const char names[] = "abfnrtv\\'\"", values[] = "\a\b\f\n\r\t\v\\'\"";
    char c = *(*at)++;
    const char *simple = c ? strchr(names, c) : NULL;
    if (simple) {
        text_add_char(out, values[simple - names]);
        return true;
    }
    int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : c >= '0' && c <= '7' ? 3 : 0;
    int base = digits == 3 ? 8 : 16;
    if (digits == 3)
        (*at)--;
    if (!digits || end - *at < digits)
        return false;
    char buffer[9] = {0}, *rest;
    memcpy(buffer, *at, (size_t)digits);
    if (!isalnum((unsigned char)buffer[0]))
        return false;
    unsigned long value = strtoul(buffer, &rest, base);
    if (rest != buffer + digits || value > (digits == 3 ? 255 : 0x10FFFF) || (value >= 0xD800 && value < 0xE000))
        return false;
    *at += digits;
    if (digits >= 4)
        text_add_code_point(out, (uint32_t)value);
    else
        text_add_char(out, (char)value);
    return true;
}

static int read_string(struct template_lexer *lexer, const char **at, const char *end, struct token *ret,
                       struct error **err) {
    _cleanup_text_ struct text value = {0};
    char quote = *(*at)++;
    while (*at < end && **at != quote) {
        if (quote != '`' && **at == '\n')
            break;
        if (quote != '`' && **at == '\\') {
            (*at)++;
            if (*at >= end || !read_escape(at, end, &value))
                return doc_error(err, ERROR_INVALID, ret->origin, "this string holds an escape that Go does not know");
        } else {
            if (!(quote == '`' && **at == '\r')) // Go drops carriage returns from raw strings
                text_add_char(&value, **at);
            (*at)++;
        }
    }
    if (*at >= end || **at != quote)
        return doc_error(err, ERROR_INVALID, ret->origin, "this string is never closed by %c", quote);
    (*at)++;
    if (!utf8_is_valid(text_str(&value), value.length, NULL) || memchr(text_str(&value), 0, value.length))
        return doc_error(err, ERROR_INVALID, ret->origin, "this string is no valid UTF-8 text");
    if (quote == '\'')
        return doc_error(err, ERROR_INVALID, ret->origin,
                         "character constants are not known here: write the text in double quotes");
    ret->kind = TOKEN_CONSTANT;
    ret->value = doc_new_string_bytes(lexer->arena, text_str(&value), value.length);
    return 0;
}

static int read_number(struct template_lexer *lexer, const char **at, const char *end, struct token *ret,
                       struct error **err) {
    const char *start = *at;
    if (**at == '+' || **at == '-')
        (*at)++;
    while (*at < end &&
           (is_word(**at) || **at == '.' || ((**at == '+' || **at == '-') && ((*at)[-1] == 'e' || (*at)[-1] == 'E'))))
        (*at)++;
    char *text = arena_strndup(lexer->arena, start, (size_t)(*at - start)), *rest;
    char *digits = text + (*text == '+' || *text == '-');
    ret->kind = TOKEN_CONSTANT;
    errno = 0;
    long long integer = strtoll(text, &rest, digits[0] == '0' && isdigit((unsigned char)digits[1]) ? 8 : 0);
    if (isdigit((unsigned char)*digits) && !*rest && errno == 0) {
        ret->value = doc_new_int(lexer->arena, integer);
        return 0;
    }
    errno = 0;
    double real = strtod(text, &rest);
    if (!isdigit((unsigned char)*digits) || *rest || errno || strpbrk(digits, "xXpP"))
        return doc_error(err, ERROR_INVALID, ret->origin, "'%s' is no number", text);
    struct doc *value = doc_new_float(lexer->arena, real);
    if (str_has_suffix(value->text, ".0")) { // Go prints 1e3 and 1.0 without it
        value->length -= 2;
        value->text = arena_strndup(lexer->arena, value->text, value->length);
    }
    ret->value = value;
    return 0;
}

static int read_word(struct template_lexer *lexer, const char **at, const char *end, struct token *ret) {
    const char *start = *at;
    bool has_prefix = *start == '.' || *start == '$';
    *at = word_end(start + has_prefix, end);
    ret->text = arena_strndup(lexer->arena, start + has_prefix, (size_t)(*at - start - has_prefix));
    if (*start == '$')
        ret->kind = TOKEN_VARIABLE;
    else if (*start == '.')
        ret->kind = *ret->text ? TOKEN_FIELD : TOKEN_DOT;
    else if (str_eq(ret->text, "true") || str_eq(ret->text, "false")) {
        ret->kind = TOKEN_CONSTANT;
        ret->value = doc_new_bool(lexer->arena, *ret->text == 't');
    } else if (str_eq(ret->text, "nil"))
        ret->kind = TOKEN_CONSTANT;
    else
        ret->kind = TOKEN_IDENTIFIER;
    return 0;
}

int template_next_token(struct template_lexer *lexer, const char **at, const char *end, struct token *ret,
                        struct error **err) {
    static const struct {
        char c;
        enum token_kind kind;
    } single[] = {{'|', TOKEN_PIPE}, {'(', TOKEN_OPEN}, {')', TOKEN_CLOSE}, {'=', TOKEN_ASSIGN}, {',', TOKEN_COMMA}};
    *ret = (struct token){.kind = TOKEN_END, .origin = template_origin(lexer, *at)};
    if (*at >= end)
        return 0;
    const char *start = *at;
    char c = *start, next = start + 1 < end ? start[1] : '\0';
    if (is_space(c)) {
        ret->kind = TOKEN_SPACE;
        *at = skip_space(start, end);
        return 0;
    }
    for (size_t i = 0; i < ARRAY_SIZE(single); i++) {
        if (c == single[i].c) {
            ret->kind = single[i].kind;
            (*at)++;
            return 0;
        }
    }
    if (c == ':' && next == '=') {
        ret->kind = TOKEN_DECLARE;
        *at += 2;
        return 0;
    }
    if (c == '"' || c == '`' || c == '\'')
        return read_string(lexer, at, end, ret, err);
    if (isdigit((unsigned char)c) || ((c == '+' || c == '-') && isdigit((unsigned char)next)))
        return read_number(lexer, at, end, ret, err);
    if (c == '.' || c == '$' || is_word(c))
        return read_word(lexer, at, end, ret);
    if (c >= ' ' && c < 0x7f)
        return doc_error(err, ERROR_INVALID, ret->origin, "unexpected '%c' in an action%s", c,
                         c == '-' ? ": a key with a dash is read with index, as in (index .Values \"a-b\")" : "");
    return doc_error(err, ERROR_INVALID, ret->origin, "unexpected byte 0x%02x in an action", (unsigned char)c);
}
