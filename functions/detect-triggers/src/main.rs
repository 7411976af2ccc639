//! See the library for what the function does; here it is wired.

use std::process::ExitCode;

use programme::Programme;
use starter::Settings;
use store::{Store, Tables};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    starter::start(serve()).await
}

async fn serve() -> Result<(), lambda_runtime::Error> {
    let mut settings = Settings::from_environment();
    let tables = Tables {
        messages: settings.text("MESSAGES_TABLE"),
        ..Tables::default()
    };
    let folder = settings.text("PROGRAM_DIR");
    let config = starter::aws_config(&mut settings, "DYNAMODB")?;
    settings.complete()?;
    let programme = Programme::load(folder.as_ref())?;
    let store = Store::new(aws_sdk_dynamodb::Client::new(&config), tables, 1);
    if starter::connects(&config) {
        store.connect().await?;
    }
    starter::run(async |batch| detect_triggers::handle(&store, &programme, batch).await).await
}
