//! Dead properties: what clients keep with a file, as XML that means nothing here.

use dav_server::fs::{DavProp, FsError, FsResult};
use http1::StatusCode;

use super::visit::Visit;
use crate::drive::{self, Drive, Entry, Property};

/// Sets and removes, in that order and all of it or nothing.
pub(super) async fn change(
    drive: &Drive,
    visit: &Visit,
    entry: &Entry,
    patch: Vec<(bool, DavProp)>,
) -> FsResult<Vec<(StatusCode, DavProp)>> {
    let changes = patch
        .iter()
        .map(|(is_set, prop)| {
            let property = property(prop)?;
            Some((*is_set, property))
        })
        .collect::<Option<Vec<_>>>()
        .ok_or(FsError::GeneralFailure)?;
    let changed = drive.change_properties(visit.owner(), entry.id.clone(), changes);
    let status = match changed.await {
        Ok(()) => StatusCode::OK,
        Err(drive::Error::TooManyProperties) => StatusCode::INSUFFICIENT_STORAGE,
        Err(error) => return Err(visit.refuse(error)),
    };
    let named = patch.into_iter().map(|(_, prop)| {
        let prop = DavProp { xml: None, ..prop };
        (status, prop)
    });
    Ok(named.collect())
}

fn property(prop: &DavProp) -> Option<Property> {
    let value = match &prop.xml {
        Some(xml) => bare(std::str::from_utf8(xml).ok()?).to_owned(),
        None => String::new(),
    };
    Some(Property {
        namespace: prop.namespace.clone().unwrap_or_default(),
        name: prop.name.clone(),
        value,
    })
}

/// An element without the declaration before it, so that it can stand in another document.
fn bare(xml: &str) -> &str {
    let xml = xml.trim_start();
    match xml.strip_prefix("<?xml") {
        Some(rest) => rest
            .split_once("?>")
            .map_or("", |(_, rest)| rest.trim_start()),
        None => xml,
    }
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn the_declaration_goes() {
        let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a>?></a>";
        assert_eq!(bare(xml), "<a>?></a>");
        assert_eq!(bare("<a/>"), "<a/>");
    }
}
