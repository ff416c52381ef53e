/* rings.c — see rings.h.
 *
 * The queues lie in memory that the program may change at any time it runs. So
 * the kernel reads the two indices that are the program's once per visit and
 * refuses what cannot be, copies a submission before it looks at it, and believes
 * only its own copies of the geometry and of the two indices that it writes. A
 * submission is taken only when there is a place for its completion; so
 * completions neither wait nor overflow, and who reads none blocks only itself. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rings.h"
#include "ring_index.h"
#include "sched.h"
#include "syscall_priv.h"
#include "kernel/core/heap.h"
#include <mnemos/abi/ring.h>

#define VISIT_MAX 8u /* submissions taken in one visit, before others have their turn */

struct slot {
    struct mn_call call;
    struct slot   *next; /* of the free ones */
    uint32_t       nonce;
};

struct mn_ring {
    struct mn_ring *next;       /* of those to be visited by the task */
    struct mn_prog *prog;
    struct slot    *free;
    uint32_t submissions, completions;             /* addresses of the queues, */
    uint32_t submission_places, completion_places; /* and how long they are */
    uint32_t taken, put;        /* the kernel's own indices */
    uint32_t read;              /* completions that the program had taken at the last visit */
    uint32_t under_way;
    uint32_t wait_for;          /* while `waiting`: it goes on when `put` gets there */
    uint16_t slots;
    bool     waiting, left, queued; /* left: submissions that found no room */
    struct slot slot[];
};

static struct {
    struct mn_task  task;
    bool            started;
    struct mn_ring *head, **tail;
} visits;

/* ---- The queues ---- */

static struct mnemos_ring_indices *indices_of(uint32_t queue)
{
    return (struct mnemos_ring_indices *)(void *)mn_memory(queue);
}

static struct mnemos_ring_submission *submission_at(const struct mn_ring *ring, uint32_t index)
{
    struct mnemos_ring_submission *first = (void *)(indices_of(ring->submissions) + 1);
    return first + mn_ring_place(index, ring->submission_places);
}

static struct mnemos_ring_completion *completion_at(const struct mn_ring *ring, uint32_t index)
{
    struct mnemos_ring_completion *first = (void *)(indices_of(ring->completions) + 1);
    return first + mn_ring_place(index, ring->completion_places);
}

static inline void give_slot(struct mn_ring *ring, struct slot *slot)
{
    slot->next = ring->free;
    ring->free = slot;
}

static inline void post(struct mn_ring *ring, uint32_t nonce, mn_err err, uint32_t used)
{
    *completion_at(ring, ring->put) = (struct mnemos_ring_completion){ .nonce = nonce, .error = err, .used = used };
    __atomic_signal_fence(__ATOMIC_RELEASE);
    indices_of(ring->completions)->put = ++ring->put;
    if (ring->waiting && ring->put == ring->wait_for) {
        ring->waiting = false;
        mn_call_reply(&ring->prog->call, MN_OK, NULL, 0);
    }
}

/* ---- Visits ---- */

static void want_visit(struct mn_ring *ring)
{
    if (ring->queued)
        return;
    ring->queued = true;
    ring->next = NULL;
    *visits.tail = ring;
    visits.tail = &ring->next;
    mn_task_wake(&visits.task);
}

static void want_no_visit(struct mn_ring *ring)
{
    struct mn_ring **link = &visits.head;
    if (!ring->queued)
        return;
    while (*link != ring)
        link = &(*link)->next;
    *link = ring->next;
    if (!*link)
        visits.tail = link;
    ring->queued = false;
}

/* Copy what a submission asks for into the form in which system calls have it. Each field is read once: what the kernel
 * looks at afterwards is its own. */
static inline mn_err copy_call(struct mn_call *call, const struct mnemos_ring_submission *from)
{
    uint32_t must_be_zero = from->zero;
    call->number = from->operation;
    switch (call->number) {
    case MNEMOS_SYS_CALL_SERIAL_READ:
        call->args.serial_read.handle = from->handle;
        call->args.serial_read.out = from->out;
        must_be_zero |= from->call | from->in.len;
        break;
    case MNEMOS_SYS_CALL_SERIAL_WRITE:
        call->args.serial_write.handle = from->handle;
        call->args.serial_write.data = from->in;
        must_be_zero |= from->call | from->out.len;
        break;
    case MNEMOS_SYS_CALL_SERVICE_CALL:
        call->args.service_call =
            (struct mnemos_sys_service_call_args){ from->handle, from->call, from->in, from->out };
        break;
    default:
        return MNEMOS_ERR_BAD_ARGUMENT;
    }
    return must_be_zero ? MNEMOS_ERR_BAD_ARGUMENT : MN_OK;
}

/* Take the next submission: there is a slot, and a place for its completion. */
static inline mn_err take_one(struct mn_ring *ring)
{
    const struct mnemos_ring_submission *from = submission_at(ring, ring->taken++);
    struct slot    *slot = ring->free;
    struct mn_call *call = &slot->call;
    ring->free = slot->next;
    slot->nonce = from->nonce;
    call->used = 0;
    mn_err err = copy_call(call, from);
    if (!err)
        err = mn_call_submit(ring->prog, call, MN_TIME_NEVER);
    if (err == MN_PENDING) {
        call->pending = true;
        ring->under_way++;
        return MN_OK;
    }
    give_slot(ring, slot);
    if (err == MN_CALL_BAD_SLICE)
        mn_fault_ring(ring->prog, MNEMOS_LOADER_FAULT_KIND_BAD_SLICE, call->number);
    else
        post(ring, slot->nonce, err, call->used);
    return err == MN_CALL_BAD_SLICE ? err : MN_OK;
}

/* Take submissions while there is room for them. Answers whether the program is still as good as it was: false, it is
 * condemned. `*submitted` gets how many are left. */
static inline bool visit(struct mn_ring *ring, uint32_t *submitted)
{
    const uint32_t put = __atomic_load_n(&indices_of(ring->submissions)->put, __ATOMIC_RELAXED);
    ring->read = __atomic_load_n(&indices_of(ring->completions)->taken, __ATOMIC_RELAXED);
    __atomic_signal_fence(__ATOMIC_ACQUIRE);
    if (!mn_ring_sound(put, ring->taken, ring->submission_places)
        || !mn_ring_sound(ring->put, ring->read, ring->completion_places)) {
        mn_fault_ring(ring->prog, MNEMOS_LOADER_FAULT_KIND_RING_CORRUPT, 0);
        return false;
    }
    bool fine = true;
    ring->left = false;
    for (uint32_t budget = VISIT_MAX; fine && ring->taken != put; budget--) {
        ring->left = !ring->free || !mn_ring_has_room(ring->under_way, ring->put, ring->read, ring->completion_places);
        if (ring->left)
            break;
        if (!budget) {
            want_visit(ring);
            break;
        }
        fine = take_one(ring) == MN_OK;
    }
    indices_of(ring->submissions)->taken = ring->taken;
    *submitted = put - ring->taken;
    return fine;
}

/* Each ring that was to be visited when this began, once. */
static mn_err visits_poll(struct mn_task *task, struct mn_cx *cx)
{
    (void)task;
    (void)cx;
    uint32_t submitted, rings = 0;
    for (const struct mn_ring *ring = visits.head; ring; ring = ring->next)
        rings++;
    for (; rings; rings--) {
        struct mn_ring *ring = visits.head;
        struct mn_prog *prog = ring->prog;
        want_no_visit(ring);
        if (!visit(ring, &submitted))
            mn_fault_execute(prog);
    }
    return MN_PENDING;
}

void mn_ring_complete(struct mn_call *call, mn_err err, uint32_t used)
{
    struct slot    *slot = MN_CONTAINER_OF(call, struct slot, call);
    struct mn_ring *ring = call->ring;
    if (!call->pending)
        return;
    call->pending = false;
    call->cancel = NULL;
    give_slot(ring, slot);
    ring->under_way--;
    post(ring, slot->nonce, err, used);
    if (ring->left)
        want_visit(ring);
}

/* ---- Open and close ---- */

/* How many places a queue has; 0: it is none. */
static uint32_t places_of(struct mnemos_span queue, uint32_t entry_len)
{
    uint32_t places = mn_ring_places(queue.len, entry_len);
    return queue.addr % 8 == 0 ? places : 0;
}

static bool overlap(struct mnemos_span one, struct mnemos_span other)
{
    return one.addr < other.addr + other.len && other.addr < one.addr + one.len;
}

static bool is_empty(uint32_t queue)
{
    return indices_of(queue)->put == indices_of(queue)->taken;
}

static mn_err open_ring(struct mn_prog *prog, const struct mnemos_sys_ring_open_args *args)
{
    uint32_t submissions = places_of(args->submissions, sizeof(struct mnemos_ring_submission));
    uint32_t completions = places_of(args->completions, sizeof(struct mnemos_ring_completion));
    if (prog->ring)
        return MNEMOS_ERR_BUSY;
    if (!submissions || !completions || overlap(args->submissions, args->completions)
        || !is_empty(args->submissions.addr) || !is_empty(args->completions.addr))
        return MNEMOS_ERR_BAD_ARGUMENT;
    uint32_t        slots = completions < MNEMOS_RING_CALLS ? completions : MNEMOS_RING_CALLS;
    struct mn_ring *ring = mn_heap_try(sizeof *ring + slots * sizeof *ring->slot);
    if (!ring)
        return MNEMOS_ERR_NO_MEMORY;
    *ring = (struct mn_ring){
        .prog = prog,
        .submissions = args->submissions.addr,
        .completions = args->completions.addr,
        .submission_places = submissions,
        .completion_places = completions,
        .taken = indices_of(args->submissions.addr)->put,
        .put = indices_of(args->completions.addr)->put,
        .slots = (uint16_t)slots,
    };
    for (uint32_t i = 0; i < slots; i++) {
        ring->slot[i].call.who = prog->call.who;
        ring->slot[i].call.ring = ring;
        give_slot(ring, &ring->slot[i]);
    }
    prog->ring = ring;
    if (!visits.started)
        mn_task_start(&visits.task, "rings", visits_poll);
    visits.started = true;
    return MN_OK;
}

void mn_ring_end(struct mn_prog *prog)
{
    struct mn_ring *ring = prog->ring;
    if (!ring)
        return;
    want_no_visit(ring);
    for (uint32_t i = 0; i < ring->slots; i++)
        mn_call_abandon(&ring->slot[i].call);
    prog->ring = NULL;
    mn_heap_free(ring);
}

void mn_rings_reset(void)
{
    visits.started = false;
    visits.head = NULL;
    visits.tail = &visits.head;
}

/* ---- The calls ---- */

mn_call_result mn_call_ring_open(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    if (!admit(frame, prog, 0, &refusal))
        return refusal;
    struct mnemos_reader             in = input(frame);
    struct mnemos_sys_ring_open_args args;
    if (!is_whole(mnemos_sys_ring_open_args_get(&in, &args), &in))
        return answer(MNEMOS_ERR_MALFORMED, 0);
    if (!mn_user_span_ok(prog, args.submissions, true) || !mn_user_span_ok(prog, args.completions, true))
        return condemn(frame, prog, MNEMOS_LOADER_FAULT_KIND_BAD_SLICE);
    return answer(open_ring(prog, &args), 0);
}

mn_call_result mn_call_ring_close(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    if (!admit_empty(frame, prog, 0, &refusal))
        return refusal;
    if (!prog->ring)
        return answer(MNEMOS_ERR_NOT_READY, 0);
    mn_ring_end(prog);
    return answer(MN_OK, 0);
}

mn_call_result mn_call_ring_notify(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    uint32_t       submitted;
    if ((frame->r1 | frame->r3) && !admit_empty(frame, prog, 0, &refusal))
        return refusal;
    if (!prog->ring)
        return answer(MNEMOS_ERR_NOT_READY, 0);
    return visit(prog->ring, &submitted) ? answer(MN_OK, 0) : unchanged(frame);
}

static void stop_waiting(struct mn_call *call)
{
    mn_prog_at(call->who.index)->ring->waiting = false;
}

mn_call_result mn_call_ring_wait(struct mn_frame *frame, struct mn_prog *prog)
{
    mn_call_result refusal;
    if (!admit(frame, prog, 0, &refusal))
        return refusal;
    struct mn_call                  *call = begin_call(frame, prog);
    struct mn_ring                  *ring = prog->ring;
    struct mnemos_reader             in = input(frame);
    struct mnemos_sys_ring_wait_args args;
    uint32_t                         submitted;
    if (!is_whole(mnemos_sys_ring_wait_args_get(&in, &args), &in))
        return answer(MNEMOS_ERR_MALFORMED, 0);
    if (!ring)
        return answer(MNEMOS_ERR_NOT_READY, 0);
    if (!visit(ring, &submitted))
        return unchanged(frame);
    uint32_t there = ring->put - ring->read;
    if (there >= args.least)
        return answer(MN_OK, 0);
    if (args.least > ring->completion_places || there + ring->under_way + submitted < args.least)
        return answer(MNEMOS_ERR_BAD_ARGUMENT, 0);
    uint64_t deadline = deadline_of(frame, prog);
    mn_err   err = may_not_wait(call, deadline);
    if (err)
        return answer(err, 0);
    ring->waiting = true;
    ring->wait_for = ring->read + args.least;
    call->cancel = stop_waiting;
    mn_call_park(call, deadline);
    return unchanged(frame);
}
