// SPDX-License-Identifier: Apache-2.0
#pragma once

// systemd's units over D-Bus, through sd-bus. libsystemd is loaded when a bus is first opened. A bus belongs to the
// thread that opened it.

#include "base/error.h"
#include "base/vec.h"
#include "doc/doc.h"

#include <stdbool.h>

struct systemd_bus;

// `address` is a D-Bus address ("unix:path=/run/systemd/private"). A direct one is systemd's own socket, behind which
// there is no message bus; else systemd is looked for on the bus. Every call may take `timeout_ms`.
// ERROR_UNAVAILABLE when libsystemd cannot be loaded or nobody listens, ERROR_DENIED when the caller may not connect.
int systemd_bus_open(const char *address, bool is_direct, unsigned timeout_ms, struct systemd_bus **ret,
                     struct error **err) _must_use_;
void systemd_bus_close(struct systemd_bus *bus);
DEFINE_CLEANUP(struct systemd_bus *, systemd_bus, systemd_bus_close)
#define _cleanup_systemd_bus_ _cleanup_(systemd_bus_cleanup)

// Names of the loaded units that match any of the patterns (NULL-ended), sorted. ERROR_UNAVAILABLE when there is no
// systemd on the bus.
int systemd_bus_list(struct systemd_bus *bus, const char *const *patterns, struct strvec *names,
                     struct error **err) _must_use_;
// All properties of a unit, loaded or not, as a map. Booleans, 64-bit numbers, doubles and strings are scalars of their
// kind; other numbers are strings; arrays and structures are lists, dictionaries are maps.
int systemd_bus_properties(struct systemd_bus *bus, struct arena *arena, const char *unit, const struct doc **ret,
                           struct error **err) _must_use_;
