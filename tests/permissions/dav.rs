//! WebDAV.

use reqwest::header::RANGE;
use reqwest::{Method, RequestBuilder, StatusCode};

use crate::Protocol;
use crate::api::read;
use crate::scene::{CONTENT, Scene, TOO_MUCH, meaning};
use crate::table::{Deed, Outcome, Who};

const LOCK: &str = "<D:lockinfo xmlns:D=\"DAV:\"><D:lockscope><D:exclusive/></D:lockscope>\
    <D:locktype><D:write/></D:locktype></D:lockinfo>";

pub(crate) struct Dav;

impl Protocol for Dav {
    const NAME: &'static str = "WebDAV";
    const WHO: &'static [Who] = Who::PEOPLE;
    const MAKES_FOLDERS: bool = false;

    async fn attempt(scene: &Scene<'_>, deed: Deed) -> Outcome {
        let file = "/Papers/a.txt";
        let request = match deed {
            Deed::List => {
                return list(ask(scene, "PROPFIND", "/Papers").header("Depth", "1")).await;
            }
            Deed::Read => return content(ask(scene, "GET", file), CONTENT).await,
            Deed::Range => {
                let request = ask(scene, "GET", file).header(RANGE, "bytes=4-8");
                return content(request, &CONTENT[4..9]).await;
            }
            Deed::Create => ask(scene, "PUT", "/Papers/new"),
            Deed::Replace => ask(scene, "PUT", file).body("replaced"),
            Deed::Rename => {
                let to = format!("{}/dav/Papers/renamed.txt", scene.app.url);
                ask(scene, "MOVE", file).header("Destination", to)
            }
            Deed::Delete => ask(scene, "DELETE", file),
            Deed::Lock => ask(scene, "LOCK", file).body(LOCK),
            Deed::Overflow => ask(scene, "PUT", "/too-much").body(vec![7; TOO_MUCH]),
            Deed::Share => return Outcome::Strange,
        };
        status(request.send().await.unwrap().status())
    }
}

fn ask(scene: &Scene<'_>, method: &str, path: &str) -> RequestBuilder {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let url = format!("{}/dav{path}", scene.app.url);
    let request = scene.app.client.request(method, url);
    match &scene.sign_in {
        Some((name, secret)) => request.basic_auth(name, Some(secret)),
        None => request,
    }
}

/// The folder above is missing: 409, by the book.
fn status(status: StatusCode) -> Outcome {
    match status {
        StatusCode::CONFLICT => Outcome::Nothing,
        status => meaning(status),
    }
}

async fn content(request: RequestBuilder, expected: &str) -> Outcome {
    read(request.send().await.unwrap(), expected).await
}

async fn list(request: RequestBuilder) -> Outcome {
    let answer = request.send().await.unwrap();
    let outcome = meaning(answer.status());
    let body = answer.text().await.unwrap();
    match outcome {
        Outcome::Yes if !body.contains("a.txt") => Outcome::Strange,
        outcome => outcome,
    }
}
