//! See the library for what the function does; here it is wired.

use std::process::ExitCode;

use programme::Programme;
use starter::{Aws, Settings};
use store::{Store, Tables};

fn main() -> ExitCode {
    starter::start(serve)
}

async fn serve() -> Result<(), lambda_runtime::Error> {
    let mut settings = Settings::from_environment();
    let tables = Tables {
        activities: settings.text("ACTIVITIES_TABLE"),
        members: settings.text("MEMBERS_TABLE"),
        messages: settings.text("MESSAGES_TABLE"),
    };
    let shards = settings.number("ALARM_SHARDS")?;
    let folder = settings.text("PROGRAM_DIR");
    let config = Aws::new(&mut settings)?.service(&settings, "DYNAMODB");
    settings.complete()?;
    let programme = Programme::load_rules(folder.as_ref())?;
    let store = Store::new(aws_sdk_dynamodb::Client::new(&config), tables, shards);
    if starter::connects(&config) {
        store.connect().await?;
    }
    starter::run(async |batch| compute_points::handle(&store, &programme, batch).await).await
}
