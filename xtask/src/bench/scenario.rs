//! What is measured.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::contender::Kind;
use super::data::POSTS;
use super::related::{ORGS, OWNED, SHARED, TASKS, USERS};
use super::{CONNECTIONS, CONNECTIONS_OF_THE_BARS};

/// One kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// One record by its id, as a guest.
    View,
    /// The same as a signed-in user.
    AuthenticatedView,
    /// 30 of 10,000 records by an indexed column, with totals.
    List,
    /// The same of those that a filter leaves.
    Filter,
    /// The same of a user's own, by rule.
    OwnerRule,
    /// The same of what the members of an organisation may see, by rule.
    NestedRule,
    /// The same with two relations expanded.
    Expand,
    /// One new record.
    Insert,
    /// One new record that a rule allows by what is in another table.
    CreateRule,
    /// One field of a record.
    Update,
    /// Fifty new records in one request.
    Batch,
    /// Another token for the one that a user has.
    AuthRefresh,
    /// A token for a password, each server with its own hash.
    SignIn,
}

/// What a bar asks of the requests per second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Least {
    pub(crate) times_peer: Option<f64>,
    pub(crate) times_limit: Option<f64>,
}

impl Scenario {
    pub(crate) const ALL: [Self; 13] = [
        Self::View,
        Self::AuthenticatedView,
        Self::List,
        Self::Filter,
        Self::OwnerRule,
        Self::NestedRule,
        Self::Expand,
        Self::Insert,
        Self::CreateRule,
        Self::Update,
        Self::Batch,
        Self::AuthRefresh,
        Self::SignIn,
    ];

    /// The name on the command line and of the file of requests.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::AuthenticatedView => "authenticated-view",
            Self::List => "list",
            Self::Filter => "filter",
            Self::OwnerRule => "owner-rule",
            Self::NestedRule => "nested-rule",
            Self::Expand => "expand",
            Self::Insert => "insert",
            Self::CreateRule => "create-rule",
            Self::Update => "update",
            Self::Batch => "batch",
            Self::AuthRefresh => "auth-refresh",
            Self::SignIn => "sign-in",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::View => "view one",
            Self::AuthenticatedView => "view one, signed in",
            Self::List => "list 30 of 10,000, sorted",
            Self::Filter => "list with a filter",
            Self::OwnerRule => "list one's own, by rule",
            Self::NestedRule => "list by a nested rule",
            Self::Expand => "list with two expands",
            Self::Insert => "insert",
            Self::CreateRule => "create by a rule on another table",
            Self::Update => "update",
            Self::Batch => "batch of 50 creates",
            Self::AuthRefresh => "auth-refresh",
            Self::SignIn => "sign-in by password, each with its own hash",
        }
    }

    /// How long the clients of a warm-up that have gone hold up others, in the queue for a hash.
    pub(crate) fn rest(self) -> Duration {
        match self {
            Self::SignIn => Duration::from_secs(2),
            _ => Duration::ZERO,
        }
    }

    /// The bars at [`CONNECTIONS_OF_THE_BARS`].
    pub(crate) fn least(self) -> Least {
        let (times_peer, times_limit) = match self {
            Self::View => (Some(2.0), Some(0.25)),
            Self::AuthRefresh => (Some(2.0), None),
            Self::List => (Some(4.0), Some(0.45)),
            // Held against the guest's instead.
            Self::AuthenticatedView => (None, None),
            // It takes what the hash takes, and the hashes are not the same.
            Self::SignIn => (None, None),
            Self::NestedRule => (Some(20.0), None),
            Self::Filter | Self::OwnerRule | Self::Expand => (Some(3.0), None),
            Self::Insert | Self::CreateRule | Self::Update | Self::Batch => (Some(1.5), None),
        };
        Least { times_peer, times_limit }
    }

    /// Whether records of this collection have to be there. Users and organisations are few, and always are.
    pub(crate) fn needs(self, collection: &str) -> bool {
        let own = match self {
            Self::View | Self::AuthenticatedView | Self::List => Some(POSTS),
            Self::Filter | Self::Expand | Self::Update => Some(TASKS),
            Self::OwnerRule => Some(OWNED),
            Self::NestedRule => Some(SHARED),
            Self::Insert | Self::CreateRule | Self::Batch | Self::AuthRefresh | Self::SignIn => None,
        };
        own == Some(collection) || collection == USERS || collection == ORGS
    }

    /// Whether the requests are those of a signed-in user.
    pub(crate) fn is_signed_in(self) -> bool {
        matches!(
            self,
            Self::AuthenticatedView
                | Self::OwnerRule
                | Self::NestedRule
                | Self::CreateRule
                | Self::AuthRefresh
        )
    }

    /// Whether it is held against PocketBase's time.
    pub(crate) fn has_bar_of_time(self) -> bool {
        self != Self::SignIn
    }

    /// Whether this server can do it: the native limit has neither rules nor relations.
    pub(crate) fn is_for(self, kind: Kind) -> bool {
        kind != Kind::NativeLimit || self.connections().len() > 1
    }

    /// The numbers of connections at which it is measured.
    pub(crate) fn connections(self) -> &'static [u32] {
        match self {
            Self::View | Self::List | Self::Insert => &CONNECTIONS,
            _ => &[CONNECTIONS_OF_THE_BARS],
        }
    }

    /// Where the requests of this scenario are written for the load generator.
    pub(crate) fn requests_file(self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.requests", self.name()))
    }
}
