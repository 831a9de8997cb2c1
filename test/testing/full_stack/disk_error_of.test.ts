import test from "ava";
import { StorageFailedError } from "../../../storage/mod.ts";
import { diskErrorOf } from "../../../testing/full_stack/disk_error_of.ts";
import { ViolationError } from "../../../testing/mod.ts";
import { FileSystemError } from "../../../testing/simulated_file_system/file_errors.ts";

const EIO = new FileSystemError("EIO", "wal/1.wal");

for (
  const { title, error, want } of [
    { title: "a failure of a disk itself", error: EIO, want: EIO },
    {
      title: "one that is a cause of a cause",
      error: new Error("stopped", { cause: new StorageFailedError("wal", EIO) }),
      want: EIO,
    },
    {
      title: "nothing in what a working disk answers",
      error: new FileSystemError("ENOENT", "wal/1.wal"),
      want: null,
    },
    {
      title: "nothing in an error of another kind",
      error: new StorageFailedError("wal", new RangeError("out of range")),
      want: null,
    },
    {
      title: "nothing in a violation, whatever it was seen by",
      error: new ViolationError("durable log", "comes back short", { cause: EIO }),
      want: null,
    },
    { title: "nothing in what is no error", error: "EIO", want: null },
  ]
) {
  test(`diskErrorOf finds ${title}`, (t) => {
    t.is(diskErrorOf(error), want);
  });
}
