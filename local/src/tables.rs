//! The tables of a bundle on this machine, for a reader that is no function.

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Region};
use store::{Store, Tables};

use crate::engine::{Bundle, ONLOOKER};

/// The template has no such table.
#[derive(Debug, thiserror::Error)]
#[error("the template has no table {0}; the functions' tables are ActivitiesTable, MembersTable and MessagesTable")]
pub struct NoTable(&'static str);

/// A bundle's tables, by the template's names, and a client that reaches them.
pub fn of(bundle: &Bundle) -> Result<(Client, Tables), NoTable> {
    let table = |id| bundle.table_name(id).ok_or(NoTable(id));
    let config = Builder::new()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(ONLOOKER, "local", None, None, "local"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(bundle.endpoint());
    let tables = Tables {
        activities: table("ActivitiesTable")?,
        members: table("MembersTable")?,
        messages: table("MessagesTable")?,
    };
    Ok((Client::from_conf(config.build()), tables))
}

/// The store over a bundle's tables.
pub fn store(bundle: &Bundle, alarm_shards: u32) -> Result<Store, NoTable> {
    let (client, tables) = of(bundle)?;
    Ok(Store::new(client, tables, alarm_shards))
}
