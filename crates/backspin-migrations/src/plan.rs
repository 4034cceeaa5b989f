//! From two schemas to the steps between them.

mod collections;
mod convert;
mod fields;
mod indexes;
mod options;
mod pairs;
mod problems;
mod refuse;
mod renames;
mod rules;
mod uniques;
mod views;

use backspin_core::{Error, FieldError, FieldErrors, Result};
use backspin_schema::{Collection, Schema, Snapshot};
use serde::Serialize;

use crate::fingerprint::digest;
use crate::kept::Keeper;
use crate::{Step, fingerprint};
pub use indexes::follow_renames;
use pairs::Pairs;
pub use problems::Problem;
use uniques::UniqueCheck;

/// How one schema becomes another.
#[derive(Clone, Debug)]
pub struct Plan {
    version: String,
    pub(crate) old: Vec<Collection>,
    pub(crate) new: Vec<Collection>,
    pub(crate) steps: Vec<Step>,
    problems: Vec<Problem>,
    pub(crate) unique_checks: Vec<UniqueCheck>,
}

/// A plan as clients read it: `{"fingerprint", "problems", "steps"}`.
#[derive(Serialize)]
struct PlanJson<'a> {
    fingerprint: String,
    problems: &'a [Problem],
    #[serde(serialize_with = "crate::step::to_public")]
    steps: &'a [Step],
}

/// The statement that a view of a schema is made of, from its query; an error says why there is none.
pub type ViewSelect<'a> = &'a dyn Fn(&Schema, &Collection) -> Result<String>;

/// The steps from `old`, the schema of the database, to `new`. Collections and fields are matched by id;
/// the primary key by what it is. An index of `new` may still name a table or a field as it was named
/// before. Whether `new` is a sound schema by itself is for the caller to check.
///
/// Errors: 400 for what no step can do: another type of collection, a system collection or field that is
/// removed or renamed, a type of field that has no conversion.
pub fn plan(old: &Snapshot, new: &Schema, select: ViewSelect<'_>) -> Result<Plan> {
    let mut new = new.collections().to_vec();
    indexes::follow_renames(old.collections(), &mut new);
    let schema = Schema::new(new.clone());
    let pairs = Pairs::match_collections(old.collections(), &new);
    refuse::impossible(&pairs)?;

    let mut keeper = Keeper::new(old.version());
    let views = views::Changes::find(old, &schema, &pairs, select);
    // Each phase finds free what it needs: views and indexes refer to columns, so they go first and come
    // last; a name is given up before it is taken.
    let mut steps = views.drop_steps();
    steps.extend(indexes::drop_steps(&pairs));
    steps.extend(collections::drop_steps(&pairs, &mut keeper));
    steps.extend(fields::steps(&pairs, &mut keeper));
    steps.extend(collections::rename_steps(&pairs));
    steps.extend(collections::create_steps(&pairs));
    steps.extend(indexes::create_steps(&pairs));
    steps.extend(views.create_steps());
    steps.extend(options::steps(&pairs));
    let mut problems = problems::find(old, &schema, &pairs);
    problems.extend(views.problems());
    let old_collections = old.collections().to_vec();
    let unique_checks = uniques::checks(&pairs);
    let version = old.version().to_owned();
    Ok(Plan { version, steps, problems, unique_checks, old: old_collections, new })
}

impl Plan {
    /// In the order in which they are made.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What keeps the plan from being applied.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Says that the query of the view `name` differs in nothing but the new names of what it reads.
    pub fn follows(&mut self, name: &str) {
        views::follow(&mut self.steps, name);
    }

    /// Adds a problem that somebody else has found, unless one of that part is known.
    pub fn report(&mut self, problem: Problem) {
        let is_known = |other: &Problem| other.collection == problem.collection && other.part == problem.part;
        if !self.problems.iter().any(is_known) {
            self.problems.push(problem);
        }
    }

    /// Errors: 400 with each problem, as `COLLECTION.PART`.
    pub fn refuse_problems(&self) -> Result<()> {
        let mut fields = FieldErrors::default();
        for problem in &self.problems {
            let part = format!("{}.{}", problem.collection, problem.part);
            fields.add(part, FieldError::new("validation_broken_reference", problem.message.as_str()));
        }
        fields.into_result("The change would break a part of the schema.")
    }

    /// Whether the schemas are the same.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether the plan was made for this version of the schema.
    pub fn is_for(&self, snapshot: &Snapshot) -> bool {
        self.version == snapshot.version()
    }

    /// The wanted collections, their indexes on the names that they will have.
    pub fn collections(&self) -> &[Collection] {
        &self.new
    }

    /// The collections that the plan was made for.
    pub fn collections_before(&self) -> &[Collection] {
        &self.old
    }

    /// 64 hexadecimal digits that are the same for the same change of the same schema.
    pub fn fingerprint(&self) -> Result<String> {
        Ok(digest(&format!("{} {}", fingerprint(&self.old)?, fingerprint(&self.new)?)))
    }

    /// `{"fingerprint":"…","problems":[…],"steps":[…]}`
    pub fn to_json(&self) -> Result<String> {
        let fingerprint = self.fingerprint()?;
        serde_json::to_string(&PlanJson { fingerprint, problems: &self.problems, steps: &self.steps })
            .map_err(|error| Error::Internal(error.into()))
    }
}
