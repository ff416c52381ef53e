# What a service and its clients are written with: typed inbox, replies and clients in the kernel, calls for programs.
# SPDX-License-Identifier: MIT OR Apache-2.0
from __future__ import annotations

from .c import SPDX, CModule, comment
from .model import Call, Module, SchemaError, Service, Span, Struct
from .schema import safe

EVENTS = {
    "cancelled": "whoever made this request has given up: let go of it and reply",
    "gone": "a client is gone: forget what was kept for it",
}


def wrap(head: str, parameters: list[str], tail: str, indent: int = 0) -> list[str]:
    """A function's head or a call, broken between parameters where it is too long; `indent` is added later."""
    lines = [head + "("]
    for index, one in enumerate(parameters):
        text = one + (", " if index + 1 < len(parameters) else ")" + tail)
        if indent + len((lines[-1] + text).rstrip()) > 100:
            lines[-1] = lines[-1].rstrip()
            lines.append(" " * (len(head) + 1))
        lines[-1] += text
    return lines


class ServiceWriter:
    """Writes the files of one service."""

    def __init__(self, module: Module):
        assert module.service is not None
        self.module = module
        self.service: Service = module.service
        self.name = module.name
        self.abi = f"mnemos_{module.name}"
        self.greets = bool(self.service.hello or self.service.refuses)
        taken = {call.name for call in module.calls}
        through_ring = {f"{call.name}_{way}" for call in module.calls for way in ("submit", "finish")}
        for word in ("connect", "connect_for", "try_connect", "next", *through_ring, *self.service.events):
            if word in taken:
                raise SchemaError(f"{module.file}: call {word}: this name is taken in the generated code")

    def struct(self, call: Call, what: str) -> str:
        return f"struct {self.abi}_{call.name}_{what}"

    def event(self, name: str) -> str:
        return f"{self.name}_{name}".upper()

    def call_number(self, call: Call) -> str:
        return f"{self.abi}_call_{call.name}".upper()

    def spans(self, call: Call) -> list[tuple[str, bool]]:
        return [(safe(one.name), one.type.out) for one in call.args if isinstance(one.type, Span)]

    # ---- The kernel's side ----

    def kernel_structs(self) -> list[str]:
        """Arguments and replies of calls that never leave the kernel."""
        writer = CModule(self.module)
        items = [(call, item) for call in self.module.calls if call.kernel_only for item in call.messages()]
        pointers = sorted({one.type.name for _, item in items for one in item.fields if hasattr(one.type, "name")
                           and one.type.spell().startswith("pointer<")})
        lines = [f"struct {name};" for name in pointers]
        lines += [""] if lines else []
        for _, item in items:
            lines += [*comment(item.doc), f"struct {writer.c_name(item)} {{", *writer.members(item.fields, "    "), "};", ""]
        return lines

    def message(self) -> list[str]:
        lines = [f"enum {self.name}_event {{"]
        lines += [f"    {self.event(call.name)} = {self.call_number(call)}," for call in self.module.calls]
        if self.greets:
            lines.append(f"    {self.event('connect')}, /* a client wants to connect: accept or refuse it */")
        lines += [f"    {self.event(name)}, /* {EVENTS[name]} */" for name in self.service.events]
        lines += ["};", "",
                  *comment("What happened next. The arguments belong to the request and are there until its reply."),
                  f"struct {self.name}_message {{", f"    enum {self.name}_event event;",
                  "    struct mn_request *request;", "    struct mn_connection *client;",
                  "    void *context; /* of this client, see mn_client_set_context() */", "    union {",
                  "        const void *any;"]
        if self.service.hello:
            lines.append(f"        const struct {self.abi}_hello *connect;")
        lines += [f"        const {self.struct(call, 'args')} *{safe(call.name)};" for call in self.module.calls if call.args]
        return [*lines, "    } args;", "};", ""]

    def functions(self) -> list[tuple[str, list[str], list[str], str]]:
        """Head, parameters, body and comment of each function of the kernel's side."""
        name = self.name
        found = [(f"mn_err {name}_next_poll",
                  ["struct mn_service *service", "struct mn_cx *cx", f"struct {name}_message *message"],
                  self.next_body(), "Take what happened next. Waits for it. Errors: service_gone.")]
        request = "struct mn_request *request"
        for index, call in enumerate(self.module.calls):
            reply = [f"const {self.struct(call, 'reply')} *reply"] if call.reply else []
            found.append((f"void {name}_reply_{call.name}", [request, *reply],
                          [f"MN_ASSERT(mn_request_call(request) == {self.call_number(call)});",
                           f"mn_request_reply(request, {'reply' if reply else 'NULL'});"],
                          "" if index else "Answer a request; mn_request_fail() answers with an error."))
        if self.greets:
            found.append((f"void {name}_accept", [request],
                          ["MN_ASSERT(mn_request_call(request) == MN_CALL_HELLO);", "mn_request_reply(request, NULL);"],
                          "Have this client; mn_request_fail() refuses it."))
        client = ["struct mn_client *client", "struct mn_cx *cx"]
        hello = [f"const struct {self.abi}_hello *hello"] if self.service.hello else []
        for way, says in (("connect", "Connect, waiting until the service is there. See kernel/core/client.h."),
                          ("try_connect", "The same, but fail when it is not there.")):
            found.append((f"mn_err {name}_{way}_poll", [*client, *hello],
                          [f"return mn_client_{way}_poll(client, cx, &{name}_type, {'hello' if hello else 'NULL'});"], says))
        for call in self.module.calls:
            parameters, arguments = [*client], []
            for use, text in ((call.args, f"const {self.struct(call, 'args')} *args"),
                              (self.spans(call), "const struct mn_loan *loans"),
                              (call.reply, f"{self.struct(call, 'reply')} *reply")):
                parameters += [text] if use else []
                arguments.append(text.rpartition("*")[2] if use else "NULL")
            says = call.doc
            if self.spans(call):
                says += f" Loans: {', '.join(one for one, _ in self.spans(call))}."
            if call.errors:
                says += f" Errors: {', '.join(call.errors)}."
            found.append((f"mn_err {name}_{call.name}_poll", parameters,
                          wrap("return mn_client_call_poll", ["client", "cx", self.call_number(call), *arguments], ";", 4),
                          says))
        return found

    def next_body(self) -> list[str]:
        lines = ["struct mn_service_event event;", "mn_err err = mn_service_next_poll(service, cx, &event);",
                 "if (err) return err;",
                 f"*message = (struct {self.name}_message){{",
                 "    .request = event.request, .client = event.client, .context = event.context,", "};",
                 "if (event.request) message->args.any = mn_request_args(event.request);"]
        special = [("HELLO", "connect")] if self.greets else []
        special += [(one.upper(), one) for one in self.service.events]
        for kind, name in special:
            lines += [f"if (event.kind == MN_EVENT_{kind}) {{", f"    message->event = {self.event(name)};",
                      "    return MN_OK;", "}"]
        return [*lines, "MN_ASSERT(event.kind == MN_EVENT_REQUEST);",
                f"message->event = (enum {self.name}_event)mn_request_call(event.request);", "return MN_OK;"]

    def kernel_header(self, start: bool = False) -> str:
        """With `start`, for a service that a firmware adds: what the board calls."""
        guard = f"KERNEL_SERVICES_GEN_{self.name.upper()}_SERVICE_H"
        lines = [*comment(f"{self.name}_service.h — {self.module.doc[0].lower()}{self.module.doc[1:]} Inbox, replies and kernel "
                          f"clients. {self.module.origin}"),
                 SPDX, f"#ifndef {guard}", f"#define {guard}", '#include "kernel/core/client.h"',
                 '#include "kernel/core/service.h"', f"#include <mnemos/abi/{self.name}.h>", "", *self.kernel_structs(),
                 f"extern const struct mn_service_type {self.name}_type;", "", *self.message()]
        for head, parameters, _, says in self.functions():
            must = "MN_MUST_USE " if head.startswith("mn_err") else ""
            lines += [*comment(says), *wrap(must + head, parameters, ";")]
        if start:
            lines += ["/* Yours: start the service. The board calls it, after all services of its own. */",
                      f"MN_MUST_USE mn_err mn_{self.name}_start(void);"]
        return "\n".join([*lines, "#endif", ""])

    def call_row(self, call: Call) -> list[str]:
        parts = [f'.name = "{call.name}"']
        parts += [f".{what}_size = sizeof({self.struct(call, what)})" for what in ("args", "reply") if getattr(call, what)]
        if call.reply and not call.kernel_only:
            parts.append(f".reply_max = {self.abi}_{call.name}_reply_max".upper().replace(".REPLY_MAX", ".reply_max"))
        if call.kernel_only:
            parts.append(".kernel_only = true")
        if self.spans(call):
            spans = [f"{{offsetof({self.struct(call, 'args')}, {field}), {'true' if out else 'false'}}}"
                     for field, out in self.spans(call)]
            parts += [f".spans = {len(self.spans(call))}", ".span = {"]
            parts[-1:] = [parts[-1] + spans[0], *spans[1:]]
            parts[-1] += "}"
        rows = [f"{'         ' if one.startswith('{') else ''}        {one}," for one in parts]
        return [f"    [{self.call_number(call)}] = {{", *rows, "    },"]

    def limits(self) -> list[str]:
        sizes = [(self.struct(call, "args"), "MN_REQUEST_ARGS_MAX", True) for call in self.module.calls if call.args]
        if self.service.hello:
            sizes.append((f"struct {self.abi}_hello", "MN_REQUEST_ARGS_MAX", True))
        sizes += [(f"{self.abi}_{call.name}_reply_max".upper(), "MN_REPLY_MAX", False) for call in self.module.calls
                  if call.reply and not call.kernel_only]
        return [line for what, most, is_type in sizes for line in
                (f"_Static_assert({f'sizeof({what})' if is_type else what} <= {most},",
                 '               "larger than this kernel takes");')]

    def codec(self, verb: str, what: str, stream: str, value: str) -> list[str]:
        """get() of arguments, put() of replies."""
        rows = [(self.call_number(call), f"{self.abi}_{call.name}_{what}") for call in self.module.calls
                if getattr(call, what) and not call.kernel_only]
        if verb == "get" and self.service.hello:
            rows.append(("MN_CALL_HELLO", f"{self.abi}_hello"))
        lines = ["", f"static bool {verb}(uint16_t call, struct mnemos_{stream} *{stream}, {value})", "{",
                 "    switch (call) {"]
        for number, codec in rows:
            lines += [f"    case {number}:", f"        return {codec}_{verb}({stream}, {what});"]
        if not rows:
            lines[-1:] = [f"    (void)call, (void){stream}, (void){what};"]
            return [*lines, "    return true;", "}"]
        return [*lines, "    default: /* nothing to say */", "        return true;", "    }", "}"]

    def kernel_source(self) -> str:
        name = self.name
        lines = [*comment(f"{name}_service.c — see {name}_service.h. {self.module.origin}"), SPDX,
                 f'#include "kernel/services/gen/{name}_service.h"', '#include "kernel/core/port.h"', "", *self.limits()]
        if not self.service.kernel_only:
            lines += self.codec("get", "args", "reader", "void *args")
            lines += self.codec("put", "reply", "writer", "const void *reply")
        lines += ["", f"static const uint32_t shapes[] = {self.abi.upper()}_SHAPES;", "",
                  "static const struct mn_service_call calls[] = {"]
        for call in self.module.calls:
            lines += self.call_row(call)
        lines += ["};", "", f"const struct mn_service_type {name}_type = {{", f'    .name = "{self.service.name}",',
                  f"    .uuid = {{{self.abi.upper()}_UUID}},", f"    .calls = {self.abi.upper()}_CALL_COUNT,",
                  "    .call = calls,", "    .shapes = shapes,"]
        flags = [("greets", self.greets), ("told_cancelled", "cancelled" in self.service.events),
                 ("told_gone", "gone" in self.service.events)]
        lines += [f"    .{flag} = true," for flag, on in flags if on]
        if self.service.hello:
            lines.append(f"    .hello_size = sizeof(struct {self.abi}_hello),")
        if not self.service.kernel_only:
            lines += ["    .get = get,", "    .put = put,"]
        lines.append("};")
        for head, parameters, body, _ in self.functions():
            lines += ["", *wrap(head, parameters, ""), "{", *(f"    {line}" for line in body), "}"]
        return "\n".join([*lines, ""])

    # ---- The programs' side ----

    def program_calls(self) -> list[Call]:
        return [call for call in self.module.calls if not call.kernel_only]

    def program_function(self, call: Call) -> tuple[str, list[str]]:
        parameters = [f"mnemos_service {self.name}"]
        parameters += [f"const {self.struct(call, 'args')} *args"] if call.args else []
        parameters += [f"{self.struct(call, 'reply')} *reply"] if call.reply else []
        return f"int {self.abi}_{call.name}", parameters

    def connect_function(self, several: bool = False) -> tuple[str, list[str]]:
        hello = [f"const struct {self.abi}_hello *hello"] if self.service.hello else []
        return (f"int {self.abi}_connect_for", ["unsigned at_once", *hello, "mnemos_service *out"]) if several else \
            (f"int {self.abi}_connect", [*hello, "mnemos_service *out"])

    def pending(self, call: Call) -> str:
        return f"struct {self.abi}_{call.name}_pending"

    def pending_struct(self, call: Call) -> list[str]:
        """Where the bytes of a call are while it is under way."""
        rows = [f"    uint8_t {field}[{f'{self.abi}_{call.name}_{what}_max'.upper()}];"
                for field, what in (("in", "args"), ("out", "reply")) if getattr(call, what)]
        return [f"{self.pending(call)} {{", *rows, "};"] if rows else []

    def submit_function(self, call: Call) -> tuple[str, list[str]]:
        parameters = ["struct mnemos_ring *ring", "uint32_t nonce", f"mnemos_service {self.name}"]
        parameters += [f"const {self.struct(call, 'args')} *args"] if call.args else []
        parameters += [f"{self.pending(call)} *pending"] if call.args or call.reply else []
        return f"int {self.abi}_{call.name}_submit", parameters

    def finish_function(self, call: Call) -> tuple[str, list[str]]:
        return f"int {self.abi}_{call.name}_finish", ["const struct mnemos_ring_completion *completion",
                                                      f"const {self.pending(call)} *pending",
                                                      f"{self.struct(call, 'reply')} *reply"]

    def sdk_header(self) -> str:
        guard = f"MNEMOS_SERVICES_{self.name.upper()}_H"
        refusals = ", ".join(["full", *self.service.refuses])
        lines = [*comment(f"{self.name}.h: {self.module.doc[0].lower()}{self.module.doc[1:]} "
                          f"{self.module.origin}"), SPDX,
                 f"#ifndef {guard}", f"#define {guard}", "#include <mnemos/ring.h>", "#include <mnemos/service.h>",
                 f"#include <mnemos/abi/{self.name}.h>",
                 "", "#ifdef __cplusplus", 'extern "C" {', "#endif", "",
                 *comment(f"Connect. Waits until the service is there. Errors: service_too_old, shape_differs, {refusals}."),
                 *wrap(*self.connect_function(), ";"), "",
                 *comment("The same, with room for so many calls under way at once, 1 to 8: see ring.h."),
                 *wrap(*self.connect_function(several=True), ";")]
        for call in self.program_calls():
            says = f"{call.doc} Waits for the service. Errors: {', '.join([*call.errors, 'bad_handle', 'service_gone'])}."
            lines += ["", *comment(says), *wrap(*self.program_function(call), ";")]
            place = " `pending` is the kernel's until the completion." if self.pending_struct(call) else ""
            lines += ["", *comment(f"The same through a ring.{place} Errors: full{', bad_argument' if call.args else ''}."),
                      *self.pending_struct(call), *wrap(*self.submit_function(call), ";")]
            if call.reply:
                lines += [*comment("Its error, or its reply."), *wrap(*self.finish_function(call), ";")]
        return "\n".join([*lines, "", "#ifdef __cplusplus", "}", "#endif", "#endif", ""])

    def sdk_ring_functions(self, call: Call) -> list[str]:
        lines = ["", *wrap(*self.submit_function(call), ""), "{"]
        args, reply = "NULL, 0", "NULL, 0"
        if call.args:
            lines += ["    struct mnemos_writer writer = {pending->in, pending->in + sizeof pending->in};",
                      f"    if (!{self.abi}_{call.name}_args_put(&writer, args)) return MNEMOS_ERR_BAD_ARGUMENT;"]
            args = "pending->in, (size_t)(writer.at - pending->in)"
        if call.reply:
            reply = "pending->out, sizeof pending->out"
        lines += [*wrap("    return mnemos_ring_call", ["ring", "nonce", self.name, self.call_number(call), *args.split(", "),
                                                        *reply.split(", ")], ";"), "}"]
        if call.reply:
            lines += ["", *wrap(*self.finish_function(call), ""), "{", "    if (completion->error) return completion->error;",
                      "    struct mnemos_reader reader = {pending->out, pending->out + completion->used};",
                      f"    return {self.abi}_{call.name}_reply_get(&reader, reply) ? 0 : MNEMOS_ERR_MALFORMED;", "}"]
        return lines

    def message_in(self, codec: str, name: str) -> list[str]:
        """Encode `name` into `in`."""
        return [f"    uint8_t in[{codec}_MAX];".replace(codec, codec.upper()),
                "    struct mnemos_writer writer = {in, in + sizeof in};",
                f"    if (!{codec}_put(&writer, {name})) return MNEMOS_ERR_BAD_ARGUMENT;"]

    def sdk_function(self, call: Call) -> list[str]:
        lines = [*wrap(*self.program_function(call), ""), "{"]
        args = "NULL, 0"
        if call.args:
            lines += self.message_in(f"{self.abi}_{call.name}_args", "args")
            args = "in, (size_t)(writer.at - in)"
        number = self.call_number(call)
        if not call.reply:
            arguments = [self.name, number, *args.split(", "), "NULL", "0", "NULL"]
            return [*lines, *wrap("    return mnemos_service_call", arguments, ";"), "}"]
        codec = f"{self.abi}_{call.name}_reply"
        return [*lines, f"    uint8_t out[{codec.upper()}_MAX];", "    size_t used;",
                *wrap("    int err = mnemos_service_call", [self.name, number, *args.split(", "), "out", "sizeof out", "&used"], ";"),
                "    if (err) return err;", "    struct mnemos_reader reader = {out, out + used};",
                f"    return {codec}_get(&reader, reply) ? 0 : MNEMOS_ERR_MALFORMED;", "}"]

    def sdk_source(self) -> str:
        upper = self.abi.upper()
        lines = [*comment(f"{self.name}_call.c: mnemos/services/{self.name}.h. {self.module.origin}"), SPDX,
                 "#include <mnemos/error.h>", f"#include <mnemos/services/{self.name}.h>", "",
                 *wrap(*self.connect_function(several=True), ""), "{"]
        hello = "NULL, 0"
        if self.service.hello:
            lines += self.message_in(f"{self.abi}_hello", "hello")
            hello = "in, (size_t)(writer.at - in)"
        calls = len(self.module.calls)
        lines += ["    static const struct mnemos_interface interface = {",
                  f"        {upper}_UUID, {upper}_CALL_COUNT, {upper}_SHAPE,", "    };",
                  *wrap("    return mnemos_service_connect_for", ["at_once", "&interface", *hello.split(", "), "out"], ";"), "}", "",
                  *wrap(*self.connect_function(), ""), "{",
                  *wrap(f"    return {self.abi}_connect_for", ["1", *(["hello"] if self.service.hello else []), "out"], ";"), "}"]
        for call in self.program_calls():
            lines += ["", *self.sdk_function(call), *self.sdk_ring_functions(call)]
        return "\n".join([*lines, ""])


def render(module: Module) -> dict[str, str]:
    """Every file of a service besides its codec, by its path from the top of the tree."""
    writer = ServiceWriter(module)
    found = {
        f"kernel/services/gen/{module.name}_service.h": writer.kernel_header(),
        f"kernel/services/gen/{module.name}_service.c": writer.kernel_source(),
    }
    if writer.program_calls():
        found[f"sdk/include/mnemos/services/{module.name}.h"] = writer.sdk_header()
        found[f"sdk/lib/gen/{module.name}_call.c"] = writer.sdk_source()
    return found
