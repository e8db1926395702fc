//! The rows of accounts, login sessions, access tokens and settings.

pub(super) mod traces;

use diesel::prelude::*;

use super::model::{Account, Role};
use crate::clock::Time;
use crate::db::schema::{access_tokens, accounts, login_sessions, settings};
use crate::db::{Conn, Result, on_backend};
use crate::ids::{AccessTokenId, AccountId, SessionId};

#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = accounts)]
pub(super) struct NewRow {
    pub id: AccountId,
    pub username: String,
    pub username_key: String,
    pub password_hash: String,
    pub real_name: Option<String>,
    pub phone: Option<String>,
    pub address: Option<String>,
    pub email: Option<String>,
    pub locale: Option<String>,
    pub role: Role,
    pub is_locked: bool,
    pub created_at: Time,
    pub updated_at: Time,
}

/// What changes in an account; None leaves a column, `Some(None)` clears it.
#[derive(Clone, Debug, Default, AsChangeset)]
#[diesel(table_name = accounts)]
pub(super) struct Changes {
    pub real_name: Option<Option<String>>,
    pub phone: Option<Option<String>>,
    pub address: Option<Option<String>>,
    pub email: Option<Option<String>>,
    pub locale: Option<Option<String>>,
    pub role: Option<Role>,
    pub is_locked: Option<bool>,
    pub vip_until: Option<Option<Time>>,
    pub quota_bytes: Option<Option<i64>>,
    pub password_hash: Option<String>,
    pub updated_at: Option<Time>,
    pub show_last_seen: Option<bool>,
    pub last_seen_at: Option<Option<Time>>,
}

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = login_sessions)]
pub(super) struct SessionRow {
    pub id: SessionId,
    pub account_id: AccountId,
    pub token_hash: String,
    pub device: String,
    pub address: String,
    pub created_at: Time,
    pub last_seen_at: Time,
    pub expires_at: Time,
}

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = access_tokens)]
pub(super) struct TokenRow {
    pub id: AccessTokenId,
    pub account_id: AccountId,
    pub name: String,
    pub token_hash: String,
    pub scopes: String,
    pub created_at: Time,
    pub expires_at: Option<Time>,
    pub last_used_at: Option<Time>,
}

pub(super) fn insert(conn: &mut Conn, row: &NewRow) -> Result<()> {
    diesel::insert_into(accounts::table)
        .values(row)
        .execute(conn)?;
    Ok(())
}

/// An account that has not been deleted.
pub(super) fn find(conn: &mut Conn, id: &AccountId) -> Result<Option<Account>> {
    Ok(accounts::table
        .find(id)
        .filter(accounts::deleted_at.is_null())
        .select(Account::as_select())
        .first(conn)
        .optional()?)
}

/// By name, with the hash of the password.
pub(super) fn find_by_name(conn: &mut Conn, username: &str) -> Result<Option<(Account, String)>> {
    Ok(accounts::table
        .filter(accounts::username_key.eq(username.to_lowercase()))
        .filter(accounts::deleted_at.is_null())
        .select((Account::as_select(), accounts::password_hash))
        .first(conn)
        .optional()?)
}

pub(super) fn find_password(conn: &mut Conn, id: &AccountId) -> Result<Option<String>> {
    Ok(accounts::table
        .find(id)
        .filter(accounts::deleted_at.is_null())
        .select(accounts::password_hash)
        .first(conn)
        .optional()?)
}

pub(super) fn update(conn: &mut Conn, id: &AccountId, changes: &Changes) -> Result<usize> {
    Ok(diesel::update(accounts::table.find(id))
        .set(changes)
        .execute(conn)?)
}

/// By name, those whose user name or real name contains `part`.
pub(super) fn list(
    conn: &mut Conn,
    part: Option<&str>,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Account>> {
    let mut query = accounts::table
        .select(Account::as_select())
        .filter(accounts::deleted_at.is_null())
        .order(accounts::username_key.asc())
        .limit(limit)
        .into_boxed();
    if let Some(part) = part {
        let pattern = format!(
            "%{}%",
            part.replace('\\', "\\\\")
                .replace('%', "\\%")
                .replace('_', "\\_")
        );
        let in_name = accounts::username_key
            .like(pattern.to_lowercase())
            .escape('\\');
        let in_real_name = accounts::real_name.like(pattern).escape('\\');
        query = query.filter(in_name.nullable().or(in_real_name));
    }
    if let Some(after) = after {
        query = query.filter(accounts::username_key.gt(after));
    }
    Ok(query.load(conn)?)
}

/// Admins who can sign in.
pub(super) fn count_admins(conn: &mut Conn) -> Result<i64> {
    Ok(accounts::table
        .filter(accounts::role.eq(Role::Admin))
        .filter(accounts::is_locked.eq(false))
        .count()
        .get_result(conn)?)
}

pub(super) fn insert_session(conn: &mut Conn, row: &SessionRow) -> Result<()> {
    diesel::insert_into(login_sessions::table)
        .values(row)
        .execute(conn)?;
    Ok(())
}

pub(super) fn find_session(
    conn: &mut Conn,
    token_hash: &str,
) -> Result<Option<(SessionRow, Account)>> {
    let Some(session) = login_sessions::table
        .filter(login_sessions::token_hash.eq(token_hash))
        .select(SessionRow::as_select())
        .first(conn)
        .optional()?
    else {
        return Ok(None);
    };
    Ok(find(conn, &session.account_id)?.map(|account| (session, account)))
}

pub(super) fn list_sessions(
    conn: &mut Conn,
    account: &AccountId,
    now: Time,
) -> Result<Vec<SessionRow>> {
    Ok(login_sessions::table
        .filter(login_sessions::account_id.eq(account))
        .filter(login_sessions::expires_at.gt(now))
        .select(SessionRow::as_select())
        .order(login_sessions::id.desc())
        .load(conn)?)
}

pub(super) fn touch_session(
    conn: &mut Conn,
    id: &SessionId,
    now: Time,
    expires_at: Time,
    address: &str,
) -> Result<()> {
    diesel::update(login_sessions::table.find(id))
        .set((
            login_sessions::last_seen_at.eq(now),
            login_sessions::expires_at.eq(expires_at),
            login_sessions::address.eq(address),
        ))
        .execute(conn)?;
    Ok(())
}

/// Ends one session of an account; false when there is none.
pub(super) fn delete_session(conn: &mut Conn, account: &AccountId, id: &SessionId) -> Result<bool> {
    let own = login_sessions::table
        .find(id)
        .filter(login_sessions::account_id.eq(account));
    Ok(diesel::delete(own).execute(conn)? > 0)
}

/// Ends the sessions of an account, but for one if given, and says which they were.
pub(super) fn delete_sessions(
    conn: &mut Conn,
    account: &AccountId,
    keep: Option<&SessionId>,
) -> Result<Vec<SessionId>> {
    let mut ended: Vec<SessionId> = login_sessions::table
        .filter(login_sessions::account_id.eq(account))
        .select(login_sessions::id)
        .load(conn)?;
    ended.retain(|id| Some(id) != keep);
    for id in &ended {
        diesel::delete(login_sessions::table.find(id)).execute(conn)?;
    }
    Ok(ended)
}

pub(super) fn delete_expired_sessions(conn: &mut Conn, now: Time) -> Result<usize> {
    Ok(
        diesel::delete(login_sessions::table.filter(login_sessions::expires_at.le(now)))
            .execute(conn)?,
    )
}

pub(super) fn has_session(conn: &mut Conn, id: &SessionId) -> Result<bool> {
    let found: Option<SessionId> = login_sessions::table
        .find(id)
        .select(login_sessions::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

pub(super) fn has_token(conn: &mut Conn, id: &AccessTokenId) -> Result<bool> {
    let found: Option<AccessTokenId> = access_tokens::table
        .find(id)
        .select(access_tokens::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

pub(super) fn insert_token(conn: &mut Conn, row: &TokenRow) -> Result<()> {
    diesel::insert_into(access_tokens::table)
        .values(row)
        .execute(conn)?;
    Ok(())
}

pub(super) fn find_token(conn: &mut Conn, token_hash: &str) -> Result<Option<(TokenRow, Account)>> {
    let Some(token) = access_tokens::table
        .filter(access_tokens::token_hash.eq(token_hash))
        .select(TokenRow::as_select())
        .first(conn)
        .optional()?
    else {
        return Ok(None);
    };
    Ok(find(conn, &token.account_id)?.map(|account| (token, account)))
}

pub(super) fn list_tokens(conn: &mut Conn, account: &AccountId) -> Result<Vec<TokenRow>> {
    Ok(access_tokens::table
        .filter(access_tokens::account_id.eq(account))
        .select(TokenRow::as_select())
        .order(access_tokens::id.desc())
        .load(conn)?)
}

pub(super) fn touch_token(conn: &mut Conn, id: &AccessTokenId, now: Time) -> Result<()> {
    diesel::update(access_tokens::table.find(id))
        .set(access_tokens::last_used_at.eq(now))
        .execute(conn)?;
    Ok(())
}

pub(super) fn delete_token(
    conn: &mut Conn,
    account: &AccountId,
    id: &AccessTokenId,
) -> Result<bool> {
    let own = access_tokens::table
        .find(id)
        .filter(access_tokens::account_id.eq(account));
    Ok(diesel::delete(own).execute(conn)? > 0)
}

/// Removes the access tokens of an account and tells which they were.
pub(super) fn delete_tokens(conn: &mut Conn, account: &AccountId) -> Result<Vec<AccessTokenId>> {
    let own = access_tokens::table.filter(access_tokens::account_id.eq(account));
    let ended = own.select(access_tokens::id).load(conn)?;
    diesel::delete(own).execute(conn)?;
    Ok(ended)
}

pub(super) fn find_setting(conn: &mut Conn, key: &str) -> Result<Option<String>> {
    Ok(settings::table
        .find(key)
        .select(settings::value)
        .first(conn)
        .optional()?)
}

pub(super) fn put_setting(conn: &mut Conn, key: &str, value: &str) -> Result<()> {
    let row = (settings::key.eq(key), settings::value.eq(value));
    on_backend!(conn, c => diesel::insert_into(settings::table)
        .values(row)
        .on_conflict(settings::key)
        .do_update()
        .set(settings::value.eq(value))
        .execute(c))?;
    Ok(())
}

pub(super) fn delete_setting(conn: &mut Conn, key: &str) -> Result<()> {
    diesel::delete(settings::table.find(key)).execute(conn)?;
    Ok(())
}
