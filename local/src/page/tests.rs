#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::play::summary::tests::example;

const START: Timestamp = Timestamp::constant(852_130_800, 0);

fn message(nth: u32, kind: &str, channel: Option<&str>, state: &str) -> PageMessage {
    PageMessage {
        id: format!("{kind}/{nth}"),
        at: START + SignedDuration::from_mins(i64::from(nth)),
        member: format!("{:04}", nth % 10),
        phone_masked: masked(&format!("+12125550{:03}", 140 + nth % 10)),
        zone: "America/New_York".to_owned(),
        locale: "en".to_owned(),
        channel: channel.map(str::to_owned),
        kind: kind.to_owned(),
        sender: None,
        title: None,
        text: channel.map(|_| "Welcome!".to_owned()),
        parts: u32::from(channel == Some("sms")),
        state: state.to_owned(),
        reason: (state == "suppressed").then(|| "no-consent".to_owned()),
        was_deferred: false,
        until: None,
        undelivered: None,
    }
}

/// Fifty messages: forty sent, five that wait, five held back.
fn demo() -> PageState {
    let progress = Progress {
        start: START,
        now: START,
        end: START,
        purchases: 0,
        purchases_in_all: 50,
    };
    let (programme, zone) = ("Paper Moon Records".to_owned(), "America/New_York".to_owned());
    let state = PageState::new(Shown {
        programme,
        zone,
        phase: Phase::Playing,
        progress,
        messages: Vec::new(),
        summary: Some(example()),
    });
    let messages = (0..50).rev().map(|nth| match nth {
        0..20 => message(nth, "welcome", Some("sms"), "sent"),
        20..40 => message(nth, "points-earned", Some("push"), "sent"),
        40..45 => message(nth, "birthday", None, "deferred"),
        _ => message(nth, "birthday", None, "suppressed"),
    });
    state.update(|shown| shown.show(messages.collect()));
    state
}

/// The status, the head and the body of an answer by the served page.
async fn get(path: &str) -> (u16, String, String) {
    let (listener, address) = bind(0).await.unwrap();
    let server = tokio::spawn(serve(listener, demo()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    server.abort();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (
        head.split(' ').nth(1).unwrap().parse().unwrap(),
        head.to_owned(),
        body.to_owned(),
    )
}

async fn ask(question: &str) -> Value {
    let (status, _, body) = get(&format!("/api/messages{question}")).await;
    assert_eq!(status, 200, "{question} was answered {body}");
    serde_json::from_str(&body).unwrap()
}

fn ids(listed: &Value) -> Vec<&str> {
    listed["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["id"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn the_page_is_whole_in_itself() {
    let (status, head, body) = get("/").await;
    assert_eq!(status, 200);
    assert!(head.contains("text/html"), "{head}");
    assert!(head.contains("default-src 'none'"), "{head}");
    assert!(
        !body.contains("src=\"http") && !body.contains("href=\"http"),
        "the page loads from elsewhere"
    );
    assert_eq!(body.matches("</script>").count(), 1);
    assert_eq!(get("/favicon.ico").await.0, 404);
}

#[tokio::test]
async fn the_overview_holds_the_summary() {
    let (status, _, body) = get("/api/summary").await;
    assert_eq!(status, 200);
    let overview: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(overview["programme"], "Paper Moon Records");
    assert_eq!(overview["phase"], "playing");
    assert_eq!(overview["summary"]["members"], 2_357);
    // The page draws tiers in the order in which they are written.
    assert!(
        body.contains(r#""tiers":{"Listener":2046,"Collector":311,"Virtuoso":0}"#),
        "{body}"
    );
}

#[tokio::test]
async fn messages_come_newest_first_page_by_page_and_each_once() {
    let mut seen = Vec::new();
    let mut question = "?fate=sent&limit=15".to_owned();
    loop {
        let page = ask(&question).await;
        assert_eq!(page["total"], 40);
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        let Some(older) = page["older"].as_str() else { break };
        question = format!("?fate=sent&limit=15&before={}", older.replace('/', "%2F"));
    }
    let expected: Vec<_> = (20..40)
        .rev()
        .map(|nth| format!("points-earned/{nth}"))
        .chain((0..20).rev().map(|nth| format!("welcome/{nth}")))
        .collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn questions_narrow_by_member_number_kind_channel_and_fate() {
    for (question, total, members) in [
        ("", 50, 10),
        ("?kind=birthday", 10, 10),
        ("?channel=push", 20, 10),
        ("?fate=waiting", 5, 5),
        ("?fate=withheld", 5, 5),
        ("?member=0003", 5, 1),
        ("?member=%2B1+212+555+0143", 5, 1),
        ("?member=%E2%80%A60143", 5, 1),
        ("?member=43", 5, 1),
        ("?member=0003&channel=sms", 2, 1),
        ("?member=9999", 0, 0),
        ("?member=nobody", 0, 0),
    ] {
        let listed = ask(question).await;
        assert_eq!(
            (&listed["total"], &listed["members"]),
            (&Value::from(total), &Value::from(members)),
            "{question}"
        );
    }
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_explained() {
    for (question, expected) in [
        ("?fate=lost", "ask for sent, waiting or withheld"),
        ("?before=x", "is no place"),
    ] {
        let (status, _, body) = get(&format!("/api/messages{question}")).await;
        assert_eq!(status, 400);
        assert!(body.contains(expected), "{body}");
    }
}

#[tokio::test]
async fn no_answer_holds_a_whole_number() {
    let (_, _, body) = get("/api/messages?limit=200").await;
    assert!(!body.contains("2125550"), "{body}");
}

#[tokio::test]
async fn a_taken_port_is_named_with_the_mend() {
    let (_taken, address) = bind(0).await.unwrap();
    let refused = bind(address.port()).await.unwrap_err().to_string();
    assert!(
        refused.starts_with(&format!("port {} is taken", address.port())),
        "{refused}"
    );
    assert!(
        refused.contains("--port N") && refused.contains("--port 0"),
        "{refused}"
    );
}
