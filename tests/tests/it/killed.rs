//! A run that is killed and started again ends as one that was not.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bundle_tests::{binaries, root};
use serde_json::Value;

fn run(data: &Path, report: &Path) -> Command {
    let mut command = Command::new(binaries().join("regulars"));
    command
        .args(["--exit", "--port", "0", "--until", "1997-01-12"])
        .arg("--data")
        .arg(data)
        .arg("--report")
        .arg(report);
    command
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn totals(report: &Path) -> Value {
    let mut report: Value = serde_json::from_slice(&std::fs::read(report).expect("a report")).expect("JSON");
    // What a crash may change: how much was done twice, how long it took, and a message caught between publish and mark.
    let messages = report["messages"].take();
    let settled = ["sent", "suppressed", "waiting", "failed", "unknown"]
        .map(|state| messages[state].as_u64().unwrap_or_default());
    let members = report["by_member"].take();
    serde_json::json!({
        "members": report["members"], "purchases": report["purchases"], "activities": report["activities"],
        "points": report["points"], "tiers": report["tiers"], "by_member": members,
        "messages": messages["total"], "suppressed": messages["suppressed"],
        "sent or unknown": settled[0] + settled[4], "waiting": settled[2], "failed": settled[3],
    })
}

fn kill_when(child: &mut Child, data: &Path, checkpoints: u32) {
    let patience = Instant::now() + Duration::from_secs(240);
    let mut seen = 0;
    let mut last = None;
    while seen < checkpoints {
        assert!(Instant::now() < patience, "no checkpoint was written");
        assert!(
            child.try_wait().expect("a child").is_none(),
            "the run ended before it could be killed"
        );
        let written = std::fs::metadata(data.join("checkpoint.json"))
            .and_then(|file| file.modified())
            .ok();
        if written.is_some() && written != last {
            (last, seen) = (written, seen + 1);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    // Well into the next day, in the middle of its work.
    std::thread::sleep(Duration::from_millis(150));
    child.kill().expect("SIGKILL");
    child.wait().expect("a dead child");
}

#[test]
fn a_killed_run_ends_in_the_same_totals() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let whole = run(&path("whole"), &path("whole.json")).status().expect("a run");
    assert!(whole.success());

    let mut kills = 0;
    for checkpoints in [2, 3] {
        let mut child = run(&path("killed"), &path("killed.json")).spawn().expect("a run");
        kill_when(&mut child, &path("killed"), checkpoints);
        kills += 1;
    }
    let end = run(&path("killed"), &path("killed.json")).status().expect("a run");
    assert!(end.success());
    println!("killed {kills} times");
    assert_eq!(totals(&path("killed.json")), totals(&path("whole.json")));
}
