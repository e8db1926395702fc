//! Commands that need no data connection.

use super::command::Command;
use super::files;
use super::listing::{facts, stamp};
use super::reply::Reply;
use super::session::{Session, here};
use crate::accounts::Viewer;
use crate::error::Result;
use crate::ids::EntryId;

impl Session {
    /// Does what is asked, as far as the account may.
    pub(super) async fn ask(
        &mut self,
        command: Command,
        renaming: Option<EntryId>,
    ) -> std::result::Result<Reply, Reply> {
        let who = self.viewer().await?;
        let answer = match command {
            Command::Enter(path) => self.enter(&who, &path).await,
            Command::Up => self.enter(&who, "..").await,
            Command::Make(path) => self.make(&who, &path).await,
            Command::RemoveFolder(path) => self.remove(&who, &path, true).await,
            Command::Delete(path) => self.remove(&who, &path, false).await,
            Command::RenameFrom(path) => self.rename_from(&who, &path).await,
            Command::RenameTo(path) => self.rename_to(&who, renaming, &path).await,
            Command::Size(path) => self.size(&who, &path).await,
            Command::Modified(path) => self.modified(&who, &path).await,
            Command::Facts(path) => self.facts(&who, &path).await,
            _ => Ok(Reply::new(502, "This house does not offer that.")),
        };
        answer.map_err(Reply::from)
    }

    async fn enter(&mut self, who: &Viewer, said: &str) -> Result<Reply> {
        let path = files::walk(&self.at, said)?;
        files::get_folder(&self.house, who, &path).await?;
        self.at = path;
        Ok(here(250, &self.at))
    }

    async fn make(&self, who: &Viewer, said: &str) -> Result<Reply> {
        let path = files::walk(&self.at, said)?;
        files::make_folder(&self.house, who, path.clone()).await?;
        Ok(here(257, &path))
    }

    async fn remove(&self, who: &Viewer, said: &str, is_folder: bool) -> Result<Reply> {
        let path = files::walk(&self.at, said)?;
        files::remove(&self.house, who, &path, is_folder).await?;
        Ok(Reply::new(250, "It is in the trash."))
    }

    async fn rename_from(&mut self, who: &Viewer, said: &str) -> Result<Reply> {
        let path = files::walk(&self.at, said)?;
        let entry = files::get_to_change(&self.house, who, &path).await?;
        self.renaming = Some(entry.id.clone());
        Ok(Reply::new(350, "And its new name?"))
    }

    async fn rename_to(&self, who: &Viewer, entry: Option<EntryId>, said: &str) -> Result<Reply> {
        let Some(entry) = entry else {
            return Ok(Reply::new(503, "First RNFR, then RNTO."));
        };
        let path = files::walk(&self.at, said)?;
        files::rename(&self.house, who, entry, &path).await?;
        Ok(Reply::new(250, "It has its new name."))
    }

    /// The size of a file; of one that did not arrive whole, what waits of it: an upload goes on there.
    async fn size(&self, who: &Viewer, said: &str) -> Result<Reply> {
        let path = files::walk(&self.at, said)?;
        if files::find(&self.house, who, &path).await?.is_none() {
            let (owner, text) = (who.id(), path.to_string());
            if let Some(at) = self.house.uploads.waiting_at(owner, &text).await? {
                return Ok(Reply::new(213, at.to_string()));
            }
        }
        let file = files::get_file(&self.house, who, &path).await?;
        Ok(Reply::new(213, file.size.to_string()))
    }

    async fn modified(&self, who: &Viewer, said: &str) -> Result<Reply> {
        let path = files::walk(&self.at, said)?;
        let file = files::get_file(&self.house, who, &path).await?;
        Ok(Reply::new(213, stamp(file.modified_at)))
    }

    async fn facts(&self, who: &Viewer, said: &str) -> Result<Reply> {
        let path = files::walk(&self.at, said)?;
        let entry = files::get(&self.house, who, &path).await?;
        let line = format!("{} {path}", facts(&entry));
        Ok(Reply::lines(250, "What it is", vec![line]))
    }
}
