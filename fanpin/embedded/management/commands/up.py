"""Everything on one machine: database prepared, then web, worker and beat under one supervisor."""

import contextlib
import errno
import os
import socket
import sys
import time
from argparse import ArgumentParser
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection, connections

from fanpin.embedded.supervisor import Child, Supervisor

FIRST_ANSWER_SECONDS = 60


class Command(BaseCommand):
    help = "启动全部服务：准备数据库，运行网页、后台任务和定时任务，Ctrl-C 停止。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="监听地址")
        parser.add_argument("--port", type=int, default=8000, help="端口")
        parser.add_argument("--prepare", action="store_true", help="只准备数据库和页面资源后退出")
        parser.add_argument("--workers", type=int, default=2, help="后台任务并行数")

    def handle(self, *args: Any, host: str, port: int, workers: int, **options: Any) -> None:
        if options["prepare"]:
            self.prepare()
            return
        refuse_busy_port(host, port)
        self.prepare()
        connections.close_all()
        self.supervise(host, port, workers)

    def prepare(self) -> None:
        try:
            self.take_steps()
        except OSError as error:
            raise CommandError(disk_problem(error)) from error
        except OperationalError as error:
            raise CommandError(database_problem(error)) from error

    def take_steps(self) -> None:
        if unfinished_demo().exists():
            self.say("上次生成演示县时中断，重新开始。")
            empty_the_database()
        self.step("更新数据库结构", "migrate", interactive=False)
        self.step("装入区划", "load_divisions")
        self.step("装入代码和参数", "load_reference")
        self.step("整理页面资源", "collectstatic", interactive=False)
        if settings.DEMO and demo_is_missing():
            unfinished_demo().touch()
            self.step("生成演示县（只做一次）", "demo")
            unfinished_demo().unlink()

    def step(self, label: str, command: str, **options: Any) -> None:
        if command not in get_commands():
            return
        began = time.monotonic()
        self.say(f"{label} …", ending="")
        try:
            with open(os.devnull, "w") as nowhere:
                call_command(command, verbosity=0, stdout=nowhere, **options)
        except ValidationError as refusal:
            raise CommandError(f"{label}未完成：{'；'.join(refusal.messages)}") from refusal
        self.say(f" {time.monotonic() - began:.1f} 秒")

    def supervise(self, host: str, port: int, workers: int) -> None:
        supervisor = Supervisor(
            children(host, port, workers), log_dir(), {**os.environ, "CELERY_SKIP_CHECKS": "1"}
        )
        supervisor.start("web")  # by itself: all at once would keep the first page waiting
        try:
            answered = wait_for_first_answer(host, port, supervisor)
            if answered:
                supervisor.start()
                self.announce(host, port)
            failed = supervisor.wait() if answered else supervisor.ended()
        finally:
            self.say("正在停止 …")
            supervisor.stop()
        if failed:
            raise CommandError(
                f"{failed.label}意外退出，其余服务已停止。日志：{supervisor.log(failed)}\n"
                f"{supervisor.last_words(failed)}"
            )
        if not (answered or supervisor.asked_to_stop):
            raise CommandError(f"网页服务未能正常应答，已停止。日志：{log_dir() / 'web.log'}")
        self.say("已停止，数据保留在 " + str(settings.DATA_DIR))

    def announce(self, host: str, port: int) -> None:
        shown = "127.0.0.1" if host in ("0.0.0.0", "") else host
        self.say(f"\n已启动：http://{shown}:{port}/    （Ctrl-C 停止）\n日志目录：{log_dir()}\n")
        if settings.DEMO and "demo" in get_commands():
            self.say("演示账号：")
            call_command("demo", accounts=True, stdout=self.stdout)

    def say(self, text: str, ending: str = "\n") -> None:
        self.stdout.write(text, ending=ending)
        self.stdout.flush()


def children(host: str, port: int, workers: int) -> list[Child]:
    python = sys.executable
    celery = (python, "-m", "celery", "-A", "fanpin.celery")
    schedule = str(Path(settings.DATA_DIR) / "run" / "celerybeat-schedule")
    return [
        Child(
            "web",
            "网页服务",
            (
                *(python, "-m", "gunicorn", "fanpin.wsgi", "--bind", f"{host}:{port}"),
                *("--preload", "--worker-class", "gthread", "--workers", "2", "--threads", "4"),
                *(
                    "--timeout",
                    "60",
                    "--graceful-timeout",
                    "5",
                    "--access-logfile",
                    "-",
                    "--no-control-socket",
                ),
                *("--worker-tmp-dir", memory_folder()),
            ),
        ),
        Child(
            "worker",
            "后台任务服务",
            (*celery, "worker", f"--concurrency={workers}", "--without-mingle", "--loglevel=INFO"),
        ),
        Child(
            "beat",
            "定时任务服务",
            (*celery, "beat", f"--schedule={schedule}", "--pidfile=", "--loglevel=INFO"),
        ),
    ]


def memory_folder() -> str:
    """gunicorn's heartbeat files: on a slow disk they would block its workers."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"


def log_dir() -> Path:
    folder = Path(settings.DATA_DIR) / "log"
    folder.mkdir(parents=True, exist_ok=True)
    (Path(settings.DATA_DIR) / "run").mkdir(exist_ok=True)
    return folder


def refuse_busy_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(port_problem(error, host, port)) from error
        except OverflowError as error:
            raise CommandError(f"端口 {port} 不存在，请用 1024–65535 之间的数。") from error


def port_problem(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"端口 {port} 已被占用（可能已有一个在运行）。换一个端口：./run --port {port + 1}"
    if error.errno == errno.EACCES:
        return f"没有权限使用端口 {port}，请用 1024 以上的端口：./run --port 8000"
    return f"无法监听 {host}:{port}：{error.strerror}"


def disk_problem(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"磁盘已满，请清理后重试（数据目录 {settings.DATA_DIR}）。"
    return f"文件 {error.filename or settings.DATA_DIR} 无法使用：{error.strerror}"


def database_problem(error: OperationalError) -> str:
    if "No space left" in str(error):
        return f"磁盘已满，请清理后重试（数据目录 {settings.DATA_DIR}）。"
    return f"数据库无法使用：{str(error).strip()}"


def demo_is_missing() -> bool:
    household = apps.get_model("households", "Household")
    return "demo" in get_commands() and not household._default_manager.exists()


def unfinished_demo() -> Path:
    """Stands from before the demonstration is begun in an empty register until it is complete."""
    return log_dir().parent / "run" / "demo-unfinished"


def empty_the_database() -> None:
    """Half a demonstration is of no use, and its audit chain lets no row be deleted."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    unfinished_demo().unlink()


def wait_for_first_answer(host: str, port: int, supervisor: Supervisor) -> bool:
    end = time.monotonic() + FIRST_ANSWER_SECONDS
    while time.monotonic() < end and not supervisor.ended() and not supervisor.asked_to_stop:
        with contextlib.suppress(OSError):
            first = HTTPConnection(host, port, timeout=5)
            first.request("GET", "/healthz")
            status = first.getresponse().status
            first.close()
            if status == HTTPStatus.OK:
                return True
        time.sleep(0.1)
    return False
