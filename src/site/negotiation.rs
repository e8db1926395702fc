//! Whom an answer is for: a person with a browser, or a program.

use actix_web::HttpRequest;
use actix_web::http::header;

/// Whether the caller would rather have a page than JSON. Addresses of the API always speak JSON; a caller that takes
/// anything, such as a program that says nothing of it, gets JSON too.
#[must_use]
pub fn prefers_page(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT);
    let accept = accept.and_then(|it| it.to_str().ok()).unwrap_or_default();
    !request.path().starts_with("/api/") && likes_html(accept)
}

fn likes_html(accept: &str) -> bool {
    let html = weight(accept, &["text/html", "application/xhtml+xml"]);
    let json = weight(accept, &["application/json", "application/problem+json"]);
    html > 0.0 && html >= json
}

/// The greatest `q` that an `Accept` gives to one of these types by name (RFC 9110 §12.5.1).
fn weight(accept: &str, types: &[&str]) -> f32 {
    accept
        .split(',')
        .filter_map(|part| {
            let mut words = part.split(';').map(str::trim);
            let name = words.next()?.to_ascii_lowercase();
            let q = words.find_map(|word| word.strip_prefix("q="));
            types
                .contains(&name.as_str())
                .then(|| q.map_or(1.0, |q| q.parse().unwrap_or(0.0)))
        })
        .fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::likes_html;

    #[test]
    fn browsers_get_pages_and_programs_json() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert!(likes_html(browser));
        assert!(likes_html("application/json;q=0.5, text/html; q=0.7"));
        for program in [
            "",
            "*/*",
            "application/json",
            "application/json, text/html;q=0.5",
            "text/html;q=0",
            "text/html;q=x",
        ] {
            assert!(!likes_html(program), "{program}");
        }
    }
}
