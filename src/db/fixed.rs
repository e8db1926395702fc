//! Statements of SQL whose text is always the same, so that each connection prepares them once.
//!
//! Diesel prepares an `UPDATE` and a `sql_query` anew each time, because their types do not say that their text stays the
//! same. On SQLite preparing costs several times what a small statement itself costs.

use std::borrow::Cow;

use diesel::RunQueryDsl;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::{Error as DieselError, QueryResult};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType, Text, Untyped};
use serde::Serialize;

use crate::clock::Time;

/// A statement that each connection keeps for the next time. Only for one of few texts: whatever varies is bound, and a
/// connection forgets none of them.
pub(crate) struct Fixed<'a> {
    text: Cow<'a, str>,
    bound: Vec<Bound<'a>>,
}

enum Bound<'a> {
    Text(Cow<'a, str>),
    Number(i64),
}

impl<'a> Fixed<'a> {
    /// A statement with `?` in the place of each value, and nowhere else.
    pub(crate) fn new(text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            text: text.into(),
            bound: Vec::new(),
        }
    }

    pub(crate) fn text(self, value: impl Into<Cow<'a, str>>) -> Self {
        self.with(Bound::Text(value.into()))
    }

    pub(crate) fn number(self, value: i64) -> Self {
        self.with(Bound::Number(value))
    }

    fn with(mut self, value: Bound<'a>) -> Self {
        self.bound.push(value);
        self
    }
}

impl<DB> QueryFragment<DB> for Fixed<'_>
where
    DB: Backend + HasSqlType<Text> + HasSqlType<BigInt>,
    str: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut parts = self.text.split('?');
        out.push_sql(parts.next().unwrap_or_default());
        for (value, part) in self.bound.iter().zip(parts) {
            match value {
                Bound::Text(value) => out.push_bind_param::<Text, str>(value)?,
                Bound::Number(value) => out.push_bind_param::<BigInt, i64>(value)?,
            }
            out.push_sql(part);
        }
        Ok(())
    }
}

/// Without an id, diesel finds the prepared statement by its text.
impl QueryId for Fixed<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Fixed<'_> {
    type SqlType = Untyped;
}

impl<C> RunQueryDsl<C> for Fixed<'_> {}

/// A time as SQLite keeps it, for statements that bind the same one many times.
pub(crate) fn as_text(time: Time) -> String {
    time.format("%F %T%.f").to_string()
}

/// A list as one value to bind, so that its length does not change the text of a statement.
///
/// # Errors
/// When it has no form in JSON.
pub(crate) fn json(list: &impl Serialize) -> QueryResult<String> {
    serde_json::to_string(list).map_err(|error| DieselError::SerializationError(error.into()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use diesel::connection::{Connection as _, InstrumentationEvent, SimpleConnection as _};
    use diesel::{QueryableByName, SqliteConnection};

    use super::*;

    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        number: i64,
        #[diesel(sql_type = Text)]
        word: String,
    }

    #[test]
    fn a_time_that_is_bound_as_text_is_the_same() {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        conn.batch_execute("CREATE TABLE rows (at TIMESTAMP, text TIMESTAMP)")
            .unwrap();
        for ms in [0, 1_795_000_000_000, 1_795_000_000_120] {
            let time = chrono::DateTime::from_timestamp_millis(ms)
                .unwrap()
                .naive_utc();
            diesel::sql_query("INSERT INTO rows VALUES ($1, $2)")
                .bind::<diesel::sql_types::Timestamp, _>(time)
                .bind::<Text, _>(as_text(time))
                .execute(&mut conn)
                .unwrap();
        }
        let same = "SELECT count(*) AS number, 'x' AS word FROM rows WHERE at = text AND typeof(at) = typeof(text)";
        let found: Row = Fixed::new(same).get_result(&mut conn).unwrap();
        assert_eq!((found.number, found.word.as_str()), (3, "x"));
    }

    #[test]
    fn a_statement_is_prepared_once_and_bound_each_time() {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        conn.batch_execute("CREATE TABLE rows (number BIGINT, word TEXT)")
            .unwrap();
        let (kept, counted) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (k, c) = (Arc::clone(&kept), Arc::clone(&counted));
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| match event {
            InstrumentationEvent::CacheQuery { .. } => drop(k.fetch_add(1, Ordering::SeqCst)),
            InstrumentationEvent::StartQuery { .. } => drop(c.fetch_add(1, Ordering::SeqCst)),
            _ => {}
        });
        for (number, word) in [(1, "a?"), (2, "b")] {
            let insert = Fixed::new("INSERT INTO rows VALUES (?, ?)");
            let insert = insert.number(number).text(word);
            assert_eq!(insert.execute(&mut conn).unwrap(), 1);
        }
        for (number, word) in [(1, "a?"), (2, "b")] {
            let find = Fixed::new("SELECT number, word FROM rows WHERE number = ?").number(number);
            let found: Vec<Row> = find.load(&mut conn).unwrap();
            let found: Vec<_> = found
                .iter()
                .map(|it| (it.number, it.word.as_str()))
                .collect();
            assert_eq!(found, [(number, word)]);
        }
        assert_eq!(counted.load(Ordering::SeqCst), 4);
        assert_eq!(kept.load(Ordering::SeqCst), 2);
    }
}
