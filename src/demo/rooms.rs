//! Two rooms in which the people of the demo have begun to talk.

use std::sync::Arc;

use anyhow::Context as _;
use playhouse_api::chat::{JoinRoom, NewMessage, NewRoom};

use super::films::FILMS;
use super::{ADMIN, HERE, SignIns, enter};
use crate::accounts::{self, Admin, Viewer};
use crate::app::App;
use crate::chat::{Caller, Error};

/// A room, and who says what in it.
struct Scene {
    name: &'static str,
    lines: [(&'static str, &'static str); 3],
}

const SCENES: [Scene; 2] = [
    Scene {
        name: "Foyer",
        lines: [
            (
                ADMIN,
                "Welcome! Everybody meets here. Ask whatever you like.",
            ),
            ("vip", "Which film should I begin with?"),
            (
                "member",
                "@vip The Coast at Minus Forty. Leave the lights off.",
            ),
        ],
    },
    Scene {
        name: "After the film",
        lines: [
            (ADMIN, "No endings before the credits, please."),
            ("member", "Life, Mostly: why does it all turn amber?"),
            ("vip", "Because everybody has neighbours. \u{1f600}"),
        ],
    },
];

/// Makes what there is not yet of the rooms. Once there are films the house has been open, and what is missing was taken
/// away by somebody.
pub(super) async fn open(app: &App, admin: &Admin, sign_ins: &SignIns) -> anyhow::Result<()> {
    for film in &FILMS {
        if app.movies.find_by_title(film.title).await?.is_some() {
            return Ok(());
        }
    }
    let mut people = vec![(ADMIN, caller(Arc::clone(&admin.viewer)))];
    let mut sessions = Vec::new();
    for name in ["vip", "member"] {
        let (viewer, session) = enter(&app.accounts, sign_ins, name).await?;
        sessions.push((viewer.id().clone(), session));
        people.push((name, caller(viewer)));
    }
    let mut played = Ok(());
    for scene in &SCENES {
        if played.is_ok() {
            played = play(app, scene, &people).await;
        }
    }
    for (account, session) in sessions {
        match app.accounts.end_session(account, session).await {
            // In a house where one sign-in ends the other, theirs may have come meanwhile.
            Ok(()) | Err(accounts::Error::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    played
}

fn caller(viewer: Arc<Viewer>) -> Caller {
    Caller {
        viewer,
        address: HERE,
        request_id: String::new(),
    }
}

async fn play(app: &App, scene: &Scene, people: &[(&str, Caller)]) -> anyhow::Result<()> {
    let name = scene.name.to_owned();
    let (_, host) = people.first().context("somebody has to be there")?;
    match app
        .chat
        .create_room(host, NewRoom { name: name.clone() })
        .await
    {
        Ok(_) | Err(Error::RoomNameTaken) => {}
        Err(error) => return Err(error.into()),
    }
    for (place, (who, body)) in scene.lines.iter().enumerate() {
        let (_, caller) = people
            .iter()
            .find(|(name, _)| name == who)
            .with_context(|| format!("{who} is not there"))?;
        let room = app
            .chat
            .join_room(caller, JoinRoom { name: name.clone() })
            .await?;
        let message = NewMessage {
            client_msg_id: format!("demo-{name}-{place}"),
            body: (*body).to_owned(),
            reply_to: None,
        };
        app.chat.send(caller, room.id.into(), message).await?;
    }
    Ok(())
}
