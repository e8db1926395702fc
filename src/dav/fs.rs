//! The drive as the file system that dav-server works on.
//!
//! dav-server deletes and copies a folder by walking through it. Here a folder goes to the trash, moves and is copied
//! as one, so [`read_dir`](GuardedFileSystem::read_dir) shows nothing to walk through, and what stands in the way of a
//! copy or move is not removed first but replaced in the same step: it goes to the trash when its successor is there.

use dav_server::davpath::DavPath;
use dav_server::fs::{
    DavDirEntry, DavFile, DavMetaData, DavProp, FsError, FsFuture, FsResult, FsStream,
    GuardedFileSystem, OpenOptions, ReadDirMeta,
};
use futures_util::stream;
use http1::StatusCode;
use playhouse_api::problem::ErrorCode;

use super::file::Incoming;
use super::meta::Meta;
use super::visit::{Act, Visit, of_drive};
use super::{address, props};
use crate::drive::{self, Changes, CopyTo, Drive, DrivePath, Entry, IfMatch, Name};
use crate::error::Error;
use crate::ids::EntryId;
use crate::transfers::Uploads;

/// The drive of whoever makes the request.
#[derive(Clone)]
pub(super) struct Files {
    pub drive: Drive,
    pub uploads: Uploads,
}

/// The path of the drive behind an address that was written by [`address::format`].
fn path_of(path: &DavPath) -> FsResult<DrivePath> {
    address::parse(&path.with_prefix().as_url_string()).ok_or(FsError::NotFound)
}

impl Files {
    async fn find(&self, visit: &Visit, path: DrivePath) -> FsResult<Entry> {
        let found = self.drive.resolve(visit.owner(), path).await;
        found.map_err(of_drive(visit))?.ok_or(FsError::NotFound)
    }

    /// The folder that something goes into, and the name it gets there.
    async fn place(&self, visit: &Visit, path: &DrivePath) -> FsResult<(EntryId, Name)> {
        let (above, name) = path.split_last().ok_or(FsError::Forbidden)?;
        let folder = self.find(visit, above).await?;
        if !folder.is_folder() {
            return Err(FsError::NotFound);
        }
        Ok((folder.id.clone(), name.clone()))
    }

    async fn copy_whole(&self, visit: &Visit, from: DrivePath, to: &DrivePath) -> FsResult<()> {
        let source = self.find(visit, from).await?;
        let (parent, name) = self.place(visit, to).await?;
        let to = CopyTo {
            parent,
            name: Some(name),
            on_conflict: visit.on_conflict(),
        };
        let copied = self
            .drive
            .copy(visit.owner(), source.id.clone(), to, visit.if_match());
        copied.await.map(drop).map_err(of_taking(visit))
    }

    /// A folder without what is in it, but with its properties; over a folder, the properties alone.
    async fn copy_folder_alone(&self, visit: &Visit, to: DrivePath) -> FsResult<()> {
        let source = self.find(visit, visit.path.clone()).await?;
        let there = match self.find(visit, to.clone()).await {
            Ok(there) if there.is_folder() => Some(there),
            Ok(file) => {
                self.trash(visit, &file, IfMatch::default()).await?;
                None
            }
            Err(FsError::NotFound) => None,
            Err(error) => return Err(error),
        };
        let target = match there {
            Some(folder) => folder,
            None => self.make_folder(visit, to).await?,
        };
        let copied =
            self.drive
                .copy_properties(visit.owner(), source.id.clone(), target.id.clone());
        copied.await.map_err(of_drive(visit))
    }

    async fn make_folder(&self, visit: &Visit, path: DrivePath) -> FsResult<Entry> {
        let made = self.drive.make_folder(visit.owner(), path, false).await;
        made.map_err(of_drive(visit))
    }

    async fn trash(&self, visit: &Visit, entry: &Entry, if_match: IfMatch) -> FsResult<()> {
        let thrown = self.drive.trash(visit.owner(), entry.id.clone(), if_match);
        thrown.await.map_err(of_drive(visit))
    }

    async fn remove(&self, visit: &Visit, path: &DavPath) -> FsResult<()> {
        if matches!(visit.act, Act::Copy | Act::Move) {
            return Ok(());
        }
        let entry = self.find(visit, path_of(path)?).await?;
        self.trash(visit, &entry, visit.if_match()).await
    }

    async fn move_whole(&self, visit: &Visit, from: DrivePath, to: &DrivePath) -> FsResult<()> {
        let source = self.find(visit, from).await?;
        let (parent, name) = self.place(visit, to).await?;
        let changes = Changes {
            name: Some(name),
            parent: Some(parent),
            on_conflict: visit.on_conflict(),
        };
        let moved = self
            .drive
            .change(visit.owner(), source.id.clone(), changes, visit.if_match());
        moved.await.map(drop).map_err(of_taking(visit))
    }

    /// A file that is about to arrive; for a lock on an address where nothing is, an empty one at once.
    async fn begin(
        &self,
        visit: &Visit,
        path: DrivePath,
        options: &OpenOptions,
    ) -> FsResult<Incoming> {
        if path.is_root() {
            return Err(not_for_folders(visit));
        }
        let found = self
            .drive
            .resolve_with_folder(visit.owner(), path.clone())
            .await;
        let (folder, there) = found.map_err(of_drive(visit))?;
        if !folder.is_some_and(|it| it.is_folder()) {
            return Err(FsError::NotFound);
        }
        match there {
            Some(there) if there.is_folder() => return Err(not_for_folders(visit)),
            Some(_) if options.create_new => return Err(FsError::Exists),
            None if !options.create => return Err(FsError::NotFound),
            _ => {}
        }
        let mut file = Incoming::begin(self, visit, &path, options);
        if visit.act == Act::Lock {
            file.finish().await?;
        }
        Ok(file)
    }
}

/// What the drive says of something that is to take a place. Of two who take it without overwriting, one is told so.
fn of_taking(visit: &Visit) -> impl Fn(drive::Error) -> FsError + '_ {
    move |error| match error {
        drive::Error::NameTaken(_) if !visit.overwrites => {
            let detail = "There is something already, and it is not to be overwritten.";
            visit.refuse(Error::new(ErrorCode::PreconditionFailed, detail))
        }
        error => visit.refuse(error),
    }
}

fn not_for_folders(visit: &Visit) -> FsError {
    let detail = "This is a folder. MKCOL makes folders, PUT makes files.";
    visit.refuse(Error::new(ErrorCode::MethodNotAllowed, detail))
}

impl GuardedFileSystem<Visit> for Files {
    fn open<'a>(
        &'a self,
        path: &'a DavPath,
        options: OpenOptions,
        visit: &'a Visit,
    ) -> FsFuture<'a, Box<dyn DavFile>> {
        Box::pin(async move {
            if !options.write {
                return Err(FsError::NotImplemented);
            }
            let file = self.begin(visit, path_of(path)?, &options).await?;
            Ok(Box::new(file) as Box<dyn DavFile>)
        })
    }

    fn read_dir<'a>(
        &'a self,
        _: &'a DavPath,
        _: ReadDirMeta,
        _: &'a Visit,
    ) -> FsFuture<'a, FsStream<Box<dyn DavDirEntry>>> {
        Box::pin(async { Ok(Box::pin(stream::empty()) as FsStream<Box<dyn DavDirEntry>>) })
    }

    fn metadata<'a>(
        &'a self,
        path: &'a DavPath,
        visit: &'a Visit,
    ) -> FsFuture<'a, Box<dyn DavMetaData>> {
        Box::pin(async move {
            let entry = self.find(visit, path_of(path)?).await?;
            Ok(Box::new(Meta { node: entry.node }) as Box<dyn DavMetaData>)
        })
    }

    fn create_dir<'a>(&'a self, path: &'a DavPath, visit: &'a Visit) -> FsFuture<'a, ()> {
        Box::pin(async move {
            let path = path_of(path)?;
            match visit.act {
                Act::Copy if visit.is_shallow => self.copy_folder_alone(visit, path).await,
                Act::Copy => self.copy_whole(visit, visit.path.clone(), &path).await,
                _ => self.make_folder(visit, path).await.map(drop),
            }
        })
    }

    fn remove_dir<'a>(&'a self, path: &'a DavPath, visit: &'a Visit) -> FsFuture<'a, ()> {
        Box::pin(self.remove(visit, path))
    }

    fn remove_file<'a>(&'a self, path: &'a DavPath, visit: &'a Visit) -> FsFuture<'a, ()> {
        Box::pin(self.remove(visit, path))
    }

    fn rename<'a>(
        &'a self,
        from: &'a DavPath,
        to: &'a DavPath,
        visit: &'a Visit,
    ) -> FsFuture<'a, ()> {
        Box::pin(async move { self.move_whole(visit, path_of(from)?, &path_of(to)?).await })
    }

    fn copy<'a>(
        &'a self,
        from: &'a DavPath,
        to: &'a DavPath,
        visit: &'a Visit,
    ) -> FsFuture<'a, ()> {
        Box::pin(async move { self.copy_whole(visit, path_of(from)?, &path_of(to)?).await })
    }

    fn patch_props<'a>(
        &'a self,
        path: &'a DavPath,
        patch: Vec<(bool, DavProp)>,
        visit: &'a Visit,
    ) -> FsFuture<'a, Vec<(StatusCode, DavProp)>> {
        Box::pin(async move {
            let entry = self.find(visit, path_of(path)?).await?;
            props::change(&self.drive, visit, &entry, patch).await
        })
    }
}
