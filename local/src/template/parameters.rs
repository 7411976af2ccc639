//! The template's parameters: defaults, overrides, and the limits `CloudFormation` checks them against.

use std::collections::BTreeMap;

use super::fault::Fault;
use super::node::{Content, Node};

const TYPES: &str = "String, Number, CommaDelimitedList, List<Number>";
/// Attributes of a parameter that are read, then those that change nothing here. `AllowedPattern` is a regular
/// expression of Java's kind, left to the deployment.
const ATTRIBUTES: [&str; 12] = [
    "Type",
    "Default",
    "AllowedValues",
    "MinLength",
    "MaxLength",
    "MinValue",
    "MaxValue",
    "Description",
    "ConstraintDescription",
    "NoEcho",
    "AllowedPattern",
    "Label",
];

/// The values by name: text, or a list of texts for the list types.
pub(super) fn resolve(
    section: Option<&Node>,
    overrides: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Node>, Fault> {
    let declared = match section {
        None => &[],
        Some(node) => node
            .entries()
            .ok_or_else(|| Fault::invalid(node.line, "Parameters", "is not a mapping"))?,
    };
    let names: Vec<&str> = declared.iter().map(|(name, _)| name.as_str()).collect();
    if let Some(unknown) = overrides.keys().find(|name| !names.contains(&name.as_str())) {
        return Err(Fault::invalid(
            section.map_or(0, |node| node.line),
            &format!("parameter {unknown}"),
            format!("the template has no such parameter; it has {}", names.join(", ")),
        ));
    }
    declared
        .iter()
        .map(|(name, declaration)| {
            let value = parameter(declaration, overrides.get(name))
                .map_err(|fault| fault.within(&format!("parameter {name}")))?;
            Ok((name.clone(), value))
        })
        .collect()
}

fn parameter(declaration: &Node, given: Option<&String>) -> Result<Node, Fault> {
    let line = declaration.line;
    let attributes = declaration
        .entries()
        .ok_or_else(|| Fault::new(line, "is not a mapping"))?;
    if let Some((key, value)) = attributes.iter().find(|(key, _)| !ATTRIBUTES.contains(&key.as_str())) {
        return Err(Fault::unsupported(
            value.line,
            "",
            format!("attribute {key}"),
            ATTRIBUTES.join(", "),
        ));
    }
    let kind = declaration
        .get("Type")
        .and_then(Node::scalar)
        .ok_or_else(|| Fault::new(line, "has no Type"))?;
    let text = match (given, declaration.get("Default")) {
        (Some(given), _) => given.clone(),
        (None, Some(default)) => default
            .scalar()
            .ok_or_else(|| Fault::new(default.line, "its Default is not text or a number"))?,
        (None, None) => {
            return Err(Fault::new(line, "has no Default and no value was given for it"));
        }
    };
    let numbers = matches!(kind.as_str(), "Number" | "List<Number>");
    let list = matches!(kind.as_str(), "CommaDelimitedList" | "List<Number>");
    if !numbers && !list && kind != "String" {
        return Err(Fault::unsupported(line, "", format!("parameter type {kind}"), TYPES));
    }
    let values: Vec<&str> = if list {
        text.split(',').map(str::trim).collect()
    } else {
        vec![text.as_str()]
    };
    for value in &values {
        check(declaration, value, numbers)?;
    }
    Ok(if list {
        Node {
            line,
            content: Content::List(values.into_iter().map(|value| Node::text(line, value)).collect()),
        }
    } else {
        Node::text(line, text)
    })
}

fn check(declaration: &Node, value: &str, number: bool) -> Result<(), Fault> {
    let line = declaration.line;
    let refuse = |problem: String| Err(Fault::new(line, problem));
    if number && value.parse::<f64>().is_err() {
        return refuse(format!("{value:?} is not a number"));
    }
    if let Some(allowed) = declaration.get("AllowedValues") {
        let allowed: Vec<String> = allowed
            .items()
            .ok_or_else(|| Fault::new(allowed.line, "its AllowedValues is not a list"))?
            .iter()
            .filter_map(Node::scalar)
            .collect();
        if !allowed.iter().any(|candidate| candidate == value) {
            return refuse(format!(
                "{value:?} is not allowed; AllowedValues: {}",
                allowed.join(", ")
            ));
        }
    }
    let measure = if number {
        value.parse().unwrap_or_default()
    } else {
        f64::from(u32::try_from(value.chars().count()).unwrap_or(u32::MAX))
    };
    let (least, most) = if number {
        ("MinValue", "MaxValue")
    } else {
        ("MinLength", "MaxLength")
    };
    for name in [least, most] {
        let Some(limit) = declaration.get(name).and_then(Node::scalar) else {
            continue;
        };
        let Ok(bound) = limit.parse::<f64>() else {
            return refuse(format!("its {name} is not a number"));
        };
        let outside = if name == least {
            measure < bound
        } else {
            measure > bound
        };
        if outside {
            return refuse(format!("{value:?} is outside its {name} of {limit}"));
        }
    }
    Ok(())
}
