//! See the library for what the function does; here it is wired.

use std::process::ExitCode;

use programme::Programme;
use starter::{Aws, Settings};
use store::{Store, Tables};
use wake_members::{Bus, Wake};

fn main() -> ExitCode {
    starter::start(serve)
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
    let aws = Aws::new(&mut settings)?;
    let config = aws.service(&settings, "DYNAMODB");
    let events = aws.service(&settings, "EVENTBRIDGE");
    settings.complete()?;
    let programme = Programme::load_rules(folder.as_ref())?;
    let store = Store::new(aws_sdk_dynamodb::Client::new(&config), tables, shards);
    if starter::connects(&config) {
        store.connect().await?;
    }
    let wake = Wake::new(store, programme, Bus::new(events, bus));
    starter::run(async |event| wake.handle(event).await).await
}
