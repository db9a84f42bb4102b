"""The worker that does what takes long and what is due at a time, and the child process in which `serve` keeps one."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection

from gazette import review

RESTART_SECONDS = 5
PATIENCE_SECONDS = 10
DUE_SECONDS = 5


def end_with_parent() -> None:
    """Have this process end when the one at the other end of its standard input does, however that ends."""

    def watch():
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def publish_due(report: Callable[[str], None]) -> int:
    """Publish each document whose scheduled time has come, and report each; how many had to go back."""
    refused = 0
    for document, refusal in review.publish_due():
        if refusal is None:
            report(f"已发布：{document.title}（{document.code}）")
        else:
            refused += 1
            report(f"✗ {document.title}（{document.code}）：{refusal}")
    return refused


def keep_publishing(report: Callable[[str], None]) -> None:
    """Publish what is due beside whatever else this process does, for as long as it lives."""

    def watch():
        patience = threading.Event()
        while True:
            try:
                publish_due(report)
            except DatabaseError as fault:
                # A lock held for long or a server that restarts: said, and tried again.
                report(f"没能查看定时发布，{DUE_SECONDS}秒后再试：{fault}")
            finally:
                connection.close()
            patience.wait(DUE_SECONDS)

    threading.Thread(target=watch, daemon=True).start()


class KeptWorker:
    """A worker in a child process, started again when it ends by itself, and gone with its parent."""

    def __init__(self, report: Callable[[str], None]):
        self.report = report
        self._stopping = threading.Event()
        self._process = None
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        """Start the child."""
        self._start_process()
        self._keeper.start()

    def stop(self) -> None:
        """End the child; a task that it has is broken off, and nothing of it is written."""
        self._stopping.set()
        self._process.terminate()
        try:
            self._process.wait(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._keeper.join()

    def _start_process(self) -> None:
        # Nobody writes to the pipe: it closes when this process ends, also when it is killed.
        self._process = subprocess.Popen(
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "work", "--end-with-parent"],
            stdin=subprocess.PIPE,
            cwd=settings.BASE_DIR,
        )

    def _keep(self) -> None:
        while True:
            self._process.wait()
            if self._stopping.wait(RESTART_SECONDS):
                return
            self.report("后台程序意外停止，已重新启动。")
            self._start_process()
