//! Views: those that change, and those that read a table that changes, are gone while it does.

use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, Schema, ddl};

use super::ViewSelect;
use super::pairs::Pairs;
use super::problems::Problem;
use crate::identifiers::mentions;
use crate::step::{Grade, Step, StepKind};

pub(super) struct Changes<'a> {
    old: &'a Schema,
    new: &'a Schema,
    select: ViewSelect<'a>,
    dropped: Vec<(&'a Collection, Reason)>,
    /// What a view reads comes before it.
    created: Vec<(&'a Collection, Reason)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Reason {
    /// The view itself is wanted otherwise.
    Wanted,
    /// It reads what changes, and is made again.
    Reads,
}

impl<'a> Changes<'a> {
    pub(super) fn find(old: &'a Schema, new: &'a Schema, pairs: &Pairs<'_>, select: ViewSelect<'a>) -> Self {
        let views =
            |schema: &'a Schema| schema.collections().iter().filter(|collection| collection.is_view());
        let mut touched: Vec<&str> =
            pairs.dropped.iter().map(|collection| collection.name.as_str()).collect();
        let rebuilt = pairs.tables.iter().filter(|table| table.is_rebuilt());
        touched.extend(rebuilt.map(|table| table.old.name.as_str()));

        let stays =
            |view: &Collection| new.find_by_id(&view.id).is_some_and(|after| makes_the_same(view, after));
        let (mut rest, dropped): (Vec<_>, Vec<_>) = views(old).partition(|view| stays(view));
        touched.extend(dropped.iter().map(|view| view.name.as_str()));
        let mut dropped: Vec<_> = dropped.into_iter().map(|view| (view, Reason::Wanted)).collect();
        // A view that reads such a view is touched too, and so on.
        while let Some(at) = rest.iter().position(|view| touched.iter().any(|name| reads(view, name))) {
            let view = rest.remove(at);
            touched.push(&view.name);
            dropped.push((view, Reason::Reads));
        }

        let reason = |view: &Collection| match old.find_by_id(&view.id) {
            None => Some(Reason::Wanted),
            Some(_) => dropped.iter().find(|(before, _)| before.id == view.id).map(|(_, reason)| *reason),
        };
        let created = views(new).filter_map(|view| reason(view).map(|reason| (view, reason))).collect();
        Changes { old, new, select, dropped, created: by_dependency(created) }
    }

    pub(super) fn drop_steps(&self) -> Vec<Step> {
        let step = |(view, reason): &(&Collection, Reason)| {
            let name = &view.name;
            let (summary, grades) = match reason {
                Reason::Wanted => (format!("Remove the view {name}"), &[Grade::BreaksClients][..]),
                Reason::Reads => (set_aside(name), &[][..]),
            };
            // A view that cannot be read can be removed all the same.
            let query = || view.view_query().unwrap_or_default().to_owned();
            let select = (self.select)(self.old, view).unwrap_or_else(|_| query());
            Step::new(StepKind::DropView, name, summary)
                .with_sql(vec![ddl::drop_table(view)], vec![ddl::create_view(view, &select)])
                .graded(grades)
        };
        self.dropped.iter().map(step).collect()
    }

    /// SQLite makes a view without a look at what it reads, so each is read once.
    pub(super) fn create_steps(&self) -> Vec<Step> {
        let step = |(view, reason): &(&Collection, Reason)| {
            let select = (self.select)(self.new, view).ok()?;
            let name = &view.name;
            let check = format!("SELECT * FROM {} LIMIT 0", Quoted(name));
            let summary =
                if *reason == Reason::Reads { made_again(name) } else { format!("Make the view {name}") };
            let step = Step::new(StepKind::CreateView, name, summary);
            Some(step.with_sql(vec![ddl::create_view(view, &select), check], vec![ddl::drop_table(view)]))
        };
        self.created.iter().filter_map(step).collect()
    }

    /// The views that cannot be made.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let problem = |(view, _): &(&Collection, Reason)| {
            let error = (self.select)(self.new, view).err()?;
            let (collection, part) = (view.name.clone(), "viewQuery".to_owned());
            Some(Problem { collection, part, message: error.to_string() })
        };
        self.created.iter().filter_map(problem).collect()
    }
}

/// The steps of the view `name`, which only follows the new name of what it reads: nobody notices.
pub(super) fn follow(steps: &mut [Step], name: &str) {
    for step in steps.iter_mut().filter(|step| step.target == name) {
        match step.kind {
            StepKind::DropView => (step.summary, step.grades) = (set_aside(name), vec![Grade::Safe]),
            StepKind::CreateView => step.summary = made_again(name),
            _ => {}
        }
    }
}

fn set_aside(name: &str) -> String {
    format!("Set the view {name} aside, for it reads what changes")
}

fn made_again(name: &str) -> String {
    format!("Make the view {name} again")
}

fn makes_the_same(old: &Collection, new: &Collection) -> bool {
    let names = |view: &Collection| view.fields.iter().map(|field| field.name.clone()).collect::<Vec<_>>();
    old.name == new.name && old.view_query() == new.view_query() && names(old) == names(new)
}

fn reads(view: &Collection, name: &str) -> bool {
    view.view_query().is_some_and(|query| mentions(query, name))
}

fn by_dependency(mut views: Vec<(&Collection, Reason)>) -> Vec<(&Collection, Reason)> {
    let mut ordered = Vec::with_capacity(views.len());
    while !views.is_empty() {
        let reads_none = |(view, _): &(&Collection, Reason)| {
            !views.iter().any(|(other, _)| other.id != view.id && reads(view, &other.name))
        };
        // Views that read each other have no order; the database says so.
        let next = views.iter().position(reads_none).unwrap_or(0);
        ordered.push(views.remove(next));
    }
    ordered
}
