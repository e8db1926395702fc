//! The rows of posters.

use diesel::prelude::*;

use crate::db::schema::posters;
use crate::db::{Conn, Result};
use crate::ids::MovieId;
use crate::movies::model::Poster;

pub(in crate::movies) fn find(conn: &mut Conn, key: &str) -> Result<Option<Poster>> {
    Ok(posters::table
        .find(key)
        .select(Poster::as_select())
        .first(conn)
        .optional()?)
}

/// In the order of the film; what was uploaded comes last.
pub(in crate::movies) fn of_film(conn: &mut Conn, id: &MovieId) -> Result<Vec<Poster>> {
    let mut all: Vec<Poster> = posters::table
        .filter(posters::movie_id.eq(id))
        .select(Poster::as_select())
        .load(conn)?;
    all.sort_by_key(|it| (it.at_ms.is_none(), it.at_ms, it.created_at));
    Ok(all)
}

pub(in crate::movies) fn insert(conn: &mut Conn, poster: &Poster) -> Result<()> {
    diesel::insert_into(posters::table)
        .values(poster)
        .execute(conn)?;
    Ok(())
}

pub(in crate::movies) fn delete(conn: &mut Conn, key: &str) -> Result<()> {
    diesel::delete(posters::table.find(key)).execute(conn)?;
    Ok(())
}
