//! The process that sends is killed at every request that it makes, before the request is carried out and after: so at every
//! await between what it reads and what it marks.

use bundle_tests::{Line, Start, at};
use programme::MessageKind;
use regulars::engine::Moment;
use store::{MessageKey, State};

use super::{Sent, at_every_request, intent, joins, laws, line, point};

/// Kills it at each request of the invocation that an intent leads to.
async fn at_each(kind: MessageKind, device: bool, start: Start) -> Sent {
    let (_folder, line) = line(start).await;
    let members = at_every_request(async |point, id| {
        joins(&line, &id, device).await;
        let killed = line.bundle.kill_at(point);
        line.store.put_intent(&intent(&line, &id, kind, 1_000)).await.unwrap();
        line.settle().await;
        killed.has_happened()
    });
    let members = members.await;
    ends(&line, &members, members.len()).await
}

/// Which request of an invocation that sends by SMS is the claim; the next one is the publish.
async fn claim(kind: MessageKind) -> u32 {
    let (_folder, line) = line(Start::default()).await;
    for request in 1.. {
        let id = format!("{request:02}");
        joins(&line, &id, false).await;
        let held = line.bundle.hold_at(point(request, Moment::After));
        let stated = intent(&line, &id, kind, 1_000);
        line.store.put_intent(&stated).await.unwrap();
        held.happened().await;
        let record = line.store.message(&MessageKey::of(&stated)).await.unwrap();
        held.release();
        line.settle().await;
        if record.unwrap().attempts > 0 {
            return request;
        }
    }
    unreachable!("something is claimed");
}

/// What it came to once everything has had its time.
async fn ends(line: &Line, members: &[String], stated: usize) -> Sent {
    line.advance(40).await;
    let sent = laws(line, members, stated).await;
    println!("{} members, one for each place: {sent:?}", members.len());
    sent
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transactional_message_goes_once_more_at_the_most() {
    let sent = at_each(MessageKind::PointsEarned, false, Start::default()).await;
    assert_eq!(sent.of(State::Sent), sent.causes);
    // Killed after the publish, or before the mark: nobody could know, and it went again.
    assert_eq!(sent.twice, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_advertises_never_goes_twice() {
    let sent = at_each(MessageKind::Anniversary, false, Start::default()).await;
    assert_eq!(sent.twice, 0);
    // From when it is claimed to when it is marked: two of them went, two did not, and none goes again.
    assert_eq!(sent.of(State::Unknown), 4);
    assert_eq!(sent.published, sent.of(State::Sent) + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_to_a_new_device_never_goes_twice() {
    let sent = at_each(MessageKind::Anniversary, true, Start::default()).await;
    assert_eq!((sent.twice, sent.of(State::Unknown)), (0, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_off_goes_in_the_morning() {
    let night = Start {
        at: Some(at("2026-03-03T05:30:00Z")),
        ..Start::default()
    };
    let sent = at_each(MessageKind::Anniversary, false, night).await;
    assert_eq!(sent.of(State::Sent), sent.causes);
    assert_eq!((sent.twice, sent.published), (0, sent.causes));
}

/// An index that lags, or a release that is asked for again since its answer was lost, is no reason to send once more.
#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_gone_is_not_let_go_before_its_time() {
    let (_folder, line) = line(Start::default()).await;
    let members = ["00", "01"].map(str::to_owned);
    for (id, kind) in members
        .iter()
        .zip([MessageKind::PointsEarned, MessageKind::Anniversary])
    {
        joins(&line, id, false).await;
        let publish = claim(kind).await + 1;
        let killed = line.bundle.kill_at(point(publish, Moment::After));
        let stated = intent(&line, id, kind, 1_000);
        line.store.put_intent(&stated).await.unwrap();
        line.settle().await;
        assert!(killed.has_happened());
        let key = MessageKey::of(&stated);
        assert_eq!(line.store.message(&key).await.unwrap().unwrap().state, State::Unknown);
        assert!(!line.store.release(&key, &[], line.bundle.now()).await.unwrap());
    }
    let sent = ends(&line, &members, members.len()).await;
    assert_eq!((sent.twice, sent.of(State::Unknown)), (1, 1));
}

/// The delivery that finds out what a killed one left is killed, too, at each of its requests.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_after_may_be_killed_too() {
    let (_folder, line) = line(Start::default()).await;
    let (mut members, mut last) = (Vec::new(), 0);
    let claim = claim(MessageKind::PointsEarned).await;
    for request in [claim, claim + 1] {
        let first = members.len();
        let killed = at_every_request(async |second, id| {
            let id = format!("{:02}", first + id.parse::<usize>().unwrap());
            joins(&line, &id, false).await;
            let killed = line.bundle.kill_at(point(request, Moment::After));
            let stated = intent(&line, &id, MessageKind::PointsEarned, 1_000);
            line.store.put_intent(&stated).await.unwrap();
            killed.happened().await;
            let again = line.bundle.kill_at(second);
            line.settle().await;
            members.push(id);
            again.has_happened()
        });
        last += killed.await.len();
    }
    assert_eq!(members.len(), last);
    let sent = ends(&line, &members, members.len()).await;
    assert_eq!(sent.of(State::Sent), sent.causes);
}

/// The one time that a transactional message is tried again is killed at each of its requests.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_try_is_the_last() {
    let (_folder, line) = line(Start::default()).await;
    let publish = claim(MessageKind::PointsEarned).await + 1;
    let members = at_every_request(async |again, id| {
        joins(&line, &id, false).await;
        let killed = line.bundle.kill_at(point(publish, Moment::After));
        let stated = intent(&line, &id, MessageKind::PointsEarned, 1_000);
        line.store.put_intent(&stated).await.unwrap();
        line.settle().await;
        assert!(killed.has_happened());
        let again = line.bundle.kill_at(again);
        // A day on, so that it is never night.
        line.advance(24).await;
        again.has_happened()
    });
    let members = members.await;
    let sent = ends(&line, &members, members.len()).await;
    assert_eq!(sent.of(State::Unknown), 4);
    assert_eq!(sent.twice, members.len() - 2);
}
