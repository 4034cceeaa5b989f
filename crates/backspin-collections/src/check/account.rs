//! The options of an auth collection.

mod oauth2;

use backspin_core::{FieldError, FieldErrors};
use backspin_schema::collection::{AuthOptions, EmailTemplate, Mfa, Otp, PasswordAuth, Token};
use backspin_schema::{Collection, Schema};
use serde_json::json;

use super::name::length_between;
use super::options::between;
use super::{add, nested, required, rules};
use crate::account::is_unique;

const DURATION_SECONDS_MIN: i64 = 10;
/// Three years.
const TOKEN_SECONDS_MAX: i64 = 94_670_856;
const ONE_DAY_SECONDS: i64 = 86_400;
const OTP_DIGITS_MIN: i64 = 4;
const SECRET_CHARS_MIN: usize = 30;
const SECRET_CHARS_MAX: usize = 255;
const MFA_METHODS_MIN: usize = 2;

pub(super) fn check(collection: &Collection, schema: &Schema, errors: &mut FieldErrors) {
    let Some(options) = collection.auth() else { return };
    if let Some(rule) = &options.auth_rule {
        add(errors, "authRule", rules::rule(rule, collection, schema, true));
    }
    if let Some(rule) = &options.manage_rule {
        let blank = FieldError::new("validation_nil_or_not_empty_required", "Cannot be blank.");
        let result = rules::rule(rule, collection, schema, true);
        add(errors, "manageRule", if rule.is_empty() { Err(blank) } else { result });
    }
    add(errors, "passwordAuth", password_auth(collection, &options.password_auth));
    add(errors, "oauth2", oauth2::check(&options.oauth2));
    add(errors, "otp", otp(&options.otp));
    add(errors, "mfa", mfa(collection, schema, options, &options.mfa));
    for (part, token) in [
        ("authToken", &options.auth_token),
        ("passwordResetToken", &options.password_reset_token),
        ("emailChangeToken", &options.email_change_token),
        ("verificationToken", &options.verification_token),
        ("fileToken", &options.file_token),
    ] {
        add(errors, part, self::token(token));
    }
    for (part, template) in [
        ("verificationTemplate", &options.verification_template),
        ("resetPasswordTemplate", &options.reset_password_template),
        ("confirmEmailChangeTemplate", &options.confirm_email_change_template),
    ] {
        add(errors, part, self::template(template));
    }
    let alert = template(&options.auth_alert.email_template);
    add(errors, "authAlert", alert.map_err(|error| nested("emailTemplate", error)));
}

fn password_auth(collection: &Collection, options: &PasswordAuth) -> Result<(), FieldError> {
    if !options.enabled {
        return Ok(());
    }
    if options.identity_fields.is_empty() {
        return Err(nested("identityFields", required()));
    }
    for name in &options.identity_fields {
        let wrong = |code, message: String| {
            nested("identityFields", FieldError::with_params(code, message, json!({ "fieldName": name })))
        };
        if name.is_empty() {
            return Err(nested("identityFields", required()));
        }
        if collection.find_field(name).is_none() {
            return Err(wrong("validation_missing_field", format!("Invalid or missing field {name}.")));
        }
        if !is_unique(collection, name) {
            let message = format!("The field {name} doesn't have a UNIQUE constraint.");
            return Err(wrong("validation_missing_unique_constraint", message));
        }
    }
    Ok(())
}

fn otp(options: &Otp) -> Result<(), FieldError> {
    let mut errors = FieldErrors::default();
    if options.enabled {
        add(&mut errors, "duration", duration(options.duration, ONE_DAY_SECONDS));
        let length = match options.length {
            0 => Err(required()),
            length => between(length, OTP_DIGITS_MIN, i64::MAX),
        };
        add(&mut errors, "length", length);
    }
    add(&mut errors, "emailTemplate", template(&options.email_template));
    all(errors)
}

fn mfa(collection: &Collection, schema: &Schema, options: &AuthOptions, mfa: &Mfa) -> Result<(), FieldError> {
    if !mfa.enabled {
        return Ok(());
    }
    duration(mfa.duration, ONE_DAY_SECONDS).map_err(|error| nested("duration", error))?;
    let methods = [options.password_auth.enabled, options.otp.enabled, options.oauth2.enabled];
    if methods.iter().filter(|enabled| **enabled).count() < MFA_METHODS_MIN {
        let message = format!("MFA requires at least {MFA_METHODS_MIN} auth methods to be enabled.");
        return Err(nested("enabled", FieldError::new("validation_mfa_not_enough_auths", message)));
    }
    rules::rule(&mfa.rule, collection, schema, true).map_err(|error| nested("rule", error))
}

fn token(token: &Token) -> Result<(), FieldError> {
    let mut errors = FieldErrors::default();
    let secret = match token.secret.as_str() {
        "" => Err(required()),
        secret => length_between(secret, SECRET_CHARS_MIN, SECRET_CHARS_MAX),
    };
    add(&mut errors, "secret", secret);
    add(&mut errors, "duration", duration(token.duration, TOKEN_SECONDS_MAX));
    all(errors)
}

fn template(template: &EmailTemplate) -> Result<(), FieldError> {
    let parts = [("subject", &template.subject), ("body", &template.body)];
    all(parts.into_iter().filter(|(_, text)| text.is_empty()).map(|(part, _)| (part, required())).collect())
}

fn duration(seconds: i64, max: i64) -> Result<(), FieldError> {
    if seconds == 0 { Err(required()) } else { between(seconds, DURATION_SECONDS_MIN, max) }
}

fn all(errors: FieldErrors) -> Result<(), FieldError> {
    if errors.is_empty() { Ok(()) } else { Err(FieldError::Nested(errors)) }
}
