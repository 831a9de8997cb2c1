import { type BackendRequirement, demand, demandThrows } from "./backend_requirement.ts";
import { bytes, demandScan, demandValue, hexOf, put, remove } from "./backend_samples.ts";
import type { BackendStage } from "./backend_stage.ts";

/** What a pinned view shows. */
export const VIEW_CASES: readonly BackendRequirement[] = [
  ["a view shows what was flushed and what was not", showsUnflushed],
  ["a view does not show what is written later", hidesLater],
  ["a view stays as it is over flushes", staysOverFlushes],
  ["a walk over a view goes on while others write", walkGoesOn],
  ["views of different moments each show their own", viewsAreApart],
  ["a view that is closed leaves others as they are", closingIsApart],
  ["a closed view refuses use", closedRefuses],
  ["a view may be closed twice", closesTwice],
  ["a block that holds a view by using closes it at its end", usingCloses],
  ["a view walks as its backend does", walksAlike],
];

async function showsUnflushed(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  stage.write(put("61", "flushed"), put("62", "flushed"));
  await backend.flush();
  stage.write(put("62", "fresh"), put("63", "fresh"));
  using view = backend.view();
  demandScan(view, {}, [["61", "flushed"], ["62", "fresh"], ["63", "fresh"]], "a view");
  demandValue(view, "63", "fresh", "a view");
}

async function hidesLater(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  stage.write(put("61", "one"), put("62", "one"));
  using view = backend.view();
  stage.write(put("61", "two"), remove("62"), put("63", "two"));
  demandScan(view, {}, [["61", "one"], ["62", "one"]], "a view");
  demandValue(view, "61", "one", "a view");
  demandValue(view, "63", undefined, "a view");
  demandScan(backend, {}, [["61", "two"], ["63", "two"]], "its backend");
}

async function staysOverFlushes(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  stage.write(put("61", "one"), put("62", "one"));
  await backend.flush();
  stage.write(put("62", "two"), remove("61"), put("64", "two"));
  using view = backend.view();
  for (let round = 0; round < 3; round += 1) {
    stage.write(put("61", `later ${round}`), put("62", `later ${round}`), remove("64"));
    await backend.flush();
    demandScan(view, {}, [["62", "two"], ["64", "two"]], `after flush ${round}`);
    demandValue(view, "61", undefined, `after flush ${round}`);
  }
}

async function walkGoesOn(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  const keys = Array.from({ length: 300 }, (_, at) => (0x1000 + 2 * at).toString(16));
  stage.write(...keys.slice(0, 200).map((key) => put(key, "old")));
  await backend.flush();
  stage.write(...keys.slice(200).map((key) => put(key, "old")));
  using view = backend.view();
  const met: string[] = [];
  for (const [key, value] of view.scan("a")) {
    met.push(hexOf(key));
    demand(value[0] === "old".charCodeAt(0), `${hexOf(key)} has a later value`);
    const number = parseInt(hexOf(key), 16);
    const next = (number + 2).toString(16);
    stage.write(
      put((number + 1).toString(16), "new"),
      met.length % 2 === 0 ? remove(next) : put(next, "new"),
    );
    if (met.length % 50 === 0) {
      await backend.flush();
    }
  }
  demand(met.join() === keys.join(), `a walk met ${met.length} records of ${keys.length}`);
}

async function viewsAreApart(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  using resources = new DisposableStack();
  const views = [];
  for (let moment = 0; moment < 6; moment += 1) {
    stage.write(put("61", `moment ${moment}`));
    views.push(resources.use(backend.view()));
    if (moment % 2 === 1) {
      await backend.flush();
    }
  }
  views.forEach((view, moment) => demandValue(view, "61", `moment ${moment}`, `view ${moment}`));
}

async function closingIsApart(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  stage.write(put("61", "one"));
  await backend.flush();
  const [first, second] = [backend.view(), backend.view()];
  first.close();
  stage.write(put("61", "two"));
  await backend.flush();
  demandValue(second, "61", "one", "the other view");
  second.close();
  demandValue(backend, "61", "two", "the backend");
}

async function closedRefuses(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  stage.write(put("61", "one"));
  const view = backend.view();
  view.close();
  demandThrows(() => view.get("a", bytes("61")), "get of a closed view");
  demandThrows(() => [...view.scan("a")], "scan of a closed view");
}

async function closesTwice(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  stage.write(put("61", "one"));
  const [first, second] = [backend.view(), backend.view()];
  first.close();
  first.close();
  demandScan(second, {}, [["61", "one"]], "the other view");
  second.close();
}

async function usingCloses(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  stage.write(put("61", "one"));
  const view = backend.view();
  {
    using held = view;
    demandValue(held, "61", "one", "a view");
  }
  demandThrows(() => view.get("a", bytes("61")), "get of a view whose block has ended");
}

async function walksAlike(stage: BackendStage): Promise<void> {
  const backend = await stage.open();
  stage.write(...["61", "62", "63"].map((key) => put(key, "one")), put("64", "one", "b"));
  await backend.flush();
  stage.write(...["6161", "64"].map((key) => put(key, "one")), remove("62"));
  using view = backend.view();
  for (
    const [low, high, keys] of [
      ["61", "64", ["61", "6161", "63"]],
      ["6101", "63", ["6161"]],
      ["64", "ff", ["64"]],
    ] as const
  ) {
    const bounds = { low: bytes(low), high: bytes(high) };
    const wanted = keys.map((key) => [key, "one"] as const);
    demandScan(view, bounds, wanted, `[${low}, ${high})`);
    demandScan(view, { ...bounds, reverse: true }, wanted.toReversed(), `[${low}, ${high}) back`);
  }
  demandScan(view, { bucket: "b" }, [["64", "one"]], "another bucket");
}
