//! `regulars preview`: what members would be sent, of a kept run.

use std::path::Path;

use bundle_tests::{Line, phone, sample_with, sign_up};
use serde_json::{Value, json};

use crate::audit::{kept, regulars};
use crate::places::STATES;
use crate::why::end;

/// Two members who bought something, one who agreed to nothing, and one who bought nothing.
async fn live(line: &Line) {
    line.sign_up("01").await;
    line.sign_up("02").await;
    let mut silent = sign_up("03", line.bundle.now());
    silent["consents"] = json!([]);
    line.put("sign-up", silent).await;
    line.sign_up("04").await;
    for (member, order, amount) in [("01", "o-1", "12.00"), ("02", "o-2", "1.00"), ("03", "o-3", "30.00")] {
        line.purchase(member, order, amount).await;
    }
}

fn shown(folder: &Path, arguments: &[&str]) -> Value {
    let (code, said, errors) = regulars(&[&["preview"], arguments, &["--json"]].concat(), Some(folder), None);
    assert_eq!((code, errors.as_str()), (0, ""), "{said}");
    serde_json::from_str(&said).expect("JSON")
}

fn of<'a>(shown: &'a Value, member: &str) -> &'a Value {
    let mut members = shown["members"].as_array().expect("members").iter();
    let found = members.find(|one| one["member"] == member);
    found.unwrap_or_else(|| panic!("no {member} in {shown}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_what_production_would_send() {
    let folder = tempfile::tempdir().unwrap();
    let line = kept(folder.path()).await;
    live(&line).await;
    let texts = line.texts();
    let messages = line.messages("01").await.len();
    let now = line.bundle.now().to_string();
    end(line).await;

    let told = shown(folder.path(), &["points-earned"]);
    assert_eq!((&told["kind"], &told["at"]), (&json!("points-earned"), &json!(now)));
    let ana = of(&told, "01");
    let text = ana["text"].as_str().unwrap();
    assert!(
        text.contains("12 points earned") && texts.iter().any(|sent| sent == text),
        "{text} of {texts:?}"
    );
    assert_eq!(
        (
            &ana["outcome"],
            &ana["channel"],
            &ana["encoding"],
            &ana["parts"],
            &ana["cost_millionths"]
        ),
        (&json!("sent"), &json!("sms"), &json!("GSM-7"), &json!(1), &json!(8_490))
    );
    assert!(of(&told, "02")["text"].as_str().unwrap().contains("1 point earned"));
    let silent = of(&told, "03");
    assert_eq!(
        (&silent["outcome"], &silent["reason"]),
        (&json!("suppressed"), &json!("no-consent"))
    );
    let summary = &told["summary"];
    assert_eq!(
        (
            &summary["members"],
            &summary["could_be_told"],
            &summary["at_once"],
            &summary["suppressed"]
        ),
        (&json!(4), &json!(3), &json!(2), &json!({"no-consent": 1}))
    );
    assert_eq!(
        (&summary["most_parts"], &summary["cost_millionths"]),
        (&json!(1), &json!(16_980))
    );

    // Eleven in the evening in New York.
    let night = shown(
        folder.path(),
        &["points-earned", "--members", "01", "--at", "2026-03-03T04:00:00Z"],
    );
    let ana = of(&night, "01");
    assert_eq!(
        (&ana["outcome"], &ana["reason"], &ana["at"]),
        (
            &json!("deferred"),
            &json!("quiet-hours"),
            &json!("2026-03-03T14:00:00Z")
        )
    );
    assert_eq!(ana["text"].as_str(), Some(text));
    // Half past ten on a Sunday; in Texas texts may advertise from noon on.
    let programs = tempfile::tempdir().unwrap();
    let program = sample_with(programs.path(), STATES, "states = [\"TX\"]")
        .display()
        .to_string();
    let sunday = [
        "anniversary",
        "--members",
        "04",
        "--at",
        "2026-03-08T14:30:00Z",
        "--program",
        &program,
    ];
    let legal = shown(folder.path(), &sunday);
    assert_eq!(
        (&of(&legal, "04")["reason"], &of(&legal, "04")["at"]),
        (&json!("legal-hours"), &json!("2026-03-08T16:00:00Z"))
    );

    let chinese = shown(
        folder.path(),
        &["points-earned", "--members", "01,04", "--locale", "zh-CN"],
    );
    let ana = of(&chinese, "01");
    assert!(ana["text"].as_str().unwrap().starts_with('【'), "{ana}");
    assert_eq!((&ana["locale"], &ana["encoding"]), (&json!("zh-CN"), &json!("UCS-2")));
    assert_eq!(of(&chinese, "04")["outcome"], json!("nothing"));

    let line = kept(folder.path()).await;
    assert_eq!(
        (line.messages("01").await.len(), line.texts().len()),
        (messages, texts.len()),
        "something was written"
    );
    line.bundle.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_a_table_without_phones() {
    let folder = tempfile::tempdir().unwrap();
    let line = kept(folder.path()).await;
    live(&line).await;
    end(line).await;
    let pause = ["pause", "channel", "sms", "--by", "dana", "--reason", "wrong price"];
    assert_eq!(regulars(&pause, Some(folder.path()), None).0, 0);
    let (code, said, errors) = regulars(&["preview", "points-earned"], Some(folder.path()), None);
    assert_eq!((code, errors.as_str()), (0, ""), "{said}");
    for part in [
        "member  locale  channel  to   parts    cost     goes",
        "01      en      sms      …01  1 GSM-7  0.00849  when channel sms is resumed",
        "    Paper Moon Records: 12 points earned.",
        "never, no-consent",
        "3 shown; of 4 members, 3 could be told so",
        "0 would get it: 0 at once, 0 later; 2 wait for what is paused; 1 never (no-consent 1)",
        "2 by SMS, 0 of them as UCS-2, 2 parts; the most in one: 1 (01)",
        "USD 0.01698 in all",
    ] {
        assert!(said.contains(part), "no {part:?} in\n{said}");
    }
    for id in ["01", "02", "03"] {
        assert!(!said.contains(&phone(id)), "a phone is shown: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_chooses_and_what_is_wrong_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let line = kept(folder.path()).await;
    live(&line).await;
    end(line).await;
    let chosen = |seed: &str| {
        let told = shown(folder.path(), &["welcome", "--sample", "1", "--seed", seed]);
        let members = told["members"].as_array().expect("members").clone();
        assert_eq!(members.len(), 1, "{told}");
        members[0]["member"].as_str().expect("a member").to_owned()
    };
    assert_eq!(chosen("7"), chosen("7"));
    let seeds: std::collections::BTreeSet<String> = (1..=8).map(|seed: u8| chosen(&seed.to_string())).collect();
    assert!(seeds.len() > 1, "every seed chooses {seeds:?}");

    for (arguments, code, says) in [
        (&["points-earnd"][..], 2, "did you mean \"points-earned\""),
        (&["welcome", "--at", "tomorrow"], 2, "such as 1998-07-01T02:00:00Z"),
        (&["welcome", "--members", "99"], 1, "nobody has signed up as 99"),
        (&["welcome", "--locale", "fr"], 1, "there are no texts in \"fr\""),
    ] {
        let (found, _, errors) = regulars(&[&["preview"], arguments].concat(), Some(folder.path()), None);
        assert!(
            found == code && errors.contains(says),
            "{arguments:?}: {found} {errors}"
        );
    }
    let help = regulars(&["preview", "--help"], None, None).1;
    assert!(
        help.contains("Nothing is written") && help.contains("cargo run -- preview"),
        "{help}"
    );
}
