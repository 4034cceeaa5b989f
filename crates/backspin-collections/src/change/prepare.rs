//! A change is checked and planned, before anything runs.

use std::collections::HashMap;

use backspin_core::{Error, FieldError, FieldErrors, Platform, Result};
use backspin_migrations::{Plan, Problem, follow_renames, plan};
use backspin_schema::{App, Collection, Schema, Snapshot};

use super::view_checks;
use super::views::{self, Read};
use super::wanted::{self, Told, Wanted};
use crate::check::{Change, Draft};
use crate::view_query::ViewQuery;

/// A sound change and how it is made.
pub(crate) struct Prepared {
    pub(crate) plan: Plan,
    /// As in [`Wanted`].
    pub(crate) defined: Vec<usize>,
    pub(crate) told: Told,
    /// What views are made of, by their positions.
    pub(super) selects: HashMap<usize, String>,
}

/// Checks what `wanted` defines, and plans the change of `snapshot` to it.
///
/// Errors: 400 with everything that is wrong.
pub(crate) async fn prepare(
    app: &App<impl Platform>,
    snapshot: &Snapshot,
    mut wanted: Wanted,
) -> Result<Prepared> {
    indexes_follow_renames(snapshot, &mut wanted);
    views::follow_renames(snapshot, &mut wanted);
    let mut views = views::find_fields(snapshot, &mut wanted);
    let mut schema = Schema::new(wanted.collections);
    views::try_out(app, snapshot, &schema, &mut views).await;
    if wanted.defined.iter().any(|position| matches!(views.get(position), Some(Err(_)))) {
        schema = views::without_wrong_fields(&schema, &wanted.defined, &views);
    }
    let mut errors = FieldErrors::default();
    for (number, position) in wanted.defined.iter().enumerate() {
        let checked = match check(app, snapshot, &schema, (*position, wanted.converts), &views, wanted.told) {
            Ok(()) => {
                view_checks::check_tables(app, snapshot, &schema, &schema.collections()[*position]).await
            }
            refused => refused,
        };
        match (checked, wanted.told) {
            (Ok(()), _) => {}
            (Err(error), Told::One(_)) => return Err(error),
            (Err(error), Told::Many) => errors.add(number.to_string(), wanted::told(error)?),
        }
    }
    wanted::refuse(errors)?;
    let mut plan = plan(snapshot, &schema, &select)?;
    views::followers(snapshot, &schema).for_each(|view| plan.follows(&view.name));
    for (position, read) in &views {
        if let Err(error) = read {
            plan.report(Problem {
                collection: schema.collections()[*position].name.clone(),
                part: "viewQuery".to_owned(),
                message: format!("Invalid query - {}.", error.reason().trim_end_matches('.')),
            });
        }
    }
    let selects = views.into_iter().filter_map(|(position, read)| Some((position, read.ok()?))).collect();
    Ok(Prepared { plan, defined: wanted.defined, told: wanted.told, selects })
}

/// Those that were sent do not: one that names a field by its old name is refused, for else the schema would not be
/// what the client, or the file, says.
fn indexes_follow_renames(snapshot: &Snapshot, wanted: &mut Wanted) {
    let is_sent = |collection: &&mut Collection| wanted.sent.indexes.contains(&collection.id);
    let sent: Vec<_> = wanted
        .collections
        .iter_mut()
        .filter(is_sent)
        .map(|collection| std::mem::take(&mut collection.indexes))
        .collect();
    follow_renames(snapshot.collections(), &mut wanted.collections);
    for (collection, indexes) in wanted.collections.iter_mut().filter(is_sent).zip(sent) {
        collection.indexes = indexes;
    }
}

fn check(
    app: &App<impl Platform>,
    snapshot: &Snapshot,
    schema: &Schema,
    (position, converts): (usize, bool),
    views: &HashMap<usize, Read>,
    told: Told,
) -> Result<()> {
    let collection = &schema.collections()[position];
    let before = match told {
        Told::One(Change::Create) => None,
        _ => snapshot.find_by_id(&collection.id),
    };
    let view = views.get(&position).and_then(|read| read.as_ref().err());
    Draft { collection, before, snapshot, wanted: schema, converts, view }.check(app.env())
}

/// What a view is made of.
fn select(schema: &Schema, view: &Collection) -> Result<String> {
    match ViewQuery::read(schema, view.view_query().unwrap_or_default()) {
        Ok(query) => Ok(query.select),
        Err(error) => Err(Error::bad_request(format!("Invalid query - {}.", error.reason()))),
    }
}

impl Prepared {
    /// The collection that is defined, if there is one alone.
    pub(crate) fn subject(&self) -> Option<&Collection> {
        match self.told {
            Told::One(_) => self.defined.first().map(|position| &self.plan.collections()[*position]),
            Told::Many => None,
        }
    }

    /// Errors: 400 with what the change would break.
    pub(crate) fn refuse_problems(&self) -> Result<()> {
        let Told::One(change) = self.told else { return self.plan.refuse_problems() };
        let (mut fields, mut indexes) = (FieldErrors::default(), FieldErrors::default());
        for problem in self.plan.problems() {
            match self.subject().filter(|subject| subject.name == problem.collection) {
                Some(subject) => match problem.part.strip_prefix("indexes.") {
                    Some(position) => indexes.add(position, index_problem(subject, position, problem)),
                    None => fields.add(&problem.part, broken(problem)),
                },
                None => {
                    let part = format!("{}.{}", problem.collection, problem.part);
                    fields.add(part, broken(problem));
                }
            }
        }
        if !indexes.is_empty() {
            fields.add("indexes", FieldError::Nested(indexes));
        }
        fields.into_result(change.failed())
    }
}

fn index_problem(subject: &Collection, position: &str, problem: &Problem) -> FieldError {
    let sql = position.parse().ok().and_then(|position: usize| subject.indexes.get(position));
    let index = sql.and_then(|sql| backspin_schema::Index::parse(sql));
    let name = index.map(|index| index.name).unwrap_or_default();
    let message = format!("Failed to create index {name} - {}", problem.message);
    FieldError::new("validation_invalid_index_expression", message)
}

fn broken(problem: &Problem) -> FieldError {
    FieldError::new("validation_broken_reference", problem.message.as_str())
}
