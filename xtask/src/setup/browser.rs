//! The browsers for the tests, from the system: Chromium for all of them, Firefox and WebKit for those that are run in every engine.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::program::{Wanted, program};
use crate::workspace::Workspace;

/// What the browser tests drive.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) driver: PathBuf,
    /// The same engine without the windows of a browser, where there is one: a page costs a fifth. It opens the tests' pages.
    pub(crate) headless: PathBuf,
}

const BROWSER: Wanted = Wanted {
    what: "Chromium and chromedriver",
    packages: "chromium chromium-driver",
    variables: "CHROMIUM and CHROMEDRIVER to the two programs",
};

const HEADLESS: Wanted = Wanted {
    what: "Chromium without windows",
    packages: "chromium-headless-shell",
    variables: "CHROMIUM to the program chromium-headless-shell",
};

/// Finds the browser, or installs it where that needs no question.
pub(crate) fn browser(workspace: &Workspace) -> Result<Browser> {
    let (named, driver) = BROWSER.get(workspace, || {
        let named = program("CHROMIUM", &DESKTOP)?;
        Some((named, program("CHROMEDRIVER", &["chromedriver", "chromium.chromedriver"])?))
    })?;
    // One without windows keeps no pages to go back to.
    if is_shell(&named) {
        let chromium = program("CHROMIUM_DESKTOP", &DESKTOP).unwrap_or_else(|| named.clone());
        return Ok(Browser { chromium, driver, headless: named });
    }
    // Who names a browser means it for the pages, too; and not every system has the other.
    let is_given = env::var_os("CHROMIUM").is_some_and(|path| !path.is_empty());
    let headless = if is_given { None } else { HEADLESS.get(workspace, headless_shell).ok() };
    Ok(Browser { headless: headless.unwrap_or_else(|| named.clone()), chromium: named, driver })
}

/// What the programs with windows are called.
const DESKTOP: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// `chromium-headless-shell`, `chrome-headless-shell`, `headless_shell`.
fn is_shell(program: &Path) -> bool {
    let name = program.file_name().unwrap_or_default().to_string_lossy().replace('_', "-");
    name.contains("headless-shell")
}

/// The program itself: what Debian has on the path is a script around it, which would be ended in its place.
fn headless_shell() -> Option<PathBuf> {
    let of_debian = PathBuf::from("/usr/lib/chromium/chromium-headless-shell");
    if of_debian.is_file() { Some(of_debian) } else { program("CHROMIUM", &["chrome-headless-shell"]) }
}

const FIREFOX: Wanted =
    Wanted { what: "Firefox", packages: "firefox-esr", variables: "FIREFOX to the program firefox" };

/// Finds Firefox, or installs it where that needs no question.
pub(crate) fn firefox(workspace: &Workspace) -> Result<PathBuf> {
    FIREFOX.get(workspace, || program("FIREFOX", &["firefox-esr", "firefox"]))
}

/// A WebKit that can be driven, and the display that it needs.
pub(crate) struct WebKit {
    pub(crate) driver: PathBuf,
    pub(crate) browser: PathBuf,
    pub(crate) xvfb: PathBuf,
}

const WEBKIT: Wanted = Wanted {
    what: "WebKitGTK with its driver, and Xvfb",
    packages: "webkit2gtk-driver xvfb",
    variables: "WEBKIT_DRIVER, MINI_BROWSER and XVFB to the programs WebKitWebDriver, MiniBrowser and Xvfb",
};

/// Finds WebKit, or installs it where that needs no question.
pub(crate) fn webkit(workspace: &Workspace) -> Result<WebKit> {
    WEBKIT.get(workspace, || {
        let driver = program("WEBKIT_DRIVER", &["WebKitWebDriver"])?;
        let browser = program("MINI_BROWSER", &[]).or_else(mini_browser)?;
        Some(WebKit { driver, browser, xvfb: program("XVFB", &["Xvfb"])? })
    })
}

/// The browser that the driver drives is on no path: `/usr/lib/<architecture>/webkit2gtk-<version>/MiniBrowser`.
fn mini_browser() -> Option<PathBuf> {
    let folders = |of: PathBuf| fs::read_dir(of).into_iter().flatten().flatten().map(|entry| entry.path());
    let libraries = folders("/usr/lib".into()).filter(|folder| folder.to_string_lossy().ends_with("-linux-gnu"));
    let versions = libraries.flat_map(folders).filter(|folder| folder.to_string_lossy().contains("/webkit"));
    versions.map(|folder| folder.join("MiniBrowser")).filter(|file| file.is_file()).max()
}
