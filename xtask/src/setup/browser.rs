//! The browsers for the tests, from the system: Chromium for all of them, Firefox and WebKit for those that are run in every engine.

use std::env;
use std::fs;
use std::path::PathBuf;

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
    let (chromium, driver) = BROWSER.get(workspace, || {
        let chromium = program("CHROMIUM", &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])?;
        Some((chromium, program("CHROMEDRIVER", &["chromedriver", "chromium.chromedriver"])?))
    })?;
    // Who names a browser means it for the pages, too; and not every system has the other.
    let named = env::var_os("CHROMIUM").is_some_and(|path| !path.is_empty());
    let headless = if named { None } else { HEADLESS.get(workspace, headless_shell).ok() };
    Ok(Browser { headless: headless.unwrap_or_else(|| chromium.clone()), chromium, driver })
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
