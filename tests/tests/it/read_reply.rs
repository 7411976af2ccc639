//! `regulars read-reply` as a script pipes into it, and as somebody at a keyboard waits for it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use bundle_tests::{binaries, root};

fn started() -> Child {
    Command::new(binaries().join("regulars"))
        .arg("read-reply")
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("regulars")
}

/// What it prints when it is given this.
fn said_of(input: Vec<u8>) -> String {
    let mut child = started();
    let mut stdin = child.stdin.take().expect("a pipe");
    let writer = std::thread::spawn(move || stdin.write_all(&input).expect("it reads to the end"));
    let output = child.wait_with_output().expect("an end");
    writer.join().expect("written");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{errors}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn each_reply_has_a_word_in_order() {
    let replies = [
        ("STOP", "opt-out"),
        ("don't stop", "other"),
        ("别再发了", "opt-out"),
        ("不要取消", "other"),
        ("leave me alone", "opt-out"),
        ("ＴＤ", "opt-out"),
        ("退訂", "opt-out"),
        ("stop by the store tomorrow?", "other"),
        ("how do I unsubscribe", "unsure"),
        ("STOP 12345", "unsure"),
        ("START", "other"),
        ("HELP", "other"),
        ("", "other"),
        ("N", "opt-out"),
    ];
    let input: String = replies.iter().map(|(reply, _)| format!("{reply}\n")).collect();
    let expected: String = replies.iter().map(|(_, word)| format!("{word}\n")).collect();
    assert_eq!(said_of(input.into_bytes()), expected);
}

#[test]
fn what_is_no_text_has_its_line_too() {
    assert_eq!(
        said_of(b"\xff\xfe\n\0\nSTOP \xc3\n\nlast STO\xf0P".to_vec()),
        "other\nother\nopt-out\nother\nother\n"
    );
    assert_eq!(said_of(Vec::new()), "");
}

#[test]
fn as_many_as_come() {
    let input = "stop texting me\nthanks!\n怎么退订\n".repeat(100_000);
    assert_eq!(said_of(input.into_bytes()), "opt-out\nother\nunsure\n".repeat(100_000));
}

#[test]
fn who_waits_for_an_answer_gets_it_before_they_write_on() {
    let mut child = started();
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut answers = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    for (reply, word) in [("stop", "opt-out"), ("thanks", "other"), ("退订", "opt-out")] {
        writeln!(stdin, "{reply}").expect("it reads");
        assert_eq!(answers.next().expect("an answer").expect("text"), word);
    }
    drop(stdin);
    assert!(child.wait().expect("an end").success());
}

#[test]
fn who_has_read_enough_ends_it_quietly() {
    let mut child = started();
    let mut stdin = child.stdin.take().expect("a pipe");
    drop(child.stdout.take());
    // It ends as soon as it has something to say; until then, and after, the pipe may take more or not.
    while stdin.write_all(&b"stop\n".repeat(10_000)).is_ok() {}
    let output = child.wait_with_output().expect("an end");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn its_help_has_an_example() {
    let output = Command::new(binaries().join("regulars"))
        .args(["read-reply", "--help"])
        .output()
        .expect("regulars");
    let help = String::from_utf8_lossy(&output.stdout).into_owned();
    for part in [
        "opt-out",
        "unsure",
        "other",
        "read-reply < replies.txt",
        "shared/replies/words/",
    ] {
        assert!(help.contains(part), "the help does not speak of {part}: {help}");
    }
}
