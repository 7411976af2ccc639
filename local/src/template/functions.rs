//! SAM functions: what their process gets, and the events that call them.

use std::collections::BTreeMap;

use super::context::Context;
use super::fault::Fault;
use super::mappings::{self, Mapping};
use super::node::{Content, Node};
use super::policies;
use super::properties::{Keys, Properties};
use super::resources::{Kind, Resource};
use super::rules;
use crate::wiring::{Function, LogicalId, Wiring};

const FUNCTION: Keys = Keys {
    honoured: &[
        "FunctionName",
        "Environment",
        "EventInvokeConfig",
        "Layers",
        "LoggingConfig",
        "MemorySize",
        "Policies",
        "ReservedConcurrentExecutions",
        "Role",
        "Timeout",
    ],
    harmless: &[
        "Architectures",
        "AssumeRolePolicyDocument",
        "CodeUri",
        "Description",
        "EphemeralStorage",
        "Events",
        "Handler",
        "KmsKeyArn",
        "PermissionsBoundary",
        "PropagateTags",
        "RecursiveLoop",
        "RolePath",
        "Runtime",
        "RuntimeManagementConfig",
        "Tags",
        "Tracing",
    ],
};
const ENVIRONMENT: Keys = Keys {
    honoured: &["Variables"],
    harmless: &[],
};
const LOGGING: Keys = Keys {
    honoured: &["LogFormat", "ApplicationLogLevel"],
    harmless: &["SystemLogLevel", "LogGroup"],
};
const ASYNCHRONOUS: Keys = Keys {
    honoured: &["MaximumRetryAttempts", "DestinationConfig"],
    // Retries follow at once here, so no event grows old.
    harmless: &["MaximumEventAgeInSeconds"],
};
const DESTINATIONS: Keys = Keys {
    honoured: &["OnFailure"],
    harmless: &[],
};
const ON_FAILURE: Keys = Keys {
    honoured: &["Type", "Destination"],
    harmless: &[],
};
const LAYER: Keys = Keys {
    honoured: &["ContentUri"],
    harmless: &[
        "LayerName",
        "Description",
        "CompatibleArchitectures",
        "CompatibleRuntimes",
        "LicenseInfo",
        "RetentionPolicy",
    ],
};
const BUILD_METHOD: &str = "rust-cargolambda";
const EVENTS: &str = "DynamoDB, SQS, ScheduleV2, Schedule, EventBridgeRule";

/// A function's properties with `Globals.Function` merged in, as SAM merges them.
pub(super) fn merged(globals: Option<&Node>, resource: &Resource<'_>) -> Node {
    let own = resource.properties.map_or_else(
        || Node {
            line: resource.line,
            content: Content::Map(Vec::new()),
        },
        Clone::clone,
    );
    match globals {
        Some(globals) => merge(globals, &own),
        None => own,
    }
}

/// Mappings are joined, lists appended; anything else, functions included, is replaced by the function's own.
fn merge(global: &Node, own: &Node) -> Node {
    let content = match (&global.content, &own.content) {
        (Content::Map(global), Content::Map(own)) => {
            let mut entries: Vec<(String, Node)> = global
                .iter()
                .map(|(key, value)| {
                    let mine = own.iter().find(|(name, _)| name == key);
                    let value = mine.map_or_else(|| value.clone(), |(_, mine)| merge(value, mine));
                    (key.clone(), value)
                })
                .collect();
            let new = own
                .iter()
                .filter(|(key, _)| !global.iter().any(|(name, _)| name == key));
            entries.extend(new.cloned());
            Content::Map(entries)
        }
        (Content::List(global), Content::List(own)) => Content::List(global.iter().chain(own).cloned().collect()),
        (_, own) => own.clone(),
    };
    Node {
        line: own.line,
        content,
    }
}

/// The function; `properties` are the [`merged`] ones.
pub(super) fn function<'a>(
    context: &'a Context<'a>,
    id: &str,
    resource: &Resource<'a>,
    properties: &Node,
) -> Result<Function, Fault> {
    let written = properties.entries().unwrap_or(&[]);
    let function = Properties::read(context, id, resource.line, written, FUNCTION)?;
    let reserved = function.number("ReservedConcurrentExecutions", 0..=u32::MAX)?;
    if reserved == Some(0) {
        let supported = "a number from 1, which caps speed only";
        return Err(function.unsupported(
            "ReservedConcurrentExecutions",
            "0, which stops the function,",
            supported,
        ));
    }
    Ok(Function {
        name: context.name(id, resource)?,
        binary: binary(id, resource)?,
        environment: environment(&function)?,
        layers: layers(context, &function)?,
        permissions: policies::permissions(context, &function)?,
        timeout_seconds: function.number("Timeout", 1..=900)?.unwrap_or(3),
        memory_megabytes: function.number("MemorySize", 128..=10_240)?.unwrap_or(128),
    })
}

/// The queue that takes what the function failed at when it was called asynchronously, as rules and schedules call it.
pub(super) fn on_failure<'a>(
    context: &'a Context<'a>,
    id: &str,
    resource: &Resource<'a>,
    properties: &Node,
) -> Result<Option<LogicalId>, Fault> {
    let written = properties.entries().unwrap_or(&[]);
    let function = Properties::read(context, id, resource.line, written, FUNCTION)?;
    let Some(config) = function.child("EventInvokeConfig", ASYNCHRONOUS)? else {
        return Ok(None);
    };
    config.word("MaximumRetryAttempts", &[("2", ())])?;
    let Some(destinations) = config.child("DestinationConfig", DESTINATIONS)? else {
        return Ok(None);
    };
    let Some(destination) = destinations.child("OnFailure", ON_FAILURE)? else {
        return Ok(None);
    };
    destination.required("Type")?;
    destination.word("Type", &[("SQS", ())])?;
    let (_, queue) = destination.required_resource("Destination", &[Kind::Queue])?;
    Ok(Some(queue))
}

fn binary(id: &str, resource: &Resource<'_>) -> Result<String, Fault> {
    let metadata = |key: &str| resource.metadata.and_then(|metadata| metadata.get(key));
    let line = resource.metadata.map_or(resource.line, |node| node.line);
    let method = metadata("BuildMethod").and_then(Node::scalar);
    if method.as_deref() != Some(BUILD_METHOD) {
        let what = format!("Metadata: BuildMethod {}", method.as_deref().unwrap_or("(none)"));
        return Err(Fault::unsupported(line, id, what, BUILD_METHOD));
    }
    let build = metadata("BuildProperties").and_then(Node::entries);
    let other = build.into_iter().flatten().find(|(key, _)| key != "Binary");
    if let Some((key, value)) = other {
        let what = format!("Metadata: BuildProperties: {key}");
        return Err(Fault::unsupported(value.line, id, what, "Binary"));
    }
    metadata("BuildProperties")
        .and_then(|build| build.get("Binary"))
        .and_then(Node::scalar)
        .ok_or_else(|| {
            let problem = "has no Metadata: BuildProperties: Binary, the cargo binary to run";
            Fault::invalid(line, id, problem)
        })
}

/// `Environment.Variables`, and what Lambda sets by `LoggingConfig`.
fn environment(function: &Properties<'_>) -> Result<BTreeMap<String, String>, Fault> {
    let mut variables = BTreeMap::new();
    if let Some(logging) = function.child("LoggingConfig", LOGGING)? {
        let names = [
            ("LogFormat", "AWS_LAMBDA_LOG_FORMAT"),
            ("ApplicationLogLevel", "AWS_LAMBDA_LOG_LEVEL"),
        ];
        for (key, variable) in names {
            if let Some(value) = logging.text(key)? {
                variables.insert(variable.to_owned(), value);
            }
        }
    }
    if let Some(environment) = function.child("Environment", ENVIRONMENT)? {
        for (name, value) in environment.entries("Variables")? {
            let text = value
                .scalar()
                .ok_or_else(|| environment.invalid("Variables", &format!("{name} takes text, not {}", value.kind())))?;
            variables.insert(name.clone(), text);
        }
    }
    Ok(variables)
}

fn layers<'a>(context: &'a Context<'a>, function: &Properties<'_>) -> Result<Vec<String>, Fault> {
    let subject = format!("{}: Layers", function.subject);
    let mut folders = Vec::new();
    for layer in function.list("Layers")? {
        let text = layer.scalar().unwrap_or_default();
        let (_, id) = context
            .find(&[Kind::Layer], &text, layer.line)
            .map_err(|fault| fault.within(&subject))?;
        let present = context.present()?;
        let found = present.into_iter().find(|(name, _)| *name == id);
        if let Some((_, resource)) = found {
            folders.push(folder(context, &id, resource)?);
        }
    }
    Ok(folders)
}

/// A layer's content folder.
pub(super) fn folder<'a>(context: &'a Context<'a>, id: &str, resource: &Resource<'a>) -> Result<String, Fault> {
    let written = resource.properties.and_then(Node::entries).unwrap_or(&[]);
    let layer = Properties::read(context, id, resource.line, written, LAYER)?;
    if let Some(method) = resource.metadata.and_then(|node| node.get("BuildMethod")) {
        let supported = "a ContentUri folder that is taken as it is";
        return Err(Fault::unsupported(
            method.line,
            id,
            "a layer that is built (BuildMethod)",
            supported,
        ));
    }
    match layer.required("ContentUri")?.scalar() {
        Some(folder) if !folder.starts_with("s3://") => Ok(folder),
        _ => Err(layer.unsupported("ContentUri", "content in a bucket", "a folder")),
    }
}

/// Adds what calls the function to the wiring. An event's id is the one SAM gives: the function's, then the event's.
pub(super) fn events<'a>(
    context: &'a Context<'a>,
    function: &str,
    properties: &Node,
    wiring: &mut Wiring,
) -> Result<(), Fault> {
    let Some(events) = properties.get("Events") else {
        return Ok(());
    };
    let entries = events
        .entries()
        .ok_or_else(|| Fault::invalid(events.line, &format!("{function}: Events"), "is not a mapping"))?;
    for (name, event) in entries {
        let subject = format!("{function}: Events: {name}");
        one_event(context, function, name, event, wiring).map_err(|fault| fault.within(&subject))?;
    }
    Ok(())
}

fn one_event<'a>(
    context: &'a Context<'a>,
    function: &str,
    name: &str,
    event: &Node,
    wiring: &mut Wiring,
) -> Result<(), Fault> {
    let kind = event.get("Type").ok_or_else(|| Fault::new(event.line, "has no Type"))?;
    let written = match event.get("Properties") {
        None => &[],
        Some(node) => node
            .entries()
            .ok_or_else(|| Fault::new(node.line, "its Properties is not a mapping"))?,
    };
    let id = format!("{function}{name}");
    let subject = format!("{function}: Events: {name}");
    let to = function.to_owned();
    let read = |keys| Properties::read(context, &subject, event.line, written, keys);
    match kind.scalar().unwrap_or_default().as_str() {
        "DynamoDB" => {
            let event = read(mappings::STREAM_KEYS)?;
            add(wiring, mappings::stream(&id, to, &event, "Stream")?);
        }
        "SQS" => {
            let event = read(mappings::QUEUE_KEYS)?;
            add(wiring, mappings::queue(&id, to, &event, "Queue")?);
        }
        "ScheduleV2" => {
            let event = read(rules::SCHEDULER_EVENT)?;
            wiring.schedules.extend(rules::scheduler_event(id, to, &event)?);
        }
        "Schedule" => {
            let event = read(rules::SCHEDULE_EVENT)?;
            wiring.schedules.extend(rules::schedule_event(id, to, &event)?);
        }
        "EventBridgeRule" => {
            let event = read(rules::RULE_EVENT)?;
            wiring.rules.extend(rules::rule_event(id, to, &event)?);
        }
        other => {
            let what = format!("event type {other}");
            return Err(Fault::unsupported(kind.line, "", what, EVENTS));
        }
    }
    Ok(())
}

pub(super) fn add(wiring: &mut Wiring, mapping: Option<Mapping>) {
    match mapping {
        Some(Mapping::Stream(mapping)) => wiring.streams.push(mapping),
        Some(Mapping::Queue(mapping)) => wiring.polls.push(mapping),
        None => {}
    }
}
