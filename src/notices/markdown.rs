//! Markdown to HTML that a page may show as it is.
//!
//! HTML in the text is shown as text. What the renderer makes then passes through a sanitiser that knows only the
//! elements of prose: no images, no styles, no classes, no ids, and links to `http` and `https` alone.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Event, Options, Parser, html};

/// Quotes, lists and emphasis inside each other. Beyond it, browsers and feed readers give up before people do.
pub(super) const MAX_DEPTH: usize = 32;

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .tags(HashSet::from([
            "a",
            "blockquote",
            "br",
            "code",
            "del",
            "em",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "hr",
            "li",
            "ol",
            "p",
            "pre",
            "strong",
            "table",
            "tbody",
            "td",
            "th",
            "thead",
            "tr",
            "ul",
        ]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["http", "https"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener nofollow"));
    builder
});

fn parse(text: &str) -> impl Iterator<Item = Event<'_>> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
}

/// Renders and sanitises.
pub(super) fn render(text: &str) -> String {
    let events = parse(text).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    });
    let mut rendered = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut rendered, events);
    SANITISER.clean(&rendered).to_string()
}

/// Whether something stands inside more than [`MAX_DEPTH`] others.
pub(super) fn is_too_deep(text: &str) -> bool {
    let mut depth = 0_usize;
    parse(text).any(|event| {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > MAX_DEPTH
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prose_is_rendered() {
        let html =
            render("# Tonight\n\n*Metropolis* at **eight**, ~~nine~~:\n\n3. doors\n4. film\n");
        assert!(html.contains("<h1>Tonight</h1>"), "{html}");
        assert!(html.contains("<em>Metropolis</em> at <strong>eight</strong>, <del>nine</del>"));
        assert!(html.contains("<ol start=\"3\">"), "{html}");
        assert!(render("a | b\n-: | -\n1 | 2").contains("<td>1</td>"));
    }

    #[test]
    fn links_lead_out_safely() {
        assert_eq!(
            render("[us](https://example.org \"now\")"),
            "<p><a href=\"https://example.org\" rel=\"noopener nofollow\">us</a></p>\n"
        );
        for target in [
            "javascript:alert(1)",
            "data:text/html,x",
            "/me",
            "//evil.example",
            "mailto:a@b",
            "JaVaScRiPt:alert(1)",
        ] {
            let html = render(&format!("[x]({target})"));
            assert!(!html.contains("href"), "{target} gave {html}");
        }
    }

    #[test]
    fn html_is_text_and_pictures_are_left_out() {
        let html = render(
            "<script>alert(1)</script>\n\na <b onclick=x>b</b> ![alt](https://example.org/x.png)",
        );
        assert!(!html.contains("<script"), "{html}");
        assert!(!html.contains("<b"), "{html}");
        assert!(!html.contains("<img"), "{html}");
        assert!(html.contains("&lt;script&gt;alert(1)"), "{html}");
    }

    #[test]
    fn depth_is_measured() {
        assert!(!is_too_deep(&format!("{} x", ">".repeat(20))));
        assert!(is_too_deep(&format!("{} x", ">".repeat(40))));
        assert!(is_too_deep(&">".repeat(60_000)));
        let emphasis = |times| format!("{}x{}", "*a **b ".repeat(times), " b** a*".repeat(times));
        assert!(!is_too_deep(&emphasis(10)));
        assert!(is_too_deep(&emphasis(30)));
    }

    proptest! {
        #[test]
        fn whatever_is_written_only_prose_comes_out(text in "([ \\n<>/='\"()!\\[\\]*#a-c:]|<script>|javascript:|onerror=|<img src=x |style=|https://e\\.org){0,60}") {
            let html = render(&text);
            for part in html.split('<').skip(1) {
                let tag = part.split('>').next().unwrap_or_default();
                let name = tag.trim_start_matches('/').split(' ').next().unwrap_or_default();
                prop_assert!(SANITISER.clone_tags().contains(name), "{} in {}", name, html);
                for word in tag.split(' ').skip(1).filter(|it| it.contains('=')) {
                    let is_known = ["href=\"http", "rel=\"noopener", "start=\""].iter().any(|it| word.starts_with(it));
                    prop_assert!(is_known, "{} in {}", word, html);
                }
            }
        }
    }
}
