/* bbq_test.c — the byte ring: every state of small rings, every operation in it, every point at which the other side may
 * strike in between. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel/core/bbq.h"
#include "kernel/arch/host/host.h"
#include "kernel/core/hooks.h"
#include "seeds.h"

#define LEN_MAX 5u

/* A ring whose bytes are consecutive numbers, so that any loss, repetition or reordering shows. */
struct world {
    struct mn_bbq ring;
    uint8_t       buf[LEN_MAX];
    uint8_t       written, read; /* how many so far, modulo 256 */
};

static void world_copy(struct world *to, const struct world *from)
{
    *to = *from;
    to->ring.buf = to->buf;
}

static uint8_t in_flight(const struct world *world)
{
    return (uint8_t)(world->written - world->read);
}

static void fill(struct world *world, uint8_t *buf, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        buf[i] = (uint8_t)(world->written + i);
}

static void check_read(struct world *world, const uint8_t *buf, uint32_t len)
{
    assert_true(len <= in_flight(world));
    for (uint32_t i = 0; i < len; i++)
        assert_int_equal(buf[i], (uint8_t)(world->read + i));
    world->read = (uint8_t)(world->read + len);
}

/* ---- Operations of each side: a kind and up to two numbers ---- */

struct op { void (*run)(struct world *world, uint32_t n, uint32_t m); uint32_t n, m; };

static void op_put(struct world *world, uint32_t n, uint32_t m)
{
    uint8_t  data[LEN_MAX + 1];
    uint32_t room = mn_bbq_room(&world->ring);
    (void)m;
    fill(world, data, n);
    world->written = (uint8_t)(world->written + n); /* before: the reader may have them before put comes back */
    uint32_t put = mn_bbq_put(&world->ring, data, n);
    world->written = (uint8_t)(world->written - (n - put));
    assert_true(put <= n && (put == n || put >= room));
}

static void op_write(struct world *world, uint32_t n, uint32_t m)
{
    uint32_t        room = mn_bbq_room(&world->ring);
    struct mn_grant grant = mn_bbq_write_grant(&world->ring, n);
    uint32_t        used = m < grant.len ? m : grant.len;

    assert_true(grant.len <= n && (grant.len > 0 || room == 0));
    assert_true(grant.buf >= world->buf && grant.buf + grant.len <= world->buf + world->ring.len);
    fill(world, grant.buf, used);
    world->written = (uint8_t)(world->written + used);
    mn_bbq_commit(&grant, used);
}

static void op_get(struct world *world, uint32_t n, uint32_t m)
{
    uint8_t  data[LEN_MAX + 1];
    uint32_t used = mn_bbq_used(&world->ring);
    (void)m;
    uint32_t got = mn_bbq_get(&world->ring, data, n);
    assert_true(got <= n && (got == n || got >= used));
    check_read(world, data, got);
}

static void op_read(struct world *world, uint32_t n, uint32_t m)
{
    uint32_t        used = mn_bbq_used(&world->ring);
    struct mn_grant grant = mn_bbq_read_grant(&world->ring);
    uint32_t        taken = n < grant.len ? n : grant.len;

    (void)m;
    assert_true(grant.len > 0 || used == 0);
    check_read(world, grant.buf, taken);
    mn_bbq_release(&grant, taken);
}

static uint32_t writer_ops(struct op *ops, uint32_t len)
{
    uint32_t n_ops = 0;
    for (uint32_t n = 1; n <= len + 1; n++)
        ops[n_ops++] = (struct op){ op_put, n, 0 };
    for (uint32_t n = 1; n <= len; n++)
        for (uint32_t m = 0; m <= n; m++)
            ops[n_ops++] = (struct op){ op_write, n, m };
    return n_ops;
}

static uint32_t reader_ops(struct op *ops, uint32_t len)
{
    uint32_t n_ops = 0;
    for (uint32_t n = 1; n <= len + 1; n++)
        ops[n_ops++] = (struct op){ op_get, n, 0 };
    for (uint32_t n = 0; n <= len; n++)
        ops[n_ops++] = (struct op){ op_read, n, 0 };
    return n_ops;
}

/* ---- What always holds ---- */

static void check_world(const struct world *before)
{
    struct world world;
    uint8_t      data[LEN_MAX];

    world_copy(&world, before);
    assert_int_equal(mn_bbq_used(&world.ring), in_flight(&world));
    assert_true(mn_bbq_room(&world.ring) + in_flight(&world) <= world.ring.len);
    check_read(&world, data, mn_bbq_get(&world.ring, data, LEN_MAX));
    assert_int_equal(in_flight(&world), 0);
    assert_int_equal(mn_bbq_room(&world.ring), world.ring.len);
    assert_int_equal(mn_bbq_read_grant(&world.ring).len, 0);
}

/* ---- The states that can be reached ---- */

static struct world states[4096];
static uint32_t     n_states;

/* Keep a state if no other has the same indices: then the live bytes are the same too, but for where they start counting. */
static void keep(const struct world *world)
{
    for (uint32_t i = 0; i < n_states; i++)
        if (states[i].ring.head == world->ring.head && states[i].ring.tail == world->ring.tail
            && states[i].ring.wrap == world->ring.wrap)
            return;
    assert_true(n_states < sizeof states / sizeof states[0]);
    world_copy(&states[n_states++], world);
}

static void begin(uint32_t len)
{
    struct world world = { 0 };
    mn_bbq_init(&world.ring, world.buf, len);
    n_states = 0;
    keep(&world);
}

static void visit_states(uint32_t len)
{
    struct op ops[64];
    uint32_t  n_ops = writer_ops(ops, len);
    n_ops += reader_ops(ops + n_ops, len);
    begin(len);
    for (uint32_t i = 0; i < n_states; i++) {
        for (uint32_t j = 0; j < n_ops; j++) {
            struct world world;
            world_copy(&world, &states[i]);
            ops[j].run(&world, ops[j].n, ops[j].m);
            check_world(&world);
            keep(&world);
        }
    }
}

static void every_state_of_a_small_ring_keeps_order_and_room(void **state)
{
    (void)state;
    for (uint32_t len = 1; len <= LEN_MAX; len++)
        visit_states(len);
    assert_true(n_states > 50);
}

/* ---- The other side strikes between two steps ---- */

static struct {
    struct world *world;
    struct op     op;
    uint32_t      at, points;
} strike;

static void strike_once(void *owner)
{
    (void)owner;
    if (strike.points++ == strike.at)
        strike.op.run(strike.world, strike.op.n, strike.op.m);
}

/* Run `op` from every state with each of the other side's ops at each point inside it. */
static void strike_everywhere(struct op op, const struct op *others, uint32_t n_others)
{
    for (uint32_t i = 0; i < n_states; i++) {
        for (uint32_t j = 0; j < n_others; j++) {
            uint32_t points = 1;
            for (uint32_t at = 0; at < points; at++) {
                struct world world;
                world_copy(&world, &states[i]);
                strike.world = &world;
                strike.op = others[j];
                strike.at = at;
                strike.points = 0;
                mn_host_on_point(strike_once, NULL);
                op.run(&world, op.n, op.m);
                mn_host_on_point(NULL, NULL);
                points = strike.points;
                check_world(&world);
            }
        }
    }
}

static void an_interrupt_that_reads_may_strike_the_writer_anywhere(void **state)
{
    (void)state;
    for (uint32_t len = 1; len <= 4; len++) {
        struct op writer[64], reader[64];
        uint32_t  n_writer = writer_ops(writer, len), n_reader = reader_ops(reader, len);
        visit_states(len);
        for (uint32_t i = 0; i < n_writer; i++)
            strike_everywhere(writer[i], reader, n_reader);
    }
}

static void an_interrupt_that_writes_may_strike_the_reader_anywhere(void **state)
{
    (void)state;
    for (uint32_t len = 1; len <= 4; len++) {
        struct op writer[64], reader[64];
        uint32_t  n_writer = writer_ops(writer, len), n_reader = reader_ops(reader, len);
        visit_states(len);
        for (uint32_t i = 0; i < n_reader; i++)
            strike_everywhere(reader[i], writer, n_writer);
    }
}

/* ---- Grants ---- */

static void a_piece_that_fits_only_at_the_start_is_lent_there(void **state)
{
    (void)state;
    struct mn_bbq ring;
    uint8_t       buf[10], data[10] = { 0 };
    mn_bbq_init(&ring, buf, sizeof buf);
    assert_int_equal(mn_bbq_put(&ring, data, 8), 8);
    assert_int_equal(mn_bbq_get(&ring, data, 6), 6);
    struct mn_grant grant = mn_bbq_write_grant(&ring, 6);
    assert_ptr_equal(grant.buf, buf);
    assert_int_equal(grant.len, 6);
    mn_bbq_commit(&grant, 5);
    assert_int_equal(mn_bbq_used(&ring), 7);
    assert_int_equal(mn_bbq_read_grant(&ring).len, 2);
}

static void a_piece_that_fits_nowhere_gets_what_is_next(void **state)
{
    (void)state;
    struct mn_bbq ring;
    uint8_t       buf[10], data[10] = { 0 };
    mn_bbq_init(&ring, buf, sizeof buf);
    mn_bbq_put(&ring, data, 8);
    mn_bbq_get(&ring, data, 4);
    struct mn_grant grant = mn_bbq_write_grant(&ring, 5);
    assert_ptr_equal(grant.buf, buf + 8);
    assert_int_equal(grant.len, 2);
}

static void commit_too_much(void *owner) { mn_bbq_commit(owner, 3); }
static void release_too_much(void *owner) { mn_bbq_release(owner, 3); }

static void using_more_than_was_lent_stops_the_kernel(void **state)
{
    (void)state;
    struct mn_bbq   ring;
    uint8_t         buf[4], data[2] = { 0 };
    struct mn_grant grant;
    mn_bbq_init(&ring, buf, sizeof buf);
    grant = mn_bbq_write_grant(&ring, 2);
    assert_non_null(mn_host_panic_of(commit_too_much, &grant));
    mn_bbq_put(&ring, data, 2);
    grant = mn_bbq_read_grant(&ring);
    assert_non_null(mn_host_panic_of(release_too_much, &grant));
}

static void a_grant_is_used_up_by_giving_it_back(void **state)
{
    (void)state;
    struct mn_bbq   ring;
    uint8_t         buf[8];
    struct mn_grant grant;
    mn_bbq_init(&ring, buf, sizeof buf);
    grant = mn_bbq_write_grant(&ring, 4);
    mn_bbq_commit(&grant, 1);
    assert_non_null(mn_host_panic_of(commit_too_much, &grant));
}

/* ---- Waiting: the two ends in tasks, the other end in interrupts ---- */

struct end { struct mn_task task; struct mn_bbq *ring; uint8_t next; uint32_t moved, goal, room, seed; };

static void end_take(struct end *self)
{
    uint8_t  data[16];
    uint32_t got = mn_bbq_get(self->ring, data, 1 + mn_host_random_next(&self->seed) % sizeof data);
    for (uint32_t i = 0; i < got; i++)
        assert_int_equal(data[i], self->next++);
    self->moved += got;
}

static void end_give(struct end *self)
{
    uint8_t  data[16];
    uint32_t len = 1 + mn_host_random_next(&self->seed) % sizeof data;
    len = len < self->goal - self->moved ? len : self->goal - self->moved;
    for (uint32_t i = 0; i < len; i++)
        data[i] = (uint8_t)(self->next + i);
    len = mn_bbq_put(self->ring, data, len);
    self->next = (uint8_t)(self->next + len);
    self->moved += len;
}

static mn_err reader_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct end *self = MN_CONTAINER_OF(task, struct end, task);
    MN_BEGIN(&task->co);
    while (self->moved < self->goal) {
        MN_TRY(mn_bbq_readable_poll(self->ring, cx));
        end_take(self);
    }
    MN_END();
}

static mn_err writer_poll(struct mn_task *task, struct mn_cx *cx)
{
    struct end *self = MN_CONTAINER_OF(task, struct end, task);
    MN_BEGIN(&task->co);
    while (self->moved < self->goal) {
        self->room = 1 + mn_host_random_next(&self->seed) % self->ring->len;
        MN_TRY(mn_bbq_writable_poll(self->ring, cx, self->room));
        assert_true(mn_bbq_room(self->ring) >= self->room);
        end_give(self);
    }
    MN_END();
}

struct pair { struct mn_bbq ring; uint8_t buf[32]; struct end reader, writer; };

static void pair_init(struct pair *pair, uint32_t len, uint32_t goal, uint32_t seed)
{
    *pair = (struct pair){ .reader = { .goal = goal, .seed = seed }, .writer = { .goal = goal, .seed = seed * 77u } };
    mn_bbq_init(&pair->ring, pair->buf, len);
    pair->reader.ring = pair->writer.ring = &pair->ring;
}

static void two_tasks_pass_everything_through(uint32_t seed)
{
    struct pair pair;
    pair_init(&pair, 1 + seed % sizeof pair.buf, 500, seed);
    mn_task_start(&pair.reader.task, "reader", reader_poll);
    mn_task_start(&pair.writer.task, "writer", writer_poll);
    mn_host_settle();
    assert_true(pair.reader.task.done && pair.writer.task.done);
}

static struct { void (*move)(struct end *end); struct end *end; uint32_t at, points; } once;

static void move_once(void *owner)
{
    (void)owner;
    if (once.points++ == once.at)
        once.move(once.end);
}

/* Run until nothing is ready, with one move of the other end at point `at`. Answers whether there was such a point. */
static bool settle_with_move_at(uint32_t at, void (*move)(struct end *end), struct end *end)
{
    once.move = move;
    once.end = end;
    once.at = at;
    once.points = 0;
    mn_host_on_point(move_once, NULL);
    mn_host_settle();
    mn_host_on_point(NULL, NULL);
    mn_host_settle();
    return once.points > at;
}

static void a_byte_wakes_the_reader_at_whichever_point_it_comes(void **state)
{
    (void)state;
    struct pair pair;
    for (uint32_t at = 0;; at++) {
        pair_init(&pair, 1, 1, 1);
        mn_task_start(&pair.reader.task, "reader", reader_poll);
        if (!settle_with_move_at(at, end_give, &pair.writer))
            break;
        assert_true(pair.reader.task.done);
        mn_host_reset();
    }
}

static void room_wakes_the_writer_at_whichever_point_it_comes(void **state)
{
    (void)state;
    struct pair pair;
    for (uint32_t at = 0;; at++) {
        pair_init(&pair, 1, 2, 1);
        end_give(&pair.writer);
        mn_task_start(&pair.writer.task, "writer", writer_poll);
        if (!settle_with_move_at(at, end_take, &pair.reader))
            break;
        assert_true(pair.writer.task.done);
        mn_host_reset();
    }
}

static void move_sometimes(void *owner)
{
    (void)owner;
    if (mn_host_random_next(&once.end->seed) % 5 == 0)
        once.move(once.end);
}

static void interrupts_may_write_at_any_time(uint32_t seed)
{
    struct pair pair;
    pair_init(&pair, 1 + seed % sizeof pair.buf, 500, seed);
    mn_task_start(&pair.reader.task, "reader", reader_poll);
    once.move = end_give;
    once.end = &pair.writer;
    mn_host_on_point(move_sometimes, NULL);
    while (!pair.reader.task.done) {
        mn_hook_point();
        mn_host_settle();
    }
}

static void interrupts_may_read_at_any_time(uint32_t seed)
{
    struct pair pair;
    pair_init(&pair, 1 + seed % sizeof pair.buf, 500, seed);
    mn_task_start(&pair.writer.task, "writer", writer_poll);
    once.move = end_take;
    once.end = &pair.reader;
    mn_host_on_point(move_sometimes, NULL);
    while (pair.reader.moved < pair.reader.goal) {
        mn_hook_point();
        mn_host_settle();
    }
    assert_true(pair.writer.task.done);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MN_TEST(every_state_of_a_small_ring_keeps_order_and_room),
        MN_TEST(an_interrupt_that_reads_may_strike_the_writer_anywhere),
        MN_TEST(an_interrupt_that_writes_may_strike_the_reader_anywhere),
        MN_TEST(a_piece_that_fits_only_at_the_start_is_lent_there),
        MN_TEST(a_piece_that_fits_nowhere_gets_what_is_next),
        MN_TEST(using_more_than_was_lent_stops_the_kernel),
        MN_TEST(a_grant_is_used_up_by_giving_it_back),
        MN_TEST(a_byte_wakes_the_reader_at_whichever_point_it_comes),
        MN_TEST(room_wakes_the_writer_at_whichever_point_it_comes),
        MN_SEEDED(two_tasks_pass_everything_through),
        MN_SEEDED(interrupts_may_write_at_any_time),
        MN_SEEDED(interrupts_may_read_at_any_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
