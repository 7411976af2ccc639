//! The resources of a template: which run here, what they are called, and what a reference to one yields.

use super::fault::Fault;
use super::node::Node;
use crate::wiring::{ACCOUNT, REGION};

pub(super) const PARTITION: &str = "aws";
pub(super) const STACK: &str = "regulars";

/// What runs locally, and everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Function,
    Layer,
    Table,
    Queue,
    Bucket,
    Bus,
    Topic,
    Subscription,
    Rule,
    Schedule,
    Mapping,
    /// Accepted, and needs nothing locally.
    Idle,
}

const RUNNING: [(&str, Kind); 11] = [
    ("AWS::Serverless::Function", Kind::Function),
    ("AWS::Serverless::LayerVersion", Kind::Layer),
    ("AWS::DynamoDB::Table", Kind::Table),
    ("AWS::SQS::Queue", Kind::Queue),
    ("AWS::S3::Bucket", Kind::Bucket),
    ("AWS::Events::EventBus", Kind::Bus),
    ("AWS::SNS::Topic", Kind::Topic),
    ("AWS::SNS::Subscription", Kind::Subscription),
    ("AWS::Events::Rule", Kind::Rule),
    ("AWS::Scheduler::Schedule", Kind::Schedule),
    ("AWS::Lambda::EventSourceMapping", Kind::Mapping),
];

/// Resources that permit, watch, keep or group: nothing a local run does differently without them.
const IDLE: [&str; 19] = [
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::Events::Archive",
    "AWS::Events::EventBusPolicy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::KMS::Alias",
    "AWS::KMS::Key",
    "AWS::Lambda::LayerVersionPermission",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::Logs::MetricFilter",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueueInlinePolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::ScheduleGroup",
];

/// What may stand beside `Type` and `Properties`; of these only `Condition` and `Metadata` are read.
const ATTRIBUTES: [&str; 8] = [
    "Type",
    "Properties",
    "Condition",
    "Metadata",
    "DependsOn",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "UpdatePolicy",
];

/// A resource as it is written.
#[derive(Debug)]
pub(super) struct Resource<'a> {
    pub(super) kind: Kind,
    pub(super) type_name: String,
    pub(super) line: usize,
    pub(super) condition: Option<(String, usize)>,
    pub(super) properties: Option<&'a Node>,
    pub(super) metadata: Option<&'a Node>,
}

impl<'a> Resource<'a> {
    pub(super) fn read(node: &'a Node) -> Result<Self, Fault> {
        let line = node.line;
        let entries = node.entries().ok_or_else(|| Fault::new(line, "is not a mapping"))?;
        if let Some((key, value)) = entries.iter().find(|(key, _)| !ATTRIBUTES.contains(&key.as_str())) {
            return Err(Fault::unsupported(
                value.line,
                "",
                format!("{key} beside Type"),
                ATTRIBUTES.join(", "),
            ));
        }
        let type_name = node
            .get("Type")
            .and_then(Node::scalar)
            .ok_or_else(|| Fault::new(line, "has no Type"))?;
        let condition = match node.get("Condition") {
            None => None,
            Some(name) => Some((
                name.scalar()
                    .ok_or_else(|| Fault::new(name.line, "its Condition is not a name"))?,
                name.line,
            )),
        };
        let properties = node.get("Properties");
        if let Some(wrong) = properties.filter(|node| node.entries().is_none()) {
            return Err(Fault::new(wrong.line, "its Properties is not a mapping"));
        }
        Ok(Self {
            kind: kind(&type_name, node.get("Type").map_or(line, |node| node.line))?,
            type_name,
            line,
            condition,
            properties,
            metadata: node.get("Metadata"),
        })
    }

    /// The property that names the resource, where its type has one.
    pub(super) fn name_property(&self) -> Option<&'static str> {
        Some(match self.type_name.as_str() {
            "AWS::Serverless::Function" => "FunctionName",
            "AWS::Serverless::LayerVersion" => "LayerName",
            "AWS::DynamoDB::Table" => "TableName",
            "AWS::SQS::Queue" => "QueueName",
            "AWS::S3::Bucket" => "BucketName",
            "AWS::Events::EventBus"
            | "AWS::Events::Rule"
            | "AWS::Scheduler::Schedule"
            | "AWS::Scheduler::ScheduleGroup" => "Name",
            "AWS::Events::Archive" => "ArchiveName",
            "AWS::SNS::Topic" => "TopicName",
            "AWS::IAM::Role" => "RoleName",
            "AWS::IAM::ManagedPolicy" => "ManagedPolicyName",
            "AWS::Logs::LogGroup" => "LogGroupName",
            "AWS::CloudWatch::Alarm" | "AWS::CloudWatch::CompositeAlarm" => "AlarmName",
            "AWS::CloudWatch::Dashboard" => "DashboardName",
            _ => return None,
        })
    }

    /// What `Ref` yields.
    pub(super) fn reference(&self, name: &str) -> String {
        match (self.kind, self.type_name.as_str()) {
            (Kind::Queue, _) => queue_url(name),
            (Kind::Layer | Kind::Topic, _) | (_, "AWS::IAM::ManagedPolicy") => self.arn(name),
            _ => name.to_owned(),
        }
    }

    pub(super) fn arn(&self, name: &str) -> String {
        let (service, path) = match self.type_name.as_str() {
            "AWS::Serverless::Function" => ("lambda", format!("function:{name}")),
            "AWS::Serverless::LayerVersion" => ("lambda", format!("layer:{name}:1")),
            "AWS::DynamoDB::Table" => ("dynamodb", format!("table/{name}")),
            "AWS::SQS::Queue" => ("sqs", name.to_owned()),
            "AWS::S3::Bucket" => return format!("arn:{PARTITION}:s3:::{name}"),
            "AWS::Events::EventBus" => ("events", format!("event-bus/{name}")),
            "AWS::Events::Rule" => ("events", format!("rule/{name}")),
            "AWS::Events::Archive" => ("events", format!("archive/{name}")),
            "AWS::Scheduler::Schedule" => ("scheduler", format!("schedule/default/{name}")),
            "AWS::Scheduler::ScheduleGroup" => ("scheduler", format!("schedule-group/{name}")),
            "AWS::SNS::Topic" => ("sns", name.to_owned()),
            "AWS::IAM::Role" => return role_arn(name),
            "AWS::IAM::ManagedPolicy" => {
                return format!("arn:{PARTITION}:iam::{ACCOUNT}:policy/{name}");
            }
            "AWS::Logs::LogGroup" => ("logs", format!("log-group:{name}:*")),
            "AWS::KMS::Key" => ("kms", format!("key/{name}")),
            "AWS::CloudWatch::Alarm" | "AWS::CloudWatch::CompositeAlarm" => ("cloudwatch", format!("alarm:{name}")),
            _ => (STACK, name.to_owned()),
        };
        format!("arn:{PARTITION}:{service}:{REGION}:{ACCOUNT}:{path}")
    }

    /// What `Fn::GetAtt` yields, or the attributes there are.
    pub(super) fn attribute(&self, name: &str, attribute: &str) -> Result<String, &'static str> {
        let streams = || {
            self.properties
                .is_some_and(|properties| properties.get("StreamSpecification").is_some())
        };
        match (self.kind, attribute) {
            (Kind::Table, "StreamArn") if streams() => Ok(stream_arn(name)),
            (Kind::Table, "StreamArn") => Err("Arn; StreamArn needs a StreamSpecification"),
            (Kind::Queue, "QueueName") | (Kind::Bus, "Name") | (Kind::Topic, "TopicName") => Ok(name.to_owned()),
            (Kind::Queue, "QueueUrl") => Ok(queue_url(name)),
            (Kind::Bucket, "DomainName") => Ok(format!("{name}.s3.amazonaws.com")),
            (Kind::Layer | Kind::Mapping, _) => Err("none"),
            (Kind::Topic, "TopicArn") | (_, "Arn") => Ok(self.arn(name)),
            (Kind::Table, _) => Err("Arn, StreamArn"),
            (Kind::Queue, _) => Err("Arn, QueueName, QueueUrl"),
            (Kind::Bucket, _) => Err("Arn, DomainName"),
            (Kind::Bus, _) => Err("Arn, Name"),
            (Kind::Topic, _) => Err("TopicArn, TopicName"),
            _ => Err("Arn"),
        }
    }

    /// Whether `text` is one of the ways to point at this resource. A table is pointed at by its stream only.
    pub(super) fn answers_to(&self, name: &str, text: &str) -> bool {
        if self.kind == Kind::Table {
            return text == stream_arn(name);
        }
        text == name || text == self.arn(name) || (self.kind == Kind::Queue && text == queue_url(name))
    }
}

fn stream_arn(table: &str) -> String {
    format!("arn:{PARTITION}:dynamodb:{REGION}:{ACCOUNT}:table/{table}/stream/2000-01-01T00:00:00.000")
}

pub(super) fn role_arn(name: &str) -> String {
    format!("arn:{PARTITION}:iam::{ACCOUNT}:role/{name}")
}

fn queue_url(name: &str) -> String {
    format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}")
}

fn kind(type_name: &str, line: usize) -> Result<Kind, Fault> {
    if let Some((_, kind)) = RUNNING.iter().find(|(name, _)| *name == type_name) {
        return Ok(*kind);
    }
    if IDLE.contains(&type_name) {
        return Ok(Kind::Idle);
    }
    let running: Vec<&str> = RUNNING.iter().map(|(name, _)| *name).collect();
    Err(Fault::unsupported(
        line,
        "",
        format!("resource type {type_name}"),
        format!(
            "{}; accepted without a local part: {}",
            running.join(", "),
            IDLE.join(", ")
        ),
    ))
}
