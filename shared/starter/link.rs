//! How the functions' binaries are linked; the build script of each.

fn main() {
    println!("cargo::rerun-if-changed=../../shared/starter/link.rs");
    // At a fixed address: see docs/decisions.
    if std::env::var_os("CARGO_CFG_TARGET_OS").is_some_and(|os| os == "linux") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
