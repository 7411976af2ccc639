"""Sets up in the engine what the template wires, from the plan that the test resolved it to."""

import io
import json
import platform
import zipfile

ROLE = "arn:aws:iam::123456789012:role/regulars"


def deploy(client, endpoint, plan):
    """Everything of the plan; `client(service)` gives boto3's client of a service.

    Left out are the schedules: the test calls `wake-members` itself, at a time of its choice.
    """
    streams = tables(client("dynamodb"), plan["tables"])
    urls = queues(client("sqs"), plan["queues"])
    for name in plan["buckets"]:
        client("s3").create_bucket(Bucket=name)
    applications(client("sns"), plan["applications"])
    functions(client("lambda"), endpoint, plan["functions"])
    buses(client("events"), plan)
    mappings(client("lambda"), plan, streams)
    return urls


def tables(dynamodb, wanted):
    """The streams' ARNs, by table."""
    streams = {}
    for table in wanted:
        made = dynamodb.create_table(**table["create"])["TableDescription"]
        name = made["TableName"]
        dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
        if table["time_to_live"]:
            specification = {"Enabled": True, "AttributeName": table["time_to_live"]}
            dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=specification)
        streams[name] = made.get("LatestStreamArn")
    return streams


def queues(sqs, wanted):
    """The queues' URLs, by name."""
    urls = {}
    for queue in wanted:
        attributes = {"VisibilityTimeout": str(queue["visibility_timeout"])}
        urls[queue["name"]] = sqs.create_queue(QueueName=queue["name"], Attributes=attributes)["QueueUrl"]
    for queue in wanted:
        if queue["redrive"]:
            policy = {"RedrivePolicy": json.dumps(queue["redrive"])}
            sqs.set_queue_attributes(QueueUrl=urls[queue["name"]], Attributes=policy)
    return urls


def applications(sns, wanted):
    for application in wanted:
        made = sns.create_platform_application(
            Name=application["name"], Platform=application["platform"], Attributes={"PlatformCredential": "none"}
        )["PlatformApplicationArn"]
        # The functions have it in their environment already.
        if made != application["arn"]:
            raise RuntimeError(f"the platform application is {made} and should be {application['arn']}")


def functions(awslambda, endpoint, wanted):
    for function in wanted:
        environment = dict(function["environment"])
        for service in ["DYNAMODB", "SNS", "EVENTBRIDGE"]:
            environment[f"AWS_ENDPOINT_URL_{service}"] = endpoint
        awslambda.create_function(
            FunctionName=function["name"],
            Runtime="provided.al2023",
            Handler="bootstrap",
            Role=ROLE,
            Architectures=["arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"],
            Code={"ZipFile": package(function["binary"])},
            Environment={"Variables": environment},
            Timeout=function["timeout"],
            MemorySize=function["memory"],
        )
    for function in wanted:
        awslambda.get_waiter("function_active_v2").wait(
            FunctionName=function["name"], WaiterConfig={"Delay": 1, "MaxAttempts": 30}
        )


def package(binary):
    """A deployment package: the binary, executable and under the name the runtime starts."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        with open(binary, "rb") as content:
            archive.writestr(entry, content.read())
    return packed.getvalue()


def buses(events, plan):
    for name in plan["buses"]:
        events.create_event_bus(Name=name)
    for number, rule in enumerate(plan["rules"]):
        where = {"EventBusName": rule["bus"]}
        name = f"{rule['name']}-{number}"
        events.put_rule(Name=name, EventPattern=json.dumps(rule["pattern"]), State="ENABLED", **where)
        target = {"Id": "target", "Arn": rule["target"], "RetryPolicy": rule["retry"]}
        if rule["dead_letters"]:
            target["DeadLetterConfig"] = {"Arn": rule["dead_letters"]}
        refused = events.put_targets(Rule=name, Targets=[target], **where)["FailedEntries"]
        if refused:
            raise RuntimeError(f"the rule {name} cannot have its target: {refused}")


def mappings(awslambda, plan, streams):
    """The queue's and the streams' mappings.

    ministack 1.5.33 takes a stream's batch as done whatever the function reports in `batchItemFailures`, and neither
    bisects nor gives up into a bucket. So a record that failed once is lost here, which the test finds as a difference.
    """
    for mapping in plan["mappings"]:
        request = dict(mapping["request"])
        if mapping["stream_of"]:
            request["EventSourceArn"] = streams[mapping["stream_of"]]
        filters = [{"Pattern": json.dumps(absent(pattern))} for pattern in mapping["filters"]]
        if filters:
            request["FilterCriteria"] = {"Filters": filters}
        awslambda.create_event_source_mapping(**request)


def absent(pattern):
    """The same pattern in the engine's terms.

    On AWS `{"refused": {"S": [{"exists": false}]}}` matches an item without `refused`. ministack 1.5.33 matches nothing
    below a field that is not there, so it would filter every new activity out. It does look for a missing field where
    the pattern names that field itself, `{"refused": [{"exists": false}]}`; on AWS `exists` sees leaves alone.
    """
    if not isinstance(pattern, dict):
        return pattern
    missing = [{"exists": False}]
    return {
        name: missing if isinstance(below, dict) and list(below.values()) == [missing] else absent(below)
        for name, below in pattern.items()
    }
