//! PocketBase and Backspin for a part of the benchmark that has data of its own: some of it is written while they do
//! not run.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::server::Server;
use crate::{backspin, pocketbase};

/// The name of the peer's data folder; Backspin's is given.
const PEER: &str = "pocketbase-pair";

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Own,
    Peer,
}

impl Side {
    pub(crate) const BOTH: [Self; 2] = [Self::Own, Self::Peer];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Own => "Backspin (embedded)",
            Self::Peer => "PocketBase",
        }
    }
}

/// What was measured of each.
pub(crate) struct OfBoth<T> {
    pub(crate) own: T,
    pub(crate) peer: T,
}

impl<T> OfBoth<T> {
    /// Of one after the other, so that neither has to share the processors with the other.
    ///
    /// # Errors
    /// The first of either, with its name.
    pub(crate) fn measure(mut of: impl FnMut(Side) -> Result<T>) -> Result<Self> {
        let mut named = |side: Side| of(side).with_context(|| side.name());
        let peer = named(Side::Peer)?;
        Ok(Self { own: named(Side::Own)?, peer })
    }

    pub(crate) fn of(&self, side: Side) -> &T {
        match side {
            Side::Own => &self.own,
            Side::Peer => &self.peer,
        }
    }
}

/// Where the two keep their data.
pub(crate) struct Pair<'bench> {
    binary: &'bench Path,
    folder: PathBuf,
}

impl<'bench> Pair<'bench> {
    /// In `folder/name`, with `binary` as Backspin.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub(crate) fn new(binary: &'bench Path, folder: &Path, name: &str) -> Result<Self> {
        let folder = folder.join(name);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self { binary, folder })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts one without any data.
    ///
    /// # Errors
    /// When it does not come up.
    pub(crate) fn start(&self, side: Side) -> Result<Server> {
        match side {
            Side::Own => backspin::start_binary(self.binary, &self.folder),
            Side::Peer => pocketbase::start(&self.folder, PEER),
        }
    }

    /// Starts one on the data that it has.
    ///
    /// # Errors
    /// When it does not come up.
    pub(crate) fn resume(&self, side: Side) -> Result<Server> {
        match side {
            Side::Own => backspin::resume_binary(self.binary, &self.folder),
            Side::Peer => pocketbase::resume(&self.folder, PEER),
        }
    }

    /// The database of one that does not run.
    pub(crate) fn file(&self, side: Side) -> PathBuf {
        match side {
            Side::Own => backspin::database_file(&self.folder),
            Side::Peer => pocketbase::database_file(&self.folder, PEER),
        }
    }
}
