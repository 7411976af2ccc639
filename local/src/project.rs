//! What every command works with: the template, what it wires together, and the shop's programme.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use programme::Programme;

use crate::template::{self, TemplateError};
use crate::wiring::Wiring;

/// The template's parameters here: every device can be reached.
const PUSH_APPLICATIONS: &str = "GCM=arn:aws:sns:us-east-1:123456789012:app/GCM/regulars,\
                                 APNS=arn:aws:sns:us-east-1:123456789012:app/APNS/regulars";

/// A repository of ours, read and checked.
#[derive(Debug)]
pub struct Project {
    pub template_dir: PathBuf,
    pub wiring: Wiring,
    pub programme_dir: PathBuf,
    pub programme: Programme,
}

/// Why there is nothing to work with. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    #[error("no template.yaml here or in any folder above; run regulars in its repository")]
    NoTemplate,
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error("no function of {0} has a layer with the programme; name its folder with --program DIR")]
    NoProgramme(PathBuf),
    #[error(transparent)]
    Programme(#[from] programme::LoadError),
}

impl Project {
    /// Finds the template, and the programme in `program` or else in the template's layer.
    pub fn find(program: Option<&Path>) -> Result<Self, ProjectError> {
        let template = find_template().ok_or(ProjectError::NoTemplate)?;
        let template_dir = template.parent().map(Path::to_owned).unwrap_or_default();
        let parameters = BTreeMap::from([("PushApplications".to_owned(), PUSH_APPLICATIONS.to_owned())]);
        let wiring = template::read(&template, &parameters)?;
        let layer = wiring.functions.values().flat_map(|function| &function.layers).next();
        let programme_dir = match (program, layer) {
            (Some(named), _) => named.to_owned(),
            (None, Some(layer)) => template_dir.join(layer),
            (None, None) => return Err(ProjectError::NoProgramme(template)),
        };
        Ok(Self {
            programme: Programme::load_linted(&programme_dir)?,
            programme_dir,
            template_dir,
            wiring,
        })
    }

    /// How many partitions the alarm index has: the functions' own setting.
    pub fn alarm_shards(&self) -> u32 {
        let functions = self.wiring.functions.values();
        let named = functions.filter_map(|function| function.environment.get("ALARM_SHARDS")?.parse().ok());
        named.max().unwrap_or(1)
    }
}

/// The programme's folder where none is named: `program` here, or beside the template.
pub fn programme_dir() -> PathBuf {
    let here = PathBuf::from("program");
    let template = find_template().filter(|_| !here.is_dir());
    let beside = template.and_then(|template| Some(template.parent()?.join(&here)));
    beside.unwrap_or(here)
}

/// The folder we are in or one above it; else the one this program was built beside.
fn find_template() -> Option<PathBuf> {
    let here = std::env::current_dir().unwrap_or_default();
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let folders = here.ancestors().chain(built);
    folders
        .map(|folder| folder.join("template.yaml"))
        .find(|template| template.is_file())
}
