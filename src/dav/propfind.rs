//! PROPFIND (RFC 4918 §9.1): what is known of an entry, and of what is in a folder.
//!
//! Read and written page by page, so that a folder of any size takes the same memory. What was asked for and is not
//! there is told as 404, which dav-server leaves out. All of a tree at once is refused (`propfind-finite-depth`).

use std::collections::HashMap;

use bytes::Bytes;
use futures_util::{Stream, stream};
use playhouse_api::problem::ErrorCode;
use xmltree::Element;

use super::lock_rules::Lock;
use super::service::Dav;
use super::store::LockRow;
use super::xml::{self, Shown};
use super::{address, locks};
use crate::drive::{self, Drive, DrivePath, Entry, Property, Usage};
use crate::error::Error;
use crate::ids::{AccountId, EntryId};
use crate::page::PageRequest;

/// Entries that are read and written at a time. Each may have 16 KiB of properties.
const PAGE: u32 = 100;

/// The name of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
struct PropName {
    namespace: String,
    name: String,
}

/// Which properties somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// All, and besides some that are told on demand only.
    All(Wanted),
    Names,
    These(Wanted),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted(Vec<PropName>);

impl Asked {
    /// Reads a body that has been looked through; without one, all is meant.
    ///
    /// # Errors
    /// 400.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Error> {
        let bad = || Error::new(ErrorCode::BadRequest, "The body is no propfind of WebDAV.");
        if body.is_empty() {
            return Ok(Self::All(Wanted::default()));
        }
        let root = Element::parse(body).map_err(|_| bad())?;
        if !is_dav(&root, "propfind") {
            return Err(bad());
        }
        let child = |name| {
            let mut children = root.children.iter().filter_map(|it| it.as_element());
            children.find(|it| is_dav(it, name))
        };
        if let Some(prop) = child("prop") {
            return Ok(Self::These(names_in(prop)));
        }
        if child("propname").is_some() {
            return Ok(Self::Names);
        }
        child("allprop").ok_or_else(bad)?;
        Ok(Self::All(
            child("include").map(names_in).unwrap_or_default(),
        ))
    }

    /// Whether it can be told without what clients keep.
    fn is_live_only(&self) -> bool {
        let known = [xml::DAV, xml::MICROSOFT];
        match self {
            Self::These(wanted) => wanted
                .0
                .iter()
                .all(|it| known.contains(&it.namespace.as_str())),
            Self::All(_) | Self::Names => false,
        }
    }
}

fn is_dav(element: &Element, name: &str) -> bool {
    element.name == name && element.namespace.as_deref() == Some(xml::DAV)
}

fn names_in(element: &Element) -> Wanted {
    let children = element.children.iter().filter_map(|it| it.as_element());
    let names = children.map(|it| PropName {
        namespace: it.namespace.clone().unwrap_or_default(),
        name: it.name.clone(),
    });
    Wanted(names.collect())
}

/// What one answer needs to know.
struct Answer {
    drive: Drive,
    owner: AccountId,
    asked: Asked,
    locks: Vec<(LockRow, Lock)>,
    usage: Usage,
}

/// How far an answer is written.
enum Step {
    /// The children of a folder, from this cursor on.
    Children {
        folder: EntryId,
        address: String,
        cursor: Option<String>,
    },
    End,
}

type Properties = HashMap<EntryId, Vec<Property>>;

/// The answer, once it is known that there will be one: its first part is ready.
///
/// # Errors
/// [`drive::Error::NotFound`]; when the database cannot be read.
pub(super) async fn answer(
    dav: &Dav,
    owner: AccountId,
    path: DrivePath,
    asked: Asked,
    with_children: bool,
) -> Result<impl Stream<Item = Result<Bytes, Error>> + use<>, Error> {
    let found = dav.drive.resolve(owner.clone(), path.clone()).await?;
    let entry = found.ok_or(drive::Error::NotFound)?;
    let (reader, account, id) = (dav.drive.clone(), owner.clone(), entry.id.clone());
    let now = dav.clock.now();
    let (dead, usage, locks) = dav
        .db
        .read::<_, drive::Error, _>(move |conn| {
            let dead = Drive::properties_in(conn, std::slice::from_ref(&id))?;
            let usage = reader.usage_in(conn, &account)?;
            Ok((dead, usage, locks::live_rows(conn, &account, now)?))
        })
        .await?;
    let answer = Answer {
        drive: dav.drive.clone(),
        owner,
        asked,
        locks,
        usage,
    };
    let mut first = String::from(xml::HEAD);
    let address = address::format(&path, entry.is_folder());
    answer.response(&mut first, &entry, &address, &dead);
    let step = if with_children && entry.is_folder() {
        Step::Children {
            folder: entry.id.clone(),
            address: address::format(&path, false),
            cursor: None,
        }
    } else {
        first.push_str(xml::TAIL);
        Step::End
    };
    let rest = stream::unfold((answer, step), next);
    let first = stream::iter([Ok(Bytes::from(first))]);
    Ok(futures_util::StreamExt::chain(first, rest))
}

async fn next((answer, step): (Answer, Step)) -> Option<(Result<Bytes, Error>, (Answer, Step))> {
    let Step::Children {
        folder,
        address,
        cursor,
    } = step
    else {
        return None;
    };
    match answer.children(&folder, &address, cursor.as_deref()).await {
        Ok((text, None)) => Some((Ok(Bytes::from(text + xml::TAIL)), (answer, Step::End))),
        Ok((text, cursor)) => {
            let step = Step::Children {
                folder,
                address,
                cursor,
            };
            Some((Ok(Bytes::from(text)), (answer, step)))
        }
        Err(error) => Some((Err(error), (answer, Step::End))),
    }
}

impl Answer {
    async fn children(
        &self,
        folder: &EntryId,
        address: &str,
        cursor: Option<&str>,
    ) -> Result<(String, Option<String>), Error> {
        let page = PageRequest::read(cursor, Some(PAGE))?;
        let with_dead = !self.asked.is_live_only();
        let listed =
            self.drive
                .list_with_properties(self.owner.clone(), folder.clone(), page, with_dead);
        let (page, dead) = listed.await?;
        let mut text = String::with_capacity(page.items.len() * 1024);
        for entry in &page.items {
            let mut address = address.to_owned();
            address::push(&mut address, &entry.name);
            if entry.is_folder() {
                address.push('/');
            }
            self.response(&mut text, entry, &address, &dead);
        }
        Ok((text, page.next_cursor))
    }

    fn response(&self, out: &mut String, entry: &Entry, href: &str, dead: &Properties) {
        let shown = Shown {
            entry,
            href,
            dead: dead.get(&entry.id).map_or(&[], Vec::as_slice),
            locks: &self.locks,
            usage: entry.is_folder().then_some(&self.usage),
        };
        let (mut found, mut missing) = (String::new(), String::new());
        match &self.asked {
            Asked::Names => names(&mut found, &shown),
            Asked::All(besides) => {
                all(&mut found, &shown);
                these(&mut found, &mut missing, &shown, besides);
            }
            Asked::These(wanted) => these(&mut found, &mut missing, &shown, wanted),
        }
        out.push_str("<D:response><D:href>");
        out.push_str(shown.href);
        out.push_str("</D:href>");
        if !found.is_empty() || missing.is_empty() {
            xml::propstat(out, &found, "200 OK");
        }
        if !missing.is_empty() {
            xml::propstat(out, &missing, "404 Not Found");
        }
        out.push_str("</D:response>");
    }
}

fn names(out: &mut String, shown: &Shown<'_>) {
    for name in xml::LIVE {
        if shown.live(xml::DAV, name).is_some() {
            xml::element(out, xml::DAV, name, "");
        }
    }
    for property in shown.dead {
        xml::element(out, &property.namespace, &property.name, "");
    }
}

fn all(out: &mut String, shown: &Shown<'_>) {
    for name in xml::LIVE {
        if let Some(content) = shown.live(xml::DAV, name) {
            xml::element(out, xml::DAV, name, &content);
        }
    }
    for property in shown.dead {
        out.push_str(&property.value);
    }
}

fn these(found: &mut String, missing: &mut String, shown: &Shown<'_>, wanted: &Wanted) {
    for PropName { namespace, name } in &wanted.0 {
        if let Some(content) = shown.live(namespace, name) {
            xml::element(found, namespace, name, &content);
            continue;
        }
        let mut dead = shown.dead.iter();
        match dead.find(|it| it.namespace == *namespace && it.name == *name) {
            Some(property) => found.push_str(&property.value),
            None => xml::element(missing, namespace, name, ""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_understood() {
        assert_eq!(Asked::parse(b"").unwrap(), Asked::All(Wanted::default()));
        let names = b"<propfind xmlns=\"DAV:\"><propname/></propfind>";
        assert_eq!(Asked::parse(names).unwrap(), Asked::Names);
        let these =
            b"<D:propfind xmlns:D=\"DAV:\"><D:prop><D:getetag/><a xmlns=\"urn:x\"/></D:prop></D:propfind>";
        let Asked::These(wanted) = Asked::parse(these).unwrap() else {
            panic!("not a list");
        };
        let name = |namespace: &str, name: &str| PropName {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        };
        assert_eq!(wanted.0, [name("DAV:", "getetag"), name("urn:x", "a")]);
        for wrong in ["<a/>", "<propfind/>", "<propfind xmlns=\"DAV:\"/>"] {
            assert!(Asked::parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
