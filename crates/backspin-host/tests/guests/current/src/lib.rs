//! A WASI 0.3 component that tries each capability of the host: the path says which, the query with what.
//! It answers with plain text; what was refused is answered as `error: …`.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use http_body_util::BodyExt as _;
use spin_sdk::http::body::{IncomingBodyExt as _, stream};
use spin_sdk::http::{BoxBody, FullBody, Request, Response, box_body};
use spin_sdk::sqlite::{Connection, Value};
use spin_sdk::{http_service, key_value, variables};

#[http_service]
async fn handle(request: Request) -> Response<BoxBody> {
    let url = url::Url::parse("http://guest").and_then(|base| base.join(&request.uri().to_string()));
    let query: HashMap<String, String> = match &url {
        Ok(url) => url.query_pairs().into_owned().collect(),
        Err(_) => HashMap::new(),
    };
    let argument = |name: &str| query.get(name).cloned().unwrap_or_default();
    let path = request.uri().path().to_owned();
    let text = match path.as_str() {
        "/hello" => Ok("hello".to_owned()),
        "/headers" => Ok(list_headers(&request)),
        "/echo" => return echo(request).await,
        "/length" => request.into_body().bytes().await.map(|body| body.len().to_string()).map_err(Into::into),
        "/sqlite" => sqlite(&argument("database"), &argument("sql")).await,
        "/transaction" => transaction(&argument("end")).await,
        "/key-value" => key_value(&argument("store"), &argument("key"), &argument("value")).await,
        "/variable" => variables::get(argument("name")).await.map_err(|error| anyhow::anyhow!("{error:?}")),
        "/environment" => std::env::var(argument("name")).map_err(Into::into),
        "/file" => std::fs::read_to_string(argument("name")).map_err(Into::into),
        "/write-file" => std::fs::write(argument("name"), "x").map(|()| String::new()).map_err(Into::into),
        "/fetch" => fetch(&argument("url")).await,
        "/ticks" => return ticks(&argument("count"), &argument("pause_ms")),
        "/sleep" => {
            spin_sdk::time::sleep(Duration::from_millis(argument("ms").parse().unwrap_or(0))).await;
            Ok("awake".to_owned())
        }
        "/print" => {
            println!("out: {}", argument("text"));
            eprintln!("err: {}", argument("text"));
            Ok(String::new())
        }
        "/trap" => std::process::abort(),
        "/panic" => panic!("as asked for"),
        "/loop" => spin(),
        "/bomb" => Ok(bomb().to_string()),
        "/random" => Ok(format!("{:?}", std::hash::RandomState::new())),
        _ => Err(anyhow::anyhow!("no such test: {path}")),
    };
    let text = text.unwrap_or_else(|error| format!("error: {error:#}"));
    Response::new(box_body(FullBody::new(Bytes::from(text))))
}

fn list_headers(request: &Request) -> String {
    let mut lines: Vec<String> = request
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    lines.sort();
    lines.join("\n")
}

/// Sends back what comes, part by part, as it comes.
async fn echo(request: Request) -> Response<BoxBody> {
    let (mut sender, body) = stream::<Bytes>();
    let mut parts = request.into_body().stream();
    spin_sdk::wasip3::spawn(async move {
        while let Some(Ok(part)) = parts.next().await {
            if sender.send(part).await.is_err() {
                break;
            }
        }
    });
    Response::new(box_body(body))
}

/// Server-sent events: `count` of them with a pause before each, until the client goes.
fn ticks(count: &str, pause_ms: &str) -> Response<BoxBody> {
    let count: u32 = count.parse().unwrap_or(0);
    let pause = Duration::from_millis(pause_ms.parse().unwrap_or(0));
    let (mut sender, body) = stream::<Bytes>();
    spin_sdk::wasip3::spawn(async move {
        for tick in 0..count {
            spin_sdk::time::sleep(pause).await;
            if sender.send(Bytes::from(format!("data: {tick}\n\n"))).await.is_err() {
                println!("client gone after {tick}");
                return;
            }
        }
        println!("all ticks sent");
    });
    Response::new(box_body(body))
}

async fn sqlite(database: &str, sql: &str) -> anyhow::Result<String> {
    let connection = Connection::open(database).await?;
    let result = connection.execute(sql, []).await?;
    let columns = result.columns().join("|");
    let rows = result.collect().await?;
    let lines = rows.iter().map(|row| row.values.iter().map(show).collect::<Vec<_>>().join("|"));
    Ok(std::iter::once(columns).chain(lines).collect::<Vec<_>>().join("\n"))
}

fn show(value: &Value) -> String {
    match value {
        Value::Integer(value) => value.to_string(),
        Value::Real(value) => format!("{value:?}"),
        Value::Text(value) => value.clone(),
        Value::Blob(value) => format!("{value:x?}"),
        Value::Null => "NULL".to_owned(),
    }
}

/// Inserts in a transaction and ends it by `COMMIT`, `ROLLBACK`, or by going away (`drop`).
async fn transaction(end: &str) -> anyhow::Result<String> {
    let connection = Connection::open_default().await?;
    for sql in ["CREATE TABLE IF NOT EXISTS t (a)", "BEGIN IMMEDIATE", "INSERT INTO t VALUES (1)"] {
        connection.execute(sql, []).await?.result().await?;
    }
    if end != "drop" {
        connection.execute(end, []).await?.result().await?;
    }
    drop(connection);
    sqlite("default", "SELECT COUNT(*) FROM t").await
}

/// Writes `value` under `key`, reads it back, lists the keys, deletes it.
async fn key_value(store: &str, key: &str, value: &str) -> anyhow::Result<String> {
    let store = key_value::Store::open(store).await?;
    let before = store.exists(key).await?;
    store.set(key, value.as_bytes()).await?;
    let read = store.get(key).await?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let keys = store.get_keys().await.collect().await?;
    store.delete(key).await?;
    let after = store.exists(key).await?;
    Ok(format!("{before} {read:?} {keys:?} {after}"))
}

async fn fetch(url: &str) -> anyhow::Result<String> {
    let response = spin_sdk::http::get(url).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    Ok(format!("{} {}", status.as_u16(), String::from_utf8_lossy(&body)))
}

/// Computes for ever.
fn spin() -> anyhow::Result<String> {
    let mut number = 1_u64;
    loop {
        number = std::hint::black_box(number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    }
}

/// Takes memory until there is no more.
fn bomb() -> usize {
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    loop {
        hoard.push(std::hint::black_box(vec![1; 1 << 20]));
    }
}
