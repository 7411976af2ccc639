//! What a template wires together, resolved: names are final, references are followed, nothing is left of
//! CloudFormation's functions. [`crate::template`] makes it, [`crate::engine`] runs it.

use std::collections::BTreeMap;

use serde_json::Value;

/// What ARNs name as their region and account here.
pub const REGION: &str = "us-east-1";
pub const ACCOUNT: &str = "123456789012";

/// A resource's logical name in the template (`MembersTable`).
pub type LogicalId = String;

/// Everything of a template that runs.
#[derive(Debug, Clone, Default)]
pub struct Wiring {
    pub functions: BTreeMap<LogicalId, Function>,
    pub tables: BTreeMap<LogicalId, Table>,
    pub queues: BTreeMap<LogicalId, Queue>,
    pub topics: BTreeMap<LogicalId, Topic>,
    /// What topics hand on to queues.
    pub subscriptions: Vec<Subscription>,
    pub buckets: BTreeMap<LogicalId, Bucket>,
    pub buses: BTreeMap<LogicalId, Bus>,
    pub rules: Vec<Rule>,
    pub schedules: Vec<Schedule>,
    pub streams: Vec<StreamMapping>,
    pub polls: Vec<QueueMapping>,
}

/// A function and how its process is started.
#[derive(Debug, Clone)]
pub struct Function {
    /// The deployed function's name.
    pub name: String,
    /// The cargo binary: `Metadata.BuildProperties.Binary`.
    pub binary: String,
    /// Resolved `Environment.Variables`, globals merged. `/opt` stands for the layers' content still.
    pub environment: BTreeMap<String, String>,
    /// The content folders of the function's layers, relative to the template: what `/opt` shows.
    pub layers: Vec<String>,
    /// What its policies allow it on AWS; `None` where they are not all in the template, and then nothing is refused.
    pub permissions: Option<Vec<Permission>>,
    pub timeout_seconds: u32,
    pub memory_megabytes: u32,
}

/// A statement of a policy. In its patterns `*` stands for any text and `?` for any letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// Such as `dynamodb:PutItem`.
    pub actions: Vec<String>,
    pub resources: Resources,
}

/// What a statement is about, by patterns of ARNs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resources {
    Only(Vec<String>),
    AllBut(Vec<String>),
}

/// A DynamoDB table: the `CreateTable` request as JSON, name and stream specification included.
#[derive(Debug, Clone)]
pub struct Table {
    pub name: String,
    pub create: Value,
    /// The attribute of `TimeToLiveSpecification`, where it is enabled.
    pub time_to_live: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Queue {
    pub name: String,
    pub visibility_timeout_seconds: u32,
    /// Where a message goes after so many receives: the queue's `RedrivePolicy`.
    pub redrive: Option<Redrive>,
}

#[derive(Debug, Clone)]
pub struct Redrive {
    pub queue: LogicalId,
    pub max_receives: u32,
}

/// An SNS topic.
#[derive(Debug, Clone)]
pub struct Topic {
    pub name: String,
}

/// A topic's messages to a queue, each in SNS's envelope.
#[derive(Debug, Clone)]
pub struct Subscription {
    pub topic: LogicalId,
    pub queue: LogicalId,
    /// A policy on the message's body, as JSON; none lets all pass.
    pub filter: Option<Value>,
}

#[derive(Debug, Clone)]
pub struct Bucket {
    pub name: String,
}

#[derive(Debug, Clone)]
pub struct Bus {
    pub name: String,
}

/// A rule on a bus: an event pattern and where a match goes.
#[derive(Debug, Clone)]
pub struct Rule {
    pub id: LogicalId,
    /// `None` is the default bus.
    pub bus: Option<LogicalId>,
    pub pattern: Value,
    pub target: Target,
    /// The queue that takes an event whose delivery failed for good.
    pub dead_letters: Option<LogicalId>,
    pub retry: Retry,
}

/// What a rule or a schedule calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Function(LogicalId),
    Queue(LogicalId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    pub maximum_attempts: u32,
    pub maximum_age_seconds: u32,
}

/// An EventBridge Scheduler schedule.
#[derive(Debug, Clone)]
pub struct Schedule {
    pub id: LogicalId,
    pub target: Target,
    /// `rate(…)`, `cron(…)` or `at(…)`.
    pub expression: String,
    /// An IANA zone; UTC where the template names none.
    pub zone: String,
    /// The JSON text to deliver, `<aws.scheduler.…>` placeholders in place.
    pub input: Option<String>,
    pub dead_letters: Option<LogicalId>,
    pub retry: Retry,
}

/// A DynamoDB stream to a function.
#[derive(Debug, Clone)]
pub struct StreamMapping {
    pub id: LogicalId,
    pub table: LogicalId,
    pub function: LogicalId,
    pub batch_size: usize,
    pub batching_window_seconds: u32,
    pub parallelization: usize,
    pub bisect: bool,
    /// `None` is for ever.
    pub maximum_retries: Option<u32>,
    /// `None` is for ever.
    pub maximum_age_seconds: Option<u32>,
    /// `ReportBatchItemFailures` stands in `FunctionResponseTypes`.
    pub reports_failures: bool,
    /// A record passes when any pattern matches; none lets all pass.
    pub filters: Vec<Value>,
    pub on_failure: Option<OnFailure>,
    /// `TRIM_HORIZON`, else `LATEST`.
    pub from_the_beginning: bool,
}

/// Where records go that were given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnFailure {
    Bucket(LogicalId),
    Queue(LogicalId),
}

/// A queue to a function.
#[derive(Debug, Clone)]
pub struct QueueMapping {
    pub id: LogicalId,
    pub queue: LogicalId,
    pub function: LogicalId,
    pub batch_size: usize,
    pub batching_window_seconds: u32,
    pub reports_failures: bool,
    pub filters: Vec<Value>,
}
