//! The rows of properties.

use diesel::prelude::*;

use crate::db::schema::dav_properties as properties;
use crate::db::{Conn, Result, on_backend};
use crate::ids::EntryId;

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = properties)]
pub(in crate::drive) struct PropertyRow {
    pub entry_id: EntryId,
    pub namespace: String,
    pub name: String,
    pub value: String,
}

/// The properties of several entries, those of one by name.
pub(in crate::drive) fn of_all(conn: &mut Conn, entries: &[EntryId]) -> Result<Vec<PropertyRow>> {
    Ok(properties::table
        .filter(properties::entry_id.eq_any(entries))
        .order((
            properties::entry_id.asc(),
            properties::namespace.asc(),
            properties::name.asc(),
        ))
        .select(PropertyRow::as_select())
        .load(conn)?)
}

pub(in crate::drive) fn insert(conn: &mut Conn, rows: &[PropertyRow]) -> Result<()> {
    let rows: Vec<&PropertyRow> = rows.iter().collect();
    on_backend!(conn, c => diesel::insert_into(properties::table).values(rows).execute(c))?;
    Ok(())
}

pub(in crate::drive) fn delete(
    conn: &mut Conn,
    entry: &EntryId,
    namespace: &str,
    name: &str,
) -> Result<()> {
    diesel::delete(properties::table.find((entry, namespace, name))).execute(conn)?;
    Ok(())
}
