//! See the library for what the function does; here it is wired.

use std::process::ExitCode;

use programme::Programme;
use serve_checkout::Request;
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
        ..Tables::default()
    };
    let shards = settings.number("ALARM_SHARDS")?;
    let folder = settings.text("PROGRAM_DIR");
    // Whoever may call this function could say any time; only the local bundle sets this.
    let is_virtual = settings.optional("VIRTUAL_TIME").is_some();
    let config = Aws::new(&mut settings)?.service(&settings, "DYNAMODB");
    settings.complete()?;
    let programme = Programme::load_rules(folder.as_ref())?;
    let store = Store::new(aws_sdk_dynamodb::Client::new(&config), tables, shards);
    if starter::connects(&config) {
        store.connect().await?;
    }
    starter::run(async |request: Request| {
        let now = starter::now(request.now.filter(|_| is_virtual));
        serve_checkout::handle(&store, &programme, request, now).await
    })
    .await
}
