// SPDX-License-Identifier: Apache-2.0
#include "base/alloc.h"
#include "base/vec.h"
#include "doc/emit.h"
#include "doc/scalar.h"

struct row {
    char *path;
    const struct doc *value;
};

struct rows {
    struct row *items;
    size_t count, capacity;
};

static bool has_control(const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)bytes[i] < 0x20 || bytes[i] == 0x7F)
            return true;
    return false;
}

// What would break the line, or command the terminal, is shown as a JSON string.
static void add_shown(const char *bytes, size_t length, struct text *out) {
    if (has_control(bytes, length))
        doc_emit_json_string(bytes, length, out);
    else
        text_add_bytes(out, bytes, length);
}

static void collect_rows(struct rows *rows, struct text *path, const struct doc *doc) {
    size_t length = path->length;
    if (doc_is_scalar(doc) || doc_count(doc) == 0) {
        VEC_GROW(rows->items, rows->count, rows->capacity);
        rows->items[rows->count++] = (struct row){xstrdup(text_str(path)), doc};
        return;
    }
    const char *dot = length ? "." : "";
    DOC_FOREACH_MEMBER(member, doc) {
        text_add(path, dot);
        add_shown(member->key, member->key_length, path);
        collect_rows(rows, path, member->value);
        text_truncate(path, length);
    }
    DOC_FOREACH_ITEM(item, doc) {
        text_addf(path, "%s[%zu]", dot, item_index);
        collect_rows(rows, path, item);
        text_truncate(path, length);
    }
}

static int compare_rows(const void *a, const void *b) {
    return strcmp(((const struct row *)a)->path, ((const struct row *)b)->path);
}

static void add_value(const struct doc *doc, struct text *out) {
    if (doc_is_scalar(doc))
        add_shown(doc->text, doc->length, out);
    else
        text_add(out, doc->kind == DOC_MAP ? "{}" : "[]");
}

static void add_row(const char *field, size_t width, struct text *out) {
    size_t used = utf8_width(field);
    text_add(out, field);
    text_add_repeat(out, ' ', (width > used ? width - used : 0) + 2);
}

void doc_emit_table(const struct doc *doc, struct text *out) {
    struct rows rows = {0};
    _cleanup_text_ struct text path = {0};
    collect_rows(&rows, &path, doc);
    if (rows.count)
        qsort(rows.items, rows.count, sizeof *rows.items, compare_rows);
    size_t width = strlen("FIELD");
    for (size_t i = 0; i < rows.count; i++)
        width = MAX(width, utf8_width(rows.items[i].path));
    add_row("FIELD", width, out);
    text_add(out, "VALUE\n");
    add_row("-----", width, out);
    text_add(out, "-----\n");
    for (size_t i = 0; i < rows.count; i++) {
        add_row(rows.items[i].path, width, out);
        add_value(rows.items[i].value, out);
        text_add_char(out, '\n');
        free(rows.items[i].path);
    }
    free(rows.items);
}
