// SPDX-License-Identifier: Apache-2.0
// A fake of systemd's D-Bus objects, for tests: answers Manager.ListUnitsByPatterns and Properties.GetAll for a few
// units with made-up values. On a bus: fake_systemd bus (DBUS_SYSTEM_BUS_ADDRESS). As systemd's private socket, where
// there is no bus: fake_systemd socket PATH. Prints "ready" when it answers. FAKE_SYSTEMD_MODE: "slow" (never answers
// GetAll), "broken" (an error for kubelet.service).
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

static const char *const units[] = {"containerd.service", "kubelet.service", "nvidia-fabricmanager.service",
                                    "nvidia-persistenced.service", "ssh.service"};
#define UNIT_COUNT (sizeof units / sizeof units[0])

static void check(int r, const char *what) {
    if (r >= 0)
        return;
    fprintf(stderr, "fake_systemd: %s: %s\n", what, strerror(-r));
    exit(1);
}

static int mode_is(const char *name) {
    const char *mode = getenv("FAKE_SYSTEMD_MODE");
    return mode && strcmp(mode, name) == 0;
}

static int list_units(sd_bus_message *call) {
    char **states = NULL, **patterns = NULL;
    sd_bus_message *reply = NULL;
    check(sd_bus_message_read_strv(call, &states), "states");
    check(sd_bus_message_read_strv(call, &patterns), "patterns");
    check(sd_bus_message_new_method_return(call, &reply), "reply");
    check(sd_bus_message_open_container(reply, 'a', "(ssssssouso)"), "list");
    for (size_t i = 0; i < UNIT_COUNT; i++) {
        for (char **pattern = patterns; pattern && *pattern; pattern++) {
            if (fnmatch(*pattern, units[i], 0) != 0)
                continue;
            check(sd_bus_message_append(reply, "(ssssssouso)", units[i], "a unit", "loaded", "active", "running", "",
                                        "/org/freedesktop/systemd1/unit/x", 0U, "", "/"),
                  "unit");
            break;
        }
    }
    check(sd_bus_message_close_container(reply), "list");
    return sd_bus_send(NULL, reply, NULL);
}

// a{sv}: one entry.
#define ADD(reply, name, type, ...) check(sd_bus_message_append((reply), "{sv}", (name), (type), __VA_ARGS__), (name))

static void add_command(sd_bus_message *reply) {
    check(sd_bus_message_open_container(reply, 'e', "sv"), "entry");
    check(sd_bus_message_append(reply, "s", "ExecStart"), "name");
    check(sd_bus_message_open_container(reply, 'v', "a(sasbttttuii)"), "variant");
    check(sd_bus_message_append(reply, "a(sasbttttuii)", 1, "/usr/bin/kubelet", 5, "/usr/bin/kubelet",
                                "--bootstrap-token=planted-secret-argument", "--token", "planted secret word", "--v=2",
                                0, (uint64_t)1754471111884832, (uint64_t)240758742, (uint64_t)0, (uint64_t)0, 38444U, 0,
                                0),
          "command");
    check(sd_bus_message_close_container(reply), "variant");
    check(sd_bus_message_close_container(reply), "entry");
}

static void add_loaded(sd_bus_message *reply, const char *unit) {
    ADD(reply, "Id", "s", unit);
    ADD(reply, "LoadState", "s", "loaded");
    ADD(reply, "ActiveState", "s", "active");
    ADD(reply, "CPUAccounting", "b", 1);
    ADD(reply, "UMask", "u", 18U);
    ADD(reply, "OOMScoreAdjust", "i", -999);
    ADD(reply, "MemoryHigh", "t", UINT64_MAX);
    ADD(reply, "TimerOffset", "x", (int64_t)-5);
    ADD(reply, "Weight", "d", 0.5);
    ADD(reply, "After", "as", 2, "network.target", "local-fs.target");
    ADD(reply, "Documentation", "as", 0);
    ADD(reply, "EffectiveCPUs", "ay", 2, 255, 3);
    ADD(reply, "Job", "(uo)", 0U, "/");
    ADD(reply, "AppArmorProfile", "(bs)", 0, "");
    ADD(reply, "RestartForceExitStatus", "(aiai)", 0, 0);
    ADD(reply, "Environment", "as", 3, "HTTP_PROXY=http://user:planted-secret-proxy@proxy:3128",
        "API_TOKEN=planted secret environment", "COLOR=green");
    ADD(reply, "StatusText", "s", "joined with password: planted-secret-status");
    ADD(reply, "AllowedCPUs", "ay", 1, 255);
    ADD(reply, "SetCredential", "a(say)", 1, "planted-secret-credential", 1, 65);
    ADD(reply, "InvocationID", "ay", 2, 93, 102);
    add_command(reply);
}

static int get_all(sd_bus_message *call) {
    sd_bus_message *reply = NULL;
    char *unit = NULL;
    check(sd_bus_path_decode(sd_bus_message_get_path(call), "/org/freedesktop/systemd1/unit", &unit), "path");
    if (mode_is("slow"))
        return 1;
    if (mode_is("broken") && unit && strcmp(unit, "kubelet.service") == 0)
        return sd_bus_reply_method_errorf(call, "org.freedesktop.systemd1.Broken", "this unit is broken");
    check(sd_bus_message_new_method_return(call, &reply), "reply");
    check(sd_bus_message_open_container(reply, 'a', "{sv}"), "properties");
    int is_known = 0;
    for (size_t i = 0; i < UNIT_COUNT; i++)
        is_known |= unit && strcmp(unit, units[i]) == 0;
    if (is_known) {
        add_loaded(reply, unit);
    } else {
        ADD(reply, "LoadState", "s", "not-found");
        ADD(reply, "ActiveState", "s", "inactive");
    }
    check(sd_bus_message_close_container(reply), "properties");
    free(unit);
    return sd_bus_send(NULL, reply, NULL);
}

static int on_message(sd_bus_message *message, void *context, sd_bus_error *error) {
    (void)context;
    (void)error;
    if (sd_bus_message_is_method_call(message, "org.freedesktop.systemd1.Manager", "ListUnitsByPatterns"))
        return list_units(message) < 0 ? -1 : 1;
    if (sd_bus_message_is_method_call(message, "org.freedesktop.DBus.Properties", "GetAll"))
        return get_all(message) < 0 ? -1 : 1;
    return 0;
}

static void serve(sd_bus *bus) {
    for (;;) {
        int r = sd_bus_process(bus, NULL);
        if (r == 0)
            r = sd_bus_wait(bus, UINT64_MAX);
        if (r < 0)
            return;
    }
}

static void serve_bus(void) {
    sd_bus *bus = NULL;
    check(sd_bus_open_system(&bus), "bus");
    check(sd_bus_add_filter(bus, NULL, on_message, NULL), "filter");
    check(sd_bus_request_name(bus, "org.freedesktop.systemd1", 0), "name");
    puts("ready");
    fflush(stdout);
    serve(bus);
}

static void serve_socket(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 4) < 0) {
        perror("fake_systemd: socket");
        exit(1);
    }
    puts("ready");
    fflush(stdout);
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        sd_id128_t id = {.bytes = {1, 2, 3}};
        sd_bus *bus = NULL;
        check(sd_bus_new(&bus), "connection");
        check(sd_bus_set_fd(bus, fd, fd), "descriptor");
        check(sd_bus_set_server(bus, 1, id), "server");
        check(sd_bus_add_filter(bus, NULL, on_message, NULL), "filter");
        check(sd_bus_start(bus), "start");
        serve(bus);
        sd_bus_unref(bus);
    }
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "socket") == 0)
        serve_socket(argv[2]);
    else
        serve_bus();
    return 0;
}
