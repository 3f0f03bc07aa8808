"""A real SLURM of one node on this machine (slurm_up.sh), and studies that run on it."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from helpers.studies import ROOT, Study

SCRIPT = Path(__file__).with_name("slurm_up.sh")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel")
FIELD = re.compile(r"(\S+?)=(\S*)")
FIRST_PORT, PORTS = 16817, 4
OVER = {"COMPLETED", "CANCELLED", "FAILED", "NODE_FAIL", "TIMEOUT", "OUT_OF_MEMORY"}


def missing(*more, option=""):
    """Return why no SLURM can be brought up here, or nothing; more: programs beside PROGRAMS."""
    if os.geteuid() != 0:
        return "SLURM is brought up by root alone"
    absent = [program for program in PROGRAMS + more if not shutil.which(program)]
    command = f"bash {SCRIPT.relative_to(ROOT)} install {option}".rstrip()
    return f"no {', '.join(absent)}; install with: {command}" if absent else ""


def eventually(what, condition, seconds=60):
    """Return what `condition` returns as soon as that is true; an error where it stays false."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)
    return found


class Cluster:
    """SLURM in a folder of its own, on ports of its own."""

    def __init__(self, folder, worker=0, *options):
        self.folder, self.options = Path(folder), options
        port = FIRST_PORT + PORTS * worker
        self.environment = {
            "SLURM_CI_DIR": str(folder),
            "SLURM_CI_PORT": str(port),
            "SLURM_CONF": str(self.folder / "slurm.conf"),
            "PATH": os.pathsep.join([str(self.folder / "bin"), os.environ["PATH"]]),
        }

    def call(self, *command):
        """Return what a command says, with SLURM's environment; it must succeed."""
        done = subprocess.run(
            [str(part) for part in command],
            env=os.environ | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def up(self):
        """Start the daemons, and wait until a job has run."""
        # To a file: the daemons keep what they were started with, and a pipe would never end.
        with (self.folder / "up.log").open("w+") as log:
            command = ["bash", SCRIPT, "up", *self.options]
            environment = os.environ | self.environment
            done = subprocess.run(
                command, env=environment, stdout=log, stderr=log, check=False, timeout=300
            )
            log.seek(0)
            assert done.returncode == 0, log.read()

    def down(self):
        """Stop the daemons that `up` started."""
        self.call("bash", SCRIPT, "down")

    def daemon(self):
        """Return slurmd's process."""
        return psutil.Process(int((self.folder / "run/slurmd.pid").read_text()))

    def break_down(self):
        """Kill slurmd, its job steps and all that they run, as if the node lost its power."""
        lost = [self.daemon()]
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                # Its title has overwritten its environment; it stays where slurmd was.
                ours = Path(process.cwd()).is_relative_to(self.folder)
                if ours and process.name() == "slurmstepd":
                    lost += [process, *process.children(recursive=True)]
        for process in lost:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def start_daemon(self):
        """Start slurmd again, and wait until its node is in use."""
        with (self.folder / "slurmd.again.log").open("w") as log:
            command = ["slurmd", "-f", self.folder / "slurm.conf"]
            environment = os.environ | self.environment
            subprocess.run(command, env=environment, stdout=log, stderr=log, check=True)
        eventually("the node is back", self.node_serves)

    def node_serves(self):
        """Tell whether the node answers and takes jobs."""
        return self.call("sinfo", "-h", "-N", "-o", "%T").split()[0] in (
            "idle",
            "mixed",
            "allocated",
        )

    def jobs(self, run):
        """Return the records of a run's jobs, as mappings of text, in order of submission."""
        lines = self.call("scontrol", "--oneliner", "show", "job").splitlines()
        records = [dict(FIELD.findall(line)) for line in lines]
        return [record for record in records if record.get("JobName") == run]

    def waiting_or_running(self):
        """Return the ids of all jobs that are not over."""
        return self.call("squeue", "-h", "-o", "%i").split()


@contextlib.contextmanager
def in_use(cluster):
    """Bring a Cluster up, its commands where Snakemake finds them, and down at the end."""
    with pytest.MonkeyPatch.context() as patch:
        try:
            cluster.up()
            for name, value in cluster.environment.items():
                patch.setenv(name, value)
            yield cluster
        finally:
            cluster.down()


class OnCluster(Study):
    """A study that runs through profiles/slurm."""

    default = (
        *("--workflow-profile", "profiles/slurm", "--set-threads", "embed=1"),
        *("--slurm-init-seconds-before-status-checks", "1", "--latency-wait", "10"),
    )
    started = None

    def start(self, *arguments, within=()):
        """Start Snakemake, and remember it."""
        self.started = super().start(*arguments, within=within)
        return self.started

    def end(self):
        """End what is left running, if the test failed, or of a job that SLURM gave up: without
        cgroups it loses sight of a Snakemake that was told to end and does not."""
        if self.started and self.started.poll() is None:
            os.killpg(self.started.pid, signal.SIGKILL)
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.cwd() == str(self.root):
                    process.kill()


def run_of(output):
    """Return the name that SLURM has for a run of Snakemake."""
    return re.search(r"^SLURM run ID: (\S+)$", output, re.M)[1]


def rule_of(record):
    """Return the rule of a job's record."""
    return re.match(r"rule_([a-z_]+?)(?:_wildcards_|$)", record["Comment"])[1]


def embedding_process(study):
    """Return the process of a study's embed job that writes its file, or None."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # it ended meanwhile
            program, *arguments = process.cmdline() or [""]
            script = any(text.endswith("embed.py") for text in arguments)
            if "python" in program and script and process.cwd() == str(study.root):
                return process
    return None


def stopped_job(study, part, snakemake, seconds=200):
    """Return the process of an embed job, stopped while its file is half written.

    part: a pattern of that file's name below the study.
    """

    def begun():
        assert snakemake.poll() is None, snakemake.communicate()[0]
        return any(study.root.glob(part)) and embedding_process(study)

    process = eventually("an embed job writes", begun, seconds)
    process.suspend()
    assert any(study.root.glob(part)), "the job was done before it could be stopped"
    return process


def interrupt(snakemake):
    """Press Ctrl-C: the whole process group is told."""
    os.killpg(snakemake.pid, signal.SIGINT)
