//! A function as the SDK's guide writes it: everything default, and the first call made by the first event.

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let client = Client::new(&config);
    run(service_fn(async |_: LambdaEvent<Value>| {
        let key = || AttributeValue::S("#nobody".to_owned());
        let request = client
            .get_item()
            .table_name("members")
            .key("pk", key())
            .key("sk", key());
        request.send().await?;
        Ok::<_, Error>(Value::Null)
    }))
    .await
}
