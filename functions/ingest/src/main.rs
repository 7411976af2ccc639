//! See the library for what the function does; here it is wired.

use std::process::ExitCode;

use starter::{Aws, Settings};
use store::{Store, Tables};

fn main() -> ExitCode {
    starter::start(serve)
}

async fn serve() -> Result<(), lambda_runtime::Error> {
    let mut settings = Settings::from_environment();
    let tables = Tables {
        activities: settings.text("ACTIVITIES_TABLE"),
        ..Tables::default()
    };
    let config = Aws::new(&mut settings)?.service(&settings, "DYNAMODB");
    settings.complete()?;
    let store = Store::new(aws_sdk_dynamodb::Client::new(&config), tables, 1);
    if starter::connects(&config) {
        store.connect().await?;
    }
    starter::run(async |batch| ingest::handle(&store, batch).await).await
}
