/**
 * What is asked of a file system. `create` opens a file that must not be there
 * yet, `writeDurably` writes to one opened with `dataSync`.
 */
export type FileCall =
  | "open"
  | "create"
  | "list"
  | "createDirectory"
  | "rename"
  | "remove"
  | "syncDirectory"
  | "lock"
  | "read"
  | "write"
  | "writeDurably"
  | "dataSync"
  | "truncate"
  | "size"
  | "close";

/** Calls that change metadata, by which file systems find out that they are read-only. */
export const METADATA_CALLS: ReadonlySet<FileCall> = new Set<FileCall>([
  "create",
  "createDirectory",
  "rename",
  "remove",
  "syncDirectory",
  "truncate",
]);

/** Calls that change what is on the disk, or what of it is durable. */
export const CHANGING_CALLS: ReadonlySet<FileCall> = new Set<FileCall>([
  ...METADATA_CALLS,
  "write",
  "writeDurably",
  "dataSync",
]);

/** Calls that wait until something is durable. */
export const SYNCING_CALLS: ReadonlySet<FileCall> = new Set<FileCall>([
  "createDirectory",
  "syncDirectory",
  "writeDurably",
  "dataSync",
]);
