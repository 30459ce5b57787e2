// SPDX-License-Identifier: Apache-2.0
#include "usecase/deliver.h"
#include "io/destination.h"

int deliver_text(const char *location, const struct text *text, struct error **err) {
    return destination_write(location, text_str(text), text->length, err);
}

int deliver_document(const char *location, enum emit_format format, const struct doc *doc, struct error **err) {
    _cleanup_text_ struct text text = {0};
    doc_emit(doc, format, &text);
    if (format == EMIT_JSON_COMPACT)
        text_add_char(&text, '\n');
    return deliver_text(location, &text, err);
}

int deliver_check(const char *location, struct error **err) {
    return destination_check(location, err);
}
