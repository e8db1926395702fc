//! The catalogue, publishing and watching.

use std::time::Duration;

use reqwest::Method;
use uuid::Uuid;

use super::{Client, Error, Result, read};
use crate::movies::{
    Facets, FilmQuality, Movie, MovieChanges, MovieDetail, MovieLookup, MovieQuery, NewMovie,
    NewPosition, Playback, PlaybackQuery, PosterChoice, Posters, SubtitleQuery, SubtitleTrack,
};
use crate::page::Page;

/// The server looks into the file before it answers.
const PUBLISH_TIMEOUT: Duration = Duration::from_secs(300);

impl Client {
    /// `GET /movies`.
    pub async fn list_movies(&self, query: &MovieQuery) -> Result<Page<Movie>> {
        self.get("movies", query).await
    }

    /// `GET /movies/facets`.
    pub async fn movie_facets(&self) -> Result<Facets> {
        self.get("movies/facets", &()).await
    }

    /// `GET /movies/{id}`.
    pub async fn movie(&self, id: Uuid) -> Result<MovieDetail> {
        self.get(&format!("movies/{id}"), &()).await
    }

    /// `POST /movies/lookup`: the film with that content, if there is one.
    pub async fn find_movie(&self, lookup: &MovieLookup) -> Result<Option<Movie>> {
        match self.send(Method::POST, "movies/lookup", lookup).await {
            Ok(movie) => Ok(Some(movie)),
            // Only the server's own "no such film"; another 404 means a wrong address.
            Err(Error::Problem(problem)) if problem.status == 404 => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// `POST /movies`: publishes a finished upload.
    pub async fn publish_movie(&self, movie: &NewMovie) -> Result<Movie> {
        let request = self.request(Method::POST, "movies")?.json(movie);
        read(request.timeout(PUBLISH_TIMEOUT)).await
    }

    /// `PATCH /movies/{id}`.
    pub async fn change_movie(&self, id: Uuid, changes: &MovieChanges) -> Result<Movie> {
        self.send(Method::PATCH, &format!("movies/{id}"), changes)
            .await
    }

    /// `DELETE /movies/{id}`: into the trash.
    pub async fn delete_movie(&self, id: Uuid) -> Result<()> {
        self.act(Method::DELETE, &format!("movies/{id}")).await
    }

    /// `POST /movies/{id}/restore`: out of the trash.
    pub async fn restore_movie(&self, id: Uuid) -> Result<()> {
        self.act(Method::POST, &format!("movies/{id}/restore"))
            .await
    }

    /// `POST /movies/{id}/purge`: gone for ever, with its bytes.
    pub async fn purge_movie(&self, id: Uuid) -> Result<()> {
        self.act(Method::POST, &format!("movies/{id}/purge")).await
    }

    /// `GET /admin/movies/{id}/renditions`.
    pub async fn renditions(&self, id: Uuid) -> Result<FilmQuality> {
        self.get(&format!("admin/movies/{id}/renditions"), &())
            .await
    }

    /// `POST /admin/movies/{id}/renditions`: makes them anew.
    pub async fn make_renditions(&self, id: Uuid) -> Result<()> {
        let path = format!("admin/movies/{id}/renditions");
        self.act(Method::POST, &path).await
    }

    /// `DELETE /admin/movies/{id}/renditions`.
    pub async fn drop_renditions(&self, id: Uuid) -> Result<()> {
        let path = format!("admin/movies/{id}/renditions");
        self.act(Method::DELETE, &path).await
    }

    /// `PUT /movies/{id}/subtitles/{language}`: `SubRip` or WebVTT.
    pub async fn put_subtitles(
        &self,
        id: Uuid,
        language: &str,
        label: Option<&str>,
        track: Vec<u8>,
    ) -> Result<SubtitleTrack> {
        let query = SubtitleQuery {
            label: label.map(str::to_owned),
        };
        let path = format!("movies/{id}/subtitles/{language}");
        let request = self.request(Method::PUT, &path)?.query(&query);
        read(request.header("content-type", "text/vtt").body(track)).await
    }

    /// `DELETE /movies/{id}/subtitles/{language}`.
    pub async fn delete_subtitles(&self, id: Uuid, language: &str) -> Result<()> {
        let path = format!("movies/{id}/subtitles/{language}");
        self.act(Method::DELETE, &path).await
    }

    /// `GET /admin/movies/{id}/posters`.
    pub async fn posters(&self, id: Uuid) -> Result<Posters> {
        self.get(&format!("admin/movies/{id}/posters"), &()).await
    }

    /// `PUT /admin/movies/{id}/poster`.
    pub async fn choose_poster(&self, id: Uuid, poster: &str) -> Result<Posters> {
        let choice = PosterChoice {
            id: poster.to_owned(),
        };
        let path = format!("admin/movies/{id}/poster");
        read(self.request(Method::PUT, &path)?.json(&choice)).await
    }

    /// `POST /admin/movies/{id}/poster`: JPEG, PNG or WebP.
    pub async fn upload_poster(&self, id: Uuid, picture: Vec<u8>) -> Result<Posters> {
        let path = format!("admin/movies/{id}/poster");
        let request = self.request(Method::POST, &path)?;
        let request = request.header("content-type", "application/octet-stream");
        read(request.body(picture)).await
    }

    /// `GET /movies/{id}/playback`.
    pub async fn playback(&self, id: Uuid, query: PlaybackQuery) -> Result<Playback> {
        self.get(&format!("movies/{id}/playback"), &query).await
    }

    /// `PUT /movies/{id}/position`.
    pub async fn set_position(&self, id: Uuid, position: NewPosition) -> Result<()> {
        self.tell(Method::PUT, &format!("movies/{id}/position"), &position)
            .await
    }
}
