//! The JSON Schema of `programme.toml`, for editors: what the types say, in the draft that editors of TOML read.

use schemars::generate::SchemaSettings;

use crate::file::File;

/// The schema. What only several values together say wrong is not in it.
pub fn schema() -> schemars::Schema {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<File>();
    schema.insert("title".to_owned(), "A members' programme: programme.toml".into());
    schema
}
