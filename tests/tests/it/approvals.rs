//! Approvals: what a provider has not let pass goes to none of its numbers, and an operator reads why.

use std::path::{Path, PathBuf};

use bundle_tests::{Start, at, root, sign_up};
use serde_json::{Value, json};

use crate::audit::regulars;
use crate::command::copy;
use crate::why::end;

/// What is said of a programme's texts.
fn listed(program: &Path) -> Value {
    let (code, said, errors) = regulars(&["approvals", &program.display().to_string(), "--json"], None, None);
    assert_eq!((code, errors.as_str()), (0, ""), "{said}");
    serde_json::from_str(&said).expect("JSON")
}

fn state<'a>(listed: &'a Value, text: &str) -> &'a Value {
    let mut all = listed["approvals"].as_array().expect("a list").iter();
    &all.find(|one| one["text"] == text)
        .unwrap_or_else(|| panic!("no {text} in {listed}"))["state"]
}

/// The sample with an approvals.toml in which some texts are approved, as the command prints them.
fn approved(within: &Path, texts: &[&str]) -> PathBuf {
    let program = within.join("program");
    std::fs::create_dir_all(&program).expect("a folder");
    copy(&root().join("program"), &program);
    let (code, said, errors) = regulars(&["approvals", &program.display().to_string()], None, None);
    assert_eq!((code, errors.as_str()), (0, ""), "{said}");
    assert!(said.contains("has no approvals.toml, so all of them go"), "{said}");
    let entries = said.split("[[approvals]]").skip(1);
    let entries = entries.filter(|entry| texts.iter().any(|text| entry.contains(&format!("text = \"{text}\""))));
    let entries = entries.map(|entry| {
        entry
            .replace("submitted", "approved")
            .replace("template = \"\"", "template = \"SMS_1\"")
    });
    let file: String = entries.map(|entry| format!("[[approvals]]{entry}")).collect();
    std::fs::write(program.join("approvals.toml"), file).expect("the approvals");
    program
}

#[test]
fn what_is_printed_is_what_is_read_and_a_text_that_changes_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let program = approved(folder.path(), &["welcome", "points-earned"]);
    let told = listed(&program);
    assert_eq!(
        (&told["is_kept"], told["approvals"].as_array().map(Vec::len)),
        (&json!(true), Some(15))
    );
    assert_eq!(
        (state(&told, "welcome"), state(&told, "birthday")),
        (&json!("approved"), &json!("missing"))
    );
    let file = program.join("texts/zh-CN.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("欢迎加入会员！", "欢迎您加入会员！", 1)).unwrap();
    assert_eq!(state(&listed(&program), "welcome"), &json!("changed"));
    // It can be used still, and what does not go is told.
    let (code, said, _) = regulars(&["check", &program.display().to_string()], None, None);
    assert_eq!(code, 0, "{said}");
    for part in [
        "welcome sms does not go to mainland China by SMS, for aliyun has not approved it: the text is not the one that was approved",
        "birthday sms does not go to mainland China by SMS, for aliyun has not approved it: nobody has asked for it",
        "can be used, with 14 warnings",
    ] {
        assert!(said.contains(part), "no {part:?} in\n{said}");
    }
    std::fs::write(
        program.join("approvals.toml"),
        "[[approvals]]\ntext = \"welcome\"\nstate = \"fine\"\n",
    )
    .unwrap();
    let (code, said, _) = regulars(&["check", &program.display().to_string()], None, None);
    assert!(code == 1 && said.contains("approvals.toml:"), "{code}: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_approved_does_not_go_by_sms_there_and_goes_by_push() {
    let (folder, programs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let program = approved(programs.path(), &["welcome"]);
    let start = Start {
        // Eleven in the morning in Shanghai.
        at: Some(at("2026-03-02T03:00:00Z")),
        data: Some(folder.path().to_owned()),
        program: Some(program.clone()),
        ..Start::default()
    };
    let line = start.line().await;
    let here = |id: &str| {
        let mut detail = sign_up(id, line.bundle.now());
        detail["phone"] = json!(format!("+8613800138{id:0>3}"));
        detail["locale"] = json!("zh-CN");
        detail["zone"] = json!("Asia/Shanghai");
        detail
    };
    line.put("sign-up", here("01")).await;
    let mut with_device = here("02");
    with_device["device"] = json!({"platform": "GCM", "token": "token-02"});
    with_device["consents"] = json!([
        {"channel": "sms", "purpose": "transactional", "wording": "Yes."},
        {"channel": "push", "purpose": "transactional", "wording": "Yes."},
    ]);
    line.put("sign-up", with_device).await;
    line.settle().await;
    line.purchase("01", "o-1", "12.00").await;
    line.purchase("02", "o-2", "12.00").await;
    let first = line.told("01").await;
    let of = |kind: &str, state: &str, reason: &str| (kind.to_owned(), state.to_owned(), reason.to_owned());
    assert_eq!(
        first,
        [
            of("points-earned", "suppressed", "unapproved"),
            of("welcome", "sent", "")
        ]
    );
    let second = line.messages("02").await;
    let earned = second
        .iter()
        .find(|one| one.intent.kind == programme::MessageKind::PointsEarned)
        .unwrap();
    assert_eq!(
        (earned.state, earned.channel),
        (store::State::Sent, Some(programme::Channel::Push))
    );
    end(line).await;
    let program = program.display().to_string();
    let (code, said, errors) = regulars(&["why", "01", "--program", &program], Some(folder.path()), None);
    assert_eq!((code, errors.as_str()), (0, ""), "{said}");
    assert!(
        said.contains("has not approved its text; `regulars approvals` tells more"),
        "{said}"
    );
    let preview = ["preview", "points-earned", "--members", "01", "--program", &program];
    let (_, said, _) = regulars(&preview, Some(folder.path()), None);
    assert!(said.contains("never, unapproved"), "{said}");
}
