//! The platform of an application on the database that is being made.

use std::path::Path;

use backspin_core::{DatabaseError, Env, Platform};
use backspin_native::NativeDatabase;
use backspin_password_hash::LocalHasher;
use backspin_schema::App;

pub(crate) struct Opened<'a, E> {
    database: NativeDatabase,
    env: &'a E,
}

impl<E: Env> Platform for Opened<'_, E> {
    type Database = NativeDatabase;
    type Env = E;
    type Hasher = LocalHasher;

    fn database(&self) -> &NativeDatabase {
        &self.database
    }

    fn env(&self) -> &E {
        self.env
    }

    fn hasher(&self) -> &LocalHasher {
        &LocalHasher
    }
}

pub(crate) fn open<'a, E: Env>(path: &Path, env: &'a E) -> Result<App<Opened<'a, E>>, DatabaseError> {
    Ok(App::new(Opened { database: NativeDatabase::open(path)?, env }))
}
