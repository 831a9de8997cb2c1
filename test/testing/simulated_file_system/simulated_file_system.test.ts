import test from "ava";
import { LockedError } from "../../../storage/mod.ts";
import { DiskStage } from "./disk_stage.ts";

const BYTES = Uint8Array.of(1, 2, 3, 4, 5);

/** Creates a file with `BYTES`, without any sync. */
async function create(stage: DiskStage, path: string) {
  return await stage.run(async (files) => {
    const file = await files.open(path, { mode: "create" });
    await file.write(BYTES, 0);
    return file;
  });
}

async function openDirectory(seed?: number): Promise<DiskStage> {
  const stage = new DiskStage(seed === undefined ? {} : { seed });
  await stage.run((files) => files.createDirectory("d"));
  return stage;
}

test("SimulatedFileSystem reads, writes, truncates and tells sizes", async (t) => {
  const stage = await openDirectory();
  const file = await create(stage, "d/file");
  await stage.run(() => file.write(Uint8Array.of(9), 6));
  t.is(await stage.run(() => file.size()), 7);
  const target = new Uint8Array(4);
  t.is(await stage.run(() => file.read(target, 4)), 3, "short at the end of the file");
  t.deepEqual([...target], [5, 0, 9, 0]);
  await stage.run(() => file.truncate(2));
  t.deepEqual(await stage.contentOf("d/file"), [1, 2]);
});

test("SimulatedFileSystem lists, renames and removes", async (t) => {
  const stage = await openDirectory();
  await stage.run((files) => files.createDirectory("d/inner"));
  await create(stage, "d/b");
  await create(stage, "d/a");
  t.deepEqual(await stage.run((files) => files.list("d")), ["a", "b", "inner"]);
  await stage.run((files) => files.rename("d/b", "d/inner/c"));
  await stage.run((files) => files.remove("d/a"));
  await stage.run((files) => files.remove("d/a"));
  t.deepEqual(await stage.run((files) => files.list("d")), ["inner"]);
  t.deepEqual(await stage.contentOf("d/inner/c"), [...BYTES]);
});

for (
  const { what, code, act } of [
    {
      what: "read of a file that is not there",
      code: "ENOENT",
      act: (stage: DiskStage): Promise<unknown> => stage.files.open("d/none", { mode: "read" }),
    },
    {
      what: "write of a file that is not there",
      code: "ENOENT",
      act: (stage: DiskStage): Promise<unknown> => stage.files.open("d/none", { mode: "write" }),
    },
    {
      what: "creation of a file that is there",
      code: "EEXIST",
      act: (stage: DiskStage): Promise<unknown> => stage.files.open("d/file", { mode: "create" }),
    },
    {
      what: "creation in a directory that is not there",
      code: "ENOENT",
      act: (stage: DiskStage): Promise<unknown> =>
        stage.files.open("none/file", { mode: "create" }),
    },
    {
      what: "list of a directory that is not there",
      code: "ENOENT",
      act: (stage: DiskStage): Promise<unknown> => stage.files.list("none"),
    },
    {
      what: "sync of a directory that is not there",
      code: "ENOENT",
      act: (stage: DiskStage): Promise<unknown> => stage.files.syncDirectory("none"),
    },
    {
      what: "rename of a file that is not there",
      code: "ENOENT",
      act: (stage: DiskStage): Promise<unknown> => stage.files.rename("d/none", "d/other"),
    },
    {
      what: "write of a directory",
      code: "EISDIR",
      act: (stage: DiskStage): Promise<unknown> => stage.files.open("d", { mode: "write" }),
    },
    {
      what: "lock of a directory",
      code: "EISDIR",
      act: (stage: DiskStage): Promise<unknown> => stage.files.lock("d"),
    },
    {
      what: "rename of a file to a directory",
      code: "EISDIR",
      act: (stage: DiskStage): Promise<unknown> => stage.files.rename("d/file", "d"),
    },
    {
      what: "creation of a directory below a file",
      code: "ENOTDIR",
      act: (stage: DiskStage): Promise<unknown> => stage.files.createDirectory("d/file/inner"),
    },
    {
      what: "use of a file that was closed",
      code: "EBADF",
      act: async (stage: DiskStage): Promise<unknown> => {
        const file = await stage.files.open("d/file", { mode: "write" });
        await file.close();
        return await file.write(BYTES, 0);
      },
    },
  ]
) {
  test(`SimulatedFileSystem answers ${code} to the ${what}, later, and changes nothing`, async (t) => {
    const stage = await openDirectory();
    await create(stage, "d/file");
    const before = stage.executor.nowUs;
    const failed = t.throwsAsync(stage.run(() => act(stage)), { code });
    t.is(stage.executor.nowUs, before);
    await failed;
    t.true(stage.executor.nowUs > before, "an error takes its time too");
    t.deepEqual(await stage.run((files) => files.list("d")), ["file"]);
    t.deepEqual(await stage.contentOf("d/file"), [...BYTES]);
  });
}

/** What a power cut leaves of a file, over many seeds. */
async function leftOvers(
  prepare: (stage: DiskStage) => Promise<unknown>,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (let seed = 1; seed <= 60; seed += 1) {
    const stage = await openDirectory(seed);
    await prepare(stage);
    stage.cutPower();
    const left = String(await stage.contentOf("d/file"));
    counts.set(left, (counts.get(left) ?? 0) + 1);
  }
  return counts;
}

test("SimulatedFileSystem.crash loses or tears what was not synced", async (t) => {
  const left = await leftOvers(async (stage) => {
    const file = await stage.run((files) => files.open("d/file", { mode: "create" }));
    await stage.run((files) => files.syncDirectory("d"));
    await stage.run(() => file.write(BYTES, 0));
  });
  t.deepEqual([...left.keys()].sort(), ["", "1", "1,2", "1,2,3", "1,2,3,4", "1,2,3,4,5"]);
});

test("SimulatedFileSystem.crash loses a name that was not synced, though its data were", async (t) => {
  const left = await leftOvers(async (stage) => {
    const file = await create(stage, "d/file");
    await stage.run(() => file.dataSync());
  });
  t.deepEqual([...left.keys()].sort(), ["1,2,3,4,5", "null"]);
});

for (
  const { how, write } of [
    {
      how: "a sync of the data",
      write: async (stage: DiskStage) => {
        const file = await create(stage, "d/file");
        await stage.run(() => file.dataSync());
      },
    },
    {
      how: "a write with dataSync",
      write: async (stage: DiskStage) => {
        const file = await stage.run((files) =>
          files.open("d/file", { mode: "create", dataSync: true })
        );
        await stage.run(() => file.write(BYTES, 0));
      },
    },
  ]
) {
  test(`SimulatedFileSystem.crash keeps what ${how} and one of the directory covered`, async (t) => {
    const left = await leftOvers(async (stage) => {
      await write(stage);
      await stage.run((files) => files.syncDirectory("d"));
    });
    t.deepEqual([...left.keys()], ["1,2,3,4,5"]);
  });
}

for (
  const { what, sync } of [
    {
      what: "of the data",
      sync: async (stage: DiskStage) => {
        const file = await create(stage, "d/file");
        await stage.run((files) => files.syncDirectory("d"));
        void file.dataSync();
      },
    },
    {
      what: "of the directory",
      sync: async (stage: DiskStage) => {
        const file = await create(stage, "d/file");
        await stage.run(() => file.dataSync());
        void stage.files.syncDirectory("d");
      },
    },
    {
      what: "in a write with dataSync",
      sync: async (stage: DiskStage) => {
        await create(stage, "d/file");
        await stage.run((files) => files.syncDirectory("d"));
        const file = await stage.run((files) =>
          files.open("d/file", { mode: "write", dataSync: true })
        );
        void file.write(BYTES, 0);
      },
    },
  ]
) {
  test(`SimulatedFileSystem.crash may lose what a sync ${what} was still about to cover`, async (t) => {
    const left = await leftOvers(sync);
    t.true(left.size > 1, String([...left.keys()]));
    t.true((left.get("1,2,3,4,5") ?? 0) < 60);
  });
}

test("SimulatedFileSystem.crash says what it took", async (t) => {
  const taken = { lostChanges: 0, tornWrites: 0, lostNames: 0 };
  for (let seed = 1; seed <= 30; seed += 1) {
    const stage = await openDirectory(seed);
    await create(stage, "d/file");
    const losses = stage.cutPower();
    const left = await stage.contentOf("d/file");
    t.is(losses.lostNames, left === null ? 1 : 0, `seed ${seed}`);
    for (const loss of ["lostChanges", "tornWrites", "lostNames"] as const) {
      taken[loss] += losses[loss];
    }
  }
  t.true(Object.values(taken).every((count) => count > 0), JSON.stringify(taken));
});

test("SimulatedFileSystem.exit keeps all that was written, and leaves it as durable as it was", async (t) => {
  const afterwards = new Set<string>();
  for (let seed = 1; seed <= 30; seed += 1) {
    const stage = await openDirectory(seed);
    await create(stage, "d/file");
    stage.kill();
    t.deepEqual(await stage.contentOf("d/file"), [...BYTES], `seed ${seed}`);
    stage.cutPower();
    afterwards.add(String(await stage.contentOf("d/file")));
  }
  t.true(afterwards.has("null"), "nobody has synced the name");
  t.true(afterwards.size > 2, "nor the data");
});

for (const end of ["cutPower", "kill"] as const) {
  test(`SimulatedFileSystem answers nothing once its process is gone (${end})`, async (t) => {
    const stage = await openDirectory();
    const { files } = stage;
    const file = await create(stage, "d/file");
    let answers = 0;
    const note = () => answers += 1;
    [files.list("d"), files.open("d/none", { mode: "read" }), file.write(BYTES, 5)]
      .forEach((answer) => answer.then(note, note));
    stage[end]();
    [files.list("d"), files.remove("d/file"), file.write(BYTES, 0), file.dataSync()]
      .forEach((answer) => answer.then(note, note));
    await stage.settle();
    t.is(answers, 0);
  });
}

test("SimulatedFileSystem does nothing for the dead, to what the next life finds", async (t) => {
  const stage = await openDirectory();
  const file = await create(stage, "d/file");
  const { files } = stage;
  stage.kill();
  void files.remove("d/file");
  void file.write(Uint8Array.of(9), 0);
  await stage.settle();
  t.deepEqual(await stage.contentOf("d/file"), [...BYTES]);
});

test("SimulatedFileSystem takes longer for what must become durable, and never answers at once", async (t) => {
  const stage = new DiskStage({ latency: { callUs: 100, syncUs: 100_000 } });
  await stage.run((files) => files.createDirectory("d"));
  const file = await stage.run((files) => files.open("d/file", { mode: "create" }));
  const durable = await stage.run((files) =>
    files.open("d/file", { mode: "write", dataSync: true })
  );
  const timeOf = async (act: () => Promise<unknown>) => {
    const begin = stage.executor.nowUs;
    await stage.run(act);
    return stage.executor.nowUs - begin;
  };
  const quick = [
    () => file.write(BYTES, 0),
    () => file.read(new Uint8Array(1), 0),
    () => file.size(),
    () => file.truncate(1),
    () => stage.files.list("d"),
    () => stage.files.rename("d/file", "d/file"),
    () => stage.files.remove("d/none"),
  ];
  for (const act of quick) {
    const time = await timeOf(act);
    // A delay is at least a quarter of its mean, and rarely ten times as much.
    t.true(time >= 25 && time <= 1_100, `${time}`);
  }
  const slow = [
    () => durable.write(BYTES, 0),
    () => file.dataSync(),
    () => stage.files.syncDirectory("d"),
    () => stage.files.createDirectory("e"),
  ];
  for (const act of slow) {
    const time = await timeOf(act);
    t.true(time >= 25_000, `${time}`);
  }
  stage.files.setLatency({ callUs: 100, syncUs: 100 });
  t.true(await timeOf(() => file.dataSync()) <= 1_100);
});

test("SimulatedFileSystem answers nothing while it stalls, and all of it once it resumes", async (t) => {
  const stage = await openDirectory();
  const file = await create(stage, "d/file");
  await stage.run((files) => files.syncDirectory("d"));
  const notes: string[] = [];
  const ask = () =>
    [file.dataSync(), stage.files.list("d"), stage.files.open("d/none", { mode: "read" })]
      .forEach((answer, at) =>
        void answer.then(() => notes.push(`answer ${at}`), () => notes.push(`error ${at}`))
      );
  ask();
  stage.files.stall();
  await stage.settle();
  stage.files.stall();
  t.deepEqual(notes, []);
  stage.files.resume();
  t.deepEqual(notes, []);
  await stage.settle();
  t.deepEqual(notes.sort(), ["answer 0", "answer 1", "error 2"]);
  t.deepEqual(await stage.run((files) => files.list("d")), ["file"], "from then on as before");
});

test("SimulatedFileSystem makes nothing durable while it stalls", async (t) => {
  const left = await leftOvers(async (stage) => {
    const file = await create(stage, "d/file");
    await stage.run((files) => files.syncDirectory("d"));
    stage.files.stall();
    void file.dataSync();
    await stage.settle();
  });
  t.true(left.size > 1);
});

test("SimulatedFileSystem may stall again before all is answered", async (t) => {
  const stage = await openDirectory();
  let answers = 0;
  void stage.files.list("d").then(() => answers += 1);
  stage.files.stall();
  await stage.settle();
  stage.files.resume();
  stage.files.stall();
  await stage.settle();
  t.is(answers, 0);
  stage.files.resume();
  await stage.settle();
  t.is(answers, 1);
});

test("SimulatedFileSystem.lock refuses a second lock until the first is released", async (t) => {
  const stage = await openDirectory();
  const lock = await stage.run((files) => files.lock("d/lock"));
  await t.throwsAsync(stage.run((files) => files.lock("d/lock")), { instanceOf: LockedError });
  await stage.run((files) => files.lock("d/other"));
  await lock.release();
  await t.notThrowsAsync(stage.run((files) => files.lock("d/lock")));
});

for (const end of ["cutPower", "kill"] as const) {
  test(`SimulatedFileSystem.lock dies with its process (${end})`, async (t) => {
    const stage = await openDirectory();
    await stage.run((files) => files.lock("d/lock"));
    stage[end]();
    await t.notThrowsAsync(stage.run((files) => files.lock("d/lock")));
  });
}

test("SimulatedFileSystem.lock creates its file, which a power cut may take like any other", async (t) => {
  const stage = await openDirectory();
  await stage.run((files) => files.lock("d/lock"));
  t.deepEqual(await stage.run((files) => files.list("d")), ["lock"]);
  stage.cutPower({ loss: "all" });
  t.deepEqual(await stage.run((files) => files.list("d")), []);
});

test("SimulatedFileSystem.lock is not released by a process that is gone", async (t) => {
  const stage = await openDirectory();
  const lock = await stage.run((files) => files.lock("d/lock"));
  stage.kill();
  await stage.run((files) => files.lock("d/lock"));
  await lock.release();
  await t.throwsAsync(stage.run((files) => files.lock("d/lock")), { instanceOf: LockedError });
});

test("SimulatedFileSystem tells of each call as it is made, with its path", async (t) => {
  const calls: string[] = [];
  const stage = new DiskStage({ onCall: (call, path) => calls.push(`${call} ${path}`) });
  await stage.run((files) => files.createDirectory("d"));
  const file = await stage.run((files) => files.open("d/a", { mode: "create", dataSync: true }));
  void file.write(BYTES, 0);
  void file.dataSync();
  void stage.files.rename("d/a", "d/b");
  t.deepEqual(calls, [
    "createDirectory d",
    "create d/a",
    "writeDurably d/a",
    "dataSync d/a",
    "rename d/a",
  ]);
});

test("SimulatedFileSystem does the same for the same seed", async (t) => {
  const play = async (seed: number) => {
    const stage = await openDirectory(seed);
    await create(stage, "d/file");
    const losses = stage.cutPower();
    return JSON.stringify([stage.executor.nowUs, losses, await stage.contentOf("d/file")]);
  };
  t.is(await play(7), await play(7));
  t.not(await play(7), await play(8));
});
