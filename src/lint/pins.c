// SPDX-License-Identifier: Apache-2.0
// The rule of lint about images: what a value or a manifest pulls is pinned as a chart is. And about facts that explain
// nothing any more.
#include "base/text.h"
#include "catalog/pin.h"
#include "lint/context.h"

#include <ctype.h>

// --- images ---

// "registry:5000/name:tag@digest": the tag, "" for a digest alone; NULL: neither.
static const char *tag_of(struct arena *arena, const char *image, size_t length) {
    const char *text = arena_strndup(arena, image, length), *slash = strrchr(text, '/');
    const char *name = slash ? slash + 1 : text, *digest = strchr(name, '@'), *colon = strchr(name, ':');
    if (digest)
        return "";
    return colon ? colon + 1 : NULL;
}

static void check_image(struct lint *lint, struct doc_origin origin, const char *image, size_t length) {
    const char *tag = length ? tag_of(lint->arena, image, length) : "";
    if (!tag || (*tag && version_is_floating(tag)))
        lint_find(lint, origin, "name a released tag, or a digest", "the image '%.*s' %s", (int)length, image,
                  tag ? "does not name one version" : "has no tag, so that it is whatever is latest");
}

// An image in one text, or a tag beside its repository; a lone repository has its tag from the chart.
static void check_value_images(struct lint *lint, const struct doc *doc) {
    DOC_FOREACH_ITEM(item, doc)
    check_value_images(lint, item);
    DOC_FOREACH_MEMBER(member, doc) {
        const struct doc *value = member->value;
        bool is_text = doc_is(value, DOC_STRING) && value->length > 0;
        bool has_parts = doc_get(doc, "repository") || doc_get(doc, "tag") || doc_get(doc, "version");
        if (is_text && str_eq(member->key, "image") && !has_parts)
            check_image(lint, value->origin, value->text, value->length);
        else if (is_text && str_eq(member->key, "tag") && version_is_floating(value->text))
            lint_find(lint, value->origin, "name a released tag, or a digest",
                      "the image tag '%s' does not name one version", value->text);
        check_value_images(lint, value);
    }
}

// A template is no document: its images stand in lines of their own, and those with an action in them are values.
struct template_line {
    const char *text; // behind indentation and list dashes
    size_t length;
    uint32_t column; // of the text, from 1
};

static struct template_line read_line(const char *at, const char *end) {
    const char *next = memchr(at, '\n', (size_t)(end - at));
    size_t length = (size_t)((next ? next : end) - at), start = 0;
    while (start < length && (at[start] == ' ' || at[start] == '-'))
        start++;
    return (struct template_line){.text = at + start, .length = length - start, .column = (uint32_t)start + 1};
}

static bool has_key(const struct template_line *line, const char *key) {
    size_t length = strlen(key);
    return line->length > length && strncmp(line->text, key, length) == 0 && line->text[length] == ':';
}

// Custom resources name the version beside the image.
#define NEIGHBOURS 8

static bool has_version_beside(const struct template_line *lines, size_t count, size_t index) {
    size_t first = index > NEIGHBOURS ? index - NEIGHBOURS : 0;
    for (size_t i = first; i < count && i <= index + NEIGHBOURS; i++)
        if (lines[i].column == lines[index].column && (has_key(&lines[i], "version") || has_key(&lines[i], "tag")))
            return true;
    return false;
}

static bool is_quote_or_space(char c) {
    return isspace((unsigned char)c) || c == '"' || c == '\'';
}

static void check_template_image(struct lint *lint, const struct lint_file *file, const struct template_line *lines,
                                 size_t count, size_t index) {
    const struct template_line *line = &lines[index];
    size_t from = strlen("image:"), to = line->length;
    if (!has_key(line, "image") || memmem(line->text, line->length, "{{", 2) || has_version_beside(lines, count, index))
        return;
    while (from < to && is_quote_or_space(line->text[from]))
        from++;
    while (to > from && is_quote_or_space(line->text[to - 1]))
        to--;
    const struct doc_origin origin = {
        .source = file->file.name, .line = (uint32_t)index + 1, .column = line->column + (uint32_t)from};
    check_image(lint, origin, line->text + from, to - from);
}

static void check_template_images(struct lint *lint, const struct lint_file *file) {
    const char *end = file->file.bytes + file->file.length;
    size_t count = 1;
    for (const char *at = file->file.bytes; at < end; at++)
        count += *at == '\n';
    struct template_line *lines = arena_new_array(lint->arena, struct template_line, count);
    const char *at = file->file.bytes;
    for (size_t i = 0; i < count; i++) {
        lines[i] = read_line(at, end);
        at = lines[i].text + lines[i].length + (lines[i].text + lines[i].length < end);
    }
    for (size_t i = 0; i < count; i++)
        check_template_image(lint, file, lines, count, i);
}

void lint_rule_images(struct lint *lint) {
    LINT_FOREACH_FILE(file, lint) {
        if (file->kind == LINT_VALUES)
            check_value_images(lint, file->doc);
        else if (file->kind == LINT_TEMPLATE)
            check_template_images(lint, file);
    }
    LINT_FOREACH_LAYER(layer, lint) {
        DOC_FOREACH_ITEM(ref, doc_get(layer->spec, "componentRefs"))
        check_value_images(lint, doc_get(ref, "overrides"));
    }
}

// --- facts ---

static bool covers(const char *about, const char *path) {
    size_t length = strlen(about);
    return strncmp(about, path, length) == 0 && (!path[length] || path[length] == '.');
}

static bool is_set_below(const struct doc *doc, const char *about, struct text *path) {
    size_t length = path->length;
    if (length && covers(about, text_str(path)))
        return true;
    bool is_set = false;
    DOC_FOREACH_MEMBER(member, doc) {
        text_addf(path, "%s%s", length ? "." : "", member->key);
        is_set = is_set || is_set_below(member->value, about, path);
        text_truncate(path, length);
    }
    return is_set;
}

static bool is_in_values(const struct lint *lint, const struct lint_file *facts, const struct doc *fact) {
    const char *only = doc_get_text(fact, "file", NULL);
    LINT_FOREACH_FILE(file, lint) {
        _cleanup_text_ struct text path = {0};
        const char *slash = strrchr(file->file.path, '/');
        if (file->kind == LINT_VALUES && str_eq(file->component, facts->component) &&
            (!only || str_eq(slash + 1, only)) && is_set_below(file->doc, doc_get_text(fact, "path", ""), &path))
            return true;
    }
    return false;
}

static bool is_in_overrides(const struct lint *lint, const struct lint_file *facts, const struct doc *fact) {
    LINT_FOREACH_LAYER(layer, lint) {
        DOC_FOREACH_ITEM(ref, doc_get(layer->spec, "componentRefs")) {
            _cleanup_text_ struct text path = {0};
            if (str_eq(doc_get_text(ref, "name", NULL), facts->component) &&
                is_set_below(doc_get(ref, "overrides"), doc_get_text(fact, "path", ""), &path))
                return true;
        }
    }
    return false;
}

// Facts that excuse a path speak of placement, too, which no file sets.
void lint_rule_stale_facts(struct lint *lint) {
    LINT_FOREACH_FILE(file, lint) {
        DOC_FOREACH_ITEM(fact, file->kind == LINT_FACTS ? doc_get(file->doc, "facts") : NULL)
        if (doc_get_text(fact, "path", NULL) && !doc_get(fact, "notInChartValues") && !is_in_values(lint, file, fact) &&
            !is_in_overrides(lint, file, fact))
            lint_find(lint, doc_get(fact, "path")->origin, "correct the path, or delete the fact",
                      "the fact about %s explains nothing: no values and no overrides of %s set it",
                      doc_get_text(fact, "path", ""), file->component);
    }
}
