//! `POST /api/batch`: several writes of records, all or nothing.

use backspin_auth::{admit_batch, check_old_passwords, identify_with_key};
use backspin_core::{Error, Result};
use backspin_http::{Method, Reply, Request};
use backspin_records::{BatchLimits, RequestInfo, batch, changes_of_passwords};
use backspin_spin::App;

backspin_spin::serve!(handle);

async fn handle(app: &App, request: &Request) -> Result<Reply> {
    match *request.method() {
        Method::POST => {
            let limits = BatchLimits::of(app).await?;
            limits.check_size(request.body_bytes())?;
            let body = request.object("Failed to read the submitted batch data.")?;
            let caller = identify_with_key(app, request.token()).await?;
            let info = RequestInfo::new(&caller, "POST", request);
            admit_batch(app, &info, &body).await?;
            let checked = check_old_passwords(app, &info, &changes_of_passwords(&body)).await?;
            let info = RequestInfo { checked_passwords: &checked, ..info };
            batch(app, &info, body, limits).await.map(Reply::ok)
        }
        Method::GET => Err(Error::NotFound("File not found.".to_owned())),
        _ => Err(Error::not_found()),
    }
}
