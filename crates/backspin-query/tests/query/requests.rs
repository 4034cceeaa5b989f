//! Rules that look at the request.

use crate::blog::{As, Blog, Case};

const ALL: &str = "p1 p2 p3 p4 p5";

#[test]
fn the_signed_in_record_is_known() {
    let blog = Blog::new();
    for (rule, ann, guest) in [
        ("@request.auth.id!=''", ALL, ""),
        ("@request.auth.id=''", "", ALL),
        ("@request.auth.id=owner", "p1 p4", "p3"),
        ("owner=@request.auth.id", "p1 p4", "p3"),
        ("owner!=@request.auth.id", "p2 p3 p5", "p1 p2 p4 p5"),
        ("@request.auth.name='Ann'", ALL, ""),
        ("@request.auth.name=''", "", ALL),
        ("@request.auth.verified=true", ALL, ""),
        ("@request.auth.verified=false", "", ""),
        ("@request.auth.nope=''", ALL, ALL),
        ("@request.auth.nope>1", "", ""),
        ("@request.auth.collectionName='users'", ALL, ""),
        ("@request.auth.email~'u1'", ALL, ""),
        ("@request.auth.orgs_via_members.id?=org", "p1 p5", "p3"),
        ("@request.auth.orgs_via_owner.name='One'", ALL, ""),
        ("@request.auth.posts_via_owner.id?=id", "p1 p4", ""),
        ("@request.auth.posts_via_owner.tags.w?>1", ALL, ""),
        ("owner.name=@request.auth.name", "p1 p4", "p3"),
        ("@request.auth.id~title", "p3", ""),
        ("'is true'~@request.auth.verified", ALL, ""),
    ] {
        let found = |by| blog.run_both(&Case { rule: Some(rule), by, ..Case::default() });
        assert_eq!(found(As::User("u1")), ann, "{rule}");
        assert_eq!(found(As::Guest), guest, "{rule} for a guest");
    }
}

#[test]
fn query_headers_method_and_context_are_known() {
    let blog = Blog::new();
    for (rule, expected) in [
        ("@request.method='GET'", ALL),
        ("@request.context='default'", ALL),
        ("@request.query.a='x'", ALL),
        ("@request.query.a.b='x'", ""),
        ("@request.query.a:isset=true", ALL),
        ("@request.query.nope:isset=false", ALL),
        ("@request.query.nope=null", ALL),
        ("@request.query.nope>1", ""),
        ("@request.query.a:lower='x'", ALL),
        ("title~@request.query.like", "p1 p2"),
        ("n<@request.query.max", "p1 p3 p4"),
        ("n=@request.query.max", "p2"),
        ("title=@request.query.nope", "p3"),
        ("title!=@request.query.nope", "p1 p2 p4 p5"),
        ("owner.name=@request.query.nope", "p3"),
        ("owner.name!=@request.query.nope", "p1 p2 p4 p5"),
        ("@request.headers.x_token='t'", ALL),
        ("@request.headers.x_token:isset=true", ALL),
        ("geoDistance(geo.lon,geo.lat,@request.query.max,@request.query.max)>1000", "p1 p2"),
    ] {
        let query = &[("a", "x"), ("like", "He%"), ("max", "2.5")];
        assert_eq!(
            blog.run_both(&Case { rule: Some(rule), query, by: As::Guest, ..Case::default() }),
            expected,
            "{rule}"
        );
    }
}

#[test]
fn the_body_is_known() {
    let blog = Blog::new();
    let body = r#"{"title":"Hello","n":3,"tags":["t1","t2"],"owner":"u2","cats":["a"],"flag":true,
        "meta":{"a":1,"l":[1,2]},"extra":"ZZ","obj":{"k":"v"},"nothing":null}"#;
    for (rule, expected) in [
        ("@request.body.title='Hello'", ALL),
        ("@request.body.n>2", ALL),
        ("@request.body.n='3'", ""),
        ("@request.body.extra:lower='zz'", ALL),
        ("@request.body.obj.k='v'", ALL),
        ("@request.body.meta.l.0=1", ALL),
        ("@request.body.tags~'t1'", ALL),
        ("@request.body.tags:length=2", ALL),
        ("@request.body.owner:length=1", ALL),
        ("@request.body.cat:length=0", ALL),
        ("@request.body.tags:each?='t1'", ALL),
        ("@request.body.tags:each='t1'", ""),
        ("@request.body.tags:each~'t'", ALL),
        ("@request.body.tags.name?='green'", ALL),
        ("@request.body.tags.name='green'", ""),
        ("@request.body.tags.w?>1 && @request.body.tags.name?='red'", ""),
        ("@request.body.owner.name='Bob'", ALL),
        ("@request.body.owner.orgs_via_owner.name='Two'", ALL),
        ("@request.body.org.name=''", ALL),
        ("@request.body.title:isset=true", ALL),
        ("@request.body.nothing:isset=true", ALL),
        ("@request.body.nothing=null", ALL),
        ("@request.body.nope:isset=false", ALL),
        ("'is true'~@request.body.flag", ALL),
        ("@request.body.nope>1", ""),
        ("@request.body.nope!~'a'", ""),
        ("@request.body.title:changed=true", "p2 p3 p4 p5"),
        ("@request.body.title:changed=false", "p1"),
        ("@request.body.day:changed=false", ALL),
        ("@request.body.flag:changed=false", "p1 p4"),
        ("title=@request.body.title", "p1"),
    ] {
        let case = Case { rule: Some(rule), body, by: As::User("u1"), ..Case::default() };
        assert_eq!(blog.run_both(&case), expected, "{rule}");
    }
}

#[test]
fn a_rule_and_a_filter_look_at_the_same_related_record() {
    let blog = Blog::new();
    let case = Case {
        rule: Some("comments_via_post.n ?> 1"),
        filter: Some("comments_via_post.text ?= 'x'"),
        by: As::User("u1"),
        ..Case::default()
    };
    assert_eq!(blog.run_both(&case), "p2");
}
