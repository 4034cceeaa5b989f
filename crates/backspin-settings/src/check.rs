//! What settings may be, with PocketBase's codes and messages.

mod address;
mod cron;
mod mail_api;
mod passwords;
mod rate_limits;

use backspin_core::{FieldError, FieldErrors, Result};
use backspin_schema::Snapshot;
use backspin_schema::field::{DomainOptions, Field, FieldOptions};
use backspin_schema::value::{required, to_stored};
use serde_json::json;

use crate::{Backups, Batch, Logs, Meta, S3, Settings, Smtp};

const FAILED: &str = "An error occurred while saving the new settings.";
const TEXT_CHARS_MAX: usize = 255;

/// Errors: 400 with each setting that is refused.
pub(crate) fn check(snapshot: &Snapshot, settings: &Settings) -> Result<()> {
    let mut errors = FieldErrors::default();
    add(&mut errors, "meta", meta(snapshot, &settings.meta)?);
    add(&mut errors, "smtp", smtp(&settings.smtp));
    add(&mut errors, "mailApi", mail_api::check(&settings.mail_api));
    add(&mut errors, "passwords", passwords::check(settings.passwords));
    add(&mut errors, "rateLimits", rate_limits::check(&settings.rate_limits));
    add(&mut errors, "batch", batch(&settings.batch));
    add(&mut errors, "logs", logs(&settings.logs));
    add(&mut errors, "s3", s3(snapshot, &settings.s3)?);
    add(&mut errors, "backups", backups(snapshot, &settings.backups)?);
    add(&mut errors, "superuserIPs", address::networks(&settings.superuser_ips));
    errors.into_result(FAILED)
}

fn add(errors: &mut FieldErrors, name: &str, inner: FieldErrors) {
    if !inner.is_empty() {
        errors.add(name, FieldError::Nested(inner));
    }
}

fn meta(snapshot: &Snapshot, meta: &Meta) -> Result<FieldErrors> {
    let mut errors = FieldErrors::default();
    for (name, text) in [("appName", &meta.app_name), ("senderName", &meta.sender_name)] {
        match text.chars().count() {
            0 => errors.add(name, required()),
            1..=TEXT_CHARS_MAX => {}
            _ => errors.add(name, out_of_range()),
        }
    }
    require(&mut errors, "appURL", &meta.app_url);
    url(snapshot, &mut errors, "appURL", &meta.app_url)?;
    require(&mut errors, "senderAddress", &meta.sender_address);
    if !is_email(snapshot, &meta.sender_address)? {
        let reason = "Must be a valid email address.";
        errors.add("senderAddress", FieldError::new("validation_is_email", reason));
    }
    if let Err(error) = color(&meta.accent_color) {
        errors.add("accentColor", error);
    }
    Ok(errors)
}

fn smtp(smtp: &Smtp) -> FieldErrors {
    let mut errors = FieldErrors::default();
    if smtp.enabled {
        require(&mut errors, "host", &smtp.host);
        require_number(&mut errors, "port", smtp.port);
    }
    at_least(&mut errors, "port", smtp.port, 0);
    for (name, host) in [("host", &smtp.host), ("localName", &smtp.local_name)] {
        if !host.is_empty() && !address::is_host(host) {
            let reason = "Must be a valid IP address or DNS name.";
            errors.add(name, FieldError::new("validation_is_host", reason));
        }
    }
    if !matches!(smtp.auth_method.as_str(), "" | "PLAIN" | "LOGIN") {
        errors.add("authMethod", not_a_choice());
    }
    errors
}

fn batch(batch: &Batch) -> FieldErrors {
    let mut errors = FieldErrors::default();
    for (name, number) in [("maxRequests", batch.max_requests), ("timeout", batch.timeout)] {
        if batch.enabled {
            require_number(&mut errors, name, number);
        }
        at_least(&mut errors, name, number, 0);
    }
    at_least(&mut errors, "maxBodySize", batch.max_body_size, 0);
    errors
}

fn logs(logs: &Logs) -> FieldErrors {
    let mut errors = FieldErrors::default();
    at_least(&mut errors, "maxDays", logs.max_days, 0);
    at_least(&mut errors, "maxDataSize", logs.max_data_size, 0);
    errors
}

fn s3(snapshot: &Snapshot, s3: &S3) -> Result<FieldErrors> {
    let mut errors = FieldErrors::default();
    if s3.enabled {
        for (name, text) in [
            ("bucket", &s3.bucket),
            ("region", &s3.region),
            ("endpoint", &s3.endpoint),
            ("accessKey", &s3.access_key),
            ("secret", &s3.secret),
        ] {
            require(&mut errors, name, text);
        }
    }
    url(snapshot, &mut errors, "endpoint", &s3.endpoint)?;
    Ok(errors)
}

fn backups(snapshot: &Snapshot, backups: &Backups) -> Result<FieldErrors> {
    let mut errors = FieldErrors::default();
    if !backups.cron.is_empty() {
        if let Err(reason) = cron::check(&backups.cron) {
            errors.add("cron", FieldError::new("validation_invalid_cron", reason));
        }
        require_number(&mut errors, "cronMaxKeep", backups.cron_max_keep);
    }
    if backups.cron_max_keep != 0 {
        at_least(&mut errors, "cronMaxKeep", backups.cron_max_keep, 1);
    }
    add(&mut errors, "s3", s3(snapshot, &backups.s3)?);
    Ok(errors)
}

fn require(errors: &mut FieldErrors, name: &str, text: &str) {
    if text.is_empty() {
        errors.add(name, required());
    }
}

fn require_number(errors: &mut FieldErrors, name: &str, number: i64) {
    if number == 0 {
        errors.add(name, required());
    }
}

fn at_least(errors: &mut FieldErrors, name: &str, number: i64, min: i64) {
    if number < min {
        let code = "validation_min_greater_equal_than_required";
        let reason = format!("Must be no less than {min}.");
        errors.add(name, FieldError::with_params(code, reason, json!({ "threshold": min })));
    }
}

fn url(snapshot: &Snapshot, errors: &mut FieldErrors, name: &str, text: &str) -> Result<()> {
    if is_valid(snapshot, FieldOptions::Url(DomainOptions::default()), text)? {
        return Ok(());
    }
    errors.add(name, FieldError::new("validation_is_url", "Must be a valid URL."));
    Ok(())
}

/// Whether `text` is empty or an email address as records have them.
fn is_email(snapshot: &Snapshot, text: &str) -> Result<bool> {
    is_valid(snapshot, FieldOptions::Email(DomainOptions::default()), text)
}

/// Whether a field of these options would take the text.
fn is_valid(snapshot: &Snapshot, options: FieldOptions, text: &str) -> Result<bool> {
    Ok(to_stored(snapshot, &Field::new("", options), &text.into())?.is_ok())
}

fn color(color: &str) -> Result<(), FieldError> {
    if color.is_empty() {
        return Ok(());
    }
    if color.chars().count() != 7 {
        let params = json!({ "min": 7, "max": 7 });
        let reason = "The length must be exactly 7.";
        return Err(FieldError::with_params("validation_length_invalid", reason, params));
    }
    let digits = color.strip_prefix('#').unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let reason = "Must be a valid hexadecimal color code.";
        return Err(FieldError::new("validation_is_hex_color", reason));
    }
    Ok(())
}

fn out_of_range() -> FieldError {
    let params = json!({ "min": 1, "max": TEXT_CHARS_MAX });
    let reason = format!("The length must be between 1 and {TEXT_CHARS_MAX}.");
    FieldError::with_params("validation_length_out_of_range", reason, params)
}

fn not_a_choice() -> FieldError {
    FieldError::new("validation_in_invalid", "Must be a valid value.")
}
