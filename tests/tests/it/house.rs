//! The house itself: which way things depend, and one name for one function.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use bundle_tests::root;
use serde_json::Value;

/// Each of our packages with the names of what it depends on, at run time.
fn packages() -> BTreeMap<String, (String, BTreeSet<String>)> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(root())
        .output();
    let metadata: Value = serde_json::from_slice(&output.expect("cargo metadata").stdout).expect("JSON");
    let packages = metadata["packages"]
        .as_array()
        .expect("packages")
        .iter()
        .map(|package| {
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            let dependencies = package["dependencies"].as_array().expect("dependencies").iter();
            let normal = dependencies
                .filter(|dependency| dependency["kind"].is_null())
                .map(|dependency| text(&dependency["name"]));
            let folder = text(&package["manifest_path"])
                .replace(&format!("{}/", root().display()), "")
                .replace("/Cargo.toml", "");
            (text(&package["name"]), (folder, normal.collect()))
        });
    packages.collect()
}

#[test]
fn imports_run_one_way() {
    let packages = packages();
    let functions: BTreeSet<&String> = packages
        .iter()
        .filter(|(_, (folder, _))| folder.starts_with("functions/"))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(functions.len(), 7);
    // What each shared crate may see of ours; a pure one sees nothing of AWS, of a runtime or of a log.
    let may_see: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("expression", [].as_slice()),
        ("programme", &["expression"]),
        ("ledger", &["expression", "programme"]),
        ("messages", &["programme", "ledger", "replies"]),
        ("replies", &[]),
        ("simulation", &["programme", "ledger", "messages"]),
        ("store", &["programme", "ledger", "messages"]),
        ("till", &["programme", "ledger", "store"]),
        ("channels", &["programme", "messages"]),
        ("starter", &[]),
    ]);
    let pure = ["expression", "programme", "ledger", "messages", "replies", "simulation"];
    let outside = |name: &str| {
        name.starts_with("aws") || name.starts_with("lambda") || ["tokio", "tracing", "reqwest", "rand"].contains(&name)
    };
    for (name, (folder, dependencies)) in &packages {
        for dependency in dependencies {
            assert!(
                !functions.contains(dependency),
                "{name} depends on {dependency}: nothing imports a function"
            );
            assert!(
                dependency != "regulars" || name == "bundle-tests",
                "{name} depends on the local bundle"
            );
            if let Some(allowed) = may_see.get(name.as_str()) {
                let ours = packages.contains_key(dependency);
                assert!(
                    !ours || allowed.contains(&dependency.as_str()),
                    "{name} may not see {dependency}"
                );
                assert!(
                    !pure.contains(&name.as_str()) || !outside(dependency),
                    "{name} is pure and may not see {dependency}"
                );
            }
        }
        let only = |sdk: &str, one: &[&str]| {
            assert!(
                !dependencies.contains(sdk)
                    || one.contains(&name.as_str())
                    || folder.starts_with("functions/")
                    || ["regulars", "bundle-tests"].contains(&name.as_str()),
                "{name} may not see {sdk}"
            );
        };
        only("aws-sdk-dynamodb", &["store"]);
        only("aws-sdk-sns", &["channels"]);
        only("lambda_runtime", &["starter"]);
    }
}

#[test]
fn one_name_is_the_folder_the_package_the_binary_and_the_resource() {
    let wiring = regulars::template::read(&root().join("template.yaml"), &BTreeMap::new()).expect("the template");
    let packages = packages();
    let mut named = BTreeSet::new();
    for (resource, function) in &wiring.functions {
        let kebab = &function.binary;
        let pascal: String = kebab
            .split('-')
            .map(|word| word[..1].to_uppercase() + &word[1..])
            .collect();
        assert_eq!(resource, &format!("{pascal}Function"));
        assert_eq!(packages[kebab].0, format!("functions/{kebab}"));
        named.insert(kebab.clone());
    }
    let folders: BTreeSet<String> = packages
        .into_iter()
        .filter(|(_, (folder, _))| folder.starts_with("functions/"))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(named, folders, "the template and functions/ name different functions");
}

#[test]
fn no_legacy_tls_stack_is_linked() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--workspace", "--edges=normal", "--prefix=none", "--offline"])
        .current_dir(root())
        .output();
    let tree = String::from_utf8(tree.expect("cargo tree").stdout).expect("text");
    assert!(tree.contains("rustls v0.23"), "the tree was not read");
    for stack in ["hyper v0.", "rustls v0.21", "ring v", "openssl v"] {
        assert!(
            !tree.lines().any(|line| line.starts_with(stack)),
            "{stack:?} is linked: a dependency has its default features on"
        );
    }
}

#[test]
fn the_log_can_show_nobody() {
    // Every way a function logs is a `tracing` macro with a text of its own; none takes a profile, a phone or a payload.
    let forbidden = [
        "reveal()",
        ".token",
        "profile.name",
        "{:?}",
        "{record:?}",
        "{item:?}",
        "{profile:?}",
    ];
    for folder in ["functions", "shared"] {
        for file in sources(&root().join(folder)) {
            let text = std::fs::read_to_string(&file).expect("a source");
            for (number, line) in text.lines().enumerate().filter(|(_, line)| line.contains("tracing::")) {
                assert!(
                    !forbidden.iter().any(|part| line.contains(part)),
                    "{}:{}: {line}",
                    file.display(),
                    number + 1
                );
            }
        }
    }
}

fn sources(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder)
        .expect("a folder")
        .flatten()
        .map(|entry| entry.path());
    entries
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect()
}
