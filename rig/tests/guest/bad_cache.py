# SPDX-License-Identifier: GPL-2.0-or-later
"""A damaged cache is mended, or named with what to do; it never gives a wrong verdict."""
from bad_input import kernel_folder, vmlinuz
from harness import replace_file
from verdict import case, check


def flip_middle(data):
    data[len(data) // 2] ^= 0xff


def cut_half(data):
    return data[:len(data) // 2]


def rubbish(_):
    return bytearray(b"{ rubbish \0 \xff")


@case
def cache_image_flipped(rig):
    rig.private_cache()
    rig.run("skip").expect_exit(77)
    rig.run("pass").expect_outcome("PASS")
    for image in (rig.cache / "images").glob("*.cpio"):
        replace_file(image, flip_middle)
    rig.run("pass").expect_exit(0)


@case
def cache_image_cut(rig):
    rig.private_cache()
    for image in (rig.cache / "images").glob("*.cpio"):
        replace_file(image, cut_half)
    rig.run("pass").expect_outcome("PASS")


@case
def cache_image_sum_damaged(rig):
    rig.private_cache()
    for image in (rig.cache / "images").glob("*.sha256"):
        replace_file(image, rubbish)
    rig.run("pass").expect_outcome("PASS")


@case
def cache_facts_damaged(rig):
    rig.private_cache()
    for facts in (rig.cache / "facts").glob("*.json"):
        replace_file(facts, rubbish)
    rig.run("pass").expect_outcome("PASS")


@case
def cache_accel_damaged(rig):
    """Forgotten, so KVM is tried again; what it says is not the matter here."""
    rig.private_cache()
    (rig.cache / "accel").mkdir(exist_ok=True)
    for memory in (rig.cache / "accel").glob("*.json"):
        replace_file(memory, rubbish)
    rig.run("pass", accel="auto").expect_outcome("PASS")


def kernel_damaged(name, find, change):
    def run(rig):
        rig.private_cache()
        rig.earlier_record()
        replace_file(find(rig), change)
        # the archive cannot be reached from here, so it cannot be mended
        r = rig.run("pass")
        r.expect_exit(3)
        check(not r.records, f"a verdict from a damaged kernel: {r.records}")
        check("is damaged: " in r.err and "cannot be fetched anew" in r.err, r.err)
    run.__name__ = f"cache_kernel_{name}"
    case(run)


def a_module(rig):
    return next(kernel_folder(rig).rglob("memory-notifier-error-inject.ko*"))


def a_config(rig):
    return next((kernel_folder(rig) / "boot").glob("config-*"))


def the_list(rig):
    return kernel_folder(rig) / "hotrig.json"


kernel_damaged("image_flipped", vmlinuz, flip_middle)
kernel_damaged("image_cut", vmlinuz, cut_half)
kernel_damaged("config_damaged", a_config, rubbish)
kernel_damaged("module_cut", a_module, cut_half)
kernel_damaged("list_damaged", the_list, rubbish)
