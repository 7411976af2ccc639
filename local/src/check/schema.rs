//! The JSON Schema of `programme.toml`, for editors.

use serde_json::Value;

/// The schema, with the line that an editor finds it by.
pub fn schema() -> Value {
    programme::schema().to_value()
}
