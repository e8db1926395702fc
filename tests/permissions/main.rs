//! Who may do what, over every protocol: one table, and one way of asking for each protocol.
#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod api;
mod dav;
mod files;
mod links;
mod scene;
mod table;
mod tus;

use scene::Scene;
use table::{Deed, Outcome, Who, offers, outcome};

/// A way in.
pub(crate) trait Protocol {
    /// Its row in the table of what is offered.
    const NAME: &'static str;
    /// Whom it can tell from others.
    const WHO: &'static [Who];
    /// Whether folders above a new file are made.
    const MAKES_FOLDERS: bool = true;

    /// Tries it, and says what the answer means.
    async fn attempt(scene: &Scene, deed: Deed) -> Outcome;
}

/// Everybody does everything, and the owner's files are looked at after each attempt.
async fn compare<P: Protocol>() {
    let house = scene::house().await;
    let mut wrong = Vec::new();
    for who in P::WHO {
        for deed in Deed::ALL {
            if !offers(P::NAME, deed) {
                continue;
            }
            let scene = Scene::set(&house, *who).await;
            let before = scene.files().await;
            let seen = P::attempt(&scene, deed).await;
            let after = scene.files().await;
            let expected = outcome(*who, deed);
            let changed = expected == Outcome::Yes && deed.changes();
            let is_right = match changed {
                true => after == deed.done(before.clone()),
                false => after == before,
            };
            // They are told that it was done, and it was, elsewhere.
            let is_meant = match expected {
                Outcome::Own if P::MAKES_FOLDERS => seen == Outcome::Yes,
                Outcome::Own => seen == Outcome::Nothing,
                expected => seen == expected,
            };
            if !is_meant || !is_right {
                wrong.push(format!(
                    "{who:?} {deed:?} over {}: {seen:?} instead of {expected:?}; {before:?} became {after:?}",
                    P::NAME
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[actix_web::test]
async fn over_the_web_api() {
    compare::<api::Api>().await;
}

#[actix_web::test]
async fn over_tus() {
    compare::<tus::Tus>().await;
}

#[actix_web::test]
async fn over_webdav() {
    compare::<dav::Dav>().await;
}

#[actix_web::test]
async fn over_ftp() {
    compare::<files::Ftp>().await;
}

#[actix_web::test]
async fn by_links() {
    compare::<links::Links>().await;
}

#[test]
fn the_page_shows_the_same_tables() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/DRIVE.md");
    let page = std::fs::read_to_string(page).unwrap();
    for table in [table::TABLE, table::OFFERS] {
        assert!(page.contains(table.trim()), "docs/DRIVE.md lacks{table}");
    }
}
