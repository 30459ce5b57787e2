// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "migrate/inventory.h"

static struct inventory *parse(struct arena *arena, const char *text) {
    struct inventory *inventory = NULL;
    _cleanup_error_ struct error *err = NULL;
    assert_int_equal(inventory_parse(arena, text, strlen(text), "hosts", &inventory, &err), 0);
    return inventory;
}

static void assert_refused(const char *text, const char *message) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct inventory *inventory = NULL;
    _cleanup_error_ struct error *err = NULL;
    assert_int_equal(inventory_parse(arena, text, strlen(text), "hosts", &inventory, &err), -ERROR_INVALID);
    assert_string_equal(err->message, message);
}

static void test_groups_and_machines(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct inventory *inventory =
        parse(arena, "# all\n[master]\n10.0.0.1 ansible_ssh_user=x\n\n[nodes]\r\n a\n b # the second\n;c\n");
    assert_int_equal(inventory->group_count, 2);
    assert_int_equal(inventory_count(inventory, "master"), 1);
    assert_int_equal(inventory_count(inventory, "nodes"), 2);
    assert_int_equal(inventory_count(inventory, "others"), 0);
    assert_int_equal(inventory_find(inventory, "nodes")->line, 5);
    assert_string_equal(inventory_find(inventory, "nodes")->hosts[1].name, "b");
}

static void test_ranges(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct inventory *inventory = parse(arena, "[n]\na[01:08]\nb[a:d].x\nc[0:10:5]\n[m]\nd[1:2]e[1:3]\n");
    assert_int_equal(inventory_count(inventory, "n"), 8 + 4 + 3);
    assert_int_equal(inventory_count(inventory, "m"), 6);
}

static void test_children_and_repeated_machines(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct inventory *inventory =
        parse(arena, "[a]\nx\ny\n[b]\ny\nz\n[both:children]\na\nb\nboth\n[a]\nw\n[a:vars]\nansible_user = me\n");
    assert_int_equal(inventory_count(inventory, "both"), 4);
    assert_int_equal(inventory_count(inventory, "a"), 3);
}

static void test_variables_without_values(void **state _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    struct inventory *inventory =
        parse(arena, "[a]\nx ansible_ssh_pass=hunter2 args='-o A=b c'\ny ansible_ssh_pass=\"hunter 3\"\n");
    assert_int_equal(inventory->variable_count, 2);
    assert_string_equal(inventory->variables[0].name, "ansible_ssh_pass");
    assert_true(inventory->variables[0].is_secret);
    assert_int_equal(inventory->variables[0].count, 2);
    assert_string_equal(inventory->variables[1].name, "args");
    assert_false(inventory->variables[1].is_secret);
}

static void test_refused(void **state _unused_) {
    assert_refused("[nodes\n", "hosts:1: a group is not closed with ]");
    assert_refused("\n[]\n", "hosts:2: a group has no name");
    assert_refused("[a] b\n", "hosts:1: something stands behind the name of a group");
    assert_refused("[a:b]\n", "hosts:1: behind the colon of a group stands neither children nor vars");
    assert_refused("[a]\nx y\n", "hosts:2: behind the name of a machine stands something that is no key=value");
    assert_refused("[a]\nx y='z\n", "hosts:2: a quote is not closed");
    assert_refused("[a:vars]\nx\n", "hosts:2: a line of variables is no key=value");
}

static void test_likely(void **state _unused_) {
    assert_true(inventory_is_likely("# c\n\n [master]\n", 15));
    assert_false(inventory_is_likely("cns_version: 18.0\n", 18));
    assert_false(inventory_is_likely("[a, b]\n", 7));
    assert_false(inventory_is_likely("", 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups_and_machines),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_children_and_repeated_machines),
        cmocka_unit_test(test_variables_without_values),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_likely),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
