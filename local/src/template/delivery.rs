//! What rules, schedules and mappings have in common: targets, retries, dead letters, input.

use super::fault::Fault;
use super::properties::{Keys, Properties};
use super::resources::Kind;
use crate::wiring::{LogicalId, Retry, Target};

const RETRY: Keys = Keys {
    honoured: &["MaximumEventAgeInSeconds", "MaximumRetryAttempts"],
    harmless: &[],
};
const DEAD_LETTERS: Keys = Keys {
    honoured: &["Arn"],
    harmless: &[],
};
/// The placeholders `EventBridge` Scheduler fills in.
const PLACEHOLDERS: [&str; 4] = [
    "<aws.scheduler.schedule-arn>",
    "<aws.scheduler.scheduled-time>",
    "<aws.scheduler.execution-id>",
    "<aws.scheduler.attempt-number>",
];

/// `RetryPolicy`, or what `EventBridge` does without one: 185 attempts in a day.
pub(super) fn retry(properties: &Properties<'_>) -> Result<Retry, Fault> {
    let default = Retry {
        maximum_attempts: 185,
        maximum_age_seconds: 86_400,
    };
    let Some(policy) = properties.child("RetryPolicy", RETRY)? else {
        return Ok(default);
    };
    Ok(Retry {
        maximum_attempts: policy
            .number("MaximumRetryAttempts", 0..=185)?
            .unwrap_or(default.maximum_attempts),
        maximum_age_seconds: policy
            .number("MaximumEventAgeInSeconds", 60..=86_400)?
            .unwrap_or(default.maximum_age_seconds),
    })
}

pub(super) fn dead_letters(properties: &Properties<'_>) -> Result<Option<LogicalId>, Fault> {
    let Some(config) = properties.child("DeadLetterConfig", DEAD_LETTERS)? else {
        return Ok(None);
    };
    Ok(Some(config.required_resource("Arn", &[Kind::Queue])?.1))
}

pub(super) fn target(properties: &Properties<'_>) -> Result<Target, Fault> {
    let (kind, id) = properties.required_resource("Arn", &[Kind::Queue, Kind::Function])?;
    Ok(match kind {
        Kind::Function => Target::Function(id),
        _ => Target::Queue(id),
    })
}

/// `State` and `Enabled`: whether the thing runs at all.
pub(super) fn enabled(properties: &Properties<'_>) -> Result<bool, Fault> {
    let state = properties.word("State", &[("ENABLED", true), ("DISABLED", false)])?;
    let flag = properties.flag("Enabled")?;
    Ok(state.unwrap_or(true) && flag.unwrap_or(true))
}

/// The input of a schedule: JSON once its placeholders are filled in.
pub(super) fn schedule_input(properties: &Properties<'_>) -> Result<Option<String>, Fault> {
    let Some(input) = properties.text("Input")? else {
        return Ok(None);
    };
    let filled = PLACEHOLDERS
        .iter()
        .fold(input.clone(), |text, name| text.replace(name, "0"));
    if filled.contains("<aws.") {
        return Err(properties.unsupported("Input", "a placeholder of another name", &PLACEHOLDERS.join(", ")));
    }
    match serde_json::from_str::<serde_json::Value>(&filled) {
        Ok(_) => Ok(Some(input)),
        Err(error) => Err(properties.invalid("Input", &format!("is not JSON: {error}"))),
    }
}

/// The constant input of a scheduled rule: JSON, without the placeholders only Scheduler knows.
pub(super) fn rule_input(properties: &Properties<'_>) -> Result<Option<String>, Fault> {
    let input = schedule_input(properties)?;
    if input.as_ref().is_some_and(|text| text.contains("<aws.scheduler.")) {
        return Err(properties.invalid(
            "Input",
            "has a placeholder that a rule does not fill in; use EventBridge Scheduler (ScheduleV2)",
        ));
    }
    Ok(input)
}
