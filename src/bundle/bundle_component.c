// SPDX-License-Identifier: Apache-2.0
#include "bundle/bundle.h"

#include <ctype.h>

#define NAME_LIMIT 53 // of a Helm release
#define NAMESPACE_LIMIT 63
#define TIMEOUT "10m"

// Lower-case letters, digits and dashes inside: what Kubernetes calls a DNS label.
static bool is_dns_label(const char *text, size_t limit) {
    size_t length = strlen(text);
    if (length == 0 || length > limit || text[0] == '-' || text[length - 1] == '-')
        return false;
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

const char *bundle_base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int bad(const struct component *component, struct error **err, const char *what, const char *value) {
    struct doc_origin origin = component->doc ? component->doc->origin : (struct doc_origin){0};
    return doc_error(err, ERROR_INVALID, origin, "component '%s': %s '%s' cannot be used", component->name, what,
                     value);
}

// What stands in commands of shell scripts and on single lines of a README.
static bool is_one_word(const char *text) {
    for (; *text; text++)
        if (isspace((unsigned char)*text) || iscntrl((unsigned char)*text))
            return false;
    return true;
}

static int check_words(const struct component *component, struct error **err) {
    const char *const words[] = {component->source, component->chart, component->version, component->tag,
                                 component->path};
    static const char *const names[] = {"source", "chart", "version", "tag", "path"};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (words[i] && (!is_one_word(words[i]) || *words[i] == '-'))
            return bad(component, err, names[i], words[i]);
    if (!is_dns_label(component->name, NAME_LIMIT)) {
        bad(component, err, "the name", component->name);
        return error_hint(err,
                          "a name has lower-case letters, digits and dashes, %d at most: it becomes a folder and a "
                          "Helm release",
                          NAME_LIMIT);
    }
    return 0;
}

static const char *or_null(const char *text) {
    return str_is_empty(text) ? NULL : text;
}

static bool is_local(const char *source) {
    return source[0] == '/' || str_has_prefix(source, "./") || str_has_prefix(source, "../") ||
           str_has_prefix(source, "file://");
}

static int init_chart(struct arena *arena, const struct component *component, struct bundle_component *ret,
                      struct error **err) {
    const char *source = component->source;
    if (str_has_prefix(source, "oci://")) {
        size_t length = strlen(source);
        while (length && source[length - 1] == '/')
            length--;
        ret->chart = arena_printf(arena, "%.*s/%s", (int)length, source, ret->chart_name);
    } else if (str_has_prefix(source, "http://") || str_has_prefix(source, "https://")) {
        ret->chart = ret->chart_name;
        ret->repository = source;
    } else if (is_local(source)) {
        const char *folder = str_has_prefix(source, "file://") ? source + strlen("file://") : source;
        ret->chart = or_null(component->chart) ? arena_printf(arena, "%s/%s", folder, ret->chart_name) : folder;
    } else {
        bad(component, err, "the source", source);
        return error_hint(err, "a chart comes from https://, oci://, or a path that starts with / or ./");
    }
    return 0;
}

static const char *kustomization(struct arena *arena, const struct component *component) {
    struct text out = {0};
    text_add(&out, component->source);
    if (or_null(component->path))
        text_addf(&out, "//%s", component->path);
    if (or_null(component->tag))
        text_addf(&out, "?ref=%s", component->tag);
    const char *copy = arena_strdup(arena, text_str(&out));
    text_done(&out);
    return copy;
}

static void init_registry(const struct component *component, struct bundle_component *ret) {
    const struct doc *helm = component->registry ? doc_get(component->registry->doc, "helm") : NULL;
    const char *title = component->registry ? or_null(component->registry->display_name) : NULL;
    const char *timeout = doc_get_text(helm, "timeout", NULL);
    ret->title = title && is_one_word(title) ? title : component->name;
    ret->waits = doc_get_bool(helm, "wait", true);
    ret->timeout = timeout && strspn(timeout, "0123456789hms") == strlen(timeout) ? timeout : TIMEOUT;
}

int bundle_component_init(struct arena *arena, const struct component *component, struct bundle_component *ret,
                          struct error **err) {
    int r = check_words(component, err);
    if (r < 0)
        return r;
    struct bundle_component result = {.component = component, .name = component->name};
    bool is_kustomization = or_null(component->source) && component->type == COMPONENT_KUSTOMIZE;
    const char *own = is_kustomization ? "" : component->name;
    result.namespace_ = or_null(component->namespace_) ? component->namespace_ : own;
    if (*result.namespace_ && !is_dns_label(result.namespace_, NAMESPACE_LIMIT))
        return bad(component, err, "the namespace", result.namespace_);
    result.chart_name = or_null(component->chart) ? bundle_base_name(component->chart) : component->name;
    result.version = or_null(component->version);
    init_registry(component, &result);
    if (!or_null(component->source)) {
        result.method = BUNDLE_MANIFESTS;
    } else if (is_kustomization) {
        result.method = BUNDLE_KUSTOMIZE;
        result.chart = kustomization(arena, component);
        result.version = or_null(component->tag);
    } else {
        result.method = BUNDLE_HELM;
        r = init_chart(arena, component, &result, err);
    }
    if (r >= 0)
        *ret = result;
    return r;
}
