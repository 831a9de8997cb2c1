import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { browserProblems } from "../../scripts/checks/browser.ts";

for (
  const { code, want } of [
    { code: `import "node:fs";`, want: /imports node:fs, which browsers lack/ },
    { code: `import "fs";`, want: /imports fs, which browsers lack/ },
    { code: `Buffer.from("a");`, want: /Buffer is not defined/ },
    { code: `process.cwd();`, want: /process is not defined/ },
    { code: `import "./deeper.ts";`, want: /deeper\.ts imports node:net, which browsers lack/ },
    { code: `new TextEncoder().encode("a"); setTimeout(() => {}, 0);`, want: null },
  ]
) {
  test(`browserProblems ${want === null ? "accepts" : "rejects"} ${code}`, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), "kvorum-browser-"));
    try {
      const entry = join(directory, "mod.ts");
      await writeFile(entry, code);
      await writeFile(join(directory, "deeper.ts"), `import "node:net";`);
      const [problem] = await browserProblems([entry]);
      if (want === null) {
        t.is(problem, undefined);
      } else {
        t.regex(problem ?? "", want);
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });
}
