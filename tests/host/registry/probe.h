/* probe.h — the probe service, clients for it, and a registry around them. */
// SPDX-License-Identifier: MIT OR Apache-2.0
#ifndef MN_TESTS_REGISTRY_PROBE_H
#define MN_TESTS_REGISTRY_PROBE_H
#include "kernel/arch/host/host.h"
#include "kernel/core/heap.h"
#include "kernel/services/gen/probe_service.h"
#include "seeds.h"
#include <mnemos/abi/error.h>
#include <string.h>

#define PROBE_HELD_MAX 32u

struct probe {
    struct mn_task task;
    struct mn_service service;
    struct probe_message message;
    mn_co serving;
    mn_err ended; /* what its task ended with; MN_PENDING while it serves */
    bool deaf;    /* takes nothing out of its inbox */
    uint32_t adds, cancelled, gone, seen;
    struct mn_request *held[PROBE_HELD_MAX];
    uint32_t held_count;
};

/* A fresh heap and registry. */
#define RIG_HEAP 16384u
void rig_begin(void);
void rig_begin_with(struct mn_registry_settings settings);
/* The registry holds nothing any more. */
void rig_end(void);

mn_err probe_register(struct probe *probe, const struct mn_service_type *type,
                      struct mn_service_terms terms);
/* Register with the plainest terms and serve. */
void probe_start(struct probe *probe);
/* Answer what it holds, in order of arrival. */
void probe_release(struct probe *probe);
void probe_let_go(struct probe *probe, uint32_t index);

/* A task with one client: it connects, then does what the test tells it. */
struct caller {
    struct mn_task task;
    struct mn_client client;
    mn_co co;
    struct mnemos_probe_hello hello;
    mn_err connected; /* MN_PENDING until it is */
    bool try;         /* instead of waiting */
    uint16_t call;    /* the next one; NONE */
    mn_err answered;  /* its end; MN_PENDING until then */
    uint32_t number;
    union {
        struct mnemos_probe_add_reply add;
        struct mnemos_probe_hold_reply hold;
        struct mnemos_probe_copy_reply copy;
        struct mnemos_probe_large_reply large;
        struct mnemos_probe_secret_reply secret;
    } reply;
    struct mn_loan loans[2];
    bool stopped;
};

#define CALLER_IDLE 0xfffeu

void caller_start(struct caller *caller, const char *who);
/* Have it make a call, and let everything happen that can. */
void caller_call(struct caller *caller, uint16_t call, uint32_t number);
/* End its task and whatever it waits for. */
void caller_stop(struct caller *caller);
#endif
