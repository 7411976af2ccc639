//! The parts of SMS: as `regulars parts` tells a script of them, and as a simulation finds them over members.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use bundle_tests::{binaries, root};
use serde_json::{Value, json};

use crate::command::copy;

fn command() -> Command {
    let mut command = Command::new(binaries().join("regulars"));
    command
        .arg("parts")
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What is told of some lines, and the exit code.
fn counted(input: &[u8]) -> (Option<i32>, Vec<Value>) {
    let mut child = command().spawn().expect("regulars");
    let mut stdin = child.stdin.take().expect("its input");
    let input = input.to_vec();
    let writing = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("its end");
    writing.join().expect("a thread").expect("written");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let out = String::from_utf8(output.stdout).expect("UTF-8");
    let lines = out.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    (output.status.code(), lines.collect())
}

#[test]
fn each_line_is_counted() {
    let long = "a".repeat(100);
    let texts = [
        String::new(),
        "a".repeat(160),
        "a".repeat(161),
        "积".repeat(71),
        format!("It’s\u{a0}{long}"),
        "It’s".to_owned(),
        format!("{long}😀’"),
        "€".repeat(801),
    ];
    let lines = texts.iter().map(|text| format!("{}\n", json!(text)));
    let (code, told) = counted(lines.collect::<String>().as_bytes());
    assert_eq!(code, Some(0));
    let quote = json!({"at": 2, "character": "’", "code_point": "U+2019", "name": "right single quotation mark", "instead": "'"});
    let space =
        json!({"at": 4, "character": "\u{a0}", "code_point": "U+00A0", "name": "no-break space", "instead": " "});
    let emoji = json!({"at": 100, "character": "😀", "code_point": "U+1F600", "instead": null});
    let mut last = quote.clone();
    last["at"] = json!(101);
    let chinese: Vec<Value> = (0..10)
        .map(|at| json!({"at": at, "character": "积", "code_point": "U+79EF", "instead": null}))
        .collect();
    let expected = [
        json!({"encoding": "GSM-7", "parts": 1, "units": 0}),
        json!({"encoding": "GSM-7", "parts": 1, "units": 160}),
        json!({"encoding": "GSM-7", "parts": 2, "units": 161}),
        json!({"encoding": "UCS-2", "parts": 2, "units": 71, "because": chinese}),
        json!({"encoding": "UCS-2", "parts": 2, "units": 105, "because": [quote, space],
            "plain": {"text": format!("It's {long}"), "parts": 1, "units": 105}}),
        json!({"encoding": "UCS-2", "parts": 1, "units": 4, "because": [quote]}),
        json!({"encoding": "UCS-2", "parts": 2, "units": 103, "because": [emoji, last]}),
        json!({"encoding": "GSM-7", "parts": 11, "units": 1602, "too_long": "2403 bytes; SNS takes 1600"}),
    ];
    assert_eq!(told.len(), expected.len());
    for (told, expected) in told.iter().zip(&expected) {
        assert_eq!(told, expected);
    }
}

#[test]
fn a_line_that_is_no_text_is_told_and_the_others_are_done() {
    let mut input = b"\xef\xbb\xbf\"first\"\r\nbare\n\n\"open\n42\n\"\xff\"\n\"\\ud83d\"\n\"a\" \"b\"\n\"".to_vec();
    input.extend(vec![b'x'; 2 << 20]);
    input.extend(b"\"\n\"last\"");
    let (code, told) = counted(&input);
    assert_eq!(code, Some(1));
    assert_eq!(told.len(), 10, "{told:?}");
    let sound = json!({"encoding": "GSM-7", "parts": 1, "units": 5});
    assert_eq!((&told[0], &told[9]["units"]), (&sound, &json!(4)));
    let says = [
        "no JSON string",
        "is empty",
        "no JSON string",
        "no JSON string",
        "not in UTF-8",
        "no JSON string",
        "no JSON string",
        "more than",
    ];
    for (told, (line, says)) in told[1..9].iter().zip((2..).zip(says)) {
        assert_eq!(told["line"], json!(line), "{told}");
        assert!(told["error"].as_str().unwrap().contains(says), "{told}");
        assert!(!told["mend"].as_str().unwrap().is_empty(), "{told}");
    }
}

/// Who asks line by line is answered line by line, and may leave.
#[test]
fn an_answer_does_not_wait_for_the_next_question() {
    let mut child = command().spawn().expect("regulars");
    let mut stdin = child.stdin.take().expect("its input");
    let mut stdout = BufReader::new(child.stdout.take().expect("its output"));
    for times in [1, 161] {
        writeln!(stdin, "{}", json!("a".repeat(times))).expect("written");
        let mut line = String::new();
        stdout.read_line(&mut line).expect("read");
        let told: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(told["units"], json!(times));
    }
    drop(stdout);
    for _ in 0..2 {
        // It may be gone already.
        let _ = writeln!(stdin, "\"a\"");
    }
    drop(stdin);
    let output = child.wait_with_output().expect("its end");
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(0), b"".as_slice())
    );
}

#[test]
fn the_help_shows_how() {
    let output = command().arg("--help").stdin(Stdio::null()).output().expect("regulars");
    let help = String::from_utf8_lossy(&output.stdout).into_owned();
    for part in [
        "JSON strings from standard input",
        "cargo run -- parts",
        "UCS-2",
        "U+2019",
    ] {
        assert!(help.contains(part), "the help does not speak of {part}: {help}");
    }
}

/// What a month's members are sent of a kind by SMS: messages, parts, the most in one, and how many as UCS-2.
fn sent(program: &std::path::Path, kind: &str) -> [u64; 4] {
    let output = Command::new(binaries().join("regulars"))
        .args(["simulate", "--until", "1997-01-31", "--json", "--program"])
        .arg(program)
        .current_dir(root())
        .output()
        .expect("regulars");
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let messages = told["messages"]["by"].as_array().expect("messages").iter();
    let of_kind = messages.filter(|told| told["kind"] == kind && told["channel"] == "sms");
    of_kind.fold([0; 4], |[messages, parts, most, ucs2], told| {
        let of = |key: &str| told[key].as_u64().expect(key);
        [
            messages + of("messages"),
            parts + of("parts"),
            most.max(of("most_parts")),
            ucs2 + of("ucs2"),
        ]
    })
}

#[test]
fn a_simulation_tells_the_worst_that_members_are_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&root().join("program"), folder.path());
    let [messages, parts, most, ucs2] = sent(folder.path(), "welcome");
    assert_eq!((parts, most), (messages, 1));
    // Chinese is.
    assert!(ucs2 > 0 && ucs2 < messages, "{ucs2} of {messages}");
    let file = folder.path().join("texts/en.toml");
    let text = std::fs::read_to_string(&file).expect("texts");
    let curly = text.replacen("Every dollar earns you a point.", "Every dollar’s a point.", 1);
    assert_ne!(curly, text);
    std::fs::write(&file, curly).expect("texts");
    let dear = sent(folder.path(), "welcome");
    // None of the English ones is short enough for one part, however short the name.
    assert_eq!(dear, [messages, messages + (messages - ucs2), 2, messages]);
}
