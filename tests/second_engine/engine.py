"""Runs the second engine for its test: starts it, sets it up, and does what the test asks.

Requests come on standard input, a line of JSON each, and each is answered by a line of JSON on standard output. The
engine is stopped when the input ends, so that it cannot outlive the test.

    engine.py FOLDER        the engine's log and files go to this folder
"""

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

import boto3
from botocore.config import Config

import deploy

REGION = "us-east-1"
# How long the engine may take until it answers.
START_SECONDS = 60


class Engine:
    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.clients = {}
        self.queues = {}
        files = os.path.join(folder, "files")
        os.makedirs(files, exist_ok=True)
        with open(os.path.join(folder, "engine.log"), "ab") as log:
            # A session of its own: the functions' processes are the engine's children, and go with it.
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ministack"],
                env=self.environment(files),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def environment(self, files):
        # Nothing of the caller's own AWS settings.
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_") or "_LC_" in name}
        return kept | {
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_REGION": REGION,
            "TMPDIR": files,
        }

    def wait(self):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"the engine ended at its start, with {self.process.returncode}")
            try:
                self.get("/_ministack/health")
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"the engine did not answer within {START_SECONDS} seconds")

    def stop(self):
        # The second signal is for what the first left of the session, the engine's children too.
        for how, seconds in [(signal.SIGTERM, 3), (signal.SIGKILL, 3)]:
            try:
                os.killpg(self.process.pid, how)
                self.process.wait(seconds)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass

    def get(self, path):
        with urllib.request.urlopen(self.endpoint + path, timeout=10) as answer:
            return json.load(answer)

    def client(self, service):
        if service not in self.clients:
            self.clients[service] = boto3.client(
                service,
                endpoint_url=self.endpoint,
                region_name=REGION,
                aws_access_key_id="test",
                aws_secret_access_key="test",
                config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
            )
        return self.clients[service]

    def answer(self, request):
        """What the test asked for; see the test's `Engine` for what it may ask."""
        (name, argument), = request.items()
        return getattr(self, f"do_{name}")(argument)

    def do_deploy(self, plan):
        self.queues = deploy.deploy(self.client, self.endpoint, plan)

    def do_put(self, entries):
        put = self.client("events").put_events(Entries=entries)
        if put["FailedEntryCount"]:
            raise RuntimeError(f"the bus refused an event: {put['Entries']}")

    def do_invoke(self, call):
        done = self.client("lambda").invoke(FunctionName=call["function"], Payload=json.dumps(call["payload"]))
        said = done["Payload"].read().decode()
        if "FunctionError" in done:
            raise RuntimeError(f"{call['function']} failed: {said}")

    def do_sms(self, _):
        """What went to phones: a list of number, type and text."""
        sent = self.get("/_ministack/sns/sms-messages")["sms_messages"]
        return [
            [number, message["MessageAttributes"]["AWS.SNS.SMS.SMSType"]["StringValue"], message["Message"]]
            for number, messages in sent.items()
            for message in messages
        ]

    def do_waiting(self, _):
        """How many messages lie in each queue, visible or not."""
        counts = {}
        for name, url in self.queues.items():
            wanted = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
            found = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=wanted)["Attributes"]
            counts[name] = sum(int(found[attribute]) for attribute in wanted)
        return counts


def main():
    engine = Engine(sys.argv[1])
    # The reader ends all of it with the input, whatever the main thread waits for.
    requests = queue.Queue()

    def read():
        for line in sys.stdin:
            requests.put(json.loads(line))
        engine.stop()
        os._exit(0)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    threading.Thread(target=read, daemon=True).start()
    try:
        engine.wait()
        print(json.dumps({"done": engine.endpoint}), flush=True)
        while True:
            request = requests.get()
            try:
                answer = {"done": engine.answer(request)}
            except Exception as error:  # whatever it is, the test shows it with the engine's log
                answer = {"failed": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), flush=True)
    finally:
        engine.stop()


if __name__ == "__main__":
    main()
