//! A WASI 0.2 component that tries each capability of the host: the path says which, the query with what.
//! It answers with plain text; what was refused is answered as `error: …`.
#![allow(unsafe_code, reason = "the entry point that the SDK's macro writes")]

use std::collections::HashMap;

use spin_sdk::http::{IntoResponse, Method, Request, Response, send};
use spin_sdk::http_component;
use spin_sdk::key_value::Store;
use spin_sdk::sqlite::{Connection, Value};
use spin_sdk::variables;

#[http_component]
async fn handle(request: Request) -> impl IntoResponse {
    let url = url::Url::parse("http://guest").and_then(|base| base.join(request.uri()));
    let (path, query): (String, HashMap<String, String>) = match &url {
        Ok(url) => (url.path().to_owned(), url.query_pairs().into_owned().collect()),
        Err(_) => (String::new(), HashMap::new()),
    };
    let argument = |name: &str| query.get(name).cloned().unwrap_or_default();
    let text = match path.as_str() {
        "/classic/hello" => Ok("hello".to_owned()),
        "/classic/length" => Ok(request.body().len().to_string()),
        "/classic/sqlite" => sqlite(&argument("database"), &argument("sql")),
        "/classic/key-value" => key_value(&argument("store"), &argument("key"), &argument("value")),
        "/classic/variable" => {
            variables::get(&argument("name")).map_err(|error| anyhow::anyhow!("{error:?}"))
        }
        "/classic/fetch" => fetch(&argument("url")).await,
        "/classic/panic" => panic!("as asked for"),
        _ => Err(anyhow::anyhow!("no such test: {path}")),
    };
    Response::new(200, text.unwrap_or_else(|error| format!("error: {error:#}")))
}

fn sqlite(database: &str, sql: &str) -> anyhow::Result<String> {
    let connection = Connection::open(database)?;
    let result = connection.execute(sql, &[])?;
    let lines = result.rows.iter().map(|row| row.values.iter().map(show).collect::<Vec<_>>().join("|"));
    Ok(std::iter::once(result.columns.join("|")).chain(lines).collect::<Vec<_>>().join("\n"))
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

fn key_value(store: &str, key: &str, value: &str) -> anyhow::Result<String> {
    let store = Store::open(store)?;
    let before = store.exists(key)?;
    store.set(key, value.as_bytes())?;
    let read = store.get(key)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let keys = store.get_keys()?;
    store.delete(key)?;
    let after = store.exists(key)?;
    Ok(format!("{before} {read:?} {keys:?} {after}"))
}

async fn fetch(url: &str) -> anyhow::Result<String> {
    let request = Request::builder().method(Method::Get).uri(url).build();
    let response: Response = send(request).await?;
    Ok(format!("{} {}", response.status(), String::from_utf8_lossy(response.body())))
}
