//! Builds the functions' binaries, beside the running program and in its profile.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// Why there are no functions to run.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("cannot start {cargo} to build the functions: {why}; install Rust from https://rustup.rs")]
    Cargo { cargo: String, why: std::io::Error },
    #[error("the functions could not be built: {command} failed; its errors stand above")]
    Failed { command: String },
    #[error(
        "{command} built no binary {binary}; the template names it in Metadata, so there must be a package of that name"
    )]
    Missing { command: String, binary: String },
    #[error("{command} put the binaries into several folders, {one} and {other}; they must lie in one", one = .folders.0.display(), other = .folders.1.display())]
    Scattered {
        command: String,
        folders: (PathBuf, PathBuf),
    },
}

/// Builds these binaries of the workspace and says in which folder they lie. Cargo's own output goes to the terminal.
pub(super) async fn build(workspace: &Path, binaries: &BTreeSet<String>) -> Result<PathBuf, BuildError> {
    #[expect(clippy::disallowed_methods, reason = "cargo says by it which cargo is running")]
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut arguments = vec!["build".to_owned()];
    for binary in binaries {
        arguments.extend(["--bin".to_owned(), binary.clone()]);
    }
    arguments.extend(profile(std::env::current_exe().ok().as_deref()));
    let command = format!("cargo {}", arguments.join(" "));
    let mut process = Command::new(&cargo)
        .args(&arguments)
        .arg("--message-format=json-render-diagnostics")
        .current_dir(workspace)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|why| BuildError::Cargo {
            cargo: cargo.clone(),
            why,
        })?;
    let mut built = Vec::new();
    if let Some(output) = process.stdout.take() {
        let mut lines = BufReader::new(output).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            built.extend(executable(&line));
        }
    }
    let status = process.wait().await.map_err(|why| BuildError::Cargo { cargo, why })?;
    if !status.success() {
        return Err(BuildError::Failed { command });
    }
    folder(&command, binaries, &built)
}

/// The arguments that choose the profile a running program was built in.
fn profile(program: Option<&Path>) -> Vec<String> {
    let folders = program
        .into_iter()
        .flat_map(Path::ancestors)
        .skip(1)
        .filter_map(Path::file_name);
    // A test runs from `deps` in the profile's folder.
    let profile = folders.filter_map(|name| name.to_str()).find(|name| *name != "deps");
    match profile {
        Some("release") => vec!["--release".to_owned()],
        _ => Vec::new(),
    }
}

/// The binary that a line of cargo's JSON says was built, or was found fresh.
fn executable(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    message.get("executable")?.as_str().map(PathBuf::from)
}

fn folder(command: &str, binaries: &BTreeSet<String>, built: &[PathBuf]) -> Result<PathBuf, BuildError> {
    let mut found: Option<&Path> = None;
    for binary in binaries {
        let path = built
            .iter()
            .find(|path| path.file_stem().is_some_and(|stem| *stem == **binary));
        let folder = path.and_then(|path| path.parent()).ok_or_else(|| BuildError::Missing {
            command: command.to_owned(),
            binary: binary.clone(),
        })?;
        match found {
            Some(first) if first != folder => {
                let folders = (first.to_owned(), folder.to_owned());
                return Err(BuildError::Scattered {
                    command: command.to_owned(),
                    folders,
                });
            }
            _ => found = Some(folder),
        }
    }
    Ok(found.map(Path::to_owned).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn functions_are_built_as_the_program_was() {
        let profile = |path: &str| profile(Some(Path::new(path)));
        assert_eq!(profile("/w/target/debug/regulars"), [""; 0]);
        assert_eq!(profile("/w/target/debug/deps/regulars-0a1b"), [""; 0]);
        assert_eq!(profile("/w/target/release/regulars"), ["--release"]);
        assert_eq!(profile("/w/target/release/deps/regulars-0a1b"), ["--release"]);
    }

    #[test]
    fn the_folder_is_where_cargo_says_they_lie() {
        let line = r#"{"reason":"compiler-artifact","target":{"name":"ingest"},"executable":"/w/target/debug/ingest"}"#;
        assert_eq!(executable(line), Some(PathBuf::from("/w/target/debug/ingest")));
        assert_eq!(executable(r#"{"reason":"compiler-artifact","executable":null}"#), None);
        let binaries: BTreeSet<_> = ["ingest", "wake-members"].map(str::to_owned).into();
        let built = ["/w/target/debug/ingest", "/w/target/debug/wake-members"].map(PathBuf::from);
        assert_eq!(
            folder("cargo build", &binaries, &built).unwrap(),
            Path::new("/w/target/debug")
        );
        let missing = folder("cargo build", &binaries, built.get(..1).unwrap())
            .unwrap_err()
            .to_string();
        assert!(
            missing.starts_with("cargo build built no binary wake-members"),
            "{missing}"
        );
    }
}
