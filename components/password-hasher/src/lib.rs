//! Computes the hashes of passwords for the other components, and can do nothing else: no database, no network, no variables.
//! It has no route of its own.

use backspin_core::{Error, Result};
use backspin_http::{Reply, Request};
use backspin_password_hash::Question;
use backspin_spin::App;

backspin_spin::serve!(handle, all);

async fn handle(_app: &App, request: &Request) -> Result<Reply> {
    let question: Question<'_> = request.json("The question cannot be read.")?;
    let answer = serde_json::to_string(&question.compute()?);
    Ok(Reply::ok(answer.map_err(|error| Error::internal(error.to_string()))?))
}
