"""test_install.py: the installed tree, and every way a project finds it."""
# SPDX-License-Identifier: MIT OR Apache-2.0

import stat

import pytest

from conftest import TOP, one_line, run

EXAMPLES = sorted(path.parent.name for path in TOP.glob("examples/*/CMakeLists.txt"))
TEMPLATES = sorted(path.parent.name for path in TOP.glob("templates/*/CMakeLists.txt"))


def copy_tree(source, target):
    run("cp", "-rL", source, target)
    return target


def instantiate(installed, template, folder, name):
    """What `mnemos-load new` does, also with names that it would not take."""
    copy_tree(installed.root / "templates" / template, folder)
    words = {"@NAME@": name, "@MODULE@": "my_app", "@UPPER@": "MY_APP", "@SERVICE@": "my app",
             "@UUID@": "3f0f9d0a-6c0c-4f5a-8c2b-2f4c8b7a9d11"}
    for path in sorted(folder.rglob("*"), reverse=True):
        filled = path.name
        for word, value in words.items():
            filled = filled.replace(word, value)
            if path.is_file():
                path.write_text(path.read_text().replace(word, value))
        path.rename(path.with_name(filled))
    return folder


def test_a_umask_does_not_reach_the_installed_files(installed):
    wrong = [path for path in [installed.prefix, *installed.prefix.rglob("*")] if not path.is_symlink()
             and stat.S_IMODE(path.stat().st_mode) not in ((0o755,) if path.is_dir() else (0o644, 0o755))]
    assert wrong == []


def test_the_tools_are_executable(installed):
    for path in (installed.prefix / "bin/mnemos-load", installed.mkapp):
        assert path.stat().st_mode & stat.S_IXOTH, path
    assert "usage" in run(installed.mkapp, "--help")


def test_nothing_but_the_product_is_installed(installed):
    names = {path.name for path in installed.prefix.rglob("*")}
    assert not names & {"build", "__pycache__", ".pytest_cache", ".git", "vectors"}


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_builds_in_an_empty_folder(installed, tmp_path, example):
    source = copy_tree(installed.root / "examples" / example, tmp_path / "exam ple")
    report = installed.build(source, tmp_path / "build here")
    assert f"build   {example} " in report
    assert (tmp_path / "build here" / f"{example}.mna").is_file()


def test_all_examples_build_with_make(installed, tmp_path):
    installed.build(installed.root / "examples", tmp_path / "build here", generator="Unix Makefiles")
    assert sorted(path.stem for path in tmp_path.rglob("*.mna")) == EXAMPLES


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_builds_by_its_presets(installed, tmp_path, template):
    folder = instantiate(installed, template, tmp_path / "my pro ject", "my-app.1")
    run("cmake", "--preset", "device", cwd=folder, MNEMOS_SDK=str(installed.prefix))
    report = run("cmake", "--build", "--preset", "device", cwd=folder)
    assert "build   my-app.1 " in report
    assert "warning" not in report
    assert (folder / "build/device/my-app.1.mna").is_file()
    assert (folder / "build/device/compile_commands.json").is_file()


def test_a_template_builds_with_make(installed, tmp_path):
    folder = instantiate(installed, "hello", tmp_path / "project", "hello")
    run("cmake", "-B", "build", "-G", "Unix Makefiles", "-DCMAKE_TOOLCHAIN_FILE=cmake/mnemos.cmake",
        f"-DMNEMOS_SDK={installed.prefix}", cwd=folder)
    run("cmake", "--build", "build", cwd=folder)
    assert (folder / "build/hello.mna").is_file()


@pytest.mark.parametrize("below", ["", "share/mnemos", "share/mnemos/sdk"])
def test_a_template_takes_any_folder_of_the_sdk(installed, tmp_path, below):
    folder = instantiate(installed, "hello", tmp_path / "project", "hello")
    run("cmake", "--preset", "debug", f"-DMNEMOS_SDK={installed.prefix / below}", cwd=folder)


def test_a_template_finds_the_sdk_of_the_tool_on_the_path(installed, tmp_path):
    folder = instantiate(installed, "hello", tmp_path / "project", "hello")
    run("cmake", "--preset", "device", cwd=folder, PATH=f"{installed.prefix / 'bin'}:/usr/bin:/bin")


def test_a_template_says_where_it_looked(installed, tmp_path):
    folder = instantiate(installed, "hello", tmp_path / "project", "hello")
    text = one_line(run("cmake", "--preset", "device", "-DMNEMOS_SDK=/nowhere", cwd=folder, status=1,
                        PATH="/usr/bin:/bin", HOME=str(tmp_path)))
    assert "E17 mnemOS SDK not found" in text
    assert '-DMNEMOS_SDK ("/nowhere")' in text


def test_templates_ask_for_this_version():
    minor = ".".join((TOP / "VERSION").read_text().split(".")[:2])
    for path in [*TOP.glob("templates/*/CMakeLists.txt"), *TOP.glob("examples/*/CMakeLists.txt")]:
        assert f"find_package(mnemos {minor} " in path.read_text(), path


def test_a_project_builds_from_the_checkout(checkout, tmp_path):
    source = copy_tree(TOP / "examples/hello", tmp_path / "hello")
    checkout.build(source, tmp_path / "build")
    assert (tmp_path / "build/hello.mna").is_file()


def test_checkout_and_installed_sdk_make_the_same_image(checkout, installed, tmp_path):
    images = []
    for index, sdk in enumerate((checkout, installed)):
        source = copy_tree(TOP / "examples/wc", tmp_path / f"source {index}")
        sdk.build(source, tmp_path / f"build {index}")
        images.append((tmp_path / f"build {index}" / "wc.mna").read_bytes())
    assert images[0] == images[1]


def test_a_package_path_without_a_toolchain_file_is_not_enough(installed, tmp_path, project):
    folder = project({"main.c": "int main(void) { return 0; }\n"})
    text = one_line(run("cmake", "-S", folder, "-B", tmp_path / "b", f"-DCMAKE_PREFIX_PATH={installed.prefix}", status=1))
    assert "this build folder is configured for Linux, not for mnemOS" in text
    assert "configure again with --preset device" in text


def test_toolchain_and_package_come_from_one_sdk(installed, checkout, tmp_path, project):
    folder = project({"main.c": "int main(void) { return 0; }\n"}, app='message("SDK=${MNEMOS_SDK_DIR}=")')
    text = installed.configure(folder, tmp_path / "b", f"-DCMAKE_PREFIX_PATH={checkout.root / 'sdk'}")
    assert f"SDK={installed.root / 'sdk'}=" in text


def test_an_sdk_that_is_too_old_is_named(installed, tmp_path):
    source = copy_tree(TOP / "examples/hello", tmp_path / "hello")
    file = source / "CMakeLists.txt"
    file.write_text(file.read_text().replace("find_package(mnemos 0.3", "find_package(mnemos 0.4"))
    text = one_line(installed.configure(source, tmp_path / "b", status=1))
    assert '"0.4"' in text and f"version: {(TOP / 'VERSION').read_text().strip()}" in text


def test_a_missing_compiler_is_named(installed, tmp_path):
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("cmake", "ninja", "uname"):
        (folder / tool).symlink_to(run("sh", "-c", f"command -v {tool}").strip())
    text = one_line(run("cmake", "-S", TOP / "examples/hello", "-B", tmp_path / "b", "-G", "Ninja",
                        f"-DCMAKE_TOOLCHAIN_FILE={installed.toolchain}", "-DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF",
                        "-DCMAKE_FIND_USE_CMAKE_ENVIRONMENT_PATH=OFF", PATH=str(folder), status=1))
    assert "E16 arm-none-eabi-gcc not found" in text
    assert "apt install --no-install-recommends" in text


@pytest.mark.parametrize("app, message", [
    ("mnemos_add_app(app main.c PRINTF float)", 'PRINTF is "float" it can be: integer, double'),
    ("mnemos_add_app(app main.c STACK 2M)", 'STACK is "2M" it can be: bytes (3000) or KiB (3K)'),
    ("mnemos_add_app(app main.c HEAP)", "no value after HEAP"),
    ("mnemos_add_app(app)", "app has no source files"),
    ("mnemos_add_app(app main.c STAK 2K)", "app: STAK is no keyword of mnemos_add_app and no source file"),
])
def test_a_wrong_option_is_named(installed, tmp_path, project, app, message):
    folder = project({"main.c": "int main(void) { return 0; }\n"}, app=app)
    assert message in one_line(installed.configure(folder, tmp_path / "b", status=1))
