//! A programme's folder, read: the text of each of its files.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::load::LoadError;

/// The main file's name.
pub(crate) const MAIN: &str = "programme.toml";

/// The file of approvals.
pub(crate) const APPROVALS: &str = "approvals.toml";

/// The folder of earlier versions.
const EARLIER: &str = "earlier";

/// No file of a programme is longer, in bytes.
const LONGEST: u64 = 1_000_000;

/// The texts of a programme's files.
#[derive(Debug, Clone)]
pub struct Files {
    /// Of `programme.toml`.
    pub main: String,
    /// Of `texts/LOCALE.toml`, by locale and in the locales' order.
    pub texts: Vec<(String, String)>,
    /// Of `approvals.toml`, which few programmes have.
    pub approvals: Option<String>,
    /// Of `earlier/NAME/programme.toml`, by the file's name in the folder.
    pub earlier: Vec<(String, String)>,
}

impl Files {
    pub fn read(folder: &Path) -> Result<Self, LoadError> {
        let main = read(folder.join(MAIN))?;
        let texts = locales(folder)?.into_iter();
        let texts = texts.map(|(locale, path)| Ok((locale, read(path)?)));
        Ok(Self {
            main,
            texts: texts.collect::<Result<_, LoadError>>()?,
            approvals: approvals(folder)?,
            earlier: earlier(folder)?,
        })
    }

    /// The text of the file that a mistake names.
    pub fn text(&self, name: &str) -> Option<&str> {
        if name == MAIN {
            return Some(&self.main);
        }
        if name == APPROVALS {
            return self.approvals.as_deref();
        }
        let mut texts = self.texts.iter();
        let found = texts.find(|(locale, _)| name == format!("texts/{locale}.toml"));
        let found = found.or_else(|| self.earlier.iter().find(|(file, _)| name == file));
        found.map(|(_, text)| text.as_str())
    }
}

fn approvals(folder: &Path) -> Result<Option<String>, LoadError> {
    match read(folder.join(APPROVALS)) {
        Err(LoadError::Read { why, .. }) if why.kind() == ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}

/// The main files of earlier versions, each with its name, in the names' order. Most programmes have none.
pub(crate) fn earlier(folder: &Path) -> Result<Vec<(String, String)>, LoadError> {
    let within = folder.join(EARLIER);
    let unreadable = |why| LoadError::Read {
        path: within.clone(),
        why,
    };
    let found = match std::fs::read_dir(&within) {
        Err(why) if why.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        found => found.map_err(unreadable)?,
    };
    let mut files = BTreeMap::new();
    for entry in found {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        // What an editor or an archive leaves lying about is no version.
        if let Some(name) = name.filter(|name| path.is_dir() && !name.starts_with('.')) {
            files.insert(format!("{EARLIER}/{name}/{MAIN}"), read(path.join(MAIN))?);
        }
    }
    Ok(files.into_iter().collect())
}

pub(crate) fn read(path: PathBuf) -> Result<String, LoadError> {
    let mut bytes = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes));
    match read {
        Err(why) => Err(LoadError::Read { path, why }),
        Ok(length) if u64::try_from(length).is_ok_and(|length| length > LONGEST) => Err(LoadError::TooLong {
            path,
            megabytes: LONGEST / 1_000_000,
        }),
        Ok(_) => String::from_utf8(bytes).map_err(|error| {
            let sound = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
            let line = sound.filter(|byte| **byte == b'\n').count() + 1;
            LoadError::NotText { path, line }
        }),
    }
}

/// The files of texts by locale, in the locales' order.
pub(crate) fn locales(folder: &Path) -> Result<BTreeMap<String, PathBuf>, LoadError> {
    let within = folder.join("texts");
    let unreadable = |why| LoadError::Read {
        path: within.clone(),
        why,
    };
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(&within).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "toml")
            && let Some(locale) = path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned)
        {
            files.insert(locale, path);
        }
    }
    Ok(files)
}
