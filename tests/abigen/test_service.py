# Schemas of services: what is refused, what is generated, what a release keeps.
# SPDX-License-Identifier: MIT OR Apache-2.0
import pytest
from abigen.main import main
from abigen.model import SchemaError
from abigen.service import render
from abigen.shape import prefixes

UUID = "0e1187d6-e25c-4d56-9d63-c060a2c23960"
HEAD = f'service = "some thing"\nuuid = "{UUID}"\n'
CALL = '[[call]]\nname = "{}"\ndoc = "C."\n'
ARG = 'args = [{{ name = "x", type = "{}" }}]\n'
KERNEL = "kernel_only = true\n"

MISTAKES = {
    "uuid without service": (f'uuid = "{UUID}"\n', "m.toml: `uuid` needs `service`"),
    "service without uuid": ('service = "x"\n', "m.toml: a service needs a `uuid` such as"),
    "bad uuid": ('service = "x"\nuuid = "0E1187D6-e25c-4d56-9d63-c060a2c23960"\n', "m.toml: a service needs a `uuid` such as"),
    "bad name": (f'service = "x\\""\nuuid = "{UUID}"\n', "m.toml: `x\"` is not a service's name"),
    "long name": (f'service = "{"x" * 25}"\nuuid = "{UUID}"\n', "m.toml: `xxxxxxxxxxxxxxxxxxxxxxxxx` is not a service's name"),
    "unknown refusal": (HEAD + 'refuses = ["lazy"]\n', "m.toml: refuses: unknown error `lazy`"),
    "unknown event": (HEAD + 'events = ["bored"]\n', "m.toml: events are `cancelled` and `gone`"),
    "pointer for programs": (HEAD + CALL.format("c") + ARG.format("pointer<mn_task>"),
                             "m.toml: call c: args: field x: `pointer<mn_task>` is for calls with kernel_only"),
    "pointer to nothing": (HEAD + CALL.format("c") + KERNEL + ARG.format("pointer<>"), "m.toml: call c: args: field x: "),
    "kernel_only outside a service": (CALL.format("c") + KERNEL, "m.toml: call c: unknown key `kernel_only`"),
    "for programs after all": (HEAD + KERNEL + CALL.format("c") + "kernel_only = false\n",
                               "m.toml: call c: the whole service is for the kernel only"),
    "span in a reply": (HEAD + CALL.format("c") + 'reply = [{ name = "x", type = "span_out<9>" }]\n',
                        "m.toml: call c: a reply has no spans"),
    "span inside": (HEAD + CALL.format("c") + ARG.format("option<span_in<9>>"), "m.toml: call c: a span stands in the arguments"),
    "span in a tuple": (HEAD + CALL.format("c") + ARG.format("tuple<u8,span_in<9>>"), "m.toml: call c: a span stands in the arguments"),
    "span in a result": (HEAD + CALL.format("c") + 'reply = [{ name = "x", type = "result<span_in<9>,u8>" }]\n',
                         "m.toml: call c: a reply has no spans"),
    "pointer inside": (HEAD + CALL.format("c") + KERNEL + ARG.format("tuple<u8,pointer<mn_task>>"),
                       "m.toml: call c: args: field x: a pointer stands in the arguments themselves"),
    "three spans": (HEAD + CALL.format("c") + 'args = [{ name = "a", type = "span_in<9>" }, '
                    '{ name = "b", type = "span_in<9>" }, { name = "c", type = "span_in<9>" }]\n', "m.toml: call c: at most 2 spans"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_one_line(read, name):
    text, message = MISTAKES[name]
    with pytest.raises(SchemaError) as caught:
        read(text)
    assert str(caught.value).startswith(message) and "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["connect", "connect_for", "try_connect", "next", "c_submit", "c_finish"])
def test_names_that_the_generated_code_takes(read, name):
    with pytest.raises(SchemaError, match=f"m.toml: call {name}: this name is taken"):
        render(read(HEAD + CALL.format("c") + CALL.format(name)).modules[0])


def test_two_services_with_one_uuid(tmp_path, read):
    read(HEAD)
    (tmp_path / "n.toml").write_text('module = "n"\ndoc = "N."\n' + HEAD, "utf-8")
    with pytest.raises(SchemaError, match="n.toml: has the uuid of m.toml"):
        read(HEAD)


def test_texts_are_in_the_structs_themselves(read):
    from abigen.c import CModule
    header, source = CModule(read(HEAD + CALL.format("c") + ARG.format("string<7>")).modules[0]).render()
    assert "uint8_t data[7];" in header and "struct mnemos_bytes x" not in header
    assert "__builtin_memcpy(m->x.data" in source


def test_calls_for_the_kernel_do_not_leave_it(read):
    module = read(HEAD + CALL.format("open") + ARG.format("u8") + CALL.format("secret") + KERNEL + ARG.format("pointer<mn_task>")).modules[0]
    files = render(module)
    kernel = files["kernel/services/gen/m_service.h"]
    assert "struct mnemos_m_secret_args {" in kernel and "struct mn_task *x;" in kernel
    program = files["sdk/include/mnemos/services/m.h"]
    assert "mnemos_m_open(" in program and "secret" not in program
    assert [one.name for one in module.messages()] == ["open_args"]


def test_each_call_can_go_through_a_ring(read):
    files = render(read(HEAD + CALL.format("c") + ARG.format("u8") + CALL.format("d")).modules[0])
    header = files["sdk/include/mnemos/services/m.h"]
    assert "int mnemos_m_connect_for(unsigned at_once, mnemos_service *out);" in header
    assert "uint8_t in[MNEMOS_M_C_ARGS_MAX];" in header and "MNEMOS_M_C_REPLY_MAX" not in header
    assert "int mnemos_m_d_submit(struct mnemos_ring *ring, uint32_t nonce, mnemos_service m);" in header
    assert "_finish" not in header  # no reply to be read


def test_a_service_for_the_kernel_has_no_program_side(read):
    files = render(read(HEAD + KERNEL + CALL.format("c")).modules[0])
    assert sorted(files) == ["kernel/services/gen/m_service.c", "kernel/services/gen/m_service.h"]
    assert ".get = get" not in files["kernel/services/gen/m_service.c"]


def test_what_a_client_relies_on_is_in_the_shape(read):
    def shape(text):
        return prefixes(read(HEAD + text + CALL.format("c")).modules[0])

    plain = shape("")
    assert shape('events = ["gone"]\n') == plain  # nobody's business but the service's
    hello = shape('hello = [{ name = "who", type = "u8" }]\n')
    refuses = shape('refuses = ["busy"]\n')
    assert len({plain[0], hello[0], refuses[0]}) == len({plain[1], hello[1], refuses[1]}) == 3


BREAKING = {
    "another uuid": ("hello.toml", "0e1187d6", "1e1187d6", "hello.toml: uuid: was released as"),
    "another hello": ("hello.toml", "[[call]]", 'hello = [{ name = "x", type = "u8" }]\n\n[[call]]', "hello.toml: hello: was released as"),
    "no service any more": ("simple_serial.toml", "kernel_only = true\n", "", "simple_serial.toml: "),
    "closed to programs": ("serial_mux.toml", 'name  = "list"', 'kernel_only = true\nname  = "list"', "serial_mux.toml: calls: number 2"),
}


@pytest.mark.parametrize("name", BREAKING)
def test_a_release_is_kept(tree, capsys, name):
    file, old, new, message = BREAKING[name]
    assert main(["release", "--root", str(tree)]) == 0
    path = tree / "abi/schema" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    capsys.readouterr()
    assert main(["--root", str(tree)]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"abigen: {message}") and told.count("\n") == 1, told
