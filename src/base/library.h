// SPDX-License-Identifier: Apache-2.0
#pragma once

// Shared libraries that are loaded when first needed, so that a command which does without them does not pay for them.
// The owner of a library lists its functions once:
//
//     #define FUNCTIONS(X) X(XML_Parse) X(XML_ParserFree)
//     static struct { FUNCTIONS(LIBRARY_MEMBER) } library;
//     static const char *const functions[] = {FUNCTIONS(LIBRARY_NAME)};
//     ... library_load(names, functions, ARRAY_SIZE(functions), (void **)&library, failure, sizeof failure)

#include <stdbool.h>
#include <stddef.h>

#define LIBRARY_MEMBER(name) __typeof__(name) *name;
#define LIBRARY_NAME(name) #name,

// Loads the first of the NULL-ended names that is there and fills the struct's members, which are pointers to the
// functions in order. False, with the reason as text, when there is no such library or it lacks a function. A library
// stays loaded. Not thread-safe: call it under pthread_once().
bool library_load(const char *const *names, const char *const *functions, size_t count, void **members, char *reason,
                  size_t reason_size);
