import test from "ava";
import { StorageClosedError } from "../../storage/mod.ts";
import { backendCases } from "../../testing/mod.ts";
import { BACKENDS } from "./backend_testbeds.ts";

const KEY = Uint8Array.of(1);

for (const [name, options] of Object.entries(BACKENDS)) {
  for (const requirement of backendCases(options)) {
    test(`${name}: ${requirement.name}`, async (t) => {
      await t.notThrowsAsync(() => requirement.run());
    });
  }

  test(`${name} tells by its errors what was wrong`, async (t) => {
    const testbed = await options.openTestbed();
    const backend = await testbed.open(["a", "b"]);
    const refused = { bucket: "a", key: new Uint8Array(), value: KEY };
    t.throws(() => backend.write([refused]), { code: "INVARIANT" });
    const view = backend.view();
    view.close();
    t.throws(() => view.get("a", KEY), { instanceOf: StorageClosedError });
    await backend.close();
    const uses = [
      () => backend.get("a", KEY),
      () => backend.scan("a"),
      () => backend.write([]),
      () => backend.view(),
    ];
    for (const use of uses) {
      t.throws(use, { instanceOf: StorageClosedError });
    }
    await t.throwsAsync(() => backend.flush(), { instanceOf: StorageClosedError });
    await testbed.close();
  });
}
