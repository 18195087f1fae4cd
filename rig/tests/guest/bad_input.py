# SPDX-License-Identifier: GPL-2.0-or-later
"""What people get wrong: names, paths, kernels and QEMUs that are none."""
import sys

from verdict import case, check


def kernel_folder(rig):
    return rig.cache / "kernels" / "debian" / rig.options.kernel.removeprefix("debian:")


def vmlinuz(rig):
    return next((kernel_folder(rig) / "boot").glob("vmlinuz-*"))


def with_parts(rig, image):
    """A kernel of the user's own: @image with the modules and config of the cached one."""
    folder = kernel_folder(rig)
    modules = next((folder / "lib" / "modules").iterdir())
    config = next((folder / "boot").glob("config-*"))
    return f"{image},modules={modules},config={config}"


# --- usage: exit 2, nothing made ---

@case
def usage_no_scenario_matches(rig):
    rig.run(rig.scenario("pass").replace("pass", "none")).expect_refused(2, "none.json")
    check(not rig.results.exists(), "a results folder for nothing")


@case
def usage_bad_scenario(rig):
    path = rig.dir / "bad.json"
    path.write_text('{"summary": "x", "steps": [{"plug": 7}]}\n')
    rig.run(str(path)).expect_refused(2, "bad.json")


@case
def usage_bad_kernel_name(rig):
    rig.run("pass", kernel="debian:").expect_refused(2, "debian:")


# --- QEMU ---

@case
def qemu_missing(rig):
    rig.earlier_record()
    rig.run("pass", "--qemu", "/nonexistent").expect_error("host", "QEMU is missing", "/nonexistent", "install")


@case
def qemu_no_program(rig):
    rig.run("pass", "--qemu", "/dev/null").expect_error("host", "/dev/null")


@case
def qemu_exits_at_once(rig):
    rig.earlier_record()
    qemu = rig.script("qemu", "echo 'qemu: first line' >&2; echo 'qemu: no such option' >&2; exit 1")
    rig.run("pass", "--qemu", qemu).expect_error("qemu", "exit code 1", "no such option")


@case
def qemu_exits_silently(rig):
    rig.run("pass", "--qemu", "/bin/true").expect_error("qemu", "exit code 0")


@case
def qemu_never_greets(rig):
    qemu = rig.script("qemu", "echo 'qemu: busy' >&2; exec sleep 1000")
    rig.run("pass", "-b", "2", "--qemu", qemu).expect_error("qemu", "greeting", "busy")


@case
def qemu_speaks_rubbish(rig):
    qemu = rig.script("qemu", """
import os, re, sys, time
fd = int(re.search(r"socket,id=qmp,fd=(\\d+)", " ".join(sys.argv)).group(1))
os.write(fd, b"hello\\n")
time.sleep(1000)""", sys.executable)
    rig.run("pass", "--qemu", qemu).expect_error("qemu", "'qmp' broke the protocol", "hello")


# --- kernels ---

@case
def kernel_missing(rig):
    rig.run("pass", kernel="/nonexistent/bzImage").expect_refused(3, "/nonexistent/bzImage")


@case
def kernel_unreadable(rig):
    rig.become_user()
    path = rig.dir / "bzImage"
    path.write_bytes(vmlinuz(rig).read_bytes())
    path.chmod(0)
    rig.run("pass", kernel=str(path)).expect_refused(3, str(path), "Permission denied")


@case
def kernel_is_text(rig):
    path = rig.dir / "bzImage"
    path.write_text("this is no kernel\n" * 1000)
    rig.run("pass", kernel=str(path)).expect_refused(3, str(path))


@case
def kernel_is_empty(rig):
    path = rig.dir / "bzImage"
    path.touch()
    rig.run("pass", kernel=str(path)).expect_refused(3, str(path))


@case
def kernel_is_endless(rig):
    rig.run("pass", kernel="/dev/zero").expect_refused(3, "/dev/zero")


@case
def kernel_is_empty_folder(rig):
    folder = rig.dir / "tree"
    folder.mkdir()
    rig.run("pass", kernel=str(folder)).expect_refused(3, str(folder))


@case
def kernel_truncated(rig):
    path = rig.dir / "bzImage"
    data = vmlinuz(rig).read_bytes()
    path.write_bytes(data[:len(data) // 3])
    run = rig.run("pass", "-b", "10", kernel=with_parts(rig, path))
    if run.records:         # what is left may still look like a kernel
        run.expect_error("host", "nothing came from the guest")
    else:
        run.expect_refused(3, str(path))


@case
def kernel_garbled(rig):
    """The header is right and the rest is noise: nothing ever comes from the guest."""
    rig.earlier_record()
    path = rig.dir / "bzImage"
    data = bytearray(vmlinuz(rig).read_bytes())
    for at in range(len(data) // 4, len(data) * 3 // 4, 8):
        data[at] ^= 0x5a
    path.write_bytes(data)
    run = rig.run("pass", "-b", "10", kernel=with_parts(rig, path))
    if run.records:
        run.expect_error("host", "nothing came from the guest")
    else:
        run.expect_refused(3, str(path))


@case
def kernel_not_a_release(rig):
    """Skipped when the archive can be asked and has none, trouble of the host when it cannot."""
    run = rig.run("pass", kernel="debian:6.12.999999+deb12-cloud-amd64")
    check(run.code in (3, 77) and not run.records, f"exit code {run.code}")
    check("hotrig: " in run.err and "6.12.999999+deb12-cloud-amd64" in run.err, run.err)
