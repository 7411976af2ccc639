use std::time::Duration;

use super::{Bundle, Faults, bundle, post};
use crate::engine::To;

const APPLICATION: &str = "arn:aws:sns:us-east-1:123456789012:app/GCM/shop";

async fn sns(bundle: &Bundle, fields: &[(&str, &str)]) -> (u16, String) {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    post(&bundle.endpoint(), "/", &headers, &body).await
}

async fn publish(bundle: &Bundle, fields: &[(&str, &str)]) -> (u16, String) {
    let fields: Vec<_> = [("Action", "Publish")].iter().chain(fields).copied().collect();
    sns(bundle, &fields).await
}

/// Creates a device's endpoint and answers its ARN.
async fn create(bundle: &Bundle, token: &str) -> String {
    let (status, body) = sns(
        bundle,
        &[
            ("Action", "CreatePlatformEndpoint"),
            ("PlatformApplicationArn", APPLICATION),
            ("Token", token),
        ],
    )
    .await;
    assert_eq!(status, 200, "{body}");
    text(&body, "EndpointArn")
}

fn text(body: &str, element: &str) -> String {
    let rest = body.split_once(&format!("<{element}>")).unwrap().1;
    rest.split_once(&format!("</{element}>")).unwrap().0.to_owned()
}

#[tokio::test]
async fn an_sms_is_kept_with_its_attributes() {
    let bundle = bundle(Faults::default()).await;
    let (status, body) = publish(
        &bundle,
        &[
            ("PhoneNumber", "+12125550147"),
            ("Message", "积分 & points"),
            ("MessageAttributes.entry.1.Name", "AWS.SNS.SMS.SMSType"),
            ("MessageAttributes.entry.1.Value.DataType", "String"),
            ("MessageAttributes.entry.1.Value.StringValue", "Transactional"),
        ],
    )
    .await;
    assert_eq!(status, 200);
    let published = bundle.published();
    assert_eq!(published[0].id, text(&body, "MessageId"));
    assert_eq!(published[0].body, "积分 & points");
    assert_eq!(published[0].at, bundle.now());
    assert_eq!(published[0].target, To::Phone("+12125550147".to_owned()));
    assert_eq!(published[0].attributes["AWS.SNS.SMS.SMSType"], "Transactional");
}

#[tokio::test]
async fn refuses_what_sns_refuses() {
    let bundle = bundle(Faults::default()).await;
    let arn = create(&bundle, "token-1").await;
    let long = "a".repeat(1_601);
    let gone = format!("{arn}0");
    for (fields, status, code) in [
        (
            vec![("PhoneNumber", "banana"), ("Message", "hi")],
            400,
            "InvalidParameter",
        ),
        (
            vec![("PhoneNumber", "+12125550147"), ("Message", "")],
            400,
            "InvalidParameter",
        ),
        (
            vec![("PhoneNumber", "+12125550147"), ("Message", &long)],
            400,
            "InvalidParameter",
        ),
        (vec![("Message", "hi")], 400, "InvalidParameter"),
        (
            vec![("TargetArn", &arn), ("Message", "hi"), ("MessageStructure", "json")],
            400,
            "InvalidParameter",
        ),
        (
            vec![
                ("TargetArn", &arn),
                ("Message", r#"{"GCM":"{}"}"#),
                ("MessageStructure", "json"),
            ],
            400,
            "InvalidParameter",
        ),
        (vec![("TargetArn", &gone), ("Message", "hi")], 404, "NotFound"),
    ] {
        let (answered, body) = publish(&bundle, &fields).await;
        assert_eq!(answered, status, "{fields:?} {body}");
        assert_eq!(text(&body, "Code"), code, "{fields:?}");
    }
    assert!(bundle.published().is_empty());
}

#[tokio::test]
async fn an_endpoint_lives_as_the_registration_dance_expects() {
    let bundle = bundle(Faults::default()).await;
    let arn = create(&bundle, "token-1").await;
    assert_eq!(create(&bundle, "token-1").await, arn);
    let message = [
        ("TargetArn", arn.as_str()),
        ("Message", r#"{"default":"hi","GCM":"{}"}"#),
        ("MessageStructure", "json"),
    ];
    assert_eq!(publish(&bundle, &message).await.0, 200);
    assert!(matches!(
        &bundle.published()[0].target,
        To::Endpoint { token, platform, .. } if token == "token-1" && platform == "GCM"
    ));

    let set = |enabled| {
        [
            ("Action", "SetEndpointAttributes"),
            ("EndpointArn", arn.as_str()),
            ("Attributes.entry.1.key", "Enabled"),
            ("Attributes.entry.1.value", enabled),
        ]
    };
    assert_eq!(sns(&bundle, &set("false")).await.0, 200);
    let (status, body) = publish(&bundle, &message).await;
    assert_eq!((status, text(&body, "Code").as_str()), (400, "EndpointDisabled"));
    let get = [("Action", "GetEndpointAttributes"), ("EndpointArn", arn.as_str())];
    let (_, body) = sns(&bundle, &get).await;
    assert!(
        body.contains("<entry><key>Enabled</key><value>false</value></entry>"),
        "{body}"
    );
    let (status, body) = sns(
        &bundle,
        &[
            ("Action", "CreatePlatformEndpoint"),
            ("PlatformApplicationArn", APPLICATION),
            ("Token", "token-1"),
        ],
    )
    .await;
    assert_eq!(status, 400);
    assert!(text(&body, "Message").contains(&format!("Endpoint {arn} already exists with the same Token")));
    let get = [
        ("Action", "GetEndpointAttributes"),
        ("EndpointArn", "arn:aws:sns:x:1:endpoint/GCM/a/b"),
    ];
    let (status, body) = sns(&bundle, &get).await;
    assert_eq!((status, text(&body, "Code").as_str()), (404, "NotFound"));
}

#[tokio::test]
async fn the_opted_out_and_the_spend_limit_are_accepted_and_not_delivered() {
    let bundle = bundle(Faults {
        opted_out: vec!["+12125550100".to_owned()],
        spend_limit_parts: Some(2),
        ..Faults::default()
    })
    .await;
    for number in ["+12125550100", "+12125550101", "+12125550102", "+12125550103"] {
        let sent = publish(&bundle, &[("PhoneNumber", number), ("Message", "hi")]).await;
        assert_eq!(sent.0, 200);
    }
    let delivery: Vec<Option<String>> = bundle
        .published()
        .iter()
        .map(|message| message.attributes.get("delivery").cloned())
        .collect();
    let told = |text: &str| Some(text.to_owned());
    assert_eq!(
        delivery,
        [
            told("Phone number is opted out"),
            None,
            None,
            told("No quota left for account")
        ]
    );
    assert_eq!(bundle.faults()["opted out"], 1);
    assert_eq!(bundle.faults()["spend limit"], 1);
}

#[tokio::test]
async fn the_list_of_those_who_opted_out_is_told_by_pages_and_taken_off_once_in_thirty_days() {
    let numbers: Vec<String> = (0..201).map(|n| format!("+1212555{n:04}")).collect();
    let bundle = bundle(Faults {
        opted_out: numbers.clone(),
        ..Faults::default()
    })
    .await;
    let (mut listed, mut token) = (Vec::new(), String::new());
    for left in [true, true, false] {
        let fields = [("Action", "ListPhoneNumbersOptedOut"), ("nextToken", token.as_str())];
        let (status, body) = sns(&bundle, &fields).await;
        assert_eq!(status, 200, "{body}");
        assert!(
            body.contains("<ListPhoneNumbersOptedOutResult><phoneNumbers><member>"),
            "{body}"
        );
        let members = body.split("<member>").skip(1);
        listed.extend(members.map(|rest| rest.split('<').next().unwrap().to_owned()));
        assert_eq!(body.contains("<nextToken>"), left, "{body}");
        token = if left { text(&body, "nextToken") } else { String::new() };
    }
    assert_eq!(listed, numbers);
    let of = async |action: &str, number: &str| sns(&bundle, &[("Action", action), ("phoneNumber", number)]).await;
    for (number, out) in [("+12125550007", "true"), ("+16465550007", "false")] {
        let (status, body) = of("CheckIfPhoneNumberIsOptedOut", number).await;
        assert_eq!((status, text(&body, "isOptedOut").as_str()), (200, out));
    }
    assert_eq!(of("OptInPhoneNumber", "+12125550007").await.0, 200);
    let (_, body) = of("CheckIfPhoneNumberIsOptedOut", "+12125550007").await;
    assert_eq!(text(&body, "isOptedOut"), "false");
    bundle.opt_out_at_sns("+12125550007");
    let (status, body) = of("OptInPhoneNumber", "+12125550007").await;
    assert_eq!((status, text(&body, "Code").as_str()), (400, "InvalidParameter"));
    assert_eq!(of("CheckIfPhoneNumberIsOptedOut", "banana").await.0, 400);
}

#[tokio::test]
async fn a_timed_out_publish_was_accepted() {
    let bundle = bundle(Faults {
        timeout_percent: 100,
        ..Faults::default()
    })
    .await;
    let (status, body) = publish(&bundle, &[("PhoneNumber", "+12125550147"), ("Message", "hi")]).await;
    assert_eq!((status, text(&body, "Code").as_str()), (500, "InternalError"));
    assert_eq!(bundle.published().len(), 1);
}

#[tokio::test]
async fn a_publisher_that_nobody_knows_is_not_waited_for() {
    let bundle = bundle(Faults {
        crash_after_publish_percent: 100,
        ..Faults::default()
    })
    .await;
    let fields = [("PhoneNumber", "+12125550147"), ("Message", "hi")];
    let sent = tokio::time::timeout(Duration::from_secs(2), publish(&bundle, &fields)).await;
    assert_eq!(sent.unwrap().0, 200);
}
