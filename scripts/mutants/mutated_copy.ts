import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryPath } from "../repository.ts";
import { type Mutant, mutated } from "./mutant.ts";

/** What a copy needs, so that scenarios, simulators and tests run in it. */
const COPIED = [
  "raft",
  "storage",
  "transport",
  "mvcc",
  "lease",
  "watch",
  "testing",
  "proto",
  "server",
  "scripts",
  "test",
  "examples",
  "package.json",
  "ava.config.js",
];

/** A copy of the source with one bug in it. Gone when it is disposed of. */
export class MutatedCopy implements Disposable {
  readonly directory: string;
  readonly #mutant: Mutant;

  constructor(mutant: Mutant) {
    this.#mutant = mutant;
    this.directory = mkdtempSync(join(tmpdir(), `kvorum-mutant-`));
    for (const path of COPIED.filter((each) => existsSync(repositoryPath(each)))) {
      cpSync(repositoryPath(path), join(this.directory, path), { recursive: true });
    }
    symlinkSync(repositoryPath("node_modules"), join(this.directory, "node_modules"));
    const file = join(this.directory, mutant.file);
    writeFileSync(file, mutated(readFileSync(file, "utf8"), mutant));
  }

  /** Where the bug is in its file. */
  get offset(): number {
    const { file, find } = this.#mutant;
    return readFileSync(repositoryPath(file), "utf8").indexOf(find);
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
