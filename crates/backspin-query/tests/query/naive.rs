//! The meaning of filters, a second time and without SQL: every combination of joined rows is tried.

use std::collections::BTreeMap;

use rusqlite::types::Value as SqlValue;

use crate::blog::Blog;

/// A path of the language, the joins it takes and the type of what it ends in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path {
    pub(crate) text: &'static str,
    pub(crate) is_number: bool,
    pub(crate) is_multi: bool,
}

const fn path(text: &'static str, is_number: bool, is_multi: bool) -> Path {
    Path { text, is_number, is_multi }
}

/// Paths from `posts` that the tests combine.
pub(crate) const PATHS: [Path; 21] = [
    path("title", false, false),
    path("n", true, false),
    path("cat", false, false),
    path("owner", false, false),
    path("id", false, false),
    path("owner.name", false, false),
    path("org.name", false, false),
    path("org.owner", false, false),
    path("org.owner.name", false, false),
    path("covers_via_post.image", false, false),
    path("cats:each", false, true),
    path("tags.name", false, true),
    path("tags.w", true, true),
    path("org.members.name", false, true),
    path("comments_via_post.text", false, true),
    path("comments_via_post.n", true, true),
    path("comments_via_post.author", false, true),
    path("comments_via_post.author.name", false, true),
    path("likes_via_posts.kind", false, true),
    path("owner.comments_via_author.n", true, true),
    path("likes_via_posts.by.name", false, true),
];

#[derive(Clone, Debug)]
pub(crate) enum Expression {
    Comparison { left: Operand, operator: &'static str, any: bool, right: Operand },
    And(Vec<Expression>),
    Or(Vec<Expression>),
}

#[derive(Clone, Debug)]
pub(crate) enum Operand {
    Path(Path),
    Null,
    Text(String),
    Number(f64),
}

impl Operand {
    fn write(&self) -> String {
        match self {
            Operand::Path(path) => path.text.to_owned(),
            Operand::Null => "null".to_owned(),
            Operand::Text(text) => format!("'{text}'"),
            Operand::Number(number) => number.to_string(),
        }
    }

    fn path(&self) -> Option<&Path> {
        match self {
            Operand::Path(path) => Some(path),
            _ => None,
        }
    }
}

impl Expression {
    /// The filter as text.
    pub(crate) fn write(&self) -> String {
        match self {
            Expression::Comparison { left, operator, any, right } => {
                format!("{} {}{operator} {}", left.write(), if *any { "?" } else { "" }, right.write())
            }
            Expression::And(parts) => join(parts, " && "),
            Expression::Or(parts) => join(parts, " || "),
        }
    }

    fn paths<'e>(&'e self, paths: &mut Vec<&'e Path>) {
        match self {
            Expression::Comparison { left, right, .. } => {
                paths.extend(left.path().into_iter().chain(right.path()))
            }
            Expression::And(parts) | Expression::Or(parts) => parts.iter().for_each(|part| part.paths(paths)),
        }
    }
}

fn join(parts: &[Expression], separator: &str) -> String {
    format!("({})", parts.iter().map(Expression::write).collect::<Vec<_>>().join(separator))
}

type Record = BTreeMap<String, SqlValue>;

/// The records of all tables.
pub(crate) struct Tables(BTreeMap<&'static str, Vec<Record>>);

/// What a join found.
#[derive(Clone, Debug)]
enum Row<'t> {
    Record(&'t Record),
    Element(String),
    Nothing,
}

/// The rows found for each join, by its path.
type Rows<'t> = BTreeMap<String, Row<'t>>;

impl Tables {
    pub(crate) fn read(blog: &Blog) -> Self {
        let tables = ["users", "orgs", "tags", "posts", "comments", "likes", "covers"].map(|table| {
            let mut statement = blog.database.prepare(&format!("SELECT * FROM {table}")).expect("a table");
            let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
            let records = statement.query_map([], |row| {
                names.iter().enumerate().map(|(i, name)| Ok((name.clone(), row.get(i)?))).collect()
            });
            (table, records.expect("records").collect::<rusqlite::Result<_>>().expect("records"))
        });
        Self(tables.into())
    }

    /// The ids of the posts that a filter finds.
    pub(crate) fn find(&self, filter: &Expression) -> String {
        let posts = self.0["posts"].iter();
        let found = posts.filter(|post| {
            let mut paths = vec![];
            filter.paths(&mut paths);
            self.combinations(post, &paths).iter().any(|rows| self.test(filter, post, rows) == Some(true))
        });
        let mut ids: Vec<String> = found.map(|post| text(&post["id"])).collect();
        ids.sort();
        ids.join(" ")
    }

    /// Every way to choose one row for each join of these paths.
    fn combinations<'t>(&'t self, post: &'t Record, paths: &[&Path]) -> Vec<Rows<'t>> {
        let mut all = vec![Rows::from([(String::new(), Row::Record(post))])];
        for path in paths {
            let mut before = String::new();
            for (segment, is_last) in segments(path) {
                if is_last && !segment.ends_with(":each") {
                    break;
                }
                let key = format!("{before}/{segment}");
                if !all[0].contains_key(&key) {
                    let extended = all.into_iter().flat_map(|rows| {
                        let found = self.follow(&rows[&before], segment);
                        found
                            .into_iter()
                            .map(|row| {
                                let mut rows = rows.clone();
                                rows.insert(key.clone(), row);
                                rows
                            })
                            .collect::<Vec<_>>()
                    });
                    all = extended.collect();
                }
                before = key;
            }
        }
        all
    }

    /// The rows that a step finds: at least one, if only `Nothing`.
    fn follow<'t>(&'t self, from: &Row<'t>, step: &str) -> Vec<Row<'t>> {
        let Row::Record(record) = from else { return vec![Row::Nothing] };
        let of = |table: &'static str, keep: &dyn Fn(&Record) -> bool| -> Vec<Row<'t>> {
            self.0[table].iter().filter(|record| keep(record)).map(Row::Record).collect()
        };
        let by_id = |table, id: String| of(table, &|record| text(&record["id"]) == id);
        let found = match step {
            "owner" | "author" | "by" => by_id("users", text(&record[step])),
            "org" => by_id("orgs", text(&record["org"])),
            "tags" => {
                list(&record["tags"]).into_iter().flat_map(|id| or_nothing(by_id("tags", id))).collect()
            }
            "members" => {
                list(&record["members"]).into_iter().flat_map(|id| or_nothing(by_id("users", id))).collect()
            }
            "cats:each" => list(&record["cats"]).into_iter().map(Row::Element).collect(),
            "comments_via_post" => of("comments", &|comment| comment["post"] == record["id"]),
            "comments_via_author" => of("comments", &|comment| comment["author"] == record["id"]),
            "covers_via_post" => of("covers", &|cover| cover["post"] == record["id"]),
            "likes_via_posts" => of("likes", &|like| list(&like["posts"]).contains(&text(&record["id"]))),
            other => panic!("unknown step {other}"),
        };
        or_nothing(found)
    }

    fn test(&self, expression: &Expression, post: &Record, rows: &Rows<'_>) -> Option<bool> {
        match expression {
            Expression::Comparison { left, operator, any, right } => {
                let now = compare(&value(left, rows), operator, &value(right, rows), left, right);
                let multi = |operand: &Operand| operand.path().is_some_and(|path| path.is_multi);
                if *any || !(multi(left) || multi(right)) {
                    return now;
                }
                let none_violates = self.values(left, post).iter().all(|left_value| {
                    self.values(right, post).iter().all(|right_value| {
                        compare(left_value, operator, right_value, left, right) != Some(false)
                    })
                });
                Some(now == Some(true) && none_violates)
            }
            // Whether a part is false or unknown makes no difference without a NOT.
            Expression::And(parts) => {
                Some(parts.iter().all(|part| self.test(part, post, rows) == Some(true)))
            }
            Expression::Or(parts) => Some(parts.iter().any(|part| self.test(part, post, rows) == Some(true))),
        }
    }

    /// All values that an operand has for a post.
    fn values(&self, operand: &Operand, post: &Record) -> Vec<SqlValue> {
        let paths: Vec<&Path> = operand.path().into_iter().collect();
        self.combinations(post, &paths).iter().map(|rows| value(operand, rows)).collect()
    }
}

fn segments(path: &Path) -> impl Iterator<Item = (&str, bool)> {
    let count = path.text.split('.').count();
    path.text.split('.').enumerate().map(move |(i, segment)| (segment, i + 1 == count))
}

fn or_nothing(rows: Vec<Row<'_>>) -> Vec<Row<'_>> {
    if rows.is_empty() { vec![Row::Nothing] } else { rows }
}

fn value(operand: &Operand, rows: &Rows<'_>) -> SqlValue {
    let path = match operand {
        Operand::Path(path) => path,
        Operand::Null => return SqlValue::Null,
        Operand::Text(text) => return SqlValue::Text(text.clone()),
        Operand::Number(number) => return SqlValue::Real(*number),
    };
    let mut key = String::new();
    for (segment, is_last) in segments(path) {
        if is_last && !segment.ends_with(":each") {
            return match &rows[&key] {
                Row::Record(record) => record[segment].clone(),
                _ => SqlValue::Null,
            };
        }
        key = format!("{key}/{segment}");
    }
    match &rows[&key] {
        Row::Element(element) => SqlValue::Text(element.clone()),
        _ => SqlValue::Null,
    }
}

/// A comparison of values of one type, or with null. `None` is SQL's unknown.
fn compare(left: &SqlValue, operator: &str, right: &SqlValue, a: &Operand, b: &Operand) -> Option<bool> {
    let is_empty =
        |value: &SqlValue| matches!(value, SqlValue::Null) || *value == SqlValue::Text(String::new());
    let is_null = |value: &SqlValue| matches!(value, SqlValue::Null);
    let same = |left: &SqlValue, right: &SqlValue| match (number(left), number(right)) {
        (Some(left), Some(right)) => left == right,
        (None, None) => text(left) == text(right),
        _ => false,
    };
    let constant = |operand: &Operand, value: &SqlValue| operand.path().is_none() && !is_empty(value);
    match operator {
        "=" | "!=" => {
            let unknown = (constant(a, left) && is_null(right)) || (constant(b, right) && is_null(left));
            let equal = (is_empty(left) && is_empty(right)) || (!unknown && same(left, right));
            match operator {
                "!=" => Some(!equal),
                _ if unknown => None,
                _ => Some(equal),
            }
        }
        _ if is_null(left) || is_null(right) => None,
        "~" | "!~" => {
            let found = text(left).to_ascii_lowercase().contains(&text(right).to_ascii_lowercase());
            Some(found == (operator == "~"))
        }
        _ => {
            let order = match (number(left), number(right)) {
                (Some(left), Some(right)) => left.total_cmp(&right),
                _ => text(left).cmp(&text(right)),
            };
            Some(match operator {
                ">" => order.is_gt(),
                ">=" => order.is_ge(),
                "<" => order.is_lt(),
                _ => order.is_le(),
            })
        }
    }
}

fn number(value: &SqlValue) -> Option<f64> {
    match value {
        SqlValue::Integer(integer) => Some(*integer as f64),
        SqlValue::Real(real) => Some(*real),
        _ => None,
    }
}

fn text(value: &SqlValue) -> String {
    match value {
        SqlValue::Text(text) => text.clone(),
        _ => String::new(),
    }
}

fn list(value: &SqlValue) -> Vec<String> {
    serde_json::from_str(&text(value)).expect("a list")
}
