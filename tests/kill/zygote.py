"""A process that has loaded the product and forks a worker for each line it reads: killing one costs no start-up.

A worker does what a Celery worker's child does: it claims whatever is free, does it, and looks again.
"""

from __future__ import annotations

import os
import signal
import sys
import time

import django
from django.utils import timezone


def work_for_ever() -> None:
    """Claim and do what is free, until killed."""
    from gridops.jobs import services
    from gridops.jobs.models import Job

    while True:
        for job_id in list(Job.objects.free(timezone.now()).values_list("pk", flat=True)):
            services.work(job_id)
        time.sleep(0.005)


def main() -> None:
    """Answer each line with the id of a new worker, which leads a process group of its own."""
    django.setup()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os.setpgid(0, 0)
            os.close(sys.stdout.fileno())
            work_for_ever()
        os.setpgid(pid, pid)  # whoever comes first
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
