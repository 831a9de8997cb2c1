import { join } from "node:path";
import process from "node:process";
import { NodeFileSystem } from "../../../storage/files/mod.ts";
import type { FileSystemTestbed, OtherProcess } from "../../../testing/mod.ts";
import { ChildProgram } from "../../support/child_process.ts";
import { until } from "../../support/deadline.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

const CHILD = join(import.meta.dirname, "process_child.ts");

/** A testbed in a temporary directory of this machine, on Node and on Deno. */
export async function nodeTestbed(): Promise<FileSystemTestbed> {
  const directory = await temporaryDirectory();
  const others: NodeProcess[] = [];
  return {
    directory: directory.path,
    open: () => new NodeFileSystem(),
    startProcess() {
      const other = new NodeProcess();
      others.push(other);
      return other;
    },
    async close() {
      await Promise.all(others.map((other) => other.kill()));
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** A process for each thing that is asked for; they end together. */
class NodeProcess implements OtherProcess {
  readonly #children: ChildProgram[] = [];

  async lock(path: string): Promise<boolean> {
    return await this.#answer("lock", path) === "locked";
  }

  async save(path: string, bytes: Uint8Array): Promise<void> {
    await this.#answer("save", path, Buffer.from(bytes).toString("hex"));
  }

  async kill(): Promise<void> {
    await Promise.all(this.#children.map((child) => child[Symbol.asyncDispose]()));
  }

  async #answer(...command: readonly string[]): Promise<string> {
    const runArguments = process.versions["deno"] === undefined ? [] : ["run", "--allow-all"];
    const child = new ChildProgram(process.execPath, [...runArguments, CHILD, ...command]);
    this.#children.push(child);
    await until(() => Promise.resolve(child.stdout.endsWith("\n") || !child.isRunning), {
      withinMs: 30_000,
      what: "answer of another process",
    });
    if (!child.isRunning) {
      throw new Error(`The other process has ended: ${child.stderr}`);
    }
    return child.stdout.trim();
  }
}
