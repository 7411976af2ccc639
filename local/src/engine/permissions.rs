//! Whether a function may do what it asks for: decided from its policies in the template, as AWS would.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use wildmatch::WildMatch;

use super::sns::Form;
use crate::wiring::{ACCOUNT, Permission, REGION, Resources, Wiring};

/// An action on a resource.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Need {
    action: String,
    resource: String,
}

impl Need {
    fn new(action: String, resource: String) -> Self {
        Self { action, resource }
    }
}

/// Why a caller may not; `None` where it may. Who is no function may do everything.
pub(super) fn refusal(wiring: &Wiring, caller: &str, needs: &[Need]) -> Option<String> {
    let mut functions = wiring
        .functions
        .values()
        .filter(|function| function.binary == caller)
        .peekable();
    let name = functions.peek()?.name.clone();
    // Functions that share a binary cannot be told apart by their calls; what one of them may, all may.
    let permissions: Vec<&[Permission]> = functions
        .map(|function| function.permissions.as_deref())
        .collect::<Option<_>>()?;
    let allowed = |need: &Need| {
        permissions
            .iter()
            .copied()
            .flatten()
            .any(|permission| covers(permission, need))
    };
    let Need { action, resource } = needs.iter().find(|need| !allowed(need))?;
    Some(format!(
        "User: arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{name} is not authorized to perform: {action} on resource: \
         {resource} because no identity-based policy allows the {action} action"
    ))
}

fn covers(permission: &Permission, need: &Need) -> bool {
    let action = need.action.to_ascii_lowercase();
    let acts = permission
        .actions
        .iter()
        .any(|pattern| WildMatch::new(&pattern.to_ascii_lowercase()).matches(&action));
    let named = |patterns: &[String]| {
        let mut patterns = patterns.iter();
        patterns.any(|pattern| WildMatch::new(pattern).matches(&need.resource))
    };
    acts && match &permission.resources {
        Resources::Only(patterns) => named(patterns),
        Resources::AllBut(patterns) => !named(patterns),
    }
}

/// The part of a DynamoDB request that says what it is about.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Asked {
    table_name: Option<String>,
    index_name: Option<String>,
    #[allow(clippy::zero_sized_map_values)] // what is asked of a table is passed over
    request_items: BTreeMap<String, IgnoredAny>,
    /// One entry each, its key the kind of action.
    transact_items: Vec<BTreeMap<String, Asked>>,
}

/// What a DynamoDB request needs. A request that cannot be read needs nothing: it is refused for that.
pub(super) fn dynamodb(operation: &str, body: &[u8]) -> Vec<Need> {
    let request: Asked = serde_json::from_slice(body).unwrap_or_default();
    let need = |operation: &str, table: &str, index: Option<&str>| {
        let arn = if table.starts_with("arn:") {
            table.to_owned()
        } else {
            format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}")
        };
        let arn = index.map_or_else(|| arn.clone(), |index| format!("{arn}/index/{index}"));
        Need::new(format!("dynamodb:{operation}"), arn)
    };
    let mut needs: Vec<Need> = request
        .request_items
        .keys()
        .map(|table| need(operation, table, None))
        .collect();
    if let Some(table) = &request.table_name {
        needs.push(need(operation, table, request.index_name.as_deref()));
    }
    // A transaction has no action of its own: it needs those of its parts.
    for (kind, part) in request.transact_items.iter().flatten() {
        let action = match kind.as_str() {
            "ConditionCheck" => "ConditionCheckItem".to_owned(),
            kind => format!("{kind}Item"),
        };
        needs.extend(part.table_name.as_deref().map(|table| need(&action, table, None)));
    }
    needs
}

/// What an SNS request needs. A phone number has no ARN and stands for itself.
pub(super) fn sns(form: &Form) -> Need {
    let action = form.get("Action").map(String::as_str).unwrap_or_default();
    let named = [
        "TargetArn",
        "TopicArn",
        "PhoneNumber",
        "PlatformApplicationArn",
        "EndpointArn",
    ];
    let resource = named
        .iter()
        .find_map(|key| form.get(*key).filter(|value| !value.is_empty()));
    Need::new(format!("sns:{action}"), resource.map_or("*", String::as_str).to_owned())
}

/// What putting events on these buses needs.
pub(super) fn events<'a>(buses: impl Iterator<Item = Option<&'a str>>) -> Vec<Need> {
    let arn = |bus: Option<&str>| match bus {
        Some(arn) if arn.starts_with("arn:") => arn.to_owned(),
        name => format!(
            "arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{}",
            name.unwrap_or("default")
        ),
    };
    buses
        .map(|bus| Need::new("events:PutEvents".to_owned(), arn(bus)))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::wiring::Function;

    const TABLE: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/members";

    fn permission(actions: &[&str], resources: Resources) -> Permission {
        Permission {
            actions: actions.iter().map(|&action| action.to_owned()).collect(),
            resources,
        }
    }

    fn only(arn: &str) -> Resources {
        Resources::Only(vec![arn.to_owned()])
    }

    #[test]
    fn a_function_is_refused_what_no_policy_allows() {
        let function = |permissions| Function {
            name: "shop-clerk".to_owned(),
            binary: "clerk".to_owned(),
            environment: BTreeMap::new(),
            layers: Vec::new(),
            permissions,
            timeout_seconds: 3,
            memory_megabytes: 128,
        };
        let wiring = |permissions| Wiring {
            functions: BTreeMap::from([("ClerkFunction".to_owned(), function(permissions))]),
            ..Wiring::default()
        };
        let reads = wiring(Some(vec![permission(&["dynamodb:Get*"], only(TABLE))]));
        let needs = |operation| dynamodb(operation, br#"{"TableName":"members"}"#);
        assert_eq!(refusal(&reads, "clerk", &needs("GetItem")), None);
        let why = refusal(&reads, "clerk", &needs("PutItem")).unwrap();
        assert!(
            why.contains("shop-clerk") && why.contains("dynamodb:PutItem") && why.contains(TABLE),
            "{why}"
        );
        assert_eq!(refusal(&reads, "somebody", &needs("PutItem")), None);
        assert!(refusal(&wiring(Some(Vec::new())), "clerk", &needs("GetItem")).is_some());
        assert_eq!(refusal(&wiring(None), "clerk", &needs("PutItem")), None);
    }

    #[test]
    fn a_request_needs_an_action_on_each_table_and_index() {
        let body = br#"{"TableName":"members","IndexName":"alarms","Key":{"pk":{"S":"1"}}}"#;
        let need = |action: &str, resource: &str| Need::new(action.to_owned(), resource.to_owned());
        assert_eq!(
            dynamodb("Query", body),
            [need("dynamodb:Query", &format!("{TABLE}/index/alarms"))]
        );
        let body =
            br#"{"TransactItems":[{"Update":{"TableName":"members"}},{"ConditionCheck":{"TableName":"members"}}]}"#;
        let needs = ["UpdateItem", "ConditionCheckItem"].map(|action| need(&format!("dynamodb:{action}"), TABLE));
        assert_eq!(dynamodb("TransactWriteItems", body), needs);
        let body = br#"{"RequestItems":{"members":{"Keys":[]}}}"#;
        assert_eq!(dynamodb("BatchGetItem", body), [need("dynamodb:BatchGetItem", TABLE)]);
    }

    #[test]
    fn a_phone_is_no_topic() {
        let phones = permission(
            &["sns:Publish"],
            Resources::AllBut(vec!["arn:aws:sns:*:*:*".to_owned()]),
        );
        let form = |key: &str, value: &str| {
            Form::from([("Action", "Publish"), (key, value)].map(|(k, v)| (k.to_owned(), v.to_owned())))
        };
        assert!(covers(&phones, &sns(&form("PhoneNumber", "+12125550147"))));
        assert!(!covers(
            &phones,
            &sns(&form("TopicArn", "arn:aws:sns:us-east-1:123456789012:ops"))
        ));
    }

    #[test]
    fn a_statement_covers_its_actions_on_its_resources() {
        let statement = permission(&["dynamodb:GetItem", "dynamodb:putitem"], only(TABLE));
        let body = br#"{"TableName":"members"}"#;
        let covered = |operation: &str, body: &[u8]| covers(&statement, dynamodb(operation, body).first().unwrap());
        assert!(covered("GetItem", body));
        assert!(covered("PutItem", body), "actions have no case");
        assert!(!covered("UpdateItem", body));
        assert!(!covered("GetItem", br#"{"TableName":"messages"}"#));
    }
}
