//! Lists: as many pages as were asked for, shown as one.

use clap::Args;
use playhouse_api::Page;
use playhouse_api::client;
use playhouse_api::page::MAX_LIMIT;

/// How much of a list to show.
#[derive(Clone, Debug, Args)]
pub struct Window {
    /// Show at most this many
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub limit: usize,
    /// Show them all
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
    /// Go on from the "next_cursor" of an earlier list
    #[arg(long, value_name = "CURSOR")]
    pub cursor: Option<String>,
}

/// Where to go on, and with how many items at most.
#[derive(Clone, Debug)]
pub struct Step {
    pub cursor: Option<String>,
    pub limit: u32,
}

/// Fetches pages until the window is full or the list ends.
pub async fn collect<T, F>(
    window: &Window,
    mut fetch: impl FnMut(Step) -> F,
) -> client::Result<Page<T>>
where
    F: Future<Output = client::Result<Page<T>>>,
{
    let mut items: Vec<T> = Vec::new();
    let mut cursor = window.cursor.clone();
    loop {
        let missing = wanted(window).saturating_sub(items.len());
        let limit = u32::try_from(missing).unwrap_or(MAX_LIMIT).min(MAX_LIMIT);
        if limit == 0 {
            return Ok(Page {
                items,
                next_cursor: cursor,
            });
        }
        let page = fetch(Step { cursor, limit }).await?;
        items.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(Page {
                items,
                next_cursor: None,
            });
        }
    }
}

/// The line under a table that does not show everything.
pub fn more<T>(page: &Page<T>) -> String {
    match &page.next_cursor {
        Some(cursor) => format!("There are more: --all, or --cursor {cursor}\n"),
        None => String::new(),
    }
}

fn wanted(window: &Window) -> usize {
    if window.all { usize::MAX } else { window.limit }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// A list of the numbers below `length`; cursors are numbers.
    async fn numbers(length: usize, window: &Window) -> (Vec<usize>, Option<String>, Vec<u32>) {
        let limits = RefCell::new(Vec::new());
        let page = collect(window, |step| {
            limits.borrow_mut().push(step.limit);
            let from = step.cursor.map_or(0, |it| it.parse().unwrap());
            let to = length.min(from + step.limit as usize);
            let next_cursor = (to < length).then(|| to.to_string());
            std::future::ready(Ok(Page {
                items: (from..to).collect(),
                next_cursor,
            }))
        });
        let page = page.await.unwrap();
        (page.items, page.next_cursor, limits.into_inner())
    }

    fn window(limit: usize, all: bool, cursor: Option<&str>) -> Window {
        Window {
            limit,
            all,
            cursor: cursor.map(str::to_owned),
        }
    }

    #[tokio::test]
    async fn it_asks_for_no_more_than_it_shows() {
        let (items, next, limits) = numbers(1000, &window(250, false, None)).await;
        assert_eq!(items, (0..250).collect::<Vec<_>>());
        assert_eq!(next.as_deref(), Some("250"));
        assert_eq!(limits, [200, 50]);
    }

    #[tokio::test]
    async fn all_means_all() {
        let (items, next, _) = numbers(1000, &window(50, true, None)).await;
        assert_eq!((items.len(), next), (1000, None));
    }

    #[tokio::test]
    async fn it_goes_on_from_a_cursor() {
        let (items, next, _) = numbers(30, &window(50, false, Some("20"))).await;
        assert_eq!((items, next), ((20..30).collect(), None));
    }

    #[tokio::test]
    async fn a_limit_of_none_asks_nothing() {
        assert_eq!(
            numbers(30, &window(0, false, None)).await,
            (vec![], None, vec![])
        );
    }
}
