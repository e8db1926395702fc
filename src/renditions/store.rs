//! The rows of what is made of films.

use diesel::prelude::*;

use super::model::{FilmFile, NewFile, Notes, Origin, Rendition, Subtitle};
use crate::db::schema::{blobs, film_notes, rendition_files, renditions, subtitles};
use crate::db::{Conn, Result, on_backend};
use crate::ids::{BlobId, MovieId};

/// The best first; the sounds last, in their order.
pub(super) fn renditions_of(conn: &mut Conn, movie: &MovieId) -> Result<Vec<Rendition>> {
    Ok(renditions::table
        .filter(renditions::movie_id.eq(movie))
        .order((
            renditions::kind.desc(),
            renditions::height.desc(),
            renditions::width.desc(),
            renditions::name,
        ))
        .select(Rendition::as_select())
        .load(conn)?)
}

pub(super) fn find_rendition(
    conn: &mut Conn,
    movie: &MovieId,
    name: &str,
) -> Result<Option<Rendition>> {
    Ok(renditions::table
        .filter(renditions::movie_id.eq(movie))
        .filter(renditions::name.eq(name))
        .select(Rendition::as_select())
        .first(conn)
        .optional()?)
}

pub(super) fn insert_rendition(conn: &mut Conn, rendition: &Rendition) -> Result<()> {
    diesel::insert_into(renditions::table)
        .values(rendition)
        .execute(conn)?;
    Ok(())
}

pub(super) fn delete_rendition(conn: &mut Conn, movie: &MovieId, name: &str) -> Result<()> {
    let it = renditions::table
        .filter(renditions::movie_id.eq(movie))
        .filter(renditions::name.eq(name));
    diesel::delete(it).execute(conn)?;
    Ok(())
}

type FileColumns = (
    rendition_files::name,
    rendition_files::content_type,
    blobs::blake3,
    blobs::size,
    rendition_files::created_at,
);
const FILE: FileColumns = (
    rendition_files::name,
    rendition_files::content_type,
    blobs::blake3,
    blobs::size,
    rendition_files::created_at,
);

pub(super) fn files_of(conn: &mut Conn, movie: &MovieId) -> Result<Vec<FilmFile>> {
    Ok(rendition_files::table
        .inner_join(blobs::table)
        .filter(rendition_files::movie_id.eq(movie))
        .order(rendition_files::name)
        .select(FILE)
        .load(conn)?)
}

pub(super) fn find_file(conn: &mut Conn, movie: &MovieId, name: &str) -> Result<Option<FilmFile>> {
    Ok(rendition_files::table
        .inner_join(blobs::table)
        .filter(rendition_files::movie_id.eq(movie))
        .filter(rendition_files::name.eq(name))
        .select(FILE)
        .first(conn)
        .optional()?)
}

pub(super) fn insert_file(conn: &mut Conn, file: &NewFile) -> Result<()> {
    diesel::insert_into(rendition_files::table)
        .values(file)
        .execute(conn)?;
    Ok(())
}

/// Removes files of a film, all of them or the one of a name, and answers whose bytes they held.
pub(super) fn delete_files(
    conn: &mut Conn,
    movie: &MovieId,
    name: Option<&str>,
) -> Result<Vec<BlobId>> {
    let held: Vec<(String, BlobId)> = rendition_files::table
        .filter(rendition_files::movie_id.eq(movie))
        .select((rendition_files::name, rendition_files::blob_id))
        .load(conn)?;
    let concerned = held
        .into_iter()
        .filter(|(its, _)| name.is_none_or(|name| name == its));
    let mut blobs = Vec::new();
    for (name, blob) in concerned {
        let it = rendition_files::table
            .filter(rendition_files::movie_id.eq(movie))
            .filter(rendition_files::name.eq(name));
        diesel::delete(it).execute(conn)?;
        blobs.push(blob);
    }
    Ok(blobs)
}

pub(super) fn notes(conn: &mut Conn, movie: &MovieId) -> Result<Option<Notes>> {
    Ok(film_notes::table
        .find(movie)
        .select(Notes::as_select())
        .first(conn)
        .optional()?)
}

/// Writes down what a film is to have; what is known besides stays.
pub(super) fn put_notes(
    conn: &mut Conn,
    movie: &MovieId,
    rungs: &str,
    chapters: &str,
) -> Result<()> {
    let row = Notes {
        movie_id: movie.clone(),
        rungs: rungs.to_owned(),
        chapters: chapters.to_owned(),
        sprites: None,
        loudness: None,
    };
    on_backend!(conn, c => diesel::insert_into(film_notes::table)
        .values(&row)
        .on_conflict(film_notes::movie_id)
        .do_update()
        .set((film_notes::rungs.eq(rungs), film_notes::chapters.eq(chapters)))
        .execute(c))?;
    Ok(())
}

pub(super) fn set_sprites(conn: &mut Conn, movie: &MovieId, vtt: &str) -> Result<()> {
    diesel::update(film_notes::table.find(movie))
        .set(film_notes::sprites.eq(vtt))
        .execute(conn)?;
    Ok(())
}

pub(super) fn set_loudness(conn: &mut Conn, movie: &MovieId, loudness: i32) -> Result<()> {
    diesel::update(film_notes::table.find(movie))
        .set(film_notes::loudness.eq(loudness))
        .execute(conn)?;
    Ok(())
}

pub(super) fn subtitles_of(conn: &mut Conn, movie: &MovieId) -> Result<Vec<Subtitle>> {
    Ok(subtitles::table
        .filter(subtitles::movie_id.eq(movie))
        .order(subtitles::language)
        .select(Subtitle::as_select())
        .load(conn)?)
}

pub(super) fn find_subtitle(
    conn: &mut Conn,
    movie: &MovieId,
    language: &str,
) -> Result<Option<Subtitle>> {
    Ok(subtitles::table
        .find((movie, language))
        .select(Subtitle::as_select())
        .first(conn)
        .optional()?)
}

/// Writes a track, instead of the one in the same language.
pub(super) fn put_subtitle(conn: &mut Conn, subtitle: &Subtitle) -> Result<()> {
    delete_subtitle(conn, &subtitle.movie_id, &subtitle.language)?;
    diesel::insert_into(subtitles::table)
        .values(subtitle)
        .execute(conn)?;
    Ok(())
}

/// False when there is none.
pub(super) fn delete_subtitle(conn: &mut Conn, movie: &MovieId, language: &str) -> Result<bool> {
    let gone = diesel::delete(subtitles::table.find((movie, language))).execute(conn)?;
    Ok(gone > 0)
}

/// Removes the tracks that came with the file.
pub(super) fn delete_embedded(conn: &mut Conn, movie: &MovieId) -> Result<()> {
    let its = subtitles::table
        .filter(subtitles::movie_id.eq(movie))
        .filter(subtitles::origin.eq(Origin::Embedded));
    diesel::delete(its).execute(conn)?;
    Ok(())
}

/// Removes every row about a film but those of its files, and those too that were uploaded when `is_all`.
pub(super) fn forget(conn: &mut Conn, movie: &MovieId, is_all: bool) -> Result<()> {
    diesel::delete(renditions::table.filter(renditions::movie_id.eq(movie))).execute(conn)?;
    diesel::delete(film_notes::table.find(movie)).execute(conn)?;
    if is_all {
        diesel::delete(subtitles::table.filter(subtitles::movie_id.eq(movie))).execute(conn)?;
    }
    Ok(())
}
