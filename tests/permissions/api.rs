//! The web API.

use playhouse_test_support::text;
use reqwest::header::RANGE;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::Protocol;
use crate::scene::{CONTENT, Scene, meaning};
use crate::table::{Deed, Outcome, Who};

pub(crate) struct Api;

impl Protocol for Api {
    const NAME: &'static str = "the web API";
    const WHO: &'static [Who] = Who::PEOPLE;

    async fn attempt(scene: &Scene<'_>, deed: Deed) -> Outcome {
        let (who, folder, file) = (&scene.asker, &scene.folder, &scene.file);
        let place = format!("/drive/entries/{file}");
        let answer = match deed {
            Deed::List => {
                return list(who.get(&format!("/drive/entries?parent_id={folder}")).await).await;
            }
            Deed::Read => return read(who.get(&format!("{place}/content")).await, CONTENT).await,
            Deed::Range => {
                let request = who.request(Method::GET, &format!("{place}/content"));
                let answer = request.header(RANGE, "bytes=4-8").send().await.unwrap();
                return read(answer, &CONTENT[4..9]).await;
            }
            Deed::Create => {
                who.post("/drive/folders", json!({"path": "/Papers/new"}))
                    .await
            }
            Deed::Rename => who.patch(&place, json!({"name": "renamed.txt"})).await,
            Deed::Delete => who.delete(&place).await,
            Deed::Share => who.post(&format!("{place}/shares"), json!({})).await,
            Deed::Replace | Deed::Lock | Deed::Overflow => return Outcome::Strange,
        };
        meaning(answer.status())
    }
}

async fn list(answer: Response) -> Outcome {
    let outcome = meaning(answer.status());
    if outcome == Outcome::Yes {
        let page: Value = answer.json().await.unwrap();
        assert_eq!(text(&page["items"][0]["name"]), "a.txt");
    }
    outcome
}

/// A refusal must not have the bytes in it either.
pub(crate) async fn read(answer: Response, expected: &str) -> Outcome {
    let outcome = meaning(answer.status());
    let body = answer.text().await.unwrap();
    match outcome {
        Outcome::Yes if body == expected => Outcome::Yes,
        Outcome::Yes => Outcome::Strange,
        outcome if body.contains(expected) => panic!("{outcome:?} with the bytes"),
        outcome => outcome,
    }
}
