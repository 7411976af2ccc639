//! See the library for what the function does; here it is wired.

use std::collections::BTreeMap;
use std::process::ExitCode;

use channels::Sns;
use programme::Programme;
use read_replies::Listener;
use starter::{Aws, Settings};
use store::{Store, Tables};

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
    let folder = settings.text("PROGRAM_DIR");
    let sender_id = settings.optional("SMS_SENDER_ID");
    let aws = Aws::new(&mut settings)?;
    let dynamodb = aws.service(&settings, "DYNAMODB");
    let sns = aws.service(&settings, "SNS");
    settings.complete()?;
    let listener = Listener::new(
        Store::new(aws_sdk_dynamodb::Client::new(&dynamodb), tables, 1),
        Programme::load(folder.as_ref())?,
        Sns::new(aws_sdk_sns::Client::new(&sns), sender_id, BTreeMap::new()),
    );
    // A reply waits in its queue anyway, and few are answered: the connection to SNS opens when one is.
    if starter::connects(&dynamodb) {
        listener.store.connect().await?;
    }
    starter::run(async |event| listener.handle(event).await).await
}
