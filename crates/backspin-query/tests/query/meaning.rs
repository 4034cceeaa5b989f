//! What filters find. Every expectation here is what PocketBase 0.40 finds in the same records.

use crate::blog::{As, Blog, Case};

/// Pairs of a filter and the ids it finds.
fn check(cases: &[(&str, &str)]) {
    let blog = Blog::new();
    for (filter, expected) in cases {
        assert_eq!(blog.run_both(&Case { filter: Some(filter), ..Case::default() }), *expected, "{filter}");
    }
}

#[test]
fn texts_and_numbers_compare_by_the_type_of_the_field() {
    check(&[
        ("title='Hello'", "p1"),
        ("title='5'", "p5"),
        ("title=5", ""),
        ("n='5'", "p5"),
        ("n>'1'", "p2 p5"),
        ("n>true", "p2 p5"),
        ("n=-3", "p4"),
        ("n=-.5", ""),
        ("flag=true", "p1 p4"),
        ("flag=FALSE", "p2 p3 p5"),
        ("flag='true'", ""),
        ("'1'=1", ""),
        ("1=true", "p1 p2 p3 p4 p5"),
        ("title:lower='hello'", "p1"),
        ("title:isset=true", ""),
        ("@now>day", "p1 p2 p3 p4 p5"),
        ("@year=2026 && n=1", "p1"),
        ("day>'2024' && day<'2025'", "p1"),
    ]);
}

#[test]
fn null_and_empty_are_equal() {
    check(&[
        ("title=''", "p3"),
        ("title=null", "p3"),
        ("null=title", "p3"),
        ("title!=null", "p1 p2 p4 p5"),
        ("title!='x'", "p1 p2 p3 p4 p5"),
        ("owner=''", "p3"),
        ("n=null", ""),
        ("n!=null", "p1 p2 p3 p4 p5"),
        ("''=null", "p1 p2 p3 p4 p5"),
        ("''!=null", ""),
        ("title=owner", "p3"),
        ("title!=owner", "p1 p2 p4 p5"),
        ("owner.name=''", "p3"),
        ("owner.name!='Ann'", "p2 p3 p5"),
        ("title>null", ""),
        ("title!~null", ""),
        ("cats=''", ""),
    ]);
}

#[test]
fn like_finds_parts_unless_it_is_a_pattern() {
    check(&[
        ("title~'hello'", "p1 p2"),
        ("title~'hello%'", "p1 p2"),
        ("title~'100%'", ""),
        (r"title~'100\\%'", "p2"),
        ("title~'a_b'", "p4"),
        (r"title~'\\'", "p4"),
        ("title~''", "p1 p2 p3 p4 p5"),
        ("title!~'h'", "p3 p4 p5"),
        ("n~1", "p1"),
        ("'hello'~title", "p1 p3"),
        ("title~n", "p5"),
    ]);
}

#[test]
fn and_binds_stronger_than_or_and_groups_may_lack_a_join() {
    check(&[
        ("flag=true||title='5'&&n=0", "p1 p4"),
        ("n=0&&title='5'||flag=true", "p1 p4"),
        ("(n=1)(n=1)||(n=5)", "p1 p5"),
        ("n=5||(n=1)(n=2.5)", "p1 p2 p5"),
        ("n=1 // a comment\n && flag=true // another", "p1"),
    ]);
}

#[test]
fn json_paths_compare_what_they_hold() {
    check(&[
        ("meta=5", "p5"),
        ("meta='plain'", "p4"),
        ("meta=null", "p3"),
        ("meta=''", ""),
        ("meta.a.b.0=1", "p1"),
        ("meta.a.b.2.c='x'", "p1"),
        ("meta.1='two'", "p2"),
        ("meta.n=5", "p1"),
        ("meta.n='5'", ""),
        ("meta.t=true", "p1"),
        ("meta.z=null", "p1 p2 p3 p4 p5"),
        ("meta.z=''", ""),
        ("meta.n>4", "p1"),
        ("meta.s~'st'", "p1"),
        ("geo.lon>0", "p1"),
        ("geo.lat=20", "p1"),
        ("geo=null", ""),
    ]);
}

#[test]
fn lists_are_compared_as_text_by_length_or_each() {
    check(&[
        ("cats='a'", ""),
        ("cats~'a'", "p1 p2"),
        ("cats:each='a'", "p2"),
        ("cats:each?='a'", "p1 p2"),
        ("cats:each!='a'", "p3 p4 p5"),
        ("cats:length=2", "p1 p4"),
        ("cats:length>0", "p1 p2 p4"),
        ("cat:length=1", "p1 p2"),
        ("cat:each='a'", "p1"),
        ("cats:each?='a' && cats:each?='b'", ""),
        ("tags:each?='t1'", "p1 p2"),
        ("tags:length=1", "p2 p4"),
    ]);
}

#[test]
fn plain_operators_want_all_related_records_to_match() {
    check(&[
        ("tags.name='red'", "p2"),
        ("tags.name?='red'", "p1 p2"),
        ("tags.w>1", "p4 p5"),
        ("tags.w?>1", "p1 p4 p5"),
        ("tags.w!=1", "p3 p4 p5"),
        ("tags.w?!=1", "p1 p3 p4 p5"),
        ("tags.name=''", "p3"),
        ("tags.name!=''", "p1 p2 p4 p5"),
        ("org.members.name='Cid'", "p2"),
        ("org.members.name?='Bob'", "p1 p5"),
        ("tags.name=tags.name", "p2 p3 p4"),
        ("tags.name?=tags.name", "p1 p2 p3 p4 p5"),
        ("tags.w<comments_via_post.n", "p2 p4"),
        ("tags.w?<comments_via_post.n", "p1 p2 p4"),
        ("'xred'~tags.name", "p2"),
        // The check that all match takes null for empty, even in JSON.
        ("meta.n!=comments_via_post.text", "p1 p2"),
        ("comments_via_post.text!=meta.n", "p1 p2"),
    ]);
}

#[test]
fn back_relations_join_like_relations() {
    check(&[
        ("comments_via_post.text='x'", "p2"),
        ("comments_via_post.text?='x'", "p1 p2"),
        ("comments_via_post.text!='x'", "p3 p4 p5"),
        ("comments_via_post.n>1", "p2 p4"),
        ("comments_via_post.n?>1 && comments_via_post.text?='x'", "p2"),
        ("comments_via_post.id=''", "p3 p5"),
        ("comments_via_post.author.name?='Bob'", "p1"),
        ("likes_via_posts.kind?='k'", "p1 p2"),
        ("likes_via_posts.kind='m'", ""),
        ("likes_via_posts.by.name?='Bob'", "p2"),
        ("likes_via_posts.posts:length?=2", "p1 p2"),
        ("covers_via_post.image='one'", "p1"),
        ("covers_via_post.image!='one'", "p2 p3 p4 p5"),
        ("owner.comments_via_author.n>0", "p1 p2 p4 p5"),
    ]);
}

#[test]
fn functions_compute() {
    check(&[
        ("geoDistance(geo.lon,geo.lat,10,20)<1", "p1"),
        ("geoDistance(geo.lon,geo.lat,-70,-33)>100", "p1 p3 p4 p5"),
        ("1 < geoDistance(1,2,3,4)", "p1 p2 p3 p4 p5"),
        ("geoDistance(null,1,1,1)>0", ""),
        ("geoDistance(geo.lon,geo.lat,null,20)=null", "p1 p2 p3 p4 p5"),
        ("strftime('%Y',day)='2024'", "p1"),
        ("strftime('%Y',day,'+1 day','start of month')='2024'", "p1"),
        ("strftime('%Y',day)=2024", ""),
        ("strftime('%Y',null)=null", "p1 p2 p3 p4 p5"),
        ("strftime('%Y',@now)='2026'", "p1 p2 p3 p4 p5"),
    ]);
}

#[test]
fn view_columns_have_no_type() {
    let blog = Blog::new();
    let titles =
        |filter| blog.run_both(&Case { collection: "titles", filter: Some(filter), ..Case::default() });
    assert_eq!(titles("label='Hello'"), "p1");
    assert_eq!(titles("label=5"), "p5");
    assert_eq!(titles("n=1"), "p1 p2 p3 p4 p5");
    assert_eq!(titles("n='1'"), "");
}

#[test]
fn other_collections_join_every_record() {
    let blog = Blog::new();
    let found = |rule| blog.run_both(&Case { rule: Some(rule), by: As::User("u1"), ..Case::default() });
    for (rule, expected) in [
        ("@collection.orgs.owner?=@request.auth.id", "p1 p2 p3 p4 p5"),
        ("@collection.orgs.owner=@request.auth.id", ""),
        ("@collection.orgs.id?=org && @collection.orgs.owner?=owner", "p1 p2"),
        ("@collection.orgs:a.id?=org && @collection.orgs:b.owner?=owner", "p1 p2 p4"),
        ("@collection.ORGS.id?=org", "p1 p2 p4 p5"),
        ("@collection.comments.n?>n", "p1 p2 p3 p4"),
        ("owner.id?=@collection.orgs.owner", "p1 p2 p3 p4"),
        ("@collection.orgs.members.name?='Bob'", "p1 p2 p3 p4 p5"),
        ("@collection.locked.text?='one'", "p1 p2 p3 p4 p5"),
    ] {
        assert_eq!(found(rule), expected, "{rule}");
    }
}
