"""Which system calls a worker has: a list of those that computing needs. All others are refused."""

from __future__ import annotations

import errno
import functools
import tempfile
import termios
from typing import Any

from compare.grade.sandbox.limits import SandboxError

FILES = """
    read readv pread64 preadv write writev pwrite64 pwritev lseek open openat creat close close_range dup dup2 dup3
    pipe pipe2 stat fstat lstat newfstatat fstatat64 statx statfs fstatfs access faccessat readlink readlinkat getcwd
    chdir fchdir getdents getdents64 ftruncate fsync fdatasync fallocate fadvise64 readahead umask sendfile
    copy_file_range unlink unlinkat rename renameat renameat2 mkdir mkdirat rmdir symlink symlinkat link linkat
"""  # where these may be used, Landlock says; it knows no chmod, chown, utime and xattr, which are therefore not here
MEMORY = "mmap munmap mprotect mremap madvise mincore msync brk"
TIME = """
    clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time times alarm setitimer getitimer pause
"""
SIGNALS = """
    rt_sigaction rt_sigprocmask rt_sigpending rt_sigreturn rt_sigsuspend rt_sigtimedwait sigaltstack restart_syscall
"""  # handlers for one's own; kill, tkill and tgkill are not here
WAITING = "poll ppoll select pselect6 futex futex_waitv sched_yield wait4 waitid set_robust_list rseq"
ITSELF = """
    getpid getppid gettid getuid geteuid getgid getegid getresuid getresgid getgroups getpgrp getpgid getsid
    getrusage getrlimit sched_getaffinity getcpu getrandom uname sysinfo exit exit_group
"""
COMMANDS: dict[str, tuple[int, tuple[int, ...]]] = {  # the calls that do many things: the argument, and what it may be
    "fcntl": (1, (0, 1, 2, 3, 4, 1030)),  # not F_SETOWN, which lets the kernel signal others
    "ioctl": (1, (termios.TCGETS, termios.FIONREAD, termios.FIOCLEX, termios.FIONCLEX, termios.TIOCGWINSZ))
    if hasattr(termios, "TCGETS")
    else (1, ()),
    "prlimit64": (0, (0,)),  # of itself
}
ALLOWED = f"{FILES} {MEMORY} {TIME} {SIGNALS} {WAITING} {ITSELF}".split()
UNKNOWN = ("clone3", "openat2", "faccessat2", "fchmodat2")  # libc has another way, and takes it after ENOSYS
LOW_WORD = 0xFFFF_FFFF


@functools.cache
def compiled() -> bytes:
    """The filter's instructions (``struct sock_filter[]``). Raises SandboxError where there is no libseccomp."""
    try:
        import pyseccomp  # noqa: PLC0415 (fails where there is no libseccomp)
    except (ImportError, RuntimeError) as e:
        raise SandboxError(
            "This system has no libseccomp with its Python package pyseccomp, so the sandbox cannot refuse system "
            "calls; install both, or give --unsafe to run submissions with all your rights."
        ) from e
    return exported(pyseccomp)


def exported(seccomp: Any) -> bytes:
    """Calls of another architecture's numbers (int 0x80, x32) end the process."""
    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
    rules.set_attr(seccomp.Attr.ACT_BADARCH, seccomp.KILL_PROCESS)
    for name in ALLOWED:
        add(seccomp, rules, seccomp.ALLOW, name)
    for name in UNKNOWN:
        add(seccomp, rules, seccomp.ERRNO(errno.ENOSYS), name)
    for name, (argument, values) in COMMANDS.items():
        for value in values:
            only = seccomp.Arg(argument, seccomp.MASKED_EQ, LOW_WORD, value)
            add(seccomp, rules, seccomp.ALLOW, name, only)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def add(seccomp: Any, rules: Any, action: int, name: str, *arguments: Any) -> None:
    """A rule, unless this libseccomp or this machine does not know the call (ARM has no ``open``): it is refused."""
    if (number := seccomp.resolve_syscall(seccomp.Arch.NATIVE, name)) >= 0:
        rules.add_rule(action, number, *arguments)
