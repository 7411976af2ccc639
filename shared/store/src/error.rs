//! What can go wrong between us and the tables.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use crate::item::Damaged;

/// A table did not answer, or not as asked. Worth another try; what cannot be read is [`Damaged`].
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("DynamoDB refused the call: {code}: {message}")]
    Refused { code: String, message: String },
    #[error("DynamoDB could not be reached or did not answer in time")]
    Unreachable,
    #[error(transparent)]
    Damaged(#[from] Damaged),
}

impl<E: ProvideErrorMetadata, R> From<SdkError<E, R>> for StoreError {
    fn from(error: SdkError<E, R>) -> Self {
        match error {
            SdkError::ServiceError(context) => {
                let error = context.into_err();
                let part = |part: Option<&str>| part.unwrap_or("unnamed").to_owned();
                Self::Refused {
                    code: part(error.code()),
                    message: part(error.message()),
                }
            }
            _ => Self::Unreachable,
        }
    }
}
