//! Properties that hold for any input, and thousands of random filters against [`crate::naive`].

use backspin_query::{Expand, Fields, Filter, FilterLimits, Sort};
use proptest::prelude::*;

use crate::blog::{As, Blog, Case};
use crate::naive::{Expression, Operand, PATHS, Tables};

fn is_number(operand: &Operand) -> bool {
    match operand {
        Operand::Path(path) => path.is_number,
        Operand::Number(_) => true,
        Operand::Null | Operand::Text(_) => false,
    }
}

fn comparison() -> impl Strategy<Value = Expression> {
    let paths: Vec<_> = PATHS.into();
    let left = prop::sample::select(paths.clone());
    let texts = prop::sample::select(vec!["", "x", "red", "Ann", "a", "o", "u1", "p1", "Hello", "k"]);
    let right = prop_oneof![
        2 => texts.prop_map(|text| Operand::Text(text.to_owned())),
        2 => (-3i32..6).prop_map(|number| Operand::Number(f64::from(number))),
        1 => Just(Operand::Null),
        2 => prop::sample::select(paths).prop_map(Operand::Path),
    ];
    let operator = prop::sample::select(vec!["=", "=", "!=", "!=", ">", ">=", "<", "<=", "~", "!~"]);
    (left, right, operator, any::<bool>(), any::<bool>())
        .prop_map(|(left, right, operator, any, swap)| (Operand::Path(left), right, operator, any, swap))
        // Values of different types compare by SQLite's affinities, of which the naive evaluator knows nothing.
        .prop_filter("one type", |(left, right, operator, ..)| {
            let pattern = matches!(*operator, "~" | "!~");
            let alike = matches!(right, Operand::Null) || is_number(left) == is_number(right);
            alike && !(pattern && (is_number(left) || right_is_path_or_null(right)))
        })
        .prop_map(|(left, right, operator, any, swap)| {
            let pattern = matches!(operator, "~" | "!~");
            let (left, right) = if swap && !pattern { (right, left) } else { (left, right) };
            Expression::Comparison { left, operator, any, right }
        })
}

fn right_is_path_or_null(operand: &Operand) -> bool {
    matches!(operand, Operand::Path(_) | Operand::Null)
}

fn expression() -> impl Strategy<Value = Expression> {
    comparison().prop_recursive(3, 8, 3, |inner| {
        let parts = prop::collection::vec(inner, 2..4);
        (parts, any::<bool>())
            .prop_map(|(parts, and)| if and { Expression::And(parts) } else { Expression::Or(parts) })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn filters_find_what_their_meaning_says(filter in expression()) {
        thread_local! {
            static BLOG: (Blog, Tables) = {
                let blog = Blog::new();
                let tables = Tables::read(&blog);
                (blog, tables)
            };
        }
        let text = filter.write();
        let (found, expected) = BLOG.with(|(blog, tables)| {
            (blog.run_both(&Case { filter: Some(&text), ..Case::default() }), tables.find(&filter))
        });
        prop_assert_eq!(found, expected, "{}", text);
    }
}

/// Text that looks like a filter, with marks in its values.
fn looks_like_a_filter() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "title",
        "n",
        "owner.name",
        "tags.name",
        "tags:each",
        "cats:length",
        "meta.a.0",
        "comments_via_post.n",
        "likes_via_posts.by.name",
        "org.members.name",
        "drafts_via_post.text",
        "owner.email",
        "null",
        "true",
        "@now",
        "'marker1'",
        "\"marker'2\"",
        "'marker%3'",
        "''",
        "918273.645",
        "-564738",
        "geoDistance(n,918273,geo.lat,1)",
        "strftime('marker4', day)",
        "=",
        "!=",
        "~",
        "!~",
        ">",
        "?=",
        "?!=",
        "?<=",
        "&&",
        "||",
        "(",
        ")",
        "//c\n",
    ]);
    prop::collection::vec(word, 1..24).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn nothing_panics(text in any::<String>()) {
        let _ = Filter::parse(&text, &FilterLimits::CLIENT);
        let _ = Sort::parse(&text);
        let _ = Expand::parse(&text);
        if let Ok(fields) = Fields::parse(&text) {
            fields.pick(serde_json::json!({"a": text}));
        }
        let excerpt = backspin_query::Excerpt { chars_max: 10, with_ellipsis: true };
        prop_assert!(excerpt.of(&text).chars().count() <= 13);
    }

    #[test]
    fn whatever_compiles_prepares_and_holds_no_value_of_the_input(text in looks_like_a_filter(), guest in any::<bool>()) {
        thread_local! {
            static BLOG: Blog = Blog::new();
        }
        let by = if guest { As::Guest } else { As::Superuser };
        BLOG.with(|blog| {
            let case = Case { filter: Some(&text), by, ..Case::default() };
            let Ok((sql, values)) = blog.statement(&case) else { return Ok(()) };
            let statement = blog.database.prepare(&sql);
            prop_assert!(statement.is_ok(), "{} {sql}", statement.err().map_or_else(String::new, |e| e.to_string()));
            prop_assert_eq!(statement.expect("prepared").parameter_count(), values.len());
            for value in ["marker", "918273", "564738"] {
                prop_assert!(!sql.contains(value), "{sql}");
            }
            blog.run_both(&case);
            Ok(())
        })?;
    }
}

#[test]
fn injections_stay_values_or_errors() {
    let blog = Blog::new();
    let attacks = [
        "'; DROP TABLE posts; --",
        "\" OR 1=1 --",
        "1) OR (1=1",
        "x\\'",
        "') UNION SELECT tokenKey FROM users --",
        "`posts`",
        "title\" ASC; --",
        "id\0",
        "$.a' || '",
        "a]b",
        "[0]",
    ];
    for attack in attacks {
        for filter in [
            attack.to_owned(),
            format!("title={attack}"),
            format!("{attack}=1"),
            format!("meta.{attack}=1"),
            format!("owner.{attack}=1"),
            format!("title:{attack}=1"),
            format!("@collection.{attack}.id=1"),
            format!("@request.body.{attack}=1"),
            format!("strftime({attack})=1"),
        ] {
            let _ = blog.run_both(&Case { filter: Some(&filter), ..Case::default() });
        }
        let quoted = format!("title={attack:?}");
        let found = blog.run_both(&Case { filter: Some(&quoted), ..Case::default() });
        assert!(found.is_empty() || found.contains("(at "), "{quoted}: {found}");
        let sort = blog.run(&Case { sort: Some(attack), ..Case::default() });
        assert!(sort.contains("(at "), "{sort}");
    }
    assert_eq!(blog.run(&Case::default()), "p1 p2 p3 p4 p5");
}
