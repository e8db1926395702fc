//! Accounts, login sessions and access tokens.

use reqwest::Method;
use uuid::Uuid;

use super::{Client, Result};
use crate::accounts::{
    AccessToken, AccessTokenRequest, Account, LoginSession, Me, NewAccessToken, NewAccount,
    NewSession, OpenedSession, PasswordChange, ProfileChanges, Setup,
};
use crate::page::{Page, PageQuery};

impl Client {
    /// `POST /setup`: makes the first admin.
    pub async fn set_up(&self, setup: &Setup) -> Result<Account> {
        self.send(Method::POST, "setup", setup).await
    }

    /// `POST /accounts`: registers a member.
    pub async fn register(&self, account: &NewAccount) -> Result<Account> {
        self.send(Method::POST, "accounts", account).await
    }

    /// `POST /sessions`: signs in. Go on with [`Client::with_token`].
    pub async fn sign_in(&self, session: &NewSession) -> Result<OpenedSession> {
        self.send(Method::POST, "sessions", session).await
    }

    /// `DELETE /sessions/current`: signs out.
    pub async fn sign_out(&self) -> Result<()> {
        self.act(Method::DELETE, "sessions/current").await
    }

    /// `GET /sessions`: one's own login sessions.
    pub async fn list_sessions(&self, query: &PageQuery) -> Result<Page<LoginSession>> {
        self.get("sessions", query).await
    }

    /// `DELETE /sessions/{id}`: ends one of them.
    pub async fn end_session(&self, id: Uuid) -> Result<()> {
        self.act(Method::DELETE, &format!("sessions/{id}")).await
    }

    /// `GET /me`.
    pub async fn me(&self) -> Result<Me> {
        self.get("me", &()).await
    }

    /// `PATCH /me`.
    pub async fn change_profile(&self, changes: &ProfileChanges) -> Result<Me> {
        self.send(Method::PATCH, "me", changes).await
    }

    /// `PUT /me/password`: ends the other sessions.
    pub async fn change_password(&self, change: &PasswordChange) -> Result<()> {
        self.tell(Method::PUT, "me/password", change).await
    }

    /// `GET /me/tokens`.
    pub async fn list_access_tokens(&self, query: &PageQuery) -> Result<Page<AccessToken>> {
        self.get("me/tokens", query).await
    }

    /// `POST /me/tokens`: the secret is in the answer, once.
    pub async fn create_access_token(&self, token: &AccessTokenRequest) -> Result<NewAccessToken> {
        self.send(Method::POST, "me/tokens", token).await
    }

    /// `DELETE /me/tokens/{id}`.
    pub async fn delete_access_token(&self, id: Uuid) -> Result<()> {
        self.act(Method::DELETE, &format!("me/tokens/{id}")).await
    }
}
