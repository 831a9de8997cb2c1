import test from "ava";
import {
  type FileSystemCase,
  fileSystemCases,
  FileSystemRequirementError,
} from "../../../testing/mod.ts";
import type { PowerLoss } from "../../../testing/simulated_file_system/power_cut.ts";
import { DiskStage } from "../simulated_file_system/disk_stage.ts";
import { BROKEN_CONTENT } from "./broken_content.ts";
import type { Break } from "./broken_file_system.ts";
import { BROKEN_LOCKS } from "./broken_locks.ts";
import { BROKEN_NAMES } from "./broken_names.ts";
import { BROKEN_OPENING } from "./broken_opening.ts";
import { BROKEN_POWER_CUTS } from "./broken_power_cuts.ts";
import { diskTestbed } from "./disk_testbed.ts";

const BROKEN_FILE_SYSTEMS = [
  ...BROKEN_OPENING,
  ...BROKEN_CONTENT,
  ...BROKEN_NAMES,
  ...BROKEN_LOCKS,
  ...BROKEN_POWER_CUTS,
];

/** The cases on a simulated disk, and on its time. */
function casesFor(
  options: { readonly seed?: number; readonly loss?: PowerLoss; readonly breakIt?: Break } = {},
): FileSystemCase[] {
  const { seed = 1, ...others } = options;
  const stage = { current: new DiskStage({ seed }) };
  return fileSystemCases({
    supports: ["powerCuts", "processes"],
    openTestbed: () => diskTestbed(stage.current, others),
  }).map(({ name, run }) => ({
    name,
    async run() {
      stage.current = new DiskStage({ seed });
      await stage.current.run(run);
    },
  }));
}

// What a power cut may lose it need not lose: the requirements hold either way.
for (const loss of ["all", "none", "suffix", "any"] as const) {
  for (const [at, { name }] of casesFor().entries()) {
    test(`SimulatedFileSystem whose power cuts lose ${loss}: ${name}`, async (t) => {
      for (const seed of loss === "suffix" || loss === "any" ? [1, 2, 3, 4, 5] : [1]) {
        const requirement = casesFor({ seed, loss })[at];
        await t.notThrowsAsync(async () => await requirement?.run(), `seed ${seed}`);
      }
    });
  }
}

test("fileSystemCases asks nothing of abilities that are not supported", (t) => {
  const openTestbed = () => diskTestbed(new DiskStage());
  const none = fileSystemCases({ openTestbed }).map(({ name }) => name);
  t.deepEqual(none.filter((name) => /power cut|process/.test(name)), []);
  t.is(fileSystemCases({ openTestbed, supports: ["processes"] }).length, none.length + 4);
  t.is(fileSystemCases({ openTestbed, supports: ["powerCuts"] }).length, none.length + 12);
});

for (const { what, breaks, breakIt } of BROKEN_FILE_SYSTEMS) {
  test(`fileSystemCases rejects a file system that ${what}, by one case alone`, async (t) => {
    const failed: string[] = [];
    for (const requirement of casesFor({ breakIt })) {
      try {
        await requirement.run();
      } catch (error) {
        t.true(error instanceof FileSystemRequirementError, String(error));
        failed.push(requirement.name);
      }
    }
    t.deepEqual(failed, [breaks]);
  });
}

test("fileSystemCases has a broken file system for each requirement", (t) => {
  const requirements = casesFor().map(({ name }) => name);
  const broken = new Set(BROKEN_FILE_SYSTEMS.map(({ breaks }) => breaks));
  t.deepEqual([...broken].sort(), requirements.sort());
});
