import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "ava";
import { repositoryPath } from "../../scripts/repository.ts";

interface Row {
  readonly fault: string;
  readonly file: string;
  readonly title: string;
}

/** The rows of the table of faults in `testing/README.md`. */
function rows(): Row[] {
  const page = readFileSync(repositoryPath("testing/README.md"), "utf8");
  return [...page.matchAll(/^\| (W[\dW, ]*?) +\| `(\S+)` +\| (.*?) +\|$/gm)].map(
    ([, fault = "", file = "", title = ""]) => ({ fault, file, title }),
  );
}

/** A test file, and what it imports from the repository, which may hold its titles. */
function sourceOf(file: string): string {
  const path = repositoryPath(file);
  const source = readFileSync(path, "utf8");
  const imported = [...source.matchAll(/from "(\.[^"]+\.ts)"/g)].map(([, name = ""]) =>
    readFileSync(join(dirname(path), name), "utf8")
  );
  return [source, ...imported].join("\n");
}

test("the table of storage faults in testing/README.md names tests that are there", (t) => {
  const all = rows();
  t.true(all.length > 50, `${all.length} rows`);
  for (const { fault, file, title } of all) {
    const source = sourceOf(file);
    t.true(fault.split(", ").every((id) => title.includes(id)), `${fault}: ${title}`);
    for (const piece of title.split("…").map((piece) => piece.trim())) {
      t.true(source.includes(piece), `${file}: ${title}`);
    }
  }
});
