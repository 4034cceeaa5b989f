//! One step of a plan: what is done, how it is undone, and what that means for data and clients.

use serde::{Deserialize, Serialize, Serializer};

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StepKind {
    DropView,
    DropIndex,
    DropCollection,
    RenameCollections,
    CreateCollection,
    DropField,
    RenameFields,
    AddField,
    ConvertField,
    CreateIndex,
    CreateView,
    /// Nothing that SQL would know of: rules, options, the order of fields.
    ChangeOptions,
}

/// What a step means, from harmless to grave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Grade {
    /// Costs the same whatever the number of rows, and nobody notices.
    Safe,
    /// Reads or writes each row of a table.
    Rewrites,
    /// A request that worked may be refused or answered differently.
    BreaksClients,
    /// Values are no longer in the records. They are kept aside for a revert.
    LosesData,
}

/// One step. Its statements run in their order; those of `down` undo those of `up`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    pub kind: StepKind,
    /// The collection, or `collection.field`, by the names before the step. A caller accepts the loss of
    /// data by this name.
    pub target: String,
    /// A sentence for people.
    pub summary: String,
    /// In ascending order, at least one.
    pub grades: Vec<Grade>,
    pub up: Vec<String>,
    pub down: Vec<String>,
    pub counts: Counts,
    /// Rows that the step reads or writes one by one; `None` before [`crate::Plan::measure`].
    pub rows: Option<i64>,
    /// Values (or records, if a collection goes) that the step takes away; `None` as before.
    pub lost: Option<i64>,
    /// The table with the values that `down` restores: as many rows as the step has taken values away.
    pub kept: Option<String>,
    /// The way back where [`Step::kept`] turns out to be empty, so that it can go at once.
    #[serde(skip)]
    pub(crate) without_kept: WithoutKept,
}

/// How a step that has taken nothing away is undone.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct WithoutKept {
    pub(crate) down: Vec<String>,
    pub(crate) lost_by_revert: Option<String>,
}

/// Statements that count, each returning one number. `None` stands for 0.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// The rows of [`Step::rows`]; to be run before the first step.
    pub rows: Option<String>,
    /// The values of [`Step::lost`]; to be run before the first step.
    pub lost: Option<String>,
    /// The values that the way back would take away; to be run after the last step.
    pub lost_by_revert: Option<String>,
}

/// A step as clients see it: without what only the planner needs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PublicStep<'a> {
    kind: StepKind,
    target: &'a str,
    summary: &'a str,
    grades: &'a [Grade],
    rows: Option<i64>,
    lost: Option<i64>,
    up: &'a [String],
    down: &'a [String],
}

/// `[{"kind","target","summary","grades","rows","lost","up","down"}]`
pub(crate) fn to_public<S: Serializer>(steps: &[Step], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(steps.iter().map(|step| PublicStep {
        kind: step.kind,
        target: &step.target,
        summary: &step.summary,
        grades: &step.grades,
        rows: step.rows,
        lost: step.lost,
        up: &step.up,
        down: &step.down,
    }))
}

impl Step {
    /// A safe step with nothing to count.
    pub(crate) fn new(kind: StepKind, target: impl Into<String>, summary: impl Into<String>) -> Self {
        Step {
            kind,
            target: target.into(),
            summary: summary.into(),
            grades: vec![Grade::Safe],
            up: Vec::new(),
            down: Vec::new(),
            counts: Counts::default(),
            rows: None,
            lost: None,
            kept: None,
            without_kept: WithoutKept::default(),
        }
    }

    pub(crate) fn with_sql(mut self, up: Vec<String>, down: Vec<String>) -> Self {
        (self.up, self.down) = (up, down);
        self
    }

    pub(crate) fn graded(mut self, grades: &[Grade]) -> Self {
        self.grades.extend(grades);
        self.grades.sort_unstable();
        self.grades.dedup();
        if self.grades.len() > 1 {
            self.grades.retain(|grade| *grade != Grade::Safe);
        }
        self
    }

    /// So many values are lost by it: it is graded by that, whatever was thought before.
    pub(crate) fn loses(&mut self, lost: i64) {
        self.lost = Some(lost);
        self.grades.retain(|grade| lost > 0 || *grade != Grade::LosesData);
        if lost > 0 && !self.grades.contains(&Grade::LosesData) {
            self.grades.push(Grade::LosesData);
        }
    }

    /// Nothing is kept for it: the table of that name is to be dropped.
    pub(crate) fn keeps_nothing(&mut self) -> Option<String> {
        let WithoutKept { down, lost_by_revert } = std::mem::take(&mut self.without_kept);
        self.down = down;
        self.counts.lost_by_revert = lost_by_revert;
        self.kept.take()
    }

    /// The gravest of its grades.
    pub fn grade(&self) -> Grade {
        self.grades.iter().copied().max().unwrap_or(Grade::Safe)
    }
}
