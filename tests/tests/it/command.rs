//! The command as a person meets it: its help, its mistakes, and the page in a real browser.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use bundle_tests::{binaries, root};

fn regulars(arguments: &[&str]) -> Output {
    Command::new(binaries().join("regulars"))
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::null())
        .output()
        .expect("regulars")
}

fn refused(arguments: &[&str], says: &[&str]) {
    let output = regulars(arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
    for part in says {
        assert!(
            said.contains(part),
            "{arguments:?} should say {part:?}, and said: {said}"
        );
    }
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn help_is_for_someone_new() {
    let output = regulars(&["--help"]);
    let help = String::from_utf8_lossy(&output.stdout).into_owned();
    for part in [
        "--exit",
        "--report",
        "--orders",
        "--program",
        "--until",
        "--data",
        "--port",
        "cargo run",
    ] {
        assert!(help.contains(part), "the help does not speak of {part}: {help}");
    }
}

#[test]
fn a_mistake_in_the_programme_is_named_with_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&root().join("program"), folder.path());
    let file = folder.path().join("programme.toml");
    let text = std::fs::read_to_string(&file).expect("the programme");
    std::fs::write(
        &file,
        text.replace("points-per-unit = \"1\"", "points-per-unit = \"one\""),
    )
    .expect("the programme");
    refused(
        &[
            "--exit",
            "--port",
            "0",
            "--program",
            &folder.path().display().to_string(),
        ],
        &["programme.toml:14:", "write a decimal in quotes"],
    );
}

pub(crate) fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir_all(&to).expect("a folder");
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).expect("a file");
        }
    }
}

#[test]
fn orders_that_cannot_be_read_are_named() {
    refused(&["--exit", "--port", "0", "--orders", "no-such.csv"], &["no-such.csv"]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("orders.csv");
    std::fs::write(&file, "order_id,member_id,when,amount,currency\n").expect("the orders");
    refused(
        &["--exit", "--port", "0", "--orders", &file.display().to_string()],
        &["orders.csv", "ordered_at"],
    );
}

#[test]
fn a_bad_row_is_told_and_the_others_are_played() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("orders.csv");
    let rows = "currency,amount,ordered_at,member_id,order_id,shop\nUSD,10.00,2026-03-01,a,1,x\nUSD,ten,2026-03-01,a,2,x\nUSD,5.00,2026-02-30,b,3,x\n";
    std::fs::write(&file, rows).expect("the orders");
    let report = folder.path().join("report.json");
    let (file, report_path) = (file.display().to_string(), report.display().to_string());
    let output = regulars(&["--exit", "--port", "0", "--orders", &file, "--report", &report_path]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(report).expect("the report")).expect("JSON");
    assert_eq!(
        (
            report["points"]["earned"].as_u64(),
            report["orders"]["refused"].as_u64()
        ),
        (Some(10), Some(2))
    );
    let told = report["orders"]["first_refused"].to_string();
    assert!(told.contains("ten") && told.contains("2026-02-30"), "{told}");
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    refused(&["--exit", "--port", &port], &[&port, "--port"]);
}

/// A browser that is installed; without one, a test says so and is done.
pub(crate) fn browser() -> Option<&'static str> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let browser = names
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok());
    if browser.is_none() {
        println!("skipped: no browser of {names:?} is installed");
    }
    browser
}

/// What a page has become in a browser, whose profile lies in the folder.
pub(crate) fn dom(browser: &str, profile: &Path, address: &str, arguments: &[&str]) -> String {
    let dom = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--virtual-time-budget=8000",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", profile.join("profile").display()))
        .args(arguments)
        .arg(address)
        .stderr(Stdio::null())
        .output()
        .expect("a browser");
    String::from_utf8_lossy(&dom.stdout).into_owned()
}

#[test]
fn the_page_shows_the_messages_in_a_real_browser() {
    let Some(browser) = browser() else { return };
    let mut child = Command::new(binaries().join("regulars"))
        .args(["--port", "0", "--until", "1997-01-03"])
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("regulars");
    let mut lines = BufReader::new(child.stdout.take().expect("its output"))
        .lines()
        .map_while(Result::ok);
    let address = lines
        .find_map(|line| {
            line.split_once("http://")
                .map(|(_, rest)| format!("http://{}", rest.trim()))
        })
        .expect("the page's address");
    assert!(lines.any(|line| line.contains("Ctrl-C")), "the run did not end");

    let profile = tempfile::tempdir().expect("a folder");
    for size in ["1280,900", "390,844"] {
        let size_of = format!("--window-size={size}");
        let dom = dom(browser, profile.path(), &address, &[&size_of]);
        for part in ["Paper Moon Records", "Welcome", "STOP to opt out"] {
            assert!(
                dom.contains(part),
                "at {size} the page does not show {part:?}: {} bytes",
                dom.len()
            );
        }
    }
    child.kill().expect("the end");
    child.wait().expect("the end");
}
