// SPDX-License-Identifier: Apache-2.0
#include "model/redact.h"
#include "base/text.h"
#include "base/vec.h"
#include "model/redact_key.h"
#include "model/redact_scan.h"

#include <stdlib.h>

void scan_add_span(struct scan *scan, size_t start, size_t end, const char *rule, const char *replacement) {
    if (start >= end)
        return;
    VEC_GROW(scan->spans, scan->count, scan->capacity);
    scan->spans[scan->count++] = (struct span){
        .start = start, .end = end, .rule = rule, .replacement = replacement ? replacement : REDACTED_TEXT};
}

static int compare_spans(const void *a, const void *b) {
    const struct span *left = a, *right = b;
    if (left->start != right->start)
        return left->start < right->start ? -1 : 1;
    return left->end < right->end ? 1 : left->end > right->end ? -1 : 0;
}

static struct redaction render(struct scan *scan) {
    if (!scan->count)
        return (struct redaction){.text = scan->text};
    qsort(scan->spans, scan->count, sizeof *scan->spans, compare_spans);
    _cleanup_text_ struct text out = {0};
    size_t at = 0;
    for (size_t i = 0; i < scan->count; i++) {
        const struct span *span = &scan->spans[i];
        if (span->start >= at) {
            text_add_bytes(&out, scan->text + at, span->start - at);
            text_add(&out, span->replacement);
        }
        at = MAX(at, span->end); // an overlapping part goes with the earlier one
    }
    text_add_bytes(&out, scan->text + at, scan->length - at);
    return (struct redaction){.text = arena_strndup(scan->arena, text_str(&out), out.length),
                              .rule = scan->spans[0].rule};
}

struct redaction redact_text(const struct redact_policy *policy, struct arena *arena, const char *text) {
    struct scan scan = {.policy = policy, .arena = arena, .text = text, .length = strlen(text)};
    if (policy->mode != REDACT_OFF)
        scan_find_secrets(&scan);
    if (policy->mode == REDACT_STRICT)
        scan_find_names(&scan);
    struct redaction result = render(&scan);
    free(scan.spans);
    return result;
}

struct redaction redact_value(const struct redact_policy *policy, struct arena *arena, const char *key,
                              const char *text) {
    if (policy->mode == REDACT_OFF || !*text)
        return (struct redaction){.text = text};
    if (is_secret_key(key, strlen(key), text))
        return (struct redaction){.text = REDACTED_TEXT, .rule = RULE_KEY};
    const char *rule = identifier_rule(key);
    if (rule)
        return (struct redaction){.text = REDACTED_TEXT, .rule = rule};
    return redact_text(policy, arena, text);
}

const char *redact_words(const struct redact_policy *policy, struct arena *arena, const char **words, size_t count) {
    const char *first_rule = NULL;
    if (policy->mode == REDACT_OFF)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        const char *sign = strchr(words[i], '='), *rule = NULL;
        bool is_option = words[i][0] == '-' && !sign;
        if (is_option && i + 1 < count && words[i + 1][0] != '-' &&
            is_secret_key(words[i], strlen(words[i]), words[i + 1])) {
            words[++i] = REDACTED_TEXT;
            rule = RULE_KEY;
        } else if (sign && is_secret_key(words[i], (size_t)(sign - words[i]), sign + 1)) {
            words[i] = arena_printf(arena, "%.*s=" REDACTED_TEXT, (int)(sign - words[i]), words[i]);
            rule = RULE_KEY;
        } else {
            struct redaction redaction = redact_text(policy, arena, words[i]);
            words[i] = redaction.text;
            rule = redaction.rule;
        }
        if (!first_rule)
            first_rule = rule;
    }
    return first_rule;
}
