/* crash_report_test.c — the record of a kernel crash reaches the first host after it, once. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/services/crash_report.h"
#include "kernel/core/registry.h"
#include "kernel/services/serial_mux.h"
#include "rig.h"
#include <string.h>

static uint32_t reports;
static struct mnemos_loader_crash last;

static void listen(struct rig *rig, uint16_t port, const uint8_t *data, size_t len)
{
    struct mnemos_reader reader = {data, data + len};
    (void)rig;
    assert_int_equal(port, MNEMOS_LINK_PORT_CRASH);
    assert_true(mnemos_loader_crash_get(&reader, &last) && reader.at == reader.end);
    assert_int_equal(last.reason.len, 64);
    reports++;
}

static struct mnemos_bytes long_text(uint32_t len)
{
    static uint8_t text[64];
    memset(text, 'x', sizeof text);
    return (struct mnemos_bytes){text, len};
}

/* Every field as long as it can be: the frame has room for it. */
static const struct mnemos_loader_crash *longest_crash(void)
{
    static struct mnemos_loader_crash crash;
    memset(&crash, 0xff, sizeof crash);
    crash.reason = long_text(64);
    crash.file = long_text(48);
    crash.task = long_text(16);
    return &crash;
}

static struct rig *begin(void)
{
    struct rig *rig = rig_new(0);
    assert_int_equal(mn_registry_start(MN_REGISTRY_DEFAULTS), MN_OK);
    assert_int_equal(mn_serial_mux_start(), MN_OK);
    rig->message = listen;
    reports = 0;
    return rig;
}

static void the_first_host_gets_the_record_and_the_next_does_not(void **state)
{
    (void)state;
    struct rig *rig = begin();
    mn_crash_report_start(longest_crash());
    rig_run_ms(rig, 1000);
    assert_int_equal(reports, 0);
    rig_attach(rig, 5);
    rig_settle(rig);
    assert_int_equal(reports, 1);
    assert_int_equal(last.line, 0xffffffff);
    rig_attach(rig, 6);
    rig_run_ms(rig, 1000);
    assert_int_equal(reports, 1);
    assert_int_equal(mn_registry_stats().connections, 0); /* it has given back what it used */
    rig_free(rig);
}

static void a_record_that_did_not_leave_goes_to_the_next_host(void **state)
{
    (void)state;
    struct rig *rig = begin();
    struct device_port flood;
    device_open(&flood, 0x20, "flood", MN_PORT_INTERACTIVE, 64, 512);
    rig->stalled = true;
    device_write_pattern(&flood, 10000);
    rig_run_ms(rig, 100);
    mn_crash_report_start(longest_crash());
    rig_hello(rig, 5, MNEMOS_LINK_FEATURE_CRC);
    rig_run_ms(rig, 100);
    rig_hello(rig, 6, MNEMOS_LINK_FEATURE_CRC);
    rig_run_ms(rig, 100);
    rig->session = 6;
    rig->stalled = false;
    rig_settle(rig);
    assert_int_equal(reports, 1);
    rig_free(rig);
}

static void a_host_that_came_before_the_report_gets_it_too(void **state)
{
    (void)state;
    struct rig *rig = begin();
    rig_attach(rig, 5);
    mn_crash_report_start(longest_crash());
    rig_settle(rig);
    assert_int_equal(reports, 1);
    rig_free(rig);
}

/* Also between two of the first rounds, when the report has its port and does not know it yet. */
static void a_host_that_comes_at_any_moment_gets_it_once(void **state)
{
    (void)state;
    for (int rounds = 0; rounds < 8; rounds++) {
        mn_host_reset();
        struct rig *rig = begin();
        rig_hello(rig, 5, MNEMOS_LINK_FEATURE_CRC);
        mn_crash_report_start(longest_crash());
        for (int i = 0; i < rounds; i++) (void)mn_executor_tick();
        (void)mn_bbq_put(&rig->link.rx, rig->to_device.data, (uint32_t)rig->to_device.len);
        rig->to_device_at = rig->to_device.len;
        rig->session = 5;
        rig_settle(rig);
        assert_int_equal(reports, 1);
        rig_free(rig);
    }
}

static void a_report_waits_for_memory(void **state)
{
    (void)state;
    struct rig *rig = begin();
    mn_host_fail_allocation(1, true);
    mn_crash_report_start(longest_crash());
    rig_attach(rig, 5);
    rig_run_ms(rig, 1000);
    assert_int_equal(reports, 0);
    mn_host_fail_allocation(0, false);
    rig_run_ms(rig, 2100);
    assert_int_equal(reports, 1);
    rig_free(rig);
}

static void without_a_crash_nothing_is_said(void **state)
{
    (void)state;
    struct rig *rig = begin();
    mn_crash_report_start(NULL);
    rig_attach(rig, 5);
    rig_run_ms(rig, 1000);
    assert_int_equal(reports, 0);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(the_first_host_gets_the_record_and_the_next_does_not),
        MN_TEST(a_record_that_did_not_leave_goes_to_the_next_host),
        MN_TEST(a_host_that_came_before_the_report_gets_it_too),
        MN_TEST(a_host_that_comes_at_any_moment_gets_it_once),
        MN_TEST(a_report_waits_for_memory),
        MN_TEST(without_a_crash_nothing_is_said),
    };
    return cmocka_run_group_tests_name("crash report", tests, NULL, NULL);
}
