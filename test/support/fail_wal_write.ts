/**
 * Loaded into a server before all else (`NODE_OPTIONS=--import ...`): one write
 * to the log fails, and all that come after it would succeed, as a disk with
 * one bad moment has it. `KVORUM_TEST_FAIL` is `{"nth": 100, "code": "EIO",
 * "bytesTo": PATH}`: what it was to write goes into a file. With `writtenBytes`
 * so many bytes of it get to the disk.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import process from "node:process";

interface FailingWrite {
  readonly nth: number;
  readonly code: string;
  readonly bytesTo: string;
  readonly writtenBytes?: number;
}

type Write = (
  descriptor: number,
  bytes: Uint8Array,
  start: number,
  length: number,
  position: number,
  callback: (error: Error | null, bytesWritten: number) => void,
) => void;

type Open = (
  path: string,
  flags: number,
  mode: number,
  callback: (error: Error | null, descriptor: number) => void,
) => void;

type Close = (descriptor: number, callback: (error: Error | null) => void) => void;

const { nth, code, bytesTo, writtenBytes = 0 }: FailingWrite = JSON.parse(
  process.env["KVORUM_TEST_FAIL"] ?? "{}",
);
const logs = new Set<number>();
const open = fs.open as Open;
const close = fs.close as Close;
const write = fs.write as Write;
let writes = 0;

const watchedOpen: Open = (path, flags, mode, callback) =>
  open(path, flags, mode, (error, descriptor) => {
    if (error === null && path.endsWith(".wal")) {
      logs.add(descriptor);
    }
    callback(error, descriptor);
  });

/** The system gives the number to the next file. */
const watchedClose: Close = (descriptor, callback) => {
  logs.delete(descriptor);
  close(descriptor, callback);
};

const failingWrite: Write = (descriptor, bytes, start, length, position, callback) => {
  // Zeros ahead of the frames are nobody's.
  const isFrame = logs.has(descriptor) &&
    bytes.subarray(start, start + length).some((byte) => byte !== 0);
  writes += isFrame ? 1 : 0;
  if (!isFrame || writes < nth) {
    write(descriptor, bytes, start, length, position, callback);
    return;
  }
  if (writes > nth) {
    process.stderr.write("WROTE AGAIN after a failed write\n");
    write(descriptor, bytes, start, length, position, callback);
    return;
  }
  fs.writeFileSync(bytesTo, bytes.subarray(start, start + length));
  const fail = () => callback(Object.assign(new Error(`${code}: injected`), { code }), 0);
  if (writtenBytes === 0) {
    setImmediate(fail);
  } else {
    write(descriptor, bytes, start, Math.min(writtenBytes, length), position, fail);
  }
};

Object.assign(fs, { open: watchedOpen, close: watchedClose, write: failingWrite });
syncBuiltinESMExports();
