//! A Redis for the tests, from the system.

use std::path::PathBuf;

use anyhow::Result;

use super::program::{Wanted, program};
use crate::workspace::Workspace;

const REDIS: Wanted =
    Wanted { what: "a Redis server", packages: "redis-server", variables: "REDIS_SERVER to the program redis-server" };

/// Finds the server, or installs it where that needs no question.
pub(crate) fn redis_server(workspace: &Workspace) -> Result<PathBuf> {
    REDIS.get(workspace, || program("REDIS_SERVER", &["redis-server", "valkey-server"]))
}
