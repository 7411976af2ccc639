//! One endpoint for DynamoDB, SNS and EventBridge: the protocol tells them apart.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Response, StatusCode};
use serde_json::json;
use tokio::net::TcpListener;

use super::ONLOOKER;
use super::endpoints::Endpoint;
use super::events;
use super::faults::Kind;
use super::interruptions::{self, Moment};
use super::operations::writes;
use super::permissions::{self, Need};
use super::runtime_api::Slot;
use super::shared::{Shared, lock};
use super::sns::{Form, Refusal};

/// DynamoDB takes requests of 16 MB.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

const DYNAMODB: &str = "DynamoDB_20120810.";
const EVENTS: &str = "AWSEvents.";
const ACCESS_DENIED: &str = "com.amazon.coral.service#AccessDeniedException";

/// Serves the endpoint until the task is dropped.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let app = Router::new()
        .fallback(answer)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(shared);
    if let Err(error) = axum::serve(listener, app).await {
        tracing::error!(%error, "the endpoint stopped");
    }
}

async fn answer(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let token = headers
        .get("x-amz-security-token")
        .and_then(|token| token.to_str().ok());
    let process = token.and_then(|token| Some((token, Arc::clone(lock(&shared.slots).get(token)?))));
    let Some((token, slot)) = process else {
        return carry_out(&shared, &headers, &body, None).await;
    };
    let request = slot.next_request();
    interruptions::at_request(&shared, token, &slot, request, Moment::Before).await;
    let response = carry_out(&shared, &headers, &body, Some(&slot)).await;
    interruptions::at_request(&shared, token, &slot, request, Moment::After).await;
    response
}

async fn carry_out(shared: &Arc<Shared>, headers: &HeaderMap, body: &Bytes, process: Option<&Slot>) -> Response<Body> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let caller = header("authorization").map_or("unknown", caller);
    let refusal = |needs: &[Need]| permissions::refusal(&shared.wiring, caller, needs);
    let target = header("x-amz-target").unwrap_or_default();
    if let Some(operation) = target.strip_prefix(DYNAMODB) {
        return match refusal(&permissions::dynamodb(operation, body)) {
            None => dynamodb(shared, operation, caller, body),
            Some(why) => json_error(StatusCode::BAD_REQUEST, ACCESS_DENIED, &why),
        };
    }
    if let Some(operation) = target.strip_prefix(EVENTS) {
        return match refusal(&events::needs(body)) {
            None => eventbridge(shared, operation, body),
            Some(why) => json_error(StatusCode::BAD_REQUEST, "AccessDeniedException", &why),
        };
    }
    let form: Form = form_urlencoded::parse(body).into_owned().collect();
    if let Some(message) = refusal(&[permissions::sns(&form)]) {
        let code = "AuthorizationError";
        let refusal = Refusal {
            status: 403,
            code,
            message,
        };
        return xml_error(&refusal, &shared.ids.next());
    }
    sns(shared, &form, caller, process).await
}

/// Who signed: `Credential=NAME/…`.
fn caller(authorization: &str) -> &str {
    authorization
        .split_once("Credential=")
        .and_then(|(_, rest)| rest.split('/').next())
        .unwrap_or("unknown")
}

fn dynamodb(shared: &Shared, operation: &str, caller: &str, body: &Bytes) -> Response<Body> {
    let may_fail = caller != ONLOOKER;
    if may_fail && shared.dice.throw(Kind::Throttle) {
        return json_error(
            StatusCode::BAD_REQUEST,
            "com.amazonaws.dynamodb.v20120810#ThrottlingException",
            "Rate of requests exceeds the allowed throughput.",
        );
    }
    let mut journal = writes(operation).then(|| shared.journal.page()).flatten();
    let Some(result) = shared.tables.execute(operation, body) else {
        return json_error(
            StatusCode::BAD_REQUEST,
            "com.amazon.coral.service#UnknownOperationException",
            &format!("{operation} is not served here"),
        );
    };
    let (status, json, spent) = match result {
        Ok(reply) => {
            // A transaction that is asked for again with its token is answered, and writes nothing.
            if let Some(journal) = &mut journal
                && !reply.wrote.is_empty()
            {
                let body = serde_json::from_slice(body).unwrap_or_default();
                journal.add(caller, operation, body, shared.clock.now());
            }
            for table in &reply.wrote {
                shared.wake(table);
            }
            (StatusCode::OK, reply.json, reply.spent)
        }
        Err(refused) => (
            StatusCode::from_u16(refused.error.status_code()).unwrap_or(StatusCode::BAD_REQUEST),
            refused.error.to_json(),
            refused.spent,
        ),
    };
    drop(journal);
    for spent in spent {
        let table = shared.tables.logical(&spent.table).to_owned();
        shared.tally.add(caller, &table, operation, spent);
    }
    if may_fail && status == StatusCode::OK && writes(operation) && shared.dice.throw(Kind::Timeout) {
        return json_error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "com.amazonaws.dynamodb.v20120810#InternalServerError",
            "The request could not be completed in time.",
        );
    }
    respond(status, "application/x-amz-json-1.0", json)
}

fn eventbridge(shared: &Arc<Shared>, operation: &str, body: &[u8]) -> Response<Body> {
    if operation != "PutEvents" {
        let message = format!("{operation} is not served here");
        return json_error(StatusCode::BAD_REQUEST, "UnknownOperationException", &message);
    }
    match events::put_events(shared, body) {
        Ok(answer) => respond(StatusCode::OK, "application/x-amz-json-1.1", answer),
        Err(message) => json_error(StatusCode::BAD_REQUEST, "ValidationException", &message),
    }
}

async fn sns(shared: &Arc<Shared>, form: &Form, caller: &str, process: Option<&Slot>) -> Response<Body> {
    let action = form.get("Action").map(String::as_str).unwrap_or_default();
    let request = shared.ids.next();
    if shared.dice.throw(Kind::Throttle) {
        let refusal = Refusal {
            status: 400,
            code: "Throttling",
            message: "Rate exceeded".to_owned(),
        };
        return xml_error(&refusal, &request);
    }
    let endpoints = &shared.sns.endpoints;
    let result = match action {
        "Publish" => return publish(shared, form, &request, (caller, process)).await,
        "CreatePlatformEndpoint" => endpoints.create(form).map(|endpoint| {
            store(shared, &endpoint);
            format!("<EndpointArn>{}</EndpointArn>", escape(&endpoint.arn))
        }),
        "GetEndpointAttributes" => endpoints.get(form).map(|endpoint| attributes(&endpoint)),
        "SetEndpointAttributes" => endpoints.set(form).map(|endpoint| {
            store(shared, &endpoint);
            String::new()
        }),
        "DeleteEndpoint" => endpoints.delete(form).map(|endpoint| {
            if let Some(endpoint) = endpoint {
                store(shared, &endpoint);
            }
            String::new()
        }),
        "CheckIfPhoneNumberIsOptedOut" => shared.sns.opt_outs.check(form),
        "ListPhoneNumbersOptedOut" => shared.sns.opt_outs.page(form),
        "OptInPhoneNumber" => shared.sns.opt_outs.opt_in(form, shared.clock.now()).map(|change| {
            if let Some(change) = change {
                shared.opt_out(&change);
            }
            String::new()
        }),
        _ => Err(Refusal {
            status: 400,
            code: "InvalidAction",
            message: format!("The action {action} is not served here."),
        }),
    };
    match result {
        Ok(result) => xml(action, &result, &request),
        Err(refusal) => xml_error(&refusal, &request),
    }
}

async fn publish(
    shared: &Arc<Shared>,
    form: &Form,
    request: &str,
    (caller, process): (&str, Option<&Slot>),
) -> Response<Body> {
    let id = shared.ids.next();
    let now = shared.clock.now();
    let accepted = shared.sns.accept(form, id.clone(), now, &shared.dice);
    let message = match accepted {
        Ok(message) => message,
        Err(refusal) => return xml_error(&refusal, request),
    };
    if let Some(mut journal) = shared.journal.page() {
        journal.add(caller, "Publish", json!(form), now);
    }
    shared.sns.keep(message, |message| {
        if let Some(store) = &shared.store {
            store.append_published(message);
        }
    });
    if shared.dice.throw(Kind::CrashAfterPublish)
        && let Some(slot) = process
    {
        interruptions::die(slot).await;
    }
    if shared.dice.throw(Kind::Timeout) {
        let refusal = Refusal {
            status: 500,
            code: "InternalError",
            message: "The request could not be completed in time.".to_owned(),
        };
        return xml_error(&refusal, request);
    }
    xml("Publish", &format!("<MessageId>{id}</MessageId>"), request)
}

fn store(shared: &Shared, endpoint: &Endpoint) {
    if let Some(store) = &shared.store {
        store.append_endpoint(endpoint);
    }
}

fn attributes(endpoint: &Endpoint) -> String {
    let mut entries = String::new();
    for (key, value) in &endpoint.attributes {
        let (key, value) = (escape(key), escape(value));
        let _ = write!(entries, "<entry><key>{key}</key><value>{value}</value></entry>");
    }
    format!("<Attributes>{entries}</Attributes>")
}

fn xml(action: &str, result: &str, request: &str) -> Response<Body> {
    let result = if result.is_empty() {
        String::new()
    } else {
        format!("<{action}Result>{result}</{action}Result>")
    };
    let body = format!(
        "<{action}Response xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">{result}\
         <ResponseMetadata><RequestId>{request}</RequestId></ResponseMetadata></{action}Response>"
    );
    respond(StatusCode::OK, "text/xml", body)
}

fn xml_error(refusal: &Refusal, request: &str) -> Response<Body> {
    let kind = if refusal.status < 500 { "Sender" } else { "Receiver" };
    let body = format!(
        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>{kind}</Type>\
         <Code>{}</Code><Message>{}</Message></Error><RequestId>{request}</RequestId></ErrorResponse>",
        refusal.code,
        escape(&refusal.message)
    );
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
    respond(status, "text/xml", body)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn json_error(status: StatusCode, kind: &str, message: &str) -> Response<Body> {
    let body = json!({"__type": kind, "message": message}).to_string();
    respond(status, "application/x-amz-json-1.0", body)
}

fn respond(status: StatusCode, content_type: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(
        axum::http::header::CONTENT_TYPE,
        axum::http::HeaderValue::from_static(content_type),
    );
    response
}
