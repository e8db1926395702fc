//! Series.

use reqwest::Method;
use uuid::Uuid;

use super::{Client, Result};
use crate::page::{Page, PageQuery};
use crate::series::{
    NewEpisode, NewSeries, PlaceInSeries, SeriesChanges, SeriesDetail, SeriesSummary,
};

impl Client {
    /// `GET /series`.
    pub async fn list_series(&self, query: &PageQuery) -> Result<Page<SeriesSummary>> {
        self.get("series", query).await
    }

    /// `GET /series/{id}`.
    pub async fn series(&self, id: Uuid) -> Result<SeriesDetail> {
        self.get(&format!("series/{id}"), &()).await
    }

    /// `GET /movies/{id}/series`.
    pub async fn series_of(&self, movie: Uuid) -> Result<PlaceInSeries> {
        self.get(&format!("movies/{movie}/series"), &()).await
    }

    /// `POST /admin/series`.
    pub async fn create_series(&self, new: &NewSeries) -> Result<SeriesDetail> {
        self.send(Method::POST, "admin/series", new).await
    }

    /// `PATCH /admin/series/{id}`.
    pub async fn change_series(&self, id: Uuid, changes: &SeriesChanges) -> Result<SeriesDetail> {
        self.send(Method::PATCH, &format!("admin/series/{id}"), changes)
            .await
    }

    /// `DELETE /admin/series/{id}`: its films stay.
    pub async fn delete_series(&self, id: Uuid) -> Result<()> {
        self.act(Method::DELETE, &format!("admin/series/{id}"))
            .await
    }

    /// `PUT /admin/series/{id}/films/{movie_id}`.
    pub async fn place_in_series(&self, id: Uuid, movie: Uuid, place: NewEpisode) -> Result<()> {
        let path = format!("admin/series/{id}/films/{movie}");
        self.tell(Method::PUT, &path, &place).await
    }

    /// `DELETE /admin/series/{id}/films/{movie_id}`.
    pub async fn remove_from_series(&self, id: Uuid, movie: Uuid) -> Result<()> {
        let path = format!("admin/series/{id}/films/{movie}");
        self.act(Method::DELETE, &path).await
    }
}
