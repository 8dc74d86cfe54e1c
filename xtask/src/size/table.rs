//! Columns on a terminal: the first to the left, the numbers to the right.

/// Rows of one name and three values.
pub(super) struct Table {
    rows: Vec<(String, [String; 3])>,
}

impl Table {
    pub(super) fn new([name, values @ ..]: [&str; 4]) -> Self {
        Self { rows: vec![(name.to_owned(), values.map(str::to_owned))] }
    }

    pub(super) fn row(&mut self, name: &str, values: [String; 3]) {
        self.rows.push((name.to_owned(), values));
    }

    pub(super) fn print(&self) {
        let name_width = self.rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
        for (name, [a, b, c]) in &self.rows {
            println!("  {name:name_width$}  {a:>9}  {b:>9}  {c:>9}");
        }
    }
}
