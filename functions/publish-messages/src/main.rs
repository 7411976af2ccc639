//! See the library for what the function does; here it is wired.

use std::collections::BTreeMap;
use std::process::ExitCode;

use channels::Sns;
use programme::Programme;
use publish_messages::Publisher;
use starter::{Aws, Settings, SettingsError};
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
    let shards = settings.number("ALARM_SHARDS")?;
    let folder = settings.text("PROGRAM_DIR");
    let sender_id = settings.optional("SMS_SENDER_ID");
    let applications = applications(settings.optional("PUSH_APPLICATIONS").as_deref().unwrap_or_default())?;
    let aws = Aws::new(&mut settings)?;
    let dynamodb = aws.service(&settings, "DYNAMODB");
    let sns = aws.service(&settings, "SNS");
    settings.complete()?;
    let publisher = Publisher {
        store: Store::new(aws_sdk_dynamodb::Client::new(&dynamodb), tables, shards),
        programme: Programme::load(folder.as_ref())?,
        sns: Sns::new(aws_sdk_sns::Client::new(&sns), sender_id, applications),
    };
    if starter::connects(&dynamodb) {
        publisher.store.connect().await?;
    }
    if starter::connects(&sns) {
        publisher.sns.connect().await?;
    }
    starter::run(async |batch| publisher.handle(batch).await).await
}

/// `GCM=arn:…,APNS=arn:…` as a map.
fn applications(text: &str) -> Result<BTreeMap<String, String>, SettingsError> {
    let pairs = text.split(',').filter(|pair| !pair.trim().is_empty()).map(|pair| {
        let (platform, arn) = pair.split_once('=').filter(|(_, arn)| arn.trim().starts_with("arn:"))?;
        Some((platform.trim().to_owned(), arn.trim().to_owned()))
    });
    pairs.collect::<Option<_>>().ok_or_else(|| SettingsError::Wrong {
        name: "PUSH_APPLICATIONS",
        what: "should be platforms and ARNs, such as GCM=arn:aws:sns:…,APNS=arn:aws:sns:…".to_owned(),
    })
}
