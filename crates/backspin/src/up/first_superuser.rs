//! The superuser of an empty database, so that somebody can sign in at all.

use backspin_auth::{any_superuser, create_superuser};
use backspin_core::Platform;
use backspin_host::StateFolder;
use backspin_host::manifest::Manifest;
use backspin_host::variables::Resolver;
use backspin_schema::App;

use crate::application::{explain, open};
use crate::output::println;
use crate::password;

/// The variables that an application of Backspin declares.
const EMAIL: &str = "superuser_email";
const PASSWORD: &str = "superuser_password";

const DEFAULT_EMAIL: &str = "admin@example.com";

/// Makes a superuser if the application is Backspin and has none: with the email and password of its variables;
/// what is not set is chosen here, and the password printed this once.
pub(super) async fn ensure(
    manifest: &Manifest,
    variables: &Resolver,
    state: &StateFolder,
) -> anyhow::Result<()> {
    let (Some(email), Some(password)) = (variables.find(EMAIL), variables.find(PASSWORD)) else {
        return Ok(());
    };
    let uses_database = manifest.components.iter().any(|component| !component.sqlite_databases.is_empty());
    if !uses_database {
        return Ok(());
    }
    let app = open(state)?;
    if any_superuser(&app).await.map_err(explain)? {
        return Ok(());
    }
    let email = if email.is_empty() { DEFAULT_EMAIL } else { email };
    create(&app, email, password).await
}

async fn create(app: &App<impl Platform>, email: &str, given: &str) -> anyhow::Result<()> {
    let password = if given.is_empty() { password::generate(app.env()) } else { given.to_owned() };
    create_superuser(app, email, &password).await.map_err(|error| {
        explain(error).context(format!("the variables {EMAIL} and {PASSWORD} cannot be used"))
    })?;
    println!("Created the first superuser:");
    println!("  email     {email}");
    if given.is_empty() {
        println!("  password  {password}");
        println!("Keep the password: it is not shown again. A new one: backspin superuser upsert {email}");
    }
    Ok(())
}
