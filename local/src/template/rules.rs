//! Rules and schedules, as resources and as events of a function.

use serde_json::json;

use super::context::Context;
use super::delivery::{dead_letters, enabled, retry, rule_input, schedule_input, target};
use super::expression::Expression;
use super::fault::Fault;
use super::node::Node;
use super::pattern;
use super::properties::{Keys, Properties};
use super::resources::{Kind, PARTITION, Resource};
use crate::wiring::{ACCOUNT, LogicalId, REGION, Rule, Schedule, Target};

pub(super) const RULE_EVENT: Keys = Keys {
    honoured: &["Pattern", "EventBusName", "State", "RetryPolicy", "DeadLetterConfig"],
    harmless: &["RuleName", "Target"],
};
pub(super) const SCHEDULE_EVENT: Keys = Keys {
    honoured: &[
        "Schedule",
        "Input",
        "State",
        "Enabled",
        "RetryPolicy",
        "DeadLetterConfig",
    ],
    harmless: &["Name", "Description", "RoleArn"],
};
pub(super) const SCHEDULER_EVENT: Keys = Keys {
    honoured: &[
        "ScheduleExpression",
        "ScheduleExpressionTimezone",
        "Input",
        "State",
        "RetryPolicy",
        "DeadLetterConfig",
        "FlexibleTimeWindow",
    ],
    harmless: &[
        "Name",
        "OmitName",
        "GroupName",
        "Description",
        "KmsKeyArn",
        "RoleArn",
        "PermissionsBoundary",
    ],
};
const RULE: Keys = Keys {
    honoured: &[
        "Name",
        "EventPattern",
        "EventBusName",
        "ScheduleExpression",
        "State",
        "Targets",
    ],
    harmless: &["Description", "RoleArn", "Tags"],
};
const RULE_TARGET: Keys = Keys {
    honoured: &["Id", "Arn", "Input", "RetryPolicy", "DeadLetterConfig"],
    harmless: &["RoleArn"],
};
const SCHEDULE: Keys = Keys {
    honoured: &[
        "ScheduleExpression",
        "ScheduleExpressionTimezone",
        "State",
        "FlexibleTimeWindow",
        "Target",
    ],
    harmless: &["Name", "GroupName", "Description", "KmsKeyArn", "ActionAfterCompletion"],
};
const SCHEDULE_TARGET: Keys = Keys {
    honoured: &["Arn", "Input", "RetryPolicy", "DeadLetterConfig"],
    harmless: &["RoleArn"],
};
const WINDOW: Keys = Keys {
    honoured: &["Mode"],
    harmless: &["MaximumWindowInMinutes"],
};

/// What a rule resource comes to: rules by pattern, or schedules.
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub(super) rules: Vec<Rule>,
    pub(super) schedules: Vec<Schedule>,
}

/// `AWS::Events::Rule`: one rule, or one schedule, for each target.
pub(super) fn rule<'a>(context: &'a Context<'a>, id: &str, resource: &Resource<'a>) -> Result<Rules, Fault> {
    let written = resource.properties.and_then(Node::entries).unwrap_or(&[]);
    let rule = Properties::read(context, id, resource.line, written, RULE)?;
    let targets = rule.children("Targets", RULE_TARGET)?;
    let bus = bus(&rule)?;
    let mut result = Rules::default();
    for target in &targets {
        let target_id = target.required_text("Id")?;
        let id = match targets.len() {
            1 => id.to_owned(),
            _ => format!("{id}/{target_id}"),
        };
        match (rule.get("EventPattern"), rule.get("ScheduleExpression")) {
            (Some(_), None) => result.rules.push(matched(id, &rule, target, bus.clone())?),
            (None, Some(_)) if bus.is_none() => {
                let key = "ScheduleExpression";
                let name = context.name(&rule.subject, resource)?;
                let to = self::target(target)?;
                result.schedules.push(scheduled(id, &rule, key, target, &name, to)?);
            }
            (None, Some(_)) => {
                let problem = "works on the default event bus only";
                return Err(rule.invalid("ScheduleExpression", problem));
            }
            _ => {
                let problem = "takes either an EventPattern or a ScheduleExpression";
                return Err(Fault::invalid(rule.line, &rule.subject, problem));
            }
        }
    }
    Ok(if enabled(&rule)? { result } else { Rules::default() })
}

fn matched(id: LogicalId, rule: &Properties<'_>, to: &Properties<'_>, bus: Option<LogicalId>) -> Result<Rule, Fault> {
    if to.get("Input").is_some() {
        let supported = "the event as it is, or Input on a ScheduleExpression";
        return Err(to.unsupported("Input", "a constant in place of the event", supported));
    }
    Ok(Rule {
        id,
        bus,
        pattern: checked_pattern(rule, "EventPattern")?,
        target: target(to)?,
        dead_letters: dead_letters(to)?,
        retry: retry(to)?,
    })
}

/// SAM's `EventBridgeRule`; nothing where it is disabled.
pub(super) fn rule_event(id: LogicalId, function: LogicalId, event: &Properties<'_>) -> Result<Option<Rule>, Fault> {
    event.required("Pattern")?;
    let rule = Rule {
        id,
        bus: bus(event)?,
        pattern: checked_pattern(event, "Pattern")?,
        target: Target::Function(function),
        dead_letters: dead_letters(event)?,
        retry: retry(event)?,
    };
    Ok(enabled(event)?.then_some(rule))
}

fn bus(properties: &Properties<'_>) -> Result<Option<LogicalId>, Fault> {
    let key = "EventBusName";
    match properties.text(key)?.as_deref() {
        None | Some("default") => Ok(None),
        Some(_) => Ok(properties.resource(key, &[Kind::Bus])?.map(|(_, id)| id)),
    }
}

fn checked_pattern(properties: &Properties<'_>, key: &str) -> Result<serde_json::Value, Fault> {
    let pattern = properties.json(key)?.unwrap_or_default();
    pattern::check(&pattern).map_err(|problem| properties.invalid(key, &problem))?;
    Ok(pattern)
}

/// SAM's `Schedule`, a scheduled rule; nothing where it is disabled.
pub(super) fn schedule_event(
    id: LogicalId,
    function: LogicalId,
    event: &Properties<'_>,
) -> Result<Option<Schedule>, Fault> {
    let name = id.clone();
    let to = Target::Function(function);
    let schedule = scheduled(id, event, "Schedule", event, &name, to)?;
    Ok(enabled(event)?.then_some(schedule))
}

/// A schedule made from a scheduled rule, which knows UTC only and delivers its own event where it has no input.
fn scheduled(
    id: LogicalId,
    rule: &Properties<'_>,
    key: &str,
    to: &Properties<'_>,
    name: &str,
    target: Target,
) -> Result<Schedule, Fault> {
    let expression = expression(rule, key, "UTC")?;
    if expression.starts_with("at(") {
        let problem = "is for EventBridge Scheduler; a rule takes rate() or cron()";
        return Err(rule.invalid(key, problem));
    }
    Ok(Schedule {
        id,
        target,
        expression,
        zone: "UTC".to_owned(),
        input: Some(rule_input(to)?.unwrap_or_else(|| scheduled_event(name))),
        dead_letters: dead_letters(to)?,
        retry: retry(to)?,
    })
}

/// The event of a scheduled rule, its moment and number left to be filled in.
fn scheduled_event(rule: &str) -> String {
    json!({
        "version": "0",
        "id": "<aws.scheduler.execution-id>",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": "<aws.scheduler.scheduled-time>",
        "region": REGION,
        "resources": [format!("arn:{PARTITION}:events:{REGION}:{ACCOUNT}:rule/{rule}")],
        "detail": {},
    })
    .to_string()
}

/// SAM's `ScheduleV2`; nothing where it is disabled.
pub(super) fn scheduler_event(
    id: LogicalId,
    function: LogicalId,
    event: &Properties<'_>,
) -> Result<Option<Schedule>, Fault> {
    scheduler(id, event, event, Target::Function(function))
}

/// `AWS::Scheduler::Schedule`; nothing where it is disabled.
pub(super) fn schedule<'a>(
    context: &'a Context<'a>,
    id: &str,
    resource: &Resource<'a>,
) -> Result<Option<Schedule>, Fault> {
    let written = resource.properties.and_then(Node::entries).unwrap_or(&[]);
    let schedule = Properties::read(context, id, resource.line, written, SCHEDULE)?;
    let Some(to) = schedule.child("Target", SCHEDULE_TARGET)? else {
        return Err(schedule.invalid("Target", "is missing"));
    };
    schedule.required("FlexibleTimeWindow")?;
    scheduler(id.to_owned(), &schedule, &to, target(&to)?)
}

fn scheduler(
    id: LogicalId,
    schedule: &Properties<'_>,
    to: &Properties<'_>,
    target: Target,
) -> Result<Option<Schedule>, Fault> {
    // The start of a flexible window is within it.
    if let Some(window) = schedule.child("FlexibleTimeWindow", WINDOW)? {
        window.word("Mode", &[("OFF", ()), ("FLEXIBLE", ())])?;
    }
    let zone = schedule
        .text("ScheduleExpressionTimezone")?
        .unwrap_or_else(|| "UTC".to_owned());
    let result = Schedule {
        id,
        target,
        expression: expression(schedule, "ScheduleExpression", &zone)?,
        zone,
        input: schedule_input(to)?,
        dead_letters: dead_letters(to)?,
        retry: retry(to)?,
    };
    Ok(enabled(schedule)?.then_some(result))
}

fn expression(properties: &Properties<'_>, key: &str, zone: &str) -> Result<String, Fault> {
    let expression = properties.required_text(key)?;
    Expression::parse(&expression, zone).map_err(|problem| properties.invalid(key, &problem))?;
    Ok(expression)
}
