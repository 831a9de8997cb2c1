import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { MemberStoppedError } from "../../raft/mod.ts";
import { storageRemedy } from "../../server/data/storage_remedy.ts";
import { StorageFailedError } from "../../storage/mod.ts";

const PATH = join(tmpdir(), "wal");

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: something, write`), { code });
}

for (
  const { code, want } of [
    { code: "ENOSPC", want: /^The disk is full: free space on the file system of / },
    { code: "EDQUOT", want: /^The disk quota is used up: raise it for / },
    { code: "EROFS", want: /^The file system of .* is read-only: / },
    { code: "EIO", want: /^Check the disk that holds / },
    { code: "EFBIG", want: /^Check the disk that holds / },
  ]
) {
  test(`W8: storageRemedy says of ${code} what to do, where, and that nothing is lost`, (t) => {
    const failed = new StorageFailedError(PATH, systemError(code));
    for (const error of [failed, new MemberStoppedError(failed)]) {
      const remedy = storageRemedy(error) ?? "";
      t.regex(remedy, want);
      t.true(remedy.includes(tmpdir()), remedy);
      t.regex(remedy, /acknowledged is durable$/);
    }
  });
}

test("storageRemedy has nothing to say of other failures", (t) => {
  t.is(storageRemedy(systemError("ENOSPC")), null);
  t.is(storageRemedy(new MemberStoppedError()), null);
  t.is(storageRemedy("nothing"), null);
});
