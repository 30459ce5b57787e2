// SPDX-License-Identifier: Apache-2.0
#include "migrate/formats.h"
#include "base/text.h"

int formats_open(const struct doc *doc, struct formats *ret, struct error **err) {
    const struct doc *spec = doc_get(doc, "spec");
    if (!str_eq(doc_get_text(doc, "kind", NULL), "DocumentFormats") || !doc_is(doc_get(spec, "formats"), DOC_LIST) ||
        !doc_is(doc_get(spec, "shapes"), DOC_MAP))
        return doc_error(err, ERROR_INVALID, doc->origin,
                         "this document must have kind DocumentFormats, a list spec.formats and a map spec.shapes");
    *ret = (struct formats){.formats = doc_get(spec, "formats"), .shapes = doc_get(spec, "shapes")};
    return 0;
}

int formats_find(const struct formats *formats, const char *name, const struct doc **ret, struct error **err) {
    _cleanup_text_ struct text names = {0};
    DOC_FOREACH_ITEM(format, formats->formats) {
        const char *known = doc_get_text(format, "name", "");
        text_addf(&names, "%s%s", names.length ? ", " : "", known);
        if (str_eq(known, name) || str_eq(doc_get_text(format, "id", NULL), name)) {
            *ret = format;
            return 0;
        }
    }
    error_set(err, ERROR_INVALID, "'%s' is no format of documents", name);
    return error_hint(err, "formats are %s", text_str(&names));
}

static bool has_version(const struct doc *document, const char *api_version) {
    if (str_eq(doc_get_text(document, "apiVersion", NULL), api_version))
        return true;
    DOC_FOREACH_ITEM(older, doc_get(document, "reads"))
    if (str_eq(doc_text(older), api_version))
        return true;
    DOC_FOREACH_ITEM(instead, doc_get(document, "instead"))
    if (str_eq(doc_get_text(instead, "apiVersion", NULL), api_version))
        return true;
    return false;
}

bool formats_identify(const struct formats *formats, const struct doc *doc, struct format_match *ret) {
    const char *kind = doc_get_text(doc, "kind", NULL), *version = doc_get_text(doc, "apiVersion", NULL);
    DOC_FOREACH_ITEM(format, formats->formats) {
        DOC_FOREACH_ITEM(document, doc_get(format, "documents")) {
            if (!kind || !version || !str_eq(doc_get_text(document, "kind", NULL), kind) ||
                !has_version(document, version))
                continue;
            *ret = (struct format_match){.format = format, .document = document};
            return true;
        }
    }
    return false;
}

bool formats_has_version(const struct formats *formats, const char *api_version) {
    DOC_FOREACH_ITEM(format, formats->formats)
    if (formats_is_version_of(format, api_version))
        return true;
    return false;
}

bool formats_is_version_of(const struct doc *format, const char *api_version) {
    DOC_FOREACH_ITEM(document, doc_get(format, "documents"))
    if (has_version(document, api_version))
        return true;
    return false;
}

const struct doc *formats_document(const struct doc *format, const char *is) {
    DOC_FOREACH_ITEM(document, doc_get(format, "documents"))
    if (str_eq(doc_get_text(document, "is", NULL), is))
        return document;
    return NULL;
}
