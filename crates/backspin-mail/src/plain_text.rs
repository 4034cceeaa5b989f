//! A page as plain text, for programs that show no HTML.

/// What of the page is to be read, with the targets of links beside their texts.
pub(crate) fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut target = None;
    let mut rest = body(html);
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        let name = tag.split([' ', '/', '\n']).find(|name| !name.is_empty()).unwrap_or_default();
        match (name, tag.starts_with('/')) {
            ("a", false) => target = tag.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()),
            ("a", true) => text.extend(target.take().map(|target| format!(" ({target})"))),
            ("br", _) | ("p" | "div" | "h1" | "h2" | "h3" | "li" | "tr", true) => text.push('\n'),
            _ => {}
        }
        rest = after;
    }
    text.push_str(rest);
    let lines: Vec<String> =
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let mut plain = String::new();
    for line in lines.iter().filter(|line| !line.is_empty()) {
        plain.push_str(&unescape(line));
        plain.push('\n');
    }
    plain
}

fn body(html: &str) -> &str {
    let from = html.find("<body").map_or(html, |start| &html[start..]);
    from.split("</body>").next().unwrap_or(from)
}

fn unescape(text: &str) -> String {
    let named =
        [("&lt;", "<"), ("&gt;", ">"), ("&#34;", "\""), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " ")];
    let text = named.iter().fold(text.to_owned(), |text, (name, c)| text.replace(name, c));
    text.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_that_of_the_body_with_its_links() {
        let html = "<html><head><style>a{}</style></head><body class=\"x\">\n<p>Hello &lt;you&gt;,</p>\n\n\
                    <p>a  b<br/>c <a class=\"btn\" href=\"http://x/?a=1&amp;b\">Go</a></p></body></html>";
        assert_eq!(plain(html), "Hello <you>,\na b\nc Go (http://x/?a=1&b)\n");
        assert_eq!(plain("a < b <p"), "a\n");
    }
}
