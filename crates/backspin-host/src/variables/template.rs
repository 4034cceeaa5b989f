//! Texts with `{{ name }}` in them, as Spin writes them: there is no way to write `{{` itself.

use std::fmt;

/// A parsed text: `https://{{ host }}/api` is a literal, a variable and a literal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Part {
    Literal(String),
    Variable(String),
}

impl Template {
    /// Parses any text; whether its variables exist is not checked here.
    ///
    /// # Errors
    /// `{{` without `}}`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once("{{") {
            let Some((name, after)) = after.split_once("}}") else {
                return Err("`{{` has no `}}`: write a variable as {{ name }}".to_owned());
            };
            if !literal.is_empty() {
                parts.push(Part::Literal(literal.to_owned()));
            }
            parts.push(Part::Variable(name.trim().to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The whole text, if it has no variables.
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The names of the variables, in order, as often as they occur.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }

    /// The text with every variable replaced by what `value_of` gives for it; `None` if it gives none.
    pub(super) fn render<'v>(&self, value_of: impl Fn(&str) -> Option<&'v str>) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            text.push_str(match part {
                Part::Literal(literal) => literal,
                Part::Variable(name) => value_of(name)?,
            });
        }
        Some(text)
    }
}

impl fmt::Display for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Literal(literal) => formatter.write_str(literal),
            Part::Variable(name) => write!(formatter, "{{{{ {name} }}}}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let value_of = |name: &str| match name {
            "host" => Some("example.com"),
            "empty" => Some(""),
            "braces" => Some("{{ host }}"),
            _ => None,
        };
        assert_eq!(Template::parse(text).unwrap().render(value_of).as_deref(), expected, "{text:?}");
    }

    #[test]
    fn variables_are_replaced() {
        check("", Some(""));
        check("plain", Some("plain"));
        check("{{ host }}", Some("example.com"));
        check("{{host}}{{  host  }}", Some("example.comexample.com"));
        check("https://{{ host }}:8080/", Some("https://example.com:8080/"));
        check("a{{ empty }}b", Some("ab"));
    }

    #[test]
    fn values_are_not_templates() {
        check("{{ braces }}", Some("{{ host }}"));
    }

    #[test]
    fn single_and_closing_braces_are_literal() {
        check("{\"a\": {\"b\": 1}}", Some("{\"a\": {\"b\": 1}}"));
        check("}} {", Some("}} {"));
    }

    #[test]
    fn unknown_variables_have_no_value() {
        check("{{ other }}", None);
        check("{{ }}", None);
        check("{{{ host }}}", None);
    }

    #[test]
    fn an_open_variable_is_refused() {
        for text in ["{{", "a {{ host", "{{ host }} {{ host }"] {
            assert!(Template::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_literal_is_recognised() {
        assert_eq!(Template::parse("plain").unwrap().literal(), Some("plain"));
        assert_eq!(Template::parse("").unwrap().literal(), Some(""));
        assert_eq!(Template::parse("{{ host }}").unwrap().literal(), None);
    }
}
