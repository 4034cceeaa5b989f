//! Views: those that change, and those that read a table that changes, are gone while it does.

use backspin_schema::quote::Quoted;
use backspin_schema::{Collection, ddl};

use super::pairs::Pairs;
use crate::identifiers::mentions;
use crate::step::{Grade, Step, StepKind};

pub(super) struct Changes<'a> {
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
    pub(super) fn find(old: &'a [Collection], new: &'a [Collection], pairs: &Pairs<'_>) -> Self {
        let mut touched: Vec<&str> =
            pairs.dropped.iter().map(|collection| collection.name.as_str()).collect();
        let rebuilt = pairs.tables.iter().filter(|table| table.is_rebuilt());
        touched.extend(rebuilt.map(|table| table.old.name.as_str()));

        let after = |view: &Collection| new.iter().find(|other| other.id == view.id);
        let (mut dropped, mut rest): (Vec<_>, Vec<_>) = old
            .iter()
            .filter(|collection| collection.is_view())
            .map(|view| (view, Reason::Wanted))
            .partition(|(view, _)| after(view).is_none_or(|after| !makes_the_same(view, after)));
        touched.extend(dropped.iter().map(|(view, _)| view.name.as_str()));
        // A view that reads such a view is touched too, and so on.
        while let Some(at) = rest.iter().position(|(view, _)| touched.iter().any(|name| reads(view, name))) {
            let (view, _) = rest.remove(at);
            touched.push(&view.name);
            dropped.push((view, Reason::Reads));
        }

        let dropped_why = |view: &Collection| {
            dropped.iter().find(|(before, _)| before.id == view.id).map(|(_, reason)| *reason)
        };
        let is_new = |view: &Collection| old.iter().all(|before| before.id != view.id);
        let created = new
            .iter()
            .filter(|collection| collection.is_view())
            .filter_map(|view| {
                let reason = if is_new(view) { Some(Reason::Wanted) } else { dropped_why(view) };
                reason.map(|reason| (view, reason))
            })
            .collect();
        Changes { dropped, created: by_dependency(created) }
    }

    pub(super) fn drop_steps(&self) -> Vec<Step> {
        let step = |(view, reason): &(&Collection, Reason)| {
            let name = &view.name;
            let (summary, grades) = match reason {
                Reason::Wanted => (format!("Remove the view {name}"), &[Grade::BreaksClients][..]),
                Reason::Reads => (format!("Set the view {name} aside, for it reads what changes"), &[][..]),
            };
            Step::new(StepKind::DropView, name, summary)
                .with_sql(vec![ddl::drop_table(view)], vec![create(view)])
                .graded(grades)
        };
        self.dropped.iter().map(step).collect()
    }

    /// SQLite makes a view without a look at what it reads, so each is read once.
    pub(super) fn create_steps(&self) -> Vec<Step> {
        let step = |(view, reason): &(&Collection, Reason)| {
            let name = &view.name;
            let again = if *reason == Reason::Reads { " again" } else { "" };
            let check = format!("SELECT * FROM {} LIMIT 0", Quoted(name));
            Step::new(StepKind::CreateView, name, format!("Make the view {name}{again}"))
                .with_sql(vec![create(view), check], vec![ddl::drop_table(view)])
        };
        self.created.iter().map(step).collect()
    }
}

fn makes_the_same(old: &Collection, new: &Collection) -> bool {
    let names = |view: &Collection| view.fields.iter().map(|field| field.name.clone()).collect::<Vec<_>>();
    old.name == new.name && old.view_query() == new.view_query() && names(old) == names(new)
}

fn reads(view: &Collection, name: &str) -> bool {
    view.view_query().is_some_and(|query| mentions(query, name))
}

fn create(view: &Collection) -> String {
    let query = view.view_query().unwrap_or_default();
    ddl::create_view(view, query.trim().trim_end_matches(';'))
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
