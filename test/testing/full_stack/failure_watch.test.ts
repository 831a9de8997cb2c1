import test from "ava";
import { FailureWatch } from "../../../testing/full_stack/failure_watch.ts";
import type { ViolationError } from "../../../testing/mod.ts";

const SEGMENT = "wal/1.wal";

/** A watch, and what it finds wrong. */
function newWatch() {
  const found: string[] = [];
  const executor = { events: 7 };
  const watch = new FailureWatch(
    { id: "m0", directory: "wal" },
    {
      executor,
      fail: (error: unknown) => void found.push((error as ViolationError).check),
    } as ConstructorParameters<typeof FailureWatch>[1],
  );
  watch.begin();
  return { watch, found, executor };
}

type Stage = ReturnType<typeof newWatch>;

for (
  const { title, act } of [
    {
      title: "that a file is written to whose write has failed",
      act: ({ watch }: Stage) => {
        watch.onFailed("writeDurably", SEGMENT);
        watch.onCall("writeDurably", SEGMENT);
      },
    },
    {
      title: "that a file is synced whose sync has failed",
      act: ({ watch }: Stage) => {
        watch.onFailed("dataSync", SEGMENT);
        watch.onCall("dataSync", SEGMENT);
      },
    },
    {
      title: "that a log takes an append after one of its files has failed",
      act: ({ watch }: Stage) => {
        watch.onFailed("truncate", SEGMENT);
        watch.onChanging();
        watch.onChanged();
      },
    },
    {
      title: "that a log takes an append after its directory could not be synced",
      act: ({ watch }: Stage) => {
        watch.onFailed("syncDirectory", "wal");
        watch.onChanging();
        watch.onChanged();
      },
    },
    {
      title: "that a member appends to a log that has rejected an append",
      act: ({ watch }: Stage) => {
        watch.onChanging();
        watch.onRejected();
        watch.onChanging();
      },
    },
    {
      title: "that a member goes on to speak after its log has failed",
      act: ({ watch, executor }: Stage) => {
        watch.onRejected();
        executor.events += 1;
        watch.onSending();
      },
    },
  ]
) {
  test(`FailureWatch rejects ${title}`, (t) => {
    const stage = newWatch();
    act(stage);
    t.deepEqual(stage.found, ["failed log"]);
  });
}

for (
  const { title, act } of [
    {
      title: "a log that goes on as long as nothing fails",
      act: ({ watch, executor }: Stage) => {
        watch.onCall("writeDurably", SEGMENT);
        watch.onChanging();
        watch.onChanged();
        executor.events += 1;
        watch.onSending();
        watch.onChanging();
      },
    },
    {
      title: "that a change that was under way succeeds, as what failed beside it was another",
      act: ({ watch }: Stage) => {
        watch.onChanging();
        watch.onFailed("truncate", SEGMENT);
        watch.onChanged();
      },
    },
    {
      title: "what is no part of the log",
      act: ({ watch }: Stage) => {
        watch.onFailed("write", "machine/image.new");
        watch.onFailed("write", "wal-of-another/1.wal");
        watch.onChanging();
        watch.onChanged();
      },
    },
    {
      title: "a read that fails",
      act: ({ watch }: Stage) => {
        watch.onFailed("read", SEGMENT);
        watch.onCall("writeDurably", SEGMENT);
      },
    },
    {
      title: "what is said in the moment of the failure",
      act: ({ watch }: Stage) => {
        watch.onRejected();
        watch.onSending();
      },
    },
    {
      title: "whatever a new life does",
      act: ({ watch, executor }: Stage) => {
        watch.onFailed("writeDurably", SEGMENT);
        watch.onChanging();
        watch.onRejected();
        watch.begin();
        executor.events += 1;
        watch.onCall("writeDurably", SEGMENT);
        watch.onChanging();
        watch.onChanged();
        watch.onSending();
      },
    },
  ]
) {
  test(`FailureWatch accepts ${title}`, (t) => {
    const stage = newWatch();
    act(stage);
    t.deepEqual(stage.found, []);
  });
}
