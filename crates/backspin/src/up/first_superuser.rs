//! The superuser of an empty database, so that somebody can sign in at all.

use backspin_auth::{any_superuser, create_superuser};
use backspin_core::Platform;
use backspin_host::variables::Resolver;
use backspin_schema::App;

use crate::application::explain;
use crate::output::println;
use crate::password;

/// The variables that an application of Backspin declares.
const EMAIL: &str = "superuser_email";
const PASSWORD: &str = "superuser_password";

const DEFAULT_EMAIL: &str = "admin@example.com";

/// Whether the application declares them.
pub(super) fn is_wanted(variables: &Resolver) -> bool {
    [EMAIL, PASSWORD].iter().all(|name| variables.find(name).is_some())
}

/// Makes a superuser if there is none: with the email and password of the variables; what is not set is chosen here,
/// and the password printed this once.
pub(super) async fn ensure(app: &App<impl Platform>, variables: &Resolver) -> anyhow::Result<()> {
    if any_superuser(app).await.map_err(explain)? {
        return Ok(());
    }
    let given = |name| variables.find(name).unwrap_or_default();
    let email = if given(EMAIL).is_empty() { DEFAULT_EMAIL } else { given(EMAIL) };
    create(app, email, given(PASSWORD)).await
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
