//! Tables for people: columns as wide as they look, also with Chinese titles or emoji.

use std::fmt;

use console::{measure_text_width, truncate_str};

use crate::output::printable;

/// No cell is wider, so that one long title does not push the others off the screen.
const CELL_WIDTH: usize = 48;
const GAP: &str = "  ";

/// One column: its title, and on which side its cells stand.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    title: &'static str,
    right: bool,
}

/// Words and names.
pub const fn left(title: &'static str) -> Column {
    Column {
        title,
        right: false,
    }
}

/// Numbers.
pub const fn right(title: &'static str) -> Column {
    Column { title, right: true }
}

/// Rows under a line of titles.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(columns: impl Into<Vec<Column>>) -> Self {
        Self {
            columns: columns.into(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; a cell too many is left out.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells = cells
            .into_iter()
            .map(|cell| truncate_str(&printable(&cell), CELL_WIDTH, "…").into_owned());
        self.rows.push(cells.take(self.columns.len()).collect());
    }

    fn widths(&self) -> Vec<usize> {
        let width = |(at, column): (usize, &Column)| {
            let cells = self.rows.iter().filter_map(|row| row.get(at));
            let widest = cells.map(|cell| measure_text_width(cell)).max();
            widest.unwrap_or(0).max(measure_text_width(column.title))
        };
        self.columns.iter().enumerate().map(width).collect()
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for ((cell, column), width) in cells.iter().zip(&self.columns).zip(widths) {
            let space = " ".repeat(width.saturating_sub(measure_text_width(cell)));
            let parts = if column.right {
                [space.as_str(), cell]
            } else {
                [cell.as_str(), &space]
            };
            line.extend(parts);
            line.push_str(GAP);
        }
        line.truncate(line.trim_end().len());
        line
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        let titles: Vec<_> = self
            .columns
            .iter()
            .map(|column| column.title.to_owned())
            .collect();
        writeln!(f, "{}", self.line(&titles, &widths))?;
        for row in &self.rows {
            writeln!(f, "{}", self.line(row, &widths))?;
        }
        Ok(())
    }
}

/// One thing, field by field.
pub fn fields(pairs: &[(&str, String)]) -> String {
    let width = pairs
        .iter()
        .map(|(name, _)| measure_text_width(name))
        .max()
        .unwrap_or(0);
    let line = |(name, value): &(&str, String)| {
        let line = format!("{name:width$}  {}", printable(value));
        format!("{}\n", line.trim_end())
    };
    pairs.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn columns_line_up_by_what_is_seen() {
        let mut table = Table::new([left("TITLE"), right("PRICE"), left("STATE")]);
        table.row(cells(&["霸王别姬", "4.99", "published"]));
        table.row(cells(&["Cafe\u{301}", "10.00", "failed"]));
        assert_eq!(
            table.to_string(),
            "TITLE     PRICE  STATE\n\
             霸王别姬   4.99  published\n\
             Cafe\u{301}      10.00  failed\n"
        );
    }

    #[test]
    fn a_table_without_rows_shows_its_titles() {
        assert_eq!(
            Table::new([left("ID"), left("TITLE")]).to_string(),
            "ID  TITLE\n"
        );
    }

    #[test]
    fn long_and_dangerous_cells_are_tamed() {
        let mut table = Table::new([left("TITLE")]);
        table.row(cells(&["長".repeat(100).as_str()]));
        table.row(cells(&["a\u{1b}[31m\r\nb\u{202e}c"]));
        let text = table.to_string();
        assert!(
            text.lines()
                .all(|line| measure_text_width(line) <= CELL_WIDTH)
        );
        assert!(text.contains('…') && !text.contains('\u{1b}') && !text.contains('\u{202e}'));
        assert_eq!(text.lines().count(), 3);
    }

    #[test]
    fn fields_line_up() {
        let text = fields(&[
            ("id", "1".to_owned()),
            ("title", "X".to_owned()),
            ("note", String::new()),
        ]);
        assert_eq!(text, "id     1\ntitle  X\nnote\n");
    }
}
