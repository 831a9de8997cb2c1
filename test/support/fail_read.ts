/**
 * Loaded into a server before all else (`NODE_OPTIONS=--import ...`): a place of
 * a file cannot be read, as a bad sector has it. `KVORUM_TEST_FAIL` is
 * `{"path": PATH, "offset": 4096}`.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import process from "node:process";

interface BadSector {
  readonly path: string;
  readonly offset: number;
}

type Open = (
  path: string,
  flags: number,
  mode: number,
  callback: (error: Error | null, descriptor: number) => void,
) => void;

type Read = (
  descriptor: number,
  target: Uint8Array,
  start: number,
  length: number,
  position: number,
  callback: (error: Error | null, bytesRead: number) => void,
) => void;

const bad: BadSector = JSON.parse(process.env["KVORUM_TEST_FAIL"] ?? "{}");
const descriptors = new Set<number>();
const open = fs.open as Open;
const read = fs.read as Read;

const watchedOpen: Open = (path, flags, mode, callback) =>
  open(path, flags, mode, (error, descriptor) => {
    if (error === null && path === bad.path) {
      descriptors.add(descriptor);
    }
    callback(error, descriptor);
  });

const failingRead: Read = (descriptor, target, start, length, position, callback) => {
  const isBad = position <= bad.offset && bad.offset < position + length;
  if (descriptors.has(descriptor) && isBad) {
    const error = Object.assign(new Error("EIO: i/o error, read"), { code: "EIO" });
    setImmediate(() => callback(error, 0));
    return;
  }
  read(descriptor, target, start, length, position, callback);
};

Object.assign(fs, { open: watchedOpen, read: failingRead });
syncBuiltinESMExports();
