//! Batches of the stream as they may come, handed to `compute-points` by hand: the local streams seldom join records of
//! one member, and deliver once.

use aws_sdk_dynamodb::types::AttributeValue;
use bundle_tests::{Line, Start, at, purchase, sample_with, sign_up};
use programme::WalletId;
use serde_json::{Value, json};
use store::Item;

const NOW: &str = "2026-03-02T15:00:00Z";

/// A line without streams, whose members may send points from their first day.
async fn line(folder: &std::path::Path) -> Line {
    let start = Start {
        at: Some(at(NOW)),
        program: Some(sample_with(folder, "joined-days-ago = 30", "joined-days-ago = 0")),
        without_streams: true,
        ..Start::default()
    };
    start.line().await
}

/// Stores an activity; gives its record at a place in the stream.
async fn record(line: &Line, place: u64, kind: &str, detail: Value) -> Value {
    let arrival = store::Arrival::from_fields(kind, detail.as_object().unwrap(), at(NOW)).unwrap();
    line.store.put_activity(&arrival).await.unwrap();
    let table = line.bundle.table_name("ActivitiesTable").unwrap();
    let get = line.client.get_item().table_name(table);
    let get = get.key("pk", AttributeValue::S(arrival.member.to_string()));
    let get = get.key("sk", AttributeValue::S(arrival.id.to_string()));
    inserted(place, &get.send().await.unwrap().item.unwrap())
}

fn inserted(place: u64, item: &Item) -> Value {
    let text = |(name, value): (&String, &AttributeValue)| match value.as_s() {
        Ok(text) => (name.clone(), json!({"S": text})),
        Err(_) => (name.clone(), json!({"N": value.as_n().unwrap()})),
    };
    let image: serde_json::Map<_, _> = item.iter().map(text).collect();
    json!({
        "eventID": format!("{place:032}"), "eventName": "INSERT", "eventVersion": "1.1",
        "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": at(NOW).as_second(),
            "Keys": {"pk": image["pk"], "sk": image["sk"]}, "NewImage": image,
            "SequenceNumber": format!("{place:028}"), "SizeBytes": 200, "StreamViewType": "NEW_IMAGE"},
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/Activities/stream/2026-01-01T00:00:00.000"})
}

async fn deliver(line: &Line, records: &[Value]) {
    let batch = json!({ "Records": records });
    let answer = line.bundle.invoke("ComputePointsFunction", batch).await.unwrap();
    assert_eq!(answer["batchItemFailures"], json!([]));
}

async fn balance(line: &Line, member: &str) -> i64 {
    let account = line.account(member).await;
    account.balance(WalletId::MAIN, &line.programme, at(NOW)).get()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_a_sign_up_and_what_changes_more_than_an_account_has_all_of_its_effects() {
    let folder = tempfile::tempdir().unwrap();
    let line = line(folder.path()).await;
    deliver(&line, &[record(&line, 1, "sign-up", sign_up("02", at(NOW))).await]).await;
    let claim = json!({"member": "01", "claim": "c-1", "at": NOW, "reward": "tote-bag"});
    let sends = json!({"member": "01", "transfer": "t-1", "at": NOW, "points": 30, "to": "02"});
    let records = [
        record(&line, 2, "sign-up", sign_up("01", at(NOW))).await,
        record(&line, 3, "purchase", purchase("01", "o-1", "100.00", at(NOW))).await,
        record(&line, 4, "transfer", sends).await,
        record(&line, 5, "claim", claim).await,
    ];
    deliver(&line, &records).await;
    assert_eq!((balance(&line, "01").await, balance(&line, "02").await), (10, 30));
    let reward = line.programme.reward("tote-bag").unwrap();
    assert_eq!(line.store.on_shelf(reward).await.unwrap().taken(), 1);
}

/// What was refused stays refused, whatever came since: the shop was told so.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_activity_that_is_delivered_again_is_not_decided_again() {
    let folder = tempfile::tempdir().unwrap();
    let line = line(folder.path()).await;
    let redeem = json!({"member": "01", "redemption": "r-1", "at": NOW, "points": 50});
    let records = [
        record(&line, 1, "sign-up", sign_up("01", at(NOW))).await,
        record(&line, 2, "redeem", redeem).await,
        record(&line, 3, "purchase", purchase("01", "o-1", "100.00", at(NOW))).await,
    ];
    // The refusal waits for the commit of the account that it looks at.
    deliver(&line, &records[..2]).await;
    let refused = line.refused().await;
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].1.starts_with("not-enough: "), "{refused:?}");
    deliver(&line, &records).await;
    deliver(&line, &records).await;
    assert_eq!(balance(&line, "01").await, 100);
    assert_eq!(line.refused().await, refused);
}

/// A refused activity that its writer has taken away again holds up nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_activity_that_is_gone_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let line = line(folder.path()).await;
    deliver(&line, &[record(&line, 1, "sign-up", sign_up("01", at(NOW))).await]).await;
    let redeem = json!({"member": "01", "redemption": "r-1", "at": NOW, "points": 50});
    let records = [
        record(&line, 2, "redeem", redeem).await,
        record(&line, 3, "purchase", purchase("01", "o-1", "100.00", at(NOW))).await,
    ];
    let table = line.bundle.table_name("ActivitiesTable").unwrap();
    let gone = line.client.delete_item().table_name(table);
    let gone = gone.key("pk", AttributeValue::S("01".to_owned()));
    let gone = gone.key("sk", AttributeValue::S("redeem#r-1".to_owned()));
    gone.send().await.unwrap();
    deliver(&line, &records).await;
    assert_eq!(balance(&line, "01").await, 100);
    assert_eq!(line.refused().await, []);
}

/// A consent that was withdrawn stays so, whoever touches the item that gave it.
#[tokio::test(flavor = "multi_thread")]
async fn a_consent_of_long_ago_does_not_count_again_when_its_item_changes() {
    let folder = tempfile::tempdir().unwrap();
    let line = line(folder.path()).await;
    let says = |id: &str, granted: bool| {
        json!({"member": "01", "id": id, "at": NOW, "channel": "sms", "purpose": "promotional", "granted": granted,
            "wording": "Text me."})
    };
    let mut given = record(&line, 2, "consent", says("c-1", true)).await;
    let records = [
        record(&line, 1, "sign-up", sign_up("01", at(NOW))).await,
        given.clone(),
        record(&line, 3, "consent", says("c-2", false)).await,
    ];
    deliver(&line, &records).await;
    let agreed = || async {
        let profile = line
            .store
            .profile(&"01".parse().unwrap())
            .await
            .unwrap()
            .unwrap()
            .profile;
        profile
            .consents
            .contains(&(programme::Channel::Sms, programme::Purpose::Promotional))
    };
    assert!(!agreed().await);
    given["eventName"] = json!("MODIFY");
    given["dynamodb"]["SequenceNumber"] = json!(format!("{:028}", 4));
    deliver(&line, &[given]).await;
    assert!(!agreed().await);
}
