// SPDX-License-Identifier: Apache-2.0
#pragma once

// Holding a document against a JSON Schema (draft 2020-12), as far as the schemas in api/schemas go: type, const, enum,
// pattern (POSIX extended), minLength, minimum, minItems, uniqueItems, items, minProperties, properties, required,
// additionalProperties, propertyNames, dependentRequired, dependentSchemas, allOf, anyOf, oneOf, not, if, then, else
// and $ref, into the schema itself or another one of a set. schema_find_unknown() tells a keyword that is none of
// these, so that none is passed over in silence.
//
// One rule differs: where a schema wants a string, any scalar that was written without quotes will do, because
// documents keep the text that was written (24.10 stays 24.10).

#include "doc/doc.h"

enum schema_problem_kind {
    SCHEMA_WRONG,   // what is there must not be, or must be something else
    SCHEMA_MISSING, // `key` is missing in the map at `path`
    SCHEMA_UNKNOWN, // `key` is not allowed in the map at `path`
};

struct schema_problem {
    enum schema_problem_kind kind;
    struct doc_origin origin;
    const char *path; // "components[3].helm"; "" is the document
    const char *key;  // SCHEMA_MISSING, SCHEMA_UNKNOWN
    const char *message;
};

// Schemas by name of file, for references from one into another; ends with a row whose name is NULL.
struct schema_file {
    const char *name; // "recipe-metadata.schema.json"
    const struct doc *schema;
};

// Calls `report` for each problem, in the order of the document; texts live in the arena. True when there is none.
// `others` may be NULL. A reference that leads nowhere is a problem.
bool schema_check(struct arena *arena, const struct doc *schema, const struct schema_file *others,
                  const struct doc *value, void (*report)(void *context, const struct schema_problem *problem),
                  void *context);
// A keyword of the schema that schema_check() does not know; NULL: there is none.
const char *schema_find_unknown(const struct doc *schema);
