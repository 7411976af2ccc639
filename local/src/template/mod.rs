//! Reads a SAM template and resolves it to the [`Wiring`] the engine runs.
//!
//! Whatever the local bundle cannot do as a deployment would is refused by name: a resource, event or property that is
//! not known here is an error, never left out. Lines are those of the file.

mod context;
mod delivery;
pub mod expression;
mod fault;
mod functions;
mod intrinsics;
mod mappings;
mod node;
mod parameters;
pub mod pattern;
mod policies;
mod properties;
mod resources;
mod rules;
mod stores;
#[cfg(test)]
mod tests;
mod topics;

use std::collections::BTreeMap;
use std::path::Path;

use self::context::Context;
use self::fault::Fault;
pub use self::fault::{Place, Problem, TemplateError};
use self::node::Node;
use self::properties::Properties;
use self::resources::{Kind, Resource};
use crate::wiring::{Target, Wiring};

const TRANSFORM: &str = "AWS::Serverless-2016-10-31";
/// The parts of a template. `Outputs`, `Description` and `Metadata` are not looked at: nothing here reads them.
const SECTIONS: [&str; 10] = [
    "AWSTemplateFormatVersion",
    "Transform",
    "Description",
    "Metadata",
    "Parameters",
    "Mappings",
    "Conditions",
    "Globals",
    "Resources",
    "Outputs",
];

/// Reads the template at `path` with these parameters; the others have their defaults.
///
/// The region is `us-east-1`, the account `123456789012`, the stack `regulars`. A resource without a name of its own
/// has its logical id as its name.
pub fn read(path: &Path, parameters: &BTreeMap<String, String>) -> Result<Wiring, TemplateError> {
    let text = std::fs::read_to_string(path).map_err(|source| TemplateError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    wire(&text, parameters).map_err(|fault| fault.at(path.to_owned()))
}

fn wire(text: &str, overrides: &BTreeMap<String, String>) -> Result<Wiring, Fault> {
    let template = node::parse(text)?;
    check_sections(&template)?;
    let parameters = parameters::resolve(template.get("Parameters"), overrides)?;
    let context = Context::new(&template, parameters)?;
    context.check_conditions()?;
    let globals = globals(&template)?;
    let mut wiring = Wiring::default();
    for (id, resource) in context.present()? {
        add(&context, globals, id, resource, &mut wiring).map_err(|fault| fault.within(id))?;
    }
    send_failures(&context, globals, &mut wiring)?;
    check_timeouts(&context, &wiring)?;
    Ok(wiring)
}

/// A rule or a schedule has done its part once Lambda has the event. What the function then fails at goes to the
/// function's own queue for failures, before that of the rule or schedule.
fn send_failures(context: &Context<'_>, globals: Option<&Node>, wiring: &mut Wiring) -> Result<(), Fault> {
    for (id, resource) in context.present()? {
        if resource.kind != Kind::Function {
            continue;
        }
        let properties = functions::merged(globals, resource);
        let Some(queue) = functions::on_failure(context, id, resource, &properties)? else {
            continue;
        };
        let target = Target::Function(id.to_owned());
        let rules = wiring.rules.iter_mut().filter(|rule| rule.target == target);
        rules.for_each(|rule| rule.dead_letters = Some(queue.clone()));
        let schedules = wiring.schedules.iter_mut();
        schedules
            .filter(|schedule| schedule.target == target)
            .for_each(|schedule| schedule.dead_letters = Some(queue.clone()));
    }
    Ok(())
}

fn check_sections(template: &Node) -> Result<(), Fault> {
    let sections = template
        .entries()
        .ok_or_else(|| Fault::invalid(template.line, "the template", "is not a mapping"))?;
    if let Some((name, node)) = sections.iter().find(|(name, _)| !SECTIONS.contains(&name.as_str())) {
        let what = format!("section {name}");
        let known = SECTIONS.join(", ");
        return Err(Fault::unsupported(node.line, "the template", what, known));
    }
    match template.get("Transform") {
        Some(node) if node.scalar().as_deref() == Some(TRANSFORM) => Ok(()),
        Some(node) => Err(Fault::unsupported(
            node.line,
            "Transform",
            "another transform",
            TRANSFORM,
        )),
        None => Err(Fault::invalid(
            template.line,
            "Transform",
            format!("is missing; a SAM template has Transform: {TRANSFORM}"),
        )),
    }
}

/// `Globals.Function`.
fn globals(template: &Node) -> Result<Option<&Node>, Fault> {
    let Some(globals) = template.get("Globals") else {
        return Ok(None);
    };
    let other = globals
        .entries()
        .unwrap_or(&[])
        .iter()
        .find(|(name, _)| name != "Function");
    match other {
        Some((name, node)) => Err(Fault::unsupported(node.line, "Globals", name, "Function")),
        None => Ok(globals.get("Function")),
    }
}

fn add<'a>(
    context: &'a Context<'a>,
    globals: Option<&Node>,
    id: &str,
    resource: &Resource<'a>,
    wiring: &mut Wiring,
) -> Result<(), Fault> {
    let key = id.to_owned();
    match resource.kind {
        Kind::Function => {
            let properties = functions::merged(globals, resource);
            let function = functions::function(context, id, resource, &properties)?;
            wiring.functions.insert(key, function);
            functions::events(context, id, &properties, wiring)?;
        }
        Kind::Table => {
            let table = stores::table(context, id, resource)?;
            wiring.tables.insert(key, table);
        }
        Kind::Queue => {
            let queue = stores::queue(context, id, resource)?;
            wiring.queues.insert(key, queue);
        }
        Kind::Bucket => {
            let bucket = stores::bucket(context, id, resource)?;
            wiring.buckets.insert(key, bucket);
        }
        Kind::Bus => {
            let bus = stores::bus(context, id, resource)?;
            wiring.buses.insert(key, bus);
        }
        Kind::Rule => {
            let made = rules::rule(context, id, resource)?;
            wiring.rules.extend(made.rules);
            wiring.schedules.extend(made.schedules);
        }
        Kind::Schedule => {
            let schedule = rules::schedule(context, id, resource)?;
            wiring.schedules.extend(schedule);
        }
        Kind::Mapping => {
            let written = resource.properties.and_then(Node::entries).unwrap_or(&[]);
            let keys = mappings::RESOURCE_KEYS;
            let properties = Properties::read(context, id, resource.line, written, keys)?;
            functions::add(wiring, mappings::resource(id, &properties)?);
        }
        Kind::Layer => {
            functions::folder(context, id, resource)?;
        }
        Kind::Topic => {
            let topic = topics::topic(context, id, resource)?;
            wiring.topics.insert(key, topic);
        }
        Kind::Subscription => wiring
            .subscriptions
            .extend(topics::subscription(context, id, resource)?),
        Kind::Idle => {}
    }
    Ok(())
}

/// Lambda refuses a queue whose messages come back while the function still may work on them.
fn check_timeouts(context: &Context<'_>, wiring: &Wiring) -> Result<(), Fault> {
    for poll in &wiring.polls {
        let queue = wiring.queues.get(&poll.queue);
        let function = wiring.functions.get(&poll.function);
        let Some((queue, function)) = queue.zip(function) else {
            continue;
        };
        if queue.visibility_timeout_seconds < function.timeout_seconds {
            let line = context
                .present()?
                .iter()
                .find(|(id, _)| *id == poll.queue)
                .map_or(0, |(_, resource)| resource.line);
            let problem = format!(
                "its VisibilityTimeout of {} seconds is under the Timeout of {}, {} seconds",
                queue.visibility_timeout_seconds, poll.function, function.timeout_seconds
            );
            return Err(Fault::invalid(line, &poll.queue, problem));
        }
    }
    Ok(())
}
