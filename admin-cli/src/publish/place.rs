//! The places in a series of the films that are published.
//!
//! A series that is not there, and a place that another film has, are told before anything is sent.

use playhouse_api::client;
use playhouse_api::series::NewEpisode;
use playhouse_cli_support::{Code, Failure, Session};
use uuid::Uuid;

use super::PublishArgs;
use crate::commands::series;

/// Episodes after one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Places {
    series: Uuid,
    season: i32,
    first: i32,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    series: Uuid,
    at: NewEpisode,
}

/// The places that the arguments ask for.
pub(super) async fn find(session: &Session, args: &PublishArgs) -> anyhow::Result<Option<Places>> {
    let (Some(series), Some(season), Some(first)) = (&args.series, args.season, args.episode)
    else {
        return Ok(None);
    };
    let series = series::find(session, series).await?;
    // One that is named by its id may not be there.
    session.client.series(series).await?;
    Ok(Some(Places {
        series,
        season,
        first,
    }))
}

impl Places {
    /// The place of the file with this number, from 0.
    pub(super) fn of(&self, number: usize) -> Place {
        let number = i32::try_from(number).unwrap_or(i32::MAX);
        let episode = self.first.saturating_add(number);
        Place {
            series: self.series,
            at: NewEpisode {
                season: self.season,
                episode,
            },
        }
    }
}

impl Place {
    /// Refuses when a film has the place.
    pub(super) async fn check_free(self, session: &Session) -> anyhow::Result<()> {
        let series = session.client.series(self.series).await?;
        let NewEpisode { season, episode } = self.at;
        let seasons = series.seasons.iter().filter(|it| it.number == season);
        let mut films = seasons.flat_map(|it| &it.films);
        match films.find(|it| it.episode == episode) {
            None => Ok(()),
            Some(film) => {
                let (title, id) = (&film.movie.title, film.movie.id);
                let message = format!(
                    "season {season}, episode {episode} of {} is {title} ({id}); nothing was sent",
                    series.title
                );
                Err(Failure::new(Code::Conflict, message).into())
            }
        }
    }

    /// Puts a film there; one that is in the series moves.
    pub(super) async fn take(self, session: &Session, film: Uuid) -> client::Result<()> {
        session
            .client
            .place_in_series(self.series, film, self.at)
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_episodes_after_one_another() {
        let places = Places {
            series: Uuid::nil(),
            season: 2,
            first: 5,
        };
        let at = |number| {
            let NewEpisode { season, episode } = places.of(number).at;
            (season, episode)
        };
        assert_eq!([at(0), at(1), at(9)], [(2, 5), (2, 6), (2, 14)]);
        assert_eq!(at(usize::MAX).1, i32::MAX, "and the server refuses it");
    }
}
