//! What a browser may show, and what it never may: a member's file is nobody's page.

use playhouse::accounts::Role;
use playhouse_test_support::drives::NewFile;
use playhouse_test_support::{TestApp, problem, wrong_fields};

use crate::{content_of, fetch, header};

#[actix_web::test]
async fn only_what_cannot_act_is_shown_and_only_in_a_sandbox() {
    let app = TestApp::start().await;
    let ann = app.newcomer(Role::Member).await;
    let types = [
        ("image/png", Some("image/png")),
        ("IMAGE/JPEG; x=1", Some("image/jpeg")),
        ("application/pdf", Some("application/pdf")),
        ("text/plain", Some("text/plain; charset=utf-8")),
        (
            "text/plain; charset=utf-7",
            Some("text/plain; charset=utf-8"),
        ),
        ("video/mp4", Some("video/mp4")),
        ("audio/mpeg", Some("audio/mpeg")),
        ("text/html", None),
        ("text/html; charset=utf-8", None),
        ("application/xhtml+xml", None),
        ("image/svg+xml", None),
        ("text/xml", None),
        ("application/javascript", None),
        ("text/css", None),
        ("multipart/x-mixed-replace", None),
        ("text/plain\r\nX: y", None),
        ("", None),
    ];
    for (number, (claimed, shown)) in types.into_iter().enumerate() {
        let file = NewFile {
            name: &format!("{number}.html"),
            content_type: claimed,
            bytes: b"<script>alert(1)</script>",
        };
        let id = app.put_typed(&ann, &ann.id, file).await;
        let saved = fetch(&ann, &id).await;
        assert!(
            header(&saved, "content-disposition").starts_with("attachment;"),
            "{claimed}"
        );
        let is_media = matches!(claimed, "video/mp4" | "audio/mpeg");
        if !is_media {
            assert_eq!(
                header(&saved, "content-type"),
                "application/octet-stream",
                "{claimed}"
            );
        }
        let seen = ann.get(&format!("{}?inline=1", content_of(&id))).await;
        assert_eq!(seen.status(), 200);
        assert_eq!(header(&seen, "x-content-type-options"), "nosniff");
        let (kind, how, policy) = (
            header(&seen, "content-type"),
            header(&seen, "content-disposition"),
            header(&seen, "content-security-policy"),
        );
        match shown {
            Some(expected) => {
                assert_eq!(kind, expected, "{claimed}");
                assert!(how.starts_with("inline;"), "{claimed}: {how}");
                assert!(
                    policy.starts_with("sandbox; default-src 'none'"),
                    "{policy}"
                );
                assert!(
                    !policy.contains("allow-") && !policy.contains("script"),
                    "{policy}"
                );
            }
            None => {
                assert_eq!(kind, "application/octet-stream", "{claimed}");
                assert!(how.starts_with("attachment;"), "{claimed}: {how}");
            }
        }
        // A moment later it is saved all the same.
        let saved = ann.get(&format!("{}?inline=0", content_of(&id))).await;
        assert!(
            header(&saved, "content-disposition").starts_with("attachment;"),
            "{claimed}"
        );
    }
    for query in ["inline=2", "inline=true", "attachment=1"] {
        let answer = ann.get(&format!("{}?{query}", content_of(&ann.id))).await;
        let problem = problem(answer, 422, "invalid").await;
        assert_eq!(wrong_fields(&problem).len(), 1, "{query}");
    }
}
