//! See the library for what the function does; here it is wired.

use std::process::ExitCode;

use programme::Programme;
use starter::Settings;
use store::{Store, Tables};
use wake_members::{Bus, Wake};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    starter::start(serve()).await
}

async fn serve() -> Result<(), lambda_runtime::Error> {
    let mut settings = Settings::from_environment();
    let tables = Tables {
        members: settings.text("MEMBERS_TABLE"),
        messages: settings.text("MESSAGES_TABLE"),
        ..Tables::default()
    };
    let shards = settings.number("ALARM_SHARDS")?;
    let folder = settings.text("PROGRAM_DIR");
    let bus = settings.text("EVENT_BUS");
    let config = starter::aws_config(&mut settings, "DYNAMODB")?;
    let events = starter::aws_config(&mut settings, "EVENTBRIDGE")?;
    settings.complete()?;
    let programme = Programme::load(folder.as_ref())?;
    let store = Store::new(aws_sdk_dynamodb::Client::new(&config), tables, shards);
    if starter::connects(&config) {
        store.connect().await?;
    }
    let wake = Wake::new(
        store,
        programme,
        Bus::new(aws_sdk_eventbridge::Client::new(&events), bus),
    );
    starter::run(async |event| wake.handle(event).await).await
}
