//! DynamoDB's operations on the embedded engine: each reads its request, runs, and says what it spent.

use std::collections::HashMap;

use axum::body::Bytes;
use dynoxide::actions::{
    batch_get_item, batch_write_item, delete_item, describe_table, get_item, list_tables, put_item, query, scan,
    transact_get_items, transact_write_items, update_item,
};
use dynoxide::types::ConsumedCapacity;
use dynoxide::{AttributeValue, DynoxideError, Item};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::spending::{Kinds, creates, reading, refused, taken, taken_all};
use super::tables::{Tables, finished};
use super::units::{Spent, item_kind};

type Answer = Result<Reply, DynoxideError>;

/// A call's answer and what it cost.
pub(super) struct Reply {
    pub(super) json: String,
    pub(super) spent: Vec<Spent>,
    /// Deployed names of the tables that were written.
    pub(super) wrote: Vec<String>,
}

/// A refused call, and what it cost all the same: a failed condition is charged like the write.
pub(super) struct Refused {
    pub(super) error: DynoxideError,
    pub(super) spent: Vec<Spent>,
}

impl From<DynoxideError> for Refused {
    fn from(error: DynoxideError) -> Self {
        Self {
            error,
            spent: Vec::new(),
        }
    }
}

/// Whether an operation changes anything.
pub(super) fn writes(operation: &str) -> bool {
    matches!(
        operation,
        "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" | "TransactWriteItems"
    )
}

impl Tables {
    /// Runs one operation. `None` is an operation this engine does not serve.
    pub(super) fn execute(&self, operation: &str, body: &Bytes) -> Option<Result<Reply, Refused>> {
        Some(match operation {
            "GetItem" => self.get(body).map_err(Refused::from),
            "PutItem" => self.put(body),
            "UpdateItem" => self.update(body),
            "DeleteItem" => self.delete(body),
            "Query" => self.query(body).map_err(Refused::from),
            "Scan" => self.scan(body).map_err(Refused::from),
            "BatchGetItem" => self.batch_get(body).map_err(Refused::from),
            "BatchWriteItem" => self.batch_write(body).map_err(Refused::from),
            "TransactGetItems" => self.transact_get(body).map_err(Refused::from),
            "TransactWriteItems" => self.transact_write(body),
            "DescribeTable" => self.describe(body).map_err(Refused::from),
            "ListTables" => self.list(body).map_err(Refused::from),
            _ => return None,
        })
    }

    fn get(&self, body: &[u8]) -> Answer {
        let mut request: get_item::GetItemRequest = read(body)?;
        let asked = request.return_consumed_capacity.replace(indexes());
        let item = self.kind(&request.table_name, &request.key);
        let mut response = finished(get_item::execute(&*self.lock(), request))?;
        let capacity = taken(&mut response.consumed_capacity, asked.as_ref());
        Ok(Reply {
            json: write(&response)?,
            spent: capacity.map(|c| reading(c, item)).into_iter().collect(),
            wrote: Vec::new(),
        })
    }

    fn put(&self, body: &[u8]) -> Result<Reply, Refused> {
        let mut request: put_item::PutItemRequest = read(body)?;
        let asked = request.return_consumed_capacity.replace(indexes());
        let table = request.table_name.clone();
        let item = self.kind(&table, &request.item);
        let created = creates(request.condition_expression.as_deref());
        let size = dynoxide::types::item_size(&request.item);
        let mut response = finished(put_item::execute(&*self.lock(), request))
            .map_err(|error| refused(error, &table, item.clone(), created, size))?;
        let capacity = taken(&mut response.consumed_capacity, asked.as_ref());
        Ok(written(write(&response)?, capacity, table, item, created))
    }

    fn update(&self, body: &[u8]) -> Result<Reply, Refused> {
        let mut request: update_item::UpdateItemRequest = read(body)?;
        let asked = request.return_consumed_capacity.replace(indexes());
        let table = request.table_name.clone();
        let item = self.kind(&table, &request.key);
        let mut response = finished(update_item::execute(&*self.lock(), request))
            .map_err(|error| refused(error, &table, item.clone(), false, 1))?;
        let capacity = taken(&mut response.consumed_capacity, asked.as_ref());
        Ok(written(write(&response)?, capacity, table, item, false))
    }

    fn delete(&self, body: &[u8]) -> Result<Reply, Refused> {
        let mut request: delete_item::DeleteItemRequest = read(body)?;
        let asked = request.return_consumed_capacity.replace(indexes());
        let table = request.table_name.clone();
        let item = self.kind(&table, &request.key);
        let mut response = finished(delete_item::execute(&*self.lock(), request))
            .map_err(|error| refused(error, &table, item.clone(), false, 1))?;
        let capacity = taken(&mut response.consumed_capacity, asked.as_ref());
        Ok(written(write(&response)?, capacity, table, item, false))
    }

    fn query(&self, body: &[u8]) -> Answer {
        let mut request: query::QueryRequest = read(body)?;
        let asked = request.return_consumed_capacity.replace(indexes());
        let table = request.table_name.clone();
        let index = request.index_name.clone();
        let mut response = finished(query::execute(&*self.lock(), request))?;
        let capacity = taken(&mut response.consumed_capacity, asked.as_ref());
        let item = self.read_kind(&table, index, response.items.as_deref());
        Ok(Reply {
            json: write(&response)?,
            spent: capacity.map(|c| reading(c, item)).into_iter().collect(),
            wrote: Vec::new(),
        })
    }

    fn scan(&self, body: &[u8]) -> Answer {
        let mut request: scan::ScanRequest = read(body)?;
        let asked = request.return_consumed_capacity.replace(indexes());
        let mut response = finished(scan::execute(&*self.lock(), request))?;
        let capacity = taken(&mut response.consumed_capacity, asked.as_ref());
        Ok(Reply {
            json: write(&response)?,
            spent: capacity.map(|c| reading(c, "scan".to_owned())).into_iter().collect(),
            wrote: Vec::new(),
        })
    }

    fn batch_get(&self, body: &[u8]) -> Answer {
        let mut request: batch_get_item::BatchGetItemRequest = read(body)?;
        let asked = request.return_consumed_capacity.replace(indexes());
        let mut kinds = Kinds::default();
        for (table, keys) in &request.request_items {
            for key in &keys.keys {
                kinds.add(table, self.kind(table, key), false);
            }
        }
        let mut response = finished(batch_get_item::execute(&*self.lock(), request))?;
        let capacity = taken_all(&mut response.consumed_capacity, asked.as_ref());
        Ok(Reply {
            json: write(&response)?,
            spent: kinds.spent(capacity, false),
            wrote: Vec::new(),
        })
    }

    fn batch_write(&self, body: &[u8]) -> Answer {
        let mut request: batch_write_item::BatchWriteItemRequest = read(body)?;
        let asked = request.return_consumed_capacity.replace(indexes());
        let mut kinds = Kinds::default();
        for (table, requests) in &request.request_items {
            for request in requests {
                let item = match (&request.put_request, &request.delete_request) {
                    (Some(put), _) => &put.item,
                    (None, Some(delete)) => &delete.key,
                    (None, None) => continue,
                };
                kinds.add(table, self.kind(table, item), false);
            }
        }
        let mut response = finished(batch_write_item::execute(&*self.lock(), request))?;
        let capacity = taken_all(&mut response.consumed_capacity, asked.as_ref());
        Ok(Reply {
            json: write(&response)?,
            wrote: kinds.tables(),
            spent: kinds.spent(capacity, true),
        })
    }

    fn transact_get(&self, body: &[u8]) -> Answer {
        let mut request: transact_get_items::TransactGetItemsRequest = read(body)?;
        let asked = request.return_consumed_capacity.replace(indexes());
        let mut kinds = Kinds::default();
        for item in &request.transact_items {
            let table = &item.get.table_name;
            kinds.add(table, self.kind(table, &item.get.key), false);
        }
        let mut response = finished(transact_get_items::execute(&*self.lock(), request))?;
        let capacity = taken_all(&mut response.consumed_capacity, asked.as_ref());
        Ok(Reply {
            json: write(&response)?,
            spent: kinds.spent(capacity, false),
            wrote: Vec::new(),
        })
    }

    /// A token seen in the last ten minutes answers as it did then, and changes nothing.
    fn transact_write(&self, body: &Bytes) -> Result<Reply, Refused> {
        let mut request: transact_write_items::TransactWriteItemsRequest = read(body)?;
        let token = request.client_request_token.take();
        if let Some(token) = &token
            && let Some(answer) = self.remembered(token, body)?
        {
            return Ok(Reply {
                json: answer,
                spent: Vec::new(),
                wrote: Vec::new(),
            });
        }
        let asked = request.return_consumed_capacity.replace(indexes());
        let kinds = self.transaction_kinds(&request);
        let mut response =
            finished(transact_write_items::execute(&*self.lock(), request)).map_err(|error| Refused {
                spent: match &error {
                    // Charged as if each action had been of the smallest size, twice for the transaction.
                    DynoxideError::TransactionCanceledException(..) => kinds.clone().least(),
                    _ => Vec::new(),
                },
                error,
            })?;
        let capacity = taken_all(&mut response.consumed_capacity, asked.as_ref());
        let json = write(&response)?;
        if let Some(token) = token {
            let now = self.clock.now();
            self.lock_tokens().remember(now, token, body.clone(), json.clone());
        }
        Ok(Reply {
            json,
            wrote: kinds.tables(),
            spent: kinds.spent(capacity, true),
        })
    }

    fn lock_tokens(&self) -> std::sync::MutexGuard<'_, super::tables::Tokens> {
        self.tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn remembered(&self, token: &str, body: &Bytes) -> Result<Option<String>, DynoxideError> {
        let mut tokens = self.lock_tokens();
        tokens.forget(self.clock.now());
        let Some(remembered) = tokens.answers.get(token) else {
            return Ok(None);
        };
        if remembered.request == *body || items(&remembered.request) == items(body) {
            return Ok(Some(remembered.answer.clone()));
        }
        Err(DynoxideError::IdempotentParameterMismatchException(
            "An error occurred (IdempotentParameterMismatchException)".to_owned(),
        ))
    }

    fn transaction_kinds(&self, request: &transact_write_items::TransactWriteItemsRequest) -> Kinds {
        let mut kinds = Kinds::default();
        for action in &request.transact_items {
            if let Some(put) = &action.put {
                let created = creates(put.condition_expression.as_deref());
                kinds.add(&put.table_name, self.kind(&put.table_name, &put.item), created);
            } else if let Some(update) = &action.update {
                let kind = self.kind(&update.table_name, &update.key);
                kinds.add(&update.table_name, kind, false);
            } else if let Some(delete) = &action.delete {
                let kind = self.kind(&delete.table_name, &delete.key);
                kinds.add(&delete.table_name, kind, false);
            } else if let Some(check) = &action.condition_check {
                let kind = self.kind(&check.table_name, &check.key);
                kinds.add(&check.table_name, kind, false);
            }
        }
        kinds
    }

    fn describe(&self, body: &[u8]) -> Answer {
        let request: describe_table::DescribeTableRequest = read(body)?;
        let response = finished(describe_table::execute(&*self.lock(), request, &self.lifecycle))?;
        Ok(free(write(&response)?))
    }

    fn list(&self, body: &[u8]) -> Answer {
        let request: list_tables::ListTablesRequest = read(body)?;
        let response = finished(list_tables::execute(&*self.lock(), request))?;
        Ok(free(write(&response)?))
    }

    fn kind(&self, table: &str, item: &HashMap<String, AttributeValue>) -> String {
        match item.get(self.sort_key(table)) {
            Some(AttributeValue::S(key)) => item_kind(key),
            _ => String::new(),
        }
    }

    fn read_kind(&self, table: &str, index: Option<String>, items: Option<&[Item]>) -> String {
        match (index, items.and_then(<[Item]>::first)) {
            (Some(index), _) => format!("index {index}"),
            (None, Some(item)) => self.kind(table, item),
            (None, None) => "(nothing)".to_owned(),
        }
    }
}

fn indexes() -> String {
    "INDEXES".to_owned()
}

fn written(json: String, capacity: Option<ConsumedCapacity>, table: String, item: String, created: bool) -> Reply {
    Reply {
        json,
        spent: vec![Spent {
            table: table.clone(),
            item,
            created,
            read: 0.0,
            write: capacity.map_or(0.0, |capacity| capacity.capacity_units),
        }],
        wrote: vec![table],
    }
}

fn free(json: String) -> Reply {
    Reply {
        json,
        spent: Vec::new(),
        wrote: Vec::new(),
    }
}

/// What a transaction does, apart from how its request was written down.
fn items(body: &[u8]) -> Option<Value> {
    let mut request: Value = serde_json::from_slice(body).ok()?;
    request.get_mut("TransactItems").map(Value::take)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, DynoxideError> {
    serde_json::from_slice(body).map_err(|error| {
        let text = error.to_string();
        let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(head, _)| head);
        // The engine's readers mark the class of their refusals in front of the message.
        for mark in ["VALIDATION_REQUEST:", "VALIDATION_AS_READ:", "VALIDATION:"] {
            if let Some(message) = text.strip_prefix(mark) {
                return DynoxideError::ValidationException(message.to_owned());
            }
        }
        if text.contains("missing field") || text.contains("AttributeValue") {
            return DynoxideError::ValidationException(text.to_owned());
        }
        DynoxideError::SerializationException(text.to_owned())
    })
}

fn write<T: Serialize>(response: &T) -> Result<String, DynoxideError> {
    serde_json::to_string(response).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}
