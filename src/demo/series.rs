//! The series of the demo library: some of its films.

use playhouse_api::series::{NewEpisode, NewSeries};

use super::films::SERIES;
use crate::accounts::Admin;
use crate::app::App;
use crate::ids::SeriesId;
use crate::page::PageRequest;

/// The series, which is made before its first episode; none when an admin has removed it since.
pub(super) async fn begin(app: &App, admin: &Admin) -> anyhow::Result<Option<SeriesId>> {
    let (title, description, episodes) = &SERIES;
    let page = PageRequest::read(None, Some(200))?;
    let all = app.series.list(&admin.viewer, page).await?.items;
    if let Some(there) = all.into_iter().find(|it| it.title == *title) {
        return Ok(Some(there.id.into()));
    }
    for episode in episodes {
        if app.movies.find_by_title(episode).await?.is_some() {
            return Ok(None);
        }
    }
    let new = NewSeries {
        title: (*title).to_owned(),
        description: Some((*description).to_owned()),
    };
    let made = app.series.create(admin.actor.clone(), new).await?;
    Ok(Some(made.id.into()))
}

/// Puts the episodes that are in no series into their places.
pub(super) async fn fill(app: &App, admin: &Admin, series: &SeriesId) -> anyhow::Result<()> {
    for (number, episode) in (1..).zip(&SERIES.2) {
        let film = app.movies.find_by_title(episode).await?;
        let Some(film) = film.filter(|it| it.deleted_at.is_none()) else {
            continue;
        };
        let there = app.series.place_of(&admin.viewer, film.id.clone()).await?;
        if there.series.is_none() {
            let place = NewEpisode {
                season: 1,
                episode: number,
            };
            app.series
                .place(admin.actor.clone(), series.clone(), film.id, place)
                .await?;
        }
    }
    Ok(())
}
