//! A Chromium and its driver for the tests, from the system.

use std::path::PathBuf;

use anyhow::Result;

use super::program::{Wanted, program};
use crate::workspace::Workspace;

/// What the browser tests drive.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) driver: PathBuf,
}

const BROWSER: Wanted = Wanted {
    what: "Chromium and chromedriver",
    packages: "chromium chromium-driver",
    variables: "CHROMIUM and CHROMEDRIVER to the two programs",
};

/// Finds the browser, or installs it where that needs no question.
pub(crate) fn browser(workspace: &Workspace) -> Result<Browser> {
    BROWSER.get(workspace, || {
        let chromium = program("CHROMIUM", &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])?;
        let driver = program("CHROMEDRIVER", &["chromedriver", "chromium.chromedriver"])?;
        Some(Browser { chromium, driver })
    })
}
