//! The replies of the migrations API, as far as people need them.

mod text;

use serde::Deserialize;

/// `POST /api/migrations/plan`
#[derive(Clone, Debug, Deserialize)]
pub struct Plan {
    pub fingerprint: String,
    pub problems: Vec<Problem>,
    pub steps: Vec<Step>,
}

/// What keeps a plan from being applied.
#[derive(Clone, Debug, Deserialize)]
pub struct Problem {
    pub collection: String,
    pub part: String,
    pub message: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Step {
    /// The name by which a loss is accepted: a collection, or `collection.field`.
    pub target: String,
    pub summary: String,
    /// `safe`, `rewrites`, `breaksClients`, `losesData`.
    pub grades: Vec<String>,
    pub rows: Option<i64>,
    pub lost: Option<i64>,
    /// SQL.
    pub up: Vec<String>,
}

/// An item of `GET /api/migrations`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Migration {
    pub number: i64,
    pub applied: String,
    pub author: String,
    pub steps: Vec<Step>,
    /// When; empty if it is in force.
    pub reverted: String,
    /// When the values that it took away were deleted for good; empty if they were not.
    #[serde(default)]
    pub forgotten: String,
}

/// `GET /api/migrations`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct History {
    pub total_items: i64,
    pub current: Current,
    /// Newest first.
    pub items: Vec<Migration>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Current {
    /// The fingerprint of the schema in the database.
    pub schema: String,
}

impl Plan {
    /// Whether the database is as wanted.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The targets whose values go, without those in `accepted`, each once.
    pub fn losses<'a>(&'a self, accepted: &[String]) -> Vec<&'a Step> {
        let mut losses: Vec<&Step> = Vec::new();
        for step in self.steps.iter().filter(|step| step.lost.is_some_and(|lost| lost > 0)) {
            if !accepted.contains(&step.target) && losses.iter().all(|other| other.target != step.target) {
                losses.push(step);
            }
        }
        losses
    }
}

impl History {
    /// The newest migration in force.
    pub fn last(&self) -> Option<&Migration> {
        self.items.iter().find(|migration| migration.reverted.is_empty())
    }
}
