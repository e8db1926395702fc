//! Which films others were told of as published, and for which time of listing.

use diesel::prelude::*;

use crate::clock::Time;
use crate::db::schema::movies_told as told;
use crate::db::{Conn, Result};
use crate::ids::MovieId;

/// The time of listing for which a film was told, if it was.
pub(in crate::movies) fn find(conn: &mut Conn, movie: &MovieId) -> Result<Option<Time>> {
    Ok(told::table
        .find(movie)
        .select(told::listed_at)
        .first(conn)
        .optional()?)
}

/// A film is told for this time.
pub(in crate::movies) fn put(conn: &mut Conn, movie: &MovieId, listed_at: Time) -> Result<()> {
    let changed = diesel::update(told::table.find(movie))
        .set(told::listed_at.eq(listed_at))
        .execute(conn)?;
    if changed == 0 {
        diesel::insert_into(told::table)
            .values((told::movie_id.eq(movie), told::listed_at.eq(listed_at)))
            .execute(conn)?;
    }
    Ok(())
}

/// Nobody knows of the film from now on; says whether anybody did.
pub(in crate::movies) fn forget(conn: &mut Conn, movie: &MovieId) -> Result<bool> {
    Ok(diesel::delete(told::table.find(movie)).execute(conn)? > 0)
}
