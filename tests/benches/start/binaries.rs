//! Builds what is measured.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::{FUNCTIONS, Outcome};

/// What is measured: the functions, in the order of [`FUNCTIONS`], and what they are compared with.
pub(crate) struct Binaries {
    pub(crate) functions: Vec<PathBuf>,
    pub(crate) empty: PathBuf,
    pub(crate) default_sdk: PathBuf,
}

/// Has cargo build everything, the functions as a deploy builds them.
pub(crate) fn build(target: &Path) -> Outcome<Binaries> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = tests.join("..");
    let names = FUNCTIONS.iter().flat_map(|name| ["--bin", name]);
    // An item under [env] in .cargo/config.toml gives way to the environment.
    cargo(&root, target, &[], names)?;
    let twins = tests.join("benches/twins");
    let twins_target = target.join("twins");
    // One at a time: together, the one would get the other's features.
    cargo(&twins, &twins_target, &[], ["--locked", "--package", "empty"])?;
    let jitter = [("AWS_LC_SYS_NO_JITTER_ENTROPY", "0")];
    cargo(&twins, &twins_target, &jitter, ["--locked", "--package", "default-sdk"])?;
    let copies = target.join("tmp/start");
    fs::create_dir_all(&copies)?;
    let functions = FUNCTIONS.map(|name| copy(&target.join("release").join(name), &copies));
    Ok(Binaries {
        functions: functions.into_iter().collect::<Outcome<_>>()?,
        empty: copy(&twins_target.join("release/empty"), &copies)?,
        default_sdk: copy(&twins_target.join("release/default-sdk"), &copies)?,
    })
}

/// Writes a binary anew, at once. How a file came into the page cache decides how many faults its pages take, and a
/// linker writes piece by piece.
fn copy(binary: &Path, folder: &Path) -> Outcome<PathBuf> {
    let to = folder.join(binary.file_name().unwrap_or_default());
    if to.exists() {
        fs::remove_file(&to)?;
    }
    fs::write(&to, fs::read(binary)?)?;
    fs::set_permissions(&to, fs::Permissions::from_mode(0o755))?;
    Ok(to)
}

fn cargo<'a>(
    folder: &Path,
    target: &Path,
    environment: &[(&str, &str)],
    arguments: impl IntoIterator<Item = &'a str>,
) -> Outcome<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let status = Command::new(cargo)
        .current_dir(folder)
        .envs(environment.iter().copied())
        .args(["build", "--release", "--target-dir"])
        .arg(target)
        .args(arguments)
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("cargo build in {} failed", folder.display()).into())
    }
}

/// The bytes of a zip that holds this binary as `bootstrap`.
pub(crate) fn zip_size(binary: &Path) -> Outcome<u64> {
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::best());
    deflated.write_all(&fs::read(binary)?)?;
    // The local header, the entry in the directory, and the directory's end.
    let frame = 30 + 46 + 22 + 2 * "bootstrap".len();
    Ok(u64::try_from(deflated.finish()?.len() + frame)?)
}
