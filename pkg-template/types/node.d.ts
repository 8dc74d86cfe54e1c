/**
 * `propusk/node`: a session kept in a file, for Node scripts on one machine: between runs, and for several that run at
 * the same time.
 */
import type { TokenStore } from "./index.js";

export interface FileStoreOptions {
  /**
   * The folder that the files are in. Default `$XDG_STATE_HOME/propusk`, else `~/.local/state/propusk`;
   * `%LOCALAPPDATA%\propusk` on Windows. Made when it is needed, for this user alone (0700).
   */
  directory?: string;
  /** Longest wait for the lock, milliseconds. Default 29_000. */
  lockTimeout?: number;
}

/** All that a store can have. */
export interface FileStore extends TokenStore {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
  /** `task`'s signal is aborted when another may hold the lock by now: this process was stopped, or asleep, for too long. */
  withLock<T>(key: string, task: (signal: AbortSignal) => Promise<T>, options?: { signal?: AbortSignal }): Promise<T>;
  watch(key: string, listener: () => void): () => void;
}

/**
 * A store with a file per key. Files are for this user alone (0600) and hold tokens in the clear; each is replaced
 * as a whole (write, fsync, rename), so that a crash leaves the old one or the new one. What was killed, or ran out of
 * power, disk or open files in the middle of it holds up nobody, and a removal works on a full disk.
 *
 * Its lock keeps processes apart. A holder that was killed is passed over at once; where its life cannot be looked up
 * (another container on the same folder, another operating system than Linux), after twelve seconds without a sign of life.
 *
 * Nothing is touched until the store is used. Wrong options: `invalid_config`. Everything else rejects with `storage`:
 * a folder or file that others may write to, that belongs to somebody else or is a link; trouble of the disk; a lock that
 * was not given in time. A wait whose `signal` is aborted rejects with the signal's reason.
 *
 * @example
 * const client = await AuthClient.create({ provider: "bifit-kassa", storage: fileStore() });
 * if (!client.session) await client.login(credentials);
 */
export function fileStore(options?: FileStoreOptions): FileStore;

/** A stored session without any secret. */
export interface StoredSession {
  readonly provider: string;
  readonly account: string;
  readonly baseUrl: string;
  readonly subject: string | null;
  /** Milliseconds since the epoch; null when unknown or without end. */
  readonly expiresAt: number | null;
  /** Whether a refresh token lies with it. */
  readonly renewable: boolean;
}

/** What lies in a directory (default as `fileStore`'s); files that are no records of sessions are left out. */
export function listSessions(options?: { directory?: string }): Promise<readonly StoredSession[]>;

/** Forgets one of them, everywhere it is shared; resolves to false when it was not there. Nothing is revoked. */
export function removeSession(
  session: Pick<StoredSession, "provider" | "account" | "baseUrl">,
  options?: { directory?: string },
): Promise<boolean>;
