//! View collections, made anew from their queries as if a superuser did so.

use backspin_core::{Database, Env, Error};
use backspin_schema::{App, AuthRecord, Caller, Collection, SUPERUSERS_ID, store};
use serde_json::{Map, Value as Json, json};

use crate::platform::Opened;
use crate::{Brought, ImportError, Report};

/// Makes the views, each after those that it reads. One that cannot be made is only told.
pub(crate) async fn bring<E: Env>(
    app: &App<Opened<'_, E>>,
    views: Vec<Collection>,
    report: &mut Report,
) -> Result<(), ImportError> {
    let mut waiting = views;
    loop {
        let mut refused = Vec::new();
        let before = waiting.len();
        for view in waiting {
            match make(app, &view).await {
                Ok(()) => {
                    report.collections.push(Brought { name: view.name, kind: "view", records: None });
                }
                Err(error) if error.status() >= 500 => return Err(error.into()),
                Err(error) => refused.push((view, error)),
            }
        }
        if refused.is_empty() {
            return Ok(());
        }
        if refused.len() == before {
            for (view, error) in refused {
                report.not_brought(format!("the view {}", view.name), reasons(&error));
            }
            return Ok(());
        }
        // Those that are there now may be what the others read.
        waiting = refused.into_iter().map(|(view, _)| view).collect();
    }
}

async fn make<E: Env>(app: &App<Opened<'_, E>>, view: &Collection) -> Result<(), Error> {
    let superuser = Caller::Record(AuthRecord {
        collection_id: SUPERUSERS_ID.to_owned(),
        collection_name: "_superusers".to_owned(),
        fields: Vec::new(),
    });
    let body = json!({
        "id": view.id,
        "name": view.name,
        "type": "view",
        "viewQuery": view.view_query(),
    });
    let Json::Object(body) = body else { return Ok(()) };
    backspin_collections::create(app, &superuser, body).await?;
    let made = app.reload().await?;
    let mut made = made.find_by_id(&view.id).cloned().ok_or_else(|| Error::internal("a view vanished"))?;
    // The fields are found in the query; what they were called by stays.
    for field in &mut made.fields {
        let old = view.find_field(&field.name).filter(|old| old.type_name() == field.type_name());
        if let Some(old) = old {
            field.id.clone_from(&old.id);
        }
    }
    // As all rules, they are kept even if they are not understood, and what they name may come later.
    made.list_rule.clone_from(&view.list_rule);
    made.view_rule.clone_from(&view.view_rule);
    made.created.clone_from(&view.created);
    made.updated.clone_from(&view.updated);
    app.database().transact(async |transaction| store::update(transaction, &made).await).await
}

/// What is wrong with a view, in the words that a client gets.
fn reasons(error: &Error) -> String {
    let mut found = Vec::new();
    if let Error::BadRequest { fields, .. } = error {
        collect(&serde_json::to_value(fields).unwrap_or_default(), &mut found);
    }
    if found.is_empty() { error.to_string() } else { found.join(" ") }
}

fn collect(fields: &Json, found: &mut Vec<String>) {
    for (name, field) in fields.as_object().into_iter().flat_map(Map::iter) {
        match field["message"].as_str() {
            // The fields of a view are missing whenever its query is wrong, which is said too.
            Some(_) if name == "fields" => {}
            Some(message) => found.push(message.to_owned()),
            None => collect(field, found),
        }
    }
}
