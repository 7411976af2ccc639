//! Writes that happen all or not at all.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::{Store, StoreError};

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Transacted {
    Done,
    /// Nothing happened: for each item, whether its condition was not met. Where none was unmet, another transaction was at
    /// the same items.
    Canceled(Vec<bool>),
}

impl Store {
    pub(crate) async fn transact(&self, items: Vec<TransactWriteItem>) -> Result<Transacted, StoreError> {
        let call = self.client.transact_write_items().set_transact_items(Some(items));
        let Err(error) = call.send().await else {
            return Ok(Transacted::Done);
        };
        match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
                let reasons = canceled.cancellation_reasons().iter();
                let codes: Vec<&str> = reasons.map(|reason| reason.code().unwrap_or("None")).collect();
                let met = |code: &&str| matches!(*code, "None" | "ConditionalCheckFailed" | "TransactionConflict");
                if !codes.iter().all(met) || codes.iter().all(|code| *code == "None") {
                    return Err(error.into());
                }
                let unmet = codes.iter().map(|code| *code == "ConditionalCheckFailed");
                Ok(Transacted::Canceled(unmet.collect()))
            }
            Some(other) if other.code() == Some("TransactionInProgressException") => {
                Ok(Transacted::Canceled(Vec::new()))
            }
            _ => Err(error.into()),
        }
    }
}
