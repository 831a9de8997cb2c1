/** What is asked of a file system. `writeDurably` is a write of a file opened with `dataSync`. */
export type FileCall =
  | "open"
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
  "createDirectory",
  "rename",
  "remove",
  "syncDirectory",
  "truncate",
]);

/** Calls that wait until something is durable. */
export const SYNCING_CALLS: ReadonlySet<FileCall> = new Set<FileCall>([
  "createDirectory",
  "syncDirectory",
  "writeDurably",
  "dataSync",
]);
