//! What a function's `Policies` allow it.

use super::context::Context;
use super::fault::Fault;
use super::node::Node;
use super::properties::{Keys, Properties};
use crate::wiring::{Permission, Resources};

const DOCUMENT: Keys = Keys {
    honoured: &["Statement"],
    harmless: &["Version", "Id"],
};
const STATEMENT: Keys = Keys {
    honoured: &["Effect", "Action", "Resource", "NotResource"],
    harmless: &["Sid"],
};

/// The statements of a function's policies; none where some of them are not in the template. A role of its own, the
/// name of a managed policy and one of SAM's policy templates do not say here what they allow.
pub(super) fn permissions<'a>(
    context: &'a Context<'a>,
    function: &Properties<'_>,
) -> Result<Option<Vec<Permission>>, Fault> {
    if function.get("Role").is_some() {
        return Ok(None);
    }
    let subject = format!("{}: Policies", function.subject);
    let mut permissions = Vec::new();
    for policy in function.get("Policies").map(one_or_many).unwrap_or_default() {
        let (Some(entries), Some(_)) = (policy.entries(), policy.get("Statement")) else {
            return Ok(None);
        };
        let document = Properties::read(context, &subject, policy.line, entries, DOCUMENT)?;
        for statement in document.get("Statement").map(one_or_many).unwrap_or_default() {
            let takes = || Fault::invalid(statement.line, &subject, "takes statements, which are mappings");
            let entries = statement.entries().ok_or_else(takes)?;
            let statement = Properties::read(context, &subject, statement.line, entries, STATEMENT)?;
            permissions.push(permission(&statement)?);
        }
    }
    Ok(Some(permissions))
}

fn permission(statement: &Properties<'_>) -> Result<Permission, Fault> {
    statement.required("Effect")?;
    statement.word("Effect", &[("Allow", ())])?;
    statement.required("Action")?;
    let resources = if statement.get("NotResource").is_some() {
        Resources::AllBut(texts(statement, "NotResource")?)
    } else {
        statement.required("Resource")?;
        Resources::Only(texts(statement, "Resource")?)
    };
    Ok(Permission {
        actions: texts(statement, "Action")?,
        resources,
    })
}

fn one_or_many(node: &Node) -> &[Node] {
    node.items().unwrap_or(std::slice::from_ref(node))
}

fn texts(statement: &Properties<'_>, key: &str) -> Result<Vec<String>, Fault> {
    let nodes = statement.get(key).map(one_or_many).unwrap_or_default();
    nodes
        .iter()
        .map(|node| {
            node.scalar()
                .ok_or_else(|| statement.invalid(key, "takes text or a list of texts"))
        })
        .collect()
}
