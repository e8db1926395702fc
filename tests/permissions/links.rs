//! Links: reading, for whoever has one.

use reqwest::Method;
use reqwest::header::RANGE;

use crate::Protocol;
use crate::api::read;
use crate::scene::{CONTENT, Scene, meaning};
use crate::table::{Deed, Outcome, Who};

pub(crate) struct Links;

impl Protocol for Links {
    const NAME: &'static str = "a link";
    const WHO: &'static [Who] = Who::LINKS;

    async fn attempt(scene: &Scene<'_>, deed: Deed) -> Outcome {
        let link = scene.link.as_ref().unwrap();
        let file = format!("/{link}/content/a.txt");
        match deed {
            Deed::List => list(scene, link).await,
            Deed::Read => read(scene.asker.get(&file).await, CONTENT).await,
            Deed::Range => {
                let request = scene.asker.request(Method::GET, &file);
                let answer = request.header(RANGE, "bytes=4-8").send().await.unwrap();
                read(answer, &CONTENT[4..9]).await
            }
            _ => Outcome::Strange,
        }
    }
}

/// A link to another folder lists that one: nothing of the one that is asked for.
async fn list(scene: &Scene<'_>, link: &str) -> Outcome {
    let answer = scene.asker.get(&format!("/{link}")).await;
    let outcome = meaning(answer.status());
    let body = answer.text().await.unwrap();
    match outcome {
        Outcome::Yes if body.contains("a.txt") => Outcome::Yes,
        Outcome::Yes => Outcome::Nothing,
        outcome => outcome,
    }
}
